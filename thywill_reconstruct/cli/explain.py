"""``explain``: a finding's page, or everything known about a name."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

from rich.text import Text

from thywill_reconstruct.cli.console import make_console
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.identity.model import Person
from thywill_reconstruct.report.safe import safe
from thywill_reconstruct.times import show
from thywill_reconstruct.workflow import Inspection, inspect

_VERDICTS = {
    "match": "a user of the database",
    "renamed": "a user of the database, under another name today",
    "missing": "a person whom the database lacks; would be recreated",
    "possible": "perhaps somebody known; nothing is done until you decide",
    "ambiguous": "could be more than one person; nothing is done",
    "placeholder": "nobody: a word the application wrote where it found no person",
    "phantom": "nobody: a name that the application cut from a longer one",
    "unproven": "never registered and never seen acting; no user is made of it",
}


def explain_code(code: str, *, no_color: bool) -> None:
    """Print the page of a finding."""
    page = files("thywill_reconstruct.findings").joinpath("pages", f"{code}.md").read_text(encoding="utf-8")
    console = make_console(no_color=no_color)
    for line in page.rstrip().split("\n"):
        style = "bold" if line.startswith("#") else ""
        console.print(Text(line, style=style), soft_wrap=True)


def explain_name(name: str, database: Path, archives: Path, *, as_json: bool, no_color: bool, force: bool) -> None:
    """Print who a name is, with every piece of evidence.

    Raises:
        UsageError: No archive and no user bears the name, not even in another spelling.
    """
    inspection = inspect(database, archives, force=force)
    people = _find(inspection, name)
    if not people:
        raise UsageError(
            f"nobody in archives or database is called {name!r}", hint="Names are given as written there."
        )
    described = [_describe(inspection, person) for person in people]
    if as_json:
        print(json.dumps(described, ensure_ascii=True, sort_keys=True))
        return
    console = make_console(no_color=no_color)
    for number, facts in enumerate(described):
        if number:
            console.print()
        console.print(Text(safe(str(facts["name"])), style="bold"), Text(f"  {facts['meaning']}"))
        for label, values in facts.items():
            if label in ("name", "meaning", "verdict") or not values:
                continue
            for position, value in enumerate(values if isinstance(values, list) else [values]):
                title = label.replace("_", " ") if position == 0 else ""
                line = Text(f"  {title:<15}{safe(str(value))}")
                line.overflow = "fold"
                console.print(line)


def _find(inspection: Inspection, name: str) -> list[Person]:
    """Return the people who bear a name: exactly, else in another spelling, else by today's name or id in the database."""
    people = inspection.analysis.resolution.persons
    exact = [p for p in people if any(name == spelling for spelling, _ in p.spellings)]
    if exact:
        return exact
    near = [p for p in people if any(folded(name) == folded(spelling) for spelling, _ in p.spellings)]
    if near:
        return near
    keys = {u.key for u in inspection.snapshot.users if name in (u.key, u.name) or folded(name) == folded(u.name)}
    return [p for p in people if p.key in keys or keys.intersection(p.twins)]


def _describe(inspection: Inspection, person: Person) -> dict[str, str | list[str]]:
    """Return the facts about a person, in the order in which they are shown."""
    users = {user.key: user for user in inspection.snapshot.users}
    findings = Counter(
        f"{finding.code} {finding.info.name}"
        for finding in inspection.analysis.findings
        if person.key and (person.key == finding.key or any(change.after == person.key for change in finding.changes))
    )
    row = users.get(person.key)
    return {
        "name": person.name,
        "verdict": person.verdict,
        "meaning": _VERDICTS[person.verdict],
        "user": f"{person.key}, called {row.name!r}, joined {row.created}" if row else person.key,
        "registered": show(person.registered) if person.registered is not None else "no line tells",
        "first_seen": show(person.first) if person.first is not None else "",
        "spellings": [f"{spelling!r} ({rung.name.lower()})" for spelling, rung in person.spellings],
        "why": list(person.notes),
        "doubled_rows": [f"{key}, called {users[key].name!r}" for key in person.twins],
        "former_ids": list(person.former),
        "candidates": [f"{key}, called {users[key].name!r}" if key in users else key for key in person.candidates],
        "places": list(person.places),
        "findings": [f"{count} x {code}" for code, count in sorted(findings.items())],
    }
