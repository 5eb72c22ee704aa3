"""Which files of the archives, and which parts of them, are another community's. Pure.

A backup of another community unpacked over the folder brings prayers that nothing here knows. Who wrote them may bear a name
that somebody here bears too, so names alone prove nothing. What belongs here hangs together with the rows of the database: its
prayers stand there, or in a log that tells of such prayers as well (archive format spec, section 7).

What does not belong is left out and named (AR028), file by file. Where almost nothing belongs, the whole archive is refused
before (``strangers``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby

from thywill_reconstruct.archives.repeats import find_runs
from thywill_reconstruct.database.rows import Snapshot
from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.diff.events import log_coverage
from thywill_reconstruct.diff.strangers import JUDGED_FROM
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.identity.placeholders import is_placeholder
from thywill_reconstruct.records import Archive, LogEntry, PrayerFile, Problem, Registration, Span
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, iso_minute, show

# A log that is silent for longer may have lost what happened meanwhile.
LONGEST_SILENCE = 3 * MINUTES_PER_DAY
# So many strange files, or people, together are no accident.
CLUSTER = 3
# Of the people in what belongs here at least so many are known here. A cluster of strangers may share names with us.
KNOWN_AT_LEAST = 0.5
# Of those in a part of the log with many prayers, none of which is known, almost all must be.
KNOWN_IN_A_LOG = 0.75
HOW = "It was left out. If it belongs here, take it in with --force."

_Group = list[LogEntry]


@dataclass(slots=True)
class _Here:
    """What is known of this community: prayers by id, people by name and since when they are seen, the log's times."""

    ids: set[str]
    since: dict[str, Minute] = field(default_factory=dict)
    joined: dict[str, set[Minute]] = field(default_factory=lambda: defaultdict(set))
    minutes: list[Minute] = field(default_factory=list)

    def see(self, name: str, minute: Minute | None) -> None:
        if name and minute is not None and not is_placeholder(name):
            key = folded(name)
            self.since[key] = min(minute, self.since.get(key, minute))

    def knows(self, name: str, minute: Minute) -> bool:
        """Say whether somebody of this name was here at that time; clocks may be apart by a day."""
        since = self.since.get(folded(name))
        return since is not None and since <= minute + MINUTES_PER_DAY

    def logs(self, minute: Minute) -> bool:
        """Say whether the log tells what happened just before and just after a time."""
        at = bisect_left(self.minutes, minute)
        return 0 < at < len(self.minutes) and self.minutes[at] - self.minutes[at - 1] <= LONGEST_SILENCE


def leave_out_strangers(archive: Archive, snapshot: Snapshot | None) -> Archive:
    """Return the archive without what seems to be another community's, with AR028 for each such file or part.

    Args:
        archive: One archive, or several united.
        snapshot: The database; ``None`` if there is none, then the activity log is the measure.
    """
    news = _files_with_news(archive)
    groups = _groups(entry for entry in archive.log if entry.file not in news)
    ids = _stored_ids(snapshot) if snapshot is not None else {entry.prayer_id for entry in archive.log}
    measure = len(snapshot.prayers) if snapshot is not None else len(ids)
    if measure < JUDGED_FROM:
        return archive
    here, islands = _gather(groups, ids)
    _see_people(here, archive, snapshot, islands)
    strange = [island for island in islands if _is_strange_log(here, island)]
    strange_ids = {entry.prayer_id for island in strange for group in island for entry in group} - {""}
    for island in islands:
        if island not in strange:
            here.ids |= {entry.prayer_id for group in island for entry in group}
            for entry in (entry for group in island for entry in group):
                here.see(entry.actor, entry.minute)
    files = [file for file in archive.prayers if file.prayer_id and file.prayer_id not in here.ids]
    strange_files = _strange_files(here, archive, files, strange_ids)
    registrations = _strange_registrations(here, archive)
    lines = {(entry.file, entry.line) for island in strange for group in island for entry in group}
    lines |= {
        (entry.file, entry.line) for entry in archive.log if entry.file in news and not _proves(here, entry, archive)
    }
    if not (lines or strange_files or registrations):
        return archive
    return _without(archive, lines, strange_files, registrations)


def _stored_ids(snapshot: Snapshot) -> set[str]:
    """Return every prayer that a row of the database is, or refers to."""
    ids = {prayer.key for prayer in snapshot.prayers} | {row.prayer for row in snapshot.marks}
    return ids | {row.prayer for row in snapshot.attributes} | {row.prayer for row in snapshot.log}


def _files_with_news(archive: Archive) -> set[str]:
    """Return the copies that tell what no live file tells: each line of theirs needs a proof of its own."""
    return {problem.span.file for problem in archive.problems if problem.code == "AR024"}


