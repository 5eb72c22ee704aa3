"""What is known of one name or user, and what speaks for and against two of them being one person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from thywill_reconstruct.database.rows import Snapshot, UserRow
from thywill_reconstruct.diff.analyse import Analysis
from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.identity.model import Person
from thywill_reconstruct.records import Archive
from thywill_reconstruct.report.sightings import Deed, Sighting, count_deeds, sight
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, show

# How many lines of the archives, and how many of a kind of evidence, are worth a reader's time.
PLACES = 4
EXAMPLES = 2
_KINDS = {"submitted": ("prayer", "prayers"), "prayed": ("mark", "marks")}


@dataclass(frozen=True, slots=True)
class Dossier:
    """What archives and database know of one name or user.

    Attributes:
        name: What to call it: the row's name today, or the leading spelling.
        spellings: Every spelling in the archives that is counted here.
        user: The row, ``None`` if there is none.
        created: When the row says the person joined, on the archives' clock.
        rows: How many rows refer to the user, in the tables that are compared.
        registered: (minute, place) of every registration, ascending; the place in a registration file if there is one.
        inviters: Whom registration lines name as the inviter.
        invited: Whom it invited.
        deeds: What it did, in order of time.
        first, last: When it was seen doing anything, registrations included.
        points_at: (user key, records) at which the records of the spellings point in the database, most first.
        points_at_nobody: The same for keys that no user has.
        places: Archive lines that tell of it, as many as are worth reading.
    """

    name: str
    spellings: tuple[str, ...]
    user: UserRow | None
    created: Minute | None
    rows: int
    registered: tuple[tuple[Minute, str], ...]
    inviters: tuple[str, ...]
    invited: tuple[str, ...]
    deeds: tuple[Deed, ...]
    first: Minute | None
    last: Minute | None
    points_at: tuple[tuple[str, int], ...]
    points_at_nobody: tuple[tuple[str, int], ...]
    places: tuple[str, ...]

    @property
    def joined(self) -> Minute | None:
        """When the person joined: the earliest registration, else the row's own date."""
        return self.registered[0][0] if self.registered else self.created


class Dossiers:
    """Collects dossiers from one comparison."""

    def __init__(self, archive: Archive, snapshot: Snapshot, analysis: Analysis) -> None:
        self.users = {user.key: user for user in snapshot.users}
        self.people = analysis.resolution.persons
        self._archive = archive
        self._relations = analysis.relations
        self._created = {entry.key: entry.created for entry in analysis.roster}
        self._rows = snapshot.count_references()
        self._sightings: dict[str, Sighting] = {}
        self._bearers: dict[str, list[str]] = defaultdict(list)
        for user in snapshot.users:
            self._bearers[user.name].append(user.key)
        self._by_key: dict[str, Person] = {}
        self._by_spelling: dict[str, Person] = {}
        for person in self.people:
            for key in filter(None, (person.key, *person.twins)):
                self._by_key.setdefault(key, person)
            for spelling, _ in person.spellings:
                self._by_spelling.setdefault(spelling, person)
        self._nobody: dict[str, Counter[str]] = defaultdict(Counter)
        for key, names in analysis.relations.vanished.items():
            for name, count in names.items():
                self._nobody[name][key] += count

    def look_up(self, names: Iterable[str]) -> None:
        """Read what the archives tell of names, in one pass over them all; quicker than one by one."""
        asked = {*names} - self._sightings.keys()
        if asked:
            self._sightings |= sight(self._archive, [user.name for user in self.users.values()], asked)

    def places(self, spellings: Iterable[str]) -> Iterator[str]:
        """Yield every archive line that tells of one of some spellings."""
        for spelling in spellings:
            yield from self._sightings[spelling].places()

    def person_of(self, name: str, key: str = "") -> Person | None:
        """Return the person who has a user key, also of a doubled row, or else bears a spelling."""
        return self._by_key.get(key) if key else self._by_spelling.get(name)

    def bearers(self, name: str) -> list[str]:
        """Return the keys of the users who bear exactly this name today."""
        return self._bearers.get(name, [])

    def spellings(self, name: str, key: str = "") -> tuple[str, ...]:
        """Return how the archives write the person behind a name or a user; the name itself always stands first."""
        person = self.person_of(name, key)
        return _unique((name, *(text for text, _ in person.spellings))) if person else (name,)

    def of(self, name: str, key: str = "") -> Dossier:
        """Return the dossier of the user with a key, or of the name of the archives."""
        texts = self.spellings(name, key)
        self.look_up(texts)
        told = [self._sightings[text] for text in texts]
        deeds = tuple(sorted((deed for one in told for deed in one.deeds), key=lambda deed: deed.minute))
        registered: dict[Minute, str] = {}
        for statement in sorted(
            (s for one in told for s in one.joined), key=lambda s: (s.minute, not s.file, s.place)
        ):
            registered.setdefault(statement.minute, statement.place)
        times = [*registered, *(deed.minute for deed in deeds)]
        user = self.users.get(key)
        return Dossier(
            name=user.name if user else name,
            spellings=texts,
            user=user,
            created=self._created.get(key),
            rows=self._rows[key] if key else 0,
            registered=tuple(registered.items()),
            inviters=_unique(s.inviter for one in told for s in one.joined if s.inviter),
            invited=_unique(s.name for one in told for s in one.invited),
            deeds=deeds,
            first=min(times, default=None),
            last=max(times, default=None),
            points_at=_most_first(self._relations.living.get(text, {}) for text in texts),
            points_at_nobody=_most_first(self._nobody.get(text, {}) for text in texts),
            places=_unique(place for one in told for place in one.places())[:PLACES],
        )

    def called(self, key: str) -> str:
        """Return how a user key is shown: with the name, if a row has it."""
        return f"{self.users[key].name} ({key})" if key in self.users else f"the id {key}, which nobody has"


