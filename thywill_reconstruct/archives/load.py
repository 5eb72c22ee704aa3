"""Load a whole archive: list, read, decode, parse, and account for every line."""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from thywill_reconstruct.archives.days import date_again
from thywill_reconstruct.archives.decode import Decoded, count_lines, decode
from thywill_reconstruct.archives.folder import open_folder
from thywill_reconstruct.archives.parsed import UNREAD, Parsed, Parser, line_problem
from thywill_reconstruct.archives.registry import (
    DOWNLOAD,
    LIVE_FOLDERS,
    METADATA,
    REPEATED,
    Format,
    find_format,
)
from thywill_reconstruct.archives.source import (
    MOST_LINES,
    MOST_LINES_IN_ALL,
    MOST_PROBLEMS,
    Source,
    printable_path,
    unusable,
    why_unread,
)
from thywill_reconstruct.archives.stamped_names import find_stamped_names, hide, reveal
from thywill_reconstruct.archives.unite import Known, inner_path
from thywill_reconstruct.errors import ArchiveReadError, ArchivesMissingError
from thywill_reconstruct.records import (
    COPY_MARK,
    Archive,
    AuxRecord,
    FileSummary,
    InviteUse,
    LogEntry,
    PrayerFile,
    Problem,
    Registration,
    StatedIdentity,
)

Progress = Callable[[int, int], None]

_PROGRESS_STEP = 200
_LISTED = 5
_LOG_MONTH = re.compile(r"\A(?:community/)?activity/activity_(\d{4})_(\d{2})\.txt\Z", re.ASCII)
_READABLE = (".txt", ".json")
# What macOS leaves beside each file on a stick or in a ZIP: attributes, nothing of the file's own text.
_APPLE_DOUBLE = b"\x00\x05\x16\x07"


def load_archive(paths: Path | Sequence[Path], progress: Progress | None = None) -> Archive:
    """Read one archive, or a live one and older copies of it together.

    Args:
        paths: What the operator named, each a folder, ZIP, tar or JSON file; an archive may lie
            two levels inside a folder, six inside a container.
            The first one is the live archive: its paths are what rows may point to, and its text of a prayer counts. Files
            of the others appear as ``NAME::path``; what they repeat is counted once (see ``unite``).
        progress: Called now and then with files done and files in all.

    Raises:
        ArchivesMissingError: Nothing is there, or not one record is in all of them together.
        ArchiveReadError: A folder, ZIP or tar itself cannot be read, or it is too much for any memory.

    Everything else is a ``Problem`` in the result: AR003 (encoding), AR006 (unusable entry), AR011 (leftover of an
    interrupted write), AR014 (a copy tells another text), and what the format modules emit.
    """
    places = [paths] if isinstance(paths, Path) else list(paths)
    labels = ", ".join(map(str, places))
    loader = _Loader(several=len(places) > 1)
    location = None
    with _without_collector():
        for number, (place, prefix) in enumerate(zip(places, _prefixes(places), strict=True)):
            with open_archive(place) as source:
                location = source.location if number == 0 else location
                loader.begin(source, prefix)
                total = len(source.paths)
                for done, (name, entry) in enumerate(_copies_last(source.paths)):
                    if progress is not None and done % _PROGRESS_STEP == 0:
                        progress(done, total)
                    loader.take(source, name, entry)
                loader.finish()
                if progress is not None:
                    progress(total, total)
        archive = loader.archive(labels, location)
    if not (archive.prayers or archive.registrations or archive.log or archive.invite_uses or archive.others):
        raise ArchivesMissingError(f"There is not one record in the archive {labels}.{why_unread(archive.problems)}")
    return archive


def _copies_last(paths: Sequence[str]) -> list[tuple[str, Format | None]]:
    """Return the files with their formats, copies behind what they are copies of."""
    return sorted(
        ((path, find_format(path)) for path in paths), key=lambda file: file[1] is not None and file[1].copies
    )


