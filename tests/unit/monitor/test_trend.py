"""Weeks, bars and words."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import jsonschema

from thywill_reconstruct.checks.model import State
from thywill_reconstruct.findings.codes import Severity
from thywill_reconstruct.monitor import pages
from thywill_reconstruct.monitor.figures import Figure, RuleName, Run
from thywill_reconstruct.monitor.trend import last_days, trend_of

NOW = datetime(2026, 3, 4, 12)  # a Wednesday
SCHEMA = Path(pages.__file__).parent.parent / "report" / "schema" / "history.schema.json"


def run(days_ago: float, **found: int | None) -> Run:
    def figure(rule: str, number: int | None) -> Figure:
        severity: Severity = "critical" if rule == "grave" else "low"
        state: State = "could not check" if number is None else "failed" if number else "passed"
        return Figure(RuleName("p", rule), severity, state, number)

    figures = tuple(figure(*each) for each in found.items())
    return Run(NOW - timedelta(days=days_ago), 1, "low", "1", figures)


RUNS = [
    run(100, old=1),
    run(15, a=8, grave=1, quiet=0),
    run(14.5, a=4, grave=0, quiet=0),
    run(7, a=8, grave=0, quiet=0, blind=3),
    run(1, a=1, grave=0, quiet=0, blind=None),
    run(0, a=2, grave=2, quiet=0, blind=None),
    run(-1, a=99),
]


def test_the_last_figure_of_each_week_worst_rule_first() -> None:
    trend = trend_of(RUNS, NOW, 4)
    assert trend is not None
    assert trend.weeks == (date(2026, 2, 9), date(2026, 2, 16), date(2026, 2, 23), date(2026, 3, 2))
    assert trend.checks == (0, 2, 1, 2)
    assert trend.ahead == 1
    rules = {each.now.name.rule: each for each in trend.rules}
    assert list(rules) == ["grave", "a", "blind", "quiet"]
    assert [each and each.found for each in rules["a"].weekly] == [None, 4, 8, 2]
    assert {name: (each.before, each.direction) for name, each in rules.items()} == {
        "grave": (0, "new"),
        "a": (8, "better"),
        "blind": (3, "could not check"),
        "quiet": (0, "same"),
    }


def test_text_fits_60_columns_and_says_in_words_what_the_bars_show() -> None:
    trend = trend_of(RUNS, NOW, 4)
    assert trend is not None
    page = pages.text(trend, "x.db\x1b[31m")
    assert max(map(len, page.splitlines())) <= 60
    assert "  | ▅█▃|  better: 2, was 8\n" in page
    assert "  |  █?|  could not be checked\n" in page
    assert "1 rule found nothing in all these weeks" in page
    assert "1 check left out" in page
    assert "\x1b" not in page
    assert "quiet" in pages.text(trend, "x.db", everything=True)
    assert pages.text(trend, "x.db", bars=pages.PLAIN_BARS).isascii()


def test_what_was_found_between_two_weeks_ends_is_not_forgotten() -> None:
    trend = trend_of([run(8, a=0), run(2, a=7), run(1, a=0)], NOW, 4)
    assert trend is not None
    page = pages.text(trend, "x.db")
    assert "|  same: 0, up to 7 in between\n" in page
    assert "found nothing" not in page
    assert json.loads(pages.as_json(trend, "x.db"))["rules"][0]["most"] == 7


def test_bars_tell_nothing_from_little() -> None:
    weekly = [run(0, a=number).figures[0] for number in (0, 1, 1000)]
    assert pages.sparkline(weekly) == "▁▂█"


def test_json_is_what_its_schema_says() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for trend in (trend_of(RUNS, NOW), trend_of([], NOW)):
        jsonschema.validate(json.loads(pages.as_json(trend, "x.db")), schema)


def test_the_last_seven_days() -> None:
    page = pages.weekly_summary(*last_days(RUNS, NOW), "x_y.db", NOW)
    assert page.startswith("# Integrity, 2026-02-25 to 2026-03-04\n")
    assert "x\\_y.db" in page
    assert "## New\n\n| rule | severity | before | now |\n|---|---|---:|---:|\n| grave | critical | 0 | 2 |" in page
    assert "## Better\n\n| rule | severity | before | now |\n|---|---|---:|---:|\n| a | low | 8 | 2 |" in page
    assert "| blind | low | 3 | ? |" in page
    assert "1 rule found nothing" in page
    assert "2 checks; in 0 of them" in page


def test_no_check_in_seven_days_is_said() -> None:
    assert "There was no check in these days" in pages.weekly_summary(*last_days(RUNS[:2], NOW), "x", NOW)
    assert trend_of(RUNS[:1], NOW) is None
