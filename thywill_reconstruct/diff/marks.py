"""Prayer marks: whose they are, which are missing, and which stand too often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from thywill_reconstruct.database.rows import MarkRow
from thywill_reconstruct.diff.align import BY_HINT
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.events import Coverage, Event
from thywill_reconstruct.diff.mark_findings import exported_key, missing_key, place, recreate, relink, unexplained
from thywill_reconstruct.diff.marks_in_doubt import DoubtfulPrayer
from thywill_reconstruct.diff.sources import PrayerSources
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.records import Activity, LogEntry
from thywill_reconstruct.times import Minute, iso_minute


def compare_marks(ctx: Context, coverage: Coverage, new_prayers: frozenset[str]) -> Iterator[Finding]:
    """Yield MK001 to MK007.

    Args:
        ctx: Everything known.
        coverage: The time the activity log covers.
        new_prayers: Ids of prayers that this plan recreates; their marks count like any other's.
    """
    if "mark" not in ctx.snapshot.schema.present:  # the very first databases had no such table
        return
    for prayer_id in sorted({*ctx.marks, *ctx.sources}):
        rows = ctx.marks.get(prayer_id, [])
        source = ctx.sources.get(prayer_id)
        if prayer_id not in ctx.prayers and prayer_id not in new_prayers:
            yield from (_of_no_prayer(ctx, row) for row in rows)
            continue
        if source is None:
            yield from (unexplained(ctx, row, "No archive tells of this prayer.") for row in rows)
        else:
            plain = _plainly(ctx, prayer_id, rows, source)
            yield from DoubtfulPrayer(ctx, prayer_id, rows, source, coverage).findings() if plain is None else plain


def _plainly(ctx: Context, prayer_id: str, rows: Sequence[MarkRow], source: PrayerSources) -> list[Finding] | None:
    """Return the findings of a prayer where nothing is in doubt.

    The quick way past most prayers: file and log agree line for line, every row that names somebody has its event, a dangling
    one was written together with a log row that names a person with an event in that minute, and whatever events are left are
    missing marks. ``None`` if anything else is the case.
    """
    events = _simple_events(ctx, source)
    offset = ctx.clocks.marks.fixed
    if events is None or offset is None or len(rows) > len(events):
        return None
    free: dict[tuple[str, Minute], list[int]] = {}
    for number, event in enumerate(events):
        free.setdefault((event[0], event[1]), []).append(number)
    sound, twin_of = ctx.sound, ctx.resolution.twin_of
    later = []
    for row in rows:
        created = iso_minute(row.created)
        if created is None:
            return None
        if row.user in sound:
            waiting = free.get((row.user or "", created - offset))
            if not waiting:
                return None
            waiting.pop(0)
        else:
            later.append((row, created - offset))
    findings = []
    witnesses = _witnesses(ctx, prayer_id) if later else {}
    for row, minute in sorted(later, key=lambda pair: not ctx.person_of(pair[0].user)) if later else ():
        key = ctx.person_of(row.user) or witnesses.get(row.created, "")
        waiting = free.get((key, minute)) if key else None
        if not waiting:
            return None
        places = _places(source, events[waiting.pop(0)])
        code, how = ("MK005", ()) if row.user in twin_of else ("MK001", (BY_HINT,))
        findings.append(relink(ctx, code, row, key, (*places, place(ctx, row), *how)))
    if len(rows) < len(events):
        findings += _missing(ctx, prayer_id, rows, source, events, [n for left in free.values() for n in left])
    return findings


_Simple = tuple[str, Minute, Activity, LogEntry]


def _simple_events(ctx: Context, source: PrayerSources) -> list[_Simple] | None:
    """Return (person, minute, line, log entry) of the marks if one file and the log tell them line for line alike."""
    if ctx.late_names or len(source.files) != 1:
        return None
    entries = [entry for entry in source.log if entry.kind == "prayed"]
    lines = [activity for activity in source.files[0].activities if activity.kind == "prayed"]
    if len(entries) != len(lines):
        return None
    key_of = ctx.resolution.key_of
    events = []
    for entry, line in zip(entries, lines, strict=True):
        key = key_of.get(entry.actor)
        if entry.actor != line.actor or entry.minute != line.minute or key is None:
            return None
        events.append((key, entry.minute, line, entry))
    return events


def _places(source: PrayerSources, event: _Simple) -> tuple[str, str]:
    return (f"{source.files[0].file}:{event[2].first}", f"{event[3].file}:{event[3].line}")


def _missing(
    ctx: Context,
    prayer_id: str,
    rows: Sequence[MarkRow],
    source: PrayerSources,
    events: Sequence[_Simple],
    left: Iterable[int],
) -> Iterator[Finding]:
    """Yield the recreation of the marks that no row is left for."""
    whole = [Event("prayed", e[0], e[1], "", True, True, _places(source, e), e[3].file, e[3].line) for e in events]
    for number in sorted(left):
        key = exported_key(ctx, prayer_id, whole[number], whole) or missing_key(
            prayer_id, whole[number], whole[:number]
        )
        yield recreate(ctx, prayer_id, whole[number], key, rows)


def _witnesses(ctx: Context, prayer_id: str) -> dict[str | None, str]:
    """Return instant -> the person whom the `prayed` log row of that instant names, where there is just one."""
    people: dict[str | None, str] = {}
    for entry in ctx.log.get(prayer_id, ()):
        if entry.action == "prayed" and entry.user in ctx.sound:
            user = entry.user or ""
            people[entry.created] = user if people.get(entry.created, user) == user else ""
    return people


def _of_no_prayer(ctx: Context, row: MarkRow) -> Finding:
    reason = "Its prayer stands neither in the database nor, whole, in the archives. Nothing is deleted."
    return Finding("MK007", "mark", row.key, "prayer", "", row.prayer, (ctx.place("mark", row.key),), reason=reason)
