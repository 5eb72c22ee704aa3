"""What the application's old importers left of a text (archive format spec, section 6.3)."""

from __future__ import annotations

from random import Random

_STRUCTURE = ("Activity:", "Generated Prayer:", "Prayer ", "Submitted ", "Project: ", "Audience: ")


def surviving_lines(text: str) -> list[str]:
    """Return the lines that the importer kept: none with a colon, none that is blank, indentation stripped."""
    return [line.strip() for line in text.split("\n") if line.strip() and ":" not in line]


def truncate(text: str, rng: Random) -> str | None:
    """Return a text as an old importer left it, or ``None`` if it would have left it whole or in doubt.

    Until a fix the importer kept the last line only; after it, every surviving line. In doubt are texts whose lines
    look like structure, and texts with separators that some readers take for line ends.
    """
    lines = surviving_lines(text)
    last = text.split("\n")[-1]
    if not lines or any(line.startswith(_STRUCTURE) for line in text.split("\n")):
        return None
    if len(text.splitlines()) != len(text.split("\n")) or "\r" in text:
        return None
    left = lines[-1] if rng.random() < 0.5 and last.strip() and ":" not in last else "\n".join(lines)
    return left if left != text else None
