from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.community import Options, make_community
from scripts.community.make_command import main
from thywill_reconstruct.times import human_minute, iso_minute, show

RIVERSIDE = Path(__file__).resolve().parents[3] / "fixtures" / "archives" / "riverside"
OPTIONS = Options(users=12, prayers=25, months=2, seed=5, imitations=2)
STAMP = r"[A-Z][a-z]+ \d\d \d{4} at \d\d:\d\d"


def query(path: Path, statement: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")


def ledger(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    return loaded


def test_the_same_options_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        make_community(tmp_path / name, OPTIONS)
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


def test_another_seed_gives_another_community(tmp_path: Path) -> None:
    make_community(tmp_path / "first", OPTIONS)
    make_community(tmp_path / "second", replace(OPTIONS, seed=6))
    assert contents(tmp_path / "first")["truth.db"] != contents(tmp_path / "second")["truth.db"]


def test_the_shipped_community_is_what_its_command_writes(tmp_path: Path) -> None:
    options = Options(
        users=40, prayers=150, marks_per_prayer=4.6, months=4, seed=8, renamed=2, twins=3, deleted_users=4,
        imitations=8,
    )  # fmt: skip
    make_community(tmp_path / "again", options)
    again, before = contents(tmp_path / "again"), contents(RIVERSIDE)
    # The bytes of a database also depend on the version of SQLite; its rows do not.
    databases = ("truth.db", "damaged.db")
    for name in databases:
        assert dump(tmp_path / "again" / name) == dump(RIVERSIDE / name)
    assert {k: v for k, v in again.items() if k not in databases} == {
        k: v for k, v in before.items() if k not in databases
    }


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        make_community(tmp_path, OPTIONS)
    assert contents(tmp_path) == {"precious.txt": b"mine"}


@pytest.mark.parametrize(
    "wrong", [{"damage": "total"}, {"users": 2}, {"prayers": 0}, {"months": 0}, {"zone": "No/Where"}]
)
def test_impossible_options_are_refused_before_anything_is_written(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|at least"):
        make_community(tmp_path / "new", replace(OPTIONS, **wrong))
    assert not (tmp_path / "new").exists()


def test_without_damage_both_databases_are_equal_and_the_ledger_is_empty(tmp_path: Path) -> None:
    make_community(tmp_path, replace(OPTIONS, damage="none", weather=False))
    assert dump(tmp_path / "truth.db") == dump(tmp_path / "damaged.db")
    written = ledger(tmp_path)
    assert [written[key] for key in ("renamed", "cells", "deleted", "added", "archives")] == [[]] * 5


def test_every_ledger_cell_is_true_in_the_truth_and_damaged_in_the_damaged(small: Path) -> None:
    written = ledger(small)
    assert written["cells"]
    for cell in written["cells"]:
        primary = "token" if cell["table"] == "invitetoken" else "id"
        statement = f"SELECT {cell['col']} FROM \"{cell['table']}\" WHERE {primary} = '{cell['pk']}'"
        assert query(small / "truth.db", statement) == [(cell["true"],)]
        assert query(small / "damaged.db", statement) == [(cell["damaged"],)]
    for entry in written["deleted"]:
        statement = f"SELECT count(*) FROM \"{entry['table']}\" WHERE id = '{entry['pk']}'"
        assert (query(small / "truth.db", statement), query(small / "damaged.db", statement)) == ([(1,)], [(0,)])
    for entry in written["added"]:
        statement = f"SELECT count(*) FROM \"{entry['table']}\" WHERE id = '{entry['pk']}'"
        assert (query(small / "truth.db", statement), query(small / "damaged.db", statement)) == ([(0,)], [(1,)])


def test_production_damage_has_every_kind(tmp_path: Path) -> None:
    make_community(tmp_path, Options(seed=2))
    written = ledger(tmp_path)
    assert {cell["kind"] for cell in written["cells"]} == {
        "author-ghost", "author-none", "author-wrong", "mark-ghost", "mark-none", "attr-ghost", "log-ghost",
        "inviter-null", "inviter-ghost", "token-user-null", "path-tmp", "path-null", "text-truncated", "twin-ref",
    }  # fmt: skip
    assert {entry["kind"] for entry in written["deleted"]} == {"user-deleted", "prayer-deleted", "mark-deleted"}
    assert {entry["kind"] for entry in written["added"]} == {"user-twin", "mark-duplicated"}
    assert {entry.get("how") for entry in written["added"]} >= {"mark-duplicated", "mark-reimported"}
    assert {entry["kind"] for entry in written["archives"]} == {
        "crlf", "bom", "healed-unknown", "torn-id", "truncated", "torn-line", "author-variant", "tmp-leftover",
        "healed-copy",
    }  # fmt: skip


def test_mild_damage_is_a_quarter_of_production(tmp_path: Path) -> None:
    for profile in ("mild", "production"):
        make_community(tmp_path / profile, Options(seed=2, damage=profile, twins=0, deleted_users=0))
    mild, production = (len(ledger(tmp_path / name)["cells"]) for name in ("mild", "production"))
    assert 0.15 < mild / production < 0.35


def test_every_row_agrees_with_its_archive_line_to_the_minute(tmp_path: Path) -> None:
    make_community(tmp_path, Options(seed=4, weather=False, damage="none", zone="America/St_Johns"))
    names = dict(query(tmp_path / "truth.db", 'SELECT id, display_name FROM "user"'))
    prayers = query(tmp_path / "truth.db", "SELECT id, author_id, text, created_at, text_file_path FROM prayer")
    for key, author, text, created, path in prayers:
        content = (tmp_path / path).read_bytes().decode()
        assert content.startswith(f"Prayer {key} by {names[author]}\nSubmitted ")
        body = text.replace("\r\n", "\n")
        assert f"\n\n{body}\n\n" in content
        assert near(content.split("\n")[1].removeprefix("Submitted "), created)
        marks = query(
            tmp_path / "truth.db",
            f"SELECT user_id, created_at FROM prayermark WHERE prayer_id = '{key}' ORDER BY created_at",
        )
        activity = content[content.rindex("\nActivity:\n") :]
        lines = re.findall(rf"^({STAMP}) - (.*) prayed this prayer$", activity, re.MULTILINE)
        if "Activity:" not in body:
            assert Counter(name for _, name in lines) == Counter(names[user] for user, _ in marks)
            assert all(near(line, made) for (line, _), (_, made) in zip(sorted_lines(lines), marks, strict=True))


def sorted_lines(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(lines, key=lambda line: minutes(line[0]))


def minutes(stamp: str) -> int:
    minute = human_minute(*stamp.split(" at "))
    assert minute is not None
    return minute


def near(stamp: str, stored: str) -> bool:
    minute = iso_minute(stored)
    return minute is not None and 0 <= minute - minutes(stamp) <= 1


def test_attributes_are_utc_and_marks_are_local_on_both_sides_of_the_switch(tmp_path: Path) -> None:
    make_community(tmp_path, Options(seed=4, weather=False, damage="none", zone="Europe/Berlin"))
    rows = query(
        tmp_path / "truth.db",
        "SELECT local.created_at, (julianday(local.created_at) - julianday(utc.created_at)) * 24 "
        "FROM prayer_activity_log local JOIN prayer_activity_log utc ON utc.prayer_id = local.prayer_id "
        "AND utc.rowid = local.rowid - 1 WHERE local.action = 'testimony' AND utc.action = 'set_answer_testimony'",
    )
    winter = {round(hours, 3) for local, hours in rows if local < "2025-03-30"}
    summer = {round(hours, 3) for local, hours in rows if local >= "2025-03-31"}
    assert (winter, summer) == ({1.0}, {2.0})


def test_a_mark_and_its_log_row_bear_the_same_time(small: Path) -> None:
    marks = query(small / "truth.db", "SELECT prayer_id, user_id, created_at FROM prayermark")
    logged = "SELECT prayer_id, user_id, created_at FROM prayer_activity_log WHERE action = 'prayed'"
    assert Counter(marks) == Counter(query(small / "truth.db", logged))


def test_an_answer_set_again_changes_only_the_value() -> None:
    again = query(
        RIVERSIDE / "truth.db",
        "SELECT a.attribute_value, a.created_at, l.new_value, l.created_at FROM prayer_attributes a "
        "JOIN prayer_activity_log l ON l.prayer_id = a.prayer_id AND l.action = 'set_answer_date' "
        "AND l.old_value IS NOT NULL WHERE a.attribute_name = 'answer_date'",
    )
    assert again
    for value, created, new, logged in again:
        assert value == new
        assert created < logged


def test_tokens_expire_twelve_hours_after_an_invitation_that_precedes_the_registration(small: Path) -> None:
    rows = query(
        small / "truth.db",
        'SELECT (julianday(u.created_at) - julianday(t.expires_at)) * 24 FROM "user" u '
        "JOIN invitetoken t ON t.token = u.invite_token_used",
    )
    # Local registration minus (UTC creation + 12 h): the wait of 0 to 12 h, less 12, plus 1 or 2 for the zone.
    assert rows
    assert all(-11.01 <= difference <= 2.1 for (difference,) in rows)


def test_no_imitation_is_a_row_of_the_truth_but_all_stand_in_testimonies(small: Path) -> None:
    imitations = ledger(small)["imitations"]
    assert len(imitations) == 4
    names = dict(query(small / "truth.db", 'SELECT id, display_name FROM "user"'))
    marks = {
        (prayer, names[user], created[:16])
        for prayer, user, created in query(
            small / "truth.db", "SELECT prayer_id, user_id, created_at FROM prayermark"
        )
    }
    for imitation in imitations:
        statement = f"SELECT new_value FROM prayer_activity_log WHERE prayer_id = '{imitation['prayer']}'"
        values = query(small / "truth.db", statement)
        assert any(value and imitation["lines"] in value for (value,) in values)
        for line in imitation["lines"].split("\n"):
            stamp, _, rest = line.partition(" - ")
            actor = rest.removesuffix(" prayed this prayer")
            assert (imitation["prayer"], actor, show(minutes(stamp))) not in marks


def test_renamed_members_bear_the_new_name_in_both_databases_and_the_old_one_in_archives(small: Path) -> None:
    renamed = ledger(small)["renamed"]
    assert len(renamed) == 2
    registrations = "".join(read(path) for path in sorted((small / "text_archives/users").iterdir()))
    for entry in renamed:
        statement = f"SELECT display_name FROM \"user\" WHERE id = '{entry['pk']}'"
        for name in ("truth.db", "damaged.db"):
            assert query(small / name, statement) == [(entry["new"],)]
        assert f" - {entry['old']} joined " in registrations
        assert f" - {entry['new']} joined " not in registrations


def test_a_healed_copy_bears_the_same_id_and_the_database_points_at_it(tmp_path: Path) -> None:
    make_community(tmp_path, Options(seed=2, prayers=200, damage="none"))
    copies = [entry["file"] for entry in ledger(tmp_path)["archives"] if entry["kind"] == "healed-copy"]
    assert copies
    for copy in copies:
        ((key,),) = query(tmp_path / "truth.db", f"SELECT id FROM prayer WHERE text_file_path = '{copy}'")
        holders = [
            path
            for path in (tmp_path / "text_archives/prayers").rglob("*.txt")
            if path.read_bytes().startswith(f"Prayer {key} ".encode())
        ]
        assert len(holders) == 2


def test_side_files_are_written(small: Path) -> None:
    folders = {path.parent.relative_to(small / "text_archives").as_posix() for path in small.rglob("*.txt")}
    assert folders >= {
        "activity", "users", "auth", "roles", "sessions", "system", "system/event_log", "membership_applications",
    }  # fmt: skip


def test_the_command_makes_a_community_and_says_why_it_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(tmp_path / "new"), "--users", "5", "--prayers", "6", "--months", "1", "--no-weather"]
    assert main(words) == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        "truth.db", "damaged.db", "ledger.json", "text_archives",
    }  # fmt: skip
    assert main(words) == 2
    assert "is not empty" in capsys.readouterr().err


def test_the_script_runs_from_any_folder(tmp_path: Path) -> None:
    script = RIVERSIDE.parents[2] / "scripts" / "make_community"
    words = [sys.executable, str(script), "here", "--users", "5", "--prayers", "4", "--months", "1"]
    subprocess.run(words, cwd=tmp_path, check=True)
    assert (tmp_path / "here" / "ledger.json").exists()
