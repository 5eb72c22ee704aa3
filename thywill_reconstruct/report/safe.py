"""The one place that makes foreign text fit for a terminal, a log or a file.

Names and paths are typed by users: they may hold escape sequences, bidi overrides, newlines or markup. Secrets (tokens) and
prayers do not belong into any output unless asked for (design: privacy).
"""

from __future__ import annotations

import re
import unicodedata

from thywill_reconstruct.database.schema import SECRET_TABLES
from thywill_reconstruct.findings.finding import Sealed, Value
from thywill_reconstruct.plan.seal import privacy_of

# No name that people use comes near this; it is there for the names that attackers use.
LONGEST = 400
_PLAIN = re.compile(r"[\x20-\x7e]*")
# Control, format (zero width, bidi), surrogate, private, unassigned, and the two separators that some programs break at.
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def safe(text: str) -> str:
    """Return text without anything that a terminal would act on: such characters become ``\\x1b`` and the like.

    >>> safe("Mary\\x1b[31m"), safe("Max"), safe("a\\u202eb")
    ('Mary\\\\x1b[31m', 'Max', 'a\\\\u202eb')
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(_escape(c) if unicodedata.category(c) in _UNSAFE else c for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def brief(text: str) -> str:
    """Return text fit for a terminal, its middle left out if it is so long that it would hide everything else."""
    shown = safe(text)
    if len(shown) <= LONGEST:
        return shown
    kept = LONGEST // 2
    return f"{shown[:kept]} … {len(shown) - 2 * kept:,} characters left out … {shown[-kept:]}"


def mask(secret: str) -> str:
    """Return a token so that it can be recognised but not used."""
    return f"{secret[:4]}…" if len(secret) > 8 else "…"


def shown_value(table: str, column: str, value: Value, *, show_text: bool = False) -> str | int | float | None:
    """Return a database value as reports may show it: prayers as their length, tokens masked."""
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if isinstance(value, Sealed):
        return f"{value.hint}…" if value.kind == "token" else str(value)
    if not isinstance(value, str):
        return value
    privacy = privacy_of(table, column)
    if privacy == "token":
        return mask(value)
    if privacy == "private" or (privacy == "prayer" and not show_text):
        return f"({len(value)} characters)"
    return value


def shown_key(table: str, key: Value) -> str | int | float | None:
    """Return a row's key as reports may show it."""
    if isinstance(key, bytes | Sealed):
        return shown_value(table, "", key)
    return mask(key) if table in SECRET_TABLES and isinstance(key, str) else key
