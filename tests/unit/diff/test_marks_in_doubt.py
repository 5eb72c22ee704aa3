"""Marks in doubt: rows too many, rows on a twin or on the wrong person, and times that cannot be read."""

from __future__ import annotations

import pytest

from tests.factories import (
    CROWD,
    CROWD_LOG,
    PEOPLE,
    RAIN,
    RAIN_LOG,
    Prayed,
    Result,
    archive,
    compare,
    compare_one,
    logged,
    mark,
    prayer,
    prayer_file,
    snapshot,
    user,
)

TWIN = user("twin", "BERT", "05 12:00")


# --- duplicates ---------------------------------------------------------------------------------------------------


def test_an_exact_copy_is_a_duplicate() -> None:
    marks = [mark("m1", "bert", "09:15:20.5"), mark("m2", "bert", "09:15:20.5"), mark("m3", "cleo", "09:40")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks)
    assert result.does("MK") == ["MK003 - m2"]
    assert [o.action for o in result.plan().operations if o.table == "prayermark" and o.action == "delete"] == []
    merged = result.plan(merge_duplicates=True).operations
    assert [o.key for o in merged if o.action == "delete"] == ["m2"]


def test_of_an_original_and_its_reimport_the_original_stays() -> None:
    marks = [mark("m1", "bert", "09:15:00"), mark("m2", "bert", "09:15:20.5"), mark("m3", "cleo", "09:40:20")]
    assert compare_one(RAIN, log=RAIN_LOG, marks=marks).does("MK") == ["MK003 - m1"]
    assert compare_one(RAIN, log=RAIN_LOG, marks=marks[::-1]).does("MK") == ["MK003 - m1"]


def test_praying_again_later_is_no_duplicate() -> None:
    again = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:16 - Bert prayed this prayer")
    log = "09:15 - Bert prayed for prayer rain\n09:16 - Bert prayed for prayer rain"
    marks = [mark("m1", "bert", "09:15:50"), mark("m2", "bert", "09:16:20")]
    assert compare_one(again, log=log, marks=marks).of("MK") == []


def test_a_mark_at_another_time_that_no_archive_records_stays() -> None:
    marks = [mark("m1", "bert", "09:15:50"), mark("m2", "bert", "11:22:20"), mark("m3", "cleo", "09:40")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks)
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK004 m2"]


def test_a_dangling_copy_to_the_microsecond_is_a_duplicate_and_the_other_row_gets_its_person() -> None:
    marks = [mark("m1", "ghost", "09:15:20.5"), mark("m2", "bert", "09:15:20.5"), mark("m3", "cleo", "09:40")]
    assert compare_one(RAIN, log=RAIN_LOG, marks=marks).does("MK") == ["MK003 - m1"]


def test_a_dangling_row_of_a_whole_minute_beside_a_mark_may_be_anybodys() -> None:
    marks = [mark("m1", "ghost", "09:15:00"), mark("m2", "bert", "09:15:20.5"), mark("m3", "cleo", "09:40")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks)
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK001 m1"]


# --- twins and wrong people ---------------------------------------------------------------------------------------


def test_a_mark_on_a_twin_goes_to_the_person() -> None:
    marks = [mark("m1", "twin", "09:15:20"), mark("m2", "cleo", "09:40")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks, users=[*PEOPLE, TWIN])
    assert result.does("MK") == ["MK005 m1.user twin -> bert"]
    assert result.of("MK005")[0].changes[0].risk == "relink"


def test_a_mark_on_a_twin_of_which_no_line_tells_stays() -> None:
    marks = [mark("m1", "bert", "09:15:20"), mark("m2", "cleo", "09:40"), mark("m3", "twin", "12:00")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks, users=[*PEOPLE, TWIN])
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK005 m3"]


def test_of_a_person_and_her_twin_both_marked_for_one_event_the_copy_on_the_twin_is_the_duplicate() -> None:
    marks = [mark("m1", "twin", "09:15:22"), mark("m2", "bert", "09:15:22"), mark("m3", "cleo", "09:40")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks, users=[*PEOPLE, TWIN])
    assert result.does("MK") == ["MK003 - m1"]


def test_two_marks_of_different_seconds_may_both_be_real_although_the_archives_have_one() -> None:
    marks = [mark("m1", "bert", "09:15:02"), mark("m2", "bert", "09:15:42"), mark("m3", "cleo", "09:40")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks)
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK004 m2"]


def test_a_living_persons_mark_stays_where_its_log_row_names_that_person_too() -> None:
    marks = [mark("m1", "anna", "09:15:20"), mark("m2", "cleo", "09:40:20")]
    logs = [logged("l1", "anna", "10 09:15:20", of="rain")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks, logs=logs)
    assert result.does("MK") == []


def test_the_kept_row_of_a_duplicate_is_never_left_on_a_twin() -> None:
    """The reimported row is the person's own and pairs first; the twin's row has the real seconds."""
    marks = [mark("m1", "twin", "09:14:50.5"), mark("m2", "bert", "09:15:00"), mark("m3", "cleo", "09:40")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks, users=[*PEOPLE, TWIN])
    assert result.does("MK") == ["MK003 - m1"]


