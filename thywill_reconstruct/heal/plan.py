"""Which lines and files the archives lack, in the exact live format. Pure; writes nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats.prayers import parse
from thywill_reconstruct.database.rows import PrayerRow, UserRow
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.events import log_coverage
from thywill_reconstruct.diff.extents import can_choose
from thywill_reconstruct.diff.texts import same_text
from thywill_reconstruct.heal.doubts import Doubts
from thywill_reconstruct.heal.events import Happening, exported_ids, happenings, unrecorded
from thywill_reconstruct.heal.names import can_be_told
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, as_datetime

_PRAYER_FILE = re.compile(r"prayers/\d{4}/\d\d/\d{4}_\d\d_\d\d_prayer_at_\d{4}(_\d+)?\.txt")
_USERS_FILE = re.compile(r"users/\d{4}_\d\d_users\.txt")
_LINE_END = re.compile(r"[\r\n]")
TEXT_MISREAD = "Its file is written, but its text holds section markers: a rebuild divides it elsewhere, and says so."
LINES_MISREAD = "Its file is written, but a testimony holds lines like those of the file: a rebuild leaves these out."


@dataclass(slots=True)
class Healing:
    """What is to be written below the archive folder.

    Attributes:
        created: Path -> whole content of a new file.
        appended: Path -> what goes behind the last line of a file.
        counts: What is told by it, in words, with numbers.
        skipped: Subject -> why it cannot be told.
    """

    created: dict[str, str] = field(default_factory=dict)
    appended: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    skipped: dict[str, str] = field(default_factory=dict)


LogLine = tuple[Minute, int, str, str]


def plan_healing(ctx: Context, torn: frozenset[str], doubts: Doubts) -> Healing:
    """Return the text that the archives lack.

    Args:
        ctx: Archives and database side by side.
        torn: Files whose last line has no line end: nothing is appended to them, it would be glued to that line.
        doubts: Rows that may be wrong themselves: they are not told.
    """
    healing = Healing()
    log: list[LogLine] = []
    usable = _usable_names(ctx, healing, doubts)
    _registrations(ctx, healing, usable, torn, doubts, log)
    _prayers(ctx, healing, usable, torn, doubts, log)
    _activity_log(ctx, healing, torn, log)
    return healing


def _usable_names(ctx: Context, healing: Healing, doubts: Doubts) -> dict[str, str]:
    """Return user key -> name of those whom a line can name."""
    usable = {}
    for user in ctx.snapshot.users:
        if user.key in ctx.resolution.twin_of:
            continue
        if user.key in doubts.ignored:
            healing.skipped[f"user {user.key}"] = "Your decisions say that this person was deleted on purpose."
        elif not can_be_told(user.name, ctx.people):
            reason = "No archive line can name this user: readers would take it for nobody, or for somebody else."
            healing.skipped[f"user {user.key}"] = reason
        else:
            usable[user.key] = user.name
    return usable


def _registrations(
    ctx: Context, healing: Healing, usable: dict[str, str], torn: frozenset[str], doubts: Doubts, log: list[LogLine]
) -> None:
    lines: dict[str, list[tuple[Minute, str]]] = defaultdict(list)
    for number, user in enumerate(ctx.snapshot.users):
        joining = ctx.joinings.get(user.key)
        minutes = ctx.archive_minutes(ctx.clocks.users, user.created)
        if user.key not in usable or user.key in ctx.late_names or (joining and joining.places):
            continue
        if user.key in doubts.users:
            healing.skipped[f"user {user.key}"] = doubts.users[user.key]
            continue
        if not minutes:
            healing.skipped[f"user {user.key}"] = "The row has no time that can be read."
            continue
        name, inviter = user.name, usable.get(user.inviter or "")
        file = _users_file(ctx, user, minutes[0])
        if file in torn:
            healing.skipped[f"user {user.key}"] = f"The last line of {file} is torn."
            continue
        lines[file].append((minutes[0], render.registration_line(minutes[0], name, inviter)))
        action = f"registered via invitation from {inviter}" if inviter else "registered directly"
        log.append((minutes[0], number - len(ctx.snapshot.users), name, action))
        healing.counts["registrations"] += 1
    for file, told in lines.items():
        year, month = int(file[6:10]), int(file[11:13])
        _put(ctx, healing, file, render.users_header(year, month), "".join(line for _, line in sorted(told)))


def _users_file(ctx: Context, user: UserRow, minute: Minute) -> str:
    """Return where a registration belongs: where the row points, else the file of its month."""
    named = ctx.pathways.relative(user.path or "") or ""
    when = as_datetime(minute)
    return named if _USERS_FILE.fullmatch(named) else f"users/{when.year}_{when.month:02}_users.txt"


def _put(ctx: Context, healing: Healing, file: str, header: str, text: str) -> None:
    if file in ctx.pathways.files:
        healing.appended[file] = healing.appended.get(file, "") + text
    else:
        healing.created[file] = healing.created.get(file, header) + text


def _prayers(
    ctx: Context, healing: Healing, usable: dict[str, str], torn: frozenset[str], doubts: Doubts, log: list[LogLine]
) -> None:
    coverage = log_coverage(ctx.archive)
    told, exported = happenings(ctx), exported_ids(ctx)
    for subject, reason in doubts.events.items():
        healing.skipped[f"row {subject}"] = reason
    taken = set(ctx.pathways.files)
    numbers = {prayer.key: number for number, prayer in enumerate(ctx.snapshot.prayers)}
    wanted = {named for p in ctx.snapshot.prayers if (named := ctx.pathways.relative(p.path or "")) is not None}
    for prayer in ctx.snapshot.prayers:
        lines = [line for line in told.get(prayer.key, ()) if line.who in usable and line.key not in doubts.events]
        missing = unrecorded(ctx, prayer.key, lines, coverage, exported)
        source = ctx.sources.get(prayer.key)
        if source is None or not source.files:
            if prayer.key in doubts.prayers:
                healing.skipped[f"prayer {prayer.key}"] = doubts.prayers[prayer.key]
                continue
            if not _new_prayer(ctx, healing, usable, prayer, missing, taken, wanted):
                continue
            if source is None or not source.submissions:
                minute = ctx.archive_minutes(ctx.clocks.prayers, prayer.created)[0]
                tag = f" ({prayer.tag})" if prayer.tag else ""
                action = f"submitted prayer {prayer.key}{tag}"
                log.append((minute, numbers[prayer.key] - len(numbers), usable[prayer.author or ""], action))
        elif missing:
            file = _live_file(ctx, prayer)
            if not file or file in torn:
                healing.skipped[f"prayer {prayer.key}"] = (
                    f"The last line of {file} is torn." if file else "Its file is not in the live archive."
                )
                continue
            healing.appended[file] = healing.appended.get(file, "") + _activity(missing, usable)
        for line in missing:
            healing.counts[f"{line.kind} lines"] += 1
            if action := line.log_action or "":
                log.append((line.minute, line.order, usable[line.who], action))


def _live_file(ctx: Context, prayer: PrayerRow) -> str:
    files = ctx.pathways.of_prayer.get(prayer.key, ())
    named = ctx.pathways.relative(prayer.path or "") or ""
    return named if named in files else files[0] if files else ""


def _new_prayer(
    ctx: Context,
    healing: Healing,
    usable: dict[str, str],
    prayer: PrayerRow,
    lines: list[Happening],
    taken: set[str],
    wanted: set[str],
) -> bool:
    """Add the file of a prayer that no file holds; tell whether it can be told."""
    minutes = ctx.archive_minutes(ctx.clocks.prayers, prayer.created)
    if prayer.author not in usable or not minutes or _LINE_END.search(prayer.key + (prayer.tag or "")):
        healing.skipped[f"prayer {prayer.key}"] = "Its author, its time or its tag cannot be told in a file."
        return False
    file = _prayer_path(ctx, prayer, minutes[0], taken, wanted)
    taken.add(file)
    head = render.prayer_file(
        prayer.key, usable[prayer.author or ""], minutes[0], prayer.text or "", prayer.generated, prayer.tag, prayer.audience
    )  # fmt: skip
    content = healing.created[file] = head + _activity(lines, usable)
    healing.counts["prayers"] += 1
    if reason := _misread(prayer, file, content, lines, usable):
        healing.skipped[f"prayer {prayer.key}"] = reason
    return True


def _misread(prayer: PrayerRow, file: str, content: str, lines: Iterable[Happening], usable: dict[str, str]) -> str:
    """Return what a rebuild does not get out of a file as it was; empty if it gets all (trap T1)."""
    parsed = parse(file, content.replace("\r\n", "\n"))
    (read,) = parsed.prayers
    told = [(line.kind, usable[line.who], line.detail.replace("\r\n", "\n")) for line in lines]
    found = [(line.kind, line.actor, line.detail) for line in read.activities]
    texts = same_text(read.text, prayer.text) and same_text(read.generated, prayer.generated)
    if not texts or not (read.text_certain or can_choose(read, parsed.problems)):
        return TEXT_MISREAD
    return "" if found == told else LINES_MISREAD


def _prayer_path(ctx: Context, prayer: PrayerRow, minute: Minute, taken: set[str], wanted: set[str]) -> str:
    """Return where a prayer's file belongs: where the row points if nothing is there, else the next free name."""
    named = ctx.pathways.relative(prayer.path or "") or ""
    if _PRAYER_FILE.fullmatch(named) and named not in taken:
        return named
    stem = render.prayer_file_stem(minute)
    folder = f"prayers/{stem[:4]}/{stem[5:7]}"
    number, path = 1, f"{folder}/{stem}.txt"
    while path in taken or path in wanted:
        number += 1
        path = f"{folder}/{stem}_{number}.txt"
    return path


