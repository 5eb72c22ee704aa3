"""The report for a terminal: counts first, then what would be done, then what would not and why, then what to do next."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from thywill_reconstruct.findings.codes import FAMILIES
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.report.model import Group, Report, Subject
from thywill_reconstruct.report.safe import safe, shown_key

EXAMPLES = 2
PLACES = 2
_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
_VERBS = {"delete": "rows deleted", "insert": "rows recreated", "update": "rows corrected"}
_TENSE = {"dry-run": "Would be repaired", "execute": "To be repaired"}


def print_report(console: Console, report: Report, *, quiet: bool = False) -> None:
    """Print a report. ``quiet`` leaves out examples and evidence."""
    _subject(console, report.subject)
    if not report.pending:
        _line(console, 0, Text("Nothing to repair.", style="bold green"))
    else:
        _counts(console, report)
        family = ""
        for group in report.repaired:
            if group.code.family != family:
                family = group.code.family
                _line(console, 0, Text(f"\n{FAMILIES[family].capitalize()}", style="bold"))
            _group(console, group, quiet=quiet)
    if report.skipped:
        total = sum(len(group.findings) for group in report.skipped)
        _line(console, 0, Text(f"\nNot repaired: {total:,} findings, and why", style="bold"))
        for group in report.skipped:
            _group(console, group, quiet=quiet)
    if report.plan.notes and not quiet:
        _line(console, 0, Text("\nGood to know", style="bold"))
        for note in report.plan.notes:
            _line(console, 2, Text(safe(note)))
    if report.next_step:
        _line(console, 0, Text(f"\n{report.next_step}"))


def _line(console: Console, indent: int, text: Text) -> None:
    """Print one line, wrapped with its indent kept; words longer than the line are broken, nothing runs off."""
    for part in text.wrap(console, max(console.width - indent, 20), overflow="fold"):
        part.rstrip()
        console.print(Text(" " * indent) + part, soft_wrap=True)


def _subject(console: Console, subject: Subject) -> None:
    rows = ", ".join(f"{count:,} {name}" for name, count in subject.rows)
    _line(console, 0, Text(f"Database  {safe(subject.database)} (era {subject.era}: {rows})"))
    share = 100 * subject.understood / subject.lines if subject.lines else 100.0
    share = min(share, 99.99) if subject.understood < subject.lines else share
    understood = f"{subject.lines:,} lines, {share:.4g} % understood"
    files = f"{subject.archive_files:,} files, {subject.archive_prayers:,} prayers, {understood}"
    _line(console, 0, Text(f"Archives  {safe(subject.archives)} ({files})"))


def _counts(console: Console, report: Report) -> None:
    found = sum(len(group.findings) for group in report.repaired)
    verb = _TENSE.get(report.mode, "Repaired")
    _line(console, 0, Text(f"\n{verb}: {found:,} findings, {report.pending:,} rows", style="bold"))
    for action, count in report.changes:
        if count:
            tables = ", ".join(f"{n:,} {table}" for table, act, n in report.tables if act == action)
            style = "bold red" if action == "delete" else ""
            _line(console, 2, Text(f"{count:>7,}  {_VERBS[action]}: {tables}", style=style))


def _group(console: Console, group: Group, *, quiet: bool) -> None:
    code = group.code
    head = Text.assemble(
        (f"{len(group.findings):>7,}", "bold"),
        "  ",
        (code.code, _STYLE[code.severity]),
        f"  {code.sentence}",
    )
    _line(console, 2, head)
    if group.reason:
        _line(console, 11, Text(safe(group.reason), style="italic"))
    if quiet:
        return
    for finding in group.findings[:EXAMPLES]:
        _line(console, 11, Text(f"e.g. {describe(finding)}"))
        places = ", ".join(safe(place) for place in finding.evidence[:PLACES])
        if places and finding.entity != "archive":
            more = len(finding.evidence) - PLACES
            _line(console, 16, Text(places + (f" and {more} more" if more > 0 else ""), style="dim"))


def describe(finding: Finding) -> str:
    """Return one finding in one sentence: the row, what it says now, what it should say."""
    if finding.entity == "archive":
        return safe(finding.key)
    key = str(shown_key("invitetoken" if finding.entity == "token" else "", finding.key))
    subject = f"{finding.entity} {safe(key)}"
    if finding.expected and finding.actual:
        return f"{subject}: {safe(finding.actual)} → {safe(finding.expected)}"
    return f"{subject}: {safe(finding.expected or finding.actual)}" if finding.expected or finding.actual else subject
