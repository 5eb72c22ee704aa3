"""``explain NAME`` and ``explain --pair``: who somebody is and how we know, and how two names stand to each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from thywill_reconstruct.cli.console import make_console
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.findings.codes import CODES
from thywill_reconstruct.report.dossier import Dossiers, facts
from thywill_reconstruct.report.pair_text import print_pair
from thywill_reconstruct.report.pairs import compare_pair, decision_sentence, is_known, pair_fields
from thywill_reconstruct.report.person import (
    JOINED_BY,
    VERDICTS,
    Portrait,
    find_people,
    portrait_fields,
    portray,
    user_sentence,
)
from thywill_reconstruct.report.question_text import print_candidate, print_evidence
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line
from thywill_reconstruct.workflow import Inspection, inspect

HANG = 15
_HINT = "Write it as the archives do, in quotation marks if it has spaces."


def look(
    database: Path, archives: Sequence[Path], decisions_file: Path, *, force: bool, timeout_s: float
) -> tuple[Inspection, Dossiers]:
    """Compare archives and database, with the decisions in force.

    Raises:
        ReconstructError: See ``workflow.inspect``; ``DecisionsError`` if the decisions file cannot be used.
    """
    inspection = inspect(database, archives, decisions=decisions_file, force=force, timeout_s=timeout_s)
    return inspection, Dossiers(inspection.archive, inspection.snapshot, inspection.analysis)


def explain_name(
    name: str,
    database: Path,
    archives: Sequence[Path],
    decisions_file: Path,
    *,
    as_json: bool,
    no_color: bool,
    force: bool,
    timeout_s: float,
) -> None:
    """Print who a name is, with every piece of evidence.

    Raises:
        UsageError: No archive and no user bears the name, not even in another spelling.
    """
    inspection, dossiers = look(database, archives, decisions_file, force=force, timeout_s=timeout_s)
    findings, decisions = inspection.analysis.findings, inspection.decisions
    portraits = [portray(dossiers, findings, person, decisions) for person in find_people(dossiers, name)]
    if not portraits:
        raise UsageError(f"no archive and no user bears the name {name!r}", hint=_HINT)
    if as_json:
        print(json.dumps([portrait_fields(p, dossiers) for p in portraits], ensure_ascii=True, sort_keys=True))
        return
    console = make_console(no_color=no_color)
    for number, portrait in enumerate(portraits):
        if number:
            console.print()
        _print_portrait(console, portrait, dossiers)


def explain_pair(
    names: tuple[str, str],
    database: Path,
    archives: Sequence[Path],
    decisions_file: Path,
    *,
    as_json: bool,
    no_color: bool,
    force: bool,
    timeout_s: float,
) -> None:
    """Print how two names, or users, stand to each other. A name that nobody bears is compared all the same.

    Raises:
        UsageError: Neither name is known.
    """
    inspection, dossiers = look(database, archives, decisions_file, force=force, timeout_s=timeout_s)
    if not any(is_known(dossiers, name) for name in names):
        raise UsageError(f"no archive and no user bears the name {names[0]!r} or {names[1]!r}", hint=_HINT)
    pair = compare_pair(dossiers, *names, inspection.decisions)
    if as_json:
        print(json.dumps(pair_fields(pair, dossiers), ensure_ascii=True, sort_keys=True))
    else:
        print_pair(make_console(no_color=no_color), pair, dossiers)


def _print_portrait(console: Console, portrait: Portrait, dossiers: Dossiers) -> None:
    person = portrait.person
    print_line(console, 0, Text.assemble((brief(person.name), "bold"), f"\n{VERDICTS[person.verdict]}"))
    _lines(console, "user", [user_sentence(dossiers, person.key)] if person.key else [])
    _lines(console, "spellings", [f"{text!r} ({JOINED_BY[rung]})" for text, rung in person.spellings])
    _lines(console, "why", person.notes)
    _lines(console, "decided", [decision_sentence(decision) for decision in portrait.decisions])
    _lines(console, "doubled rows", [user_sentence(dossiers, key) for key in person.twins])
    _lines(console, "former ids", person.former)
    for label, values in facts(portrait.dossier, dossiers):
        if label != "user":
            _lines(console, label, values or (["no registration line"] if label == "registered" else []))
    _lines(console, "findings", [f"{count} x {code} {CODES[code].name}" for code, count in portrait.findings])
    if portrait.candidates:
        print_line(console, 2, Text("May be", style="bold"))
    for number, candidate in enumerate(portrait.candidates):
        print_candidate(console, f"{number + 1}", candidate)
        print_evidence(console, candidate.speaks_for, candidate.speaks_against)
    if portrait.runner_up:
        print_line(console, 2, Text("Most alike of all others", style="bold"))
        print_candidate(console, "", portrait.runner_up)
        print_evidence(console, portrait.runner_up.speaks_for, portrait.runner_up.speaks_against)


def _lines(console: Console, label: str, values: Sequence[str]) -> None:
    for position, value in enumerate(values):
        title = label if position == 0 else ""
        print_line(console, 2, Text(f"{title:<{HANG}}{brief(value)}"), hang=HANG)
