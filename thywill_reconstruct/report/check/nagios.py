"""The results of a check as one line for Nagios, Icinga and their like, with figures behind the bar."""

from __future__ import annotations

from thywill_reconstruct.checks.model import CheckResults
from thywill_reconstruct.report.check.wording import VERDICTS, severity_counts, summary_of, unchecked
from thywill_reconstruct.report.safe import brief


def render(results: CheckResults) -> str:
    """Return the status line, and below it a line per rule that failed or could not run."""
    figures = [
        f"findings={results.total};;;0",
        *(f"{name}={number};;;0" for name, number in severity_counts(results)),
    ]
    figures.append(f"unchecked={len(unchecked(results))};;;0")
    reason = f" ({_bare(unchecked(results)[0].reason)})" if unchecked(results) else ""
    lines = [f"INTEGRITY {VERDICTS[results.exit_code]} - {_bare(summary_of(results))}{reason} | {' '.join(figures)}"]
    for each in results.results:
        if each.state == "failed":
            lines.append(_bare(f"{each.rule.severity} {each.rule.id}: {each.count} ({each.rule.title})"))
        elif each.state == "could not check":
            lines.append(_bare(f"UNKNOWN {each.rule.id}: {each.reason}"))
    return "\n".join(lines) + "\n"


def _bare(text: str) -> str:
    """Return text without the bar, which would begin the figures."""
    return brief(text).replace("|", "/")
