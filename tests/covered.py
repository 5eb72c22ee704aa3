"""What archives can cover of a database, in a form that two databases of one era share if they say the same.

Times are to the minute and people are their names, because neither seconds nor ids stand in an archive (archive format spec,
section 5.2).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from thywill_reconstruct.database.snapshot import read_database

Covered = dict[str, Counter[tuple[object, ...]]]


def covered(database: Path) -> Covered:
    """The covered columns of every covered table, rows in no order."""
    snapshot = read_database(database)
    names = {user.key: user.name for user in snapshot.users}
    return {
        "user": Counter((u.name, _minute(u.created), names.get(u.inviter or ""), u.path) for u in snapshot.users),
        "prayer": Counter(
            (p.key, names[p.author or ""], _text(p.text), _text(p.generated), p.tag, p.audience, _minute(p.created), p.path)
            for p in snapshot.prayers
        ),
        "mark": Counter((m.prayer, names[m.user or ""], _minute(m.created), m.path) for m in snapshot.marks),
        "attribute": Counter(
            (a.prayer, a.name, _value(a.name, a.value), names.get(a.user or "")) for a in snapshot.attributes
        ),
        "log": Counter(
            (e.prayer, e.action, _value(e.action, e.new), names[e.user or ""], e.path) for e in snapshot.log
        ),
    }  # fmt: skip


def _minute(stamp: str | None) -> str:
    return (stamp or "")[:16]


def _text(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n")


def _value(name: str, value: str | None) -> str:
    return _minute(value) if name.endswith("answer_date") else _text(value)
