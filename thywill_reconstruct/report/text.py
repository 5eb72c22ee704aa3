"""The report for a terminal: counts first, then what would be done, then what would not and why, then what to do next."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from thywill_reconstruct.database.schema import TABLES
from thywill_reconstruct.findings.codes import FAMILIES
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.report.model import Group, Report, Subject
from thywill_reconstruct.report.safe import brief, safe, shown_key

EXAMPLES = 2
PLACES = 2
NARROWEST = 20
_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
# What tables are called in a sentence: one row, several rows.
_ROWS = {
    "user": ("user", "users"),
    "prayer": ("prayer", "prayers"),
    "prayermark": ("prayer mark", "prayer marks"),
    "prayer_attributes": ("attribute", "attributes"),
    "prayer_activity_log": ("activity log row", "activity log rows"),
    "invitetoken": ("invite token", "invite tokens"),
    "sqlite_master": ("part of the schema", "parts of the schema"),
    "prayerskip": ("skipped prayer", "skipped prayers"),
    "notification_state": ("notification", "notifications"),
    "invite_token_usage": ("use of a token", "uses of tokens"),
    "authauditlog": ("audit log row", "audit log rows"),
    "securitylog": ("security log row", "security log rows"),
    "membership_application": ("application", "applications"),
    "user_roles": ("role of a user", "roles of users"),
    "authenticationrequest": ("login request", "login requests"),
    "authapproval": ("login approval", "login approvals"),
}
_FURTHER = ("skip", "notification", "usage", "audit", "security", "application", "grant", "request", "approval")
_ENTITIES = {"log": "activity log row", "token": "invite token", "other": "row"} | {
    entity: _ROWS[TABLES[entity]][0] for entity in _FURTHER
}
_VERBS = {
    "delete": ("row deleted", "rows deleted"),
    "insert": ("row recreated", "rows recreated"),
    "update": ("row corrected", "rows corrected"),
}
_TENSE = {"dry-run": "Would be repaired", "execute": "To be repaired"}


def print_report(console: Console, report: Report, *, quiet: bool = False) -> None:
    """Print a report. ``quiet`` leaves out examples and evidence."""
    _subject(console, report.subject)
    if not report.pending:
        print_line(console, 0, Text("\nNothing to repair.", style="bold green"))
    else:
        _counts(console, report)
        _schema_steps(console, report)
        family = ""
        for group in report.repaired:
            if group.code.family != family:
                family = group.code.family
                print_line(console, 0, Text(f"\n{FAMILIES[family].capitalize()}", style="bold"))
            _group(console, group, quiet=quiet)
    if report.skipped:
        total = sum(len(group.findings) for group in report.skipped)
        print_line(console, 0, Text(f"\nNot repaired: {_count(total, 'finding', 'findings')}, and why", style="bold"))
        for group in report.skipped:
            _group(console, group, quiet=quiet)
    if report.plan.notes and not quiet:
        print_line(console, 0, Text("\nGood to know", style="bold"))
        for note in report.plan.notes:
            print_line(console, 2, Text(brief(note)), hang=2)
    if report.next_step:
        console.print()
        for line in report.next_step.split("\n"):
            if line.startswith(" "):
                console.print(Text(line), soft_wrap=True)  # a command to copy stays one line
            else:
                print_line(console, 0, Text(line))


def print_line(console: Console, indent: int, text: Text, *, hang: int = 0) -> None:
    """Print one line, wrapped; what does not fit continues ``hang`` columns further in than it began.

    Words longer than a line are broken: nothing runs off.
    """
    for whole in text.split("\n", allow_blank=True):
        first, *rest = whole.wrap(console, max(console.width - indent, NARROWEST), overflow="fold") or [Text()]
        if rest and hang:
            left = whole[len(first) :]
            left = left[len(left.plain) - len(left.plain.lstrip(" ")) :]
            rest = list(left.wrap(console, max(console.width - indent - hang, NARROWEST), overflow="fold"))
        for number, part in enumerate([first, *rest]):
            part.rstrip()
            console.print(Text(" " * (indent + hang * bool(number))) + part, soft_wrap=True)


def _count(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


def _subject(console: Console, subject: Subject) -> None:
    rows = ", ".join(_count(count, name.removesuffix("s"), name) for name, count in subject.rows)
    print_line(console, 0, Text(f"Database  {brief(subject.database)}: {rows} (schema {subject.era})"), hang=10)
    share = 100 * subject.understood / subject.lines if subject.lines else 100.0
    share = min(share, 99.99) if subject.understood < subject.lines else share
    prayers = _count(subject.archive_prayers, "prayer", "prayers")
    files = _count(subject.archive_files, "file", "files")
    understood = f"{share:.4g} % of {_count(subject.lines, 'line', 'lines')} understood"
    print_line(console, 0, Text(f"Archives  {brief(subject.archives)}: {prayers} in {files}, {understood}"), hang=10)


def _counts(console: Console, report: Report) -> None:
    found = sum(len(group.findings) for group in report.repaired)
    verb = _TENSE.get(report.mode, "Repaired")
    total = f"{_count(found, 'finding', 'findings')}, {_count(report.pending, 'row', 'rows')}"
    print_line(console, 0, Text(f"\n{verb}: {total}", style="bold"))
    for action, count in report.changes:
        if count:
            tables = ", ".join(rows_words(n, table) for table, act, n in report.tables if act == action)
            style = "bold red" if action == "delete" else ""
            print_line(console, 2, Text(f"{count:>7,}  {_VERBS[action][count > 1]}: {tables}", style=style), hang=9)


def _schema_steps(console: Console, report: Report) -> None:
    """Print every statement that would change the schema: whoever agrees to a plan must have seen them, even in short."""
    for operation in report.plan.operations:
        if operation.changes_schema:
            statement = dict(operation.after or operation.before).get("sql")
            verb = {"insert": "created", "delete": "dropped", "update": "changed"}[operation.action]
            shown = f"{verb}: {brief(str(operation.key))}: {safe(' '.join(str(statement).split()))}"
            print_line(console, 9, Text(shown), hang=4)


def rows_words(number: int, table: str) -> str:
    """Return a number of rows of a table in words: ``12 prayer marks``."""
    return _count(number, *_ROWS.get(table, (f"{table} row", f"{table} rows")))


def _group(console: Console, group: Group, *, quiet: bool) -> None:
    code = group.code
    head = Text.assemble(
        (f"{len(group.findings):>7,}", "bold"),
        "  ",
        (code.code, _STYLE[code.severity]),
        f"  {code.sentence}",
    )
    print_line(console, 2, head, hang=16)
    if group.reason:
        print_line(console, 11, Text(brief(group.reason), style="italic"))
    if quiet:
        return
    for finding in group.findings[:EXAMPLES]:
        said = describe(finding, changes=not group.reason)
        print_line(console, 11, Text(f"e.g. {said}"), hang=5)
        places = ", ".join(brief(place) for place in finding.evidence[:PLACES])
        if places and finding.entity != "archive":
            more = len(finding.evidence) - PLACES
            print_line(console, 16, Text(places + (f" and {more} more" if more > 0 else ""), style="dim"))


def describe(finding: Finding, *, changes: bool = True) -> str:
    """Return one finding in one line: the row, what it says now, and what it will say, or only what archives say."""
    if finding.entity == "archive":
        if finding.expected:
            return f"{brief(finding.key)}; could be {brief(finding.expected)}"
        said = finding.actual if finding.actual and not finding.key.endswith(finding.actual) else ""
        return f"{brief(finding.key)}: {brief(said)}" if said else brief(finding.key)
    key = str(shown_key(TABLES.get(finding.entity, ""), finding.key))
    subject = f"{_ENTITIES.get(finding.entity, finding.entity)} {brief(key)}"
    if finding.expected and finding.actual:
        arrow = " → " if changes else "; the archives say: "
        return f"{subject}: {_visible(finding.actual)}{arrow}{_visible(finding.expected)}"
    said = finding.expected or finding.actual
    return f"{subject}: {_visible(said)}" if said else subject


def _visible(text: str) -> str:
    """Return text in quotation marks where a space at its ends would be overlooked."""
    return f"'{brief(text)}'" if text != text.strip() else brief(text)
