"""The receipt of a run: who did what to which database, when, and what became of it.

A run folder holds two files. ``operations.jsonl`` is written once, before the first change, with every value before
and after, prayer text included: undo needs the very values, and the backup in the same 0700 folder holds them anyway,
so hashing them here would cost undo and protect nothing. ``receipt.json`` holds no row values and is replaced as a
whole whenever the status changes, the last time right after the commit. A run that was killed leaves ``started``;
``apply.settle`` finds out from the rows what became of it.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import socket
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from thywill_reconstruct import __version__
from thywill_reconstruct.apply.folder import write_private
from thywill_reconstruct.errors import NoSuchRunError, ReconstructError
from thywill_reconstruct.plan.codec import decode_operation, encode_operation
from thywill_reconstruct.plan.operations import Operation

FORMAT = 1
RECEIPT_NAME = "receipt.json"
OPERATIONS_NAME = "operations.jsonl"
BACKUP_NAME = "backup.db"
RESTORED_NAME = "restored.db"
_DAMAGED_HINT = (
    "Nothing was changed. Put that file back as it was; `backup.db` beside it, if it is there, is the whole database as it "
    "was before that run."
)

Status = Literal["started", "committed", "rolled back", "unknown"]
Kind = Literal["repair", "undo", "restore"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one run did.

    Attributes:
        run: Name of the run and of its folder.
        status: ``started`` until the end is known; ``unknown`` only if a killed run's rows fit neither end.
        started, finished: UTC, ISO 8601; ``finished`` is empty until then.
        database: The real path of the database.
        backup: Path of the backup, empty if there is none (any more).
        backup_digests: SHA-256 per table of the backup.
        counts: (action and table, number) pairs, such as ``("update prayer", 12)``.
        repaired, skipped: Numbers of findings in the plan.
        operations_sha256: Of ``operations.jsonl``.
        reason: Why it was rolled back, or empty.
        kind: ``repair``; ``undo`` of another run; or ``restore`` of another run's backup.
        of: The other run, empty for a repair.
        number: Place among the runs in the folder, from 1; 0 in receipts of older versions. Clocks are set back now and then.
        operations: What was done, in order, every inserted row complete.
    """

    run: str
    status: Status
    started: str
    finished: str
    tool_version: str
    user: str
    host: str
    pid: int
    database: str
    database_fingerprint: str
    archive_fingerprint: str
    backup: str
    backup_digests: Mapping[str, str]
    counts: tuple[tuple[str, int], ...]
    repaired: int
    skipped: int
    operations_sha256: str
    reason: str = ""
    kind: Kind = "repair"
    of: str = ""
    number: int = 0
    operations: tuple[Operation, ...] = field(default=(), repr=False)


def new_receipt(
    run_folder: Path, database: Path, started: datetime, kind: Kind, of: str, operations_sha256: str
) -> Receipt:
    """Return the receipt of a run that begins: by whom, where, when; everything else is still empty."""
    return Receipt(
        run=run_folder.name,
        status="started",
        started=started.isoformat(),
        finished="",
        tool_version=__version__,
        user=_user(),
        host=socket.gethostname(),
        pid=os.getpid(),
        database=str(database),
        database_fingerprint="",
        archive_fingerprint="",
        backup="",
        backup_digests={},
        counts=(),
        repaired=0,
        skipped=0,
        operations_sha256=operations_sha256,
        kind=kind,
        of=of,
        number=_next_number(run_folder.parent),
    )


def _next_number(folder: Path) -> int:
    """Return the place of a run that begins: behind all others, whatever the clock says."""
    numbers = [0]
    for place in folder.glob(f"*/{RECEIPT_NAME}"):
        with suppress(ReconstructError):
            numbers.append(read_receipt(place.parent, with_operations=False).number)
    return max(numbers) + 1


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def reason_of(error: BaseException) -> str:
    """Return why a run ended. Of unexpected exceptions only the kind: their words could hold somebody's prayer."""
    known = isinstance(error, ReconstructError | KeyboardInterrupt | sqlite3.Error | OSError)
    return str(error) if known and str(error) else type(error).__name__


def count_operations(operations: Iterable[Operation]) -> tuple[tuple[str, int], ...]:
    """Return how many operations of each action each table gets, sorted."""
    return tuple(sorted(Counter(f"{each.action} {each.table}" for each in operations).items()))


def encode_receipt(receipt: Receipt) -> bytes:
    """Return the content of ``receipt.json``."""
    # The operations have their own file, and copying them deep would cost more than writing them.
    values = {"format": FORMAT, **asdict(replace(receipt, operations=()))}
    del values["operations"]
    return (json.dumps(values, indent=2, sort_keys=True) + "\n").encode()


def write_receipt(folder: Path, receipt: Receipt) -> None:
    """Replace ``receipt.json`` in a run folder.

    Raises:
        DiskFullError, NotWritableError: The former receipt is still there.
    """
    write_private(folder / RECEIPT_NAME, encode_receipt(receipt))


def write_operations(folder: Path, operations: Iterable[Operation]) -> str:
    """Write ``operations.jsonl`` into a run folder and return its SHA-256.

    Raises:
        DiskFullError, NotWritableError: Nothing is left behind.
    """
    lines = [json.dumps(encode_operation(operation), separators=(",", ":")) for operation in operations]
    content = "".join(f"{line}\n" for line in lines).encode()
    write_private(folder / OPERATIONS_NAME, content)
    return hashlib.sha256(content).hexdigest()


def read_receipt(folder: Path, *, with_operations: bool = True) -> Receipt:
    """Read the receipt of a run folder.

    Args:
        folder: The run folder.
        with_operations: Read what was done as well; without, ``operations`` is empty.

    Raises:
        NoSuchRunError: A file is missing, of a newer format, or not what was written.
    """
    try:
        values = json.loads((folder / RECEIPT_NAME).read_bytes())
        content = (folder / OPERATIONS_NAME).read_bytes() if with_operations else b""
    except (OSError, ValueError) as error:
        raise NoSuchRunError(f"the receipt in {folder} cannot be read: {error}", hint=_DAMAGED_HINT) from error
    if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
        raise NoSuchRunError(
            f"the receipt in {folder} is of a format that this version does not know", hint=_DAMAGED_HINT
        )
    if with_operations and hashlib.sha256(content).hexdigest() != values.get("operations_sha256"):
        raise NoSuchRunError(f"{folder / OPERATIONS_NAME} was changed after it was written", hint=_DAMAGED_HINT)
    try:
        values["counts"] = tuple((str(name), int(number)) for name, number in values["counts"])
        values["number"] = int(values.get("number", 0))
        operations = tuple(decode_operation(json.loads(line)) for line in content.splitlines())
        return Receipt(**values, operations=operations)
    except (TypeError, KeyError, ValueError) as error:
        raise NoSuchRunError(f"the receipt in {folder} is not as it was written", hint=_DAMAGED_HINT) from error
