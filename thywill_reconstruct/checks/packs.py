"""Reading packs of rules, and telling their author everything that is wrong with one at once, with line numbers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from thywill_reconstruct.checks.kinds import KINDS
from thywill_reconstruct.checks.kinds.context import Parameter
from thywill_reconstruct.checks.model import Migrations, Pack, Rule
from thywill_reconstruct.checks.promises import COMMON as PROMISE_COMMON
from thywill_reconstruct.checks.promises import (
    PROMISES,
    migration_complaints,
    promise_complaints,
    read_promises,
)
from thywill_reconstruct.checks.repair_kinds import REPAIRS
from thywill_reconstruct.checks.sql_text import complaint_about
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.findings.codes import SEVERITIES
from thywill_reconstruct.toml_lines import line_of_key, tables_with_lines

SHIPPED = Path(__file__).parent.parent / "packs"
COMMON = ("id", "title", "severity", "why", "kind", "repair", "verification", "needs")
_NEEDED = ("id", "title", "severity", "why", "kind")
_FORMS: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "sql": str,
    "query": str,
    "flag": bool,
    "number": (int, float),
    "table": dict,
    "texts": list,
    "entries": list,
    "names": (str, list),
}


@dataclass(frozen=True, slots=True)
class PackProblem:
    """Something wrong with a pack; ``line`` is that of the word it speaks of, or where its rule begins."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


