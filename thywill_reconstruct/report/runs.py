"""What runs did, for a terminal and as JSON. The JSON forms are published in ``report/schema``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from thywill_reconstruct.apply.history import Run
from thywill_reconstruct.apply.precheck import row_name
from thywill_reconstruct.apply.receipt import Receipt, count_operations
from thywill_reconstruct.apply.restore import RestorePlan
from thywill_reconstruct.apply.undo import Refusal, UndoPlan
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.plan.operations import Columns, Operation
from thywill_reconstruct.report.as_json import operation_fields
from thywill_reconstruct.report.safe import brief, safe, shown_value
from thywill_reconstruct.report.text import print_line, rows_words

EXAMPLES = 10
_DONE = {"insert": "added", "update": "changed", "delete": "deleted"}
_STYLE = {"committed": "bold green", "rolled back": "", "unknown": "bold red", "started": "yellow"}


def outcome_words(run: Run) -> str:
    """Return what became of a run, in words."""
    if run.alive:
        return "at work right now"
    words = {"committed": "done", "rolled back": "rolled back, nothing was changed"}.get(
        run.receipt.status, "unknown"
    )
    return (
        f"killed, but {words}"
        if run.unsettled and words == "done"
        else f"killed; {words}"
        if run.unsettled
        else words
    )


def _kind(receipt: Receipt) -> str:
    return f"{receipt.kind} of {receipt.of}" if receipt.of else receipt.kind


def counts_words(counts: Iterable[tuple[str, int]]) -> str:
    """Return the counts of a receipt in words: ``1 user added; 12 prayers changed``."""
    parts: dict[str, list[str]] = defaultdict(list)
    for name, number in counts:
        action, _, table = name.partition(" ")
        parts[action].append(rows_words(number, table))
    return "; ".join(f"{', '.join(words)} {_DONE.get(action, action)}" for action, words in parts.items())


def print_run(console: Console, run: Run) -> None:
    """Print what the receipt of a run says."""
    receipt = run.receipt
    head = Text.assemble(
        (safe(run.name), "bold"), f"  {_kind(receipt)}: ", (outcome_words(run), _STYLE[receipt.status])
    )
    print_line(console, 0, head, hang=4)
    if run.problem:
        print_line(console, 4, Text(brief(run.problem)))
    if not receipt.started:
        return
    who = f"by {receipt.user} on {receipt.host} (process {receipt.pid}), version {receipt.tool_version}"
    lines = [f"{_moment(receipt.started)}, {who}"]
    if receipt.counts:
        planned = "" if receipt.status == "committed" else "Planned: "
        lines.append(planned + counts_words(receipt.counts))
    if receipt.kind == "repair":
        lines.append(f"Findings: {receipt.repaired:,} to repair, {receipt.skipped:,} left")
    if receipt.reason:
        lines.append(f"Ended by: {receipt.reason}")
    for line in lines:
        print_line(console, 4, Text(brief(line)), hang=2)
    console.print(Text(f"    Backup: {safe(str(run.backup)) if run.backup else 'none'}"), soft_wrap=True)


def _moment(text: str) -> str:
    return f"{text[:10]} {text[11:19]} UTC"


def print_operations(console: Console, operations: Iterable[Operation], *, show_text: bool) -> None:
    """Print one line for each row, prayers as their length unless ``show_text``, tokens masked."""
    for operation in operations:
        name = row_name(operation.table, operation.key)
        print_line(console, 2, Text(brief(f"{operation.action} {name}: {_changes(operation, show_text)}")), hang=4)


def _changes(operation: Operation, show_text: bool) -> str:
    def shown(name: str, value: Value) -> str:
        return repr(shown_value(operation.table, name, value, show_text=show_text))

    def row(columns: Columns) -> str:
        return ", ".join(f"{name} {shown(name, value)}" for name, value in columns if value is not None)

    if operation.action != "update":
        return row(operation.after or operation.before)
    before = dict(operation.before)
    return ", ".join(
        f"{name} {shown(name, before.get(name))} -> {shown(name, value)}" for name, value in operation.after
    )


def run_fields(run: Run) -> dict[str, Any]:
    """Return what a receipt says, as JSON values."""
    receipt = run.receipt
    return {
        "run": run.name,
        "kind": receipt.kind,
        "of": receipt.of or None,
        "status": "running" if run.alive else receipt.status,
        "settled": not run.unsettled,
        "started": receipt.started,
        "finished": receipt.finished or None,
        "user": receipt.user,
        "host": receipt.host,
        "pid": receipt.pid,
        "tool_version": receipt.tool_version,
        "database": receipt.database,
        "fingerprints": {"database": receipt.database_fingerprint, "archives": receipt.archive_fingerprint},
        "counts": dict(receipt.counts),
        "repaired": receipt.repaired,
        "skipped": receipt.skipped,
        "backup": str(run.backup) if run.backup else None,
        "reason": receipt.reason,
        "problem": run.problem,
    }


def print_undo(console: Console, plan: UndoPlan) -> None:
    """Print what undoing a run would do."""
    receipt = plan.run.receipt
    print_line(
        console,
        0,
        Text(f"Run {plan.run.name}: {_kind(receipt)} of {_moment(receipt.started)}, by {safe(receipt.user)}"),
    )
    if plan.operations:
        print_line(console, 0, Text(f"\nCan be taken back: {_rows(len(plan.operations))}", style="bold"))
        print_line(console, 2, Text(counts_words(count_operations(plan.operations))), hang=2)
    if plan.undone:
        print_line(console, 0, Text(f"\nTaken back already: {_rows(plan.undone)}"))
    if plan.left_out:
        print_line(console, 0, Text(f"\nLeft out by --only: {_rows(plan.left_out)}"))
    if plan.refused:
        print_line(console, 0, Text(f"\nCannot be taken back: {_rows(len(plan.refused))}", style="bold red"))
        for reason, refused in _by_reason(plan.refused).items():
            print_line(console, 2, Text(f"{len(refused):>7,}  {brief(reason)}"), hang=9)
            for each in refused[:EXAMPLES]:
                print_line(console, 11, Text(brief(row_name(each.operation.table, each.operation.key))), hang=2)
            if len(refused) > EXAMPLES:
                print_line(console, 11, Text(f"and {len(refused) - EXAMPLES:,} more (--json lists all)"))


def _by_reason(refused: Sequence[Refusal]) -> dict[str, list[Refusal]]:
    grouped: dict[str, list[Refusal]] = defaultdict(list)
    for each in refused:
        grouped[each.reason].append(each)
    return dict(sorted(grouped.items()))


def undo_fields(plan: UndoPlan, *, show_text: bool) -> dict[str, Any]:
    """Return what undoing a run would do, as JSON values."""
    return {
        "run": run_fields(plan.run),
        "pending": len(plan.operations),
        "operations": [operation_fields(operation, show_text) for operation in plan.operations],
        "refused": [
            {
                "table": each.operation.table,
                "key": operation_fields(each.operation, show_text=False)["key"],
                "reason": each.reason,
            }
            for each in plan.refused
        ],
        "already_undone": plan.undone,
        "left_out": plan.left_out,
    }


def print_restore(console: Console, plan: RestorePlan) -> None:
    """Print what restoring a backup would change."""
    receipt = plan.run.receipt
    print_line(
        console, 0, Text(f"The backup of run {plan.run.name} was made at {_moment(receipt.started)} and is intact.")
    )
    if plan.problem:
        print_line(
            console,
            0,
            Text("\nThe present database cannot be read, so nobody can say what would be lost:", style="bold"),
        )
        print_line(console, 2, Text(brief(plan.problem)))
        return
    if not plan.losses:
        print_line(console, 0, Text("\nThe database holds exactly the same rows."))
        return
    lost = sum(loss.gone for loss in plan.losses)
    print_line(
        console, 0, Text(f"\nWould be lost: {_rows(lost)} that are new or were changed since", style="bold red")
    )
    for loss in plan.losses:
        print_line(console, 2, Text(f"{safe(loss.table)}: {loss.gone:,} lost, {loss.back:,} as in the backup again"))


def restore_fields(plan: RestorePlan) -> dict[str, Any]:
    """Return what restoring a backup would change, as JSON values."""
    return {
        "run": run_fields(plan.run),
        "problem": plan.problem,
        "tables": {loss.table: {"lost": loss.gone, "back": loss.back} for loss in plan.losses},
    }


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