def _prefixes(places: Sequence[Path]) -> list[str]:
    """Return what stands before the paths of each archive: nothing, then the names of the older copies."""
    prefixes = [""]
    for place in places[1:]:
        name = printable_path(place.resolve().name) or "archive"
        number = 2
        prefix = name + COPY_MARK
        while prefix in prefixes:
            prefix = f"{name} ({number}){COPY_MARK}"
            number += 1
        prefixes.append(prefix)
    return prefixes


def open_archive(path: Path) -> AbstractContextManager[Source]:
    """Open one archive: a folder, ZIP, tar or JSON file.

    Raises:
        ArchivesMissingError: Nothing is there.
        ArchiveReadError: It is neither, or cannot be read.
    """
    if not path.exists():
        raise ArchivesMissingError(f"There is nothing at {path}.")
    if path.is_dir():
        return open_folder(str(path))
    # Most archives are folders: what unpacks the others is not even imported for them.
    from thywill_reconstruct.archives.tar_file import is_tar, open_tar
    from thywill_reconstruct.archives.zip_file import open_zip

    if not path.is_file():
        raise ArchiveReadError(
            f"{path} is neither a folder nor a ZIP, tar or JSON file.", hint="Give the archive folder."
        )
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise ArchiveReadError(f"{path} cannot be read: {error.strerror}.", hint="Check its permissions.") from error
    if path.suffix == ".json" and head.lstrip()[:1] in (b"{", b"["):
        return open_folder(str(path.parent), only=path.name)
    return open_tar(str(path)) if is_tar(head) else open_zip(str(path))


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


def _with_few_problems(parsed: Parsed) -> Parsed:
    """Return what was parsed, with lines that are not understood told as whole stretches if there are too many."""
    if len(parsed.problems) <= MOST_PROBLEMS:
        return parsed
    kept: list[Problem] = []
    for problem in parsed.problems:
        last = kept[-1] if kept else None
        adjoins = (
            last is not None and last.code in UNREAD and problem.span.first in (last.span.last, last.span.last + 1)
        )
        if last is not None and adjoins and problem.code in UNREAD:
            span = last.span._replace(last=max(last.span.last, problem.span.last))
            kept[-1] = Problem(last.code, span, "None of these lines could be read.")
        else:
            kept.append(problem)
    return parsed._replace(problems=kept)


