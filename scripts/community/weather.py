"""What years of use do to prayer files: editors, old healing scripts, crashes.

Archive format spec, sections 0.1, 2.1 and 6.2. Nothing that only an archive knows is lost: the monthly log stays whole.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from .eras import Columns
from .names import person_key, spelling_variants
from .options import WEATHER
from .store import ARCHIVES

_BOM = b"\xef\xbb\xbf"
Change = Callable[[bytes, str, Random], bytes | None]


def _crlf(content: bytes, author: str, rng: Random) -> bytes | None:
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _bom(content: bytes, author: str, rng: Random) -> bytes | None:
    return _BOM + content


def _with_author(content: bytes, author: str, new: str) -> bytes:
    return content.replace(f" by {author}\n".encode(), f" by {new}\n".encode(), 1)


def _healed_unknown(content: bytes, author: str, rng: Random) -> bytes | None:
    return _with_author(content, author, "Unknown User")


def _author_variant(content: bytes, author: str, rng: Random) -> bytes | None:
    variants = spelling_variants(author)
    return _with_author(content, author, rng.choice(variants)) if variants else None


def _torn_id(content: bytes, author: str, rng: Random) -> bytes | None:
    return b"Prayer temp" + content[content.index(b" by ") :]


def _truncated(content: bytes, author: str, rng: Random) -> bytes | None:
    """Cut anywhere behind the header, between characters."""
    head = content.index(b"\n\n") + 2
    if len(content) - head < 20:
        return None
    return content[: rng.randrange(head + 5, len(content) - 5)].decode(errors="ignore").encode()


def _torn_line(content: bytes, author: str, rng: Random) -> bytes | None:
    """Cut inside the last line, as when the application is killed while it appends."""
    start = content.rindex(b"\n", 0, len(content) - 1) + 1
    if content[start:] == b"Activity:\n":
        return None
    length = len(content) - 1 - start
    if length < 12:
        return None
    return content[: start + rng.randrange(1, length)].decode(errors="ignore").encode()


CHANGES: dict[str, Change] = {
    "crlf": _crlf,
    "bom": _bom,
    "healed-unknown": _healed_unknown,
    "torn-id": _torn_id,
    "truncated": _truncated,
    "torn-line": _torn_line,
    "author-variant": _author_variant,
}


def weather_archives(folder: Path, rng: Random, copied: set[str]) -> list[dict[str, str]]:
    """Change some prayer files of a truth in place and return the ledger's list of what was done to which.

    Prayers with two files keep them as they are. Each file suffers at most one change.
    """
    connection = sqlite3.connect(folder / "truth.db")
    columns = Columns(connection)
    rows = connection.execute(
        f'SELECT id, text_file_path, (SELECT display_name FROM "user" WHERE {columns.user_key} = {columns.author}) '
        "FROM prayer ORDER BY rowid"
    ).fetchall()
    keys = [person_key(name) for (name,) in connection.execute("SELECT display_name FROM user")]
    connection.close()
    doubtful = {key for key, number in Counter(keys).items() if number > 1}
    order = rng.sample(rows, min(len(rows), int(len(rows) * sum(WEATHER.values()) * 1.4) + 20))
    ledger: list[dict[str, str]] = []
    for kind, share in WEATHER.items():
        wanted = max(1, round(len(rows) * share))
        while wanted and order:
            key, name, author = order.pop()
            if key in copied or (kind == "author-variant" and person_key(author) in doubtful):
                continue
            content = CHANGES[kind]((folder / name).read_bytes(), author, rng)
            if content is not None:
                (folder / name).write_bytes(content)
                ledger.append({"kind": kind, "file": name})
                wanted -= 1
    ledger.append({"kind": "tmp-leftover", "file": _leave_temporary(folder)})
    return ledger


def _leave_temporary(folder: Path) -> str:
    first = sorted((folder / ARCHIVES / "prayers").glob("*/*"))[0]
    path = first / f"{first.parent.name}_{first.name}_09_prayer_at_1200.txt.tmp"
    path.write_bytes(b"Prayer temp by Ma")
    return path.relative_to(folder).as_posix()
