"""What changed since somebody was told last. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from thywill_reconstruct.findings.codes import SEVERITIES
from thywill_reconstruct.monitor.figures import Figure, RuleName

Kind = Literal["new", "worse", "recovered"]
KINDS: tuple[Kind, ...] = ("new", "worse", "recovered")
# An alert is read on a phone.
LONGEST_ALERT = 20
BLIND = "could not check"


class Change(NamedTuple):
    """One rule whose state is another than somebody was told; ``before`` is ``None`` if they were told nothing."""

    kind: Kind
    before: Figure | None
    now: Figure


def changes_since(told: Mapping[RuleName, Figure], now: Iterable[Figure]) -> list[Change]:
    """Return what is worth an alert, new first, then worse, then recovered, each by severity.

    New: findings where there were none. Worse: more of them, a higher severity, or a rule that cannot be checked any more.
    Recovered: none left, or a rule that can be checked again. A smaller number of findings is no alert. A rule that this
    check did not ask (another pack, no archives) has not changed.
    """
    found = []
    for figure in now:
        before = told.get(figure.name)
        kind = _kind(before, figure)
        if kind is not None:
            found.append(Change(kind, before, figure))
    return sorted(
        found, key=lambda each: (KINDS.index(each.kind), SEVERITIES.index(each.now.severity), each.now.name)
    )


def _kind(before: Figure | None, now: Figure) -> Kind | None:
    was_blind = before is not None and before.state == BLIND
    if now.state == BLIND:
        return None if was_blind else "worse"
    known, found = _known(before), now.found or 0
    if found > known:
        return "worse" if known else "new"
    if found and before is not None and SEVERITIES.index(now.severity) < SEVERITIES.index(before.severity):
        return "worse"
    return "recovered" if was_blind or (known and not found) else None


def _known(before: Figure | None) -> int:
    return (before.found or 0) if before is not None else 0


def to_remember(before: Figure | None, now: Figure) -> Figure:
    """Return what somebody knows who has been told: of a rule that cannot be checked, still its last number."""
    return now._replace(found=_known(before)) if now.state == BLIND else now


def sentence(change: Change) -> str:
    """Return a change on one line: rule id, severity and counts, nothing else."""
    before, now = change.before, change.now
    head = f"{change.kind.upper()}  {now.name.rule} ({now.severity}): "
    if now.state == BLIND:
        return head + "could not be checked"
    parts = ["can be checked again"] if before is not None and before.state == BLIND else []
    parts.append(f"{now.found or 0:,} found")
    if _known(before):
        parts.append(f"was {_known(before):,}")
    if before is not None and now.severity != before.severity:
        parts.append(f"was {before.severity}")
    return head + ", ".join(parts)


def title(changes: Iterable[Change], database: str) -> str:
    """Return the subject of an alert."""
    kinds = [each.kind for each in changes]
    counts = ", ".join(f"{kinds.count(kind):,} {kind}" for kind in KINDS if kind in kinds)
    return f"Integrity of {database}: {counts}"


def body(changes: list[Change]) -> str:
    """Return the text of an alert: a line per change, the most important first, not longer than one can read."""
    lines = [sentence(each) for each in changes[:LONGEST_ALERT]]
    left = len(changes) - LONGEST_ALERT
    return "\n".join([*lines, f"and {left:,} more"] if left > 0 else lines)
