"""Who bore which name when: a person is a history, not a name. Pure.

Archives are never rewritten, so a line keeps the name of its day; a row has the name of today. Members change their display
name in the middle of a life, take a name that another has left, change back, exchange names; the application respells names at
its starts and merges users whose names it then takes for one (archive format spec, section 6.4). Before spelling is looked at,
this step finds every *use* of a name: whose it was, and from when to when. Whatever the uses leave open is certain for nobody.

The evidence, in this order:

1. *Registration and row.* A row of the minute in which a name was registered, or that claimed the invite token which the name
   claimed, and at which records of the name point, is that name's, unless its own name was registered in that minute. If all
   records are lost, the minute has to be that name's alone, and the row's present name has to begin where it ends.
2. *Succession.* A clear majority of a name's records of some time points at one row whose present name has no registration that
   fits the row, and the row's other names fall silent while this one acts.
3. *Return.* A row that has a registration of its own bore an unregistered name for a time if its own name acted before and
   after, and not meanwhile. Without such a return the row is somebody else, however many records a script has booked on it.
4. *Equality.* Where the application merges users at its start, a name that is the same to it as exactly one living row's
   name is that row's: what bore it was merged into that row.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from thywill_reconstruct.identity.app_names import application_name, application_spelling
from thywill_reconstruct.identity.canonical import joined
from thywill_reconstruct.identity.decisions import Decisions
from thywill_reconstruct.identity.evidence import FORMER_RECORDS, RENAME_RECORDS, RENAME_SHARE
from thywill_reconstruct.identity.model import Person, Resolution, RosterEntry, Use, bearer_then
from thywill_reconstruct.times import Minute, iso_minute

# Two now() calls can straddle a minute (archive format spec, section 6.1).
SLACK = 1


class Record(NamedTuple):
    """An event that stands in archive and database alike: the name in the line, the key in the row, and when."""

    name: str
    key: str
    minute: Minute


Acts = Callable[[Collection[str]], Mapping[str, Sequence[Minute]]]


@dataclass(frozen=True, slots=True)
class Histories:
    """What came out.

    Attributes:
        uses: name -> who bore it when, by time; only names that are not simply their row's today.
        notes: user key -> the evidence, plain sentences.
        same: Pairs of names without a row that are the same to the application: one person's.
        respells: Whether the application has respelled every name at its start (section 6.4).
    """

    uses: Mapping[str, tuple[Use, ...]] = field(default_factory=dict)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    same: tuple[tuple[str, str], ...] = ()
    respells: bool = False

    def today(self, called: Mapping[str, str]) -> Callable[[str, Minute | None], str]:
        """Return a function that tells what a name of some minute is called today: the present name of who bore it then.

        It returns ``""`` where that is open.

        Args:
            called: user key -> present name.
        """

        def name_today(name: str, minute: Minute | None) -> str:
            uses = self.uses.get(name)
            key = bearer_then(uses, minute) if uses else None
            return name if key is None else called.get(key, "")

        return name_today


def _born_at_once(one: RosterEntry, other: RosterEntry) -> bool:
    return one.created is not None and other.created is not None and abs(one.created - other.created) <= 2 * SLACK


NO_HISTORIES = Histories()


def with_decided(histories: Histories, decisions: Decisions) -> Histories:
    """Return histories in which the operator's decisions about names of a time stand; the rest speaks for itself."""
    decided: dict[str, list[Use]] = defaultdict(list)
    for entry in decisions.entries:
        if entry.of_a_time:
            for name in entry.names:
                decided[name].append(Use(entry.id, _midnight(entry.since), _midnight(entry.until)))
    if not decided:
        return histories
    return replace(histories, uses={**histories.uses, **{name: _filled(uses) for name, uses in decided.items()}})


def _midnight(day: date | None) -> Minute | None:
    return None if day is None else iso_minute(f"{day.isoformat()} 00:00:00")


def _filled(uses: Sequence[Use]) -> tuple[Use, ...]:
    """Return uses that do not overlap, in order of time, with the time between and around them left to the name itself."""
    filled: list[Use] = []
    free: Minute | None = None
    for number, use in enumerate(sorted(uses, key=lambda use: (use.since is not None, use.since or 0))):
        if use.since is not None and (number == 0 or free != use.since):
            filled.append(Use(None, free, use.since))
        filled.append(use)
        free = use.until
    return (*filled, Use(None, free, None)) if free is not None else tuple(filled)


