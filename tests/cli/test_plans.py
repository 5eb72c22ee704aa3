"""Saved plans through the real command: made, applied exactly, refused when stale, applied in part."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import listing, reconstruct, refused, rows, without_private_folder, write


def saved(folder: Path, *words: str) -> Path:
    done = reconstruct(folder, "plan", "-o", "plan.json", "--quiet", *words)
    assert (done.code, done.out, done.err) == (0, "", "")
    return folder / "plan.json"


def document(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "plan.json").read_text())
    return content


def wrong_author(folder: Path) -> str:
    """The id of a prayer whose author the plan sets."""
    operations = json.loads((folder / "plan.json").read_text())["operations"]
    return str(
        next(o["key"] for o in operations if o["table"] == "prayer" and dict(o["after"]).keys() == {"author_id"})
    )


def test_a_plan_is_private_and_changes_nothing_else(community: Path) -> None:
    before = listing(community)
    done = reconstruct(community, "plan", "-o", "plan.json")
    assert (done.code, done.out) == (0, "")
    assert "reconstruct apply plan.json" in done.err
    assert stat.S_IMODE((community / "plan.json").stat().st_mode) == 0o600
    after = listing(community)
    assert sorted(set(after) - set(before)) == ["plan.json"]
    assert {name: value for name, value in after.items() if name in before and name != "."} == {
        name: value for name, value in before.items() if name != "."
    }


def test_applying_a_plan_is_executing_it(community: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(community, other)
    plan = saved(community, "--merge-duplicates")
    done = reconstruct(community, "apply", plan, "--yes")
    assert done.code == 0, done.err
    assert "rows changed" in done.out
    assert reconstruct(other, "--execute", "--yes", "--merge-duplicates").code == 0
    for table in ("user", "prayer", "prayermark", "invitetoken", "prayer_attributes", "prayer_activity_log"):
        order = f"SELECT * FROM {table} ORDER BY 1"
        assert rows(community / "thywill.db", order) == rows(other / "thywill.db", order)
    assert reconstruct(community, "--dry-run", "--exit-code", "--merge-duplicates").code == 0


def test_an_applied_plan_is_refused_as_done_and_says_when(community: Path) -> None:
    plan = saved(community)
    assert reconstruct(community, "apply", plan, "--yes").code == 0
    before = listing(community)
    for words in (["--yes"], ["--dry-run"], ["--skip-stale", "--yes"]):
        refused(reconstruct(community, "apply", plan, *words), 27, "applied already", "a run did that at 20")
    assert without_private_folder(listing(community)) == without_private_folder(before)
    assert reconstruct(community, "show", plan).code == 0


def test_a_stale_row_is_listed_and_nothing_is_changed(community: Path) -> None:
    plan = saved(community)
    key = wrong_author(community)
    write(community / "thywill.db", ("UPDATE prayer SET author_id = 'x' WHERE id = ?", [key]))
    before = listing(community)
    for words in (["--yes"], ["--dry-run"]):
        refused(reconstruct(community, "apply", plan, *words), 20, f"prayer {key}", "--skip-stale")
    assert without_private_folder(listing(community)) == without_private_folder(before)
    done = reconstruct(community, "apply", plan, "--yes", "--skip-stale")
    assert done.code == 0, done.err
    assert f"Left out (1): prayer {key}." in done.err
    assert rows(community / "thywill.db", "SELECT author_id FROM prayer WHERE id = ?", key) == [("x",)]


def test_what_rests_on_a_stale_row_is_left_out_too(community: Path) -> None:
    plan = saved(community)
    operations = json.loads(plan.read_text())["operations"]
    people = [o["key"] for o in operations if o["table"] == "user" and o["action"] == "insert"]
    resting = [(o["key"], dict(o["after"]).get("user_id")) for o in operations if o["table"] == "prayermark"]
    person = next(user for _, user in resting if user in people)
    marks = [key for key, user in resting if user == person]
    # Somebody else took the key meanwhile.
    taken = "INSERT INTO user (id, display_name, created_at, welcome_message_dismissed) VALUES (?, 'Else', '2025-01-01', 0)"
    write(community / "thywill.db", (taken, [person]))
    done = reconstruct(community, "apply", plan, "--yes", "--skip-stale")
    assert done.code == 0, done.err
    assert "Left out (" in done.err
    assert all(key in done.err for key in marks[:3])
    booked = {key for (key,) in rows(community / "thywill.db", "SELECT id FROM prayermark WHERE user_id = ?", person)}
    assert booked.isdisjoint(marks)
    assert rows(community / "thywill.db", "SELECT display_name FROM user WHERE id = ?", person) == [("Else",)]


def test_archives_that_have_grown_are_said_and_not_refused(community: Path) -> None:
    plan = saved(community)
    with (community / "text_archives/users/2025_06_users.txt").open("a") as file:
        file.write("June 30 2025 at 23:59 - Newcomer joined directly\n")
    done = reconstruct(community, "apply", plan, "--yes")
    assert done.code == 0, done.err
    assert "archives have changed since" in done.err
    assert rows(community / "thywill.db", "SELECT count(*) FROM user WHERE display_name = 'Newcomer'") == [(0,)]


def test_a_step_that_the_archives_no_longer_ask_for_is_refused(community: Path) -> None:
    plan = saved(community)
    finding = next(
        f for f in json.loads(plan.read_text())["repaired"] if f["code"] == "PR001" and len(f["evidence"]) == 3
    )
    file = community / "text_archives" / finding["evidence"][0].rpartition(":")[0]
    lines = file.read_text().split("\n")
    lines[0] = lines[0].rpartition(" by ")[0] + " by Astrid"
    file.write_text("\n".join(lines))
    done = reconstruct(community, "apply", plan, "--yes", "--quiet")
    refused(done, 20, "not what the archives say today", finding["key"])
    done = reconstruct(community, "apply", plan, "--yes", "--skip-stale")
    assert done.code == 0, done.err
    now = rows(community / "thywill.db", "SELECT author_id FROM prayer WHERE id = ?", finding["key"])
    assert now == [(None,)] or now[0][0] not in dict(document(community)["people"])  # type: ignore[call-overload]


def test_without_archives_only_what_needs_no_text_can_be_applied(community: Path) -> None:
    plan = saved(community)
    (community / "text_archives").rename(community / "gone")
    refused(reconstruct(community, "apply", plan, "--yes"), 16)
    alone = ("apply", plan, "--yes", "--without-archives")
    refused(reconstruct(community, *alone, "--quiet"), 16, "are not in the archives at hand")
    done = reconstruct(community, "apply", plan, "--yes", "--without-archives")
    assert done.code == 16
    assert "cannot be compared" in done.err
    done = reconstruct(community, "apply", plan, "--yes", "--without-archives", "--only", "authors")
    assert done.code == 0, done.err
    whole = reconstruct(community, "apply", plan, "--yes", "--without-archives", "--skip-stale")
    assert whole.code == 0, whole.err


def test_a_plan_with_texts_needs_no_archives(community: Path) -> None:
    plan = saved(community, "--show-text")
    (community / "text_archives").rename(community / "gone")
    done = reconstruct(community, "apply", plan, "--yes", "--without-archives", "--only", "prayers")
    assert done.code == 0, done.err
    assert rows(community / "thywill.db", "SELECT count(*) FROM prayer") == [(150,)]


def test_a_redacted_plan_is_for_reading(community: Path) -> None:
    plan = saved(community, "--redact")
    refused(reconstruct(community, "apply", plan, "--yes"), 26, "redacted")
    assert reconstruct(community, "show", plan).code == 0
    refused(reconstruct(community, "plan", "-o", "x", "--redact", "--show-text"), 64, "contradict")


def test_nothing_is_overwritten_but_a_plan_if_asked_for(community: Path) -> None:
    plan = saved(community)
    content = plan.read_bytes()
    refused(reconstruct(community, "plan", "-o", "plan.json"), 29, "is there already")
    refused(reconstruct(community, "plan", "-o", "thywill.db", "--overwrite"), 29, "it is no plan")
    refused(reconstruct(community, "plan", "-o", "text_archives", "--overwrite"), 29, "it is no plan")
    refused(reconstruct(community, "plan", "-o", "no/plan.json"), 29, "there is no folder")
    plan.write_bytes(content.replace(b'"version": 1', b'"version":1 '))
    assert reconstruct(community, "plan", "-o", "plan.json", "--overwrite").code == 0
    assert plan.read_bytes() == content
    assert reconstruct(community, "plan", "-o", "-", "--quiet").out.encode() == content
    assert sorted(path.name for path in community.iterdir()) == ["plan.json", "text_archives", "thywill.db"]


def test_a_part_of_a_plan(community: Path) -> None:
    plan = saved(community)
    done = reconstruct(community, "apply", plan, "--yes", "--only", "authors,person:max")
    assert done.code == 0, done.err
    changed = rows(
        community / "thywill.db",
        "SELECT count(*) FROM prayer WHERE author_id IS NULL OR author_id NOT IN (SELECT id FROM user)",
    )
    assert changed != [(0,)]
    assert "Left out by --only." in done.out
    assert "no longer as the plan saw it" not in done.out
    assert reconstruct(community, "apply", plan, "--yes").code == 0
    refused(reconstruct(community, "apply", plan, "--only", "colour:red"), 64, "colour:red")
    refused(reconstruct(community, "apply", plan, "--only", ""), 64, "without a word")


def test_a_selection_that_matches_nobody_says_so(community: Path) -> None:
    done = reconstruct(community, "--dry-run", "--only", "person:Nobody Atall")
    assert "Nothing to repair matches person:Nobody Atall." in done.out
    done = reconstruct(community, "plan", "-o", "p.json", "--only", "person:Nobody Atall")
    assert "Nothing to repair matches person:Nobody Atall." in done.err


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"SQLite format 3\0", b'{"format": "thywill-reconstruct plan", "version": 9}']
)
def test_what_is_no_plan_is_refused(community: Path, content: bytes) -> None:
    (community / "plan.json").write_bytes(content)
    for words in (["show", "plan.json"], ["apply", "plan.json", "--yes"]):
        refused(reconstruct(community, *words), 26, "plan.json")
    refused(reconstruct(community, "show", "none.json"), 26, "none.json")
    refused(reconstruct(community, "show", "text_archives"), 26, "text_archives")


def test_nobody_at_the_keyboard_means_no(community: Path) -> None:
    plan = saved(community)
    done = reconstruct(community, "apply", plan)
    assert done.code == 24
    assert rows(community / "thywill.db", "SELECT count(*) FROM prayer") == [(147,)]


def test_json_of_an_application(community: Path) -> None:
    plan = saved(community)
    done = reconstruct(community, "apply", plan, "--yes", "--json")
    assert done.json["receipt"]["status"] == "committed"
    assert done.json["pending"] > 300


def forge(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    content: dict[str, Any] = document(folder)
    change(content)
    (folder / "plan.json").write_text(json.dumps(content))
    return folder / "plan.json"


def test_a_recreated_row_is_written_as_the_archives_say_today(community: Path) -> None:
    saved(community)
    before = (community / "thywill.db").read_bytes()

    def later(content: dict[str, Any]) -> None:
        step = next(each for each in content["operations"] if (each["action"], each["table"]) == ("insert", "user"))
        for pair in step["after"]:
            pair[1] = "2001-01-01 00:00:00.000000" if pair[0] == "created_at" else pair[1]

    done = reconstruct(community, "apply", forge(community, later), "--yes")
    refused(done, 20, "not what the archives say today: user")
    assert (community / "thywill.db").read_bytes() == before


def test_a_step_without_a_finding_is_refused(community: Path) -> None:
    """Nothing could be compared with the archives then: it might book a prayer on anybody."""
    saved(community)
    before = (community / "thywill.db").read_bytes()
    plan = forge(community, lambda content: content.update(repaired=[]))
    for words in ((), ("--without-archives",)):
        refused(reconstruct(community, "apply", plan, "--yes", *words), 26, "no finding asks for")
    assert (community / "thywill.db").read_bytes() == before


def test_a_plan_does_not_drop_a_table(community: Path) -> None:
    saved(community)
    ((sql,),) = rows(community / "thywill.db", "SELECT sql FROM sqlite_master WHERE name = 'prayerskip'")

    def drop(content: dict[str, Any]) -> None:
        before = [["type", "table"], ["name", "prayerskip"], ["tbl_name", "prayerskip"], ["sql", sql]]
        step = {"action": "delete", "table": "sqlite_master", "key_column": "name", "key": "prayerskip"}
        more = {"before": before, "after": [], "risk": "delete", "codes": [], "reason": ""}
        content["operations"].append(step | more)

    refused(reconstruct(community, "apply", forge(community, drop), "--yes"), 26)
    assert rows(community / "thywill.db", "SELECT count(*) FROM sqlite_master WHERE name = 'prayerskip'") == [(1,)]


@pytest.mark.parametrize("table", ["role", "session", "invitetoken"])
def test_a_plan_lets_nobody_in(community: Path, table: str) -> None:
    saved(community)
    before = (community / "thywill.db").read_bytes()

    def grant(content: dict[str, Any]) -> None:
        step = dict(content["operations"][0], action="insert", table=table, key_column="id", key="forged", before=[])
        content["operations"] = [step | {"after": [["id", "forged"]]}]
        content["repaired"] = content["repaired"][:1]
        content["repaired"][0]["steps"] = [{"operation": 0, "column": "", "risk": "fill"}]

    plan = forge(community, grant)
    done = reconstruct(community, "apply", plan, "--yes", "--without-archives")
    assert (done.code, "no plan may let somebody in" in done.err) == (16, True)
    assert reconstruct(community, "apply", plan, "--yes").code != 0
    assert (community / "thywill.db").read_bytes() == before


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("invitetoken", "expires_at", "2099-01-01 00:00:00.000000"),
        ("invitetoken", "used", 0),
        ("user", "display_name", "Somebody else"),
        ("user", "id", "admin"),
        ("prayer", "flagged", 1),
    ],
)
def test_without_archives_nothing_is_written_that_no_repair_writes(
    community: Path, table: str, column: str, value: object
) -> None:
    saved(community)
    key_column = "token" if table == "invitetoken" else "id"
    ((key, now),) = rows(community / "thywill.db", f"SELECT {key_column}, {column} FROM {table} LIMIT 1")

    def change(content: dict[str, Any]) -> None:
        step = {"action": "update", "table": table, "key_column": key_column, "key": key, "risk": "fill"}
        step |= {"before": [[column, now]], "after": [[column, value]], "codes": ["PR001"], "reason": ""}
        content["operations"] = [step]
        content["repaired"] = content["repaired"][:1]
        content["repaired"][0]["steps"] = [{"operation": 0, "column": column, "risk": "fill"}]

    done = reconstruct(community, "apply", forge(community, change), "--yes", "--without-archives")
    assert (done.code, "no plan may let somebody in" in done.err) == (16, True), done.err


def test_deletions_that_nobody_asked_for_are_refused(community: Path) -> None:
    saved(community, "--merge-duplicates")
    plan = forge(community, lambda content: content["options"].update(merge_duplicates="false"))
    refused(reconstruct(community, "apply", plan, "--yes"), 19)
    assert reconstruct(community, "apply", plan, "--yes", "--allow-large").code == 0


@pytest.mark.parametrize("name", ["table", "key_column", "codes", "before", "after"])
def test_no_name_in_a_plan_acts_on_a_terminal(community: Path, name: str) -> None:
    saved(community)

    def colour(content: dict[str, Any]) -> None:
        step = next(each for each in content["operations"] if each["action"] == "update")
        if name in ("before", "after"):
            step["before"][0][0] = step["after"][0][0] = "id\x1b[31m"
        else:
            step[name] = ["PR001\x1b[31m"] if name == "codes" else "user\x1b[31m"

    plan = forge(community, colour)
    for form in ("text", "sql", "html"):
        refused(reconstruct(community, "show", plan, "--format", form), 26)


def test_people_of_another_community_are_not_recreated_here(community: Path) -> None:
    saved(community, "--show-text")
    write(
        community / "thywill.db",
        *(f"DELETE FROM {table}" for table in ("prayermark", "prayer", "invitetoken", "user")),
    )
    write(community / "thywill.db", "DELETE FROM prayer_attributes", "DELETE FROM prayer_activity_log")
    words = ("--yes", "--without-archives", "--skip-stale")
    done = reconstruct(community, "apply", "plan.json", *words)
    assert (done.code, "seems to be of another database" in done.err) == (20, True), done.err
    assert rows(community / "thywill.db", "SELECT count(*) FROM user") == [(0,)]
