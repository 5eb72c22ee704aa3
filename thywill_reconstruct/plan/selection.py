"""``--only``: which part of a plan is wanted.

Words are separated by commas; double quotes keep a comma inside a word, a backslash keeps a quotation mark. Without a
prefix a word is a selection (``authors``), a family (``PR``) or a finding code (``PR001``); with one it is
``table:prayer``, ``row:prayer:ID``, ``risk:fill`` or ``person:Mary Johnson``. Words of one kind add up, different kinds
narrow each other down: ``authors,marks,person:Mary`` is what is wrong with Mary's prayers and marks.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import get_args

from thywill_reconstruct.database.schema import TABLES
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.findings.codes import CODES, SELECTIONS
from thywill_reconstruct.findings.finding import Finding, Risk
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.plan.operations import Operation, Plan, Step
from thywill_reconstruct.plan.restrict import references, restrict, with_needed

SELECTION_REASON = "Left out by --only."
_RISKS: tuple[str, ...] = get_args(Risk)
_PREFIXES = ("table", "row", "risk", "person")
_HELP = (
    f"Known are: {', '.join(SELECTIONS)}; finding codes such as PR001 or their first letters; "
    "table:NAME, row:TABLE:KEY, risk:NAME, person:NAME."
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What ``--only`` asks for, per kind of word; an empty kind narrows nothing."""

    words: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    rows: frozenset[tuple[str, str]] = frozenset()
    risks: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


def split_words(given: Iterable[str]) -> tuple[str, ...]:
    """Return the words of one or more ``--only``.

    >>> split_words(['authors, PR001', 'person:"Smith, John"', "person:O'Brien"])
    ('authors', 'PR001', 'person:Smith, John', "person:O'Brien")

    Raises:
        UsageError: A quotation mark is not closed.
    """
    words: list[str] = []
    for text in given:
        reader = shlex.shlex(text, posix=True)
        reader.whitespace, reader.whitespace_split = ",", True
        reader.quotes, reader.escape, reader.commenters = '"', "\\", ""
        try:
            words += [word.strip() for word in reader]
        except ValueError as error:
            raise UsageError(
                f"--only {text}: a quotation mark is not closed", hint="For example: --only 'person:\"Smith, John\"'."
            ) from error
    return tuple(word for word in words if word)


def join_words(words: Iterable[str]) -> str:
    """Return words as one ``--only`` takes them: the inverse of ``split_words``."""
    return ",".join(_quoted(word) if set(word) & set(',"\\') else word for word in words)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def parse_selection(words: Collection[str]) -> Selection:
    """Return what the words of ``--only`` ask for.

    Raises:
        UsageError: A word names nothing; it is never ignored.
    """
    found: dict[str, set[str]] = {prefix: set() for prefix in _PREFIXES}
    codes: set[str] = set()
    for word in words:
        prefix, colon, rest = word.partition(":")
        if not colon:
            codes |= _codes(word)
        elif prefix.lower() in found and rest.strip():
            found[prefix.lower()].add(rest.strip() if prefix.lower() != "person" else rest)
        else:
            raise UsageError(f"--only does not know {word!r}", hint=_HELP)
    _refuse_unknown("risk", found["risk"], _RISKS)
    return Selection(
        words=tuple(sorted(set(words))),
        codes=frozenset(codes),
        tables=frozenset(map(_table, found["table"])),
        rows=frozenset(map(_row, found["row"])),
        risks=frozenset(found["risk"]),
        people=frozenset(found["person"]),
    )


def _codes(word: str) -> set[str]:
    found = {code for code in CODES if word.upper() in (code, CODES[code].family)}
    found |= set(SELECTIONS.get(word.lower(), ()))
    if not found:
        raise UsageError(f"--only does not know {word!r}", hint=_HELP)
    return found


def named_codes(selection: Selection) -> frozenset[str]:
    """Return the finding codes that are asked for by their own name or their selection's, not as part of a family."""
    words = {word.lower() for word in selection.words}
    return frozenset(code for code in CODES if code.lower() in words) | {
        code for word in words for code in SELECTIONS.get(word, ())
    }


def _refuse_unknown(kind: str, given: Iterable[str], known: Iterable[str]) -> None:
    for word in sorted(set(given) - set(known)):
        raise UsageError(f"--only does not know the {kind} {word!r}", hint=f"Known are: {', '.join(known)}.")


def _table(word: str) -> str:
    """Return a table by its own name, or by what this tool calls its rows (``mark``)."""
    name = TABLES.get(word.lower(), word.lower())
    _refuse_unknown("table", [name], TABLES.values())
    return name


def _row(word: str) -> tuple[str, str]:
    table, colon, key = word.partition(":")
    if not colon or not key:
        raise UsageError(f"--only does not know the row {word!r}", hint="A row is named row:TABLE:KEY.")
    return _table(table), key


