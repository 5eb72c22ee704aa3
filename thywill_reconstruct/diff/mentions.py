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
from thywill_reconstruct.identity.decisions import Decisions
from thywill_reconstruct.identity.histories import Record
from thywill_reconstruct.identity.model import Mention, Relations
from thywill_reconstruct.identity.placeholders import is_placeholder, looks_like_key
from thywill_reconstruct.records import Archive, InviteUse
from thywill_reconstruct.times import Minute, iso_minute

PLACES_SHOWN = 3
# Words that tools write where they found no id.
_WORDS = frozenset({"nil", "deleted", "removed", "undefined", "n/a", "na", "-", "?", "0", "-1", "false", "guest"})


Today = Callable[[str, Minute | None], str]


def collect_mentions(archive: Archive, statements: Iterable[Joined], today: Today | None = None) -> list[Mention]:
    """Return one mention per spelling in the archives.

    Lines that a typed text could imitate do not count: a name that only stands in such lines is no mention.

    Args:
        archive: The archives.
        statements: Registration statements.
        today: Returns what a name of some minute is called today, empty if that is open: then the line names nobody. Without it
            every name is what it is.
    """

    def called(name: str, minute: Minute | None = None) -> str:
        return name if today is None else today(name, minute)

    logged: Counter[str] = Counter()
    coverage = log_coverage(archive)
    unlogged: Counter[str] = Counter()
    registered: dict[str, list[Minute]] = defaultdict(list)
    written: Counter[str] = Counter()
    first: dict[str, Minute] = {}
    places: dict[str, list[str]] = defaultdict(list)
    if today is None:
        logged.update(entry.actor for entry in archive.log)
    else:
        logged.update(called(entry.actor, entry.minute) for entry in archive.log)
    for statement in statements:
        name = called(statement.name, statement.minute)
        registered[name].append(statement.minute)
        if statement.file:
            places[name].append(statement.place)
        written[name] += 1
        _earlier(first, name, statement.minute)
        if statement.inviter:
            inviter = called(statement.inviter, statement.minute)
            written[inviter] += 1
            places[inviter].append(statement.place)
    for entry in archive.log:
        name = called(entry.actor, entry.minute)
        if entry.minute < first.get(name, entry.minute + 1):
            first[name] = entry.minute
            places[name].append(f"{entry.file}:{entry.line}")
    for file in archive.prayers:
        name = called(file.author, file.submitted)
        written[name] += 1
        _earlier(first, name, file.submitted)
        if name not in logged:
            places[name].append(f"{file.file}:1")
            unlogged[name] += file.submitted is not None and not coverage.holds(file.submitted)
        for activity in file.activities:
            if not activity.doubtful:
                name = called(activity.actor, activity.minute)
                written[name] += 1
                if name not in logged:
                    _earlier(first, name, activity.minute)
                    unlogged[name] += not coverage.holds(activity.minute)
                    places[name].append(f"{file.file}:{activity.first}")
    for use in archive.invite_uses:
        for word in (use.used_by, use.creator):
            if word and word != "system" and not looks_like_key(word):
                name = called(word, use.minute)
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


def acting_minutes(archive: Archive, names: Collection[str]) -> dict[str, list[Minute]]:
    """Return name -> minutes, ascending, at which the archives saw some names act: by the log, else by prayer files."""
    found: dict[str, list[Minute]] = {name: [] for name in names}
    coverage = log_coverage(archive)
    for entry in archive.log:
        if entry.actor in found and entry.kind != "registered":
            found[entry.actor].append(entry.minute)
    for file in archive.prayers:
        if file.author in found and file.submitted is not None and not coverage.holds(file.submitted):
            found[file.author].append(file.submitted)
        for line in file.activities:
            if line.actor in found and not line.doubtful and not coverage.holds(line.minute):
                found[line.actor].append(line.minute)
    for minutes in found.values():
        minutes.sort()
    return found


