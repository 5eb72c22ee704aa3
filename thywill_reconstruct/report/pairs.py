"""Two names, held against each other step by step: forms, score, evidence, what the tool makes of them, and decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.identity.decisions import Decision, Decisions
from thywill_reconstruct.identity.model import Person
from thywill_reconstruct.identity.score import PairScore, keys_of, score_pair
from thywill_reconstruct.report.dossier import Dossier, Dossiers, known, speaks_against, speaks_for
from thywill_reconstruct.report.letters import Difference, code_points, differences, undrawn

# What the rungs of the ladder leave out of account, each beside all that the ones before it do.
RUNGS = {
    Rung.RAW: "as written",
    Rung.NFC: "stored alike",
    Rung.FOLDED: "no capitals, no extra spaces",
    Rung.JOINED: "no spaces, dots, dashes",
    Rung.PLAIN: "no accents",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder: both forms, and whether they meet there. An empty form joins nothing."""

    rung: Rung
    first: str
    second: str

    @property
    def meet(self) -> bool:
        """Whether the two names are the same here."""
        return bool(self.first) and self.first == self.second


@dataclass(frozen=True, slots=True)
class Pair:
    """Everything about two names.

    Attributes:
        first, second: The names as asked for, or of the users asked for.
        one, other: What is known of each.
        score: How well one may be the other by spelling.
        steps: The forms on every rung.
        letters: Where they differ.
        speaks_for, speaks_against: Evidence beyond spelling.
        outcome: What the tool does with the two, a sentence.
        why: The reasons, sentences.
        decisions: Every decision that names one of the two.
    """

    first: str
    second: str
    one: Dossier
    other: Dossier
    score: PairScore
    steps: tuple[Step, ...]
    letters: tuple[Difference, ...]
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
    outcome: str
    why: tuple[str, ...]
    decisions: tuple[Decision, ...]


def compare_pair(dossiers: Dossiers, first: str, second: str, decisions: Decisions, key: str = "") -> Pair:
    """Return everything about two names, each a name or a user's id.

    Args:
        dossiers: What is known.
        first: A name or user id.
        second: Another.
        decisions: What the operator decided.
        key: The user whom ``second`` means, where several bear that name.
    """
    (name, own), (other_name, other_key) = _subject(dossiers, first), _subject(dossiers, second)
    other_key = key or other_key
    one, other = dossiers.of(name, own), dossiers.of(other_name, other_key)
    outcome, why = _outcome(dossiers, (name, own), (other_name, other_key))
    named = {d.line: d for d in (*decisions.naming(name), *decisions.naming(other_name))}
    pair = decisions.joining(name, other_name) or decisions.apart(name, other_name)
    return Pair(
        first=name,
        second=other_name,
        one=one,
        other=other,
        score=score_pair(name, other_name),
        steps=tuple(map(Step, Rung, keys_of(name), keys_of(other_name))),
        letters=differences(name, other_name),
        speaks_for=speaks_for(one, other),
        speaks_against=speaks_against(one, other),
        outcome=outcome,
        why=(*([pair.told()] if pair else []), *why),
        decisions=tuple(named[line] for line in sorted(named)),
    )


def is_known(dossiers: Dossiers, word: str) -> bool:
    """Return whether a word is a user's id or name, or a name of the archives."""
    name, key = _subject(dossiers, word)
    return bool(key) or dossiers.person_of(name) is not None or bool(dossiers.bearers(name))


def _subject(dossiers: Dossiers, word: str) -> tuple[str, str]:
    """Return (name, user key) of what was asked for; no key where the name is not exactly one living user's."""
    if word in dossiers.users:
        return dossiers.users[word].name, word
    keys = dossiers.bearers(word)
    return word, keys[0] if len(keys) == 1 else ""


def _outcome(dossiers: Dossiers, one: tuple[str, str], other: tuple[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return what the tool does with two, and why."""
    first, second = dossiers.person_of(*one), dossiers.person_of(*other)
    if first is not None and first is second:
        sentence = "One person: what the archives tell of either name belongs to " + _whom(dossiers, first) + "."
        return (sentence if first.key else "One name, not resolved: nothing is booked on anybody."), first.notes
    for a, b, name in ((first, second, other[0]), (second, first, one[0])):
        if a is not None and not a.key and a.candidates:
            keys = {key for key in (b.key if b else "", one[1], other[1]) if key}
            if name in a.candidates or keys & {*a.candidates}:
                return f"Perhaps one person. In doubt nothing is done: {a.name!r} stays open.", a.notes
    whys = tuple(f"{p.name!r}: {note}" for p in (first, second) if p is not None for note in p.notes)
    unsure = [p for p in (first, second) if p is not None and not p.key]
    if unsure:
        return f"Not joined. {unsure[0].name!r} is nobody's that is certain, so nothing is booked on anybody.", whys
    return "Two people: nothing is moved from one to the other.", whys


def _whom(dossiers: Dossiers, person: Person) -> str:
    row = dossiers.users.get(person.key)
    return f"the user {row.name!r} ({person.key})" if row else f"the person who is recreated as {person.key}"


def pair_fields(pair: Pair, dossiers: Dossiers) -> dict[str, Any]:
    """Return a pair for JSON; its form is published in ``report/schema/explain.schema.json``."""
    return {
        "pair": [pair.first, pair.second],
        "score": score_fields(pair.score),
        "forms": [
            {"rung": step.rung.name, "forms": [step.first, step.second], "meet": step.meet} for step in pair.steps
        ],
        "letters": [[code_points(d.first), code_points(d.second)] for d in pair.letters],
        "unseen": [[code_points(c) for c in undrawn(name)] for name in (pair.first, pair.second)],
        "known": [known(side, dossiers) for side in (pair.one, pair.other)],
        "speaks_for": list(pair.speaks_for),
        "speaks_against": list(pair.speaks_against),
        "outcome": pair.outcome,
        "why": list(pair.why),
        "decisions": [decision_fields(decision) for decision in pair.decisions],
    }


def score_fields(score: PairScore) -> dict[str, Any]:
    """Return a score for JSON."""
    parts = [{"part": name, "amount": amount} for name, amount in score.parts]
    return {"score": score.score, "reading": score.reading, "parts": parts}


def decision_fields(decision: Decision) -> dict[str, Any]:
    """Return a decision for JSON."""
    return {
        **decision._asdict(),
        "names": list(decision.names),
        "on": decision.on.isoformat(),
        "since": decision.since.isoformat() if decision.since else "",
        "until": decision.until.isoformat() if decision.until else "",
    }


def decision_sentence(decision: Decision) -> str:
    """Return a decision in one line: kind, names, who, when, where and why."""
    names = ", ".join(map(repr, decision.names))
    target = f" = {decision.id}" if decision.id else ""
    why = f": {decision.why}" if decision.why else ""
    return f"{decision.kind} {names}{target}{decision.when()}, {decision.told()}{why}"
