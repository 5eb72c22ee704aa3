"""Checking a database: options in, results out in the format wanted, exit code."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from thywill_reconstruct.checks.archive_rules import archive_results
from thywill_reconstruct.checks.baseline import Baseline, parse_baseline, render_baseline
from thywill_reconstruct.checks.connect import Target, parse_target
from thywill_reconstruct.checks.engine import SAMPLE, Settings, check_database
from thywill_reconstruct.checks.model import CheckResults, RuleResult, worst_first
from thywill_reconstruct.checks.packs import find_pack, lint_pack, load_pack
from thywill_reconstruct.cli.console import Bars, make_console, say
from thywill_reconstruct.cli.options import choose_archives, choose_decisions
from thywill_reconstruct.errors import ReconstructError, UsageError
from thywill_reconstruct.findings.codes import SEVERITIES, Severity
from thywill_reconstruct.report.check import FORMATS, renderer
from thywill_reconstruct.report.check.text import print_results
from thywill_reconstruct.report.check.wording import count_of, key_of
from thywill_reconstruct.report.safe import safe
from thywill_reconstruct.workflow import inspect

OWN_PACK = "thywill"
# Findings of one rule that JSON lists without --all: about 100 MB of memory.
LISTED = 100_000


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What the operator asked for."""

    database: str
    archives: tuple[Path, ...]
    decisions: Path | None
    packs: tuple[str, ...]
    format: str
    show_all: bool
    baseline: Path | None
    write_baseline: Path | None
    until: str
    severities: tuple[str, ...]
    silenced: tuple[str, ...]
    timeout: int
    rule_timeout: int
    quiet: bool
    no_color: bool


def check(options: CheckOptions) -> int:
    """Check, print, and return the exit code.

    Raises:
        UsageError: An option or a pack is wrong.
    """
    if options.format not in FORMATS:
        raise UsageError(f"there is no format {options.format}", hint=f"Known are: {', '.join(FORMATS)}.")
    until = _until(options.until)
    results = run_rules(options)
    if options.write_baseline is not None:
        return _write_baseline(options.write_baseline, results, until)
    if options.format == "text":
        print_results(make_console(no_color=options.no_color), results, quiet=options.quiet)
    else:
        sys.stdout.write(renderer(options.format)(results))
    if options.format == "prometheus":  # which has numbers only
        _say_why(results)
    return results.exit_code


def _say_why(results: CheckResults) -> bool:
    """Say on standard error which rules could not be checked, and why; return whether there are any."""
    blind: list[RuleResult] = [each for each in results.results if each.state == "could not check"]
    for each in blind:
        say(f"could not check {each.rule.id}: {each.reason}")
    return bool(blind)


def run_rules(options: CheckOptions) -> CheckResults:
    """Run the rules that the options name, archives included.

    Raises:
        UsageError: An option or a pack is wrong.
    """
    settings, target = _settings(options), parse_target(options.database)
    packs = [load_pack(name) for name in options.packs or (OWN_PACK,)]
    _refuse_unknown_rules(options, {rule.id for pack in packs for rule in pack.rules})
    with Bars(quiet=options.quiet) as bars:
        results = check_database(target, packs, settings, bars)
        if OWN_PACK in {pack.name for pack in packs}:
            results = _with_archives(options, target, settings, results)
    expired = settings.baseline.expired(settings.now)
    if expired:
        results = replace(results, notes=(*results.notes, f"{expired:,} entries of the baseline have expired"))
    return results


def _settings(options: CheckOptions) -> Settings:
    severities: list[tuple[str, Severity]] = []
    for given in options.severities:
        name, _, word = given.rpartition("=")
        found = next((each for each in SEVERITIES if each == word), None)
        if found is None:
            raise UsageError(
                f"--severity {given} is not of the form RULE[:KEY]=WORD",
                hint=f"WORD is one of {', '.join(SEVERITIES)}.",
            )
        severities.append((name, found))
    baseline = Baseline()
    if options.baseline is not None:
        try:
            baseline = parse_baseline(options.baseline.read_text(encoding="utf-8"), str(options.baseline))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the baseline {options.baseline} cannot be read: {error}") from error
    return Settings(
        now=datetime.now(UTC).replace(tzinfo=None),
        sample=_sample(options),
        timeout_s=options.timeout,
        statement_timeout_s=options.rule_timeout,
        severities=tuple(severities),
        silenced=frozenset(options.silenced),
        baseline=baseline,
    )


def _sample(options: CheckOptions) -> int | None:
    """Return how many findings of a rule to show; what programs read gets all that memory has room for."""
    if options.show_all or options.write_baseline:
        return None
    return LISTED if options.format == "json" else SAMPLE


def _until(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--until {text} is no day", hint="Its form is 2030-01-31.") from None


def _refuse_unknown_rules(options: CheckOptions, known: set[str]) -> None:
    """Refuse names that no rule bears: a typo must not silence nothing, unnoticed."""
    from thywill_reconstruct.findings.codes import CODES

    names = (*(given.rpartition("=")[0] for given in options.severities), *options.silenced)
    named = [name.partition(":")[0] for name in names]
    unknown = sorted({name for name in named if name not in known and name not in CODES})
    if unknown:
        raise UsageError(f"no rule is called {', '.join(unknown)}", hint="`check` names its rules in every report.")


def _with_archives(options: CheckOptions, target: Target, settings: Settings, results: CheckResults) -> CheckResults:
    """Add what the archives say, if they are there or were asked for."""
    archives = choose_archives(list(options.archives))
    asked = options.archives or "TEXT_ARCHIVE_BASE_DIR" in os.environ
    if target.path is None or (not asked and not archives[0].exists()):
        return replace(results, notes=(*results.notes, "No archives were compared."))
    try:
        decisions = choose_decisions(options.decisions)
        inspection = inspect(target.path, archives, decisions=decisions, timeout_s=options.timeout)
        found = archive_results(inspection.analysis.findings, settings)
    except ReconstructError as error:
        found = archive_results(None, settings, reason=str(error))
    return replace(results, results=tuple(sorted((*results.results, *found), key=worst_first)))


def _write_baseline(place: Path, results: CheckResults, until: date | None) -> int:
    """Write everything found as accepted; what could not be checked stays a failure."""
    found = [(each.rule.id, offence, key_of(offence)) for each in results.results for offence in each.offences]
    text = render_baseline(found, until)
    if str(place) == "-":
        sys.stdout.write(text)
    else:
        try:
            place.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"the baseline {place} cannot be written: {error.strerror}") from error
        say(f"{len(found):,} findings accepted in {place}. From now on: reconstruct check --baseline {place}")
    return 3 if _say_why(results) else 0


def lint(options: CheckOptions) -> int:
    """Print everything that is wrong with the packs, as ``file:line: message``; 1 if there is anything."""
    wrong = 0
    for name in options.packs or (OWN_PACK,):
        path = find_pack(name)
        try:
            problems = lint_pack(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error
        for problem in problems:
            sys.stdout.write(safe(f"{path}:{problem.line}: {problem.message}") + "\n")
        wrong += len(problems)
    say(count_of(wrong, "problem") if wrong else "no problems")
    return 1 if wrong else 0


def propose(options: CheckOptions) -> int:
    """Print rules for references that the values suggest."""
    from thywill_reconstruct.checks.infer import infer_rules

    sys.stdout.write(infer_rules(parse_target(options.database), options.timeout, options.rule_timeout))
    return 0
