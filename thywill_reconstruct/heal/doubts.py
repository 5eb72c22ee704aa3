"""Rows that are not told, because they may be wrong themselves: what archives say once, no repair takes back. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from thywill_reconstruct.database.rows import LogRow, MarkRow
from thywill_reconstruct.diff.context import Context
from thywill_reconstruct.findings.codes import CODES
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.identity.decisions import Decisions

# Whose row is it, and is it one row too many? Findings about anything else leave it certain what happened.
_PEOPLE = frozenset(
    {"US002", "US004", "US007", "US008", "US017", "IN001", "IN002", "IN003", "IN004", "IN005", "IN006"}
)
_PRAYERS = frozenset({"PR001", "PR002", "PR007"})
_EVENTS = frozenset(
    {"MK001", "MK003", "MK005", "MK006", "MK007", "AT001", "AT002", "AT003", "AT004", "AT005", "AT006"}
)
_COPY = "It is a copy of another row."
_OPEN = "A registration that stands in the archives under another name may be this user's."


@dataclass(frozen=True, slots=True)
class Doubts:
    """Why a row is not told: user key, prayer id, and id of a mark, attribute or log row -> the reason.

    ``ignored`` are the keys of users who, by decision, were deleted on purpose: nothing of theirs is told.
    """

    users: dict[str, str]
    prayers: dict[str, str]
    events: dict[str, str]
    ignored: frozenset[str] = frozenset()


def find_doubts(ctx: Context, findings: Iterable[Finding], decisions: Decisions) -> Doubts:
    """Return the rows of which the comparison says that they are, or may be, another's or one too many."""
    doubts = Doubts({}, {}, {}, frozenset(_ignored(ctx, decisions)))
    for finding in findings:
        reason = f"{finding.code}: {CODES[finding.code].sentence} Repair the database first."
        for codes, place in ((_PEOPLE, doubts.users), (_PRAYERS, doubts.prayers), (_EVENTS, doubts.events)):
            if finding.code in codes:
                place[finding.key] = reason
    by_name = {user.name: user.key for user in ctx.snapshot.users}
    for person in ctx.resolution.persons:
        if person.registered is not None and not person.key:
            for candidate in person.candidates:
                doubts.users.setdefault(by_name.get(candidate, candidate), _OPEN)
    doubts.events.update(dict.fromkeys(_copies(ctx.snapshot.marks), _COPY))
    doubts.events.update(dict.fromkeys(_copies(ctx.snapshot.log), _COPY))
    return doubts


def _ignored(ctx: Context, decisions: Decisions) -> Iterator[str]:
    for user in ctx.snapshot.users:
        nature = decisions.nature(user.name)
        if user.name in ctx.ignored or (nature is not None and nature.kind == "ignore"):
            yield user.key


def _copies(rows: Iterable[MarkRow] | Iterable[LogRow]) -> list[str]:
    """Return the ids of rows that repeat another: imports write one instant twice, or its minute without the seconds.

    Several rows of a whole minute alone may be several events that were rebuilt from archives, so they are no copies.
    """
    groups: dict[tuple[object, ...], list[MarkRow | LogRow]] = defaultdict(list)
    for row in rows:
        what = (row.action, row.new) if isinstance(row, LogRow) else ()
        groups[row.prayer, row.user, (row.created or "")[:16], *what].append(row)
    found = []
    for group in groups.values():
        instants: set[str] = set()
        for row in group:
            instant = row.created or ""
            if _has_seconds(instant) and instant in instants:
                found.append(row.key)
            instants.add(instant)
        if any(map(_has_seconds, instants)):
            found += [row.key for row in group if not _has_seconds(row.created or "")]
    return found


def _has_seconds(instant: str) -> bool:
    return bool(instant[16:].strip(":0."))
