"""What a run is about to write, noted before the first byte, so that another run can finish one that was cut off.

Without it a second run could not: an event that only the log tells by then looks recorded, and its testimony would be lost.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection
from pathlib import Path

from thywill_reconstruct.apply.folder import FOLDER_NAME, prepare_folder, sync_folder, write_private
from thywill_reconstruct.errors import NotWritableError, UsageError
from thywill_reconstruct.heal.plan import Healing

_HEADER = re.compile(r"Prayer (\S+) by ")


def _place(database: Path, root: Path) -> Path:
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    return database.parent / FOLDER_NAME / f"heal-{name}.json"


def note(database: Path, root: Path, healing: Healing) -> None:
    """Note what will be written below ``root``, and how long the files are that will grow.

    Raises:
        NotWritableError, DiskFullError: The note cannot be written; nothing was.
    """
    prepare_folder(database)
    sizes = {name: (root / name).stat().st_size for name in healing.appended}
    told = {
        "archives": str(root),
        "created": healing.created,
        "appended": {name: [sizes[name], text] for name, text in healing.appended.items()},
    }
    write_private(_place(database, root), json.dumps(told).encode())


def forget(database: Path, root: Path) -> None:
    """Remove the note: all of it is written."""
    path = _place(database, root)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def find_unfinished(database: Path, root: Path, wanted: Collection[str]) -> Healing:
    """Return what a run that was cut off had still to write; empty if there was none, or it was only not tidied up.

    Args:
        database: The database's real path.
        root: The folder of the archives.
        wanted: Ids of prayers that are in the database and in no file: only they get a file.

    Raises:
        UsageError: The note cannot be read.
    """
    path = _place(database, root)
    healing = Healing()
    try:
        noted = json.loads(path.read_bytes())
        created, appended = dict(noted["created"]), dict(noted["appended"])
    except FileNotFoundError:
        return healing
    except PermissionError as error:
        raise NotWritableError(f"{path.parent} may not be read by this user") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "Remove it, if you are sure that no run was interrupted."
        raise UsageError(f"{path}, the note of an interrupted run, cannot be read", hint=hint) from error
    for name, text in created.items():
        header = _HEADER.match(text)
        if not os.path.lexists(root / name) and (header is None or header[1] in wanted):
            healing.created[name] = text
    for name, (size, text) in appended.items():
        if rest := _rest(root / name, size, text):
            healing.appended[name] = rest
    if healing.created or healing.appended:
        healing.counts["files that an interrupted run left to be written"] = len(healing.created) + len(
            healing.appended
        )
    return healing


def _rest(path: Path, size: int, text: str) -> str:
    """Return what is missing of a text that was to stand behind the first ``size`` bytes of a file.

    A file that is gone or shorter now is another one, restored from somewhere: nothing is written into it.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return ""
    wanted = text.encode("utf-8", "surrogateescape")
    behind = content[size:]
    if len(content) < size or wanted in behind:
        return ""
    begun = len(behind) if wanted.startswith(behind) and behind.endswith(b"\n") else 0
    return wanted[begun:].decode("utf-8", "surrogateescape")
