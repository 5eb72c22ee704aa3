"""From findings to a plan: what is selected, what that needs, in which order, and what is left out and why."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.factories import ORM_V2, PATHLESS, PEOPLE, mark, prayer, snapshot, token, user
from thywill_reconstruct import __version__
from thywill_reconstruct.database.rows import Reference, Snapshot
from thywill_reconstruct.findings.codes import CODES
from thywill_reconstruct.findings.finding import Change, Entity, Finding, Value
from thywill_reconstruct.plan.build import DELETION_REASON, build_plan
from thywill_reconstruct.plan.operations import Operation, Plan
from thywill_reconstruct.plan.selection import SELECTION_REASON


def author(key: str, to: str, code: str = "PR001", before: str = "ghost") -> Finding:
    change = Change("update", "prayer", key, "fill", "author", before, to)
    return Finding(code, "prayer", key, "author", to, "nobody", ("file:1",), (change,))


def path(key: str, to: str, entity: Entity = "prayer") -> Finding:
    change = Change("update", entity, key, "fill", "path", None, to)
    return Finding("PA001", entity, key, "path", to, "none", ("file:1",), (change,))


def marked(key: str, to: str, code: str = "MK001", before: str = "old") -> Finding:
    change = Change("update", "mark", key, "relink" if code == "MK005" else "fill", "user", before, to)
    return Finding(code, "mark", key, "user", to, "nobody", ("file:1",), (change,))


def doubled_mark(key: str) -> Finding:
    return Finding("MK003", "mark", key, "", "once", "twice", (), (Change("delete", "mark", key, "delete"),))


def missing_user(key: str, inviter: str | None = None) -> Finding:
    row: tuple[tuple[str, Value], ...] = (
        ("key", key), ("name", key.title()), ("created", "2025-06-01 08:00:00.000000"), ("inviter", inviter),
        ("token", None), ("path", None),
    )  # fmt: skip
    return Finding(
        "US001",
        "user",
        key,
        "",
        f"{key.title()}, joined then",
        "no row",
        (),
        (Change("create", "user", key, "recreate", row=row),),
    )


def twin(key: str) -> Finding:
    return Finding("US002", "user", key, "", "one row", "two", (), (Change("delete", "user", key, "delete"),))


def hopeless(key: str) -> Finding:
    return Finding("PR001", "prayer", key, "author", "", "nobody", (), reason="No archive tells of it.")


def build(*findings: Finding, rows: Snapshot | None = None, only: tuple[str, ...] = (), merge: bool = False) -> Plan:
    return build_plan(findings, rows or snapshot(), "a" * 64, only=only, merge_duplicates=merge)


def steps(plan: Plan) -> list[str]:
    return [f"{o.action} {o.table} {o.key!s}" for o in plan.operations]


def skipped(plan: Plan) -> dict[str, str]:
    return {f"{f.code} {f.key}": f.reason for f in plan.skipped}


# --- selection ----------------------------------------------------------------------------------------------------


def test_only_the_selected_is_planned_and_the_rest_says_why_not() -> None:
    plan = build(author("rain", "anna"), path("rain", "x.txt"), hopeless("snow"), only=("authors",))
    assert steps(plan) == ["update prayer rain"]
    assert plan.operations[0].after == (("author_id", "anna"),)
    assert skipped(plan) == {"PA001 rain": SELECTION_REASON, "PR001 snow": "No archive tells of it."}
    assert all(not finding.changes for finding in plan.skipped)
    assert dict(plan.options) == {"only": "authors", "merge_duplicates": "false"}


def test_users_that_a_selected_repair_needs_come_with_it_and_so_do_their_inviters() -> None:
    findings = (author("rain", "dora"), missing_user("dora", "emil"), missing_user("emil"), missing_user("fritz"))
    plan = build(*findings, only=("authors",))
    assert steps(plan) == ["insert user dora", "insert user emil", "update prayer rain"]
    assert plan.notes == ("Recreated because selected repairs refer to them: Dora, Emil.",)
    assert skipped(plan) == {"US001 fritz": SELECTION_REASON}


def test_a_recreated_row_brings_the_user_it_refers_to() -> None:
    row: tuple[tuple[str, Value], ...] = (
        ("key", "m9"),
        ("user", "dora"),
        ("prayer", "rain"),
        ("created", "x"),
        ("path", None),
    )
    lost = Finding("MK002", "mark", "m9", "", "", "", (), (Change("create", "mark", "m9", "recreate", row=row),))
    plan = build(lost, missing_user("dora"), only=("marks",))
    assert steps(plan) == ["insert user dora", "insert prayermark m9"]


def test_a_value_that_only_looks_like_a_users_key_brings_nobody() -> None:
    plan = build(path("rain", "dora"), missing_user("dora"), only=("paths",))
    assert steps(plan) == ["update prayer rain"]


# --- deletions ----------------------------------------------------------------------------------------------------


def test_nothing_is_deleted_unasked() -> None:
    rows = snapshot(users=(*PEOPLE, user("t", "ANNA")), marks=[mark("m1", "anna", "09:15")])
    plan = build(twin("t"), doubled_mark("m1"), rows=rows)
    assert steps(plan) == []
    assert skipped(plan) == {"US002 t": DELETION_REASON, "MK003 m1": DELETION_REASON}


def test_a_deletion_names_the_whole_row_and_comes_last() -> None:
    rows = snapshot(users=(*PEOPLE, user("t", "ANNA")), marks=[mark("m1", "t", "09:15"), mark("m2", "anna", "09:15")])
    plan = build(twin("t"), doubled_mark("m2"), marked("m1", "anna", "MK005"), rows=rows, merge=True)
    assert steps(plan) == ["update prayermark m1", "delete prayermark m2", "delete user t"]
    assert dict(plan.operations[1].before) == {
        "id": "m2",
        "user_id": "anna",
        "prayer_id": "rain",
        "created_at": "2025-06-10 09:15:00.000000",
        "text_file_path": "text_archives/none.txt",
    }
    assert plan.operations[1].after == ()
    assert plan.operations[1].risk == "delete"


def test_a_doubled_row_stays_while_something_refers_to_it() -> None:
    rows = snapshot(
        users=(*PEOPLE, user("t", "ANNA"), user("x", "X", inviter="t")),
        prayers=[prayer("rain", "t")],
        marks=[mark("m1", "t", "09:15"), mark("m2", "t", "09:16")],
        tokens=[token("k", "t", "t")],
        references=[Reference("user_roles", "user_id", "t", 2)],
    )
    plan = build(twin("t"), marked("m1", "anna", "MK005"), rows=rows, merge=True)
    assert steps(plan) == ["update prayermark m1"]
    reason = skipped(plan)["US002 t"]
    assert reason == (
        "Rows that no archive line explains still refer to it "
        "(2 in invitetoken, 1 in prayer, 1 in prayermark, 1 in user, 2 in user_roles), so it stays."
    )
    assert [f.code for f in plan.repaired] == ["MK005"]


def test_a_reference_that_goes_with_a_deleted_mark_does_not_hold_it() -> None:
    rows = snapshot(users=(*PEOPLE, user("t", "ANNA")), marks=[mark("m1", "t", "09:15")])
    plan = build(twin("t"), doubled_mark("m1"), rows=rows, merge=True)
    assert steps(plan) == ["delete prayermark m1", "delete user t"]


def test_a_doubled_row_that_a_staying_doubled_row_refers_to_stays_too() -> None:
    rows = snapshot(
        users=(*PEOPLE, user("t1", "ANNA", inviter="t2"), user("t2", "BERT")),
        references=[Reference("user_roles", "user_id", "t1", 1)],
    )
    plan = build(twin("t1"), twin("t2"), rows=rows, merge=True)
    assert steps(plan) == []
    assert "1 in user_roles" in skipped(plan)["US002 t1"]
    assert "1 in user" in skipped(plan)["US002 t2"]


def test_a_row_that_is_deleted_is_not_updated_first() -> None:
    rows = snapshot(marks=[mark("m1", "old", "09:15")])
    plan = build(marked("m1", "anna"), doubled_mark("m1"), rows=rows, merge=True)
    assert steps(plan) == ["delete prayermark m1"]


# --- operations ---------------------------------------------------------------------------------------------------


def test_the_updates_of_one_row_are_one_step() -> None:
    both = author("rain", "anna", "PR002", before="bert")
    both = replace(both, changes=(replace(both.changes[0], risk="relink"),))
    plan = build(path("rain", "x.txt"), both)
    (step,) = plan.operations
    assert step == Operation(
        action="update",
        table="prayer",
        key_column="id",
        key="rain",
        before=(("author_id", "bert"), ("text_file_path", None)),
        after=(("author_id", "anna"), ("text_file_path", "x.txt")),
        risk="relink",
        codes=("PA001", "PR002"),
        reason=f"{CODES['PA001'].sentence} {CODES['PR002'].sentence}",
    )


def test_an_insertion_holds_only_columns_that_the_database_has() -> None:
    with_path = dict(build(missing_user("dora")).operations[0].after)
    assert with_path == {
        "id": "dora",
        "display_name": "Dora",
        "created_at": "2025-06-01 08:00:00.000000",
        "invited_by_user_id": None,
        "invite_token_used": None,
        "text_file_path": None,
    }
    without = dict(build(missing_user("dora"), rows=snapshot(sql=PATHLESS)).operations[0].after)
    assert set(with_path) - set(without) == {"text_file_path"}


def test_the_columns_are_those_of_the_era() -> None:
    plan = build(author("rain", "Anna"), missing_user("dora"), rows=snapshot(sql=ORM_V2))
    assert plan.operations[0].key_column == "display_name"
    assert plan.operations[1].after == (("author_username", "Anna"),)


def test_a_change_to_a_column_that_is_not_there_is_our_own_mistake() -> None:
    with pytest.raises(LookupError, match=r"prayer\.path"):
        build(path("rain", "x.txt"), rows=snapshot(sql=PATHLESS))


def test_users_come_before_prayers_and_prayers_before_what_hangs_on_them() -> None:
    row: tuple[tuple[str, Value], ...] = (("key", "rain"), ("author", "dora"), ("text", "x"), ("created", "y"))
    lost = Finding(
        "PR003", "prayer", "rain", "", "", "", (), (Change("create", "prayer", "rain", "recreate", row=row),)
    )
    used = Change("update", "token", "k", "fill", "user", None, "dora")
    plan = build(
        marked("m1", "dora"), lost, Finding("IN008", "token", "k", "user", "", "", (), (used,)), missing_user("dora")
    )
    assert steps(plan) == ["insert user dora", "insert prayer rain", "update invitetoken k", "update prayermark m1"]


def test_the_plan_does_not_depend_on_the_order_of_the_findings() -> None:
    rows = snapshot(users=(*PEOPLE, user("t", "ANNA")), marks=[mark("m2", "anna", "09:15")])
    findings = [
        author("rain", "dora"), path("rain", "x"), marked("m1", "emil"), missing_user("dora", "emil"), missing_user("emil"),
        twin("t"), doubled_mark("m2"), hopeless("snow"), hopeless("hail"),
    ]  # fmt: skip
    for only in ((), ("authors", "twins")):
        expected = build(*findings, rows=rows, only=only, merge=True)
        for seed in range(10):
            random.Random(seed).shuffle(findings)
            assert build(*findings, rows=rows, only=only, merge=True) == expected


def test_the_plan_says_what_it_was_made_from() -> None:
    plan = build_plan([], snapshot(), "a" * 64, merge_duplicates=True, notes=("a fact",))
    assert (plan.database_fingerprint, plan.archive_fingerprint, plan.tool_version) == (
        "d" * 64,
        "a" * 64,
        __version__,
    )
    assert plan.notes == ("a fact",)
    assert dict(plan.options) == {"only": "", "merge_duplicates": "true"}
    assert (plan.operations, plan.repaired, plan.skipped) == ((), (), ())