def _earlier(first: dict[str, Minute], name: str, minute: Minute | None) -> None:
    if minute is not None and minute < first.get(name, minute + 1):
        first[name] = minute


def collect_records(
    snapshot: Snapshot,
    sources: Mapping[str, PrayerSources],
    marks: Mapping[str, Sequence[MarkRow]],
    marks_clock: Clock,
    users_clock: Clock,
    statements: Sequence[Joined],
    uses: Iterable[InviteUse],
    nobody: Callable[[str], bool] = is_placeholder,
    stand_ins: Collection[str] = (),
) -> list[Record]:
    """Return the events that stand in archive and database alike, each with the line's name and the row's user key.

    Authors pair by prayer id; marks by prayer and minute, where both sides have exactly one person; inviters by the minute in
    which one person registered and one row was made; in the era of ids, a token's claim by the minute of the one registration.

    Args:
        snapshot: The database.
        sources: Archive sources by prayer id.
        marks: Mark rows by prayer id.
        marks_clock, users_clock: The clocks of the tables of marks and users.
        statements: Registration statements.
        uses: Lines of the token usage log; in the era of ids they pair an id with the minute of a registration.
        nobody: Whether a name stands for nobody.
        stand_ins: Keys of users who stand for nobody: what points at them says nothing about anybody.
    """
    keys = {user.key for user in snapshot.users}
    of_ids = any(looks_like_key(key) for key in keys)
    records: list[Record] = []

    def say(name: str, key: str | None, minute: Minute | None) -> None:
        if not name or not key or minute is None or key in stand_ins or nobody(name):
            return
        if key in keys or (not is_nobody(key) and (looks_like_key(key) or not of_ids)):
            records.append(Record(name, key, minute))

    for prayer in snapshot.prayers:
        source = sources.get(prayer.key)
        if source is not None:
            name, told = written_author(source, nobody)
            say(name, prayer.author, told if told is not None else iso_minute(prayer.created))
    for prayer_id, rows in marks.items():
        source = sources.get(prayer_id)
        if source is not None:
            for name, user, minute in _shared_marks(_told_marks(source), rows, marks_clock):
                say(name, user, minute)
    for statement, row in _joined_rows(snapshot, statements, users_clock):
        say(statement.inviter, row.inviter, statement.minute)
    for name, claimant, minute in _claims(uses, statements):
        say(name, claimant, minute)
    return records


def _joined_rows(snapshot: Snapshot, statements: Iterable[Joined], clock: Clock) -> Iterable[tuple[Joined, UserRow]]:
    """Yield (statement, row) of the registrations that name an inviter, alone in their minute on both sides."""
    rows: dict[Minute, list[UserRow]] = defaultdict(list)
    for user in snapshot.users:
        created = iso_minute(user.created)
        if created is not None:
            rows[clock.archive_minutes(created)[0]].append(user)
    told = [statement for statement in statements if statement.file]
    crowd = Counter(statement.minute for statement in told)
    for statement in told:
        here = rows.get(statement.minute, [])
        if statement.inviter and crowd[statement.minute] == 1 and len(here) == 1:
            yield statement, here[0]


def collect_relations(snapshot: Snapshot, records: Iterable[Record]) -> Relations:
    """Return what events that stand in archive and database alike say about names, as they are called today, and keys."""
    keys = {user.key for user in snapshot.users}
    living: dict[str, Counter[str]] = defaultdict(Counter)
    vanished: dict[str, Counter[str]] = defaultdict(Counter)
    for name, key, _ in records:
        if not name:
            continue
        if key in keys:
            living[name][key] += 1
        else:
            vanished[key][name] += 1
    references: Counter[str] = Counter()
    for key, count in snapshot.count_references().items():
        if key not in keys and not is_nobody(key):
            references[key] = count
    for reference in snapshot.references:
        references[reference.user] += reference.rows
    return Relations(
        living=living,
        vanished=vanished,
        references=references,
        older=_older(snapshot),
        since=oldest_rows(snapshot, vanished),
        until=newest_rows(snapshot, vanished),
    )


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


