"""The decisions file: read from text, checked as a whole, written as text.

It is TOML, one ``[[decision]]`` table each, so that it can be reviewed, compared and corrected with any editor. A file that
contradicts itself decides nothing (``decision_lint``).
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from thywill_reconstruct.errors import DecisionsError
from thywill_reconstruct.identity.decision_lint import Problem, find_contradictions
from thywill_reconstruct.identity.decisions import KINDS, Decision, Decisions
from thywill_reconstruct.toml_lines import tables_with_lines

_KEYS = ("kind", "names", "id", "since", "until", "called", "by", "on", "why")
_ONLY_USER = ("id", "since", "until", "called")


class Draft(NamedTuple):
    """A decisions file as it stands: the decisions that could be read, and (line, sentence) of everything wrong with them."""

    decisions: Decisions
    problems: tuple[Problem, ...] = ()


def parse_decisions(text: str) -> Decisions:
    """Read a decisions file and check it by itself.

    Raises:
        DecisionsError: See ``read_draft`` and ``require_sound``.
    """
    return require_sound(read_draft(text))


def read_draft(text: str) -> Draft:
    """Read a decisions file as far as it can be read: incomplete entries, contradictions and repetitions are problems.

    Raises:
        DecisionsError: It is no TOML.
    """
    try:
        tables = tables_with_lines(text, "decision")
        strangers = sorted(tomllib.loads(text).keys() - {"decision"})
    except ValueError as error:  # a TOMLDecodeError names the line itself
        raise DecisionsError((str(error),)) from error
    problems = [(_line_of(text, key), f"{key!r} is not known; write [[decision]]") for key in strangers]
    entries: list[Decision] = []
    for line, table in tables:
        wrong = list(_wrong_fields(table))
        problems += [(line, sentence) for sentence in wrong]
        if not wrong:
            entries.append(
                Decision(
                    table["kind"],
                    tuple(table["names"]),
                    table.get("id", ""),
                    table["by"].strip(),
                    table["on"],
                    table.get("why", "").strip(),
                    line,
                    table.get("since"),
                    table.get("until"),
                    table.get("called", ""),
                )
            )
    return Draft(Decisions(tuple(entries)), (*problems, *find_contradictions(entries)))


def require_sound(draft: Draft, known_keys: Collection[str] | None = None) -> Decisions:
    """Return the decisions of a file in which nothing is wrong.

    Args:
        draft: The file.
        known_keys: Keys of users, and keys that rows, exports or merge logs refer to; ``None`` where no community is at hand.

    Raises:
        DecisionsError: Something is wrong, or a decision names a user id that nothing knows. Names all of it at once, each with
            its line.
    """
    unknown = [
        (entry.line, f"there is no user {entry.id!r}, and no row refers to such a user")
        for entry in draft.decisions.entries
        if known_keys is not None and entry.kind == "user" and entry.id not in known_keys
    ]
    problems = sorted({*draft.problems, *unknown})
    if problems:
        raise DecisionsError(tuple(f"line {line}: {sentence}" for line, sentence in problems))
    return draft.decisions


def _line_of(text: str, key: str) -> int:
    """Return the line on which a key of the topmost level stands, as far as it can be seen."""
    rows = text.split("\n")
    return next((n for n, row in enumerate(rows, 1) if row.strip(" \t[]\"'").startswith(key)), 1)


def _wrong_fields(table: Mapping[str, Any]) -> Iterable[str]:
    """Yield what is wrong with one entry taken by itself."""
    unknown = sorted(table.keys() - set(_KEYS))
    if unknown:
        yield f"{', '.join(map(repr, unknown))}: not known; a decision has {', '.join(_KEYS)}"
    kind, names, key = table.get("kind"), table.get("names"), table.get("id", "")
    if kind not in KINDS:
        yield f"kind must be one of {', '.join(KINDS)}" + (
            f", not {kind!r}" if "kind" in table else "; it is missing"
        )
    least = 2 if kind in ("same", "different") else 1
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        yield 'names must be a list of names, such as ["Mary", "Mary Johnson"]'
    elif len(names) < least:
        yield f"{kind} needs at least {'two names' if least == 2 else 'one name'}"
    elif not all(names):
        yield "a name is empty"
    else:
        yield from (f"{name!r} stands twice in names" for name in sorted({n for n in names if names.count(n) > 1}))
    if not isinstance(key, str):
        yield "id must be a text in quotation marks"
    elif kind == "user" and not key:
        yield "user needs the id of the user"
    if kind in KINDS and kind != "user":
        for word in (word for word in _ONLY_USER if word in table):
            yield f"{word} belongs to decisions of the kind user, not to {kind}"
    for word in ("since", "until"):
        if word in table and not _is_day(table[word]):
            yield f"{word} must be a date without quotation marks, such as {word} = 2025-07-01"
    if _is_day(table.get("since")) and _is_day(table.get("until")) and table["since"] >= table["until"]:
        yield "since must be an earlier day than until"
    if not isinstance(table.get("called", ""), str):
        yield "called must be a text in quotation marks"
    if not isinstance(table.get("by", ""), str) or not str(table.get("by", "")).strip():
        yield 'by must say who decided, such as by = "Ruth"'
    if not _is_day(table.get("on")):
        yield "on must be a date without quotation marks, such as on = 2025-07-01"
    if not isinstance(table.get("why", ""), str):
        yield "why must be a text in quotation marks"


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def note_unknown_names(decisions: Decisions, known_names: Collection[str]) -> tuple[str, ...]:
    """Return a note for each name in the decisions that neither archives nor database know."""
    return tuple(
        f"The decision on line {entry.line} names {name!r}, which neither archives nor database know."
        for entry in decisions.entries
        for name in entry.names
        if name not in known_names
    )


def render_decision(decision: Decision) -> str:
    """Return a decision as the TOML table that ``parse_decisions`` reads, with a line feed at its end.

    Raises:
        ValueError: A text holds half a character (a lone surrogate), which TOML cannot hold.
    """
    names = ", ".join(map(_quoted, decision.names))
    rows = [f"kind = {_quoted(decision.kind)}", f"names = [{names}]"]
    if decision.kind == "user":
        rows.append(f"id = {_quoted(decision.id)}")
        rows += [f"{word} = {day.isoformat()}" for word, day in _days(decision) if day is not None]
        rows += [f"called = {_quoted(decision.called)}"] if decision.called else []
    rows += [f"by = {_quoted(decision.by)}", f"on = {decision.on.isoformat()}", f"why = {_quoted(decision.why)}"]
    return "\n".join(["[[decision]]", *rows, ""])


def _days(decision: Decision) -> tuple[tuple[str, date | None], ...]:
    return (("since", decision.since), ("until", decision.until))


def render_decisions(decisions: Decisions) -> str:
    """Return a whole decisions file; raises what ``render_decision`` raises."""
    return "\n".join(map(render_decision, decisions.entries))


def _quoted(text: str) -> str:
    """Return a TOML string; what cannot be seen, or could act on a terminal, is escaped."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    category, code = unicodedata.category(character), ord(character)
    if category == "Cs":
        raise ValueError("a lone surrogate cannot be written")
    if category[0] == "C" or (category[0] == "Z" and character != " "):
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character
