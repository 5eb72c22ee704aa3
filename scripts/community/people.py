"""Who joins when, by whose invitation, and how active each one is."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from .clock import DAY, HOUR, MINUTE, SECOND, Moment
from .names import invent_names


def hex_id(rng: Random) -> str:
    """Return an id shaped like ``uuid4().hex``."""
    bits = rng.getrandbits(128)
    bits = bits & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62
    return f"{bits:032x}"


@dataclass(slots=True)
class Person:
    """A member: ``inviter`` and the token by which he came, if any (``system`` for tokens the server made).

    ``former`` is the id that the person bears, or in era v2 bore before names became keys.
    """

    key: str
    name: str
    joined: Moment
    inviter: Person | None = None
    token: str | None = None
    token_made: Moment = 0
    system_token: bool = False
    former: str = ""


class Community:
    """All members in the order in which they join."""

    def __init__(self, rng: Random, count: int, start: Moment, end: Moment, *, names_are_keys: bool = False) -> None:
        """Plan ``count`` members between two moments; most come early, as after a launch."""
        self._rng = rng
        self.people: list[Person] = []
        times = sorted(int(start + HOUR + (end - DAY - start) * 0.85 * rng.random() ** 1.7) for _ in range(count))
        times[0] = start
        for number, (name, joined) in enumerate(zip(invent_names(rng, count), times, strict=True)):
            former = hex_id(rng) if number else "admin"
            if names_are_keys and name == "max":
                name = "maxine"  # that era's application merges users whose names differ in capitals only
            key = name if names_are_keys else former
            person = Person(key, name, joined + rng.randrange(SECOND), former=former)
            if number:
                self._invite(person)
            self.people.append(person)
        self.joined = [person.joined for person in self.people]
        self._weights = list(accumulate(rng.paretovariate(1.2) for _ in self.people))

    def _invite(self, person: Person) -> None:
        way = self._rng.random()
        if way < 0.06:
            return
        person.token = f"{self._rng.getrandbits(64):016x}"
        ahead = int(self._rng.triangular(MINUTE, 12 * HOUR - MINUTE, HOUR))
        if way < 0.10:
            person.inviter, person.system_token = self.people[0], True
        else:
            person.inviter = self._rng.choice(self.people[-200:] if self._rng.random() < 0.7 else self.people)
        earliest = person.inviter.joined + SECOND
        person.token_made = min(max(person.joined - ahead, earliest), person.joined)

    def somebody(self, moment: Moment) -> Person:
        """Return a member of that moment by chance, the active ones more often."""
        present = bisect_right(self.joined, moment)
        mark = self._rng.random() * self._weights[present - 1]
        return self.people[min(bisect_right(self._weights, mark, 0, present), present - 1)]