def _claims(uses: Iterable[InviteUse], statements: Iterable[Joined]) -> Iterable[tuple[str, str, Minute]]:
    """Yield (name, key, minute) of each claim by the only key that claimed in a minute in which one person registered."""
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
            yield next(iter(around)), next(iter(keys)), minute


def names_of_people(users: Iterable[UserRow], statements: Sequence[Joined], clock: Clock) -> frozenset[str]:
    """Return the names that look like placeholders and are people's.

    A member may register under any name, also one on the lists, and change to one later: a registration line, a claimed invite
    token, or a row that was made in the minute of a registration beats every list (archive format spec, section 6.4).
    """
    joined: dict[Minute, set[str]] = defaultdict(set)
    for statement in statements:
        joined[statement.minute].add(statement.name)
    made: dict[Minute, list[UserRow]] = defaultdict(list)
    found = {statement.name for statement in statements}
    for user in users:
        if user.token:
            found.add(user.name)
        created = iso_minute(user.created)
        for minute in () if created is None else clock.archive_minutes(created)[:1]:
            made[minute].append(user)
    # As many rows as registrations: a row too many of a minute is one that a tool made with a time that it found.
    found |= {user.name for minute, rows in made.items() if len(rows) <= len(joined[minute]) for user in rows}
    return frozenset(filter(is_placeholder, found))


def find_stand_ins(users: Iterable[UserRow], people: Collection[str], decisions: Decisions) -> frozenset[str]:
    """Return the keys of users who stand for nobody: ``Unknown User``, ``DeletedUser7``, made by repair tools.

    Such a tool booked on them whatever belonged to nobody, so a reference to one says no more than a dangling one. Whoever
    registered under such a name (``names_of_people``), or has one by decision, is a person.
    """
    return frozenset(
        user.key
        for user in users
        if is_placeholder(user.name) and user.name not in people and not decisions.naming(user.name)
    )


def is_nobody(key: str | None) -> bool:
    """Return whether a stored reference is empty or a word for nobody, rather than a key that once was somebody's.

    A word that several rows share is no person's id, whatever those rows have in common.
    """
    return key is None or (is_placeholder(key) and not looks_like_key(key)) or key.strip().casefold() in _WORDS


def written_author(
    source: PrayerSources, nobody: Callable[[str], bool] = is_placeholder
) -> tuple[str, Minute | None]:
    """Return the author's name as the archives tell it, and when: the activity log's, else the first file's that names one."""
    for entry in source.submissions:
        return entry.actor, entry.minute
    return next(((file.author, file.submitted) for file in source.files if not nobody(file.author)), ("", None))


def _told_marks(source: PrayerSources) -> list[tuple[str, Minute]]:
    """Return (name, minute) of the marks that the activity log records, or without it the prayer files."""
    logged = [(entry.actor, entry.minute) for entry in source.log if entry.kind == "prayed"]
    lines = (line for file in source.files for line in file.activities)
    return logged or [(line.actor, line.minute) for line in lines if line.kind == "prayed" and not line.doubtful]


def _shared_marks(
    told: Sequence[tuple[str, Minute]], rows: Sequence[MarkRow], clock: Clock
) -> Iterable[tuple[str, str | None, Minute]]:
    """Yield (name, key, minute) of the marks that stand alone in their minute on both sides."""
    names: dict[Minute, set[str]] = defaultdict(set)
    for name, minute in told:
        names[minute].add(name)
    crowd = Counter((row.created or "")[:16] for row in rows)
    for row in rows:
        created = iso_minute(row.created)
        then = None if created is None else clock.archive_minutes(created)[0]
        if then is not None and len(names.get(then, ())) == 1 and crowd[(row.created or "")[:16]] == 1:
            yield next(iter(names[then])), row.user, then