def _most_first(tallies: Iterable[Mapping[str, int]]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for tally in tallies:
        counts.update(tally)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def facts(dossier: Dossier, dossiers: Dossiers) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (label, values) of what is known, the same labels in the same order for everybody. Nothing is made safe."""
    user = dossier.user
    joined = show(dossier.created) if dossier.created is not None else user.created if user else ""
    points = [f"{count} x {dossiers.called(key)}" for key, count in (*dossier.points_at, *dossier.points_at_nobody)]
    return (
        ("user", (f"{user.key}, joined {joined}", f"{dossier.rows:,} rows refer to it") if user else ("no row",)),
        ("registered", _some([f"{show(minute)} ({place})" for minute, place in dossier.registered])),
        ("invited by", _some(dossier.inviters)),
        ("seen", (f"{show(dossier.first)} to {show(dossier.last)}",) if dossier.first is not None else ()),
        ("did", tuple(_counted(kind, n) for kind, n in count_deeds(dossier.deeds))),
        ("invited", _some(dossier.invited)),
        ("records", _some(points)),
        ("archives", dossier.places),
    )


def known(dossier: Dossier, dossiers: Dossiers) -> dict[str, list[str]]:
    """Return the same for JSON."""
    return {label.replace(" ", "_"): list(values) for label, values in facts(dossier, dossiers)}


def _some(values: Sequence[str]) -> tuple[str, ...]:
    more = (f"and {len(values) - EXAMPLES} more",) if len(values) > EXAMPLES else ()
    return (*values[:EXAMPLES], *more)


def _counted(kind: str, count: int) -> str:
    one, several = _KINDS.get(kind, (kind, kind))
    return f"{count:,} {one if count == 1 else several}"


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def speaks_for(one: Dossier, other: Dossier) -> tuple[str, ...]:
    """Return what speaks for two being one person, beside how alike the names are; sentences, not made safe."""
    said = []
    for a, b in ((one, other), (other, one)):
        if b.user is None:
            continue
        total = sum(count for _, count in a.points_at)
        count = dict(a.points_at).get(b.user.key, 0)
        if count and a.spellings != b.spellings:
            said.append(f"{count} of {total} records of {a.name!r} point at the user {b.name!r}.")
        if a.user is None and any(b.created is not None and abs(b.created - m) <= SLACK for m, _ in a.registered):
            said.append(f"The user {b.name!r} joined in the minute when {a.name!r} was registered.")
    shared = [name for name in one.inviters if name in other.inviters]
    if shared:
        said.append(f"Both were invited by {shared[0]!r}.")
    return tuple(said)


def speaks_against(one: Dossier, other: Dossier) -> tuple[str, ...]:
    """Return what speaks against two being one person; sentences, not made safe."""
    if {*one.spellings} & {*other.spellings}:
        return ()  # the archives write both in one way: what one did, the other did
    said = []
    if one.registered and other.registered:
        days = " and ".join(f"{side.name!r} on {show(side.registered[0][0])}" for side in (one, other))
        said.append(f"Both have a registration of their own: {days}.")
    said += _at_once(one, other)
    for a, b in ((one, other), (other, one)):
        if a.name in b.invited:
            said.append(f"{b.name!r} invited {a.name!r}.")
        if a.first is not None and b.joined is not None and a.first < b.joined - MINUTES_PER_DAY:
            said.append(f"{a.name!r} was seen on {show(a.first)}, before {b.name!r} joined on {show(b.joined)}.")
        elsewhere = [(key, n) for key, n in a.points_at if b.user is not None and key != b.user.key]
        if elsewhere:
            count, total = sum(n for _, n in elsewhere), sum(n for _, n in a.points_at)
            said.append(f"{count} of {total} records of {a.name!r} point at somebody else than {b.name!r}.")
    return tuple(said)


def _at_once(one: Dossier, other: Dossier) -> list[str]:
    """Return what both did to one prayer within one minute: nobody acts twice under two names."""
    when = {(deed.kind, deed.prayer, deed.minute): deed.places[0] for deed in one.deeds}
    both = [
        (deed, when[deed.kind, deed.prayer, deed.minute])
        for deed in other.deeds
        if (deed.kind, deed.prayer, deed.minute) in when
    ]
    if not both:
        return []
    deed, place = both[0]
    more = f", and {len(both) - 1} more times" if len(both) > 1 else ""
    return [
        f"Both {deed.kind} on the same prayer in the same minute, {show(deed.minute)}{more}: {place}, {deed.places[0]}."
    ]
