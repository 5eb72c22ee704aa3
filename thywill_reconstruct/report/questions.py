"""The questions about names that only a person can answer, those first on which the most repairs hang."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.identity.decisions import Decision, Decisions
from thywill_reconstruct.identity.model import Person
from thywill_reconstruct.identity.namesakes import NEVER
from thywill_reconstruct.identity.score import PairScore, score_pair
from thywill_reconstruct.report.dossier import Dossier, Dossiers, speaks_against, speaks_for
from thywill_reconstruct.times import Minute, as_datetime

# What asks for a person's judgement. A phantom or an unproven name is asked about only where repairs wait for it.
_OPEN = ("possible", "ambiguous")
_OPEN_IF_NEEDED = ("unproven", "phantom", "shared")
# Findings of these families are about the name itself, or about lines; they are not held back by it.
_NOT_HELD = ("AR", "US")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a name may mean. ``key`` is the user's, empty if only the archives know the person."""

    name: str
    key: str
    score: PairScore
    dossier: Dossier
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One name that could not be resolved.

    Attributes:
        name: The name as the archives write it.
        verdict: Why it is open: a verdict of ``identity.model``.
        notes: The same in sentences.
        held: (finding code, count) of what is not repaired because of it.
        dossier: What is known of the name.
        candidates: Whom it may mean, best first.
        since, until: For a shared name: the time of which it is open whose it was.
    """

    name: str
    verdict: str
    notes: tuple[str, ...]
    held: tuple[tuple[str, int], ...]
    dossier: Dossier
    candidates: tuple[Candidate, ...]
    since: Minute | None = None
    until: Minute | None = None

    @property
    def of_a_time(self) -> bool:
        """Whether the name was somebody's for certain at another time, so that an answer must say which time it means."""
        return self.verdict == "shared" and bool(self.candidates or self.since or self.until)

    @property
    def waiting(self) -> int:
        """How many repairs hang on the answer."""
        return sum(count for _, count in self.held)


def open_questions(dossiers: Dossiers, findings: Iterable[Finding], decisions: Decisions) -> tuple[Question, ...]:
    """Return what is left to decide: most repairs first, then the most alike, then by name.

    A repair hangs on a name if a finding that has no repair rests on an archive line that names it: its lines were counted
    as evidence and led nowhere. A name or a pair that is decided is not asked about.
    """
    people = [person for person in dossiers.people if person.verdict in _OPEN + _OPEN_IF_NEEDED]
    times = {name for entry in decisions.entries if entry.of_a_time for name in entry.names}
    # What the histories leave open, they leave open with the decisions in force.
    people = [
        person
        for person in people
        if decisions.nature(person.name) is None and (person.name not in times or person.spellings[0][1] is None)
    ]
    named = [(person.name, "") for person in people]
    named += [pair for person in people for pair in _meant(dossiers, person)]
    dossiers.look_up(text for name, key in named for text in dossiers.spellings(name, key))
    held = _held_back(findings, dossiers, people)
    found = []
    for person in people:
        if person.verdict in _OPEN or held.get(person.name):
            question = _question(dossiers, person, held.get(person.name, Counter()))
            found += [left] if (left := still_open(question, decisions)) else []
    return tuple(sorted(found, key=_rank))


def _rank(question: Question) -> tuple[int, float, str]:
    best = max((candidate.score.score for candidate in question.candidates), default=0.0)
    return (-question.waiting, -best, question.name)


def still_open(question: Question, decisions: Decisions) -> Question | None:
    """Return a question with the candidates that are left to decide about; ``None`` if nothing is."""
    if decisions.nature(question.name) is not None:
        return None
    if question.of_a_time and any(
        question.name in entry.names and (entry.since, entry.until) == _days(question)
        for entry in decisions.entries
        if entry.kind == "user"
    ):
        return None
    left = tuple(c for c in question.candidates if not decisions.settles(question.name, c.name))
    return replace(question, candidates=left) if left or not question.candidates else None


def _question(dossiers: Dossiers, person: Person, held: Counter[str]) -> Question:
    return Question(
        name=person.name,
        verdict=person.verdict,
        notes=person.notes,
        held=tuple(sorted(held.items())),
        dossier=dossiers.of(person.name),
        candidates=candidates_of(dossiers, person),
        since=person.open_from,
        until=person.valid_from if person.verdict == "shared" and person.valid_from != NEVER else None,
    )


