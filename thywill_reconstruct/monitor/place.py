"""Where the history of a database is, and how the database is called in it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from thywill_reconstruct.apply.folder import FOLDER_NAME
from thywill_reconstruct.checks.connect import Target
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.monitor.store import FILE_NAME


class Place(NamedTuple):
    """A history and a database.

    Attributes:
        store: The file of the history.
        own: Whether it lies in the private folder beside the database, which is made when needed.
        series: What the database is called in it: a file beside it by its name, so that the folder can be moved; another
            by its real path; a server by its URL without secrets.
        label: A short name for alerts, without folders and people.
    """

    store: Path
    own: bool
    series: str
    label: str


def place_of(target: Target, store: Path | None) -> Place:
    """Return where the history of a database is.

    Raises:
        UsageError: It is on a server, so that nothing lies beside it, and no store was named.
    """
    if target.path is not None:
        real = target.path.resolve()
        own = real.parent / FOLDER_NAME / FILE_NAME
        if store is None or store.resolve() == own:
            return Place(own, True, real.name, real.name)
        return Place(store, False, str(real), real.name)
    if store is None:
        raise UsageError(
            "a database on a server has no folder for its history", hint="Name a file with --store FILE."
        )
    assert target.url is not None
    return Place(store, False, target.shown, f"{target.url.host or 'local'}/{target.url.database or ''}")
