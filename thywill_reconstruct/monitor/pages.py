"""The history as text, JSON (form: ``report/schema/history.schema.json``) and Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from thywill_reconstruct import __version__
from thywill_reconstruct.monitor.figures import Figure, Run
from thywill_reconstruct.monitor.trend import RuleTrend, Trend
from thywill_reconstruct.report.check.markdown import plain
from thywill_reconstruct.report.check.wording import VERDICTS, count_of
from thywill_reconstruct.report.safe import brief

SCHEMA_VERSION = 1
BARS, PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.:-=+*#"
UNKNOWN, NO_CHECK = "?", " "


def sparkline(weekly: Sequence[Figure | None], bars: str = BARS) -> str:
    """Return one bar a week: the lowest is 0, the highest the most of these weeks; ``?`` could not check, blank no check.

    >>> sparkline([])
    ''
    """
    most = max((each.found or 0 for each in weekly if each is not None), default=0)

    def bar(figure: Figure | None) -> str:
        if figure is None:
            return NO_CHECK
        if figure.found is None:
            return UNKNOWN
        return bars[-(-figure.found * (len(bars) - 1) // most)] if figure.found else bars[0]

    return "".join(map(bar, weekly))


def text(trend: Trend, database: str, *, everything: bool = False, bars: str = BARS) -> str:
    """Return the trend for a terminal, at most 60 columns wide where rule ids allow it."""
    last = trend.last
    lines = [
        brief(database),
        f"Last check {last.moment:%Y-%m-%d %H:%M} UTC: {VERDICTS[last.exit_code]}",
        f"{count_of(sum(trend.checks), 'check')} in {count_of(len(trend.weeks), 'week')}, "
        f"{trend.weeks[0]:%Y-%m-%d} to {trend.weeks[-1] + timedelta(days=6):%Y-%m-%d}",
    ]
    if trend.ahead:
        lines.append(f"{count_of(trend.ahead, 'check')} left out: dated in the future (a wrong clock)")
    shown = [each for each in trend.rules if everything or _worth_showing(each)]
    for each in shown:
        lines += [
            "",
            brief(f"{each.now.name.rule} ({each.now.severity})"),
            f"  |{sparkline(each.weekly, bars)}|  {words(each)}",
        ]
    silent = len(trend.rules) - len(shown)
    if silent:
        lines += ["", f"{count_of(silent, 'rule')} found nothing in all these weeks."]
    return "\n".join(lines) + "\n"


def words(each: RuleTrend) -> str:
    """Return what a trend says without bars: ``worse: 12, was 8``."""
    if each.now.found is None:
        return "could not be checked"
    was = f", was {each.before:,}" if each.before is not None and each.before != each.now.found else ""
    told = max((figure.found or 0 for figure in (each.now, *each.weekly) if figure is not None), default=0)
    between = f", up to {each.most:,} in between" if each.most > told else ""
    return f"{each.direction}: {each.now.found:,}{was}{between}"


def _worth_showing(each: RuleTrend) -> bool:
    blind = any(figure is not None and figure.found is None for figure in (each.now, *each.weekly))
    return each.most > 0 or blind


def as_json(trend: Trend | None, database: str) -> str:
    """Return the trend as one line of JSON; without any check, the weeks and rules are empty."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": "thywill-reconstruct",
        "tool_version": __version__,
        "database": brief(database),
        "last_check": None,
        "ahead": trend.ahead if trend else 0,
        "weeks": [],
        "rules": [],
    }
    if trend is not None:
        document["last_check"] = {
            "moment": f"{trend.last.moment.isoformat()}Z",
            "exit_code": trend.last.exit_code,
            "worst": trend.last.worst,
            "tool_version": trend.last.version,
        }
        document["weeks"] = [
            {"monday": week.isoformat(), "checks": checks}
            for week, checks in zip(trend.weeks, trend.checks, strict=True)
        ]
        document["rules"] = [
            {
                "rule": each.now.name.rule,
                "pack": each.now.name.pack,
                "severity": each.now.severity,
                "state": each.now.state,
                "count": each.now.found,
                "before": each.before,
                "most": each.most,
                "trend": each.direction,
                "weekly": [
                    None if figure is None else {"state": figure.state, "count": figure.found}
                    for figure in each.weekly
                ],
            }
            for each in trend.rules
        ]
    return json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":")) + "\n"


_HEADINGS = (
    ("new", "New"),
    ("worse", "Worse"),
    ("could not check", "Could not be checked"),
    ("better", "Better"),
    ("recovered", "Recovered"),
    ("same", "Unchanged"),
)


def weekly_summary(rules: Sequence[RuleTrend], runs: Sequence[Run], database: str, now: datetime) -> str:
    """Return the last seven days as Markdown: rule ids and counts only."""
    begins = now - timedelta(days=7)
    lines = [f"# Integrity, {begins:%Y-%m-%d} to {now:%Y-%m-%d}", "", f"Database: {plain(database)}", ""]
    if not runs:
        return "\n".join([*lines, "There was no check in these days."]) + "\n"
    blind = sum(run.exit_code == 3 for run in runs)
    lines.append(
        f"{count_of(len(runs), 'check')}; in {blind:,} of them something could not be checked. "
        f"The last one, {runs[-1].moment:%Y-%m-%d %H:%M} UTC: {VERDICTS[runs[-1].exit_code]}."
    )
    for direction, heading in _HEADINGS:
        found = [each for each in rules if each.direction == direction and (direction != "same" or each.now.found)]
        if found:
            lines += ["", f"## {heading}", "", "| rule | severity | before | now |", "|---|---|---:|---:|"]
            lines += [
                f"| {plain(each.now.name.rule)} | {each.now.severity} | {_cell(each.before)} | {_cell(each.now.found)} |"
                for each in found
            ]
    silent = sum(each.now.found == 0 and each.direction == "same" for each in rules)
    if silent:
        lines += ["", f"{count_of(silent, 'rule')} found nothing, before and now."]
    return "\n".join(lines) + "\n"


def _cell(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"