def candidates_of(dossiers: Dossiers, person: Person) -> tuple[Candidate, ...]:
    """Return whom a name that is not resolved may mean, in the order in which resolving ranks them."""
    return tuple(candidate(dossiers, person.name, name, key) for name, key in _meant(dossiers, person))


def _meant(dossiers: Dossiers, person: Person) -> list[tuple[str, str]]:
    """Return (name, user key) of everybody whom a name may mean."""
    users = dossiers.users
    names = ((users[c].name, c) if c in users else (c, _key_of(dossiers, c)) for c in person.candidates)
    return list(dict.fromkeys(names))


def _key_of(dossiers: Dossiers, name: str) -> str:
    """Return the key of the one living user whom a name means, empty if there is none."""
    person = dossiers.person_of(name)
    if person is not None and person.key in dossiers.users:
        return person.key
    keys = dossiers.bearers(name)
    return keys[0] if len(keys) == 1 else ""


def candidate(dossiers: Dossiers, asked: str, name: str, key: str) -> Candidate:
    """Return somebody whom a name may mean, with all that is known."""
    one, other = dossiers.of(asked), dossiers.of(name, key)
    return Candidate(name, key, score_pair(asked, name), other, speaks_for(one, other), speaks_against(one, other))


def find_candidates(dossiers: Dossiers, asked: str, word: str) -> tuple[Candidate, ...]:
    """Return whom an operator may mean by a user id or a name, in whatever case: all who fit, but never the name itself."""
    wanted = word.strip().casefold()
    keys = [key for key, user in dossiers.users.items() if word.strip() == key or user.name.casefold() == wanted]
    names = [(dossiers.users[key].name, key) for key in keys]
    if not names:
        known = (p for p in dossiers.people if any(text.casefold() == wanted for text, _ in p.spellings))
        names = [(person.name, person.key if person.key in dossiers.users else "") for person in known]
    return tuple(candidate(dossiers, asked, name, key) for name, key in names if key or name != asked)


def _held_back(
    findings: Iterable[Finding], dossiers: Dossiers, people: Iterable[Person]
) -> Mapping[str, Counter[str]]:
    """Return name -> finding code -> how many findings without a repair rest on a line that names it."""
    names_on: dict[str, set[str]] = defaultdict(set)
    for person in people:
        for place in dossiers.places(text for text, _ in person.spellings):
            names_on[place].add(person.name)
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for finding in findings:
        if not finding.changes and finding.info.family not in _NOT_HELD:
            for name in {name for place in finding.evidence for name in names_on.get(place, ())}:
                held[name][finding.code] += 1
    return held


# --- answers ------------------------------------------------------------------------------------------------------


def same(question: Question, chosen: Candidate, signed: Decision) -> Decision:
    """Return the decision that the name is the candidate's. ``signed`` gives who, when and why."""
    if chosen.key:
        return signed._replace(kind="user", names=(question.name,), id=chosen.key)
    return signed._replace(kind="same", names=(question.name, chosen.name), id="")


def of_a_time(question: Question, key: str, signed: Decision) -> Decision:
    """Return the decision that the name was a user's, living or gone, in the time that is open, both days included."""
    since, until = _days(question)
    return signed._replace(kind="user", names=(question.name,), id=key, since=since, until=until)


def _days(question: Question) -> tuple[date | None, date | None]:
    """Return the first day of the open time of a shared name, and the day after its last; ``None`` where it has no end."""
    since = None if question.since is None else as_datetime(question.since).date()
    return since, None if question.until is None else as_datetime(question.until).date() + timedelta(days=1)


def different(question: Question, chosen: Candidate, signed: Decision) -> Decision:
    """Return the decision that the name is not the candidate's.

    Raises:
        ValueError: The two are written alike, so that names cannot tell them apart.
    """
    if chosen.name == question.name:
        raise ValueError(f"{question.name!r} and {chosen.name!r} are written alike")
    return signed._replace(kind="different", names=(question.name, chosen.name), id="")
