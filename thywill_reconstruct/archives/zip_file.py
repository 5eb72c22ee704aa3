"""An archive in a ZIP, such as the application's ``complete_site_archive`` download (section 3.3).

Members are read into memory one by one; nothing is extracted to the disk.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError

from thywill_reconstruct.archives.source import LARGEST_FILE, Source, leads_out, only_root, unusable
from thywill_reconstruct.errors import ArchiveReadError
from thywill_reconstruct.records import Problem

# Archive text shrinks to a tenth; a member that grows more than this is made to fill the memory.
LARGEST_RATIO = 200
_SMALL = 1024 * 1024
LARGEST_TOTAL = 2 * 1024 * 1024 * 1024

_BROKEN = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, RuntimeError, OSError)


@contextmanager
def open_zip(path: str) -> Iterator[Source]:
    """Open the archive in a ZIP file.

    Raises:
        ArchivesMissingError: The ZIP holds no archive, or several.
        ArchiveReadError: The file is no ZIP or is damaged.
    """
    try:
        container = zipfile.ZipFile(path)
    except (*_BROKEN, ValueError) as error:
        hint = "Nothing was changed. Download the archive again, or give an unpacked folder."
        raise ArchiveReadError(f"{path} is not a readable ZIP file: {error}.", hint=hint) from error
    with container:
        members, problems = _members(container)
        root = only_root(path, members, problems)
        kept = {name[len(root) :]: info for name, info in members.items() if name.startswith(root)}
        yield Source(tuple(sorted(kept)), _Reader(container, kept).read, None, tuple(problems))


def _members(container: zipfile.ZipFile) -> tuple[dict[str, zipfile.ZipInfo], list[Problem]]:
    """Return the usable members by name; everything else is a problem."""
    members: dict[str, zipfile.ZipInfo] = {}
    problems: list[Problem] = []
    total = 0
    for info in container.infolist():
        name = _name(info)
        if name.endswith("/"):
            continue
        reason = _refusal(info, name)
        if not reason and name in members:
            reason = "The ZIP holds this name twice; the first one was read."
        if not reason:
            total += info.file_size
            if total > LARGEST_TOTAL:
                reason = "The ZIP unpacks to too much; the rest was not read."
        if reason:
            problems.append(unusable(info.orig_filename, reason))
        else:
            members[name] = info
    return members, problems


def _name(info: zipfile.ZipInfo) -> str:
    r"""Return the path of a member, with slashes.

    Old versions of .NET separate folders by backslashes, against the standard; no file of the application has one in its name.
    """
    return info.orig_filename.replace("\\", "/")


def _refusal(info: zipfile.ZipInfo, name: str) -> str:
    """Return why a member must not be read, or nothing."""
    if leads_out(name):
        return "This name leads out of the archive; the member was ignored."
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "This is a symbolic link; links are not followed."
    if kind not in (0, stat.S_IFREG):
        return "This is not a plain file; it was not opened."
    if info.flag_bits & 1:
        return "This member is encrypted."
    if info.file_size > LARGEST_FILE:
        return f"The member has {info.file_size:,} bytes, too many for an archive file; it was not read."
    if info.file_size > _SMALL and info.file_size > LARGEST_RATIO * info.compress_size:
        return "This member would grow beyond measure when unpacked; it was not read."
    return ""


class _Reader:
    """Reads members of an open ZIP."""

    def __init__(self, container: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
        self.container = container
        self.members = members

    def read(self, path: str) -> bytes | str:
        """Return the bytes of a member, or why there are none."""
        try:
            with self.container.open(self.members[path]) as member:
                data = member.read(LARGEST_FILE + 1)
        except _BROKEN as error:
            return f"This member of the ZIP is damaged: {error}."
        return data if len(data) <= LARGEST_FILE else "The member is too large for an archive file."
