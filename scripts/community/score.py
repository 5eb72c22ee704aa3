"""How good a repair is: a repaired copy of ``damaged.db`` against the truth and the ledger.

References are compared by what they mean, the person's name, so a person who was made anew may bear any id.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from .eras import Columns

Row = dict[str, Any]
_TABLES = ("user", "prayer", "prayermark", "prayer_attributes", "prayer_activity_log", "invitetoken")
_MayBeFilled = {"text_file_path", "created_by"}


@dataclass(slots=True)
class Verdicts:
    """How one kind of damage fared."""

    right: int = 0
    wrong: int = 0
    left: int = 0

    def count(self, verdict: str) -> None:
        """Count one cell or row as ``right``, ``wrong`` or ``left``."""
        setattr(self, verdict, getattr(self, verdict) + 1)


@dataclass(slots=True)
class Score:
    """The figures of one repair. ``faults`` names whatever is not right, one line each."""

    kinds: dict[str, Verdicts] = field(default_factory=dict)
    collateral: int = 0
    extra_users: int = 0
    extra_prayers: int = 0
    extra_marks: int = 0
    dangling: int = 0
    attributes_without_path: int = 0
    ids_kept: int = 0
    faults: list[str] = field(default_factory=list)

    def count(self, kind: str, verdict: str, what: str = "") -> None:
        """Count one verdict, and note what it was about unless it is right."""
        self.kinds.setdefault(kind, Verdicts()).count(verdict)
        if verdict != "right":
            self.faults.append(f"{kind}: {verdict}: {what}")

    def total(self, verdict: str) -> int:
        """Return how many cells and rows of all kinds got one verdict."""
        return sum(int(getattr(kind, verdict)) for kind in self.kinds.values())

    @property
    def recall(self) -> float:
        """Share of the damage that is repaired rightly, 0 to 1."""
        everything = self.total("right") + self.total("wrong") + self.total("left")
        return self.total("right") / everything if everything else 1.0

    @property
    def precision(self) -> float:
        """Share of the repairs that are right, 0 to 1."""
        repaired = self.total("right") + self.total("wrong")
        return self.total("right") / repaired if repaired else 1.0

    def figures(self) -> dict[str, int | float]:
        """Return the totals by name; shares are cut to four digits, so that 1.0 means all."""
        return {
            "right": self.total("right"),
            "wrong": self.total("wrong"),
            "left": self.total("left"),
            "recall": int(self.recall * 10_000) / 10_000,
            "precision": int(self.precision * 10_000) / 10_000,
            "collateral": self.collateral,
            "extra_users": self.extra_users,
            "extra_prayers": self.extra_prayers,
            "extra_marks": self.extra_marks,
            "dangling": self.dangling,
            "attributes_without_path": self.attributes_without_path,
        }


class _Side:
    """One database: its rows by key, and who its references mean."""

    def __init__(self, path: Path) -> None:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            self.columns = columns = Columns(connection)
            self.tables: dict[str, dict[str, Row]] = {
                table: {
                    row[columns.key_of(table)]: dict(row) for row in connection.execute(f'SELECT * FROM "{table}"')
                }
                for table in _TABLES
            }
        finally:
            connection.close()
        self.references = frozenset(columns.references())
        self.names: dict[str, str] = {key: row["display_name"] for key, row in self.tables["user"].items()}
        self.by_name = {row["display_name"]: row for row in self.tables["user"].values()}

    def meaning(self, table: str, column: str, value: Any) -> Any:
        """Return a value as it is compared: a reference as the name, or as an id that means nobody here."""
        if value is not None and (table, column) in self.references:
            return self.names.get(value, ("nobody", value))
        if column in ("text", "generated_prayer") and value is not None:
            return value.replace("\r\n", "\n")
        return value

    def is_dangling(self, table: str, column: str, value: Any) -> bool:
        """Tell whether a reference means nobody."""
        return (table, column) in self.references and value not in self.names


def _minute(text: str | None) -> str:
    return (text or "")[:16]


class _Judge:
    """Compares both sides under one ledger."""

    def __init__(self, folder: Path, repaired: Path) -> None:
        self._folder = folder
        self._ledger = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
        self._true = _Side(folder / "truth.db")
        self._got = _Side(repaired)
        self._score = Score()
        doubled = [entry for entry in self._ledger["added"] if entry["kind"] == "mark-duplicated"]
        self._doubles = {entry["pk"]: entry["twin"] for entry in doubled}
        self._doubles |= {entry["twin"]: entry["pk"] for entry in doubled}
        self._twin_of = {
            entry["pk"]: self._true.names[entry["twin"]]
            for entry in self._ledger["added"]
            if entry["kind"] == "user-twin"
        }
        facts = (self._true.columns.author, "text", "generated_prayer", "project_tag", "target_audience")
        self._facts = [fact for fact in facts if self._true.columns.has("prayer", fact)]
        self._gone_names = {e["name"] for e in self._ledger["deleted"] if e["kind"] == "user-deleted"}

    def judge(self) -> Score:
        for cell in self._ledger["cells"]:
            self._judge_cell(cell)
        for entry in self._ledger["deleted"]:
            self._judge_deleted(entry)
        for entry in self._ledger["added"]:
            self._judge_added(entry)
        for table, key, row in self._undamaged_rows():
            self._judge_bystander(table, key, row)
        self._judge_extras()
        return self._score

    def _row(self, table: str, key: str) -> Row | None:
        """Return the repaired row that stands for a true one."""
        rows = self._got.tables[table]
        if key in rows:
            return rows[key]
        if table == "user":
            return self._got.by_name.get(self._true.names.get(key, ""))
        return rows.get(self._doubles[key]) if table == "prayermark" and key in self._doubles else None

    def _equal(self, table: str, column: str, true: Any, got: Any) -> bool:
        if column == "text_file_path" and true is not None and got is not None:
            return self._same_file(true, got)
        return bool(self._true.meaning(table, column, true) == self._got.meaning(table, column, got))

    def _same_file(self, true: str, got: str) -> bool:
        """Tell whether a stored path means the true file, relative or absolute, and not a folder long gone."""
        alike = PurePosixPath(true).parts[-3:] == PurePosixPath(got).parts[-3:]
        return true == got or (alike and (Path(got).exists() or (self._folder / got).exists()))

    def _judge_cell(self, cell: Row) -> None:
        kind, table, column = cell["kind"], cell["table"], cell["col"]
        row = self._row(table, cell["pk"])
        where = f"{table} {cell['pk']} {column}"
        if row is None:
            self._score.count(kind, "wrong", f"{where}: the row is gone")
        elif self._equal(table, column, cell["true"], row[column]):
            self._score.count(kind, "right")
        elif row[column] == cell["damaged"] or self._still_dangling(table, column, row[column]):
            self._score.count(kind, "left", where)
        else:
            self._score.count(kind, "wrong", where)

    def _still_dangling(self, table: str, column: str, got: Any) -> bool:
        return got is not None and self._got.is_dangling(table, column, got)

    def _judge_deleted(self, entry: Row) -> None:
        kind, key = entry["kind"], entry["pk"]
        true = self._true.tables[entry["table"]][key]
        if kind == "user-deleted":
            self._judge_user(entry["name"], key, true)
        elif kind == "prayer-deleted":
            self._judge_prayer(key, true)
        else:
            wanted = (
                true["prayer_id"],
                self._true.names[true[self._true.columns.marker]],
                _minute(true["created_at"]),
            )
            enough = self._got_marks()[wanted] >= self._true_marks()[wanted]
            self._score.count(kind, "right" if enough else "left", str(wanted))

    def _judge_user(self, name: str, key: str, true: Row) -> None:
        got = self._got.by_name.get(name)
        if got is None:
            self._score.count("user-deleted", "left", f"{name!r} was not made anew")
            return
        column = self._true.columns.inviter
        inviter = self._equal("user", column, true[column], got[column])
        good = inviter and _minute(got["created_at"]) == _minute(true["created_at"])
        self._score.count("user-deleted", "right" if good else "wrong", f"{name!r}: inviter or time")
        self._score.ids_kept += got[self._got.columns.user_key] == key

    def _judge_prayer(self, key: str, true: Row) -> None:
        got = self._got.tables["prayer"].get(key)
        kind = "prayer-cut" if self._is_cut(true) else "prayer-deleted"
        if got is None:
            self._score.count(kind, "right" if kind == "prayer-cut" else "left", f"{key} was not made anew")
            return
        differs = [fact for fact in self._facts if not self._equal("prayer", fact, true[fact], got[fact])]
        if _minute(true["created_at"]) != _minute(got["created_at"]):
            differs.append("created_at")
        self._score.count(kind, "wrong" if differs else "right", f"{key}: {', '.join(differs)}")

    def _is_cut(self, true: Row) -> bool:
        """Tell whether the only archive of a prayer ends before its text does: then no repair is the right one."""
        cut = {entry["file"] for entry in self._ledger["archives"] if entry["kind"] == "truncated"}
        if true["text_file_path"] not in cut:
            return False
        generated = true["generated_prayer"]
        middle = f"Generated Prayer:\n{generated}\n\n" if generated else ""
        content = (self._folder / true["text_file_path"]).read_bytes().decode("utf-8", "replace")
        return f"{true['text']}\n\n{middle}Activity:\n" not in content

    def _judge_added(self, entry: Row) -> None:
        if entry["kind"] == "mark-duplicated":
            both = all(entry[side] in self._got.tables["prayermark"] for side in ("pk", "twin"))
            self._score.count("mark-duplicated", "left" if both else "right", entry["pk"])
        else:
            kept = entry["pk"] in self._got.tables["user"]
            self._score.count("user-twin-merged", "left" if kept else "right", repr(entry.get("name")))

    def _undamaged_rows(self) -> Iterator[tuple[str, str, Row]]:
        gone = {(entry["table"], entry["pk"]) for entry in self._ledger["deleted"]}
        added = {entry["pk"] for entry in self._ledger["added"]} | set(self._doubles)
        self._touched = {(cell["table"], cell["pk"], cell["col"]) for cell in self._ledger["cells"]}
        for table, rows in self._true.tables.items():
            for key, row in rows.items():
                if (table, key) not in gone and key not in added:
                    yield table, key, row

    def _judge_bystander(self, table: str, key: str, true: Row) -> None:
        got = self._row(table, key)
        if got is None:
            self._collateral(f"{table} {key}: the row is gone")
            return
        for column, value in true.items():
            if (
                (table, key, column) in self._touched
                or column not in got
                or column == self._true.columns.key_of(table)
            ):
                continue
            if value is None and column in _MayBeFilled:
                continue
            if (
                self._true.meaning(table, column, value) in self._gone_names
                and (table, column) in self._true.references
            ):
                self._judge_reference(table, key, column, value, got[column])
            elif not self._equal(table, column, value, got[column]):
                self._collateral(f"{table} {key} {column}")

    def _judge_reference(self, table: str, key: str, column: str, true: Any, got: Any) -> None:
        """Judge a reference that dangles because its user was deleted."""
        if self._equal(table, column, true, got):
            verdict = "right"
        else:
            verdict = "left" if got is None or self._got.is_dangling(table, column, got) else "wrong"
        self._score.count("ref-to-deleted", verdict, f"{table} {key} {column}")

    def _collateral(self, what: str) -> None:
        self._score.collateral += 1
        self._score.faults.append(f"collateral: {what}")

    def _true_marks(self) -> Counter[tuple[str, str, str]]:
        if not hasattr(self, "_true_mark_count"):
            self._true_mark_count = _mark_counter(self._true, {}, set())
        return self._true_mark_count

    def _got_marks(self) -> Counter[tuple[str, str, str]]:
        if not hasattr(self, "_got_mark_count"):
            self._got_mark_count = _mark_counter(self._got, self._twin_of, set())
        return self._got_mark_count

    def _judge_extras(self) -> None:
        score, got, true = self._score, self._got, self._true
        known = set(true.by_name) | {entry.get("name") for entry in self._ledger["added"]}
        extra = sorted(set(got.by_name) - known)
        score.extra_users = len(extra)
        score.faults += [f"extra user: {name!r}" for name in extra]
        score.extra_prayers = len(set(got.tables["prayer"]) - set(true.tables["prayer"]))
        marks = got.tables["prayermark"]
        undecided = {key for key, twin in self._doubles.items() if key in marks and twin in marks}
        added = {entry["pk"] for entry in self._ledger["added"]}
        surplus = _mark_counter(got, self._twin_of, undecided & added) - self._true_marks()
        score.extra_marks = surplus.total()
        score.faults += [f"extra mark: {mark}" for mark in surplus]
        score.dangling = sum(row[got.columns.author] not in got.names for row in got.tables["prayer"].values())
        score.dangling += sum(row[got.columns.marker] not in got.names for row in marks.values())
        attributes = got.tables["prayer_attributes"].values()
        score.attributes_without_path = sum(not row["text_file_path"] for row in attributes)


def _mark_counter(side: _Side, twins: dict[str, str], without: set[str]) -> Counter[tuple[str, str, str]]:
    """Count the marks of known people by prayer, person and minute; a twin counts as the person."""
    counter: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for key, mark in side.tables["prayermark"].items():
        user = mark[side.columns.marker]
        name = twins.get(user) or side.names.get(user)
        if name is not None and key not in without:
            counter[mark["prayer_id"], name, _minute(mark["created_at"])] += 1
    return Counter(counter)


def score_repair(folder: Path, repaired: Path) -> Score:
    """Compare a repaired database with the truth in a community's folder. Reads only.

    Raises:
        OSError: The folder lacks its ledger.
        sqlite3.Error: A database cannot be read or is of no known era.
    """
    return _Judge(folder, repaired).judge()
