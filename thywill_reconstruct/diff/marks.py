"""Prayer marks: whose they are, which are missing, and which stand too often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from thywill_reconstruct.database.rows import MarkRow
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.events import Coverage
from thywill_reconstruct.diff.mark_findings import unexplained
from thywill_reconstruct.diff.marks_in_doubt import DoubtfulPrayer
from thywill_reconstruct.diff.sources import PrayerSources
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.times import iso_minute


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
        elif not _agree(ctx, rows, source):
            yield from DoubtfulPrayer(ctx, prayer_id, coverage).findings()


def _agree(ctx: Context, rows: Sequence[MarkRow], source: PrayerSources) -> bool:
    """Return whether one file, the log and the rows tell of the same marks, each by the same person in the same minute.

    The quick way past most prayers of a healthy database: there is nothing to say about them.
    """
    offset = ctx.clocks.marks.fixed
    if ctx.late_names or offset is None or len(source.files) != 1:
        return False
    entries = [entry for entry in source.log if entry.kind == "prayed"]
    lines = [activity for activity in source.files[0].activities if activity.kind == "prayed"]
    if not len(rows) == len(entries) == len(lines):
        return False
    if any(e.actor != a.actor or e.minute != a.minute for e, a in zip(entries, lines, strict=True)):
        return False
    key_of = ctx.resolution.key_of
    told = Counter((key_of.get(entry.actor, ""), entry.minute) for entry in entries)
    found = Counter((row.user if row.user in ctx.sound else None, iso_minute(row.created)) for row in rows)
    return found == Counter({(who, minute + offset): n for (who, minute), n in told.items()})


def _of_no_prayer(ctx: Context, row: MarkRow) -> Finding:
    reason = "Its prayer stands neither in the database nor, whole, in the archives. Nothing is deleted."
    return Finding("MK007", "mark", row.key, "prayer", "", row.prayer, (ctx.place("mark", row.key),), reason=reason)
