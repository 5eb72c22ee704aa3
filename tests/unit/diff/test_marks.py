"""Prayer marks: whose they are, which are missing, which stand too often, and what stays as it is."""

from __future__ import annotations

import pytest

from tests.factories import (
    CROWD,
    CROWD_LOG,
    PEOPLE,
    RAIN,
    RAIN_LOG,
    compare_one,
    logged,
    mark,
    prayer,
    prayer_file,
    user,
)


def test_marks_that_agree_leave_nothing_to_say() -> None:
    result = compare_one(RAIN, log=RAIN_LOG, marks=[mark("m1", "bert", "09:15:20"), mark("m2", "cleo", "09:40:20")])
    assert result.of("MK", "AR") == []


def test_a_minute_of_slack_is_no_difference() -> None:
    result = compare_one(RAIN, log=RAIN_LOG, marks=[mark("m1", "bert", "09:16:01"), mark("m2", "cleo", "09:39:59")])
    assert result.of("MK", "AR") == []


# --- dangling marks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nobody", ["ghost", "None", "", None])
def test_a_dangling_mark_goes_to_the_one_who_prayed_then(nobody: str | None) -> None:
    result = compare_one(RAIN, log=RAIN_LOG, marks=[mark("m1", nobody, "09:15:20"), mark("m2", "cleo", "09:40:20")])
    (finding,) = result.of("MK")
    assert (finding.code, finding.expected, finding.actual) == (
        "MK001",
        "Bert",
        "nobody" if nobody != "ghost" else "unknown user ghost",
    )
    (change,) = finding.changes
    assert (change.action, change.key, change.field, change.before, change.after) == (
        "update",
        "m1",
        "user",
        nobody,
        "bert",
    )
    assert change.risk == "fill"
    assert "activity/activity_2025_06.txt:6" in finding.evidence
    assert "prayermark row m1" in finding.evidence


def test_a_dangling_mark_at_a_time_of_which_no_archive_tells_stays() -> None:
    marks = [mark("m1", "bert", "09:15:20"), mark("m2", "cleo", "09:40:20"), mark("m3", "ghost", "11:00")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=marks)
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK001 m3"]


def test_a_mark_without_a_readable_time_stays() -> None:
    result = compare_one(
        RAIN, marks=[mark("m1", "ghost", None), mark("m2", "cleo", "09:40"), mark("m3", "bert", "09:15")]
    )
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK001 m1"]


def test_of_several_in_one_minute_the_order_of_the_lines_decides() -> None:
    result = compare_one(CROWD, marks=[mark("m1", "ghost", "09:15:20"), mark("m2", "ghost", "09:15:40")])
    assert result.does("MK") == ["MK001 m1.user ghost -> bert", "MK001 m2.user ghost -> cleo"]


def test_where_file_and_log_differ_in_order_the_log_counts() -> None:
    result = compare_one(CROWD, log=CROWD_LOG, marks=[mark("m1", "x", "09:15:20"), mark("m2", "y", "09:15:40")])
    assert result.does("MK") == ["MK001 m1.user x -> cleo", "MK001 m2.user y -> bert"]


def test_of_several_in_one_minute_nobody_gets_anything_if_the_numbers_differ() -> None:
    result = compare_one(CROWD, marks=[mark("m1", "ghost", "09:15:20")])
    assert result.does("MK") == []
    assert result.leaves("MK") == [
        "MK001 m1",
        "MK002 Bert prayed on 2025-06-10 09:15",
        "MK002 Cleo prayed on 2025-06-10 09:15",
    ]


def test_lines_of_several_files_have_no_order() -> None:
    first = prayer_file("rain", "09:15 - Bert prayed this prayer")
    second = prayer_file("rain", "09:15 - Cleo prayed this prayer", suffix="rain_2")
    result = compare_one([first, second], marks=[mark("m1", "ghost", "09:15:20"), mark("m2", "ghost", "09:15:40")])
    assert result.does("MK") == []
    assert result.leaves("MK001") == ["MK001 m1", "MK001 m2"]


def test_the_log_row_of_the_same_instant_says_whose_a_mark_is() -> None:
    """Two marks in one minute, and one event lost: the order tells nothing, but the `prayed` log rows do."""
    result = compare_one(
        CROWD,
        marks=[mark("m1", "ghost", "09:15:40.7")],
        logs=[logged("l1", "bert", "09:15:20.2"), logged("l2", "cleo", "09:15:40.7")],
    )
    assert "MK001 m1.user ghost -> cleo" in result.does("MK")
    assert not [line for line in result.does("MK") if "m1" in line and "bert" in line]


