"""A list of what every archive file held at one time, to tell later what was changed behind everybody's back.

Live files only grow, so that a file which still begins with what it held is as it should be. A hash per line, each of all
lines up to it, says where a changed file begins to differ, and tells a cut one from a rewritten one. The list holds no text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from thywill_reconstruct.archives.registry import DOWNLOAD, find_format
from thywill_reconstruct.archives.source import Source
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.findings.finding import Finding

VERSION = 1
_DIGITS = 8
# Kinds that the application or the operator writes anew as a whole, besides all exports (spec, sections 2.10 to 2.21).
_REWRITTEN = frozenset(
    {
        "current-state", "export-summary", "invite-tokens", "role-definitions", "session-snapshot", "sessions", "settings",
        "user-attributes", "sessions-backup", "metadata", "backup",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its size, the SHA-256 of all of it, and the chain of its lines, eight hexadecimal digits for each."""

    size: int
    sha256: str
    lines: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the files of a manifest: findings, and what is no damage."""

    findings: tuple[Finding, ...]
    unchanged: int
    grown: int
    rewritten: int
    new: int


def make_manifest(source: Source) -> dict[str, Entry]:
    """Return what every file of an archive holds. Downloads and leftovers of interrupted writes are left out."""
    return {path: _entry(data) for path, data in _contents(source)}


def write_manifest(entries: Mapping[str, Entry]) -> str:
    """Return a manifest as text: the same for the same files, one line each."""
    lines = [
        json.dumps({"path": path, "size": entry.size, "sha256": entry.sha256, "lines": entry.lines})
        for path, entry in sorted(entries.items())
    ]
    head = json.dumps({"manifest": "thywill-reconstruct archives", "version": VERSION, "files": len(lines)})
    return "\n".join([head, *lines]) + "\n"


def read_manifest(text: str) -> dict[str, Entry]:
    """Read a manifest.

    Raises:
        UsageError: It is none, of another version, or not whole.
    """
    entries: dict[str, Entry] = {}
    try:
        head, *rows = [json.loads(line) for line in text.splitlines()]
        version, count = head["version"], head["files"]
        for row in rows:
            size, sha256, lines = int(row["size"]), str(row["sha256"]), str(row["lines"])
            entries[str(row["path"])] = Entry(size, sha256, lines)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError("This is no manifest of archives", hint="Write one with --write-manifest FILE.") from error
    if version != VERSION:
        raise UsageError(f"The manifest is of version {version!r}; this tool reads version {VERSION}")
    if len(rows) != count or len(entries) != count:
        raise UsageError(f"The manifest is not whole: it announces {count} files and lists {len(rows)}")
    return entries


def compare_manifest(entries: Mapping[str, Entry], source: Source) -> Comparison:
    """Compare an archive with what it held; emits AR020 (altered), AR021 (removed) and AR022 (cut off)."""
    findings: list[Finding] = []
    unchanged = grown = rewritten = new = 0
    seen = set()
    for path, data in _contents(source):
        seen.add(path)
        then = entries.get(path)
        if then is None:
            new += 1
        elif then.size == len(data) and then.sha256 == _sha256(data):
            unchanged += 1
        elif _is_rewritten(path):
            rewritten += 1
        elif len(data) > then.size and _sha256(data[: then.size]) == then.sha256:
            grown += 1
        else:
            findings.append(_changed(path, then, _entry(data)))
    for path in sorted(entries.keys() - seen):
        reason = "The file was there when the manifest was written."
        findings.append(Finding("AR021", "archive", path, "", "", "", (path,), reason=reason))
    return Comparison(tuple(findings), unchanged, grown, rewritten, new)


def _changed(path: str, then: Entry, now: Entry) -> Finding:
    kept = 0
    while then.lines[kept : kept + _DIGITS] == now.lines[kept : kept + _DIGITS] != "":
        kept += _DIGITS
    line, had, has = kept // _DIGITS + 1, len(then.lines) // _DIGITS, len(now.lines) // _DIGITS
    if now.size < then.size and kept >= len(now.lines) - _DIGITS:
        reason = f"It had {had:,} lines and ends in line {has:,} now."
        return Finding("AR022", "archive", path, "", "", "", (f"{path}:{max(1, has)}",), reason=reason)
    reason = f"It held something else from line {line:,} on when the manifest was written."
    return Finding("AR020", "archive", path, "", "", "", (f"{path}:{line}",), reason=reason)


def _contents(source: Source) -> Iterator[tuple[str, bytes]]:
    for path in source.paths:
        entry = find_format(path)
        if path.endswith(".tmp") or (entry is not None and entry.kind == DOWNLOAD):
            continue
        data = source.read(path)
        if isinstance(data, bytes):
            yield path, data


def _is_rewritten(path: str) -> bool:
    entry = find_format(path)
    return entry is not None and (entry.kind in _REWRITTEN or entry.kind.endswith("-export"))


def _entry(data: bytes) -> Entry:
    chain = hashlib.sha256()
    lines = []
    for line in data.split(b"\n") if data else ():
        chain.update(line + b"\n")
        lines.append(chain.hexdigest()[:_DIGITS])
    if data.endswith(b"\n"):
        lines.pop()
    return Entry(len(data), _sha256(data), "".join(lines))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
