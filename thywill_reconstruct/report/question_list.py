"""All questions about names at once: as a file to finish with an editor, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from thywill_reconstruct.identity.decision_text import render_decision
from thywill_reconstruct.identity.decisions import Decision, Kind
from thywill_reconstruct.report.dossier import Dossiers, known
from thywill_reconstruct.report.letters import code_points, hidden_differences, strange
from thywill_reconstruct.report.pairs import score_fields
from thywill_reconstruct.report.questions import Candidate, Question, different, of_a_time, same
from thywill_reconstruct.report.safe import brief

SCHEMA_VERSION = 1
# What may be said of a name, whoever the candidates are, and in words.
NATURES: tuple[tuple[Kind, str], ...] = (
    ("new", "a person of its own"),
    ("placeholder", "stands for nobody"),
    ("ignore", "a person who was deleted on purpose, never to be recreated"),
)


def possible_answers(question: Question, signed: Decision) -> Iterator[tuple[str, Decision]]:
    """Yield (what it means, the decision) of every answer that can be given. ``signed`` gives who, when and why."""
    if question.of_a_time:
        yield from _answers_of_a_time(question, signed)
        return
    for number, candidate in enumerate(question.candidates, 1):
        yield f"the same person as candidate {number}", same(question, candidate, signed)
    for number, candidate in enumerate(question.candidates, 1):
        if candidate.name != question.name:
            yield f"somebody else than candidate {number}", different(question, candidate, signed)
    for kind, words in NATURES:
        yield words, signed._replace(kind=kind, names=(question.name,))


def _answers_of_a_time(question: Question, signed: Decision) -> Iterator[tuple[str, Decision]]:
    """Yield whose a name may have been in the time that is open: a user's of today, or that of an id whose row is gone."""
    for name, key in dict.fromkeys((candidate.name, candidate.key) for candidate in question.candidates):
        yield f"the same person as the user of today who is called {brief(name)}", of_a_time(question, key, signed)
    for key, _ in question.dossier.points_at_nobody:
        yield f"another person, whose id was {key} (nothing of theirs moves)", of_a_time(question, key, signed)


def questions_as_toml(questions: Sequence[Question], file: str, by: str, on: date) -> str:
    """Return every question with every answer as a commented block of the decisions file.

    All is comment, so that the whole can be pasted and decides nothing until somebody takes the ``#`` away from one answer.
    """
    rows = [
        f"{len(questions):,} names could not be resolved. At a terminal, reconstruct review asks about one after the other.",
        f"Without: append this to {brief(file)} and, for each name you are sure of, remove the",
        "'# ' before the lines of one answer. What you leave as it is decides nothing.",
    ]
    for number, question in enumerate(questions, 1):
        rows += [
            "",
            "-" * 76,
            f"{number} of {len(questions)}. Who is this? {waiting(question)}",
            "",
            f"name {brief(question.name)}",
        ]
        rows += [f"open because {brief(note)}" for note in question.notes]
        for place, candidate in enumerate(question.candidates, 1):
            rows += ["", *_candidate_rows(question, candidate, place)]
        for meaning, decision in possible_answers(question, Decision("new", (question.name,), "", by, on)):
            rows += ["", f"Answer: {meaning}", *_block(decision)]
    return "".join(f"# {row}".rstrip() + "\n" for row in rows)


def _candidate_rows(question: Question, candidate: Candidate, number: int) -> Iterator[str]:
    who = f"user {brief(candidate.key)}" if candidate.key else "no user, the archives name them"
    parts = ", ".join(f"{name} {amount:g}" for name, amount in candidate.score.parts)
    yield f"candidate {number} {brief(candidate.name)}"
    yield f"  {who}, score {candidate.score.score:g} of 100: {parts}"
    if odd := strange(candidate.name):
        yield f"  holds {', '.join(map(code_points, odd))}"
    for difference in hidden_differences(question.name, candidate.name):
        yield f"  letters: {code_points(difference.first)} in the name, {code_points(difference.second)} in the candidate"
    yield from (f"  for: {brief(sentence)}" for sentence in candidate.speaks_for)
    yield from (f"  against: {brief(sentence)}" for sentence in candidate.speaks_against)


def _block(decision: Decision) -> list[str]:
    try:
        return render_decision(decision).rstrip("\n").split("\n")
    except ValueError as error:
        return [f"(cannot be written down: {error})"]


def waiting(question: Question) -> str:
    """Return how many repairs hang on the answer, in words."""
    if not question.waiting:
        return "No repair waits for it."
    kinds = ", ".join(f"{count} x {code}" for code, count in question.held)
    verb = "repair waits" if question.waiting == 1 else "repairs wait"
    return f"{question.waiting:,} {verb} for the answer ({kinds})."


def questions_as_json(questions: Sequence[Question], dossiers: Dossiers, file: str, by: str, on: date) -> str:
    """Return all questions as one line of JSON; its form is published in ``report/schema/review.schema.json``."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "decisions_file": file,
        "questions": [_question_fields(question, dossiers, by, on) for question in questions],
    }
    return json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _question_fields(question: Question, dossiers: Dossiers, by: str, on: date) -> dict[str, Any]:
    signed = Decision("new", (question.name,), "", by, on)
    return {
        "name": question.name,
        "verdict": question.verdict,
        "why": list(question.notes),
        "repairs_waiting": dict(question.held),
        "known": known(question.dossier, dossiers),
        "candidates": [candidate_fields(candidate, dossiers) for candidate in question.candidates],
        "answers": [
            {"meaning": meaning, "toml": "\n".join([*_block(decision), ""])}
            for meaning, decision in possible_answers(question, signed)
        ],
    }


def candidate_fields(candidate: Candidate, dossiers: Dossiers) -> dict[str, Any]:
    """Return a candidate for JSON."""
    return {
        "name": candidate.name,
        "user": candidate.key or None,
        **score_fields(candidate.score),
        "known": known(candidate.dossier, dossiers),
        "speaks_for": list(candidate.speaks_for),
        "speaks_against": list(candidate.speaks_against),
    }
