"""Learning which clock a table runs on."""

from __future__ import annotations

import pytest

from tests.factories import minute
from thywill_reconstruct.diff.clocks import Clock, estimate, plausible_offset

EAST = -120  # a server two hours east of UTC: its UTC columns show two hours less


def pairs(*times: str, offset: int) -> list[tuple[int, int]]:
    return [(minute(time), minute(time) + offset) for time in times]


def test_without_evidence_the_clock_is_the_archives_own() -> None:
    clock = estimate([])
    assert clock.archive_minutes(100) == (100,)
    assert clock.database_minute(100) == 100
    assert clock.describe() == "the same as in the archives"


def test_one_offset_holds_everywhere() -> None:
    clock = estimate(pairs("09:00", "10:00", "10:07", offset=EAST))
    assert clock.archive_minutes(minute("12:00")) == (minute("14:00"),)
    assert clock.database_minute(minute("2025-12-01 14:00")) == minute("2025-12-01 12:00")
    assert (clock.describe(), clock.pairs) == ("2 h behind the archives", 3)


def test_a_minute_of_slack_is_no_offset() -> None:
    assert estimate([(100, 101), (200, 200), (300, 299)]).usual == (0,)


@pytest.mark.parametrize(
    ("difference", "offset"),
    [(330, 330), (345, 345), (-571, -570), (840, 840), (855, None), (7, None), (-8, None), (1, 0)],
)
def test_only_differences_that_a_zone_explains_count(difference: int, offset: int | None) -> None:
    assert plausible_offset(difference) == offset


def test_pairs_that_no_zone_explains_and_a_single_stray_are_not_believed() -> None:
    clock = estimate([*pairs("09:00", "10:00", "11:00", offset=0), (500, 507), *pairs("12:00", offset=60)])
    assert (clock.usual, clock.pairs) == ((0,), 4)


def test_a_single_pair_is_better_than_none() -> None:
    assert estimate(pairs("09:00", offset=EAST)).usual == (EAST,)


def summer() -> Clock:
    """A clock with winter time up to 29 March, both on the 30th, summer time from the 31st."""
    return estimate(
        [
            *pairs("2025-03-29 08:00", "2025-03-29 09:00", "2025-03-30 01:00", offset=-60),
            *pairs("2025-03-30 08:00", "2025-03-30 09:00", "2025-03-31 09:00", "2025-03-31 10:00", offset=-120),
        ]
    )


def test_on_the_day_of_a_switch_both_offsets_hold_the_likelier_first() -> None:
    assert summer().archive_minutes(minute("2025-03-30 07:00")) == (
        minute("2025-03-30 09:00"),
        minute("2025-03-30 08:00"),
    )


def test_each_side_of_the_switch_has_its_own_offset() -> None:
    assert summer().archive_minutes(minute("2025-03-29 07:00")) == (minute("2025-03-29 08:00"),)
    assert summer().archive_minutes(minute("2025-03-31 07:00")) == (minute("2025-03-31 09:00"),)
    assert summer().archive_minutes(minute("2025-01-05 07:00")) == (minute("2025-01-05 08:00"),)
    assert summer().archive_minutes(minute("2025-06-05 07:00")) == (minute("2025-06-05 09:00"),)
    assert summer().describe() == "2 h behind the archives, or 1 h behind the archives"


def test_a_day_between_days_of_different_offsets_may_have_either() -> None:
    clock = estimate(
        [*pairs("01 08:00", "01 09:00", offset=0), *pairs("09 08:00", "09 09:00", offset=60)],
    )
    assert set(clock.archive_minutes(minute("05 12:00"))) == {minute("05 12:00"), minute("05 11:00")}


def test_an_offset_that_few_of_a_days_pairs_show_does_not_hold_on_that_day() -> None:
    days = [f"05 {hour:02}:00" for hour in range(6, 16)]
    clock = estimate(
        [*pairs(*days, offset=0), *pairs("05 17:00", offset=60), *pairs("07 08:00", "07 09:00", offset=60)]
    )
    assert clock.offsets(minute("05 08:00")) == (0,)
    assert clock.offsets(minute("07 08:00")) == (60,)


def test_a_few_days_of_the_other_season_are_believed_among_many_pairs() -> None:
    winter = pairs("01 08:00", "01 12:00", "02 08:00", offset=60)
    summer_days = [f"{day:02} {hour:02}:{m:02}" for day in range(4, 29) for hour in range(8, 18) for m in (0, 30)]
    clock = estimate([*winter, *pairs(*summer_days, offset=120)])
    assert clock.offsets(minute("01 09:00")) == (60,)
    assert clock.offsets(minute("05 09:00")) == (120,)


@pytest.mark.parametrize(
    "strays",
    [
        pairs("01 08:00", "01 12:00", offset=60),  # too few
        pairs("05 08:10", "06 12:10", "07 08:10", offset=60),  # most pairs of those days say something else
        pairs("01 08:00", "01 12:00", "02 08:00", offset=180 + 120),  # no season's distance
    ],
)
def test_rare_offsets_that_no_season_explains_are_not(strays: list[tuple[int, int]]) -> None:
    days = [f"{day:02} {hour:02}:{m:02}" for day in range(4, 29) for hour in range(8, 18) for m in (0, 30)]
    assert estimate([*strays, *pairs(*days, offset=120)]).fixed == 120
