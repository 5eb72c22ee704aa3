"""The built-in kinds of rules, one module per family. To add one: write it, and list its module here."""

from __future__ import annotations

from thywill_reconstruct.checks.kinds import duplicates, objects, periods, references, rows, totals
from thywill_reconstruct.checks.kinds.context import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind for module in (rows, references, duplicates, totals, periods, objects) for kind in module.KINDS
}