def test_a_living_persons_mark_is_another_persons_only_if_file_and_log_both_say_so() -> None:
    marks = [mark("m1", "anna", "09:15:20"), mark("m2", "cleo", "09:40:20")]
    both = compare_one(RAIN, log=RAIN_LOG, marks=marks)
    assert both.does("MK") == ["MK006 m1.user anna -> bert"]
    assert both.of("MK006")[0].changes[0].risk == "relink"
    only_file = compare_one(RAIN, marks=marks)
    assert only_file.does("MK") == []
    no_lines = prayer_file("rain")
    only_log = compare_one(no_lines, log=RAIN_LOG, marks=marks)
    assert only_log.does("MK") == []


def test_two_wrong_rows_in_one_minute_stay_as_they_are() -> None:
    log = CROWD_LOG
    result = compare_one(CROWD, log=log, marks=[mark("m1", "anna", "09:15:20"), mark("m2", "anna", "09:15:40")])
    assert result.does("MK") == []
    assert set(result.leaves("MK004")) == {"MK004 m1", "MK004 m2"}


def test_a_wrong_row_that_could_be_either_of_two_events_stays() -> None:
    result = compare_one(CROWD, log=CROWD_LOG, marks=[mark("m1", "anna", "09:15:20")])
    assert result.does("MK") == []


def test_a_wrong_row_beside_the_right_one_is_left_alone() -> None:
    marks = [mark("m1", "anna", "09:15:20"), mark("m2", "bert", "09:15:22"), mark("m3", "cleo", "09:40")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks)
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK004 m1"]


# --- clocks -------------------------------------------------------------------------------------------------------


def many(*days: str) -> list[Prayed]:
    """A prayer a day, each marked by Bert at 09:15 and by Cleo at 09:40."""
    return [
        prayer_file(
            f"p{day}",
            f"June {day} 2025 at 09:15 - Bert prayed this prayer",
            f"June {day} 2025 at 09:40 - Cleo prayed this prayer",
            at=f"June {day} 2025 at 09:00",
        )
        for day in days
    ]


def compare_many(offset: int, *days: str, ghost: str) -> Result:
    """A database whose marks stand ``offset`` hours beside the archives; Bert's mark of day ``ghost`` dangles."""
    marks = []
    for day in days:
        marks.append(mark(f"b{day}", "ghost" if day == ghost else "bert", f"{day} {9 + offset:02}:15:20", f"p{day}"))
        marks.append(mark(f"c{day}", "cleo", f"{day} {9 + offset:02}:40:20", f"p{day}"))
    rows = snapshot(prayers=[prayer(f"p{day}", created=f"{day} 09:00:03") for day in days], marks=marks)
    return compare(archive(*many(*days)), rows)


@pytest.mark.parametrize("offset", [-2, 0, 5])
def test_rows_on_another_clock_find_their_events(offset: int) -> None:
    result = compare_many(offset, "11", "12", "13", "14", ghost="13")
    assert result.does("MK") == ["MK001 b13.user ghost -> bert"]
    assert result.leaves("MK") == []


def test_a_recreated_mark_gets_the_time_of_the_tables_clock() -> None:
    files = many("11", "12", "13")
    marks = [
        mark("b11", "bert", "11 07:15:20", "p11"),
        mark("b12", "bert", "12 07:15:20", "p12"),
        mark("b13", "bert", "13 07:15:20", "p13"),
    ]
    marks += [mark("c11", "cleo", "11 07:40:20", "p11"), mark("c12", "cleo", "12 07:40:20", "p12")]
    rows = snapshot(prayers=[prayer(f"p{day}", created=f"{day} 09:00:03") for day in ("11", "12", "13")], marks=marks)
    assert compare(archive(*files), rows).does("MK") == ["MK002 + cleo p13 2025-06-13 07:40"]


def test_a_vanished_id_does_not_speak_against_the_archives() -> None:
    """Two marks say that the id was Anna's, but at the time of the third the archives know only of others."""
    file = prayer_file(
        "rain", "08:15 - Anna prayed this prayer", "08:20 - Anna prayed this prayer",
        "09:15 - Bert prayed this prayer", "09:15 - Cleo prayed this prayer",
    )  # fmt: skip
    marks = [mark("m1", "old", "08:15:20"), mark("m2", "old", "08:20:20"), mark("m3", "old", "09:15:20.5")]
    logs = [logged("l1", "old", "09:15:20.5")]
    result = compare_one(file, marks=marks, logs=logs)
    assert result.does("MK001", "AT") == ["MK001 m1.user old -> anna", "MK001 m2.user old -> anna"]
    assert result.leaves("MK001", "AT") == ["AT002 l1", "MK001 m3"]


def test_a_recreated_mark_takes_its_time_from_a_log_row_of_nobody_that_only_its_click_can_have_written() -> None:
    result = compare_one(RAIN, marks=[mark("m2", "cleo", "09:40:20")], logs=[logged("l1", "ghost", "09:15:33.25")])
    assert dict(result.of("MK002")[0].changes[0].row)["created"] == "2025-06-10 09:15:33.250000"


@pytest.mark.parametrize("time", ["garbage", "", None, "2025-06-11"])
def test_a_mark_whose_time_cannot_be_read_is_not_made_a_second_time(time: str | None) -> None:
    marks = [mark("m1", "bert", time), mark("m2", "cleo", "09:40:20")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks)
    assert result.does("MK") == []
    assert "MK002 Bert prayed on 2025-06-10 09:15" in result.leaves("MK")


def test_a_mark_at_a_time_that_no_zone_explains_is_not_made_a_second_time() -> None:
    marks = [mark("m1", "bert", "17:22:20"), mark("m2", "cleo", "09:40:20")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks)
    assert result.does("MK") == []
