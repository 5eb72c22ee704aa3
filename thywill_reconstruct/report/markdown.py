"""A plan as Markdown, for a review in writing. Whatever a name holds, it stays a word in its cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import describe
from thywill_reconstruct.report.view import Section, View

# Everything that Markdown, its tables, or the HTML in it would act on; and what GitHub makes links of without brackets.
_SPECIAL = re.compile(
    r"[\\`*_{}\[\]()<>#+|~&@!$]|(?<=[wW]{3})\.|^[-.]|(?<=\d)\.(?=\s)"
    r"|:(?=//)|(?<=mailto):|(?<=xmpp):|:(?=[\w+-]+:)"
)
_SHOWN_SKIPPED = 20


def escape(text: str) -> str:
    """Return foreign text, already without control characters, so that Markdown shows it letter by letter."""
    return _SPECIAL.sub(lambda found: "\\" + found.group(), text)


def as_markdown(view: View) -> str:
    """Return a plan as one Markdown document: counts and deletions first, then every step, then what is left and why."""
    return "\n".join(_lines(view)).rstrip("\n") + "\n"


def _lines(view: View) -> Iterator[str]:
    plan = view.report.plan
    yield "# Repair plan"
    yield ""
    if view.redacted:
        yield "Names are replaced by pseudonyms: this is for reading and cannot be applied."
        yield ""
    rows, found, left = len(plan.operations), len(plan.repaired), len(plan.skipped)
    yield f"{rows:,} rows would be changed, for {found:,} findings; {left:,} findings are left."
    yield ""
    yield from _table(("what", "table", "rows"), ((s.what, s.table, f"{len(s.rows):,}") for s in view.sections))
    yield from _table(("risk", "meaning", "rows"), ((risk, text, f"{number:,}") for risk, text, number in view.risks))
    yield from _table(("plan", ""), view.facts)
    for section in view.sections:
        yield from _section(section)
    if view.skipped:
        yield "## Not repaired, and why"
        yield ""
        for group in view.skipped:
            yield f"### {group.code.code}: {escape(group.code.sentence)} ({len(group.findings):,})"
            yield ""
            if group.reason:
                yield escape(brief(group.reason))
                yield ""
            yield from (
                f"* {escape(describe(finding, changes=False))}" for finding in group.findings[:_SHOWN_SKIPPED]
            )
            if len(group.findings) > _SHOWN_SKIPPED:
                yield f"* and {len(group.findings) - _SHOWN_SKIPPED:,} more"
            yield ""
    if view.notes:
        yield "## Good to know"
        yield ""
        yield from (f"* {escape(note)}" for note in view.notes)


def _section(section: Section) -> Iterator[str]:
    yield f"## {escape(section.title)}"
    yield ""
    rows = (
        (
            str(row.number),
            row.key,
            "\n".join(f"{cell.column}: {_change(cell.before, cell.after)}" for cell in row.cells),
            row.risk,
            "\n".join(row.why),
        )
        for row in section.rows
    )
    yield from _table(("step", "row", "change", "risk", "why"), rows)


def _change(before: str, after: str) -> str:
    return f"{before} → {after}" if before and after else before or after


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a table; a line end inside a cell is ours, and becomes a break."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(escape(cell).replace("\n", "<br>") for cell in row) + " |"
    yield ""
