"""Telling whether a text is one reading SQL statement, without running it."""

from __future__ import annotations

import re

# What a reader of SQL must not look into: texts, quoted names, comments, PostgreSQL's dollar texts.
_OPAQUE = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1",
    re.DOTALL,
)
_WRITING = re.compile(
    r"\b(insert|update|delete|merge|drop|alter|create|truncate|replace\s+into|attach|detach|pragma|vacuum|grant|revoke|copy"
    r"|call|into)\b",
    re.IGNORECASE,
)


def complaint_about(sql: str, *, part: bool = False) -> str:
    """Return what is wrong with SQL that must only read, empty if nothing is.

    The database refuses writing anyway (the transaction is read-only); this tells the author of a rule early.

    Args:
        sql: A whole statement, or an expression.
        part: It is an expression or a condition, not a statement.

    >>> complaint_about("SELECT id FROM a"), complaint_about("DELETE FROM a")
    ('', 'must be a single SELECT or WITH ... SELECT')
    """
    bare = _OPAQUE.sub(lambda found: " " if found.group(0)[:2] in ("--", "/*") else " '' ", sql).strip()
    if not bare:
        return "is empty"
    if not part:
        bare = bare.removesuffix(";")
        if not re.match(r"(select|with)\b", bare, re.IGNORECASE) or ";" in bare:
            return "must be a single SELECT or WITH ... SELECT"
    elif ";" in bare:
        return "must be one expression, without a semicolon"
    written = _WRITING.search(bare)
    if written:
        return f"must only read, but says {written.group(0).upper()}"
    if "/*" in bare:
        return "has a comment without an end"
    if not _is_balanced(bare) or "'" in bare.replace("''", ""):
        return "has unbalanced brackets or quotation marks"
    return ""


def _is_balanced(bare: str) -> bool:
    """Return whether every bracket closes one that was opened before it, so that no condition leaves its own brackets."""
    depth = 0
    for sign in bare:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0


def quote_names_strictly(sql: str) -> str:
    """Return SQL for SQLite in which a quoted name can only be a name.

    SQLite reads a name in double quotes that it does not know as a text, so that a condition with a typo would find nothing
    and pass; between backquotes it is an error.

    >>> quote_names_strictly("\"emial\" = 'a \"b\"'")
    "`emial` = 'a \"b\"'"
    """

    def turn(found: re.Match[str]) -> str:
        token = found.group(0)
        name = token[1:-1].replace('""', '"').replace("`", "``")
        return f"`{name}`" if token[0] == '"' else token

    return _OPAQUE.sub(turn, sql)
