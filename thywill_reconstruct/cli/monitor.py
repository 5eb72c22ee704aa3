"""Check, remember, publish, and tell what changed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from thywill_reconstruct import __version__
from thywill_reconstruct.apply.folder import prepare_folder
from thywill_reconstruct.apply.lock import run_lock
from thywill_reconstruct.checks.archive_rules import PACK as ARCHIVES
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.engine import SAMPLE
from thywill_reconstruct.checks.model import CheckResults
from thywill_reconstruct.cli.check import CheckOptions, run_rules
from thywill_reconstruct.cli.console import say
from thywill_reconstruct.cli.options import choose_archives
from thywill_reconstruct.errors import AlertError, DatabaseMissingError, OutputError, RunLockedError
from thywill_reconstruct.monitor.changes import Change, body, changes_since, sentence, title, to_remember
from thywill_reconstruct.monitor.figures import Figure, RuleName, Run, run_of
from thywill_reconstruct.monitor.metrics import render_metrics
from thywill_reconstruct.monitor.notify import Channel, channels_of, send
from thywill_reconstruct.monitor.place import Place, place_of
from thywill_reconstruct.monitor.publish import PRIVATE, PUBLIC, write_whole
from thywill_reconstruct.monitor.store import Store, open_store
from thywill_reconstruct.report.check import renderer
from thywill_reconstruct.report.check.wording import VERDICTS, summary_of
from thywill_reconstruct.report.safe import safe

# The standard output is a channel too: what it was told last is what the operator read.
OPERATOR = "operator"
_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class MonitorOptions:
    """What the operator asked for."""

    check: CheckOptions
    store: Path | None
    prometheus_file: Path | None
    json_file: Path | None
    markdown_file: Path | None
    notify: tuple[str, ...]
    alert_first: bool
    dry_run: bool


def monitor(options: MonitorOptions) -> int:
    """Check a database, keep the figures, write the files, alert what changed, and return the check's exit code.

    Raises:
        UsageError: An option, a pack or an address is wrong; before anything is done.
        DatabaseMissingError: There is no database, and none was ever monitored there.
        HistoryError, DatabaseLockedError, RunLockedError: The history cannot be used; no figures were kept.
        OutputError: A file cannot be written; the figures were kept.
        AlertError: An alert could not be sent; the figures were kept.
    """
    target = parse_target(options.check.database)
    place = place_of(target, options.store)
    channels = channels_of(list(options.notify))
    if target.path is not None and not target.path.exists() and not place.store.exists():
        raise DatabaseMissingError(f"there is no database {target.path}, and no history of one")
    if options.dry_run:
        return _rehearse(options, place, channels)
    if place.own and target.path is not None:
        prepare_folder(target.path.resolve())
    with _alone(place.store, options.check.timeout), open_store(place.store, options.check.timeout) as store:
        results, run = _check(options, store.told(place.series, OPERATOR))
        store.record(place.series, run)
        unwritten = _write_files(options, results, run, store.last_moment(place.series, successful=True))
        _print(results, _changes(store, place, OPERATOR, run, alert_first=options.alert_first))
        failed = _alert(store, place, channels, run, alert_first=options.alert_first)
    if failed:
        error = AlertError(
            f"the alert could not be sent to {', '.join(failed)} (the check itself: {VERDICTS[results.exit_code]})"
        )
        error.details = () if unwritten is None else (str(unwritten),)
        raise error
    if unwritten is not None:
        raise unwritten
    return results.exit_code


def _check(options: MonitorOptions, told: Mapping[RuleName, Figure]) -> tuple[CheckResults, Run]:
    # A file for programs lists what `check --format json` does.
    check = replace(options.check, format="json") if options.json_file else options.check
    if any(each.pack == ARCHIVES for each in told):
        # Archives that were compared before are asked for: that they are gone must not pass unnoticed.
        check = replace(check, archives=choose_archives(list(check.archives)))
    results = run_rules(check)
    return results, run_of(results, datetime.now(UTC).replace(tzinfo=None), __version__)


@contextmanager
def _alone(store: Path, timeout_s: float) -> Iterator[None]:
    """Let one monitor after the other work with a history: two at once would both tell the same change."""
    ends = time.monotonic() + timeout_s
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(run_lock(store.parent, store, datetime.now(UTC)))
                break
            except RunLockedError:
                if time.monotonic() >= ends:
                    raise
                time.sleep(_PAUSE_S)
        yield


def _changes(store: Store, place: Place, channel: str, run: Run, *, alert_first: bool) -> list[Change]:
    """Return what a channel has not been told; nothing if it was never told anything, which is its base line."""
    told = store.told(place.series, channel)
    return changes_since(told, run.figures) if told or alert_first else []


def _remembered(told: Mapping[RuleName, Figure], run: Run) -> dict[RuleName, Figure]:
    return {each.name: to_remember(told.get(each.name), each) for each in run.figures}


def _alert(store: Store, place: Place, channels: list[Channel], run: Run, *, alert_first: bool) -> list[str]:
    """Tell every channel what is new to it; one that fails is told again next time. Returns the names of those."""
    failed = []
    for channel in (Channel("", OPERATOR, OPERATOR), *channels):
        told = store.told(place.series, channel.id)
        changes = _changes(store, place, channel.id, run, alert_first=alert_first)
        remembered = _remembered(told, run)
        if changes and channel.url and not send(channel, title(changes, safe(place.label)), body(changes)):
            failed.append(channel.shown)
            for change in changes:
                del remembered[change.now.name]
        store.tell(place.series, channel.id, remembered)
    return failed


def _write_files(
    options: MonitorOptions, results: CheckResults, run: Run, last_success: datetime | None
) -> OutputError | None:
    """Write the files and return the first failure: a full disk must not keep anybody from being alerted."""
    failure = None
    outputs: tuple[tuple[Path | None, int, Callable[[], str]], ...] = (
        (options.prometheus_file, PUBLIC, lambda: render_metrics(results, run.moment, last_success)),
        (options.json_file, PRIVATE, lambda: renderer("json")(results)),
        (options.markdown_file, PRIVATE, lambda: renderer("markdown")(results.shortened(SAMPLE))),
    )
    for path, mode, render in outputs:
        if path is not None:
            try:
                write_whole(path, render(), mode)
            except OutputError as error:
                failure = failure or error
    return failure


def _print(results: CheckResults, changes: list[Change]) -> None:
    lines = [f"{VERDICTS[results.exit_code]}: {summary_of(results)}", *results.notes, *map(sentence, changes)]
    sys.stdout.write("".join(safe(line) + "\n" for line in lines))


def _rehearse(options: MonitorOptions, place: Place, channels: list[Channel]) -> int:
    """Say what would be sent and written; write nothing."""
    told: dict[str, dict[RuleName, Figure]] = {}
    if place.store.exists():
        with open_store(place.store, options.check.timeout, readonly=True) as store:
            told = {each: store.told(place.series, each) for each in (OPERATOR, *(each.id for each in channels))}
    results, run = _check(options, told.get(OPERATOR, {}))
    for name, shown in ((OPERATOR, ""), *((each.id, each.shown) for each in channels)):
        first = not told.get(name)
        changes = [] if first and not options.alert_first else changes_since(told.get(name, {}), run.figures)
        if not shown:
            _print(results, changes)
        elif changes:
            sys.stdout.write(safe(f"would send to {shown}: {title(changes, place.label)}") + "\n")
            sys.stdout.write("".join(f"  {safe(line)}\n" for line in body(changes).splitlines()))
        else:
            why = "this check would be its base line" if first else "nothing changed"
            sys.stdout.write(f"would send nothing to {shown}: {why}\n")
    for path in filter(None, (options.prometheus_file, options.json_file, options.markdown_file)):
        sys.stdout.write(safe(f"would write {path}") + "\n")
    say("A dry run: nothing was sent, kept or written.")
    return results.exit_code
