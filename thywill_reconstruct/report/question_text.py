"""A question about a name as a terminal shows it: both names, the score, what is known of both side by side."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from thywill_reconstruct.identity.score import PairScore
from thywill_reconstruct.report.dossier import Dossier, Dossiers, facts
from thywill_reconstruct.report.letters import Difference, code_points, hidden_differences, strange, undrawn
from thywill_reconstruct.report.questions import Candidate, Question
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line

HANG = 12
# A column that is narrower tears every word apart.
NARROWEST_COLUMN = 20


def print_question(console: Console, question: Question, dossiers: Dossiers, *, head: str, focus: int) -> None:
    """Print a question with the candidate in focus beside the name.

    Args:
        console: Where to.
        question: The question.
        dossiers: What is known.
        head: A line above it: how far one is.
        focus: The number of the candidate to compare with, from 0; any if there are none.
    """
    print_line(console, 0, Text(head, style="bold"))
    print_line(console, 2, Text.assemble(f"{'name':<{HANG}}", (brief(question.name), "bold")), hang=HANG)
    for note in question.notes:
        print_line(console, 2, Text(f"{'open':<{HANG}}{brief(note)}"), hang=HANG)
    if not question.candidates:
        print_line(console, 2, Text(f"{'candidates':<{HANG}}none"))
        print_comparison(console, dossiers, (("name", question.dossier),))
    for number, candidate in enumerate(question.candidates):
        print_candidate(console, f"{number + 1}{' <' if number == focus else ''}", candidate)
    if question.candidates:
        console.print()
        print_pair(console, question, question.candidates[focus], dossiers, f"candidate {focus + 1}")


def print_who(console: Console, question: Question, focus: int) -> None:
    """Print once more whom an answer is about: in a low terminal the top of a long question has scrolled away.

    One name a line: two that are written from right to left would change places on one.
    """
    named = [("name", question.name)]
    named += [(f"candidate {focus + 1}", candidate.name) for candidate in question.candidates[focus : focus + 1]]
    console.print()
    for label, name in named:
        print_line(console, 0, Text.assemble(f"{label:<{HANG + 2}}", (brief(name), "bold")), hang=HANG + 2)


def print_candidate(console: Console, label: str, candidate: Candidate) -> None:
    """Print a candidate: name, user and score."""
    who = f"user {candidate.key}" if candidate.key else "no user, the archives name them"
    print_line(console, 2, Text.assemble(f"{label:<{HANG}}", (brief(candidate.name), "bold")), hang=HANG)
    print_line(console, 2 + HANG, Text.assemble(f"{brief(who)}, ", score_line(candidate.score)))
    if odd := strange(candidate.name):
        print_line(console, 2 + HANG, Text(f"holds {', '.join(map(code_points, odd))}", style="bold red"))


def score_line(score: PairScore) -> Text:
    """Return a score with its parts: ``score 83.3 of 100: slip 91.3, number missing -8``."""
    parts = ", ".join(f"{name} {amount:g}" for name, amount in score.parts)
    return Text.assemble("score ", (f"{score.score:g}", "bold"), f" of 100: {parts}")


def print_pair(console: Console, question: Question, candidate: Candidate, dossiers: Dossiers, title: str) -> None:
    """Print what is known of a name and of a candidate side by side, and what speaks for and against."""
    print_comparison(console, dossiers, (("name", question.dossier), (title, candidate.dossier)))
    names, titles = (question.name, candidate.name), ("the name", title)
    print_letters(console, names, titles, hidden_differences(*names))
    print_evidence(console, candidate.speaks_for, candidate.speaks_against)


def print_letters(
    console: Console, names: tuple[str, str], titles: tuple[str, str], found: Iterable[Difference]
) -> None:
    """Print where two names differ, character by character, and what in them nobody can see."""
    for difference in found:
        said = "; ".join(f"{title} has {code_points(text)}" for title, text in zip(titles, difference, strict=True))
        print_line(console, 2, Text(f"{'letters':<{HANG}}{said}", style="bold red"), hang=HANG)
    for name, title in zip(names, titles, strict=True):
        if hidden := undrawn(name):
            said = f"{title} holds {', '.join(map(code_points, dict.fromkeys(hidden)))}"
            print_line(console, 2, Text(f"{'unseen':<{HANG}}{said}", style="bold red"), hang=HANG)


def print_evidence(console: Console, speaks_for: Iterable[str], speaks_against: Iterable[str]) -> None:
    """Print what speaks for and against two being one."""
    for label, sentences, style in (("for", speaks_for, "bold green"), ("against", speaks_against, "bold red")):
        for sentence in sentences:
            text = Text.assemble((f"{label:<{HANG}}", style), brief(sentence))
            print_line(console, 2, text, hang=HANG)


def print_comparison(console: Console, dossiers: Dossiers, sides: tuple[tuple[str, Dossier], ...]) -> None:
    """Print what is known of one or two, side by side where that is safe and there is room for it.

    Two texts that are written from right to left change places on many terminals if they stand on one line, so that one's
    evidence would be read as the other's: then, and where columns would be too narrow, they stand below each other.
    """
    told = [dict(facts(side, dossiers)) for _, side in sides]
    rows = [(label, [[*map(brief, side[label])] or ["-"] for side in told]) for label in told[0]]
    rows = [(label, cells) for label, cells in rows if cells != [["-"]] * len(sides)]
    width = (console.width - HANG - 2) // len(sides)
    if width < NARROWEST_COLUMN or any(_turns(value) for _, cells in rows for cell in cells for value in cell):
        for label, cells in rows:
            for (title, _), cell in zip(sides, cells, strict=True):
                for value in cell:
                    print_line(console, 2, Text(f"{label:<{HANG}}{title}: {value}"), hang=HANG)
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=HANG - 2)
    for _ in sides:
        table.add_column(overflow="fold", width=width - 2)
    if len(sides) > 1:
        table.add_row("", *(Text(title, style="bold") for title, _ in sides))
    for label, cells in rows:
        table.add_row(Text(label), *(Text("\n".join(cell)) for cell in cells))
    console.print(Padding(table, (0, 0, 0, 2)))


def _turns(text: str) -> bool:
    """Return whether a text holds letters that are written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)