def select(plan: Plan, selection: Selection, people: Mapping[str, str]) -> Plan:
    """Return the part of a plan that is asked for, with all that it rests on; notes say what was brought in.

    Args:
        plan: Any plan, fresh or read from a file.
        selection: What is asked for.
        people: User key -> name, for ``person:``.
    """
    if not selection.words:
        return plan
    asked_people = _keys_of(selection.people, people)
    chosen = [
        number
        for number, finding in enumerate(plan.repaired)
        if _matches(selection, asked_people, finding, _asked(plan, number))
    ]
    kept = with_needed(plan, chosen)
    notes = [*plan.notes, *_brought_in(plan, kept - set(chosen)), *_unmatched(plan, selection, people)]
    return restrict(replace(plan, notes=tuple(notes)), kept, lambda finding: SELECTION_REASON)


def operation_filter(selection: Selection, people: Mapping[str, str]) -> Callable[[Operation], bool]:
    """Return whether an operation by itself is asked for; for what was done already and has no findings any more.

    Args:
        selection: What is asked for.
        people: User key -> name, for ``person:``.
    """
    asked_people = _keys_of(selection.people, people)

    def asked(operation: Operation) -> bool:
        if selection.codes.isdisjoint(operation.codes) and selection.codes:
            return False
        if selection.tables and operation.table not in selection.tables:
            return False
        if selection.rows and (operation.table, str(operation.key)) not in selection.rows:
            return False
        if selection.risks and operation.risk not in selection.risks:
            return False
        step = Step(0, "", operation.risk)
        return not selection.people or not asked_people.isdisjoint(_users(operation, step))

    return asked


def leaves_out(selection: Selection, finding: Finding) -> bool:
    """Tell whether a selection leaves out a finding whose repair is not in the plan, as far as its kind shows it."""
    return bool(selection.codes) and finding.code not in selection.codes


def _asked(plan: Plan, number: int) -> list[tuple[Operation, Step]]:
    return [(plan.operations[step.operation], step) for step in plan.steps[number]]


def _matches(
    selection: Selection, people: frozenset[str], finding: Finding, parts: list[tuple[Operation, Step]]
) -> bool:
    """Tell whether a finding is asked for. All its steps must be in the tables, rows and risks that are named."""
    if not parts:  # repaired by the deletion of its row, which is asked for by its own name
        return False
    if selection.codes and finding.code not in selection.codes:
        return False
    if selection.tables and not all(operation.table in selection.tables for operation, _ in parts):
        return False
    if selection.rows and not all((operation.table, str(operation.key)) in selection.rows for operation, _ in parts):
        return False
    if selection.risks and not all(step.risk in selection.risks for _, step in parts):
        return False
    return not selection.people or any(people & set(_users(operation, step)) for operation, step in parts)


def _users(operation: Operation, step: Step) -> Iterator[str]:
    """Yield the user keys that a step is about: the row itself, whom it refers to now, and whom then."""
    if operation.table == "user":
        yield str(operation.key)
    columns = [pair for pair in (*operation.before, *operation.after) if step.column in ("", pair[0])]
    for table, key in references(operation, tuple(columns)):
        if table == "user":
            yield str(key)


def _keys_of(names: Iterable[str], people: Mapping[str, str]) -> frozenset[str]:
    """Return the user keys of the people named: exactly so if anybody is, else without regard to case and spaces."""
    found: set[str] = set()
    for wanted in names:
        exact = {key for key, name in people.items() if name == wanted}
        found |= exact or {key for key, name in people.items() if folded(name) == folded(wanted)}
    return frozenset(found)


def _brought_in(plan: Plan, needed: Collection[int]) -> Iterator[str]:
    """Yield a sentence per kind of repair that was not asked for but is needed."""
    users = sorted(
        plan.repaired[number].expected.split(",")[0] for number in needed if plan.repaired[number].code == "US001"
    )
    if users:
        yield f"Recreated because selected repairs refer to them: {', '.join(users)}."
    others = sorted(plan.repaired[number].code for number in needed if plan.repaired[number].code != "US001")
    if others:
        counted = ", ".join(f"{others.count(code)} x {code}" for code in sorted(set(others)))
        yield f"Included because selected repairs rest on them: {counted}."


def _unmatched(plan: Plan, selection: Selection, people: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence per word that matches nothing in the whole plan."""
    tables = {operation.table for operation in plan.operations}
    rows = {(operation.table, str(operation.key)) for operation in plan.operations}
    risks = {step.risk for steps in plan.steps for step in steps}
    matched = {
        **{f"table:{name}": name in tables for name in selection.tables},
        **{f"row:{table}:{key}": (table, key) in rows for table, key in selection.rows},
        **{f"risk:{name}": name in risks for name in selection.risks},
        **{f"person:{name}": bool(_keys_of((name,), people)) for name in selection.people},
    }
    yield from (f"Nothing to repair matches {word}." for word, found in sorted(matched.items()) if not found)
