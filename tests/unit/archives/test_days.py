"""Log lines below the wrong date: a heading is lost, and lines that bear their own date tell which."""

from __future__ import annotations

import pytest

from tests.factories import REGISTERED, archive, compare, minute, prayer, prayer_file, snapshot, user
from thywill_reconstruct.records import Archive

LOG = """
    June 10 2025
    09:00 - Anna submitted prayer rain
    19:00 - Bert prayed for prayer rain

    15:27 - Dora registered via invitation from Anna
    15:34 - Dora prayed for prayer rain

    June 14 2025
    08:00 - Cleo prayed for prayer rain
"""
DORA = REGISTERED + "    June 12 2025 at 15:27 - Dora joined on invitation from Anna\n"
RAIN = prayer_file("rain", "09:30 - Bert prayed this prayer", "June 12 2025 at 15:34 - Dora prayed this prayer")


def times(told: Archive, who: str) -> list[int]:
    return [entry.minute for entry in told.log if entry.actor == who]


def lost(told: Archive) -> list[str]:
    return [problem.detail for problem in told.problems if problem.code == "AR027"]


def test_lines_with_a_date_of_their_own_tell_the_day_of_the_others() -> None:
    told = archive(RAIN, registered=DORA, log=LOG)
    assert times(told, "Dora") == [minute("12 15:27"), minute("12 15:34")]
    assert times(told, "Cleo") == [minute("14 08:00")]
    (detail,) = lost(told)
    assert "the heading of 2025-06-12 is lost" in detail


def test_who_comes_back_joined_on_the_day_of_the_registration_file() -> None:
    result = compare(
        archive(RAIN, registered=DORA, log=LOG), snapshot(prayers=[prayer(path=f"text_archives/{RAIN.path}")])
    )
    assert [line.split(" 2025")[1] for line in result.does("US001")] == ["-06-12 15:27 anna"]


def test_a_registration_file_is_right_where_times_do_not_run_backwards() -> None:
    log = LOG.replace("19:00", "10:00")
    told = archive(registered=DORA, log=log)
    assert lost(told) == []
    result = compare(told, snapshot())
    assert [line.split(" 2025")[1] for line in result.does("US001")] == ["-06-12 15:27 anna"]


def test_lines_of_no_certain_day_are_left_out() -> None:
    told = archive(log=LOG)
    assert times(told, "Dora") == []
    (detail,) = lost(told)
    assert detail.endswith("no dated line tells of what day this is. These 2 lines were left out.")


@pytest.mark.parametrize(("before", "after"), [("15:30", "15:27"), ("02:59", "02:00")])
def test_clocks_that_were_put_back_are_no_lost_heading(before: str, after: str) -> None:
    log = f"{before} - Bert prayed for prayer rain\n{after} - Cleo prayed for prayer rain\n"
    assert times(archive(log=log), "Cleo") == [minute(after)]


def test_between_two_days_that_follow_each_other_no_heading_can_be_lost() -> None:
    told = archive(log=LOG.replace("June 14", "June 11"))
    assert times(told, "Dora") == [minute("15:27"), minute("15:34")]


def test_dated_lines_may_say_that_the_date_is_right() -> None:
    """A server that moved to another zone."""
    rain = prayer_file("rain", "15:34 - Dora prayed this prayer")
    told = archive(rain, log=LOG)
    assert times(told, "Dora") == [minute("15:27"), minute("15:34")]
    assert lost(told) == []


def test_a_user_who_is_there_stays_as_is() -> None:
    people = [user("anna", "Anna"), user("dora", "Dora", "12 15:27:05.1", "anna")]
    assert compare(archive(RAIN, registered=DORA, log=LOG), snapshot(people)).of("US004", "US007") == []