def test_a_log_row_of_somebody_of_whom_the_archives_tell_nothing_makes_the_mark_doubtful() -> None:
    """The archives name Bert in that minute, the log row of the same instant names Cleo: one of them is wrong."""
    file = prayer_file("rain", "09:15 - Bert prayed this prayer")
    result = compare_one(file, marks=[mark("m1", "ghost", "09:15:40.7")], logs=[logged("l1", "cleo", "09:15:40.7")])
    assert result.does("MK") == []
    assert "MK001 m1" in result.leaves("MK")


def test_a_mark_of_a_vanished_id_is_its_former_owners_even_where_no_line_tells() -> None:
    """Two marks show that the id was Bert's; a third on a prayer without archive follows."""
    marks = [
        mark("m1", "old", "09:15:20"), mark("m2", "old", "10:20:20"), mark("m3", "cleo", "09:40:20"),
        mark("m4", "old", "12:00", of="snow"),
    ]  # fmt: skip
    file = prayer_file(
        "rain",
        "09:15 - Bert prayed this prayer",
        "09:40 - Cleo prayed this prayer",
        "10:20 - Bert prayed this prayer",
    )
    result = compare_one(file, marks=marks, prayers=[prayer("rain"), prayer("snow", "cleo")])
    assert result.does("MK") == [
        "MK001 m1.user old -> bert",
        "MK001 m2.user old -> bert",
        "MK001 m4.user old -> bert",
    ]


def test_a_name_that_is_not_certain_gets_nothing() -> None:
    file = prayer_file("rain", "09:15 - BERT prayed this prayer")
    people = """
        June 01 2025 at 08:10 - Bert joined directly
        June 01 2025 at 08:30 - bert joined directly
    """
    users = [user("b1", "Bert", "01 08:10"), user("b2", "bert", "01 08:30"), PEOPLE[0]]
    result = compare_one(file, registered=people, users=users, marks=[mark("m1", "ghost", "09:15:20")])
    assert result.does("MK") == []
    assert "'BERT', and who that is, is not certain" in result.reason("MK001")


def test_a_mark_of_a_prayer_that_is_not_there_is_reported_and_kept() -> None:
    result = compare_one(
        RAIN,
        marks=[mark("m1", "bert", "09:15"), mark("m2", "cleo", "09:40"), mark("m3", "ghost", "09:15", of="hail")],
    )
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK007 m3"]


# --- missing marks ------------------------------------------------------------------------------------------------


def test_a_missing_mark_is_made_anew_at_its_minute_with_the_prayers_path() -> None:
    result = compare_one(RAIN, log=RAIN_LOG, marks=[mark("m2", "cleo", "09:40:20")])
    assert result.does("MK") == ["MK002 + bert rain 2025-06-10 09:15"]
    (finding,) = result.of("MK")
    row = dict(finding.changes[0].row)
    assert row["path"] == f"text_archives/{RAIN.path}"
    assert row["key"] == finding.key
    assert compare_one(RAIN, log=RAIN_LOG, marks=[mark("m2", "cleo", "09:40:20")]).of("MK") == [finding]


def test_it_takes_the_time_of_its_log_row_if_that_alone_is_left() -> None:
    result = compare_one(
        RAIN,
        log=RAIN_LOG,
        marks=[mark("m2", "cleo", "09:40:20.5")],
        logs=[logged("l1", "bert", "09:15:33.25"), logged("l2", "cleo", "09:40:20.5")],
    )
    (finding,) = result.of("MK")
    assert dict(finding.changes[0].row)["created"] == "2025-06-10 09:15:33.250000"


def test_the_same_person_twice_in_one_minute_is_two_marks() -> None:
    twice = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:15 - Bert prayed this prayer")
    log = "09:15 - Bert prayed for prayer rain\n09:15 - Bert prayed for prayer rain"
    both = [mark("m1", "bert", "09:15:10"), mark("m2", "bert", "09:15:40")]
    assert compare_one(twice, log=log, marks=both).of("MK") == []
    assert compare_one(twice, log=log, marks=both[:1]).does("MK") == ["MK002 + bert rain 2025-06-10 09:15"]
    none = compare_one(twice, log=log)
    assert none.does("MK") == ["MK002 + bert rain 2025-06-10 09:15"] * 2
    assert len({finding.key for finding in none.of("MK")}) == 2


