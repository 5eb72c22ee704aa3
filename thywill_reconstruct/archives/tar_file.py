"""An archive in a tar file, plain or packed (.gz, .bz2, .xz, .zst): what server backups are made of.

A packed tar can only be read from its beginning to its end, so its members are kept in memory, up to a limit; nothing is
extracted to the disk, and names, links and devices in it lead nowhere. A hard link is another name of a member before it: that
is how backups of several days share what did not change.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, cast

from thywill_reconstruct.archives.source import (
    LARGEST_FILE,
    Source,
    find_roots,
    leads_out,
    only_root,
    printable_path,
    unusable,
)
from thywill_reconstruct.errors import ArchiveReadError
from thywill_reconstruct.records import Problem, Span

# What may come out of one tar file, headers included. The archives of ten thousand users have a tenth of it.
LARGEST_TOTAL = 512 * 1024 * 1024
# Unpacking needs a window as large as the packer's; a hostile file may ask for gigabytes.
LARGEST_WINDOW = 128 * 1024 * 1024

_BROKEN = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
_USTAR = 257


class _TooLargeError(Exception):
    """The tar file unpacks to more than is read."""


@contextmanager
def open_tar(path: str) -> Iterator[Source]:
    """Open the archive in a tar file.

    Raises:
        ArchivesMissingError: The tar file holds no archive, or several.
        ArchiveReadError: The file is damaged, too large, or packed in a way that cannot be read here.
    """
    members: dict[str, bytes | str] = {}
    problems: list[Problem] = []
    try:
        with open(path, "rb") as file, _unpacked(path, file) as stream:
            _read_members(stream, members, problems)
    except _TooLargeError as error:
        raise ArchiveReadError(f"{path} unpacks to more than {LARGEST_TOTAL:,} bytes.") from error
    except _BROKEN as error:
        hint = "Nothing was changed. Make the tar file again, or give an unpacked folder."
        raise ArchiveReadError(f"{path} is not a readable tar file: {error}.", hint=hint) from error
    root = _newest(members, problems) or only_root(path, members, problems)
    kept = {name[len(root) :]: data for name, data in members.items() if name.startswith(root)}
    yield Source(tuple(sorted(kept)), kept.__getitem__, None, tuple(problems))


def is_tar(head: bytes) -> bool:
    """Say whether the first 512 bytes of a file could be a tar file's, packed or not."""
    return any(head.startswith(magic) for magic, _ in _PACKERS) or head[_USTAR : _USTAR + 5] == b"ustar"


def _read_members(stream: IO[bytes], members: dict[str, bytes | str], problems: list[Problem]) -> None:
    """Keep the plain files; everything else is a problem."""
    with tarfile.open(fileobj=stream, mode="r|", errorlevel=2) as container:
        for info in container:
            if info.isdir():
                continue
            name = info.name.removeprefix("./")
            target = info.linkname.removeprefix("./") if info.islnk() else ""
            reason = _refusal(info, name, target in members)
            if not reason and name in members:
                # Appending to a tar file repeats the name; the last one is what unpacking leaves.
                problems.append(unusable(name, "The tar file holds this name twice; the last one was read."))
            if reason:
                problems.append(unusable(info.name, reason))
                continue
            if target:
                members[name] = members[target]
                continue
            content = container.extractfile(info)
            members[name] = content.read() if content is not None else "This member cannot be read."


def _newest(members: Mapping[str, bytes | str], problems: list[Problem]) -> str:
    """Return the root of the archive that holds all that the others in the tar file hold; empty if there is none.

    Backups of several days lie side by side in one tar file. Archive files only grow (archive format spec, section 0), so the
    newest day's begin with what the other days' say; then the others add nothing.
    """
    roots = find_roots(members)
    for root in roots if len(roots) > 1 else ():
        others = [other for other in roots if other != root]
        if all(_holds(members, root, other) for other in others):
            note = f"This is an older state of {root.rstrip('/')}, which holds all of it. Only that one was read."
            problems += [Problem("AR023", Span(printable_path(other.rstrip("/")), 1, 1), note) for other in others]
            return root
    return ""