class _Loader:
    """Collects what the files say."""

    def __init__(self, *, several: bool = False) -> None:
        self.several = several
        self.prefix = ""
        self.known: Known | None = None
        self.contents: dict[bytes, str] = {}
        self.parsed: set[str] = set()
        self.digest = hashlib.sha256()
        self.glued: list[tuple[str, Format, Parser, Decoded, Parsed]] = []
        self.lines = 0
        self.prayers: list[PrayerFile] = []
        self.registrations: list[Registration] = []
        self.log: list[LogEntry] = []
        self.invite_uses: list[InviteUse] = []
        self.others: list[AuxRecord] = []
        self.identities: list[StatedIdentity] = []
        self.files: list[FileSummary] = []
        self.problems: list[Problem] = []

    def begin(self, source: Source, prefix: str) -> None:
        """Go on to the next archive."""
        self.prefix = prefix
        if prefix:
            self._know().begin()
        for problem in source.problems:
            self.problems.append(replace(problem, span=problem.span._replace(file=prefix + problem.span.file)))

    def _know(self) -> Known:
        """Return all that has been read so far, ready for a copy."""
        if self.known is None:
            self.known = Known(self.prayers, self.registrations, self.log, self.invite_uses, self.others)
        return self.known

    def take(self, source: Source, name: str, entry: Format | None) -> None:
        """Read and parse one file."""
        path = self.prefix + name
        if entry is not None and entry.of:
            self.finish()  # what a copy adds is only known once every live file is read
        readable = name.endswith(_READABLE) or (entry is not None and entry.of)
        if not readable or (entry is not None and entry.kind == DOWNLOAD):
            self._ignore(path, entry)
            return
        data = source.read(name)
        if isinstance(data, str):
            self.problems.append(unusable(path, data))
            self.files.append(FileSummary(path, "unusable", 0, 0))
            return
        lines = data.count(b"\n")
        if lines > MOST_LINES:
            self.problems.append(unusable(path, f"The file has more than {MOST_LINES:,} lines; it was not read."))
            self.files.append(FileSummary(path, "unusable", 0, 0))
            return
        if data.startswith(_APPLE_DOUBLE):
            self.files.append(FileSummary(path, METADATA, 0, 0))
            return
        self.digest.update(b"%b\0%d\0%b" % (path.encode(), len(data), data))
        if self.several and self._is_repeated(path, data):
            return
        self.lines += lines
        if self.lines > MOST_LINES_IN_ALL:
            raise ArchiveReadError(
                f"The archives have more than {MOST_LINES_IN_ALL:,} lines in all.", hint="Give fewer copies at once."
            )
        decoded = decode(data)
        if entry is not None and entry.parse is not None:
            if decoded.trouble:
                note = decoded.trouble
                self.problems.append(line_problem("AR003", path, decoded.first, note, decoded.last))
            self._parse(path, entry, entry.parse, decoded)
        else:
            self._unread(path, entry, count_lines(decoded.text))

    def _is_repeated(self, path: str, data: bytes) -> bool:
        """Count a file of an older archive once that an archive before it holds, whatever its name."""
        content = hashlib.sha256(data).digest()
        if self.prefix and data and content in self.contents:
            lines = data.count(b"\n") + (not data.endswith(b"\n"))
            self.files.append(FileSummary(path, REPEATED, lines, lines))
            return True
        self.contents.setdefault(content, path)
        return False

    def _ignore(self, path: str, entry: Format | None) -> None:
        kind = entry.kind if entry else "unknown"
        if path.endswith(".tmp"):
            kind = "temporary"
            self.problems.append(line_problem("AR011", path, 1, "An interrupted write left this file."))
        self.files.append(FileSummary(path, kind, 0, 0))

    def _unread(self, path: str, entry: Format | None, lines: int) -> None:
        kind = entry.kind if entry else "unknown"
        note = ""
        if entry is None and path.endswith(".txt") and inner_path(path).partition("/")[0] in LIVE_FOLDERS:
            note = "No archive file of the application has this name; it was not read."
        if note:
            self.problems.append(line_problem("AR002", path, 1, note, max(1, lines)))
        self.files.append(FileSummary(path, kind, lines, lines if kind == METADATA else 0))

    def _parse(self, path: str, entry: Format, parse: Parser, decoded: Decoded) -> None:
        text = decoded.text
        if not text.strip("\0"):
            self.problems.append(line_problem("AR001", path, 1, "The file is empty."))
            self.files.append(FileSummary(path, entry.kind, count_lines(text), 0))
            return
        parsed = parse(path, text)
        if any(problem.code == "AR009" for problem in parsed.problems):
            self.glued.append((path, entry, parse, decoded, parsed))
        else:
            self._add(path, entry, decoded, parsed)

    def finish(self) -> None:
        """Read what seemed glued, once an archive is at its end: names that hold a time are known by then."""
        if not self.glued:
            return
        texts = {path: decoded.text for path, _, _, decoded, _ in self.glued}
        glued = [parsed for *_, parsed in self.glued]
        authors = (file.author for file in (*self.prayers, *(one for parsed in glued for one in parsed.prayers)))
        names = find_stamped_names(texts, (problem for parsed in glued for problem in parsed.problems), authors)
        for path, entry, parse, decoded, parsed in self.glued:
            hidden = hide(decoded.text, names)
            again = parsed if hidden == decoded.text else reveal(parse(path, hidden), names)
            self._add(path, entry, decoded, again)
        self.glued.clear()
        place = {summary.path: number for number, summary in enumerate(sorted(self.files, key=lambda one: one.path))}
        self.files.sort(key=lambda one: (COPY_MARK in one.path, place[one.path]))
        self.prayers.sort(key=lambda one: (COPY_MARK in one.file, place[one.file]))
        self.registrations.sort(key=lambda one: (COPY_MARK in one.file, place[one.file], one.line))
        self.log.sort(key=lambda one: (COPY_MARK in one.file, place[one.file], one.line))

    def _add(self, path: str, entry: Format, decoded: Decoded, parsed: Parsed) -> None:
        """Account for a file's lines and take its records."""
        text = decoded.text
        parsed = _with_few_problems(parsed)
        if parsed.prayers:
            lines = parsed.prayers[0].lines
        else:
            lines = count_lines(text)
        self.files.append(FileSummary(path, entry.kind, lines, parsed.understood))
        self.parsed.add(path)
        if entry.copies:
            self._know().begin()
        if self.known is not None:
            parsed = self._without(self.known, parsed)
        if entry.of:
            self._tell_copy(path, entry.of, lines, parsed)
        self._collect(parsed, decoded.lossy)

    def _tell_copy(self, path: str, of: str, lines: int, added: Parsed) -> None:
        """Name a copy inside an archive, and what it adds to the live file (AR023, AR024, AR025)."""
        what = f"It is a copy of {of}." if of != inner_path(path) else "The application gives no file such a name."
        records: Sequence[Registration | LogEntry | InviteUse] = (
            *added.registrations,
            *added.log,
            *added.invite_uses,
        )
        news = [f"line {record.line}" for record in records]
        news += ["the prayer" for _ in added.prayers] + [f"line {record.span.first}" for record in added.others]
        if not news:
            problem = line_problem("AR023", path, 1, f"{what} It adds nothing.", max(1, lines))
        elif self.prefix + of not in self.parsed:
            note = f"There is no {of}. This copy of it was read in its place; give it that name if nothing better is left."
            problem = line_problem("AR025", path, 1, note, max(1, lines))
        else:
            listed = ", ".join(news[:_LISTED]) + (f" and {len(news) - _LISTED:,} more" if len(news) > _LISTED else "")
            note = f"{what} It tells what no live file does: {listed}."
            problem = line_problem("AR024", path, 1, note, max(1, lines))
        self.problems.append(problem)

    def _without(self, known: Known, parsed: Parsed) -> Parsed:
        """Return what a copy adds to what is known."""
        prayers, problems = known.new_prayers(parsed.prayers)
        return parsed._replace(
            prayers=prayers,
            problems=[*parsed.problems, *problems],
            registrations=known.new_registrations(parsed.registrations),
            log=known.new_log(parsed.log),
            invite_uses=known.new_invite_uses(parsed.invite_uses),
            others=known.new_others(parsed.others),
        )

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
        self.identities.extend(parsed.identities)

    def archive(self, label: str, location: str | None) -> Archive:
        """Return the finished archive, its problems sorted by place."""
        logs = (inner_path(summary.path) for summary in self.files if summary.kind == "activity")
        log, problems = date_again(self.log, self.registrations, self.prayers, self.problems)
        months = (_LOG_MONTH.search(path) for path in logs)
        return Archive(
            label,
            location,
            tuple(self.prayers),
            tuple(self.registrations),
            tuple(log),
            tuple(self.invite_uses),
            tuple(self.others),
            tuple(self.files),
            tuple(sorted(problems, key=lambda problem: (problem.span, problem.code, problem.detail))),
            frozenset(f"{month[1]}-{month[2]}" for month in months if month),
            self.digest.hexdigest(),
            tuple({(one.key, one.name): one for one in reversed(self.identities)}.values())[::-1],
        )
