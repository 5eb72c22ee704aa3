"""What a check found and when it was made, in Prometheus' text format, for a textfile collector."""

from __future__ import annotations

from datetime import UTC, datetime

from thywill_reconstruct.checks.model import CheckResults
from thywill_reconstruct.report.check.prometheus import gauges, render


def render_metrics(results: CheckResults, last_run: datetime, last_success: datetime | None) -> str:
    """Return the metrics of a check.

    Args:
        results: The check.
        last_run: When it was made, UTC without a zone.
        last_success: When everything could be checked for the last time; ``None`` if never, and then the gauge is 0, so
            that an alert on its age fires.
    """
    base = {"database": results.database}
    return render(results) + gauges(
        [
            ("last_run_timestamp_seconds", "When the last check was made.", [(base, _seconds(last_run))]),
            (
                "last_success_timestamp_seconds",
                "When everything could be checked for the last time; 0 is never.",
                [(base, _seconds(last_success) if last_success else 0)],
            ),
        ]
    )


def _seconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp())
