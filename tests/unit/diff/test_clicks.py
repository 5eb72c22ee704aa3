"""Clicks: a mark and its log row are one person's, a row is witness for one other, and a line is used up once."""

from __future__ import annotations

from collections.abc import Sequence

from tests.factories import CROWD, RAIN, RAIN_LOG, Result, attribute, compare_one, logged, mark, prayer_file
from thywill_reconstruct.database.rows import LogRow, MarkRow
from thywill_reconstruct.diff.clicks import Stamped, join

CROWD_TOLD = "09:15 - Bert prayed for prayer rain\n09:15 - Cleo prayed for prayer rain"


def crowd(marks: Sequence[MarkRow], logs: Sequence[LogRow]) -> Result:
    """Bert and Cleo prayed in one minute, one line each."""
    return compare_one(CROWD, log=CROWD_TOLD, marks=marks, logs=logs)


# --- which rows are one click -------------------------------------------------------------------------------------


def at(second: float, who: str = "", *, named: bool = True) -> Stamped:
    return Stamped(round(second * 1_000_000), who, bool(who) and named)


def test_rows_of_one_instant_are_one_click() -> None:
    assert join([at(20), at(40)], [at(40), at(20)]).together == {0: 1, 1: 0}


def test_the_two_times_of_era_v1_lie_microseconds_apart() -> None:
    assert join([at(20.1), at(40.1)], [at(20.1003), at(40.1002)]).together == {0: 0, 1: 1}
    assert join([at(20.1)], [at(20.6)]).together == {}


def test_the_nearest_are_joined_first() -> None:
    assert join([at(20.1), at(20.2)], [at(20.2001)]).together == {1: 0}


def test_a_row_that_names_somebody_is_joined_with_its_own() -> None:
    assert join([at(20, "bert"), at(20)], [at(20), at(20, "bert")]).together == {0: 1, 1: 0}


def test_rows_that_name_different_people_are_no_click() -> None:
    joined = join([at(20, "bert")], [at(20, "cleo")])
    assert (joined.together, joined.disputed) == ({}, {0: 0})


def test_of_different_rows_of_which_there_are_too_many_none_is_taken() -> None:
    assert join([at(20)], [at(20, "bert"), at(20, "cleo")]).together == {}
    assert join([at(20, "bert"), at(20)], [at(20)]).together == {}
    assert join([at(20)], [at(20, "bert"), at(20, "bert")]).together == {0: 0}


def test_a_whole_minute_is_no_moment() -> None:
    assert join([at(60, "bert")], [at(60)]).together == {}


# --- each line is used up once ------------------------------------------------------------------------------------


def test_two_log_rows_of_one_minute_go_to_both_who_prayed_then() -> None:
    """Times to the minute: Bert's mark is witness for one of them only."""
    result = crowd(
        [mark("m1", "bert", "09:15"), mark("m2", "None", "09:15")],
        [logged("l1", "None", "09:15"), logged("l2", "None", "09:15")],
    )
    assert result.does("MK", "AT") == [
        "AT002 l1.user None -> bert",
        "AT002 l2.user None -> cleo",
        "MK001 m2.user None -> cleo",
    ]


def test_a_lost_log_row_does_not_go_to_one_who_has_a_log_row() -> None:
    result = crowd([mark("m1", "bert", "09:15")], [logged("l1", "bert", "09:15"), logged("l2", "", "09:15")])
    assert result.does("MK", "AT") == ["AT002 l2.user  -> cleo", "MK002 + cleo rain 2025-06-10 09:15"]


def test_nor_if_both_clicked_in_one_second() -> None:
    result = crowd(
        [mark("m1", "bert", "09:15:02.2")],
        [logged("l1", "bert", "09:15:02.2"), logged("l2", "", "09:15:02.835467")],
    )
    assert result.does("AT") == ["AT002 l2.user  -> cleo"]
    (made,) = result.of("MK002")
    assert dict(made.changes[0].row)["created"] == "2025-06-10 09:15:02.835467"


def test_a_recreated_mark_borrows_no_time_from_the_log_row_of_a_mark_that_is_there() -> None:
    """Bert clicked four times; the last mark is gone, and two log rows lost their person."""
    times = ["09:15:29.2", "09:15:41", "09:16:30", "09:16:42"]
    lines = [f"{time[:5]} - Bert prayed this prayer" for time in times]
    log = "\n".join(f"{time[:5]} - Bert prayed for prayer rain" for time in times)
    people = ["bert", "None", "bert", "None"]
    result = compare_one(
        prayer_file("rain", *lines),
        log=log,
        marks=[mark(f"m{n}", "bert", time) for n, time in enumerate(times[:3])],
        logs=[logged(f"l{n}", who, time) for n, (who, time) in enumerate(zip(people, times, strict=True))],
    )
    (made,) = result.of("MK002")
    assert dict(made.changes[0].row)["created"] == "2025-06-10 09:16:42.000000"
    assert result.does("AT") == ["AT002 l1.user None -> bert", "AT002 l3.user None -> bert"]


def test_a_log_row_that_may_be_eithers_stays() -> None:
    result = crowd([mark("m1", "bert", "09:15"), mark("m2", "cleo", "09:15")], [logged("l1", "", "09:15")])
    assert result.does("MK", "AT") == []
    assert result.leaves("AT") == ["AT002 l1"]


def test_a_mark_of_nobody_that_may_be_an_event_is_no_copy_of_another() -> None:
    file = prayer_file("rain", *["09:15 - Bert prayed this prayer"] * 2, "09:15 - Cleo prayed this prayer")
    marks = [mark("m1", "ghost", "09:15:30"), mark("m2", "None", "09:15:30")]
    result = compare_one(file, marks=marks, logs=[logged("l1", "bert", "09:15:30")])
    assert result.of("MK003") == []


def test_an_attribute_is_witness_for_one_log_row_only() -> None:
    """Bert and Cleo archived the prayer in one second; Bert's log row stands, so the attribute is no witness for the other."""
    file = prayer_file("rain", "09:15 - Bert archived this prayer", "09:15 - Cleo archived this prayer")
    told = [attribute("a1", "bert", "09:15:20", "archived")]
    logs = [
        logged("l1", "bert", "09:15:20", "set_archived"),
        logged("l2", "None", "09:15:20", "set_archived"),
    ]
    assert compare_one(file, attributes=told, logs=logs).does("AT") == ["AT002 l2.user None -> cleo"]


def test_a_healthy_prayer_leaves_nothing_to_say() -> None:
    marks = [mark("m1", "bert", "09:15:20.1"), mark("m2", "cleo", "09:40:20.1")]
    logs = [logged("l1", "bert", "09:15:20.1002"), logged("l2", "cleo", "09:40:20.1002")]
    assert compare_one(RAIN, log=RAIN_LOG, marks=marks, logs=logs).of("MK", "AT", "AR") == []
