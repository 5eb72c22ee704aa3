"""What a folder and a ZIP have in common: a sorted list of files, and reading one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from thywill_reconstruct.records import Problem, Span

# No archive file of the application comes near this; a larger one is not read.
LARGEST_FILE = 64 * 1024 * 1024
# Deeper folders are not walked: the application nests three levels.
DEEPEST = 16

# The folders that make a directory an archive (archive format spec, section 3.3).
ROOT_FOLDERS = frozenset({"prayers", "users", "activity"})
_WRAPPINGS = 2


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one archive, paths relative to its root and sorted.

    ``read`` returns a file's bytes, or a sentence that says why it cannot be read (AR006). ``location`` is the real
    root folder, ``None`` for a ZIP. ``problems`` are entries that cannot be files of the archive.
    """

    paths: tuple[str, ...]
    read: Callable[[str], bytes | str]
    location: str | None
    problems: tuple[Problem, ...]


def unusable(path: str, detail: str) -> Problem:
    """Return an AR006 problem of a whole file."""
    return Problem("AR006", Span(printable_path(path), 1, 1), detail)


def printable_path(path: str) -> str:
    """Return a path without the surrogates that stand for bytes that are not UTF-8."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def find_roots(paths: Iterable[str]) -> list[str]:
    """Return the prefixes of the most likely archive roots among directories and files (``""`` or ``"wrap/"``).

    The shallowest level wins, up to two levels down; within it the directory that has most of the root folders. Several
    equally likely ones are all returned.
    """
    found: dict[tuple[str, ...], set[str]] = {}
    for path in paths:
        parts = path.split("/")
        for depth in range(min(_WRAPPINGS + 1, len(parts))):
            if parts[depth] in ROOT_FOLDERS:
                found.setdefault(tuple(parts[:depth]), set()).add(parts[depth])
    if not found:
        return []
    level = min(len(prefix) for prefix in found)
    same = {prefix: folders for prefix, folders in found.items() if len(prefix) == level}
    most = max(len(folders) for folders in same.values())
    best = sorted(prefix for prefix, folders in same.items() if len(folders) == most)
    return ["".join(part + "/" for part in prefix) for prefix in best]
