"""Showing the history of checks."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.errors import HistoryError, UsageError
from thywill_reconstruct.monitor import pages
from thywill_reconstruct.monitor.place import place_of
from thywill_reconstruct.monitor.store import open_store
from thywill_reconstruct.monitor.trend import last_days, monday, trend_of

FORMATS = ("text", "json", "markdown")
# How far back the weekly summary looks for what a rule was before: a database may be checked once a month.
SUMMARY_WEEKS = 26


@dataclass(frozen=True, slots=True)
class HistoryOptions:
    """What the operator asked for."""

    database: str
    store: Path | None
    weeks: int
    weekly: bool
    format: str
    all: bool
    timeout: int


def history(options: HistoryOptions) -> int:
    """Print the history; changes nothing.

    Raises:
        UsageError: Options contradict each other.
        HistoryError, DatabaseLockedError: There is no history, or it cannot be read.
    """
    wanted = options.format or ("markdown" if options.weekly else "text")
    if wanted not in FORMATS:
        raise UsageError(f"there is no format {wanted}", hint=f"Known are: {', '.join(FORMATS)}.")
    if options.weekly and wanted != "markdown":
        raise UsageError("the weekly summary is Markdown only", hint="Leave --weekly out for text or JSON.")
    place = place_of(parse_target(options.database), options.store)
    if not os.path.exists(place.store):
        raise HistoryError(
            f"there is no history {place.store}, or this user may not look into its folder",
            hint="`reconstruct monitor` begins one.",
        )
    now = datetime.now(UTC).replace(tzinfo=None)
    weeks = SUMMARY_WEEKS if wanted == "markdown" else options.weeks
    since = datetime.combine(monday(now.date()) - timedelta(weeks=weeks - 1), datetime.min.time())
    with open_store(place.store, options.timeout, readonly=True) as store:
        runs, known = store.runs(place.series, since), store.databases()
    if place.series not in known:
        others = f"It knows: {', '.join(known)}." if known else "`reconstruct monitor` begins one."
        raise HistoryError(f"the history {place.store} has no check of {place.series}", hint=others)
    if wanted == "markdown":
        sys.stdout.write(pages.weekly_summary(*last_days(runs, now), place.label, now))
        return 0
    trend = trend_of(runs, now, weeks)
    if wanted == "json":
        sys.stdout.write(pages.as_json(trend, place.label))
    elif trend is None:
        sys.stdout.write(f"No check in the last {weeks:,} weeks.\n")
    else:
        sys.stdout.write(pages.text(trend, place.label, everything=options.all, bars=_bars()))
    return 0


def _bars() -> str:
    """Return the bars that the encoding of the output has."""
    try:
        pages.BARS.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return pages.PLAIN_BARS
    return pages.BARS
