"""Which archive file records what, and how the database spells the way to it.

Rows are re-attached by what a file holds (the prayer id in its header), never by its name alone, and the path is stored in
the form the database uses: relative or absolute, with its own prefix (archive format spec, section 5.3).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from thywill_reconstruct.diff.sources import PrayerSources
from thywill_reconstruct.records import Archive, is_copy

Status = Literal["good", "missing", "dead"]

# The application's default for TEXT_ARCHIVE_BASE_DIR, as it is written into paths (section 0).
DEFAULT_PREFIX = "text_archives/"
_KNOWN_TAIL = re.compile(r"(?:prayers/\d+/\d\d/|users/|activity/)[^/]+$")
_PLACEHOLDER = re.compile(r"disabled_archive_for_")


@dataclass(slots=True)
class Pathways:
    """Judges and spells paths.

    Attributes:
        prefix: What this database writes before the path inside the archive.
        others: Further prefixes that lead to the same archive.
        files: Every file of the archive, relative.
        of_prayer: prayer id -> its files, relative, the preferred first.
        right: every (prayer id, stored path) that leads to a file of that prayer.
        prayer_files: every file that holds a prayer, relative.
    """

    prefix: str
    others: frozenset[str]
    files: frozenset[str]
    of_prayer: Mapping[str, tuple[str, ...]]
    right: frozenset[tuple[str, str | None]]
    prayer_files: frozenset[str]

    def relative(self, path: str) -> str | None:
        """Return the path inside the archive, or ``None`` if it does not lead into it."""
        for prefix in (self.prefix, *self.others):
            if path.startswith(prefix):
                return path[len(prefix) :]
        return None

    def status(self, path: str | None) -> Status:
        """Return whether a stored path leads to a file of the archive."""
        if not path or _PLACEHOLDER.match(path):
            return "missing"
        relative = self.relative(path)
        return "good" if relative in self.files else "dead"

    def spell(self, relative: str) -> str:
        """Return a path of the archive as this database writes it."""
        return self.prefix + relative


def find_pathways(
    archive: Archive, sources: Mapping[str, PrayerSources], stored: Iterable[str | None], home: str
) -> Pathways:
    """Work out how the database spells paths.

    Args:
        archive: The archives; ``location`` is their real folder.
        sources: Archive sources by prayer id.
        stored: Every stored path of users and prayers, damaged ones included.
        home: The folder relative paths start from (the application's working directory).
    """
    counts: Counter[str] = Counter()
    for path in stored:
        tail = _KNOWN_TAIL.search(path) if path else None
        if path and tail:
            counts[path[: tail.start()]] += 1
    leading = {prefix for prefix in counts if _leads_to(prefix, archive.location, home)}
    lasting = {prefix: n for prefix, n in counts.items() if prefix in leading or not _fleeting(prefix)}
    ranked = sorted(lasting, key=lambda prefix: (prefix not in leading, -lasting[prefix], prefix))
    prefix = ranked[0] if ranked else DEFAULT_PREFIX
    others = frozenset(leading - {prefix})
    of_prayer = {key: tuple(f.file for f in source.files if not is_copy(f.file)) for key, source in sources.items()}
    pairs = [(key, file) for key, files in of_prayer.items() for file in files]
    return Pathways(
        prefix=prefix,
        others=others,
        files=frozenset(summary.path for summary in archive.files),
        of_prayer={key: files for key, files in of_prayer.items() if files},
        right=frozenset((key, start + file) for start in (prefix, *others) for key, file in pairs),
        prayer_files=frozenset(file for _, file in pairs),
    )


def _leads_to(prefix: str, location: str | None, home: str) -> bool:
    """Return whether a prefix leads to the folder of the archives."""
    return location is not None and (Path(home) / prefix).resolve() == Path(location).resolve()


def _fleeting(prefix: str) -> bool:
    """Return whether a prefix is a temporary folder that an import left in the paths (section 3.3)."""
    return prefix.startswith(("/tmp/", "/var/tmp/", "/private/")) or "complete_site_archive" in prefix
