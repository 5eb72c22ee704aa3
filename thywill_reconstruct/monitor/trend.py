"""The figures of many checks, week by week and rule by rule. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from thywill_reconstruct.checks.model import STATES
from thywill_reconstruct.findings.codes import SEVERITIES
from thywill_reconstruct.monitor.figures import Figure, RuleName, Run

WEEKS = 12
Direction = Literal["new", "worse", "better", "recovered", "same", "could not check"]


class RuleTrend(NamedTuple):
    """How one rule went.

    Attributes:
        now: What the last check that asked it said.
        before: The count that ``direction`` compares with; ``None`` if there is none.
        direction: Where it went since.
        weekly: Its last figure in each week, oldest first; ``None`` where no check asked it.
        most: The most that any check in these weeks found.
    """

    now: Figure
    before: int | None
    direction: Direction
    weekly: tuple[Figure | None, ...]
    most: int


class Trend(NamedTuple):
    """How a database went.

    Attributes:
        weeks: The Mondays of the weeks (UTC), oldest first; the last one is this week.
        checks: How many checks there were in each.
        last: The last check, without its figures.
        rules: Worst first.
        ahead: Checks whose time has not come yet, because a clock was wrong; they are left out.
    """

    weeks: tuple[date, ...]
    checks: tuple[int, ...]
    last: Run
    rules: tuple[RuleTrend, ...]
    ahead: int


def trend_of(runs: Sequence[Run], now: datetime, weeks: int = WEEKS) -> Trend | None:
    """Return the trend over some weeks, this one included; ``None`` if there was no check in them.

    Args:
        runs: In the order in which they were made, which counts where a clock went back.
        now: UTC, without a zone.
        weeks: How many, at least 1.

    A rule is compared with its last figure before this week.
    """
    this_week = monday(now.date())
    mondays = tuple(this_week - timedelta(weeks=back) for back in reversed(range(weeks)))
    inside = [run for run in runs if run.moment <= now and monday(run.moment.date()) in mondays]
    if not inside:
        return None
    weekly: dict[RuleName, dict[date, Figure]] = {}
    most: dict[RuleName, int] = {}
    for run in inside:
        for figure in run.figures:
            weekly.setdefault(figure.name, {})[monday(run.moment.date())] = figure
            most[figure.name] = max(most.get(figure.name, 0), figure.found or 0)
    earlier = {
        each.name: each
        for run in inside
        if run.moment.date() < this_week
        for each in run.figures
        if each.found is not None
    }
    latest = {each.name: each for run in inside for each in run.figures}
    rules = [
        _rule_trend(latest[name], earlier.get(name), tuple(by_week.get(each) for each in mondays), most[name])
        for name, by_week in weekly.items()
    ]
    checks = tuple(sum(monday(run.moment.date()) == each for run in inside) for each in mondays)
    ahead = sum(run.moment > now for run in runs)
    return Trend(mondays, checks, inside[-1]._replace(figures=()), tuple(sorted(rules, key=_worst_first)), ahead)


def last_days(runs: Sequence[Run], now: datetime, days: int = 7) -> tuple[list[RuleTrend], list[Run]]:
    """Return how every rule went in the last days, worst first, and the checks that were made in them.

    A rule is compared with its last figure before those days or, if there is none, with its first one in them.
    """
    begins = now - timedelta(days=days)
    past = [run for run in runs if run.moment <= now]
    inside = [run for run in past if run.moment > begins]
    before = {
        each.name: each for run in past if run.moment <= begins for each in run.figures if each.found is not None
    }
    first = {each.name: each for run in reversed(inside) for each in run.figures if each.found is not None}
    latest = {each.name: each for run in inside for each in run.figures}
    rules = [_rule_trend(figure, before.get(name, first.get(name))) for name, figure in latest.items()]
    return sorted(rules, key=_worst_first), inside


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _rule_trend(
    now: Figure, before: Figure | None, weekly: tuple[Figure | None, ...] = (), most: int = 0
) -> RuleTrend:
    return RuleTrend(now, before.found if before else None, _direction(now.found, before), weekly, most)


def _direction(now: int | None, before: Figure | None) -> Direction:
    if now is None:
        return "could not check"
    was = before.found if before else None
    if was is None:
        return "new" if now else "same"
    if now == was:
        return "same"
    if now > was:
        return "worse" if was else "new"
    return "better" if now else "recovered"


def _worst_first(each: RuleTrend) -> tuple[int, int, int, RuleName]:
    now = each.now
    return (STATES.index(now.state), SEVERITIES.index(now.severity), -(now.found or 0), now.name)