def with_histories(resolution: Resolution, histories: Histories) -> Resolution:
    """Return a resolution of today's names that knows the names of every time, too."""
    if not histories.uses:
        return resolution
    borne: dict[str, list[str]] = defaultdict(list)
    for name, uses in sorted(histories.uses.items()):
        for key in dict.fromkeys(use.key for use in uses if use.key):
            borne[resolution.twin_of.get(key, key)].append(name)
    persons = [_with_names(person, borne.get(person.key, ()), histories) for person in resolution.persons]
    return replace(
        resolution,
        persons=tuple(sorted(persons, key=lambda person: (person.name, not person.key, person.key, person.verdict))),
        key_of={name: key for name, key in resolution.key_of.items() if not _has_other_bearers(name, histories)},
        uses=histories.uses,
        bearers={
            **resolution.bearers,
            **{name: frozenset(use.key for use in uses if use.key) for name, uses in histories.uses.items()},
        },
    )


def _has_other_bearers(name: str, histories: Histories) -> bool:
    """Return whether a name of today was ever another's, or always, so that ``Resolution.uses`` says whose it is."""
    return all(use.key is not None for use in histories.uses.get(name, (Use(None, None, None),)))


def _with_names(person: Person, names: Sequence[str], histories: Histories) -> Person:
    """Return a person with the names that they bore at other times."""
    further = [name for name in names if all(name != spelling for spelling, _ in person.spellings)]
    others = [name for name in names if application_name(name) != application_name(person.name)]
    if not further and not others:
        return person
    renamed = person.verdict == "match" and bool(others)
    return replace(
        person,
        name=others[0] if renamed else person.name,
        verdict="renamed" if renamed else person.verdict,
        spellings=(*person.spellings, *((name, None) for name in further)),
        notes=(*person.notes, *histories.notes.get(person.key, ())),
    )


class _Span(NamedTuple):
    """The records of one name at one key: how many, the first and the last, and of how many of that time."""

    records: int
    first: Minute
    last: Minute
    among: int

    @property
    def clear(self) -> bool:
        return self.records >= RENAME_RECORDS and self.records >= RENAME_SHARE * self.among


def trace_histories(
    records: Iterable[Record],
    registered: Mapping[str, Sequence[Minute]],
    roster: Sequence[RosterEntry],
    claimed: Mapping[str, str],
    acts: Acts,
    left_alone: Collection[str] = (),
    *,
    names_are_keys: bool = False,
    merges: bool = False,
) -> Histories:
    """Return the uses of all names that are not simply those of the row that bears them.

    Args:
        records: Events that stand in archive and database alike, at living keys and others.
        registered: name -> minutes of its registrations, ascending.
        roster: The users that exist, without those that stand for nobody.
        claimed: user key -> the name that claimed the invite token of that user's row, where the archives know it.
        acts: Returns name -> minutes at which the archives saw it act, ascending; asked for the names in question only.
        left_alone: Names of which a decision speaks.
        names_are_keys: True in era v2, where a reference to a name is its key.
        merges: Whether the application has merged users whose names it takes for one (section 6.4).
    """
    if names_are_keys:
        claimed = {}  # a token that both claimed says that the row was renamed, and not that what refers to the name was
    tracer = _Tracer(records, registered, roster, claimed, acts, frozenset(left_alone))
    return tracer.trace(merges=merges)


_NO_RECORDS = _Span(0, 0, 0, 0)


