"""``reconstruct review``: ask a person who the names are that could not be resolved."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.text import Text

from thywill_reconstruct.cli.console import Bars, make_console
from thywill_reconstruct.cli.decisions_file import DecisionsFile
from thywill_reconstruct.cli.sitting import Sitting, login_name
from thywill_reconstruct.report.dossier import Dossiers
from thywill_reconstruct.report.question_list import questions_as_json, questions_as_toml
from thywill_reconstruct.report.questions import open_questions
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line
from thywill_reconstruct.workflow import inspect


def review(
    database: Path,
    archives: Sequence[Path],
    decisions_file: Path,
    *,
    by: str,
    as_json: bool,
    no_color: bool,
    force: bool,
    timeout_s: float,
) -> int:
    """Ask at a terminal, or print what there is to decide, and return the exit code. Writes the decisions file alone.

    Raises:
        ReconstructError: See ``workflow.inspect``; ``DecisionsError`` if the decisions file cannot be used.
    """
    file = DecisionsFile(decisions_file)
    with Bars(quiet=as_json) as bars:
        inspection = inspect(
            database, archives, decisions=decisions_file, force=force, progress=bars, timeout_s=timeout_s
        )
    decisions = inspection.decisions
    dossiers = Dossiers(inspection.archive, inspection.snapshot, inspection.analysis)
    questions = open_questions(dossiers, inspection.analysis.findings, decisions)
    signature = by or login_name() or "your name"
    if as_json:
        print(questions_as_json(questions, dossiers, str(decisions_file), signature, date.today()))
        return 0
    console = make_console(no_color=no_color)
    if not questions:
        known = len(decisions.entries)
        told = f" {decisions_file} holds {known:,} decision{'' if known == 1 else 's'}." if known else ""
        print_line(console, 0, Text(brief(f"No name is left to decide about.{told}")))
        return 0
    if sys.stdin.isatty() and sys.stdout.isatty():
        return Sitting(console, questions, dossiers, file, by).run()
    print(questions_as_toml(questions, str(decisions_file), signature, date.today()), end="")
    return 0
