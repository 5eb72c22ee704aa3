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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from thywill_reconstruct.identity.app_names import application_name, application_spelling
from thywill_reconstruct.identity.canonical import joined
from thywill_reconstruct.identity.decisions import Decisions
from thywill_reconstruct.identity.evidence import FORMER_RECORDS, RENAME_RECORDS, RENAME_SHARE
from thywill_reconstruct.identity.model import Person, Resolution, RosterEntry, Use, bearer_then
from thywill_reconstruct.identity.placeholders import is_placeholder
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, iso_minute, show

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
        called: Key of a person without a row -> the name they bore last.
        lost: Vanished keys that were people's who bore a name with a history: what refers to one is theirs and nobody else's.
        acted: name -> minutes at which the archives saw it act, ascending; of the names in ``uses``.
    """

    uses: Mapping[str, tuple[Use, ...]] = field(default_factory=dict)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    same: tuple[tuple[str, str], ...] = ()
    respells: bool = False
    called: Mapping[str, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    acted: Mapping[str, Sequence[Minute]] = field(default_factory=dict)

    def today(self, called: Mapping[str, str]) -> Callable[[str, Minute | None], str]:
        """Return a function that tells what a name of some minute is called today: the present name of who bore it then.

        It returns ``""`` where that is open.

        Args:
            called: user key -> present name.
        """

        def name_today(name: str, minute: Minute | None) -> str:
            uses = self.uses.get(name)
            key = bearer_then(uses, minute) if uses else None
            return name if key is None else called.get(key) or self.called.get(key, "")

        return name_today


def _born_at_once(one: RosterEntry, other: RosterEntry) -> bool:
    return one.created is not None and other.created is not None and abs(one.created - other.created) <= 2 * SLACK


NO_HISTORIES = Histories()
# Later than every minute.
_END: Minute = 2**40


def with_decided(histories: Histories, decisions: Decisions) -> Histories:
    """Return histories in which the operator's decisions about names of a time stand; the rest speaks for itself.

    A decision speaks of whole days. On the first and the last of them, which may be days on which the name changed hands, it
    fills what is open and leaves what the evidence says.
    """
    decided: dict[str, list[Use]] = defaultdict(list)
    for entry in decisions.entries:
        if entry.of_a_time:
            for name in entry.names:
                decided[name].append(Use(entry.id, _midnight(entry.since), _midnight(entry.until)))
    if not decided:
        return histories
    traced = histories.uses
    return replace(
        histories, uses={**traced, **{name: _with(traced.get(name), uses) for name, uses in decided.items()}}
    )


def _midnight(day: date | None) -> Minute | None:
    return None if day is None else iso_minute(f"{day.isoformat()} 00:00:00")


def _with(traced: Sequence[Use] | None, decided: Sequence[Use]) -> tuple[Use, ...]:
    """Return the uses of a name with what was decided; a name that nothing is known of is its own at all other times."""
    sure = [use for use in traced or () if use.key]
    rest = [use for use in traced or (Use(None, None, None),) if use.key is None]
    for use in decided:
        inner = Use(
            use.key,
            None if use.since is None else use.since + MINUTES_PER_DAY,
            None if use.until is None else use.until - MINUTES_PER_DAY,
        )
        if inner.since is None or inner.until is None or inner.since < inner.until:
            sure = [part for one in sure for part in _outside(one, inner)]
    filled = list(decided)
    for one in sure:
        filled = [part for use in filled for part in _outside(use, one)]
    for use in decided:
        rest = [part for one in rest for part in _outside(one, use)]
    return tuple(sorted([*filled, *sure, *rest], key=lambda use: (use.since is not None, use.since or 0)))


def _outside(use: Use, other: Use) -> Iterator[Use]:
    """Yield the parts of a use that lie before and after another's time."""
    if other.since is not None and (use.since is None or use.since < other.since):
        yield use._replace(until=other.since if use.until is None else min(use.until, other.since))
    if other.until is not None and (use.until is None or use.until > other.until):
        yield use._replace(since=other.until if use.since is None else max(use.since, other.until))


