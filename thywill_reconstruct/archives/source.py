"""What a folder and a ZIP have in common: a sorted list of files, and reading one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from thywill_reconstruct.errors import ArchivesMissingError
from thywill_reconstruct.records import Problem, Span

# No archive file of the application comes near this; a larger one is not read.
LARGEST_FILE = 64 * 1024 * 1024
# Nor do its longest files come near this many lines; more would only cost memory.
MOST_LINES = 1_000_000
# Nor do whole archives, several copies included, of 200,000 prayers with their marks and exports; a line costs about 250 bytes.
MOST_LINES_IN_ALL = 20_000_000
# A file that does not hold what its name says has as many problems as lines; so many are told one by one.
MOST_PROBLEMS = 1000
# Deeper folders are not walked: the application nests three levels.
DEEPEST = 16

# The folders that make a directory an archive (archive format spec, section 3.3).
ROOT_FOLDERS = frozenset({"prayers", "users", "activity"})
# Where none of them is: a bulk export, or a part of an archive (sections 1.1 to 1.3).
_PART_FOLDERS = frozenset(
    {
        "auth",
        "authentication",
        "database_exports",
        "invites",
        "membership_applications",
        "roles",
        "security",
        "sessions",
    }
)
# A JSON export has no folders (sections 3.4 and 3.5).
_EXPORT_FILE = re.compile(
    r"users\.json|prayers\.json|community_export_[^/]*\.json|sessions_backup[^/]*\.json", re.ASCII
)
# Backups keep the whole way to the folder: daily.0/localhost/srv/thywill/text_archives.
_WRAPPINGS = 6
_DRIVE = re.compile(r"[A-Za-z]:")


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


def why_unread(problems: Iterable[Problem]) -> str:
    """Return the sentence, with a space before it, that names the first file of several that could not be read."""
    left = [problem for problem in problems if problem.code == "AR006"]
    if not left:
        return ""
    count = "1 file was" if len(left) == 1 else f"{len(left):,} files were"
    return f" {count} left out, for example {left[0].span.file}: {left[0].detail}"


def leads_out(name: str) -> bool:
    """Say whether the name of a container's member leads out of it, or is none at all."""
    return bool("\\" in name or "\0" in name or _DRIVE.match(name) or {"", ".", ".."} & set(name.split("/")))


def only_root(path: str, names: Iterable[str], problems: Sequence[Problem] = ()) -> str:
    """Return the prefix of the one archive among the members of a container.

    Args:
        path: The container.
        names: Its usable members.
        problems: Its other members; they may be why there is no archive.

    Raises:
        ArchivesMissingError: There is none, or there are several.
    """
    roots = find_roots(names)
    if not roots:
        nothing = f"There is no archive in {path}: no folder prayers, users or activity, no export."
        raise ArchivesMissingError(nothing + why_unread(problems))
    if len(roots) > 1:
        listed = ", ".join(printable_path(root.rstrip("/")) for root in roots[:5])
        raise ArchivesMissingError(f"There are several archives in {path}: {listed}.", hint="Keep one of them.")
    return roots[0]


def find_roots(names: Iterable[str]) -> list[str]:
    """Return the prefixes of the most likely archive roots (``""`` or ``"wrap/"``).

    Args:
        names: Paths of files, and of directories with a slash at the end.

    The shallowest level wins, up to six levels down; within it the directory that has most of the root folders. Several
    equally likely ones are all returned. Only where there is none, parts of an archive and JSON exports count.
    """
    paths = [name.split("/") for name in names]
    return (
        _roots(paths, lambda parts, at: at < len(parts) - 1 and parts[at] in ROOT_FOLDERS)
        or _roots(paths, lambda parts, at: at == len(parts) - 1 and _EXPORT_FILE.fullmatch(parts[at]) is not None)
        or _roots(paths, lambda parts, at: at < len(parts) - 1 and parts[at] in _PART_FOLDERS)
    )


def _roots(paths: Iterable[list[str]], is_root_of: Callable[[list[str], int], bool]) -> list[str]:
    found: dict[tuple[str, ...], set[str]] = {}
    for parts in paths:
        for depth in range(min(_WRAPPINGS + 1, len(parts))):
            if is_root_of(parts, depth):
                found.setdefault(tuple(parts[:depth]), set()).add(parts[depth])
    if not found:
        return []
    level = min(len(prefix) for prefix in found)
    same = {prefix: folders for prefix, folders in found.items() if len(prefix) == level}
    most = max(len(folders) for folders in same.values())
    best = sorted(prefix for prefix, folders in same.items() if len(folders) == most)
    return ["".join(part + "/" for part in prefix) for prefix in best]
