"""Prepare what identity needs: every spelling with how it was seen, and what shared events say about names and keys."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter

from thywill_reconstruct.database.rows import MarkRow, Snapshot, UserRow
from thywill_reconstruct.diff.clocks import Clock
from thywill_reconstruct.diff.events import log_coverage
from thywill_reconstruct.diff.registrations import Joined
from thywill_reconstruct.diff.sources import PrayerSources
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.identity.decisions import Decisions
from thywill_reconstruct.identity.model import Mention, Relations
from thywill_reconstruct.identity.placeholders import is_placeholder, looks_like_key
from thywill_reconstruct.records import Archive, InviteUse
from thywill_reconstruct.times import Minute, iso_minute

PLACES_SHOWN = 3
# Words that tools write where they found no id.
_WORDS = frozenset({"nil", "deleted", "removed", "undefined", "n/a", "na", "-", "?", "0", "-1", "false", "guest"})


def collect_mentions(archive: Archive, statements: Iterable[Joined]) -> list[Mention]:
    """Return one mention per spelling in the archives.

    Lines that a typed text could imitate do not count: a name that only stands in such lines is no mention.
    """
    logged = Counter(entry.actor for entry in archive.log)
    coverage = log_coverage(archive)
    unlogged: Counter[str] = Counter()
    registered: dict[str, list[Minute]] = defaultdict(list)
    written: Counter[str] = Counter()
    first: dict[str, Minute] = {}
    places: dict[str, list[str]] = defaultdict(list)
    for statement in statements:
        registered[statement.name].append(statement.minute)
        if statement.file:
            places[statement.name].append(statement.place)
        written[statement.name] += 1
        _earlier(first, statement.name, statement.minute)
        if statement.inviter:
            written[statement.inviter] += 1
            places[statement.inviter].append(statement.place)
    for entry in archive.log:
        if entry.minute < first.get(entry.actor, entry.minute + 1):
            first[entry.actor] = entry.minute
            places[entry.actor].append(f"{entry.file}:{entry.line}")
    for file in archive.prayers:
        written[file.author] += 1
        _earlier(first, file.author, file.submitted)
        if file.author not in logged:
            places[file.author].append(f"{file.file}:1")
            unlogged[file.author] += file.submitted is not None and not coverage.holds(file.submitted)
        for activity in file.activities:
            if not activity.doubtful:
                written[activity.actor] += 1
                if activity.actor not in logged:
                    _earlier(first, activity.actor, activity.minute)
                    unlogged[activity.actor] += not coverage.holds(activity.minute)
                    places[activity.actor].append(f"{file.file}:{activity.first}")
    for use in archive.invite_uses:
        for name in (use.used_by, use.creator):
            if name and name != "system" and not looks_like_key(name):
                written[name] += 1
                places[name].append(f"{use.file}:{use.line}")
    return [
        Mention(
            name=name,
            registered=tuple(sorted(set(registered.get(name, ())))),
            logged=logged.get(name, 0),
            written=written.get(name, 0),
            first=first.get(name),
            places=tuple(places.get(name, ())[:PLACES_SHOWN]),
            unlogged=unlogged.get(name, 0),
        )
        for name in sorted({*logged, *written})
        if name
    ]


def _earlier(first: dict[str, Minute], name: str, minute: Minute | None) -> None:
    if minute is not None and minute < first.get(name, minute + 1):
        first[name] = minute


def collect_relations(
    snapshot: Snapshot,
    sources: Mapping[str, PrayerSources],
    marks: Mapping[str, Sequence[MarkRow]],
    marks_clock: Clock,
    names: Iterable[str],
    statements: Sequence[Joined],
    uses: Iterable[InviteUse],
    suspects: Collection[str] = (),
    stand_ins: Collection[str] = (),
) -> Relations:
    """Return what events that stand in archive and database alike say about names and keys.

    Authors pair by prayer id; marks by prayer and minute, where both sides have exactly one; inviters by the invited
    person's name. To keep the cost down, marks are only looked at where a name or a key is in question: names that no
    user bears exactly, keys that no user has but several rows refer to, and users whose exact name never registered or acted.

    Args:
        snapshot: The database.
        sources: Archive sources by prayer id.
        marks: Mark rows by prayer id.
        marks_clock: The clock of the mark table.
        names: Every spelling that the archives register or saw acting.
        statements: Registration statements.
        suspects: Names whose user joined at another time than the name was registered.
        uses: Lines of the token usage log; in the era of ids they pair an id with the minute of a registration.
        stand_ins: Keys of users who stand for nobody: what points at them says nothing about anybody.
    """
    keys = {user.key for user in snapshot.users}
    exact = {user.name for user in snapshot.users}
    acting = set(names)
    odd = (acting - exact) | set(suspects)
    odd_keys = {user.key for user in snapshot.users if user.name not in acting}
    living: dict[str, Counter[str]] = defaultdict(Counter)
    vanished: dict[str, Counter[str]] = defaultdict(Counter)
    references: Counter[str] = Counter()

    of_ids = any(looks_like_key(key) for key in keys)

    def say(name: str, key: str | None) -> None:
        if not name or not key or is_placeholder(name) or key in stand_ins:
            return
        if key in keys:
            living[name][key] += 1
        elif not is_nobody(key) and (looks_like_key(key) or not of_ids):
            vanished[key][name] += 1

    for prayer in snapshot.prayers:
        if prayer.key in sources:
            say(written_author(sources[prayer.key]), prayer.author)
    strange = _of_another(living, {user.key: user.name for user in snapshot.users if user.name in acting})
    odd |= strange.keys()
    odd_keys |= set(strange.values())
    for key, count in snapshot.count_references().items():
        if key not in keys and not is_nobody(key):
            references[key] = count
    for reference in snapshot.references:
        references[reference.user] += reference.rows
    odd_keys |= {key for key, rows in references.items() if rows > 1 and key not in keys}
    for prayer_id, rows in marks.items():
        source = sources.get(prayer_id)
        told = _told_marks(source) if source is not None else ()
        if any(row.user in odd_keys for row in rows) or (odd and any(name in odd for name, _ in told)):
            for name, user in _shared_marks(told, rows, odd, odd_keys, marks_clock):
                say(name, user)
    by_name = {user.name: user for user in snapshot.users}
    for statement in statements:
        if statement.inviter and statement.name in by_name:
            say(statement.inviter, by_name[statement.name].inviter)
    for name, claimant in _claims(uses, statements):
        say(name, claimant)
    return Relations(
        living=living,
        vanished=vanished,
        references=references,
        older=_older(snapshot),
        since=oldest_rows(snapshot, vanished),
        until=newest_rows(snapshot, vanished),
    )


def _of_another(living: Mapping[str, Mapping[str, int]], bears: Mapping[str, str]) -> dict[str, str]:
    """Return name -> user of those to whom as many prayers of another name point as of their own: is the name still theirs?"""
    found = {}
    for name, users in living.items():
        for key, count in users.items():
            bearer = bears.get(key, name)
            if folded(bearer) != folded(name) and count >= living.get(bearer, {}).get(key, 0):
                found[bearer] = key
    return found


def oldest_rows(snapshot: Snapshot, keys: Collection[str]) -> dict[str, Minute]:
    """Return the time of the oldest row that refers to each of some keys, on the database's clock."""
    return _row_times(snapshot, keys, min)


