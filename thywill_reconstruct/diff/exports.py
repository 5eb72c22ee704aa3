"""What older states of the database say: rows of bulk exports and of the JSON export (archive format spec, sections 3.2, 3.4).

An export is a second witness. It confirms an event that live text alone does not prove, knows the id that a lost row had,
and names the person behind a row that points at nobody today. It never contradicts a live line: where one speaks, it decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from thywill_reconstruct.database.rows import AttributeRow, LogRow, MarkRow, PrayerRow, Snapshot
from thywill_reconstruct.diff.clocks import Clock
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.sources import Witness
from thywill_reconstruct.records import AuxRecord
from thywill_reconstruct.times import Minute, iso_minute

# What an exported row proves, by its kind and its action or attribute. Only one kind per event, so that none counts twice:
# marks prove prayers, log rows all else; the log rows of one click are one witness.
_PROVES = {
    "set_answered": "answered",
    "testimony": "testimony",
    "set_archived": "archived",
    "remove_archived": "restored",
}
_USER_COLUMNS = ("username", "user_id", "created_by", "author_id")
_ENTITIES = frozenset({"mark", "attribute", "log", "prayer"})

Owner = tuple[str, str]
_Row = MarkRow | AttributeRow | LogRow | PrayerRow


class _Told(NamedTuple):
    """One exported row: the columns that matter here."""

    kind: str
    key: str
    prayer: str
    user: str
    minute: Minute | None
    action: str
    place: str


def read_exports(ctx: Context) -> dict[tuple[str, str], Owner]:
    """Give the archive sources of ``ctx`` their witnesses; return (entity, id) -> (user key, place) of dangling rows.

    A row is only taken for the exported one if prayer and minute agree as well as the id.
    """
    told = list(_told(ctx.archive.others))
    if not told:
        return {}
    names: dict[str, set[str]] = defaultdict(set)
    for identity in ctx.archive.identities:
        names[identity.key].add(identity.name)
    rows = _rows(ctx.snapshot)
    owners: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    seen: set[tuple[str, str]] = set()
    for one in told:
        row = rows.get((one.kind, one.key))
        who = _who(ctx, names, one)
        if row is not None and who and ctx.dangles(_user(row)) and _same(row, one):
            owners[one.kind, one.key].setdefault(who, one.place)
        if who and (one.kind, one.key) not in seen:
            seen.add((one.kind, one.key))
            _testify(ctx, one, who, free=row is None)
    return {key: next(iter(people.items())) for key, people in owners.items() if len(people) == 1}


def _told(records: Iterable[AuxRecord]) -> Iterator[_Told]:
    for record in records:
        if record.kind in _ENTITIES:
            fields = dict(record.fields)
            key = fields.get("id", "")
            user = next((fields[column] for column in _USER_COLUMNS if column in fields), "")
            prayer = key if record.kind == "prayer" else fields.get("prayer_id", "")
            action = fields.get("action", "")
            yield _Told(record.kind, key, prayer, user, record.minute, action, str(record.span))


def _rows(snapshot: Snapshot) -> Mapping[tuple[str, str], _Row]:
    tables: tuple[tuple[str, Iterable[_Row]], ...] = (
        ("mark", snapshot.marks),
        ("attribute", snapshot.attributes),
        ("log", snapshot.log),
        ("prayer", snapshot.prayers),
    )
    return {(entity, row.key): row for entity, rows in tables for row in rows}


def _user(row: _Row) -> str | None:
    return row.author if isinstance(row, PrayerRow) else row.user


def _same(row: _Row, told: _Told) -> bool:
    """Say whether a row is still the exported one: of the same prayer and written in the same minute."""
    prayer = row.key if isinstance(row, PrayerRow) else row.prayer
    return prayer == told.prayer and told.minute is not None and iso_minute(row.created) == told.minute


def _who(ctx: Context, names: Mapping[str, set[str]], told: _Told) -> str:
    """Return the key of the person whom an exported row names, by id or by name; ``""`` if that is not certain."""
    if told.user in names:
        if told.user in ctx.users:
            return ctx.person_of(told.user)
        if len(names[told.user]) > 1:
            return ""
        who = ctx.who(next(iter(names[told.user])))
    elif told.user in ctx.known:
        who = ctx.person_of(told.user)
    else:
        who = ctx.resolution.former.get(told.user) or ctx.who(told.user)
    return "" if who.startswith(UNRESOLVED) else who


def _testify(ctx: Context, told: _Told, who: str, *, free: bool) -> None:
    """Let an exported row be a witness of what happened to its prayer, if live archives tell of the prayer at all."""
    source = ctx.sources.get(told.prayer)
    kind = "prayed" if told.kind == "mark" else _PROVES.get(told.action, "") if told.kind == "log" else ""
    if source is None or not kind or told.minute is None:
        return
    minutes = _clock(ctx, kind, told).archive_minutes(told.minute)
    key = told.key if free and told.kind == "mark" else ""
    source.witnesses.append(Witness(kind, who, minutes, told.place, key))


def _clock(ctx: Context, kind: str, told: _Told) -> Clock:
    if told.kind == "mark":
        return ctx.clocks.marks
    return ctx.clocks.prayed_log if kind == "testimony" else ctx.clocks.set_log
