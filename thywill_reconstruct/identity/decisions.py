"""What the operator decided about names: read from text, checked as a whole, written as text.

The file is TOML, one ``[[decision]]`` table each, so that it can be reviewed, compared and corrected with any editor. A
decision wins over every other evidence; a file that contradicts itself decides nothing (``decision_lint``).
"""

from __future__ import annotations

import hashlib
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import combinations
from typing import Any, Literal, NamedTuple, get_args

from thywill_reconstruct.errors import DecisionsError
from thywill_reconstruct.identity.decision_lint import find_contradictions
from thywill_reconstruct.toml_lines import tables_with_lines

Kind = Literal["same", "different", "user", "new", "placeholder", "ignore"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What a name is. A name has one of these at most; ``same`` and ``different`` say how two names stand to each other.
NATURES: frozenset[Kind] = frozenset({"user", "new", "placeholder", "ignore"})
_KEYS = ("kind", "names", "id", "by", "on", "why")


class Decision(NamedTuple):
    """One decision.

    Attributes:
        kind: ``same``: the names are one person's. ``different``: each of the names is another person's. ``user``: the names
            are those of the user with ``id``. ``new``: the names are one person's who is no user that bears another name.
            ``placeholder``: each of the names is nobody's. ``ignore``: a person deliberately deleted.
        names: As the archives or the database write them; at least two for ``same`` and ``different``.
        id: The user's key; empty for all kinds but ``user``.
        by: Who decided.
        on: When.
        why: The reason; may be empty.
        line: The 1-based line of the file, 0 if it was not read from one.
    """

    kind: Kind
    names: tuple[str, ...]
    id: str
    by: str
    on: date
    why: str = ""
    line: int = 0

    def told(self) -> str:
        """Return who decided and where it stands, for reports: ``decided by Ruth on 2025-07-01 (line 4)``."""
        return f"decided by {self.by} on {self.on.isoformat()} (line {self.line})"

    def sentence(self) -> str:
        """Return what was decided, by whom and where it stands, as reports show it."""
        names = " and ".join(map(repr, self.names))
        said = _SAID[self.kind] if len(self.names) == 1 else _SAID_OF_SEVERAL[self.kind]
        return f"{names} {said.format(id=self.id)}: {self.told()}"


_SAID: dict[Kind, str] = {
    "same": "is one person",
    "different": "is another person",
    "user": "is user {id}",
    "new": "is a person of her own",
    "placeholder": "stands for nobody",
    "ignore": "was deleted on purpose",
}
_SAID_OF_SEVERAL: dict[Kind, str] = {
    "same": "are one person",
    "different": "are different people",
    "user": "are user {id}",
    "new": "are a person of her own",
    "placeholder": "stand for nobody",
    "ignore": "were deleted on purpose",
}


@dataclass(frozen=True)
class Decisions:
    """All decisions, in the order of the file, and the questions that resolving asks of them."""

    entries: tuple[Decision, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of what is decided; comments, empty lines and the order of decisions do not count."""
        parts = sorted(render_decision(entry._replace(line=0)) for entry in self.entries)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @cached_property
    def _clusters(self) -> Mapping[str, tuple[str, ...]]:
        """Name -> all names that are one person's by decision."""
        near: dict[str, set[str]] = defaultdict(set)
        for entry in self.entries:
            if entry.kind in ("same", "user", "new"):
                anchor = f"id\0{entry.id}" if entry.kind == "user" else f"name\0{entry.names[0]}"
                for name in entry.names:
                    near[anchor].add(f"name\0{name}")
                    near[f"name\0{name}"].add(anchor)
        found: dict[str, tuple[str, ...]] = {}
        for start in sorted(near):
            if start.removeprefix("name\0") in found or start.startswith("id\0"):
                continue
            reached, waiting = {start}, [start]
            while waiting:
                waiting += (new := near[waiting.pop()] - reached)
                reached |= new
            names = tuple(sorted(n.removeprefix("name\0") for n in reached if n.startswith("name\0")))
            found.update(dict.fromkeys(names, names))
        return found

    @cached_property
    def _natures(self) -> Mapping[str, Decision]:
        """Name -> the decision that says what it is, of it or of a name that is the same person's."""
        own = {name: entry for entry in self.entries if entry.kind in NATURES for name in entry.names}
        for cluster in set(self._clusters.values()):
            said = next((own[name] for name in cluster if name in own), None)
            if said is not None:
                own.update({name: own.get(name, said) for name in cluster})
        return own

    @cached_property
    def _apart(self) -> Mapping[frozenset[tuple[str, ...]], Decision]:
        pairs: dict[frozenset[tuple[str, ...]], Decision] = {}
        for entry in self.entries:
            if entry.kind == "different":
                for one, other in combinations(entry.names, 2):
                    pairs.setdefault(frozenset((self.together(one), self.together(other))), entry)
        return pairs

    def together(self, name: str) -> tuple[str, ...]:
        """Return all names that decisions make one person's with a name, itself included, sorted."""
        return self._clusters.get(name, (name,))

    def nature(self, name: str) -> Decision | None:
        """Return the decision that says who or what a name is: ``user``, ``new``, ``placeholder`` or ``ignore``."""
        return self._natures.get(name)

    def joining(self, one: str, other: str) -> Decision | None:
        """Return a decision that makes two names one person's, directly if there is such a one, or ``None``."""
        if one == other or other not in self.together(one):
            return None
        joins = [e for e in self.entries if e.kind in ("same", "user", "new") and {one, other} & set(e.names)]
        return max(joins, key=lambda entry: ({one, other} <= set(entry.names), -entry.line))

    def apart(self, one: str, other: str) -> Decision | None:
        """Return the decision that keeps two names apart, be it through names that are the same as these, or ``None``.

        Two names of which decisions say what each is, but not that they are one person's, are apart as well.
        """
        if not self.entries or (mine := self.together(one)) == (hers := self.together(other)):
            return None
        if decision := self._apart.get(frozenset((mine, hers))):
            return decision
        return self.nature(one) if self.nature(other) else None

    def naming(self, name: str) -> tuple[Decision, ...]:
        """Return every decision that names a name."""
        return tuple(entry for entry in self.entries if name in entry.names)

    def settles(self, one: str, other: str) -> bool:
        """Return whether a pair of names is decided, so that nobody need be asked about it again."""
        return self.joining(one, other) is not None or self.apart(one, other) is not None


NO_DECISIONS = Decisions()


def parse_decisions(text: str) -> Decisions:
    """Read a decisions file and check it as a whole.

    Raises:
        DecisionsError: It is no TOML, an entry is incomplete or of the wrong form, or decisions contradict or repeat each
            other. Names all problems at once, each with its line.
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
                )
            )
    problems += find_contradictions(entries)
    if problems:
        raise DecisionsError(tuple(f"line {line}: {sentence}" for line, sentence in sorted(problems)))
    return Decisions(tuple(entries))


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
    elif kind in KINDS and kind != "user" and "id" in table:
        yield f"id belongs to decisions of the kind user, not to {kind}"
    if not isinstance(table.get("by", ""), str) or not str(table.get("by", "")).strip():
        yield 'by must say who decided, such as by = "Ruth"'
    if not isinstance(table.get("on"), date) or isinstance(table.get("on"), datetime):
        yield "on must be a date without quotation marks, such as on = 2025-07-01"
    if not isinstance(table.get("why", ""), str):
        yield "why must be a text in quotation marks"


def check_decisions(
    decisions: Decisions, known_names: Collection[str], known_keys: Collection[str]
) -> tuple[str, ...]:
    """Hold decisions against a community; return a note for each name that nobody bears.

    Args:
        decisions: The decisions.
        known_names: Every name in archives and database.
        known_keys: Keys of users, and keys that rows or merge logs still refer to.

    Raises:
        DecisionsError: A decision names a user id that nothing knows. Names all of them.
    """
    unknown = [
        f"line {entry.line}: there is no user {entry.id!r}, and no row refers to such a user"
        for entry in decisions.entries
        if entry.kind == "user" and entry.id not in known_keys
    ]
    if unknown:
        raise DecisionsError(tuple(unknown))
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
    rows += [f"by = {_quoted(decision.by)}", f"on = {decision.on.isoformat()}", f"why = {_quoted(decision.why)}"]
    return "\n".join(["[[decision]]", *rows, ""])


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
