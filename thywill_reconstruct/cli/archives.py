"""``archives`` and ``verify-archives``: what the archives hold, and whether they are sound."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from thywill_reconstruct.archives.health import judge_archives
from thywill_reconstruct.archives.load import load_archive, open_archive
from thywill_reconstruct.archives.manifest import (
    Comparison,
    compare_manifest,
    make_manifest,
    read_manifest,
    write_manifest,
)
from thywill_reconstruct.archives.stats import KindStats, kind_stats, left_out, unread
from thywill_reconstruct.cli.console import Bars, make_console, say
from thywill_reconstruct.errors import ReconstructError, UsageError
from thywill_reconstruct.findings.codes import CODES, SEVERITIES
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.records import Problem
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line

# Results of a check (docs/decisions/0004-exit-codes.md).
SOUND, WORSE, BAD, UNCHECKED = 0, 1, 2, 3
MOST_EXAMPLES = 5
MOST_LINES = 200


def print_stats(places: Sequence[Path], *, as_json: bool, no_color: bool) -> None:
    """Print figures by kind, the lines that were not understood, and the files that were not read."""
    with Bars() as bars:
        archive = load_archive(places, lambda done, total: bars("Reading archives", done, total))
    kinds, missed, skipped = kind_stats(archive), unread(archive), left_out(archive)
    if as_json:
        document = {
            "archives": archive.label,
            "kinds": [asdict(kind) for kind in kinds],
            "not_understood": [{"place": str(p.span), "code": p.code, "reason": p.detail} for p in missed],
            "not_read": [{"file": p.span.file, "code": p.code, "reason": p.detail} for p in skipped],
        }
        print(json.dumps(document, ensure_ascii=True, sort_keys=True))
        return
    console = make_console(no_color=no_color)
    print_line(console, 0, Text(f"Archives  {brief(archive.label)}"), hang=10)
    console.print(_table(kinds))
    _print_problems(console, "Not understood:", [(str(problem.span), problem) for problem in missed])
    _print_problems(console, "Not read, and not in these figures:", [(each.span.file, each) for each in skipped])


def _print_problems(console: Console, heading: str, problems: Sequence[tuple[str, Problem]]) -> None:
    if problems:
        print_line(console, 0, Text(heading))
    for place, problem in problems[:MOST_LINES]:
        print_line(console, 2, Text(f"{brief(place)}  {problem.code}  {brief(problem.detail)}"), hang=4)
    if len(problems) > MOST_LINES:
        print_line(console, 2, Text(f"and {len(problems) - MOST_LINES:,} more; --json lists all"))


def _table(kinds: Sequence[KindStats]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("kind", overflow="fold")
    for heading in ("files", "records", "lines", "understood"):
        table.add_column(heading, justify="right")
    total = KindStats("all", *(sum(getattr(kind, name) for kind in kinds) for name in KindStats.__slots__[1:]))
    for kind in (*kinds, total):
        figures = (f"{kind.files:,}", f"{kind.records:,}", f"{kind.lines:,}", _share(kind))
        table.add_row(Text(kind.kind), *figures, style="bold" if kind is total else "")
    return table


def _share(kind: KindStats) -> str:
    """Return the share of lines understood; never 100 % while one is not."""
    if not kind.lines:
        return ""
    if kind.understood == kind.lines:
        return "100 %"
    return f"{min(99.99, 100 * kind.understood / kind.lines):.2f} %"


def verify(
    places: Sequence[Path],
    *,
    manifest: Path | None,
    write_to: Path | None,
    as_json: bool,
    quiet: bool,
    no_color: bool,
) -> int:
    """Check the archives, print what is wrong, and return the exit code of a check: 0, 1, 2 or 3."""
    try:
        with Bars(quiet=quiet) as bars:
            archive = load_archive(places, lambda done, total: bars("Reading archives", done, total))
        findings = list(judge_archives(archive))
        compared = _compare(places[0], manifest) if manifest else None
        written = _write(places[0], write_to) if write_to else 0
    except UsageError:
        raise
    except ReconstructError as error:
        say(f"reconstruct: the archives could not be checked: {str(error).rstrip('.')}. {error.hint}".rstrip())
        return UNCHECKED
    if compared:
        findings += compared.findings
    if as_json:
        print(json.dumps(_document(archive.label, findings, compared), ensure_ascii=True, sort_keys=True))
    else:
        console = make_console(no_color=no_color)
        print_line(console, 0, Text(f"Archives  {brief(archive.label)}: {len(archive.files):,} files"), hang=10)
        _print_findings(console, findings, quiet=quiet)
        if compared:
            _print_comparison(console, compared)
        if write_to:
            print_line(console, 0, Text(f"Manifest of {written:,} files written: {brief(str(write_to))}"))
    return _exit_code(findings)


def _exit_code(findings: Sequence[Finding]) -> int:
    worst = min((SEVERITIES.index(finding.info.severity) for finding in findings), default=None)
    if worst is None:
        return SOUND
    return BAD if SEVERITIES[worst] in ("critical", "high") else WORSE


def _compare(place: Path, manifest: Path) -> Comparison:
    try:
        entries = read_manifest(manifest.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The manifest {manifest} cannot be read", hint="Check its path.") from error
    with open_archive(place) as source:
        return compare_manifest(entries, source)


def _write(place: Path, manifest: Path) -> int:
    """Write a manifest that only its owner can read, whole or not at all."""
    with open_archive(place) as source:
        if source.location and manifest.resolve().is_relative_to(Path(source.location).resolve()):
            raise UsageError(
                "The manifest would lie inside the archive", hint="Keep it elsewhere, best on another machine."
            )
        entries = make_manifest(source)
    part = manifest.with_name(manifest.name + ".part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(write_manifest(entries))
            file.flush()
            os.fsync(file.fileno())
        part.replace(manifest)
    except OSError as error:
        raise UsageError(f"The manifest cannot be written: {error.strerror}", hint="Give another place.") from error
    return len(entries)


def _print_findings(console: Console, findings: Sequence[Finding], *, quiet: bool) -> None:
    by_code: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_code[finding.code].append(finding)
    if not by_code:
        print_line(console, 0, Text("Nothing is wrong with them."))
    for code in sorted(by_code, key=lambda code: (SEVERITIES.index(CODES[code].severity), code)):
        found = by_code[code]
        line = f"{len(found):9,}  {code}  {CODES[code].severity:<8}  {CODES[code].sentence}"
        print_line(console, 0, Text(line), hang=11)
        for finding in () if quiet else found[:MOST_EXAMPLES]:
            places = [place for place in finding.evidence if not place.startswith(finding.key)]
            what = f"{finding.key} ({', '.join(places)})" if places else finding.key
            print_line(console, 11, Text(f"{brief(what)}: {brief(finding.reason)}"), hang=2)
        if len(found) > MOST_EXAMPLES and not quiet:
            print_line(console, 11, Text(f"and {len(found) - MOST_EXAMPLES:,} more; --json lists all"))


def _print_comparison(console: Console, compared: Comparison) -> None:
    line = (
        f"Since the manifest: {compared.unchanged:,} files unchanged, {compared.grown:,} grown, "
        f"{compared.rewritten:,} written anew by the application, {compared.new:,} new, {len(compared.findings):,} damaged"
    )
    print_line(console, 0, Text(line))


def _document(label: str, findings: Sequence[Finding], compared: Comparison | None) -> dict[str, object]:
    return {
        "archives": label,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.info.severity,
                "subject": finding.key,
                "evidence": list(finding.evidence),
                "reason": finding.reason,
            }
            for finding in findings
        ],
        "since_manifest": None
        if compared is None
        else {
            "unchanged": compared.unchanged,
            "grown": compared.grown,
            "rewritten": compared.rewritten,
            "new": compared.new,
        },
    }