def test_no_mark_is_made_where_rows_of_that_minute_are_unaccounted_for() -> None:
    marks = [mark("m1", "anna", "09:15:20"), mark("m2", "cleo", "09:40:20")]
    result = compare_one(RAIN, marks=marks)
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK002 Bert prayed on 2025-06-10 09:15", "MK004 m1"]


def test_no_mark_is_made_of_a_name_that_is_not_certain() -> None:
    file = prayer_file("rain", "09:15 - Bertram prayed this prayer")
    result = compare_one(file)
    assert result.does("MK", "US") == []
    assert result.leaves("MK") == ["MK002 'Bertram' prayed on 2025-06-10 09:15"]


def test_marks_of_a_prayer_that_is_made_anew_are_made_too() -> None:
    result = compare_one(RAIN, log=RAIN_LOG, prayers=())
    assert result.does("PR", "MK") == [
        "MK002 + bert rain 2025-06-10 09:15",
        "MK002 + cleo rain 2025-06-10 09:40",
        "PR003 + rain anna 2025-06-10 09:00",
    ]


# --- trust --------------------------------------------------------------------------------------------------------

TESTIMONY = prayer_file(
    "rain",
    "09:15 - Bert prayed this prayer",
    "09:30 - Anna added testimony: It rained.",
    "09:40 - Cleo prayed this prayer",
)


def test_a_line_behind_a_testimony_becomes_a_row_only_if_the_log_agrees() -> None:
    marks = [mark("m1", "bert", "09:15:20")]
    with_log = compare_one(TESTIMONY, log=RAIN_LOG, marks=marks)
    assert with_log.does("MK") == ["MK002 + cleo rain 2025-06-10 09:40"]
    without = compare_one(TESTIMONY, marks=marks)
    assert without.does("MK") == []
    assert without.leaves("AR010") == [f"AR010 {TESTIMONY.path}:9"]


def test_a_row_bears_out_a_line_behind_a_testimony() -> None:
    result = compare_one(TESTIMONY, marks=[mark("m1", "bert", "09:15:20"), mark("m2", "ghost", "09:40:20")])
    assert result.does("MK") == ["MK001 m2.user ghost -> cleo"]
    assert result.of("AR010") == []


def test_a_line_that_the_log_should_have_and_lacks_becomes_no_row() -> None:
    log = "09:15 - Bert prayed for prayer rain\n10:00 - Anna prayed for prayer snow"
    result = compare_one(RAIN, log=log, marks=[mark("m1", "bert", "09:15:20")])
    assert result.does("MK") == []
    assert result.leaves("AR010") == [f"AR010 {RAIN.path}:8"]


def test_what_happened_after_the_last_line_of_the_log_is_not_covered_by_it() -> None:
    result = compare_one(RAIN, log="09:15 - Bert prayed for prayer rain", marks=[mark("m1", "bert", "09:15:20")])
    assert result.does("MK") == ["MK002 + cleo rain 2025-06-10 09:40"]


def test_an_offline_mark_stands_in_file_and_log_at_different_times_and_is_one() -> None:
    file = prayer_file("rain", "07:15 - Bert prayed this prayer")
    log = "09:15 - Bert prayed for prayer rain\n09:50 - Anna prayed for prayer snow"
    assert compare_one(file, log=log, marks=[mark("m1", "bert", "07:15:20")]).of("MK", "AR010") == []
    assert compare_one(file, log=log, marks=[mark("m1", "ghost", "07:15:20")]).does("MK") == [
        "MK001 m1.user ghost -> bert"
    ]
    lost = [line for line in compare_one(file, log=log).does("MK") if " rain " in line]
    assert lost == ["MK002 + bert rain 2025-06-10 07:15"]


def test_a_prayer_file_older_than_the_log_makes_no_third_mark() -> None:
    """File and log disagree about how often somebody prayed in a minute: nothing is made beyond what both allow."""
    file = prayer_file("rain", "00:49 - Bert prayed this prayer")
    log = "20:49 - Bert prayed for prayer rain\n20:49 - Bert prayed for prayer rain"
    marks = [mark("m1", "bert", "00:49:10"), mark("m2", "bert", "20:49:30")]
    assert compare_one(file, log=log, marks=marks).of("MK", "AR010") == []


def test_a_log_that_tells_twice_what_the_file_tells_once_makes_no_second_mark() -> None:
    log = RAIN_LOG + "\n" + RAIN_LOG
    marks = [mark("m1", "bert", "09:15:20"), mark("m2", "cleo", "09:40:20")]
    assert compare_one(RAIN, log=log, marks=marks).does("MK") == []
