"""What a snapshot looks like after a plan, and what a plan has to foresee."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import PEOPLE, mark, prayer, snapshot, user
from thywill_reconstruct.database.rows import FurtherRow, Reference, Snapshot
from thywill_reconstruct.diff.prayers import CUT_TEXT
from thywill_reconstruct.findings.finding import Change, Finding
from thywill_reconstruct.plan.build import build_plan
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.plan.outcome import after_repairs
from thywill_reconstruct.plan.settle import LATER, ROUNDS, UNSTEADY, settle

STORED = snapshot(
    prayers=[prayer("rain", "ghost"), prayer("snow", "ghost")],
    marks=[mark("m1", "x", "09:15"), mark("m2", "y", "09:16")],
)


def author(key: str, after: str = "anna", code: str = "PR001") -> Finding:
    change = Change("update", "prayer", key, "fill", "author", "ghost", after)
    return Finding(code, "prayer", key, "author", after, "nobody", ("log:1",), (change,))


def open_author(key: str, code: str = "PR001") -> Finding:
    return replace(author(key, code=code), changes=(), reason="Not certain.")


def build(findings: object) -> Plan:
    return build_plan(findings, STORED, "archive")  # type: ignore[arg-type]


# --- the database after a plan ------------------------------------------------------------------------------------


def test_updates_insertions_and_deletions_are_in_the_snapshot_of_afterwards() -> None:
    row = (("key", "m0"), ("user", "bert"), ("prayer", "rain"), ("created", None), ("path", None))
    changes = (
        Change("create", "mark", "m0", "recreate", row=row),
        Change("delete", "mark", "m2", "delete"),
    )
    done = after_repairs(STORED, [author("rain"), Finding("MK002", "mark", "m0", "", "", "", (), changes)])
    assert [p.author for p in done.prayers] == ["anna", "ghost"]
    assert [m.key for m in done.marks] == ["m1", "m0"]
    assert done.marks[1].user == "bert"
    assert (done.users, done.log) == (STORED.users, STORED.log)


def test_a_row_of_a_further_table_counts_for_whom_it_will_refer_to() -> None:
    stored = replace(
        STORED,
        references=(Reference("role", "created_by", "ghost", 2),),
        further=(FurtherRow("role", "creator", "s1", "ghost"), FurtherRow("role", "creator", "s2", "ghost")),
    )
    change = Change("update", "role", "s1", "fill", "creator", "ghost", "anna")
    done = after_repairs(stored, [Finding("DB003", "role", "s1", "creator", "", "", (), (change,))])
    assert done.further == (FurtherRow("role", "creator", "s2", "ghost"),)
    assert done.references == (
        Reference("role", "created_by", "anna", 1),
        Reference("role", "created_by", "ghost", 1),
    )


# --- settling -----------------------------------------------------------------------------------------------------


def by_author(later: Finding) -> object:
    """A comparison that finds something more once rain is Anna's."""

    def compare(stored: Snapshot) -> list[Finding]:
        authors = {p.key: p.author for p in stored.prayers}
        found = [author("rain")] if authors["rain"] == "ghost" else [later]
        return [f for f in found if not (f.changes and authors[f.key] == "anna")]

    return compare


def test_what_follows_from_a_repair_is_repaired_in_the_same_plan() -> None:
    first = [author("rain"), open_author("snow")]
    settled = settle(first, STORED, by_author(author("snow", code="PR001")), build)  # type: ignore[arg-type]
    plan = settled.plan
    assert [(o.key, dict(o.after)["author_id"]) for o in plan.operations] == [("rain", "anna"), ("snow", "anna")]
    assert plan.skipped == ()


def test_that_somebody_came_back_takes_nothing_from_the_living() -> None:
    first = [author("rain"), open_author("snow")]
    settled = settle(first, STORED, by_author(author("snow", code="PR002")), build)  # type: ignore[arg-type]
    assert [o.key for o in settled.plan.operations] == ["rain"]


def test_what_follows_but_cannot_be_repaired_is_told_beforehand() -> None:
    doubt = Finding("MK002", "mark", "m9", "", "", "", (), reason="Who that is, is not certain.")
    settled = settle([author("rain"), open_author("snow")], STORED, by_author(doubt), build)  # type: ignore[arg-type]
    assert {f.reason for f in settled.plan.skipped} == {"Not certain.", "Who that is, is not certain."}


def test_what_would_change_a_planned_cell_again_waits_for_the_next_run() -> None:
    again = replace(
        author("rain", after="bert", code="PR002"), field="text"
    )  # says something new about the same cell
    settled = settle([author("rain"), open_author("snow")], STORED, lambda stored: [again], build)
    plan = settled.plan
    assert [dict(o.after) for o in plan.operations] == [{"author_id": "anna"}]
    assert LATER in {f.reason for f in plan.skipped}


def test_a_repair_that_would_not_last_is_left_out() -> None:
    first = [author("rain"), author("snow"), Finding("MK004", "mark", "m1", "user", "", "", (), reason="Nothing.")]
    settled = settle(first, STORED, lambda stored: [author("snow")], build)
    plan = settled.plan
    assert [o.key for o in plan.operations] == ["rain"]
    assert {f.reason for f in plan.skipped if f.key == "snow"} == {UNSTEADY}


LOST = Finding("PR003", "prayer", "hail", "", "a row", "no row", (), reason=CUT_TEXT)


@pytest.mark.parametrize("first", [[author("rain")], [open_author("rain")], [author("rain"), LOST], []])
def test_where_nothing_can_follow_nothing_is_compared_again(first: list[Finding]) -> None:
    def compare(stored: Snapshot) -> list[Finding]:
        raise AssertionError("compared")

    assert settle(first, STORED, compare, build) == (tuple(first), build(first))


def test_consequences_without_end_are_cut_off() -> None:
    runs = []

    def compare(stored: Snapshot) -> list[Finding]:
        runs.append(stored)
        key = f"p{len(runs)}"
        change = Change("create", "prayer", key, "recreate", row=(("key", key), ("author", "anna")))
        return [Finding("PR003", "prayer", key, "", "", "", (), (change,))]

    settled = settle([author("rain"), open_author("snow")], STORED, compare, build)
    assert len(runs) == ROUNDS + 1
    assert LATER in {f.reason for f in settled.findings}


def test_the_snapshot_of_before_stays_as_it_was() -> None:

    before = snapshot([*PEOPLE, user("d", "Dora", "01 08:30")])
    change = Change("update", "user", "d", "fill", "inviter", None, "anna")
    after = after_repairs(before, [Finding("IN001", "user", "d", "inviter", "", "", (), (change,))])
    assert (before.users[-1].inviter, after.users[-1].inviter) == (None, "anna")
