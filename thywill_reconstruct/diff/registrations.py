"""What the archives say about how people joined: registration files, the activity log and invite token usage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from thywill_reconstruct.diff.clocks import SLACK
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.identity.model import Resolution
from thywill_reconstruct.identity.placeholders import looks_like_key
from thywill_reconstruct.records import Archive, InviteUse, Registration, is_copy
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute

_MONTH = 31 * MINUTES_PER_DAY


@dataclass(frozen=True, slots=True)
class Joined:
    """One statement that somebody joined. ``inviter`` is empty for a direct one, which does not prove there was none.

    ``file`` is the registration file, empty if only the activity log says so.
    """

    name: str
    minute: Minute
    inviter: str
    place: str
    file: str


@dataclass(frozen=True, slots=True)
class Joining:
    """How one person joined: the earliest time, the live file that records it, and every inviter named then, with places.

    Where no line of that time names one, later lines count: healing wrote some.

    ``tokens`` are the invite tokens the person claimed, with places; ``claims`` are those lines, and ``said`` are the
    statements that the person joined, those of registration files first.
    """

    minute: Minute | None
    file: str
    inviters: tuple[tuple[str, str], ...]
    tokens: tuple[tuple[str, str], ...]
    places: tuple[str, ...]
    said: tuple[Joined, ...] = ()
    claims: tuple[InviteUse, ...] = ()


def read_joinings(archive: Archive, known_names: frozenset[str]) -> tuple[tuple[Joined, ...], tuple[Finding, ...]]:
    """Return every registration statement, each split into name and inviter in one certain way.

    A line that can be split in several ways (trap T4) is decided by the activity log's line of the same minute, else by
    known names; if neither decides, it is left out. Emits AR012 for those.

    Args:
        archive: The archives.
        known_names: Folded names of existing users and of those with an unambiguous line.
    """
    certain = {folded(r.readings[0][0]) for r in archive.registrations if len(r.readings) == 1}
    names = known_names | certain
    logged: dict[tuple[str, str], list[Minute]] = defaultdict(list)
    for entry in archive.log:
        if entry.kind == "registered":
            logged[entry.actor, entry.detail].append(entry.minute)
    statements, findings = [], []
    for registration in archive.registrations:
        reading = _decide(registration, names, logged)
        place = f"{registration.file}:{registration.line}"
        if reading is None:
            readings = "; ".join(name for name, _ in registration.readings)
            reason = f"The line could register any of these: {readings}. None of them is known otherwise."
            findings.append(Finding("AR012", "archive", place, "", "", "", (place,), reason=reason))
            continue
        name, inviter = reading
        statements.append(Joined(name, registration.minute, inviter or "", place, registration.file))
    filed: dict[str, list[Minute]] = defaultdict(list)
    for statement in statements:
        filed[statement.name].append(statement.minute)
    for entry in archive.log:
        if entry.kind == "registered":
            place = f"{entry.file}:{entry.line}"
            minute = _dated(entry.minute, filed.get(entry.actor, ()))
            statements.append(Joined(entry.actor, minute, entry.detail, place, ""))
    return tuple(statements), tuple(findings)


def _dated(logged: Minute, filed: Sequence[Minute]) -> Minute:
    """Return when a log line's registration was: of the day that a registration file tells for that time of day, if any.

    A line of a registration file bears its date, one of the log stands below a date, and a date may be lost (section 2.3).
    """
    if not filed or any(abs(minute - logged) <= SLACK for minute in filed):
        return logged
    later = (minute for minute in filed if 0 < minute - logged <= _MONTH)
    return next((minute for minute in later if _apart(minute, logged) <= SLACK), logged)


def _apart(one: Minute, other: Minute) -> Minute:
    """Return how many minutes two times of day are apart."""
    within = (one - other) % MINUTES_PER_DAY
    return min(within, MINUTES_PER_DAY - within)


def _decide(
    registration: Registration, names: frozenset[str], logged: Mapping[tuple[str, str], Sequence[Minute]]
) -> tuple[str, str | None] | None:
    """Return the one way to read a registration line, or ``None`` if it stays open."""
    readings = registration.readings
    if len(readings) == 1:
        return readings[0]
    heard = [
        (name, inviter)
        for name, inviter in readings
        if any(abs(minute - registration.minute) <= SLACK for minute in logged.get((name, inviter or ""), ()))
    ]
    if len(heard) == 1:
        return heard[0]
    fitting = [
        (name, inviter)
        for name, inviter in readings
        if folded(name) in names and (inviter is None or folded(inviter) in names)
    ]
    if len(fitting) == 1:
        return fitting[0]
    return None


def user_named(word: str, resolution: Resolution, known: frozenset[str], minute: Minute | None = None) -> str:
    """Return the key of the person whom a token line means, ``""`` if that is not certain.

    In the era of ids such lines hold user keys, later names (archive format spec, section 2.18).
    """
    if looks_like_key(word):
        word = resolution.twin_of.get(word, word)
        return word if word in known else resolution.former.get(word, "")
    return resolution.who(word, minute)


def joinings_by_key(
    archive: Archive, statements: Iterable[Joined], resolution: Resolution, known: frozenset[str]
) -> dict[str, Joining]:
    """Bring together by person what the archives say about joining. Names that are not certain are left out."""
    spoken: dict[str, list[Joined]] = defaultdict(list)
    for statement in statements:
        if key := resolution.who(statement.name, statement.minute):
            spoken[key].append(statement)
    tokens: dict[str, list[tuple[str, str]]] = defaultdict(list)
    claims: dict[str, list[InviteUse]] = defaultdict(list)
    for use in archive.invite_uses:
        person = user_named(use.used_by, resolution, known, use.minute)
        if person:
            tokens[person].append((use.token, f"{use.file}:{use.line}"))
            claims[person].append(use)
    result = {}
    for key in {**spoken, **tokens}:
        said = sorted(spoken.get(key, ()), key=lambda s: (not s.file, s.minute, s.place))
        filed = [s for s in said if s.file]
        joined = min((s.minute for s in filed or said), default=None)
        # Users who were merged registered each for themselves, and the oldest row was kept (section 6.4).
        own = [s for s in said if s.inviter and joined is not None and abs(s.minute - joined) <= SLACK]
        result[key] = Joining(
            minute=joined,
            file=next((s.file for s in filed if not is_copy(s.file)), ""),
            inviters=tuple((s.inviter, s.place) for s in own or said if s.inviter),
            tokens=tuple(tokens.get(key, ())),
            places=tuple(s.place for s in said),
            said=tuple(said),
            claims=tuple(claims.get(key, ())),
        )
    return result
