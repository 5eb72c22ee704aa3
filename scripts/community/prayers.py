"""One prayer's life: its request, and everything that will happen to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from .clock import DAY, HOUR, MINUTE, SECOND, Moment
from .people import Community, Person, hex_id
from .words import TAGS, Text, Writer

HORIZON = 45 * DAY  # After that nobody comes back to a prayer, so its file can be written and forgotten.


class Event(NamedTuple):
    """Something that happens to a prayer. ``number`` makes the order of simultaneous events a fact."""

    moment: Moment
    number: int
    kind: str
    prayer: Prayer
    person: Person
    text: str = ""


@dataclass(slots=True)
class Prayer:
    """A prayer while things still happen to it.

    ``lines`` is what its archive gained since ``head`` was written, ``history`` what its log rows say (kept only for
    prayers that will be healed), ``stored`` the wall-clock moment in its row.
    """

    key: str
    author: Person
    moment: Moment
    request: Text
    generated: Text
    tag: str | None
    audience: str
    path: str = ""
    copy: str = ""
    head: str = ""
    lines: list[str] = field(default_factory=list)
    attributes: dict[str, tuple[str, str]] = field(default_factory=dict)
    history: list[tuple[Moment, Person, str, str | None, str | None]] | None = None
    first_part: str = ""
    stored: Moment = 0
    pending: int = 0


class Author:
    """Invents prayers and their lives."""

    def __init__(
        self, rng: Random, community: Community, marks: float, end: Moment, *, asks_audience: bool = True
    ) -> None:
        self._rng = rng
        self._writer = Writer(rng)
        self._community = community
        self._marks = marks
        self._asks_audience = asks_audience
        self._end = end
        self._number = 0
        self._prayers = 0

    def prayer(self, moment: Moment) -> Prayer:
        """Return a new prayer submitted at a moment."""
        rng = self._rng
        author = self._community.somebody(moment)
        mentioned = self._community.somebody(moment).name.strip()
        return Prayer(
            key=hex_id(rng),
            author=author,
            moment=moment,
            request=self._writer.body(mentioned),
            generated=self._writer.generated(),
            tag=rng.choice(TAGS),
            audience=self._audience(),
        )

    def _audience(self) -> str:
        """Return whom a prayer is for; since migration 007 nobody is asked."""
        audience = "all" if self._rng.random() < 0.7 else "christians_only"
        return audience if self._asks_audience else ""

    def life(self, prayer: Prayer, healed: int) -> list[Event]:
        """Return everything that happens to a prayer, in no order; every ``healed``-th is healed once (0: none is)."""
        self._prayers += 1
        events = [self._event(prayer.moment, "submit", prayer, prayer.author)]
        last = min(self._end, prayer.moment + HORIZON)
        span = last - prayer.moment - 2 * MINUTE
        if span > 0:
            events += self._all_marks(prayer, span)
            events += self._milestones(prayer, span)
            if healed and self._prayers % healed == healed // 2:
                prayer.history = []
                events.append(self._event(self._later(prayer, span, 0.5), "heal", prayer, prayer.author))
        prayer.pending = len(events)
        return events

    def _event(self, moment: Moment, kind: str, prayer: Prayer, person: Person, text: str = "") -> Event:
        self._number += 1
        return Event(moment, self._number, kind, prayer, person, text)

    def _later(self, prayer: Prayer, span: int, least: float = 0.0) -> Moment:
        return prayer.moment + MINUTE + int(span * (least + (1 - least) * self._rng.random()))

    def _all_marks(self, prayer: Prayer, span: int) -> list[Event]:
        rng = self._rng
        marks: list[Event] = []
        for _ in range(int(rng.gammavariate(2.0, self._marks / 2.0) + 0.5)):
            after = int(rng.expovariate(1 / (6 * DAY)))
            moment = prayer.moment + MINUTE + (after if after < span else int(rng.random() * span))
            person = self._community.somebody(moment)
            if marks and rng.random() < 0.14:
                moment, person = self._echo(marks[-1], moment, person)
                if moment >= prayer.moment + MINUTE + span:
                    continue
            marks.append(self._event(moment, "mark", prayer, person))
        return marks

    def _echo(self, before: Event, moment: Moment, person: Person) -> tuple[Moment, Person]:
        """Return a mark soon after another: somebody else in the same minute, or the same person again."""
        kind = self._rng.random()
        close = before.moment + self._rng.randrange(SECOND, 20 * SECOND)
        if kind < 0.4:
            return close, self._community.somebody(close)
        if kind < 0.55:
            return close, before.person
        if kind < 0.85:
            return before.moment + self._rng.randrange(MINUTE, 20 * HOUR), before.person
        return moment, person

    def _milestones(self, prayer: Prayer, span: int) -> list[Event]:
        rng, author = self._rng, prayer.author
        events: list[Event] = []
        if rng.random() < 0.22:
            moment = self._later(prayer, span)
            for _ in range(1 if rng.random() < 0.85 else 2):
                text = self._writer.testimony() if rng.random() < 0.75 else ""
                events.append(self._event(moment, "answer", prayer, author, text))
                moment += int((prayer.moment + MINUTE + span - moment) * rng.random())
        if rng.random() < 0.15:
            moment = self._later(prayer, span)
            events.append(self._event(moment, "archive", prayer, author))
            if rng.random() < 0.25:
                moment += int((prayer.moment + MINUTE + span - moment) * rng.random())
                events.append(self._event(moment, "restore", prayer, author))
        elif rng.random() < 0.02:
            events.append(self._event(self._later(prayer, span), "restore", prayer, author))
        if rng.random() < 0.06:
            moment = self._later(prayer, span)
            person = author if rng.random() < 0.4 else self._community.somebody(moment)
            kind = "flag" if rng.random() < 0.45 else "flag unarchived"
            events.append(self._event(moment, kind, prayer, person))
        return events
