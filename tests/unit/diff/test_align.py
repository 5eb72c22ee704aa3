"""Which row is which event. Rows and events are written as ``(minute, who)``; a dangling row has no ``who``."""

from __future__ import annotations

from thywill_reconstruct.diff.align import Alignment, EventItem, RowItem, align

Row = tuple[int | tuple[int, ...] | None, str] | tuple[int | tuple[int, ...] | None, str, str]


def rows(*told: Row) -> list[RowItem]:
    """Rows as (minutes, who) or (minutes, who, hint)."""
    result = []
    for number, row in enumerate(told):
        minutes = () if row[0] is None else (row[0],) if isinstance(row[0], int) else row[0]
        result.append(RowItem(number, minutes, row[1], row[2] if len(row) == 3 else ""))
    return result


def events(*told: tuple[int, str], sure: bool = True, lane: str = "log") -> list[EventItem]:
    return [EventItem(n, minute, who, sure, lane, n) for n, (minute, who) in enumerate(told)]


def pairs(alignment: Alignment) -> dict[int, int]:
    return {row: event for row, (event, _) in alignment.pairs.items()}


def test_a_row_pairs_with_the_event_of_its_person_never_with_anothers() -> None:
    found = align(rows((10, "anna"), (10, "bert")), events((10, "bert"), (10, "cleo")))
    assert pairs(found) == {1: 0}
    assert (found.rows, found.events) == ([0], [1])


def test_the_same_minute_goes_before_the_next_one() -> None:
    found = align(rows((10, "anna"), (11, "anna")), events((11, "anna"), (12, "anna")))
    assert pairs(found) == {1: 0}
    found = align(rows((10, "anna"), (11, "anna")), events((10, "anna"), (12, "anna")))
    assert pairs(found) == {0: 0, 1: 1}


def test_two_minutes_are_too_far() -> None:
    assert pairs(align(rows((10, "anna")), events((12, "anna")))) == {}
    assert pairs(align(rows((10, "")), events((12, "anna")))) == {}


def test_a_dangling_row_takes_the_only_event_of_its_minute() -> None:
    assert pairs(align(rows((10, "")), events((10, "anna"), (15, "bert")))) == {0: 0}


def test_of_several_people_in_one_minute_the_order_decides_if_the_numbers_agree() -> None:
    assert pairs(align(rows((10, ""), (10, "")), events((10, "bert"), (10, "anna")))) == {0: 0, 1: 1}


def test_with_different_numbers_nothing_is_paired() -> None:
    found = align(rows((10, ""), (10, "")), events((10, "anna"), (10, "bert"), (10, "cleo")))
    assert pairs(found) == {}
    found = align(rows((10, "")), events((10, "anna"), (10, "bert")))
    assert pairs(found) == {}


def test_lines_of_two_files_have_no_order() -> None:
    mixed = [*events((10, "anna")), EventItem(1, 10, "bert", True, "other file", 1)]
    assert pairs(align(rows((10, ""), (10, "")), mixed)) == {}


def test_a_row_that_names_somebody_is_out_of_the_way_before_order_counts() -> None:
    found = align(rows((10, ""), (10, "bert"), (10, "")), events((10, "anna"), (10, "bert"), (10, "cleo")))
    assert pairs(found) == {0: 0, 1: 1, 2: 2}


def test_if_all_events_of_a_minute_are_one_persons_fewer_rows_will_do_but_not_more() -> None:
    assert pairs(align(rows((10, "")), events((10, "anna"), (10, "anna")))) == {0: 0}
    assert pairs(align(rows((10, ""), (10, "")), events((10, "anna")))) == {}


def test_a_hint_decides_before_the_order() -> None:
    found = align(rows((10, "", "bert"), (10, "", "anna")), events((10, "anna"), (10, "bert")))
    assert pairs(found) == {0: 1, 1: 0}


