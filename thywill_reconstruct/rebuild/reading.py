"""How exported words are read: who is meant, when it was, what an empty cell was (archive format spec, section 3.2)."""

from __future__ import annotations

from thywill_reconstruct.diff.context import UNRESOLVED, Context
from thywill_reconstruct.records import AuxRecord
from thywill_reconstruct.times import as_database_text, human_minute, iso_minute

_EMPTY = frozenset({"", "none", "unknown", "never", "unlimited", "system", "anonymous"})


def person(ctx: Context, word: str) -> str:
    """Return the user key that an exported column means, ``""`` if that is not certain."""
    if word in ctx.known:
        return ctx.person_of(word)
    key = ctx.resolution.former.get(word) or ctx.resolution.key_of.get(word, "")
    return "" if key.startswith(UNRESOLVED) else key


def when(text: str) -> str | None:
    """Return an exported time as the database stores it; ``None`` if it is none."""
    day, _, clock = text.partition(" at ")
    minute = human_minute(day, clock) if clock else None
    if minute is not None:
        return as_database_text(minute)
    stamp = text.strip().removesuffix("Z").removesuffix("+00:00").replace("T", " ")
    if iso_minute(stamp) is None:
        return None
    whole, _, fraction = stamp.partition(".")
    return f"{whole}.{fraction:0<6}"


def moment(record: AuxRecord) -> str | None:
    """Return the time of a record as the database stores it."""
    return None if record.minute is None else as_database_text(record.minute)


def given(text: str | None) -> str | None:
    """Return an exported cell, ``None`` where the exporter wrote a word for nothing."""
    return None if text is None or text.lower() in _EMPTY else text
