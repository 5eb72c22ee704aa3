"""A new database from archives alone: what it holds, what it never holds unasked, and that it is whole or not there."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.community import Options, make_community
from tests.covered import covered
from thywill_reconstruct.errors import ArchivesMissingError, NotWritableError, OutputError, VerificationError
from thywill_reconstruct.heal.run import heal
from thywill_reconstruct.rebuild import run
from thywill_reconstruct.rebuild.rows import Tables, rows_of
from thywill_reconstruct.rebuild.run import rebuild

OPTIONS = Options(users=20, prayers=30, months=2, seed=5, damage="none", weather=False)
DDL = Path(__file__).parents[1] / "database" / "ddl"


@pytest.fixture(scope="module", params=["v1", "v2"])
def community(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp(request.param)
    make_community(folder, replace(OPTIONS, era=request.param, exports=request.param == "v2"))
    return folder, request.param


def query(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def test_people_prayers_and_marks_are_those_of_the_truth(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    made = rebuild([folder / "text_archives"], tmp_path / "new.db", era)
    truth, got = covered(folder / "truth.db"), covered(tmp_path / "new.db")
    doubtful = {finding.key for finding in made.doubts}
    assert {row[0] for row in truth["user"]} == {row[0] for row in got["user"]}
    assert {row[:5] for row in truth["prayer"] if row[0] not in doubtful} == {row[:5] for row in got["prayer"]}
    whole = {row[0] for row in got["prayer"]}
    for table in ("mark", "attribute"):
        wanted = Counter({row[:2]: n for row, n in truth[table].items() if row[0] in whole})
        assert {row[:2] for row in got[table]} == set(wanted)


def test_the_tables_are_the_applications(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    rebuild([folder / "text_archives"], tmp_path / "new.db", era)
    made = query(tmp_path / "new.db", "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    assert "".join(f"{sql};\n" for (sql,) in made) == (DDL / f"{era}.sql").read_text(encoding="utf-8")
    assert query(tmp_path / "new.db", "PRAGMA journal_mode") == [("wal",)]


def test_what_lets_somebody_in_comes_only_when_asked_for(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    archives = [folder / "text_archives"]
    rebuild(archives, tmp_path / "plain.db", era)
    for table in ("session", "invitetoken", "role", "user_roles"):
        assert query(tmp_path / "plain.db", f'SELECT count(*) FROM "{table}"') == [(0,)]
    made = rebuild(archives, tmp_path / "full.db", era, include=("sessions", "tokens", "roles"))
    sessions = query(folder / "truth.db", "SELECT id FROM session ORDER BY id")
    assert query(tmp_path / "full.db", "SELECT id FROM session ORDER BY id") == sessions
    assert made.rows["invitetoken"]
    assert ("user_roles" in made.rows) == (era == "v2"), (
        "only the bulk export has roles, and era v1 has no such export"
    )
    missing = {loss.table for loss in made.losses if loss.columns == "*"}
    assert missing.isdisjoint(made.rows)


def test_the_same_archives_give_the_same_rows(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    for name in ("one.db", "other.db"):
        rebuild([folder / "text_archives"], tmp_path / name, era)
    dumps = []
    for name in ("one.db", "other.db"):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            dumps.append(list(connection.iterdump()))
    assert dumps[0] == dumps[1]


def test_a_dry_run_tells_and_makes_nothing(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    told = rebuild([folder / "text_archives"], tmp_path / "new.db", era, execute=False)
    assert told.rows["prayer"]
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_never_touched(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    (tmp_path / "new.db").write_bytes(b"")
    with pytest.raises(OutputError, match="exists already"):
        rebuild([folder / "text_archives"], tmp_path / "new.db", era)
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere.db")
    with pytest.raises(OutputError, match="exists already"):
        rebuild([folder / "text_archives"], tmp_path / "link.db", era)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.db", "new.db"]
    assert (tmp_path / "new.db").read_bytes() == b""


def test_a_place_that_is_taken_meanwhile_is_left_to_the_other(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    target = tmp_path / "new.db"

    def take_it(rebuilt: run.Rebuilt) -> None:
        target.write_bytes(b"theirs")

    with pytest.raises(OutputError, match="meanwhile"):
        rebuild([folder / "text_archives"], target, era, validated=take_it)
    assert target.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [target]


def test_what_does_not_verify_is_not_there(
    community: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, era = community

    def without_a_mark(*arguments: Any) -> Tables:
        tables = rows_of(*arguments)
        return tables | {"prayermark": tables["prayermark"][1:]}

    monkeypatch.setattr(run, "rows_of", without_a_mark)
    with pytest.raises(VerificationError, match="MK002"):
        rebuild([folder / "text_archives"], tmp_path / "new.db", era)
    assert list(tmp_path.iterdir()) == []


def test_no_archives_are_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "text_archives" / "prayers").mkdir(parents=True)
    for place in ("nothing", "text_archives"):
        with pytest.raises(ArchivesMissingError):
            rebuild([tmp_path / place], tmp_path / "new.db", "v2")
    assert not (tmp_path / "new.db").exists()


def test_a_folder_that_is_not_there_is_said_plainly(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    with pytest.raises(NotWritableError):
        rebuild([folder / "text_archives"], tmp_path / "no" / "new.db", era)


def exports(folder: Path, user: str) -> None:
    """What the bulk exporter writes about logging in, and a live file of security events beside it."""
    head = "(exported July 16 2025 at 17:56)"
    moment, later = "July 16 2025 at 09:05", "July 16 2025 at 10:05"
    files = {
        "authentication/auth_requests.txt": (
            f"Authentication Requests {head}\nFormat: id|created_at|user_id|device_info|ip_address|status|expires_at\n\n\n"
            f"r1|{moment}|{user}|unknown|203.0.113.7|approved|{later}\nr2|{moment}|Nobody Known|x|y|pending|{later}"
        ),
        "authentication/auth_approvals.txt": (
            f"Authentication Approvals {head}\nFormat: created_at|auth_request_id|approver_user_id\n\n\n"
            f"{moment}|r1|{user}\n{moment}|gone|{user}"
        ),
        "authentication/auth_audit_logs.txt": (
            f"Authentication Audit Logs {head}\n"
            "Format: created_at|auth_request_id|action|actor_user_id|actor_type|details|ip_address|user_agent\n\n\n"
            f"{moment}|r1|approved|{user}|user|a \\| b|unknown|unknown"
        ),
        "users/notification_states.txt": (
            f"User Notification States {head}\n"
            "Format: id|created_at|user_id|auth_request_id|notification_type|is_read|read_at\n\n\n"
            f"n1|{moment}|{user}|r1|auth_request|yes|{later}"
        ),
        "security/2025_07_security_events.txt": (
            f"Security Events for July 2025 {head}\nFormat: timestamp|event_type|user_id|ip_address|details\n\n\n"
            f"{moment}|failed_login|anonymous|203.0.113.7|\n{later}|failed_login|{user}|unknown|twice"
        ),
        "auth/2025_07_security_events.txt": (
            "Security Events for July 2025\nFormat: timestamp|event_type|user_id|ip_address|user_agent|details\n\n"
            f"2025-07-16T10:05:33.123456|failed_login|{user}|unknown|Mozilla/5.0|twice\n"
        ),
        "system/changelog_entries.txt": (
            f"System Changelog Entries {head}\n"
            "Format: created_at|commit_id|original_message|friendly_description|change_type|commit_date\n\n\n"
            f"{moment}|c0ffee|Mend the door|The door closes|fixed|{later}"
        ),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def test_exports_give_back_logins_audit_security_and_changelog(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    archives = tmp_path / "text_archives"
    shutil.copytree(folder / "text_archives", archives)
    ((key, name),) = query(
        folder / "truth.db", f"SELECT {'id' if era == 'v1' else 'display_name'}, display_name FROM user LIMIT 1"
    )
    exports(archives, str(name))
    made = rebuild([archives], tmp_path / "new.db", era)
    new = tmp_path / "new.db"
    ((key,),) = query(
        new, f"SELECT {'id' if era == 'v1' else 'display_name'} FROM user WHERE display_name = '{name}'"
    )
    moment, later = "2025-07-16 09:05:00.000000", "2025-07-16 10:05:00.000000"
    requests = (
        "SELECT id, user_id, device_info, ip_address, status, created_at, expires_at FROM authenticationrequest"
    )
    assert query(new, requests) == [("r1", key, None, "203.0.113.7", "approved", moment, later)]
    assert query(new, "SELECT auth_request_id, approver_user_id, created_at FROM authapproval") == [
        ("r1", key, moment)
    ]
    assert query(new, "SELECT auth_request_id, actor_user_id, details, user_agent FROM authauditlog") == [
        ("r1", key, "a | b", None)
    ]
    assert query(new, "SELECT id, user_id, is_read, read_at FROM notification_state") == [("n1", key, 1, later)]
    security = "SELECT user_id, user_agent, created_at FROM securitylog WHERE created_at LIKE '2025-07-16%' ORDER BY created_at"
    assert query(new, security) == [
        (None, None, moment),
        (key, "Mozilla/5.0", "2025-07-16 10:05:33.123456"),
    ]
    assert query(new, "SELECT commit_id, friendly_description, commit_date FROM changelogentry") == [
        ("c0ffee", "The door closes", later)
    ]
    lost = {(loss.table, loss.columns) for loss in made.losses}
    assert ("authenticationrequest", "verification_code, approved_by_user_id, approved_at") in lost
    assert not {("securitylog", "*"), ("changelogentry", "*"), ("notification_state", "*")} & lost


def test_offline_marks_come_back_at_the_phones_time_and_nothing_is_left_to_tell(tmp_path: Path) -> None:
    """The log has the server's time of the upload; file line, mark and log row have the phone's, in UTC."""
    archives = tmp_path / "text_archives"
    file = "prayers/2025/10/2025_10_14_prayer_at_0900.txt"
    for path, text in {
        "users/2025_10_users.txt": "User Registrations for October 2025\n\n"
        "October 13 2025 at 08:00 - Anna joined directly\n"
        "October 13 2025 at 08:10 - Bert joined on invitation from Anna\n",
        "activity/activity_2025_10.txt": "Activity for October 2025\n\n\nOctober 13 2025\n"
        "08:00 - Anna registered directly\n08:10 - Bert registered via invitation from Anna\n\nOctober 14 2025\n"
        "09:00 - Anna submitted prayer rain\n12:30 - Bert prayed for prayer rain\n",
        file: "Prayer rain by Anna\nSubmitted October 14 2025 at 09:00\n\nPlease pray for rain.\n\nActivity:\n"
        "October 14 2025 at 15:55 - Bert prayed this prayer\nOctober 14 2025 at 16:00 - Anna flagged this prayer\n",
    }.items():
        (archives / path).parent.mkdir(parents=True, exist_ok=True)
        (archives / path).write_text(text, encoding="utf-8")
    database = tmp_path / "new.db"
    made = rebuild([archives], database, "v2")
    assert made.doubts == ()
    assert query(database, "SELECT username, created_at FROM prayermark") == [("Bert", "2025-10-14 15:55:00.000000")]
    logged = "SELECT user_id, created_at FROM prayer_activity_log WHERE action = 'prayed'"
    assert query(database, logged) == [("Bert", "2025-10-14 15:55:00.000000")]
    flagged = "SELECT p.flagged, a.attribute_name FROM prayer p JOIN prayer_attributes a ON a.prayer_id = p.id"
    assert query(database, flagged) == [(0, "flagged")], "moderation hides a prayer, the archives' line does not"
    assert heal(database, archives, execute=False).counts == {}