def with_histories(resolution: Resolution, histories: Histories) -> Resolution:
    """Return a resolution of today's names that knows the names of every time, too, and what stays open of them."""
    if not histories.uses:
        return resolution
    borne: dict[str, list[str]] = defaultdict(list)
    for name, uses in sorted(histories.uses.items()):
        for key in dict.fromkeys(use.key for use in uses if use.key):
            borne[resolution.twin_of.get(key, key)].append(name)
    persons = [_with_names(person, borne.get(person.key, ()), histories) for person in resolution.persons]
    living = {person.key for person in persons if person.verdict in ("match", "renamed")}
    persons += [
        found
        for name, uses in histories.uses.items()
        if (found := _open_time(name, uses, histories.acted.get(name, ()), living)) is not None
    ]
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


def _open_time(name: str, uses: Sequence[Use], acted: Sequence[Minute], living: Collection[str]) -> Person | None:
    """Return the entry of a name for the time of which it is open who bore it: of several times, that of the most lines."""
    lines: dict[tuple[Minute | None, Minute | None], int] = Counter()
    for minute in acted:
        if bearer_then(uses, minute) == "":
            before = [use.until for use in uses if use.until is not None and use.until <= minute]
            after = [use.since for use in uses if use.since is not None and minute < use.since < _END]
            lines[max(before, default=None), min(after, default=None)] += 1
    if not lines:
        return None
    since, until = max(lines, key=lambda time: (lines[time], time[0] or 0))
    if since is None and until is None:
        note = "the name was registered more than once, and no user bears it today"
    else:
        when = " and ".join(
            [f"after {show(since)}"] * (since is not None) + [f"before {show(until)}"] * (until is not None)
        )
        note = f"several people bore this name, and which of them lines {when} mean is open"
    return Person(
        name=name,
        spellings=((name, None),),
        key="",
        verdict="shared",
        registered=None,
        first=acted[0],
        candidates=(candidates := tuple(dict.fromkeys(use.key for use in uses if use.key and use.key in living))),
        scores=(100.0,) * len(candidates),
        open_from=since,
        valid_from=until,
        notes=(note,),
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


class _Run(NamedTuple):
    """Records of one name at one key that follow each other: nobody else's of that name lie between."""

    first: Minute
    last: Minute
    records: int


def trace_histories(
    records: Iterable[Record],
    registered: Mapping[str, Sequence[Minute]],
    roster: Sequence[RosterEntry],
    claimed: Mapping[str, str],
    acts: Acts,
    left_alone: Collection[str] = (),
    *,
    again: Collection[str] = (),
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
        again: Names that file and log say were registered more than once: each time a user was made.
        names_are_keys: True in era v2, where a reference to a name is its key.
        merges: Whether the application has merged users whose names it takes for one (section 6.4).
    """
    if names_are_keys:
        claimed = {}  # a token that both claimed says that the row was renamed, and not that what refers to the name was
        again = ()  # whatever refers to the name refers to it, whoever bore it
    tracer = _Tracer(list(records), registered, roster, claimed, acts, frozenset(left_alone))
    return tracer.trace(again=again if roster else (), merges=merges)


class _Tracer:
    """The facts of one trace, indexed; nothing here changes once it is made but the notes of what was found."""

    def __init__(
        self,
        records: Sequence[Record],
        registered: Mapping[str, Sequence[Minute]],
        roster: Sequence[RosterEntry],
        claimed: Mapping[str, str],
        acts: Acts,
        left_alone: frozenset[str],
    ) -> None:
        self.registered = registered
        self.claimed = claimed
        self.left_alone = left_alone
        self.find_acts = acts
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
        self.made = Counter(row.created for row in roster)
        self.of_name: dict[str, list[tuple[Minute, str]]] = defaultdict(list)
        self.at: dict[str, list[tuple[Minute, str]]] = defaultdict(list)
        for name, key, minute in records:
            self.of_name[name].append((minute, key))
            self.at[key].append((minute, name))
        for times in (*self.of_name.values(), *self.at.values()):
            times.sort()
        self.runs = self._runs()
        self.notes: dict[str, list[str]] = defaultdict(list)
        self.acts: Mapping[str, Sequence[Minute]] = {}
        # Key of a row whose person bore another name than today's -> the other names that are proved.
        self.changed: dict[str, set[str]] = {}

    def _runs(self) -> dict[tuple[str, str], list[_Run]]:
        """Return (name, key) -> its runs, of keys that are a row's or that several records share."""
        several = {key for key, told in self.at.items() if key in self.rows or len(told) >= FORMER_RECORDS}
        runs: dict[tuple[str, str], list[_Run]] = defaultdict(list)
        for name, times in self.of_name.items():
            before = ""
            for minute, key in times:
                if key not in several:
                    continue
                here = runs[name, key]
                if key == before:
                    here[-1] = _Run(here[-1].first, minute, here[-1].records + 1)
                else:
                    here.append(_Run(minute, minute, 1))
                before = key
        return runs

    def trace(self, *, again: Collection[str], merges: bool) -> Histories:
        """Find the bearers of every name, and when each bore it."""
        former: dict[str, dict[str, str]] = defaultdict(dict)  # name -> key -> why
        wanted = self._in_question()
        self.acts = self.find_acts({name for pair in wanted for name in (pair[0], self.rows[pair[1]].name)})
        for name, key in wanted:
            if why := self._was_called(name, self.rows[key]):
                former[name][key] = why
        for row in self.rows.values():
            if (born := self._registered_with(row)) and row.name not in born:
                self.changed[row.key] = set()
        for name, keys in former.items():
            for key in keys:
                self.changed.setdefault(key, set()).add(name)
        lost = self._lost(former)
        contested = self._contested(former)
        # Names of users who took them, and that somebody else had registered.
        taken = [self.rows[key].name for key in self.changed if key not in former.get(self.rows[key].name, ())]
        taken = [name for name in taken if name not in self.left_alone and self._is_unaccounted(name)]
        uses: dict[str, tuple[Use, ...]] = {}
        for name in sorted({*former, *lost, *contested, *taken}):
            found = self._times(name, former.get(name, {}), lost.get(name, ()), contested.get(name, ()))
            if found:
                uses[name] = found
        for name in again:
            # Nobody can say which of them a record without user is of, and the application would merge what was made of both.
            if name not in uses and name not in self.left_alone and not self.alike.get(application_name(name)):
                uses[name] = (Use("", None, None),)
        for keys in former.values():
            for key, why in keys.items():
                self.notes[key].append(why)
        for name, key in self._equal_to_the_application(uses) if merges else ():
            uses[name] = (Use(key, None, None),)
            self.notes[key].append(f"to the application {name!r} and {self.rows[key].name!r} are the same user")
        notes = {key: tuple(said) for key, said in self.notes.items()}
        # A row that still bears a name as nobody respells it says that the application has not been started since.
        respells = merges and {True} == {row.name == application_spelling(row.name) for row in self.rows.values()}
        called = self._names_of_lost(lost)
        same = self._equal_without_row(uses) if merges else ()
        acted = self.find_acts(uses.keys()) if uses else {}
        return Histories(uses, notes, same, respells, called, self._people_without_row(former), acted)

    def _in_question(self) -> list[tuple[str, str]]:
        """Return (name, key) of every name that records, a registration or a token tie to a row that is called otherwise.

        Variants of one spelling are left to the steps that look at spelling.
        """
        pairs = {(name, key) for name, key in self.runs if key in self.rows}
        pairs |= {(name, key) for key, name in self.claimed.items() if key in self.rows}
        for key, row in self.rows.items():
            if not self._fits(row.name, row):
                pairs |= {(name, key) for name in self._registered_with(row)}
        pairs = {pair for pair in pairs if joined(pair[0]) != joined(self.rows[pair[1]].name)}
        left = self.left_alone
        return sorted(pair for pair in pairs if pair[0] not in left and self.rows[pair[1]].name not in left)

    # --- registrations --------------------------------------------------------------------------------------------

    def _registered_with(self, row: RosterEntry) -> set[str]:
        """Return the names that were registered in the minute in which a row was made; if none was, in the next ones.

        Where several rows were made in that minute, each is that name's of which it holds the earliest record.
        """
        if row.created is None:
            return set()
        near = self.born.get(row.created - SLACK, set()) | self.born.get(row.created + SLACK, set())
        names = self.born.get(row.created) or near
        if len(names) > 1 and self.made[row.created] > 1:
            first = next((name for _, name in self.at.get(row.key, ()) if name in names), "")
            return {first} if first else names
        return names

    def _fits(self, name: str, row: RosterEntry) -> bool:
        """Return whether a name was registered in the minute in which a row was made, and none nearer to it."""
        return name in self._registered_with(row)

    # --- the rules ------------------------------------------------------------------------------------------------

    def _was_called(self, name: str, row: RosterEntry) -> str:
        """Return why a row's person bore another name for a time, ``""`` if nothing proves it."""
        runs = self.runs.get((name, row.key), [])
        count = sum(run.records for run in runs)
        if self._is_still_referred_to(name, count) or self._is_mixed(name, row.key, runs):
            return ""
        among = self._among(name, runs)
        points = f"{count} of {among} records of {name!r} of that time point at the user {row.name!r}"
        own = self._fits(row.name, row)
        if not own and (self._fits(name, row) or self.claimed.get(row.key) == name):
            rival = any(_born_at_once(row, other) and self._fits(name, other) for other in self.named.get(name, ()))
            if rival or not (self._is_clear(count, runs, among) or count == among):
                return ""
            if not count and self.claimed.get(row.key) != name and not self._took_over(name, row):
                return ""
            if self._fits(name, row):
                return f"{points}, who joined in the minute when that name was registered"
            return f"{points}, who claimed the invite token that this name claimed"
        if (
            count < RENAME_RECORDS
            or not self._is_clear(count, runs, among)
            or self._belongs_elsewhere(name, row, runs)
        ):
            return ""
        before, within, after = self._own_name_around(row, runs)
        if within or (before and not after):
            return ""
        # Where names are keys, what repair tools booked on nobody points at a member who is called None, too.
        if own and (not (before and after) or (row.key == row.name and is_placeholder(row.name))):
            return ""
        if own:
            return f"{points}, who acted under that name before and after, and not meanwhile"
        return f"{points}, whose present name was registered by nobody who fits and was silent meanwhile"

    def _among(self, name: str, runs: Sequence[_Run]) -> int:
        """Return how many records of a name point at any row in the time of some runs."""
        minutes = [minute for minute, key in self.of_name.get(name, ()) if key in self.rows]
        return bisect_right(minutes, runs[-1].last) - bisect_left(minutes, runs[0].first) if runs else 0

    @staticmethod
    def _is_clear(count: int, runs: Sequence[_Run], among: int) -> bool:
        """Return whether records are no strays: most of their time, or in runs of several."""
        return count > 0 and (count >= RENAME_SHARE * among or count >= RENAME_RECORDS * len(runs))

    def _is_mixed(self, name: str, key: str, runs: Sequence[_Run]) -> bool:
        """Return whether the row holds records of another name in the midst of a run: nobody has two names at once."""
        minutes = [minute for minute, other in self.at.get(key, ()) if other != name]
        return any(bisect_left(minutes, run.last) > bisect_right(minutes, run.first) for run in runs)

    def _took_over(self, name: str, row: RosterEntry) -> bool:
        """Return whether a row's unregistered present name began where the only name registered in its minute ended."""
        if row.name in self.registered or self.named.get(name) or self._may_have_made(row) != {name}:
            return False
        before, after = self.acts.get(name, ()), self.acts.get(row.name, ())
        return bool(after) and (not before or before[-1] < after[0])

    def _may_have_made(self, row: RosterEntry) -> set[str]:
        """Return every name whose registration may have made a row: the line comes first (section 2.2), at most a minute."""
        if row.created is None:
            return set()
        names = self.born.get(row.created, set()) | self.born.get(row.created - SLACK, set())
        return {name for name in names if not any(self._fits(name, other) for other in self.named.get(name, ()))}

    def _is_still_referred_to(self, name: str, count: int) -> bool:
        """Return whether rows refer to a name itself, as in era v2 they do until a rename is carried through."""
        kept = sum(key == name for _, key in self.of_name.get(name, ())) if name not in self.rows else 0
        return kept > 0 and count < RENAME_SHARE * (count + kept)

    def _belongs_elsewhere(self, name: str, row: RosterEntry, runs: Sequence[_Run]) -> bool:
        """Return whether a name was another's in the time of some runs: a row's that bears it, or a lost one's."""
        count = sum(run.records for run in runs)
        here = [key for minute, key in self.of_name[name] if runs[0].first <= minute <= runs[-1].last]
        gone = Counter(key for key in here if key not in self.rows)
        if any(lost >= max(count, FORMER_RECORDS) for lost in gone.values()):
            return True
        for other in self.named.get(name, ()):
            theirs = self.runs.get((name, other.key), [])
            if any(one.first <= run.last and run.first <= one.last for one in theirs for run in runs):
                return True
            never = not theirs and self._fits(name, other)
            if never and other.created is not None and other.created <= runs[-1].last:
                return True
        return False

    def _own_name_around(self, row: RosterEntry, runs: Sequence[_Run]) -> tuple[int, int, int]:
        """Return how often a row's present name acts before, during and after some runs.

        What the archives saw counts if the name is nobody else's, else only what the row holds.
        """
        minutes = self.acts.get(row.name, ())
        if any(key != row.key and name == row.name for name, key in self.runs) or len(self.named[row.name]) > 1:
            minutes = [minute for minute, name in self.at.get(row.key, ()) if name == row.name]
        within = sum(bisect_right(minutes, run.last) - bisect_left(minutes, run.first) for run in runs)
        before = bisect_left(minutes, runs[0].first)
        after = len(minutes) - bisect_right(minutes, runs[-1].last)
        return before, within, after

    def _contested(self, former: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
        """Return name -> keys that hold several of its records in a row, and nothing else meanwhile, which nothing explains.

        Their person may have borne the name, or a script has booked them there: whose such lines are is open. For a row whose
        own name was registered by nobody who fits, one record is enough, for that person is known to have had other names. A
        vanished key counts where the name is known to have had several bearers.
        """
        found: dict[str, list[str]] = defaultdict(list)
        for (name, key), runs in sorted(self.runs.items()):
            row = self.rows.get(key)
            if name in self.left_alone or key in former.get(name, ()) or (row is None and name not in former):
                continue
            if row is not None and (joined(name) == joined(row.name) or row.name in self.left_alone):
                continue
            if row is not None and self._fits(row.name, row) and name in self.registered and name not in former:
                continue  # both have a registration of their own, and nothing shows that the name was given up
            count = sum(run.records for run in runs)
            many_names = row is not None and not self._fits(row.name, row) and row.created is not None
            few = count < RENAME_RECORDS * len(runs)
            if not (few and not many_names) and not self._is_mixed(name, key, runs):
                found[name].append(key)
        return found

    # --- people without a row -------------------------------------------------------------------------------------

    def _lost(self, former: Collection[str]) -> dict[str, list[str]]:
        """Return name -> vanished keys of people who bore it at a time when nobody who has a row did.

        Those are keys whose records have several names one after the other, and keys of a name that is another's by history. A
        key of one name that was registered again is left to the question whether the two are one person (``namesakes``).
        """
        names_of: dict[str, list[str]] = defaultdict(list)
        for name, key in self.runs:
            if key not in self.rows and name not in self.left_alone:
                names_of[key].append(name)
        shared: dict[str, list[str]] = defaultdict(list)
        for key, names in sorted(names_of.items()):
            if any(self._is_mixed(name, key, self.runs[name, key]) for name in names):
                continue
            own = [name for name in names if self._is_free_then(name, self.runs[name, key])]
            # A key that tools wrote for several lost people is nobody's: one person registers once.
            registered = [name for name in own if self._is_unaccounted(name)]
            counts = [sum(run.records for run in self.runs[name, key]) for name in own]
            few = sum(counts) < FORMER_RECORDS or (not registered and min(counts, default=0) < FORMER_RECORDS)
            if len(own) < len(names) or len(registered) > 1 or few:
                continue
            for name in own:
                taken = any(self._registered_with(row) - {name} for row in self.named.get(name, ()))
                if len(own) > 1 or name in former or taken or self._is_one_of_several(name, key):
                    shared[name].append(key)
        return shared

    def _is_one_of_several(self, name: str, key: str) -> bool:
        """Return whether a name was registered again between the records of a vanished key and those of another."""
        runs = self.runs[name, key]
        first, last = runs[0].first, runs[-1].last
        for other_name, other in self.runs:
            if other_name != name or other == key or other in self.rows:
                continue
            theirs = self.runs[name, other]
            if sum(run.records for run in theirs) < FORMER_RECORDS:
                continue
            for minute in self.registered.get(name, ()):
                if last <= minute <= theirs[0].first or theirs[-1].last <= minute <= first:
                    return True
        return False

    def _is_unaccounted(self, name: str) -> bool:
        """Return whether a registration of a name fits no row."""
        return any(
            not any(self._fits_then(name, minute, row) for row in self.rows.values() if row.created is not None)
            for minute in self.registered.get(name, ())
        )

    def _is_free_then(self, name: str, runs: Sequence[_Run]) -> bool:
        """Return whether no row that bears a name did so in the time of some runs."""
        for row in self.named.get(name, ()):
            theirs = self.runs.get((name, row.key), [])
            if any(one.first <= run.last and run.first <= one.last for one in theirs for run in runs):
                return False
            if self._fits(name, row) and row.created is not None and row.created <= runs[-1].last:
                return False
        return True

    def _people_without_row(self, former: Collection[str]) -> frozenset[str]:
        """Return the vanished keys of somebody who bore a name with a history, and one name at a time.

        A key that holds records of a name while a living user bore it, too, is what tools wrote for nobody.
        """
        names_of: dict[str, list[str]] = defaultdict(list)
        for name, key in self.runs:
            if key not in self.rows:
                names_of[key].append(name)
        return frozenset(
            key
            for key, names in names_of.items()
            if any(name in former for name in names)
            and all(name in former or self._is_free_then(name, self.runs[name, key]) for name in names)
            and not any(self._is_mixed(name, key, self.runs[name, key]) for name in names)
        )

    def _names_of_lost(self, lost: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Return vanished key -> the name its person bore last, if it is no living user's and no other lost one's."""
        called: dict[str, tuple[Minute, str]] = {}
        for name, keys in lost.items():
            for key in keys:
                called[key] = max(called.get(key, (0, "")), (self.runs[name, key][-1].last, name))
        bearers = Counter(application_name(name) for _, name in called.values())
        return {
            key: name
            for key, (_, name) in called.items()
            if not self.alike.get(application_name(name)) and bearers[application_name(name)] == 1
        }

    # --- times ----------------------------------------------------------------------------------------------------

    def _times(
        self, name: str, former: Collection[str], lost: Sequence[str], contested: Collection[str]
    ) -> tuple[Use, ...]:
        """Return from when to when each bore a name; between the last sign of one and the first of the next it is open.

        So it is in the time of contested records.

        Signs are records, the registration that fits a row, and that a row bears the name today.
        """
        today = [row for row in self.named.get(name, ()) if row.key not in former]
        bearers = {*former, *lost, *(row.key for row in today)}
        signs: list[tuple[Minute, str | None, bool]] = [
            (minute, key if key in bearers else "", False)
            for minute, key in self.of_name.get(name, ())
            if key in bearers or key in contested
        ]
        taken = {*bearers, *contested}
        signs += [
            (minute, None, False)
            for minute, key in self.of_name.get(name, ())
            if key not in taken and self._is_own_lost(name, key)
        ]
        for minute in self.registered.get(name, ()):
            fitting = [key for key in bearers if key in self.rows and self._fits_then(name, minute, self.rows[key])]
            fitting = fitting or [key for key in bearers if self.claimed.get(key) == name]
            if len(fitting) == 1:
                signs.append((minute - SLACK, fitting[0], True))
            elif not fitting and not self._is_refused(minute, signs):
                signs.append((minute - SLACK, None, True))
        if len(today) == 1:
            signs.append((_END, today[0].key, True))
        runs: list[tuple[Minute, Minute, str | None, bool]] = []
        for minute, key, sure in sorted(signs, key=lambda sign: (sign[0], not sign[2])):
            if runs and runs[-1][2] == key:
                runs[-1] = (runs[-1][0], minute, key, True)
            else:
                runs.append((minute, minute, key, sure))
        runs = _with_registrations(_without_strays(runs), lost)
        if not runs or {key for *_, key, _ in runs} <= {row.key for row in today}:
            return ()
        last = len(runs) - 1
        gaps = [gap for key in self.changed.keys() - {key for *_, key, _ in runs} for gap in self._open_gaps(key)]
        since = max((min(end, runs[0][0]) for start, end in gaps if start < runs[0][0]), default=None)
        until = min((max(start, runs[last][1]) + 1 for start, end in gaps if end > runs[last][1] + 1), default=None)
        return tuple(
            Use(key, first if number else since, end + 1 if number < last else until)
            for number, (first, end, key, _) in enumerate(runs)
        )

    def _open_gaps(self, key: str) -> list[tuple[Minute, Minute]]:
        """Return the times between signs of a row whose person changed the name, in which they may have borne any name.

        Between two signs of one name they bore that one, and after the last sign they took the name of today.
        """
        row = self.rows[key]
        born = self._registered_with(row)
        borne = {row.name, *born, *self.changed[key]}
        signs = [(minute, name) for minute, name in self.at.get(key, ()) if name in borne]
        if row.created is not None and len(born) == 1:
            signs = [(row.created, next(iter(born))), *signs]
        return [(one, other) for (one, name), (other, then) in pairwise(sorted(signs)) if name != then]

    def _is_own_lost(self, name: str, key: str) -> bool:
        """Return whether a vanished key is a name itself (era v2), or of nothing but that name: it speaks for itself."""
        if key in self.rows:
            return False
        told = self.at[key]
        return key == name or (len(told) >= FORMER_RECORDS and all(other == name for _, other in told))

    def _fits_then(self, name: str, minute: Minute, row: RosterEntry) -> bool:
        return self._fits(name, row) and row.created is not None and abs(minute - row.created) <= SLACK

    @staticmethod
    def _is_refused(minute: Minute, signs: Iterable[tuple[Minute, str | None, bool]]) -> bool:
        """Return whether somebody bore a name before and after a line that registers it.

        The application refused such a registration and wrote its line all the same (section 2.2).
        """
        before = [(when, key) for when, key, _ in signs if when < minute]
        after = [(when, key) for when, key, _ in signs if when > minute]
        return bool(before and after) and max(before)[1] == min(after)[1]

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

    def _equal_to_the_application(self, uses: Collection[str]) -> list[tuple[str, str]]:
        """Return (name, key) of the names without a row that are the same to the application as exactly one row's name."""
        found = []
        for name in sorted({*self.registered, *self.of_name}):
            if name in uses or name in self.named or name in self.left_alone:
                continue
            same = self.alike.get(application_name(name), ())
            if len(same) == 1 and application_spelling(name) and same[0].name not in self.left_alone:
                found.append((name, same[0].key))
        return found


def _with_registrations(
    runs: Sequence[tuple[Minute, Minute, str | None, bool]], lost: Collection[str]
) -> list[tuple[Minute, Minute, str | None, bool]]:
    """Return runs in which a registration that fits no row is that of the lost person who bears the name next."""
    kept: list[tuple[Minute, Minute, str | None, bool]] = []
    for run in runs:
        if kept and kept[-1][2] is None and run[2] in lost and kept[-1][0] == kept[-1][1]:
            kept[-1] = (kept[-1][0], run[1], run[2], True)
        else:
            kept.append(run)
    return kept


def _without_strays(
    runs: Sequence[tuple[Minute, Minute, str | None, bool]],
) -> list[tuple[Minute, Minute, str | None, bool]]:
    """Return runs without single records in the midst of somebody else's: the damage that is looked for."""
    kept: list[tuple[Minute, Minute, str | None, bool]] = []
    for number, run in enumerate(runs):
        around = number and number + 1 < len(runs) and runs[number - 1][2] == runs[number + 1][2]
        if around and not run[3]:
            continue
        if kept and kept[-1][2] == run[2]:
            kept[-1] = (kept[-1][0], run[1], run[2], True)
        else:
            kept.append(run)
    return kept
