"""A smaller plan is still a whole plan."""

from __future__ import annotations

from tests.factories import PEOPLE, mark, prayer, snapshot, user
from tests.unit.plan.test_build import author, build, marked, missing_user, path, steps, twin
from thywill_reconstruct.plan.restrict import restrict, without_operations

ROWS = snapshot(users=(*PEOPLE, user("t", "ANNA")), prayers=[prayer("rain", None)], marks=[mark("m1", "t", "09:15")])
PLAN = build(
    author("rain", "dora"),
    path("rain", "x.txt"),
    missing_user("dora", "emil"),
    missing_user("emil"),
    twin("t"),
    marked("m1", "anna", "MK005", "t"),
    rows=ROWS,
    merge=True,
)


def left(*dropped: str) -> list[str]:
    names = steps(PLAN)
    kept = without_operations(PLAN, [names.index(name) for name in dropped])
    return steps(restrict(PLAN, kept, lambda finding: "dropped"))


def test_the_plan_at_hand() -> None:
    assert steps(PLAN) == [
        "insert user dora", "insert user emil", "update prayer rain", "update prayermark m1", "delete user t",
    ]  # fmt: skip


def test_what_rests_on_a_dropped_step_goes_with_it() -> None:
    assert left("insert user emil") == ["update prayer rain", "update prayermark m1", "delete user t"]
    assert left("update prayermark m1") == ["insert user dora", "insert user emil", "update prayer rain"]
    assert left("delete user t") == steps(PLAN)[:-1]


def test_the_other_columns_of_a_row_are_still_changed() -> None:
    kept = without_operations(PLAN, [steps(PLAN).index("insert user dora")])
    plan = restrict(PLAN, kept, lambda finding: "dropped")
    (operation,) = [operation for operation in plan.operations if operation.table == "prayer"]
    assert operation.after == (("text_file_path", "x.txt"),)
    assert operation.risk == "fill"
    assert {finding.code for finding in plan.skipped if finding.reason == "dropped"} == {"US001", "PR001"}
    assert [plan.operations[step.operation].table for each in plan.steps for step in each] == [
        "prayermark", "prayer", "user", "user",
    ]  # fmt: skip


def test_nothing_dropped_is_the_same_plan() -> None:
    assert restrict(PLAN, without_operations(PLAN, []), lambda finding: "") is PLAN