def test_a_hint_that_no_event_bears_out_pairs_with_nobody_else_by_itself() -> None:
    found = align(rows((10, "", "cleo"), (10, "")), events((10, "anna"), (10, "bert"), (10, "dora")))
    assert pairs(found) == {}


def test_the_only_event_within_a_minute() -> None:
    assert pairs(align(rows((11, "")), events((10, "anna")))) == {0: 0}
    assert pairs(align(rows((11, "")), events((10, "anna"), (12, "bert")))) == {}, "it could be either"
    assert pairs(align(rows((9, ""), (11, "")), events((10, "anna")))) == {}, "either could be it"


def test_settling_one_row_can_settle_the_next() -> None:
    found = align(rows((10, ""), (12, "")), events((9, "anna"), (11, "bert")))
    assert pairs(found) == {}, "the first row reaches both events, and so does the second reach the other"
    found = align(rows((10, ""), (13, "")), events((9, "anna"), (12, "bert")))
    assert pairs(found) == {0: 0, 1: 1}


def test_both_offsets_of_a_switch_day_are_tried() -> None:
    found = align(rows(((70, 10), "anna"), ((80, 20), "")), events((10, "anna"), (20, "bert")))
    assert pairs(found) == {0: 0, 1: 1}


def test_a_line_that_text_could_imitate_comes_last() -> None:
    imitation = EventItem(1, 10, "bert", False, "file", 1)
    found = align(rows((10, "")), [*events((10, "anna")), imitation])
    assert pairs(found) == {}, "with one row for two lines, one of them doubtful, the minute stays open"
    assert pairs(align(rows((10, "")), events((10, "bert"), sure=False))) == {0: 0}, "the row itself bears it out"


def test_a_row_on_another_clock_pairs_with_its_own_person_only() -> None:
    assert pairs(align(rows((0, "anna")), events((120, "anna")))) == {0: 0}
    assert pairs(align(rows((0, "anna")), events((127, "anna")))) == {}
    assert pairs(align(rows((0, "")), events((120, "anna")))) == {}
    assert pairs(align(rows((None, "anna")), events((120, "anna")))) == {}


def test_a_row_beside_a_paired_equal_is_a_duplicate_and_no_event_of_another_hour() -> None:
    found = align(rows((10, "anna"), (10, "anna")), events((10, "anna"), (70, "anna")))
    assert pairs(found) == {0: 0}
    assert (found.rows, found.events) == ([1], [1])


def test_of_a_person_and_her_twin_the_persons_own_row_comes_first() -> None:
    twin, own = RowItem(0, (10,), "anna", "", twin=True), RowItem(1, (10,), "anna", "")
    assert pairs(align([twin, own], events((10, "anna")))) == {1: 0}


def test_a_copy_comes_last_after_dangling_rows() -> None:
    copy = RowItem(0, (10,), "anna", "", copy=True)
    found = align([copy, RowItem(1, (10,), "", "")], events((10, "anna")))
    assert pairs(found) == {1: 0}
    assert pairs(align([copy], events((10, "anna")))) == {0: 0}


def test_a_row_without_a_readable_time_pairs_with_nothing() -> None:
    assert pairs(align(rows((None, ""), (None, "anna")), events((10, "anna")))) == {}


def test_the_order_of_a_minute_is_that_of_all_its_rows_those_that_name_somebody_included() -> None:
    """Anna, Bert, and Anna again: the row that names Anna is the third, so the first is the other of hers."""
    found = align(rows((10, ""), (10, ""), (10, "anna")), events((10, "anna"), (10, "bert"), (10, "anna")))
    assert {number: "aba"[event] for number, event in pairs(found).items()} == {0: "a", 1: "b", 2: "a"}


def test_where_a_row_that_names_somebody_stands_in_another_order_the_order_tells_nothing() -> None:
    found = align(rows((10, "cleo"), (10, ""), (10, "")), events((10, "anna"), (10, "bert"), (10, "cleo")))
    assert pairs(found) == {0: 2}