def _groups(log: Iterable[LogEntry]) -> list[_Group]:
    """Return the log in pieces that were written as one: by file and month, and within these where times go on."""
    groups: list[_Group] = []
    for _, entries in groupby(log, key=lambda entry: (entry.file, _month(entry.minute // MINUTES_PER_DAY))):
        here = list(entries)
        starts = find_runs([entry.minute for entry in here], [entry.line for entry in here])
        groups += [
            here[start:end] for start, end in zip(starts, [*starts[1:], len(here)], strict=True) if start < end
        ]
    return groups


@cache
def _month(day: int) -> str:
    return show(day * MINUTES_PER_DAY)[:7]


def _gather(groups: Sequence[_Group], ids: set[str]) -> tuple[_Here, list[list[_Group]]]:
    """Return what is known here by the log that hangs together with known prayers, and the islands that do not.

    Pieces hang together that tell of the same prayer. One without any prayer proves nothing, so it stays.
    """
    of_id: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        for prayer_id in {entry.prayer_id for entry in group} - {""}:
            of_id[prayer_id].append(number)
    free = set(range(len(groups)))

    def reach(start: Iterable[str]) -> list[_Group]:
        found: list[_Group] = []
        todo = [*start]
        while todo:
            for number in of_id.pop(todo.pop(), ()):
                if number in free:
                    free.discard(number)
                    found.append(groups[number])
                    todo += {entry.prayer_id for entry in groups[number]}
        return found

    ours = reach(list(ids & of_id.keys()))
    islands = []
    while of_id:
        if island := reach([next(iter(of_id))]):
            islands.append(island)
    ours += [groups[number] for number in sorted(free)]
    here = _Here(ids | {entry.prayer_id for group in ours for entry in group})
    for entry in (entry for group in ours for entry in group):
        here.see(entry.actor, entry.minute)
        if entry.kind == "registered":
            here.joined[folded(entry.actor)].add(entry.minute)
    here.minutes = sorted(entry.minute for group in ours for entry in group)
    return here, islands


def _see_people(here: _Here, archive: Archive, snapshot: Snapshot | None, islands: Sequence[object]) -> None:
    """Add the people of the database, and of prayers that are known here; registrations only tell since when."""
    for user in snapshot.users if snapshot is not None else ():
        here.see(user.name, iso_minute(user.created))
    for file in archive.prayers:
        if file.prayer_id in here.ids:
            for name, minute in _people(file):
                here.see(name, minute)
    for registration in archive.registrations:
        for name, _ in registration.readings:
            if folded(name) in here.since:
                here.see(name, registration.minute)


def _people(file: PrayerFile) -> Iterator[tuple[str, Minute]]:
    """Yield who did something in a prayer file, and when."""
    if file.submitted is not None:
        yield file.author, file.submitted
    for activity in file.activities:
        if not activity.doubtful:
            yield activity.actor, activity.minute


def _known_share(here: _Here, people: Iterable[tuple[str, Minute]]) -> float:
    """Return which share of the people was here when they did what is told of them."""
    known: dict[str, bool] = {}
    for name, minute in people:
        if name and not is_placeholder(name):
            key = folded(name)
            known[key] = known.get(key, True) and here.knows(name, minute)
    return sum(known.values()) / len(known) if known else 1.0


def _is_strange_log(here: _Here, island: Sequence[_Group]) -> bool:
    """Say whether a part of the log that tells of no known prayer tells of strangers.

    Somebody who joins there and joined here at another time is another bearer of the name. In a few lines, whom somebody known
    here invited says nothing against them.
    """
    entries = [entry for group in island for entry in group if entry.kind != "other"]
    many = len({entry.prayer_id for entry in entries} - {""}) >= JUDGED_FROM
    guests = {folded(e.actor) for e in entries if e.kind == "registered" and here.knows(e.detail, e.minute)}
    guests -= here.since.keys()
    people = [
        (entry.actor, -1 if entry.kind == "registered" and _joined_otherwise(here, entry) else entry.minute)
        for entry in entries
        if many or folded(entry.actor) not in guests
    ]
    return _known_share(here, people) < (KNOWN_IN_A_LOG if many else KNOWN_AT_LEAST)


def _joined_otherwise(here: _Here, entry: LogEntry) -> bool:
    joined = here.joined.get(folded(entry.actor), ())
    return bool(joined) and all(abs(minute - entry.minute) > SLACK for minute in joined)


def _strange_files(
    here: _Here, archive: Archive, files: Sequence[PrayerFile], strange_ids: set[str]
) -> dict[str, str]:
    """Return path -> why of the prayer files that do not belong here, out of those that no row and no log of ours knows."""
    news = _files_with_news(archive)
    coverage = log_coverage(archive)
    found: dict[str, str] = {}
    unlogged = []
    for file in files:
        if file.prayer_id in strange_ids:
            found[file.file] = "only a log of strangers knows this prayer"
        elif file.file in news:
            found[file.file] = "nothing here knows the prayer of this copy"
        elif file.submitted is None or (coverage.holds(file.submitted) and here.logs(file.submitted)):
            found[file.file] = "neither the database nor the activity log, which covers its time, knows this prayer"
        else:
            unlogged.append(file)
    for cluster in _clusters(here, unlogged):
        if (
            len(cluster) >= CLUSTER
            and _known_share(here, (one for file in cluster for one in _people(file))) < KNOWN_AT_LEAST
        ):
            reason = f"nothing here knows this prayer, nor most people in the {len(cluster):,} such files"
            found |= {file.file: reason for file in cluster}
    # What lies between strange files and is known by its names alone came with them.
    times = [file.submitted for file in unlogged if file.file in found and file.submitted is not None]
    for file in unlogged:
        if times and file.file not in found and min(times) <= (file.submitted or 0) <= max(times):
            found[file.file] = "nothing here knows this prayer, and strangers' prayers of that time lie beside it"
    return found


def _clusters(here: _Here, files: Sequence[PrayerFile]) -> list[list[PrayerFile]]:
    """Return the files, together those in which the same unknown people do something."""
    parent = list(range(len(files)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    seen: dict[str, int] = {}
    for number, file in enumerate(files):
        for name, minute in _people(file):
            if not here.knows(name, minute) and not is_placeholder(name):
                parent[root(number)] = root(seen.setdefault(folded(name), number))
    clusters: dict[int, list[PrayerFile]] = defaultdict(list)
    for number, file in enumerate(files):
        clusters[root(number)].append(file)
    return list(clusters.values())


def _strange_registrations(here: _Here, archive: Archive) -> dict[tuple[str, int], str]:
    """Return (file, line) -> why of the registration lines that do not belong here.

    A line belongs here if the log tells of that registration, or if the person has a row or does something here and is not
    known to have joined at another time. Pieces of a file that mostly consist of others are strangers'.
    """
    news = _files_with_news(archive)
    found: dict[tuple[str, int], str] = {}
    for (file, _), lines in groupby(
        archive.registrations, key=lambda line: (line.file, _month(line.minute // MINUTES_PER_DAY))
    ):
        told = list(lines)
        starts = find_runs([line.minute for line in told], [line.line for line in told])
        for start, end in zip(starts, [*starts[1:], len(told)], strict=True):
            piece = told[start:end]
            others = [line for line in piece if not _registered_here(here, line)]
            if file in news:
                found |= {(file, line.line): "nothing else here tells of this person" for line in others}
            elif len(others) >= CLUSTER and len(others) > KNOWN_AT_LEAST * len(piece):
                reason = (
                    f"{len(others):,} of {len(piece):,} people do nothing here, and no log tells that they joined"
                )
                found |= {(file, line.line): reason for line in others}
    return found


def _registered_here(here: _Here, line: Registration) -> bool:
    for name, _ in line.readings:
        key = folded(name)
        joined = here.joined.get(key, ())
        if any(abs(minute - line.minute) <= SLACK for minute in joined):
            return True
        if key in here.since and not joined:
            return True
    return False


def _proves(here: _Here, entry: LogEntry, archive: Archive) -> bool:
    """Say whether a log line that only a copy tells is about a known prayer, or about a person who joined then."""
    if entry.prayer_id:
        return entry.prayer_id in here.ids
    key = folded(entry.actor)
    return entry.kind == "registered" and any(
        abs(line.minute - entry.minute) <= SLACK and any(folded(name) == key for name, _ in line.readings)
        for line in archive.registrations
    )


def _without(
    archive: Archive,
    log: set[tuple[str, int]],
    prayers: Mapping[str, str],
    registrations: Mapping[tuple[str, int], str],
) -> Archive:
    """Return the archive without what is not of this community."""
    problems = [
        _problem(file.file, 1, max(1, file.lines), prayers[file.file])
        for file in archive.prayers
        if file.file in prayers
    ]
    problems += _stretches(dict.fromkeys(log, "it tells of prayers and people that nothing here knows"))
    problems += _stretches(registrations)
    left = tuple(entry for entry in archive.log if (entry.file, entry.line) not in log)
    months = {_month(entry.minute // MINUTES_PER_DAY) for entry in left}
    gone = {_month(entry.minute // MINUTES_PER_DAY) for entry in archive.log if (entry.file, entry.line) in log}
    return replace(
        archive,
        prayers=tuple(file for file in archive.prayers if file.file not in prayers),
        log=left,
        registrations=tuple(one for one in archive.registrations if (one.file, one.line) not in registrations),
        covered_months=archive.covered_months - (gone - months),
        problems=tuple(sorted((*archive.problems, *problems), key=lambda p: (p.span, p.code, p.detail))),
    )


def _stretches(lines: Mapping[tuple[str, int], str]) -> Iterator[Problem]:
    """Yield one problem per file: of all the lines that are left out there."""
    for file, places in groupby(sorted(lines), key=lambda place: place[0]):
        numbers = [line for _, line in places]
        reason = lines[file, numbers[0]]
        count = "1 line" if len(numbers) == 1 else f"{len(numbers):,} lines"
        yield _problem(file, numbers[0], numbers[-1], f"{reason} ({count})")


def _problem(file: str, first: int, last: int, reason: str) -> Problem:
    return Problem("AR028", Span(file, first, last), f"This seems to be of another community: {reason}. {HOW}")
