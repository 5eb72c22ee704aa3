"""The results of a check for a terminal: worst first, a number for every rule."""

from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text

from thywill_reconstruct.checks.model import CheckResults, RuleResult
from thywill_reconstruct.report.check.wording import count_of, message_of, subject_of, summary_of
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line

_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}
_PLACES = 3


def render(results: CheckResults) -> str:
    """Return the report as plain text."""
    page = io.StringIO()
    print_results(Console(file=page, width=100, no_color=True, markup=False, highlight=False, emoji=False), results)
    return page.getvalue()


def print_results(console: Console, results: CheckResults, *, quiet: bool = False) -> None:
    """Print the results; ``quiet`` leaves out rows and rules that passed."""
    print_line(console, 0, Text(f"Checked  {brief(results.database)}"), hang=9)
    style = {0: "bold green", 1: "bold yellow"}.get(results.exit_code, "bold red")
    print_line(console, 0, Text(f"\n{summary_of(results)[:1].upper()}{summary_of(results)[1:]}.", style=style))
    for state, title in (("failed", ""), ("could not check", "Could not be checked"), ("passed", "Passed")):
        group = [each for each in results.results if each.state == state]
        if group and title and not (quiet and state == "passed"):
            print_line(console, 0, Text(f"\n{title}: {count_of(len(group), 'rule')}", style="bold"))
        elif group and not title:
            console.print()
        alike = state == "could not check" and len(group) > 1 and len({each.reason for each in group}) == 1
        if alike:
            print_line(console, 2, Text(brief(group[0].reason)))
        for each in group:
            if state == "failed":
                _failed(console, each, quiet=quiet)
            elif state == "could not check" and not alike:
                print_line(console, 2, Text.assemble(each.rule.id, f"  {brief(each.reason)}"), hang=4)
            elif not quiet:
                print_line(console, 2, Text(f"{0:>7,}  {each.rule.id}{_excused(each)}", style="dim"), hang=9)
    if results.not_applicable and not quiet:
        print_line(console, 0, Text("\nDo not concern this database", style="bold"))
        for rule, reason in results.not_applicable:
            print_line(console, 2, Text(f"{rule}: {brief(reason)}", style="dim"), hang=4)
    _facts(console, results, quiet=quiet)
    for note in results.notes:
        print_line(console, 0, Text(f"\n{brief(note)}"))


def _failed(console: Console, result: RuleResult, *, quiet: bool) -> None:
    rule = result.rule
    head = Text.assemble(
        (f"{result.count:>7,}", "bold"),
        "  ",
        (rule.severity, _STYLE[rule.severity]),
        f"  {brief(rule.title)}  ({brief(rule.id)})",
        _excused(result),
    )
    print_line(console, 2, head, hang=9)
    if quiet:
        return
    print_line(console, 11, Text(brief(rule.why), style="italic"))
    for offence in result.offences:
        print_line(console, 11, Text(f"{subject_of(offence)}: {message_of(offence)}"), hang=2)
        for place in offence.places[:_PLACES]:
            print_line(console, 13, Text(brief(place), style="dim"))
    left = result.count - len(result.offences)
    if left > 0:
        print_line(console, 11, Text(f"and {left:,} more (--all shows them)", style="dim"))
    if rule.repair is not None:
        print_line(console, 11, Text(f"can be repaired: reconstruct repair {rule.id}", style="dim"), hang=2)


def _excused(result: RuleResult) -> str:
    parts = [
        f"{number:,} {word}"
        for number, word in ((result.accepted, "accepted"), (result.silenced, "silenced"))
        if number
    ]
    return f"  [{', '.join(parts)}]" if parts else ""


def _facts(console: Console, results: CheckResults, *, quiet: bool) -> None:
    told = [] if quiet else sorted((each for each in results.results if each.facts), key=lambda each: each.rule.id)
    for each in told:
        print_line(console, 0, Text(f"\n{each.rule.id}", style="bold"))
        for fact in each.facts:
            print_line(console, 2, Text(brief(fact)), hang=2)
