"""A finding: one coded problem, its evidence, and its repair or the reason why there is none.

Findings name rows by *entity* and *field*, the era-independent names of ``database.schema``; the plan turns them into
the table and column names of the database at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from thywill_reconstruct.findings.codes import CODES, Code

Entity = Literal[
    "user",
    "prayer",
    "mark",
    "attribute",
    "log",
    "token",
    "archive",
    "other",
    "skip",
    "notification",
    "usage",
    "audit",
    "security",
    "application",
    "session",
    "role",
    "grant",
    "request",
    "approval",
]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value that a plan knows by its digest alone: a prayer's text or an invite token that stays on its machine.

    SQLite refuses to take one, so it cannot be written by mistake (see ``plan.seal``).

    Attributes:
        kind: ``text`` or ``token``.
        digest: SHA3-256 of its UTF-8 bytes, hexadecimal; the sqlite3 shell can compute the same (``sha3(X, 256)``).
        characters: Its length.
        hint: The first characters of a token, by which an operator recognises it.
    """

    kind: Literal["text", "token"]
    digest: str
    characters: int
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.hint}…{self.digest[:12]}" if self.kind == "token" else f"({self.characters} characters)"


Value = str | int | float | bytes | Sealed | None
Risk = Literal["fill", "relink", "recreate", "delete"]


@dataclass(frozen=True, slots=True)
class Change:
    """One intended difference of one row.

    ``update`` has ``field``, ``before`` and ``after``; ``create`` has ``row`` (field, value pairs); ``delete`` only the
    key. ``risk``: *fill* writes where nothing usable was (empty, dangling, dead, cut down), *relink* replaces a reference
    to a living row, *recreate* inserts, *delete* removes.
    """

    action: Literal["create", "update", "delete"]
    entity: Entity
    key: str
    risk: Risk
    field: str = ""
    before: Value = None
    after: Value = None
    row: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem.

    Attributes:
        code: A key of ``CODES``.
        entity, key, field: The subject row; ``archive`` subjects have ``file:line`` as key.
        expected, actual: For people to read; names, never prayer text. Empty when there is nothing to say.
        evidence: Archive places (``file:line``) and database rows that prove it, in order of weight.
        changes: The repair; empty if there is none.
        reason: Why there is no repair, or what kind of judgement it rests on. Empty only if ``changes`` is not.
    """

    code: str
    entity: Entity
    key: str
    field: str
    expected: str
    actual: str
    evidence: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    reason: str = ""

    @property
    def info(self) -> Code:
        """The code's row in the table of codes."""
        return CODES[self.code]

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes this the same finding in two runs: code, entity, key, field."""
        return (self.code, self.entity, self.key, self.field)
