"""Everything about one name: who it is, why, who else came into question, and what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.identity.bulk import WORTH_A_REVIEW, resolve_names
from thywill_reconstruct.identity.canonical import Rung, folded
from thywill_reconstruct.identity.decisions import Decision, Decisions
from thywill_reconstruct.identity.model import Joint, Person
from thywill_reconstruct.report.dossier import Dossier, Dossiers, known
from thywill_reconstruct.report.pairs import decision_fields
from thywill_reconstruct.report.question_list import candidate_fields
from thywill_reconstruct.report.questions import Candidate, candidate, candidates_of
from thywill_reconstruct.times import show

VERDICTS = {
    "match": "a user of the database",
    "renamed": "a user of the database, under another name today",
    "missing": "a person whom the database lacks; can be recreated",
    "possible": "perhaps a person who is known; not certain, so nothing is done",
    "ambiguous": "could be more than one person, so nothing is done",
    "placeholder": "nobody: a word the application wrote where it found no person",
    "phantom": "nobody: a name that the application cut from a longer one",
    "unproven": "never registered and never seen doing anything, so no user is made of it",
    "ignored": "deleted on purpose, by decision; nothing of theirs is brought back",
    "shared": "a name that several people bore; whose a record is depends on its time",
}
# How a spelling was joined with the others of its person.
JOINED_BY: dict[Joint, str] = {
    None: "the same person by decision or by their records",
    Rung.RAW: "as written",
    Rung.NFC: "the same letters, stored in another way",
    Rung.FOLDED: "but for capitals and spaces",
    Rung.JOINED: "but for spaces, dots and dashes",
    Rung.PLAIN: "but for accents or script",
}


@dataclass(frozen=True, slots=True)
class Portrait:
    """Everything about one name.

    Attributes:
        person: What resolving made of it.
        dossier: What is known of it.
        candidates: Whom an open name may mean, best first.
        runner_up: Who comes next to a resolved one by spelling, ``None`` if nobody is near.
        findings: (code, count) of the findings about the person.
        decisions: The decisions that name it.
    """

    person: Person
    dossier: Dossier
    candidates: tuple[Candidate, ...]
    runner_up: Candidate | None
    findings: tuple[tuple[str, int], ...]
    decisions: tuple[Decision, ...]


def find_people(dossiers: Dossiers, name: str) -> list[Person]:
    """Return the people who bear a name: exactly, else in another spelling, else by today's name or id in the database."""
    people = dossiers.people
    exact = [p for p in people if any(name == spelling for spelling, _ in p.spellings)]
    if exact:
        return exact
    near = [p for p in people if any(folded(name) == folded(spelling) for spelling, _ in p.spellings)]
    if near:
        return near
    keys = {u.key for u in dossiers.users.values() if name in (u.key, u.name) or folded(name) == folded(u.name)}
    return [p for p in people if p.key in keys or keys.intersection(p.twins)]


def portray(dossiers: Dossiers, findings: Iterable[Finding], person: Person, decisions: Decisions) -> Portrait:
    """Return everything about a person."""
    counts = Counter(
        finding.code
        for finding in findings
        if person.key and (person.key == finding.key or any(change.after == person.key for change in finding.changes))
    )
    key = person.key if person.key in dossiers.users else ""
    spellings = [text for text, _ in person.spellings]
    named = {d.line: d for text in spellings for d in decisions.naming(text)}
    return Portrait(
        person=person,
        dossier=dossiers.of(person.name, key),
        candidates=candidates_of(dossiers, person),
        runner_up=_runner_up(dossiers, person) if person.key else None,
        findings=tuple(sorted(counts.items())),
        decisions=tuple(named[line] for line in sorted(named)),
    )


def _runner_up(dossiers: Dossiers, person: Person) -> Candidate | None:
    """Return whom the name resembles most, beside the person's own rows and spellings; nobody unless worth a look."""
    own = {person.key, *person.twins}
    others = {key: user.name for key, user in dossiers.users.items() if key not in own}
    rowless = [p for p in dossiers.people if p is not person and p.key not in dossiers.users]
    users = [*others.items(), *((f"\0{p.name}", p.name) for p in rowless)]
    (decided,) = resolve_names([person.name], users)
    best = next((c.user_id for c in decided.candidates if c.score >= WORTH_A_REVIEW), None)
    if best is None:
        return None
    name, key = (best[1:], "") if best.startswith("\0") else (others[best], best)
    return candidate(dossiers, person.name, name, key)


def portrait_fields(portrait: Portrait, dossiers: Dossiers) -> dict[str, Any]:
    """Return a portrait for JSON; its form is published in ``report/schema/explain.schema.json``."""
    person = portrait.person
    return {
        "name": person.name,
        "verdict": person.verdict,
        "meaning": VERDICTS[person.verdict],
        "user": user_sentence(dossiers, person.key),
        "registered": show(person.registered) if person.registered is not None else None,
        "first_seen": show(person.first) if person.first is not None else None,
        "spellings": [{"spelling": text, "joined": JOINED_BY[rung]} for text, rung in person.spellings],
        "why": list(person.notes),
        "doubled_rows": [user_sentence(dossiers, key) for key in person.twins],
        "former_ids": list(person.former),
        "known": known(portrait.dossier, dossiers),
        "candidates": [candidate_fields(each, dossiers) for each in portrait.candidates],
        "runner_up": candidate_fields(portrait.runner_up, dossiers) if portrait.runner_up else None,
        "places": list(person.places),
        "findings": dict(portrait.findings),
        "decisions": [decision_fields(decision) for decision in portrait.decisions],
    }


def user_sentence(dossiers: Dossiers, key: str) -> str:
    """Return a user's row in words, or the id that a recreated row gets; empty if there is neither."""
    row = dossiers.users.get(key)
    if row is None:
        return f"{key} (no row yet)" if key else ""
    return f"{row.key}, called {row.name!r}, joined {row.created}"
