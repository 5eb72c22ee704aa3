"""``reconstruct resolve``: decide a file of names against a file of users."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from thywill_reconstruct.apply.folder import write_private
from thywill_reconstruct.cli.console import say
from thywill_reconstruct.cli.processes import in_two_processes
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.identity.bulk import NameDecision, resolve_names

HEADER = ("mention_id", "decision", "user_id", "confidence", "candidates")
STDOUT = Path("-")
_ENCODING_HINT = "Save it as UTF-8 and run the command again."


def resolve_files(users_file: Path, names_file: Path, out: Path, *, quiet: bool) -> None:
    """Decide every name of a file and write the decisions, one line each, in the order of the names.

    Names are read, never written: the output holds nothing but ids, decisions and scores.

    Args:
        users_file: CSV with the columns ``id`` and ``display_name``.
        names_file: CSV with the columns ``mention_id`` and ``name``.
        out: Where the decisions go; ``-`` for stdout. Written completely or not at all.
        quiet: Say nothing about how many names were decided in which way.

    Raises:
        DiskFullError, NotWritableError: The output cannot be written; what was there is as it was.
        UsageError: A file cannot be read, lacks a column, or repeats an id; or the output would replace the input.
    """
    if out != STDOUT:
        for source in (users_file, names_file):
            if out.exists() and source.exists() and out.samefile(source):
                raise UsageError(f"{out} is what would be read", hint="Give another file with -o.")
        if out.is_dir() or not out.parent.is_dir():
            raise UsageError(
                f"{out} cannot be written: no such folder, or a folder itself", hint="Give a file with -o."
            )
    users = read_pairs(users_file, "id", "display_name")
    for user, _ in users:
        if "|" in user:
            raise UsageError(f"{users_file}: a user id holds |, which separates candidates", hint="Replace the ids.")
    names = read_pairs(names_file, "mention_id", "name")
    decisions = resolve_names([name for _, name in names], users, in_two_processes)
    text = _render([mention for mention, _ in names], decisions)
    if out == STDOUT:
        sys.stdout.write(text)
    elif out.exists() and not out.is_file():  # a pipe, or /dev/null
        out.write_text(text, encoding="utf-8", newline="")
    else:
        write_private(out.resolve(), text.encode())
    if not quiet:
        counts = Counter(decision.decision for decision in decisions)
        say(f"{len(names):,} names: {counts['link']:,} link, {counts['review']:,} review, {counts['new']:,} new")


def read_pairs(path: Path, id_column: str, text_column: str) -> list[tuple[str, str]]:
    """Return id and text of every line of a CSV file with a header.

    The text is taken as it stands, spaces and empty text included. Columns may come in any order, others are ignored, and
    a byte order mark is no part of the first column's name.

    Raises:
        UsageError: The file cannot be read as such, an id is empty, or an id comes twice.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="Give another file.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start})", hint=_ENCODING_HINT) from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        missing = [column for column in (id_column, text_column) if column not in header]
        if missing:
            raise UsageError(
                f"{path} has no column {' and no column '.join(missing)}",
                hint=f"The first line must name the columns {id_column} and {text_column}, separated by commas.",
            )
        return _pairs(path, rows, header.index(id_column), header.index(text_column))
    except csv.Error as error:
        raise UsageError(f"{path}, line {rows.line_num}: {error}", hint="Repair the line.") from None


def _pairs(path: Path, rows: Iterator[list[str]], id_at: int, text_at: int) -> list[tuple[str, str]]:
    needed = max(id_at, text_at) + 1
    pairs: list[tuple[str, str]] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) < needed:
            raise UsageError(f"{path}, row {number}: fewer columns than the header", hint="Repair the row.")
        if not row[id_at] or row[id_at] in seen:
            problem = "comes twice" if row[id_at] else "is empty"
            raise UsageError(f"{path}, row {number}: the id {problem}", hint="Ids must be unique and not empty.")
        seen.add(row[id_at])
        pairs.append((row[id_at], row[text_at]))
    return pairs


def _render(mentions: Sequence[str], decisions: Sequence[NameDecision]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for mention, decided in zip(mentions, decisions, strict=True):
        candidates = "|".join(candidate.user_id for candidate in decided.candidates)
        writer.writerow((mention, decided.decision, decided.user_id, f"{decided.confidence:g}", candidates))
    return out.getvalue()