def newest_rows(snapshot: Snapshot, keys: Collection[str]) -> dict[str, Minute]:
    """Return the time of the newest row that refers to each of some keys, on the database's clock."""
    return _row_times(snapshot, keys, max)


def _row_times(snapshot: Snapshot, keys: Collection[str], choose: Callable[[str, str], str]) -> dict[str, Minute]:
    chosen: dict[str, str] = {}
    for rows, column in (
        (snapshot.prayers, "author"),
        (snapshot.marks, "user"),
        (snapshot.attributes, "user"),
        (snapshot.log, "user"),
    ):
        for key, created in map(attrgetter(column, "created"), rows):
            if created and key in keys:
                chosen[key] = choose(created, chosen.get(key, created))
    found = ((key, iso_minute(created)) for key, created in chosen.items())
    return {key: minute for key, minute in found if minute is not None}


def _older(snapshot: Snapshot) -> frozenset[str]:
    """Return the users to whom at least two rows refer that are older than the user's own row."""
    born = {user.key: user.created for user in snapshot.users if user.created}
    seen: Counter[str] = Counter()
    for rows, column in ((snapshot.prayers, "author"), (snapshot.marks, "user")):
        for key, created in map(attrgetter(column, "created"), rows):
            if created and key in born and created < born[key]:
                seen[key] += 1
    return frozenset(key for key, count in seen.items() if count > 1)