def _activity(lines: Iterable[Happening], usable: dict[str, str]) -> str:
    return "".join(render.activity_line(line.minute, usable[line.who], line.predicate) for line in lines)


def _activity_log(ctx: Context, healing: Healing, torn: frozenset[str], log: list[LogLine]) -> None:
    """Add the lines of the monthly activity log.

    Behind an existing log they stand under dates of their own, and the date that was the last one is written again after them:
    the application appends under the last date it finds.
    """
    months: dict[str, list[LogLine]] = defaultdict(list)
    for line in sorted(log):
        when = as_datetime(line[0])
        months[f"activity/activity_{when.year}_{when.month:02}.txt"].append(line)
    latest: dict[str, Minute] = {}
    for entry in ctx.archive.log:
        latest[entry.file] = entry.minute
    for file, lines in months.items():
        if file in torn:
            healing.skipped[f"log {file}"] = "Its last line is torn."
            continue
        text, day = "", latest.get(file, -1) // MINUTES_PER_DAY
        for minute, _, name, action in lines:
            if minute // MINUTES_PER_DAY != day:
                day = minute // MINUTES_PER_DAY
                text += render.date_header(minute)
            text += render.log_line(minute, name, action)
        if file in latest and day != latest[file] // MINUTES_PER_DAY > -1 and day < latest[file] // MINUTES_PER_DAY:
            text += render.date_header(latest[file])
        when = as_datetime(lines[0][0])
        _put(ctx, healing, file, render.activity_header(when.year, when.month), text)
