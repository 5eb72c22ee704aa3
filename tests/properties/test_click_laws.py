"""Laws of clicks: marks and their log rows, damaged in any way, against whole archives of one prayer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import Result, compare_one, logged, mark, prayer_file
from thywill_reconstruct.database.rows import LogRow, MarkRow

NAMES = {"anna": "Anna", "bert": "Bert", "cleo": "Cleo"}
DAMAGE = st.sampled_from(("whole", "whole", "None", "", "ghost", "gone"))


class Click(NamedTuple):
    """Who prayed in which second, and what became of the mark and its log row."""

    second: int
    who: str
    mark: str
    log: str


CLICKS = st.lists(
    st.builds(Click, st.integers(0, 150), st.sampled_from(sorted(NAMES)), DAMAGE, DAMAGE), max_size=6
).map(lambda clicks: sorted(clicks))
Rows = tuple[list[MarkRow], list[LogRow]]
Meaning = Counter[tuple[str, str | None, str]]


def rows_of(clicks: Sequence[Click], precision: str, *, damaged: bool) -> Rows:
    """The rows of both tables: times to the microsecond (apart in era v1), to the second, or to the minute."""
    marks, log = [], []
    for number, click in enumerate(clicks):
        for table, state in (("mark", click.mark), ("log", click.log)):
            user = click.who if state == "whole" or not damaged else state
            if user == "gone":
                continue
            clock = f"09:{click.second // 60:02}:{click.second % 60:02}"
            if precision == "v1":
                clock += f".{number * 40 + (table == 'log') * 15 + 100:06}"
            elif precision == "v2":
                clock += f".{number * 40 + 7:06}"
            elif precision == "minute":
                clock = clock[:5]
            if table == "mark":
                marks.append(mark(f"m{number}", user, clock))
            else:
                log.append(logged(f"l{number}", user, clock))
    return marks, log


def compare_clicks(clicks: Sequence[Click], rows: Rows) -> Result:
    lines = [f"09:{c.second // 60:02} - {NAMES[c.who]} prayed this prayer" for c in clicks]
    log = "\n".join(f"09:{c.second // 60:02} - {NAMES[c.who]} prayed for prayer rain" for c in clicks)
    told = f"08:00 - Anna submitted prayer rain\n{log}\n20:00 - Anna submitted prayer snow"
    return compare_one(prayer_file("rain", *lines), log=told, marks=rows[0], logs=rows[1])


def repair(clicks: Sequence[Click], rows: Rows, *families: str) -> Rows:
    """What stands there once everything planned of some families is done."""
    marks, log = {row.key: row for row in rows[0]}, {row.key: row for row in rows[1]}
    for finding in compare_clicks(clicks, rows).of(*families):
        for change in finding.changes:
            if change.action == "create":
                row = dict(change.row)
                marks[change.key] = MarkRow(change.key, str(row["user"]), "rain", str(row["created"]), None)
            elif change.action == "update" and change.entity == "mark":
                marks[change.key] = marks[change.key]._replace(user=str(change.after))
            elif change.action == "update" and change.entity == "log":
                log[change.key] = log[change.key]._replace(user=str(change.after))
    return list(marks.values()), list(log.values())


def meaning(rows: Rows) -> Meaning:
    marks = [("mark", row.user, (row.created or "")[:16]) for row in rows[0]]
    return Counter([*marks, *(("log", row.user, (row.created or "")[:16]) for row in rows[1])])


PRECISION = st.sampled_from(("v1", "v2", "second", "minute"))


@given(CLICKS, PRECISION)
def test_a_healthy_prayer_stays_as_it_is(clicks: list[Click], precision: str) -> None:
    rows = rows_of(clicks, precision, damaged=False)
    assert compare_clicks(clicks, rows).does("MK", "AT") == []


@given(CLICKS, PRECISION)
def test_no_row_is_given_to_another_and_none_is_made_that_never_was(clicks: list[Click], precision: str) -> None:
    before = rows_of(clicks, precision, damaged=True)
    after = meaning(repair(clicks, before, "MK", "AT"))
    truth = meaning(rows_of(clicks, precision, damaged=False))
    assert not after - (truth | meaning(before))
    assert not (meaning(before) & truth) - after


@given(CLICKS, PRECISION, st.sampled_from(("MK", "AT")))
def test_two_parts_one_after_the_other_end_where_one_run_ends(
    clicks: list[Click], precision: str, first: str
) -> None:
    before = rows_of(clicks, precision, damaged=True)
    at_once = repair(clicks, before, "MK", "AT")
    in_parts = repair(clicks, repair(clicks, before, first), "MK", "AT")
    assert meaning(at_once) == meaning(in_parts)
    assert compare_clicks(clicks, at_once).does("MK", "AT") == []
