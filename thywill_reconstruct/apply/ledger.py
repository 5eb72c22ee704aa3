"""Whose change is in force on a row, when several runs have changed it and some of them were taken back.

Runs are replayed in their order. A repair puts itself on top of each row that it changes; undoing it takes it away, undoing
the undo puts it back; restoring a backup brings everything back to how it stood when that backup was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from thywill_reconstruct.apply.receipt import Receipt
from thywill_reconstruct.findings.finding import Value
from thywill_reconstruct.plan.operations import Operation

Row = tuple[str, Value]
DONE = ("committed", "unknown")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a run did to a row: put a repair on top of it, or took it away."""

    repair: str
    puts: bool


@dataclass(slots=True)
class Ledger:
    """Per row the repairs in force, oldest first: ``now``, and right ``after`` each run that touched it."""

    now: dict[Row, tuple[str, ...]] = field(default_factory=dict)
    after: dict[tuple[str, Row], tuple[str, ...]] = field(default_factory=dict)
    effects: dict[tuple[str, Row], Effect] = field(default_factory=dict)

    def obstacle(self, run: str, row: Row) -> str:
        """Return why a run's change of a row is not what can be taken back: ``undone``, another run's name, or nothing."""
        now, effect = self.now.get(row, ()), self.effects[run, row]
        if now == self.after[run, row]:
            return ""
        if (effect.repair in now) != effect.puts:
            return UNDONE
        return now[-1] if now else UNDONE


UNDONE = "undone"


def rows_of(operation: Operation) -> tuple[Row, ...]:
    """Return the row of an operation, by its key before and, if the operation changes it, after."""
    keys = dict.fromkeys((operation.key, operation.new_key))
    return tuple((operation.table, key) for key in keys)


def replay(receipts: Sequence[Receipt]) -> Ledger:
    """Return what is in force after these runs.

    Args:
        receipts: With their operations, oldest first.
    """
    ledger = Ledger()
    place = {receipt.run: number for number, receipt in enumerate(receipts)}
    for number, receipt in enumerate(receipts):
        if receipt.status not in DONE:
            continue
        if receipt.kind == "restore":
            made = min(place.get(receipt.of, number), number)
            ledger.now = dict(replay(receipts[:made]).now)
            continue
        for row in dict.fromkeys(row for operation in receipt.operations for row in rows_of(operation)):
            effect = Effect(receipt.run, puts=True)
            if receipt.kind == "undo":
                undone = ledger.effects.get((receipt.of, row), Effect(receipt.of, puts=True))
                effect = Effect(undone.repair, puts=not undone.puts)
            others = tuple(name for name in ledger.now.get(row, ()) if name != effect.repair)
            ledger.now[row] = ledger.after[receipt.run, row] = (*others, effect.repair) if effect.puts else others
            ledger.effects[receipt.run, row] = effect
    return ledger