def _claims(uses: Iterable[InviteUse], statements: Iterable[Joined]) -> Iterable[tuple[str, str]]:
    """Yield (name, key) where a key claimed a token in a minute in which exactly one person registered, and nobody else did."""
    registered: dict[Minute, set[str]] = defaultdict(set)
    for statement in statements:
        if statement.file:
            registered[statement.minute].add(statement.name)
    claimed: dict[Minute, set[str]] = defaultdict(set)
    for use in uses:
        if use.used_by and use.minute is not None and looks_like_key(use.used_by):
            claimed[use.minute].add(use.used_by)
    for minute, keys in claimed.items():
        around = {name for m in (minute - 1, minute, minute + 1) for name in registered.get(m, ())}
        if len(keys) == 1 and len(around) == 1:
            yield next(iter(around)), next(iter(keys))


def find_stand_ins(users: Iterable[UserRow], statements: Iterable[Joined], decisions: Decisions) -> frozenset[str]:
    """Return the keys of users who stand for nobody: ``Unknown User``, ``DeletedUser7``, made by repair tools.

    Such a tool booked on them whatever belonged to nobody, so a reference to one says no more than a dangling one. Whoever
    registered under such a name, or has one by decision, is a person.
    """
    registered = {statement.name for statement in statements}
    return frozenset(
        user.key
        for user in users
        if is_placeholder(user.name) and user.name not in registered and not decisions.naming(user.name)
    )


def is_nobody(key: str | None) -> bool:
    """Return whether a stored reference is empty or a word for nobody, rather than a key that once was somebody's.

    A word that several rows share is no person's id, whatever those rows have in common.
    """
    return key is None or (is_placeholder(key) and not looks_like_key(key)) or key.strip().casefold() in _WORDS


def written_author(source: PrayerSources) -> str:
    """Return the author's name as the archives tell it: the activity log's, else the first file's that names one."""
    for entry in source.submissions:
        return entry.actor
    return next((file.author for file in source.files if not is_placeholder(file.author)), "")


def _told_marks(source: PrayerSources) -> list[tuple[str, Minute]]:
    """Return (name, minute) of the marks that the activity log records, or without it the prayer files."""
    logged = [(entry.actor, entry.minute) for entry in source.log if entry.kind == "prayed"]
    lines = (line for file in source.files for line in file.activities)
    return logged or [(line.actor, line.minute) for line in lines if line.kind == "prayed" and not line.doubtful]


def _shared_marks(
    told: Sequence[tuple[str, Minute]],
    rows: Sequence[MarkRow],
    odd: Collection[str],
    odd_keys: Collection[str],
    clock: Clock,
) -> Iterable[tuple[str, str | None]]:
    """Yield (name, key) of the marks of names or keys in question that stand alone in their minute on both sides."""
    odd_minutes = {minute for name, minute in told if name in odd}
    for row in rows:
        if row.user not in odd_keys and not odd_minutes:
            continue
        created = iso_minute(row.created)
        minute = None if created is None else clock.archive_minutes(created)[0]
        if minute is None or (row.user not in odd_keys and minute not in odd_minutes):
            continue
        names = {name for name, when in told if when == minute}
        prefix = (row.created or "")[:16]
        if len(names) == 1 and sum((other.created or "").startswith(prefix) for other in rows) == 1:
            yield next(iter(names)), row.user
