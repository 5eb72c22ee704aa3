"""One group of spellings while it is being matched, and the entry it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.identity.decisions import Decision
from thywill_reconstruct.identity.grouping import Group
from thywill_reconstruct.identity.model import Mention, Person, RosterEntry, Verdict
from thywill_reconstruct.identity.score import score_pair
from thywill_reconstruct.times import Minute

# Two now() calls can straddle a minute (archive format spec, section 6.1).
SLACK = 1


@dataclass(slots=True)
class Draft:
    """What is known so far about one group.

    ``decided`` is the decision that says who or what the group is, ``said`` all decisions about it in words, ``called`` another
    name that a recreated user gets.
    """

    group: Group
    decided: Decision | None = None
    row: RosterEntry | None = None
    verdict: Verdict | None = None
    twins: list[RosterEntry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    said: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    former: list[str] = field(default_factory=list)
    key: str = ""
    called: str = ""
    valid_from: Minute | None = None

    def registered_then(self, row: RosterEntry) -> bool:
        """Return whether a row is as old as the group's earliest registration."""
        registered = self.group.registered[:1]
        return bool(registered) and row.created is not None and abs(row.created - registered[0]) <= SLACK

    def registered_ever(self, row: RosterEntry) -> bool:
        """Return whether a row is as old as any registration of the group."""
        return row.created is not None and any(abs(row.created - m) <= SLACK for m in self.group.registered)

    def leave_open(self, verdict: Verdict, candidates: tuple[str, ...], note: str) -> None:
        """Decide that nothing is decided."""
        self.verdict, self.candidates = verdict, candidates
        self.notes.append(note)

    def person(self, name_of: Callable[[str], str]) -> Person:
        """Return the frozen entry; ``name_of`` gives the name of a candidate that is a user key."""
        group = self.group
        places = [place for mention in group.mentions for place in mention.places]
        return Person(
            name=self.called or group.name,
            spellings=tuple((m.name, joint) for m, joint in zip(group.mentions, group.joints, strict=True)),
            key=self.key,
            verdict=self.verdict or "unproven",
            registered=group.registered[0] if group.registered else None,
            first=first_seen(group),
            twins=tuple(row.key for row in self.twins),
            former=tuple(self.former),
            valid_from=self.valid_from,
            notes=(*self.notes, *self.said),
            decided=self.said,
            candidates=self.candidates,
            scores=tuple(score_pair(group.name, name_of(candidate)).score for candidate in self.candidates),
            places=tuple(places[:5]),
        )


def first_seen(group: Group) -> Minute | None:
    """Return the earliest time at which any of the spellings was seen."""
    return min((m.first for m in group.mentions if m.first is not None), default=None)


def open_entry(mention: Mention, verdict: Verdict, note: str, candidates: tuple[str, ...] = ()) -> Person:
    """Return the entry of a name that is nobody, or that stays open."""
    return Person(
        name=mention.name,
        spellings=((mention.name, Rung.RAW),),
        key="",
        verdict=verdict,
        registered=mention.registered[0] if mention.registered else None,
        first=mention.first,
        notes=(note,),
        candidates=candidates,
        scores=tuple(score_pair(mention.name, candidate).score for candidate in candidates),
        places=mention.places[:5],
    )
