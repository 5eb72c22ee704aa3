"""Laws of pairing rows with events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.diff.align import EventItem, RowItem, align

PEOPLE = ("anna", "bert", "cleo")
MINUTES = st.integers(0, 6)
ROWS = st.lists(
    st.tuples(
        st.lists(MINUTES, max_size=2, unique=True).map(tuple),
        st.sampled_from(("", *PEOPLE)),
        st.sampled_from(("", *PEOPLE)),
        st.booleans(),
        st.booleans(),
    ),
    max_size=7,
).map(
    lambda told: [
        RowItem(n, m, who, "" if who else hint, twin, copy) for n, (m, who, hint, twin, copy) in enumerate(told)
    ]
)
EVENTS = st.lists(
    st.tuples(MINUTES, st.sampled_from(PEOPLE), st.booleans(), st.sampled_from(("log", "file"))), max_size=7
).map(lambda told: [EventItem(n, m, who, sure, lane, n) for n, (m, who, sure, lane) in enumerate(told)])


@given(ROWS, EVENTS)
def test_every_row_and_every_event_is_used_once_or_left_over(rows: list[RowItem], events: list[EventItem]) -> None:
    found = align(rows, events)
    assert sorted([*found.pairs, *found.rows]) == [row.number for row in rows]
    assert sorted([*(event for event, _ in found.pairs.values()), *found.events]) == [
        event.number for event in events
    ]


@given(ROWS, EVENTS)
def test_a_row_that_names_somebody_or_has_a_witness_never_gets_anothers_event(
    rows: list[RowItem], events: list[EventItem]
) -> None:
    for number, (event, _) in align(rows, events).pairs.items():
        named = rows[number].who or rows[number].hint
        assert named in ("", events[event].who)


@given(ROWS, EVENTS)
def test_a_dangling_row_gets_no_event_further_off_than_a_minute(rows: list[RowItem], events: list[EventItem]) -> None:
    for number, (event, _) in align(rows, events).pairs.items():
        if not rows[number].who:
            assert min(abs(minute - events[event].minute) for minute in rows[number].minutes) <= 1


@given(MINUTES, st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=4, unique=True), st.integers(1, 4))
def test_of_several_people_in_one_minute_nobody_is_picked_unless_the_numbers_agree(
    minute: int, people: list[str], count: int
) -> None:
    rows = [RowItem(n, (minute,), "", "") for n in range(count)]
    events = [EventItem(n, minute, who, True, "log", n) for n, who in enumerate(people)]
    assert len(align(rows, events).pairs) == (count if count == len(people) else 0)
