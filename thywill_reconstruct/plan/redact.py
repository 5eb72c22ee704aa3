"""Put pseudonyms in the place of names, everywhere in a plan.

The pseudonyms of a plan are numbers, given out in the order of digests, so that every view of one plan calls a person the
same, and nobody who guesses a name can check the guess. They do not hold from one plan to the next.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from thywill_reconstruct.findings.finding import Finding, Value
from thywill_reconstruct.plan.operations import Columns, Plan
from thywill_reconstruct.plan.seal import privacy_of

_WORD = re.compile(r"\w+")
# A place that is not inside a word.
_EDGE = r"(?:(?<!\w)|(?!\w))"
_DEPTH = 3


def names_in(plan: Plan, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names that occur anywhere in a plan, as they are written there, sorted.

    Reports write some names in quotation marks and with escapes, so both forms are looked for.
    """
    content = "\n".join(_strings(plan))
    words = set(_WORD.findall(content))
    found = set()
    for name in names:
        for form in {name, repr(name)[1:-1]}:
            first = _WORD.search(form)
            # Nearly all names that do not occur are ruled out by their first word.
            if form.strip() and (first is None or first.group() in words) and form in content:
                found.add(form)
    return tuple(sorted(found))


def _strings(plan: Plan) -> Iterator[str]:
    """Yield every text of a plan in which a name can stand; not the texts of prayers."""
    for finding in (*plan.repaired, *plan.skipped):
        yield from (finding.key, finding.expected, finding.actual, finding.reason, *finding.evidence)
    for operation in plan.operations:
        pairs = ((operation.key_column, operation.key), *operation.before, *operation.after)
        yield from (
            value for name, value in pairs if isinstance(value, str) and not privacy_of(operation.table, name)
        )
    yield from plan.notes
    yield from (value for _, value in plan.options)


def pseudonyms(names: Iterable[str], plan: Plan) -> dict[str, str]:
    """Return name -> pseudonym."""
    salt = plan.archive_fingerprint + plan.database_fingerprint

    def place(name: str) -> bytes:
        return hashlib.sha256((salt + name).encode("utf-8", "surrogatepass")).digest()

    return {name: f"Person {number}" for number, name in enumerate(sorted(set(names), key=place), 1)}


def replacer(names: Collection[str], plan: Plan) -> Callable[[str], str]:
    """Return what puts pseudonyms into a text: the longest name first, and no name that is a part of a longer word."""
    given = pseudonyms(names, plan)
    if not given:
        return lambda text: text
    pattern = re.compile(f"{_EDGE}(?:{_one_of(given, _DEPTH)}){_EDGE}")
    return lambda text: pattern.sub(lambda found: given[found.group()], text)


def _one_of(tails: Iterable[str], depth: int) -> str:
    """Return an expression that matches any of the texts, the longest first.

    Grouped by their first characters, because trying thousands of names at every place of a text takes minutes.
    """
    if not depth:
        return "|".join(map(re.escape, sorted(tails, key=len, reverse=True)))
    groups: dict[str, list[str]] = {}
    for tail in tails:
        groups.setdefault(tail[:1], []).append(tail[1:])
    ends = groups.pop("", None) is not None
    parts = [f"{re.escape(first)}(?:{_one_of(rest, depth - 1)})" for first, rest in sorted(groups.items())]
    return "|".join([*parts, *([""] if ends else [])])


def redact_plan(plan: Plan, names: Collection[str]) -> Plan:
    """Return a plan in which no name is left. It is for reading; its rows can no longer be found."""
    put = replacer(names, plan)

    def columns(table: str, pairs: Columns) -> Columns:
        return tuple((name, _put(put, value)) for name, value in pairs)

    def finding(each: Finding) -> Finding:
        return replace(
            each,
            key=put(each.key),
            expected=put(each.expected),
            actual=put(each.actual),
            evidence=tuple(map(put, each.evidence)),
            reason=put(each.reason),
            changes=(),
        )

    return replace(
        plan,
        operations=tuple(
            replace(
                operation,
                key=_put(put, operation.key),
                before=columns(operation.table, operation.before),
                after=columns(operation.table, operation.after),
            )
            for operation in plan.operations
        ),
        repaired=tuple(map(finding, plan.repaired)),
        skipped=tuple(map(finding, plan.skipped)),
        notes=tuple(map(put, plan.notes)),
        options=tuple((name, put(value)) for name, value in plan.options),
    )


def _put(put: Callable[[str], str], value: Value) -> Value:
    return put(value) if isinstance(value, str) else value
