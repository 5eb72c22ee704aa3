"""The vocabulary of hardening: steps in SQL, what became of each promise, and the proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from thywill_reconstruct.checks.model import Promise

StepKind = Literal["table", "column", "index", "constraint", "not null", "function", "trigger", "view"]
State = Literal["kept", "missing", "refused", "different", "unclear"]


class Step(NamedTuple):
    """One statement that adds one object, and the one that takes it away again.

    ``held`` is a question whose answer is how many values would be lost with it; empty if none can be.
    """

    kind: StepKind
    name: str
    table: str
    create: str
    drop: str
    held: str = ""


class Proof(NamedTuple):
    """A query that gains, and how the database would answer it before and after."""

    query: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a comparison says about one promise.

    Attributes:
        promise: The promise, with the columns' names in this database.
        pack: The pack that makes it.
        state: ``kept``; ``missing`` and can be added; ``refused`` because rows violate it; ``different``: something else
            bears its name, and nothing is ever replaced; ``unclear``: it cannot be compared.
        says: One plain sentence.
        violations: How many rows are in its way.
        remedy: What to do about them.
        steps: What adds it, in order; what is there already is left out.
        proof: For indexes, once computed.
    """

    promise: Promise
    pack: str
    state: State
    says: str
    violations: int = 0
    remedy: str = ""
    steps: tuple[Step, ...] = ()
    proof: Proof | None = None
