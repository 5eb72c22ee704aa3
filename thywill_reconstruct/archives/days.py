"""The day of log lines that stand below the wrong date, because the heading of theirs is lost.

A line of the monthly log has a time and no date; the date stands above it (archive format spec, section 2.3). Times that run
backwards below one date give away that a heading is lost, or that clocks were put back. Lines of registration and prayer files
bear their own date, so they decide which it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from thywill_reconstruct.records import LogEntry, PrayerFile, Problem, Registration
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, show

# What both files call the same minute may differ by one: they are written one after the other.
_SLACK = 1
_MOST_DAYS = 31
# In autumn clocks are put back by an hour; then times run backwards and no heading is lost.
_HOUR = 60
_ENOUGH = 0.8

_Key = tuple[str, str, str]


def date_again(
    log: Sequence[LogEntry],
    registrations: Iterable[Registration],
    prayers: Iterable[PrayerFile],
    problems: Iterable[Problem],
) -> tuple[list[LogEntry], list[Problem]]:
    """Return the log with the days that dated lines give to doubtful lines, and the problems with what was decided.

    Doubtful lines whose day nothing tells are left out, unless clocks could have been put back.

    Args:
        log: All log lines.
        registrations: All registration lines.
        prayers: All prayer files.
        problems: All problems; those of AR027 span the doubtful lines.
    """
    kept = [problem for problem in problems if problem.code != "AR027"]
    doubts = [problem for problem in problems if problem.code == "AR027"]
    if not doubts:
        return list(log), kept
    doubt_of = {
        (doubt.span.file, line): doubt for doubt in doubts for line in range(doubt.span.first, doubt.span.last + 1)
    }
    doubted = [doubt_of.get((entry.file, entry.line)) for entry in log]
    dated = _dated({_key(e) for e, doubt in zip(log, doubted, strict=True) if doubt}, registrations, prayers)
    for entry, doubt in zip(log, doubted, strict=True):
        if not doubt and (told := dated.get(_key(entry))):
            partner = next((minute for minute in told if abs(minute - entry.minute) <= _SLACK), None)
            if partner is not None:
                told.remove(partner)
    result: list[LogEntry] = []
    at = 0
    for doubt, group in groupby(doubted):
        entries = log[at : (at := at + sum(1 for _ in group))]
        if doubt is None:
            result += entries
            continue
        before = result[-1].minute
        follows = log[at].minute if at < len(log) and log[at].file == doubt.span.file else None
        for run in _runs(entries):
            read, note = _read(run, before, follows, dated)
            result += read
            if note:
                kept.append(Problem("AR027", doubt.span._replace(first=run[0].line, last=run[-1].line), note))
            before = run[-1].minute
    return result, kept


def _read(
    run: list[LogEntry], before: Minute, follows: Minute | None, dated: dict[_Key, list[Minute]]
) -> tuple[list[LogEntry], str]:
    """Return the lines of one run as they are to be read, and what is to be said of them."""
    votes: Counter[int] = Counter()
    for entry in run:
        later = {
            round((minute - entry.minute) / MINUTES_PER_DAY)
            for minute in dated.get(_key(entry), ())
            if _echo(entry.minute, minute)
        }
        if len(later) == 1:
            votes.update(later)
    days, most = votes.most_common(1)[0] if votes else (0, 0)
    here = show(run[0].minute)[:10]
    if most and most >= _ENOUGH * votes.total():
        if not days:
            return run, ""
        moved = [entry._replace(minute=entry.minute + days * MINUTES_PER_DAY) for entry in run]
        there = show(moved[0].minute)[:10]
        return (
            moved,
            f"Times run backwards below {here}: the heading of {there} is lost. Lines with a date of their own say so.",
        )
    no_room = follows is not None and follows // MINUTES_PER_DAY <= run[0].minute // MINUTES_PER_DAY + 1
    if no_room or before - run[0].minute <= _HOUR:
        return (
            run,
            f"Times run backwards below {here}. No other day is certain, so the lines are read as of this one.",
        )
    lines = "This line was" if len(run) == 1 else f"These {len(run):,} lines were"
    return [], f"Times run backwards below {here}, and no dated line tells of what day this is. {lines} left out."


def _echo(undated: Minute, dated: Minute) -> bool:
    """Say whether a dated line has the time of day of an undated one, on its day or a later one of the month."""
    return (
        0 <= dated - undated + _SLACK <= _MOST_DAYS * MINUTES_PER_DAY
        and (dated - undated + _SLACK) % MINUTES_PER_DAY <= 2 * _SLACK
    )


def _runs(entries: Sequence[LogEntry]) -> list[list[LogEntry]]:
    runs: list[list[LogEntry]] = []
    for entry in entries:
        if runs and entry.minute >= runs[-1][-1].minute:
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return runs


def _key(entry: LogEntry) -> _Key:
    return entry.kind, entry.actor, entry.prayer_id


def _dated(
    keys: set[_Key], registrations: Iterable[Registration], prayers: Iterable[PrayerFile]
) -> dict[_Key, list[Minute]]:
    """Return when dated lines say that things happened."""
    found: dict[_Key, list[Minute]] = defaultdict(list)
    ids = {prayer_id for _, _, prayer_id in keys}
    for registration in registrations:
        for name in {name for name, _ in registration.readings}:
            found["registered", name, ""].append(registration.minute)
    for prayer in prayers:
        if prayer.prayer_id is None or prayer.prayer_id not in ids:
            continue
        if prayer.submitted is not None:
            found["submitted", prayer.author, prayer.prayer_id].append(prayer.submitted)
        for activity in prayer.activities:
            found[activity.kind, activity.actor, prayer.prayer_id].append(activity.minute)
    return {key: minutes for key, minutes in found.items() if key in keys}
