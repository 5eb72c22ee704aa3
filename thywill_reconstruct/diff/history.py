"""What a prayer's events left in the database: its attributes and its activity log, event by event.

Source: archive format spec, section 5.1. A repair never needs this, because missing rows of these tables are not recreated; a
new database does. Only confirmed events count (``diff.events``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from thywill_reconstruct.database.rows import AttributeRow
from thywill_reconstruct.diff.activity import LOCAL_ACTIONS
from thywill_reconstruct.diff.clocks import Clock
from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.diff.events import Coverage, Event, prayer_events
from thywill_reconstruct.times import Minute, as_database_text, as_datetime

KINDS = frozenset({"prayed", "answered", "testimony", "archived", "restored", "flagged", "set", "removed"})
# Attributes that have a line of their own: a healed `set` line repeats it.
_OWN_LINE = frozenset({"answered", "answer_date", "answer_testimony", "archived", "flagged"})


@dataclass(frozen=True, slots=True)
class Logged:
    """One row of the activity log as events tell it."""

    prayer: str
    user: str
    action: str
    old: str | None
    new: str | None
    minute: Minute


@dataclass(slots=True)
class History:
    """The attributes of one prayer as they are at the end, by name, and all that was logged on the way."""

    attributes: dict[str, AttributeRow] = field(default_factory=dict)
    log: list[Logged] = field(default_factory=list)


def tell_history(ctx: Context, prayer_id: str, coverage: Coverage) -> History:
    """Return what the confirmed events of one prayer, in their order, left in the database."""
    source = ctx.sources[prayer_id]
    events = [
        e for e in prayer_events(source, KINDS, ctx.who, coverage) if e.sure and not e.who.startswith(UNRESOLVED)
    ]
    history = History()
    events = [e for e in events if e.detail or e.kind != "testimony"]  # the log alone does not tell its text
    for event in sorted(events, key=lambda e: (e.minute, e.order, e.kind)):
        for name, value in _settings(event):
            _apply(history, ctx.clocks.attributes, prayer_id, event, name, value)
        if event.kind == "prayed":
            history.log.append(Logged(prayer_id, event.who, "prayed", None, "true", event.minute))
        elif event.kind == "testimony":
            history.log.append(Logged(prayer_id, event.who, "testimony", None, event.detail, event.minute))
    return history


def _settings(event: Event) -> Iterator[tuple[str, str | None]]:
    """Yield (attribute, new value) of an event; ``None`` removes the attribute."""
    if event.kind == "answered":
        yield "answered", "true"
        yield "answer_date", as_datetime(event.minute).isoformat()
    elif event.kind == "testimony":
        yield "answer_testimony", event.detail
    elif event.kind in ("archived", "flagged"):
        yield event.kind, "true"
    elif event.kind == "restored":
        yield "archived", None
    elif event.kind in ("set", "removed"):
        name, _, rest = event.detail.partition("\0")
        yield name, rest.rpartition("\0")[2] if event.kind == "set" else None


def _apply(history: History, clock: Clock, prayer_id: str, event: Event, name: str, value: str | None) -> None:
    """Set or remove one attribute: setting it again changes only the value (section 5.1)."""
    known = history.attributes.get(name)
    if event.kind == "set" and name in _OWN_LINE and known is not None:
        return
    old = known.value if known else None
    if value is None:
        if known is None:
            return
        del history.attributes[name]
        history.log.append(Logged(prayer_id, event.who, f"remove_{name}", old, None, event.minute))
        return
    if known is None:
        created = as_database_text(clock.database_minute(event.minute))
        key = stable_id("attribute", prayer_id, name, event.minute)
        history.attributes[name] = AttributeRow(key, prayer_id, name, value, created, event.who, None)
    else:
        history.attributes[name] = known._replace(value=value)
    history.log.append(Logged(prayer_id, event.who, f"set_{name}", old, value, event.minute))


def logged_time(ctx: Context, row: Logged) -> str:
    """Return the stored time of a log row: prayers and testimonies are local, all else is UTC (section 6.1)."""
    clock = ctx.clocks.prayed_log if row.action in LOCAL_ACTIONS else ctx.clocks.set_log
    return as_database_text(clock.database_minute(row.minute))


def stable_id(*parts: object) -> str:
    """Return an id of 32 hex digits that is the same on every machine."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def stable_ids(prefix: str, rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    """Yield an id per row; of equal rows each gets its own."""
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        seen[row] = seen.get(row, 0) + 1
        yield stable_id(prefix, *row, seen[row])
