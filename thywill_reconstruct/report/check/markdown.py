"""The results of a check as Markdown, for a ticket or a weekly summary."""

from __future__ import annotations

import re

from thywill_reconstruct.checks.model import CheckResults
from thywill_reconstruct.report.check.wording import VERDICTS, count_of, message_of, subject_of, summary_of
from thywill_reconstruct.report.safe import brief

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~])")


def render(results: CheckResults) -> str:
    """Return the results as a Markdown document; nothing in the data can act as markup."""
    lines = [
        f"# Integrity check: {VERDICTS[results.exit_code]}",
        "",
        f"Database: {plain(results.database)}",
        "",
        f"{plain(summary_of(results))}.",
        "",
        "| rule | severity | state | findings |",
        "|---|---|---|---:|",
    ]
    lines += [
        f"| {plain(each.rule.id)} | {each.rule.severity} | {each.state} | {each.count:,} |"
        for each in results.results
    ]
    for each in results.results:
        if each.state == "passed":
            continue
        lines += [
            "",
            f"## {plain(each.rule.title)}",
            "",
            f"{plain(each.rule.id)}, {each.rule.severity}. {plain(each.rule.why)}",
            "",
        ]
        if each.state == "could not check":
            lines.append(f"Could not be checked: {plain(each.reason)}.")
        lines += [f"- {plain(subject_of(offence))}: {plain(message_of(offence))}" for offence in each.offences]
        left = each.count - len(each.offences)
        lines += [f"- and {count_of(left, 'more', 'more')}"] if left > 0 else []
    if results.notes:
        lines += ["", "## Notes", "", *(f"- {plain(note)}" for note in results.notes)]
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", brief(text))
