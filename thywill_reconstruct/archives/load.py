"""Load a whole archive: list, read, decode, parse, and account for every line."""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from thywill_reconstruct.archives.decode import Decoded, count_lines, decode
from thywill_reconstruct.archives.folder import open_folder
from thywill_reconstruct.archives.parsed import Parsed, Parser, line_problem
from thywill_reconstruct.archives.registry import (
    DOWNLOAD,
    EXPORT,
    LIVE_FOLDERS,
    METADATA,
    Format,
    find_format,
)
from thywill_reconstruct.archives.source import Source, unusable
from thywill_reconstruct.archives.zip_file import open_zip
from thywill_reconstruct.errors import ArchiveReadError, ArchivesMissingError
from thywill_reconstruct.records import (
    Archive,
    AuxRecord,
    FileSummary,
    InviteUse,
    LogEntry,
    PrayerFile,
    Problem,
    Registration,
)

Progress = Callable[[int, int], None]

_PROGRESS_STEP = 200
_LOG_MONTH = re.compile(r"activity/activity_(\d{4})_(\d{2})\.txt", re.ASCII)
_READABLE = (".txt", ".json")


def load_archive(path: Path, progress: Progress | None = None) -> Archive:
    """Read all archives at a folder or ZIP, or at one wrapped up to two levels inside it.

    Args:
        path: What the operator named.
        progress: Called now and then with files done and files in all.

    Raises:
        ArchivesMissingError: Nothing is there, or not one record is in it.
        ArchiveReadError: The folder or ZIP itself cannot be read.

    Everything else is a ``Problem`` in the result: AR003 (encoding), AR006 (unusable entry), AR011 (leftover of an
    interrupted write), and what the format modules emit.
    """
    with _open(path) as source, _without_collector():
        loader = _Loader()
        loader.problems.extend(source.problems)
        total = len(source.paths)
        for done, name in enumerate(source.paths):
            if progress is not None and done % _PROGRESS_STEP == 0:
                progress(done, total)
            loader.take(source, name)
        if progress is not None:
            progress(total, total)
        archive = loader.archive(str(path), source.location)
    if not (archive.prayers or archive.registrations or archive.log or archive.invite_uses or archive.others):
        raise ArchivesMissingError(f"There is not one record in the archive {path}.")
    return archive


def _open(path: Path) -> AbstractContextManager[Source]:
    if not path.exists():
        raise ArchivesMissingError(f"There is nothing at {path}.")
    if path.is_dir():
        return open_folder(str(path))
    if path.is_file():
        return open_zip(str(path))
    raise ArchiveReadError(f"{path} is neither a folder nor a ZIP file.", hint="Give the archive folder.")


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause the cycle collector: records hold no cycles, and walking them again and again costs a third."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Loader:
    """Collects what the files say."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.prayers: list[PrayerFile] = []
        self.registrations: list[Registration] = []
        self.log: list[LogEntry] = []
        self.invite_uses: list[InviteUse] = []
        self.others: list[AuxRecord] = []
        self.files: list[FileSummary] = []
        self.problems: list[Problem] = []

    def take(self, source: Source, path: str) -> None:
        """Read and parse one file."""
        entry = find_format(path)
        if not path.endswith(_READABLE) or (entry is not None and entry.kind == DOWNLOAD):
            self._ignore(path, entry)
            return
        data = source.read(path)
        if isinstance(data, str):
            self.problems.append(unusable(path, data))
            self.files.append(FileSummary(path, "unusable", 0, 0))
            return
        self.digest.update(b"%b\0%d\0%b" % (path.encode(), len(data), data))
        decoded = decode(data)
        if entry is not None and entry.parse is not None:
            if decoded.trouble:
                note = decoded.trouble
                self.problems.append(line_problem("AR003", path, decoded.first, note, decoded.last))
            self._parse(path, entry.kind, entry.parse, decoded)
        else:
            self._unread(path, entry, count_lines(decoded.text))

    def _ignore(self, path: str, entry: Format | None) -> None:
        kind = entry.kind if entry else "unknown"
        if path.endswith(".tmp"):
            kind = "temporary"
            self.problems.append(line_problem("AR011", path, 1, "An interrupted write left this file."))
        self.files.append(FileSummary(path, kind, 0, 0))

    def _unread(self, path: str, entry: Format | None, lines: int) -> None:
        kind = entry.kind if entry else "unknown"
        note = ""
        if kind == EXPORT:
            note = "This is a bulk export, a dialect that is not read yet."
        elif entry is None and path.endswith(".txt") and path.partition("/")[0] in LIVE_FOLDERS:
            note = "No archive file of the application has this name; it was not read."
        if note:
            self.problems.append(line_problem("AR002", path, 1, note, max(1, lines)))
        self.files.append(FileSummary(path, kind, lines, lines if kind == METADATA else 0))

    def _parse(self, path: str, kind: str, parse: Parser, decoded: Decoded) -> None:
        text = decoded.text
        if not text.strip("\0"):
            self.problems.append(line_problem("AR001", path, 1, "The file is empty."))
            self.files.append(FileSummary(path, kind, count_lines(text), 0))
            return
        parsed = parse(path, text)
        if parsed.prayers:
            lines = parsed.prayers[0].lines
        else:
            lines = count_lines(text)
        self.files.append(FileSummary(path, kind, lines, parsed.understood))
        self._collect(parsed, decoded.lossy)

    def _collect(self, parsed: Parsed, lossy: bool) -> None:
        if parsed.prayers:
            prayers = parsed.prayers
            if lossy:
                prayers = [replace(prayer, text_certain=False) for prayer in prayers]
            self.prayers.extend(prayers)
        if parsed.problems:
            self.problems.extend(parsed.problems)
        if parsed.prayers:
            return
        self.registrations.extend(parsed.registrations)
        self.log.extend(parsed.log)
        self.invite_uses.extend(parsed.invite_uses)
        self.others.extend(parsed.others)

    def archive(self, label: str, location: str | None) -> Archive:
        """Return the finished archive, its problems sorted by place."""
        months = (_LOG_MONTH.fullmatch(summary.path) for summary in self.files if summary.kind == "activity")
        return Archive(
            label,
            location,
            tuple(self.prayers),
            tuple(self.registrations),
            tuple(self.log),
            tuple(self.invite_uses),
            tuple(self.others),
            tuple(self.files),
            tuple(sorted(self.problems, key=lambda problem: (problem.span, problem.code, problem.detail))),
            frozenset(f"{month[1]}-{month[2]}" for month in months if month),
            self.digest.hexdigest(),
        )
