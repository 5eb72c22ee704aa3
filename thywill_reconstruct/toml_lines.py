"""TOML files that people write: every ``[[table]]`` with the line it starts on, so that a complaint can name the line."""

from __future__ import annotations

import re
import tomllib
from typing import Any


def tables_with_lines(text: str, name: str) -> list[tuple[int, dict[str, Any]]]:
    """Return the entries of an array of tables, in order, each with the 1-based line of its ``[[name]]`` header.

    Args:
        text: A whole TOML document.
        name: The array's name, a bare key.

    Raises:
        tomllib.TOMLDecodeError: The text is no TOML; its message names line and column.
        ValueError: ``name`` is there, but not written as ``[[name]]`` tables.

    >>> tables_with_lines('[[pet]]\\nname = "cat"\\n\\n[[pet]]\\nname = "dog"\\n', "pet")
    [(1, {'name': 'cat'}), (4, {'name': 'dog'})]
    """
    entries = tomllib.loads(text).get(name, [])
    header = re.compile(rf"[ \t]*\[\[[ \t]*{re.escape(name)}[ \t]*\]\]")
    rows = text.split("\n")
    lines = [number for number, row in enumerate(rows, start=1) if header.match(row)]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"{name} must be written as [[{name}]] tables")
    if len(lines) > len(entries):  # a header inside a text of several lines is no header
        lines = [line for line in lines if _opens_a_table(rows[: line - 1])]
    if len(lines) != len(entries):
        raise ValueError(f"{name} must be written as [[{name}]] tables")
    return list(zip(lines, entries, strict=True))


def line_of_key(text: str, first: int, key: str) -> int:
    """Return the line on which a table that begins on a line (1-based) sets a key, or that line if it does so nowhere.

    >>> line_of_key('[[pet]]\\nname = "cat"\\nage = 3\\n', 1, "age")
    3
    """
    sets = re.compile(rf"""[ \t]*["']?{re.escape(key)}["']?[ \t]*=""")
    for number, row in enumerate(text.split("\n")[first - 1 :], start=first):
        if number > first and row.lstrip().startswith("[["):
            break
        if sets.match(row):
            return number
    return first


def _opens_a_table(before: list[str]) -> bool:
    """Return whether what stands before a line is whole, so that the line is not inside a text."""
    try:
        tomllib.loads("\n".join(before))
    except tomllib.TOMLDecodeError:
        return False
    return True