def shipped_packs() -> tuple[str, ...]:
    """Return the names of the packs that come with the tool."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def find_pack(name: str) -> Path:
    """Return the file of a pack: one of ours by its name, otherwise a file.

    Raises:
        UsageError: There is neither.
    """
    if name in shipped_packs():
        return SHIPPED / f"{name}.toml"
    path = Path(name)
    if not path.is_file():
        raise UsageError(
            f"there is no pack {name}", hint=f"Name a TOML file, or one of: {', '.join(shipped_packs())}."
        )
    return path


def load_pack(name: str) -> Pack:
    """Read a pack.

    Raises:
        UsageError: It is not there, or is wrong; lists everything.
    """
    path = find_pack(name)
    text = _read(path)
    problems = lint_pack(text)
    if problems:
        more = f" (and {len(problems) - 5} more)" if len(problems) > 5 else ""
        raise UsageError(
            f"{path} is no sound pack: {'; '.join(map(str, problems[:5]))}{more}",
            hint=f"`reconstruct check --lint --pack {name}` shows all of it.",
        )
    document = tomllib.loads(text)
    rules = tuple(_rule(line, entry, str(document["name"])) for line, entry in tables_with_lines(text, "rule"))
    promises = read_promises(tables_with_lines(text, "promise") if "promise" in document else (), rules)
    migrations = Migrations(**document["migrations"]) if "migrations" in document else None
    return Pack(str(document["name"]), str(document["title"]), rules, str(path), promises, migrations)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _rule(line: int, entry: Mapping[str, Any], pack: str) -> Rule:
    return Rule(
        id=entry["id"],
        title=entry["title"],
        severity=entry["severity"],
        why=entry["why"],
        kind=entry["kind"],
        parameters={name: value for name, value in entry.items() if name not in COMMON},
        repair=entry.get("repair"),
        verification=entry.get("verification", ""),
        needs=tuple(entry.get("needs", ())),
        pack=pack,
        line=line,
    )


def lint_pack(text: str) -> tuple[PackProblem, ...]:
    """Return everything that is wrong with the text of a pack, in the order of its lines."""
    try:
        document = tomllib.loads(text)
        entries = tables_with_lines(text, "rule")
        promises = tables_with_lines(text, "promise") if "promise" in document else ()
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        last = len(text.rstrip().split("\n"))
        return (PackProblem(int(place[1]) if place else last, f"this is no TOML: {error}"),)
    except ValueError as error:
        return (PackProblem(1, str(error)),)
    problems = [
        PackProblem(1, f'the pack needs {name} = "..." at its top')
        for name in ("name", "title")
        if not isinstance(document.get(name), str) or not document[name].strip()
    ]
    problems += [
        PackProblem(1, f"{name} at the top is not known")
        for name in document
        if name not in ("name", "title", "rule", "promise", "migrations")
    ]
    if not entries:
        problems.append(PackProblem(1, "there is no [[rule]]"))
    seen: dict[str, int] = {}
    for line, entry in entries:
        problems += [PackProblem(line, message) for message in _complaints(entry)]
        rule = entry.get("id")
        if isinstance(rule, str) and rule in seen:
            problems.append(PackProblem(line, f"id {rule} is taken by the rule in line {seen[rule]}"))
        elif isinstance(rule, str):
            seen[rule] = line
    problems += _promise_problems(promises, document.get("migrations"), tuple(seen))
    return tuple(sorted((_pinpointed(text, each) for each in problems), key=lambda problem: problem.line))


def _pinpointed(text: str, problem: PackProblem) -> PackProblem:
    """Return a problem with the line of the key that it speaks of, first (``where must be ...``) or last (``knows no ...``)."""
    words = problem.message.removeprefix("repair ").split()
    key = words[-1] if " knows no " in problem.message else words[0]
    first = problem.line
    if key in ("migrations", "version"):
        first = next((n for n, row in enumerate(text.split("\n"), 1) if row.startswith("[migrations")), first)
    return replace(problem, line=line_of_key(text, first, key))


def _promise_problems(
    entries: Iterable[tuple[int, Mapping[str, Any]]], migrations: object, rules: tuple[str, ...]
) -> Iterator[PackProblem]:
    taken: dict[str, int] = {}
    for line, entry in entries:
        kind, name = entry.get("kind"), str(entry.get("id"))
        yield from (PackProblem(line, message) for message in promise_complaints(entry, rules))
        if isinstance(kind, str) and kind in PROMISES:
            shape = PROMISES[kind].parameters
            complaints = _parameter_complaints(shape, entry, PROMISE_COMMON, f"promise {kind}")
            yield from (PackProblem(line, message) for message in complaints)
        if name in taken:
            yield PackProblem(line, f"id {name} is taken by the promise in line {taken[name]}")
        taken.setdefault(name, line)
    if migrations is not None:
        known = (*taken, *rules)
        yield from (PackProblem(1, message) for message in migration_complaints(migrations, known))


def _complaints(entry: Mapping[str, Any]) -> Iterator[str]:
    for name in _NEEDED:
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            yield f"{name} is missing" if name not in entry else f"{name} must be a text"
    given = entry.get("id")
    if isinstance(given, str) and not all(c.isalnum() or c in "-_." for c in given):
        yield f"id {given} may only have letters, digits, '-', '_' and '.'"
    severity = entry.get("severity")
    if isinstance(severity, str) and severity not in SEVERITIES:
        yield f"severity {severity} is none of {', '.join(SEVERITIES)}"
    needs = entry.get("needs", [])
    if not isinstance(needs, list) or not all(isinstance(each, str) for each in needs):
        yield "needs must be a list of texts"
    kind = entry.get("kind")
    if isinstance(kind, str) and kind not in KINDS:
        yield f"kind {kind} is none of {', '.join(KINDS)}"
    elif isinstance(kind, str):
        yield from _parameter_complaints(KINDS[kind].parameters, entry, COMMON, f"kind {kind}")
        if "to" in KINDS[kind].parameters and "." not in str(entry.get("to", ".")):
            yield "to must be table.column"
    yield from _repair_complaints(entry.get("repair"), kind)


def _repair_complaints(repair: object, kind: object) -> Iterator[str]:
    if repair is None:
        return
    if not isinstance(repair, dict) or not isinstance(repair.get("action"), str):
        yield "repair must be a table with an action"
        return
    action = repair["action"]
    if action not in REPAIRS:
        yield f"repair action {action} is none of {', '.join(REPAIRS)}"
        return
    if isinstance(kind, str) and kind in KINDS and action not in KINDS[kind].repairs:
        yield f"repair action {action} does not go with kind {kind}"
    yield from _parameter_complaints(REPAIRS[action].parameters, repair, ("action",), f"repair {action}")


def _parameter_complaints(
    parameters: Mapping[str, Parameter], given: Mapping[str, Any], others: tuple[str, ...], what: str
) -> Iterator[str]:
    for name, parameter in parameters.items():
        if name not in given:
            if parameter.required:
                yield f"{what} needs {name}"
            continue
        yield from _form_complaints(name, given[name], parameter)
    for name in given:
        if name not in parameters and name not in others:
            yield f"{what} knows no {name}"


def _form_complaints(name: str, value: Any, parameter: Parameter) -> Iterator[str]:
    form = parameter.form
    wanted = _FORMS.get(form)
    if wanted is not None and (not isinstance(value, wanted) or (form == "number" and isinstance(value, bool))):
        yield f"{name} must be {_article(form)}"
    elif (
        form in ("texts", "names")
        and isinstance(value, list)
        and not (value and all(isinstance(each, str) for each in value))
    ):
        yield f"{name} must be a list of texts"
    elif form in ("sql", "query"):
        complaint = complaint_about(value, part=form == "sql")
        if complaint:
            yield f"{name} {complaint}"
    elif form == "entries":
        for number, each in enumerate(value, start=1):
            if not isinstance(each, dict):
                yield f"{name} {number} must be a table"
                continue
            needed = [field for field in parameter.fields if not field.endswith("?")]
            yield from (f"{name} {number} needs {field}" for field in needed if field not in each)
            known = {field.removesuffix("?") for field in parameter.fields}
            yield from (f"{name} {number} knows no {field}" for field in each if field not in known)


def _article(form: str) -> str:
    said = {"flag": "true or false", "number": "a number", "table": "a table", "names": "a text or a list of texts"}
    return said.get(form, "a list" if form in ("texts", "entries") else "a text")
