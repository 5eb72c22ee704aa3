"""Two names held against each other, as a terminal shows it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from thywill_reconstruct.report.dossier import Dossiers
from thywill_reconstruct.report.pairs import RUNGS, Pair, decision_sentence
from thywill_reconstruct.report.question_text import (
    HANG,
    print_comparison,
    print_evidence,
    print_letters,
    score_line,
)
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line


def print_pair(console: Console, pair: Pair, dossiers: Dossiers) -> None:
    """Print everything about a pair of names. Every name ends its line: texts written from right to left stay apart."""
    for label, name in (("first", pair.first), ("second", pair.second)):
        print_line(console, 0, Text.assemble(f"{label:<{HANG}}", (brief(name), "bold")), hang=HANG)
    _heading(console, "What is done with them")
    _lines(console, "", [pair.outcome])
    _lines(console, "why", pair.why)
    _lines(console, "decided", [decision_sentence(decision) for decision in pair.decisions] or ["nothing"])
    _heading(console, "How alike they are")
    print_line(console, 2, score_line(pair.score), hang=HANG)
    shown: tuple[str, str] | None = None
    for step in pair.steps:
        verdict = ("the same", "bold green") if step.meet else ("not the same", "")
        print_line(console, 2, Text.assemble(f"{RUNGS[step.rung]}: ", verdict))
        if (step.first, step.second) != shown:  # most rungs leave most names as they are
            shown = step.first, step.second
            for form in shown:
                print_line(console, 4, Text(brief(form) if form else "(none: joins nothing)"), hang=2)
    print_letters(console, (pair.first, pair.second), ("the first", "the second"), pair.letters)
    _heading(console, "What else is known")
    print_comparison(console, dossiers, (("first", pair.one), ("second", pair.other)))
    print_evidence(console, pair.speaks_for, pair.speaks_against)


def _heading(console: Console, text: str) -> None:
    print_line(console, 0, Text(f"\n{text}", style="bold"))


def _lines(console: Console, label: str, sentences: Sequence[str]) -> None:
    for number, sentence in enumerate(sentences):
        title = f"{label if number == 0 else '':<{HANG}}" if label else ""
        print_line(console, 2, Text(f"{title}{brief(sentence)}"), hang=HANG)