def _holds(members: Mapping[str, bytes | str], newer: str, older: str) -> bool:
    """Say whether every file below one root is the beginning of the file of that name below another."""
    for name, data in members.items():
        if name.startswith(older):
            grown = members.get(newer + name[len(older) :])
            if not isinstance(grown, bytes) or not isinstance(data, bytes) or not grown.startswith(data):
                return False
    return True


def _refusal(info: tarfile.TarInfo, name: str, has_target: bool) -> str:
    """Return why a member must not be read, or nothing."""
    if leads_out(name):
        return "This name leads out of the archive; the member was ignored."
    if info.issym():
        return "This is a link; links are not followed."
    if info.islnk():
        return "" if has_target else "This is a link to something that is not in the archive; it was not read."
    if not info.isreg():
        return "This is not a plain file; it was not opened."
    if info.size > LARGEST_FILE:
        return f"The member has {info.size:,} bytes, too many for an archive file; it was not read."
    if name.encode("utf-8", "replace").decode("utf-8") != name:
        return "The name is not UTF-8; the file was not read."
    return ""


class _Limited(io.RawIOBase):
    """Reads from an unpacker, and no more than ``LARGEST_TOTAL`` bytes altogether."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.left = LARGEST_TOTAL

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self.source.read(size if 0 <= size <= self.left else self.left + 1)
        self.left -= len(data)
        if self.left < 0:
            raise _TooLargeError
        return data


class _Xz(io.RawIOBase):
    """Reads .xz with a limit of memory, which the standard library's file class does not offer."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.unpacker = lzma.LZMADecompressor(memlimit=LARGEST_WINDOW)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while True:
            if self.unpacker.eof:
                rest = self.unpacker.unused_data.lstrip(b"\0") or self.file.read(io.DEFAULT_BUFFER_SIZE).lstrip(b"\0")
                if not rest:
                    return b""
                self.unpacker = lzma.LZMADecompressor(memlimit=LARGEST_WINDOW)
                data = self.unpacker.decompress(rest, size)
            elif self.unpacker.needs_input:
                packed = self.file.read(io.DEFAULT_BUFFER_SIZE)
                if not packed:
                    raise EOFError("the packed data ends too early")
                data = self.unpacker.decompress(packed, size)
            else:
                data = self.unpacker.decompress(b"", size)
            if data:
                return data


def _zstd(file: IO[bytes]) -> IO[bytes]:
    try:
        import zstandard
    except ImportError as error:
        raise ArchiveReadError(
            "Reading .zst needs the package zstandard, which is not installed.",
            hint="Install thywill-reconstruct[zst], or unpack the file first with: zstd -d FILE.",
        ) from error
    unpacker = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
    stream = unpacker.stream_reader(file, read_across_frames=True)
    return cast("IO[bytes]", _ZstdStream(cast("IO[bytes]", stream), zstandard.ZstdError))


class _ZstdStream(io.RawIOBase):
    """Reads .zst; its errors become those of the standard library."""

    def __init__(self, source: IO[bytes], error: type[Exception]) -> None:
        self.source, self.error = source, error

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self.source.read(size)
        except self.error as error:
            raise OSError(str(error)) from error


_PACKERS: tuple[tuple[bytes, Callable[[IO[bytes]], Any]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\0", _Xz),
    (b"\x28\xb5\x2f\xfd", _zstd),
)


@contextmanager
def _unpacked(path: str, file: IO[bytes]) -> Iterator[IO[bytes]]:
    head = file.read(512)
    file.seek(0)
    source: IO[bytes] = next((make(file) for magic, make in _PACKERS if head.startswith(magic)), file)
    yield cast("IO[bytes]", _Limited(source))
