"""When people joined: what independent sources agree on, and rows that say otherwise.

A registration leaves a dated line in the users file, a line in the monthly log and, mostly, one in the invite usage file
(archive format spec, sections 2.2, 2.3 and 2.18). Importers and repair tools write the time at which they ran instead, to
one row or to all (section 6.4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from thywill_reconstruct.database.rows import UserRow
from thywill_reconstruct.diff.clocks import SLACK, Clock, plausible_offset
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.diff.registrations import Joining
from thywill_reconstruct.findings.finding import Change, Finding
from thywill_reconstruct.identity.app_names import application_name
from thywill_reconstruct.records import InviteUse
from thywill_reconstruct.times import Minute, as_database_text, iso_minute, iso_second, show

PLACES_SHOWN = 4


def agreed_minute(joining: Joining) -> tuple[Minute | None, str]:
    """Return the minute at which two kinds of source say that somebody joined; or ``None``, and why there is none.

    A users file alone proves nothing: healing wrote lines with the time of its own run, and a refused second registration
    leaves a line, too (section 2.2). Neither gets a line in the log. A token may be claimed again later, to log in, so a claim
    confirms a time but contradicts none.
    """
    minutes = [statement.minute for statement in joining.said]
    if not minutes:
        return None, "No line tells when this person joined."
    if max(minutes) - min(minutes) > SLACK:
        return None, "The archives tell of more than one time of joining."
    claimed = any(use.minute is not None and abs(use.minute - minutes[0]) <= SLACK for use in joining.claims)
    if len({bool(statement.file) for statement in joining.said}) + claimed < 2:
        return None, "Only one source tells when this person joined."
    return minutes[0], ""


def stored_time(clock: Clock, minute: Minute, claims: Iterable[InviteUse] = ()) -> str:
    """Return a time of joining as the database stores it, with the second where a claim of that minute knows it (6.4)."""
    second = next((iso_second(use.stamp) for use in claims if use.minute == minute), "")
    whole = as_database_text(clock.database_minute(minute))
    return whole[:17] + second if second else whole


@dataclass(frozen=True, slots=True)
class _Member:
    """A row that is a person's for certain, with what the archives say about their joining."""

    row: UserRow
    created: Minute
    joining: Joining
    minute: Minute | None
    doubt: str

    def fits(self, clock: Clock) -> bool:
        """Return whether the row's time is that of any line, on a clock."""
        told = [statement.minute for statement in self.joining.said]
        told += [use.minute for use in self.joining.claims if use.minute is not None]
        return any(abs(here - minute) <= SLACK for here in clock.archive_minutes(self.created) for minute in told)


def compare_joining_times(ctx: Context) -> Iterator[Finding]:
    """Yield US017: rows of people who are certain, that joined at another time than the archives say.

    A difference that a zone could explain is no finding, unless the row's minute is one that a tool gave to several people.
    A row that is older than its only source is none, either: healing wrote such lines about old users (section 2.2).
    """
    members = _members(ctx)
    clock = _clock(ctx, members)
    given_to = _shared_minutes(members)
    alike: dict[str, int] = defaultdict(int)
    for user in ctx.users.values():
        alike[application_name(user.name)] += 1
    for member in members:
        if member.fits(clock):
            continue
        shared = given_to.get(member.created, 0)
        told = member.minute if member.minute is not None else member.joining.said[0].minute
        if not shared and plausible_offset(member.created - told) is not None:
            continue
        if member.minute is None and member.created < clock.database_minute(told):
            continue
        doubt = member.doubt
        if not doubt and alike[application_name(member.row.name)] > 1:
            doubt = "To the application another user has the same name, and it keeps the row that is older."
        yield _finding(ctx, member, clock, told, shared, doubt)


def _members(ctx: Context) -> list[_Member]:
    """Return everybody whose row is certain, and of whose joining a line tells."""
    found: dict[str, _Member] = {}
    for person in ctx.resolution.persons:
        row, joining = ctx.users.get(person.key), ctx.joinings.get(person.key)
        if person.verdict != "match" or person.valid_from is not None or row is None or joining is None:
            continue
        created = iso_minute(row.created)
        if created is not None and joining.said:
            found[person.key] = _Member(row, created, joining, *agreed_minute(joining))
    return list(found.values())


def _clock(ctx: Context, members: list[_Member]) -> Clock:
    """Return the clock of the table of users, or of prayers where most users contradict their own.

    Both columns are written with the same ``now()`` (section 6.1), and times that a tool invented may fit an offset by
    accident, but not most of them one.
    """
    clocks = ctx.clocks
    return clocks.users if 2 * sum(m.fits(clocks.users) for m in members) >= len(members) else clocks.prayers


def _shared_minutes(members: list[_Member]) -> Mapping[Minute, int]:
    """Return minute -> how many rows say it of people who, by the archives, joined at different times."""
    told: dict[Minute, list[Minute]] = defaultdict(list)
    for member in members:
        if member.minute is not None:
            told[member.created].append(member.minute)
    return {created: len(minutes) for created, minutes in told.items() if max(minutes) - min(minutes) > 2 * SLACK}


def _finding(ctx: Context, member: _Member, clock: Clock, told: Minute, shared: int, doubt: str) -> Finding:
    row, joining = member.row, member.joining
    created = stored_time(clock, told, joining.claims)
    places = (*joining.places, *(f"{use.file}:{use.line}" for use in joining.claims))
    evidence = (*places[:PLACES_SHOWN], ctx.place("user", row.key))
    if shared > 1:
        evidence = (*evidence, f"the rows of {shared} people say {row.created and row.created[:16]}")
    changes = () if doubt else (Change("update", "user", row.key, "relink", "created", row.created, created),)
    expected, actual = f"joined {show(told)}", f"joined {(row.created or '')[:16]}"
    return Finding("US017", "user", row.key, "created", expected, actual, evidence, changes, doubt)
