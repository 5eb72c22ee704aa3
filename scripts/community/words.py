"""Invented prayers, answers and testimonies, with every trap that typed text sets for a parser.

Archive format spec, section 6.2: markers inside text (T1), colons (T2), separators that are no line ends and CR LF (T12).
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

_SUBJECTS = (
    "my neighbour", "our choir", "the harvest", "my brother", "the old bridge", "grandmother", "the night shift",
    "our teacher", "the new baby", "my knee", "the ferry crew", "our garden", "the small school", "my cousin",
    "the baker", "our village", "the travellers", "my daughter", "the quiet house", "the midwife",
)  # fmt: skip
_VERBS = (
    "needs", "hopes for", "waits for", "gives thanks for", "asks for", "longs for", "has lost", "has found",
    "prays for", "carries", "fears", "remembers", "looks for", "hears of", "trusts in", "worries about",
)  # fmt: skip
_OBJECTS = (
    "rest", "good news", "rain", "a safe road", "courage", "a clear answer", "work", "patience", "a warm room",
    "healing", "peace at home", "steady hands", "a gentle winter", "company", "forgiveness", "sleep", "bread",
    "a kind word", "strength", "light",
)  # fmt: skip
_ENDS = (
    "this week", "before Sunday", "after the surgery", "in the coming days", "tonight", "on the long way", "again",
    "with all of us", "until spring", "at last", "in the hospital", "far from home",
)  # fmt: skip
TAGS = (None, None, None, None, "health", "family: home", "work", "travel (north)")
# Lines of typed text that look like structure. {name} becomes some member's name.
MARKERS = (
    "Activity:", "Generated Prayer:", "Project: barn roof", "Audience: everybody", "Submitted late, forgive me",
    "Prayer for rain by Sunday", "Prayer 12 by {name}", "Note: the time is not fixed", "Reason: none",
    "June 14 2024 at 14:45 - {name} prayed this prayer", "May 02 2024 at 08:00 - nobody said a word",
)  # fmt: skip
OWN_LINE_MARKERS = ("Activity:", "Generated Prayer:", "Project: barn roof", "Prayer for rain by Sunday")
SEPARATORS = ("\u2028", "\u2029", "\u0085", "\x0c", "\x0b")


class Text(NamedTuple):
    """A typed text: ``ambiguous`` if an archive cannot say where it ends, ``carriage`` if it holds CR LF."""

    text: str
    ambiguous: bool = False
    carriage: bool = False


class Writer:
    """Writes invented texts from one source of chance."""

    def __init__(self, rng: Random) -> None:
        self._chance = rng.random

    def _pick(self, items: tuple[str, ...]) -> str:
        return items[int(self._chance() * len(items))]

    def sentence(self) -> str:
        """Return one plain sentence."""
        subject = self._pick(_SUBJECTS)
        return f"{subject[0].upper()}{subject[1:]} {self._pick(_VERBS)} {self._pick(_OBJECTS)} {self._pick(_ENDS)}."

    def sentences(self, most: int) -> str:
        """Return one to ``most`` sentences on one line."""
        return " ".join(self.sentence() for _ in range(1 + int(self._chance() * most)))

    def body(self, name: str) -> Text:
        """Return a prayer request; ``name`` is a member that a curious line may mention."""
        plain = self.sentences(3)
        style = self._chance()
        if style < 0.60:
            return Text(plain)
        more = self.sentences(2)
        if style < 0.73:
            return Text(f"{plain}\n\n{more}\n{self.sentence()}")
        if style < 0.80:
            return Text(f"{plain}\nPlease note: {more}\nThank you")
        if style < 0.88:
            return Text(f"{plain}\n{self._pick(MARKERS).format(name=name)}\n{more}")
        if style < 0.90:
            return Text(f"{plain}\n\n{self._pick(OWN_LINE_MARKERS)}\n{more}", ambiguous=True)
        if style < 0.915:
            return Text(f"{self._pick(OWN_LINE_MARKERS)}\n{more}", ambiguous=True)
        if style < 0.935:
            return Text(f"{plain}{self._pick(SEPARATORS)}{more}")
        if style < 0.965:
            return Text(f"{plain}\r\n{more}\r\n\r\nThank you", carriage=True)
        if style < 0.975:
            return Text("")
        if style < 0.985:
            return Text(f"{plain}\n")
        return Text(f"  {plain}\n    - {more}\n\n\n{self.sentence()}")

    def generated(self) -> Text:
        """Return the generated prayer that goes with a request; empty for none."""
        style = self._chance()
        if style < 0.18:
            return Text("")
        first = f"Lord, {self.sentences(2)}"
        if style < 0.66:
            return Text(f"{first}\nAmen.")
        if style < 0.95:
            return Text(f"{first}\n\n{self.sentences(2)}\n\nAmen.")
        if style < 0.98:
            return Text(f"{first}\nActivity:\n{self.sentence()}\nAmen.")
        return Text(f"{first}\n\nGenerated Prayer:\n{self.sentence()}", ambiguous=True)

    def testimony(self) -> str:
        """Return a testimony of one or several lines."""
        style = self._chance()
        plain = self.sentence()
        if style < 0.55:
            return plain
        if style < 0.70:
            return f"{plain}\nThank you: all of you!"
        if style < 0.80:
            return f"{plain}\n\n{self.sentences(2)}"
        if style < 0.88:
            return f"{plain}\r\n{self.sentence()}"
        if style < 0.94:
            return f"He said 'yes' - and {plain.lower()}"
        if style < 0.97:
            return f"{plain}\nActivity:\n{self.sentence()}"
        return f"{plain}{self._pick(SEPARATORS)}{self.sentence()}"
