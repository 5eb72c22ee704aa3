"""``explain``: a finding's page, or everything known about a name."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from rich.text import Text

from thywill_reconstruct.cli.console import make_console
from thywill_reconstruct.database.rows import UserRow
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.findings.codes import CODES, FAMILIES
from thywill_reconstruct.identity.canonical import Rung, folded
from thywill_reconstruct.identity.model import Person
from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import print_line
from thywill_reconstruct.times import show
from thywill_reconstruct.workflow import Inspection, inspect, read_decisions

_VERDICTS = {
    "match": "a user of the database",
    "renamed": "a user of the database, under another name today",
    "missing": "a person whom the database lacks; can be recreated",
    "possible": "perhaps a person who is known; not certain, so nothing is done",
    "ambiguous": "could be more than one person, so nothing is done",
    "placeholder": "nobody: a word the application wrote where it found no person",
    "phantom": "nobody: a name that the application cut from a longer one",
    "unproven": "never registered and never seen doing anything, so no user is made of it",
    "ignored": "deleted on purpose, by decision; nothing of hers is brought back",
}
# How a spelling was joined with the others of its person.
_JOINED_BY = {
    None: "the same person by decision or by her records",
    Rung.RAW: "as written",
    Rung.NFC: "the same letters, stored in another way",
    Rung.FOLDED: "but for capitals and spaces",
    Rung.JOINED: "but for spaces, dots and dashes",
    Rung.PLAIN: "but for accents or script",
}
_CODE = re.compile(f"(?:{'|'.join(FAMILIES)})[0-9]{{3}}", re.IGNORECASE | re.ASCII)


def is_code(word: str) -> bool:
    """Tell whether a word has the form of a finding code."""
    return _CODE.fullmatch(word) is not None


def explain_code(code: str, *, as_json: bool, no_color: bool) -> None:
    """Print the page of a finding.

    Raises:
        UsageError: There is no such code.
    """
    if code not in CODES:
        alike = [known for known in CODES if known[:2] == code[:2]]
        raise UsageError(
            f"there is no finding code {code}", hint=f"Codes of this kind go from {alike[0]} to {alike[-1]}."
        )
    page = files("thywill_reconstruct.findings").joinpath("pages", f"{code}.md").read_text(encoding="utf-8")
    if as_json:
        info = CODES[code]
        fields = {"code": code, "name": info.name, "severity": info.severity, "sentence": info.sentence, "page": page}
        print(json.dumps(fields, ensure_ascii=True, sort_keys=True))
        return
    console = make_console(no_color=no_color)
    inside_example = False
    for line in page.rstrip().split("\n"):
        inside_example ^= line.startswith("```")
        style = "bold" if line.startswith("#") and not inside_example else ""
        console.print(Text(line, style=style), overflow="fold", soft_wrap=inside_example or not console.is_terminal)


def explain_name(
    name: str,
    database: Path,
    archives: Sequence[Path],
    decisions: Path,
    *,
    as_json: bool,
    no_color: bool,
    force: bool,
    timeout_s: float,
) -> None:
    """Print who a name is, with every piece of evidence.

    Raises:
        UsageError: No archive and no user bears the name, not even in another spelling.
    """
    decided = read_decisions(decisions)
    inspection = inspect(database, archives, decisions=decided, force=force, timeout_s=timeout_s)
    people = _find(inspection, name)
    if not people:
        raise UsageError(
            f"no archive and no user bears the name {name!r}",
            hint="Write it as the archives do, in quotation marks if it has spaces.",
        )
    described = [_describe(inspection, person) for person in people]
    if as_json:
        print(json.dumps(described, ensure_ascii=True, sort_keys=True))
        return
    console = make_console(no_color=no_color)
    for number, facts in enumerate(described):
        if number:
            console.print()
        console.print(Text.assemble((brief(str(facts["name"])), "bold"), f"  {facts['meaning']}"), overflow="fold")
        for label, values in facts.items():
            if label in ("name", "meaning", "verdict") or not values:
                continue
            for position, value in enumerate(values if isinstance(values, list) else [values]):
                title = label.replace("_", " ") if position == 0 else ""
                print_line(console, 2, Text(f"{title:<15}{brief(str(value))}"), hang=15)


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
        "user": _user(row) if row else f"{person.key} (no row yet)" if person.key else "",
        "registered": show(person.registered) if person.registered is not None else "no registration line",
        "first_seen": show(person.first) if person.first is not None else "",
        "spellings": [f"{spelling!r} ({_JOINED_BY[rung]})" for spelling, rung in person.spellings],
        "why": list(person.notes),
        "doubled_rows": [_user(users[key]) for key in person.twins],
        "former_ids": list(person.former),
        "candidates": [_user(users[key]) if key in users else key for key in person.candidates],
        "places": list(person.places),
        "findings": [f"{count} x {code}" for code, count in sorted(findings.items())],
    }


def _user(row: UserRow) -> str:
    return f"{row.key}, called {row.name!r}, joined {row.created}"