class _Tracer:
    """The facts of one trace, indexed; nothing here changes once it is made but the list of what was found."""

    def __init__(
        self,
        records: Iterable[Record],
        registered: Mapping[str, Sequence[Minute]],
        roster: Sequence[RosterEntry],
        claimed: Mapping[str, str],
        acts: Acts,
        left_alone: frozenset[str],
    ) -> None:
        self.registered = registered
        self.rows = {row.key: row for row in roster}
        self.named: dict[str, list[RosterEntry]] = defaultdict(list)
        self.alike: dict[str, list[RosterEntry]] = defaultdict(list)
        for row in roster:
            self.named[row.name].append(row)
            self.alike[application_name(row.name)].append(row)
        self.born: dict[Minute, set[str]] = defaultdict(set)
        for name, minutes in registered.items():
            for minute in minutes:
                self.born[minute].add(name)
        self.claimed = claimed
        self.left_alone = left_alone
        self.of_name: dict[str, list[tuple[Minute, str]]] = defaultdict(list)
        for name, key, minute in records:
            self.of_name[name].append((minute, key))
        for times in self.of_name.values():
            times.sort()
        self.spans = self._spans()
        self.notes: dict[str, list[str]] = defaultdict(list)
        self.acts: Mapping[str, Sequence[Minute]] = {}
        self.find_acts = acts

    def _spans(self) -> dict[str, dict[str, _Span]]:
        """Return living key -> name -> the records of that name there."""
        spans: dict[str, dict[str, _Span]] = defaultdict(dict)
        for name, times in self.of_name.items():
            living = [(minute, key) for minute, key in times if key in self.rows]
            minutes = [minute for minute, _ in living]
            by_key: dict[str, list[Minute]] = defaultdict(list)
            for minute, key in living:
                by_key[key].append(minute)
            for key, own in by_key.items():
                among = bisect_right(minutes, own[-1]) - bisect_left(minutes, own[0])
                spans[key][name] = _Span(len(own), own[0], own[-1], among)
        return spans

    def trace(self, *, merges: bool) -> Histories:
        """Find the bearers of every name, and when each bore it."""
        former: dict[str, dict[str, str]] = defaultdict(dict)  # name -> key -> why
        wanted = self._in_question()
        self.acts = self.find_acts({name for pair in wanted for name in (pair[0], self.rows[pair[1]].name)})
        for name, key in wanted:
            if why := self._was_called(name, self.rows[key]):
                former[name][key] = why
        uses: dict[str, tuple[Use, ...]] = {}
        for name, keys in former.items():
            uses[name] = self._times(name, keys)
            for key, why in keys.items():
                self.notes[key].append(why)
        for name, key in self._equal_to_the_application(former) if merges else ():
            uses[name] = (Use(key, None, None),)
            self.notes[key].append(f"to the application {name!r} and {self.rows[key].name!r} are the same user")
        notes = {key: tuple(said) for key, said in self.notes.items()}
        # A row that still bears a name as nobody respells it says that the application has not been started since.
        respells = merges and {True} == {row.name == application_spelling(row.name) for row in self.rows.values()}
        return Histories(uses, notes, self._equal_without_row(uses) if merges else (), respells)

    def _in_question(self) -> list[tuple[str, str]]:
        """Return (name, key) of every name that records, a registration or a token tie to a row that is called otherwise.

        Variants of one spelling are left to the steps that look at spelling.
        """
        pairs = {(name, key) for key, names in self.spans.items() for name in names}
        pairs |= {(name, key) for key, name in self.claimed.items() if key in self.rows}
        for key, row in self.rows.items():
            if not self._is_registered_as_called(row):
                pairs |= {(name, key) for name in self._registered_with(row)}
        pairs = {pair for pair in pairs if joined(pair[0]) != joined(self.rows[pair[1]].name)}
        left = self.left_alone
        return sorted(pair for pair in pairs if pair[0] not in left and self.rows[pair[1]].name not in left)

    # --- the rules ------------------------------------------------------------------------------------------------

    def _fits(self, name: str, row: RosterEntry) -> bool:
        """Return whether a name was registered in the minute in which a row was made."""
        return row.created is not None and any(
            abs(minute - row.created) <= SLACK for minute in self.registered.get(name, ())
        )

    def _is_registered_as_called(self, row: RosterEntry) -> bool:
        """Return whether a row's present name was registered in the minute in which the row was made."""
        return self._fits(row.name, row)

    def _was_called(self, name: str, row: RosterEntry) -> str:
        """Return why a row's person bore another name for a time, ``""`` if nothing proves it."""
        span = self.spans.get(row.key, {}).get(name, _NO_RECORDS)
        own = self._is_registered_as_called(row)
        points = f"{span.records} of {span.among} records of {name!r} of that time point at the user {row.name!r}"
        if self._is_still_referred_to(name, span):
            return ""
        if not own and (self._fits(name, row) or self.claimed.get(row.key) == name):
            rival = any(_born_at_once(row, other) for other in self.named.get(name, ()))
            if rival or span.records < RENAME_SHARE * span.among:
                return ""
            if not span.records and self.claimed.get(row.key) != name and not self._took_over(name, row):
                return ""
            how = "joined in the minute when that name was registered"
            if not self._fits(name, row):
                how = "claimed the invite token that this name claimed"
            return f"{points}, who {how}"
        if not span.clear or self._belongs_elsewhere(name, row, span):
            return ""
        before, within, after = self._acts_around(row.name, span)
        if within:
            return ""
        if own:
            if name in self.registered or self.named.get(name) or not (before and after):
                return ""
            return f"{points}, who acted under that name before and after, and not meanwhile"
        if before and not after:
            return ""
        return f"{points}, whose present name was registered by nobody who fits and was silent meanwhile"

    def _registered_with(self, row: RosterEntry) -> set[str]:
        """Return the names that were registered in the minute in which a row was made."""
        if row.created is None:
            return set()
        around = range(row.created - SLACK, row.created + SLACK + 1)
        return {name for minute in around for name in self.born.get(minute, ())}

    def _took_over(self, name: str, row: RosterEntry) -> bool:
        """Return whether a row's unregistered present name began where the only name registered in its minute ended."""
        if row.name in self.registered or self.named.get(name) or self._registered_with(row) != {name}:
            return False
        before, after = self.acts.get(name, ()), self.acts.get(row.name, ())
        return bool(after) and (not before or before[-1] < after[0])

    def _is_still_referred_to(self, name: str, span: _Span) -> bool:
        """Return whether rows refer to a name itself, as in era v2 they do until a rename is carried through."""
        kept = sum(key == name for _, key in self.of_name.get(name, ()))
        return kept > 0 and span.records < RENAME_SHARE * (span.records + kept)

    def _belongs_elsewhere(self, name: str, row: RosterEntry, span: _Span) -> bool:
        """Return whether a name was another row's at that time, by its records or as it bears it, or a lost one's."""
        gone = Counter(key for _, key in self.of_name[name] if key not in self.rows)
        if any(count >= max(span.records, FORMER_RECORDS) for count in gone.values()):
            return True
        for other in self.named.get(name, ()):
            if other.key == row.key:
                continue
            theirs = self.spans.get(other.key, {}).get(name)
            if theirs is not None and theirs.first <= span.last and span.first <= theirs.last:
                return True
            if theirs is None and other.created is not None and other.created <= span.last:
                return True
        return False

    def _acts_around(self, name: str, span: _Span) -> tuple[int, int, int]:
        """Return how often the archives saw a name act before, during and after the records of another."""
        minutes = self.acts.get(name, ())
        first, last = bisect_left(minutes, span.first), bisect_right(minutes, span.last)
        return first, last - first, len(minutes) - last

    def _times(self, name: str, former: Mapping[str, str]) -> tuple[Use, ...]:
        """Return from when to when each user bore a name; between the last sign of one and the first of the next it is open."""
        bearers = [*former, *(row.key for row in self.named.get(name, ()) if row.key not in former)]
        known: list[tuple[Minute, Minute, str | None]] = []
        for key in bearers:
            span = self.spans.get(key, {}).get(name)
            row = self.rows[key]
            starts = [span.first] if span else []
            starts += [minute for minute in self.registered.get(name, ()) if self._joined_then(minute, row)]
            if not starts:
                # Nothing of this name is theirs: who bears it today took it after the last record of the others.
                last = max((spans[name].last for k in former if name in (spans := self.spans.get(k, {}))), default=0)
                starts = [max(last + 1, row.created if row.created is not None else last + 1)]
            known.append((min(starts), span.last if span else min(starts), key))
        known += self._others(name, bearers)
        known.sort(key=lambda use: use[:2])
        last = len(known) - 1
        return tuple(
            Use(key, start if number else None, end + 1 if number < last else None)
            for number, (start, end, key) in enumerate(known)
        )

    def _others(self, name: str, bearers: Sequence[str]) -> list[tuple[Minute, Minute, None]]:
        """Return (first, last, nobody's key) of the people without a row who registered under a name in another's time.

        A registration while somebody bore the name was refused by the application, which wrote its line all the same (section
        2.2), so only those before the first and after the last record of the rows count.
        """
        taken = [self.spans[key][name] for key in bearers if name in self.spans.get(key, {})]
        found: list[tuple[Minute, Minute, None]] = []
        for minute in self.registered.get(name, ()):
            if any(self._joined_then(minute, self.rows[key]) for key in bearers):
                continue
            if minute == self.registered[name][0] and any(self.claimed.get(key) == name for key in bearers):
                continue
            if any(span.first <= minute <= span.last for span in taken):
                continue
            following = [span.first for span in taken if span.first > minute]
            own = [when for when, key in self.of_name.get(name, ()) if key not in self.rows and when >= minute]
            own = [when for when in own if not following or when < min(following)]
            found.append((minute - SLACK, max(own, default=minute + SLACK), None))
        return found

    def _joined_then(self, minute: Minute, row: RosterEntry) -> bool:
        return row.created is not None and abs(minute - row.created) <= SLACK

    def _equal_without_row(self, uses: Collection[str]) -> tuple[tuple[str, str], ...]:
        """Return pairs of registered names that no user bears and that are the same to the application.

        The one that registered first leads, since the application keeps the oldest row.
        """
        alike: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self.registered, key=lambda name: (self.registered[name][:1], name)):
            key = application_name(name)
            if key and key not in self.alike and name not in uses and name not in self.left_alone:
                alike[key].append(name)
        return tuple((names[0], name) for names in alike.values() for name in names[1:])

    def _equal_to_the_application(self, former: Collection[str]) -> list[tuple[str, str]]:
        """Return (name, key) of the names without a row that are the same to the application as exactly one row's name."""
        found = []
        for name in sorted({*self.registered, *self.of_name}):
            if name in former or name in self.named or name in self.left_alone:
                continue
            same = self.alike.get(application_name(name), ())
            if len(same) == 1 and application_spelling(name) and same[0].name not in self.left_alone:
                found.append((name, same[0].key))
        return found
