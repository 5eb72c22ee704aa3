"""Communities whose members change their names, leave and come back, and a judge of what a plan does to them.

One event after another is written as the application writes it: the line with the name of the day into the archives, which
are never rewritten, and the row with the person's key into the database (archive format spec, sections 2 and 6.4). Whose each
row is stays known, whatever happens to names, so that every planned change can be judged.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Literal

from thywill_reconstruct.identity.app_names import application_name, application_spelling
from thywill_reconstruct.plan.operations import Operation, Plan

Era = Literal["v1", "v2"]
DDL = Path(__file__).parents[2] / "tests" / "unit" / "database" / "ddl"
FIRST = (
    *("Anna", "Bert", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hope", "Ivo", "Jill", "Kurt"),
    *("Lena", "Milo", "Nora", "Otis", "Pia", "Quin", "Rosa", "Seth", "Tess", "Uma", "Vera"),
)
LAST = ("Hill", "Stone", "Brook", "Field", "Marsh", "Wood", "Lake", "Moor", "Dale", "Ford")
WORDS = (
    "Anonymous",
    "Unknown",
    "None",
    "System",
    "Mary  Ann",
    "Tab\there",
    "o'neil, p.",
    "J. R. ",
    "Zoë",
    "Tom by Jerry",
)
PAUSES = (1, 20, 61, 600, 4_000, 30_000, 90_000)
# How the column is called that says whose a row is.
OWNER = {
    "v1": {
        "user": "invited_by_user_id",
        "prayer": "author_id",
        "prayermark": "user_id",
        "prayer_activity_log": "user_id",
    },
    "v2": {
        "user": "invited_by_username",
        "prayer": "author_username",
        "prayermark": "username",
        "prayer_activity_log": "user_id",
    },
}


@dataclass(eq=False, slots=True)
class Member:
    """One person: the key of the row, the name of today and all former ones, and who took the row over if it was merged."""

    key: str
    name: str
    joined: datetime
    inviter: Member | None
    token: str
    names: list[str] = field(default_factory=list)
    gone: bool = False
    survivor: Member | None = None

    @property
    def row(self) -> Member:
        """The person who has the row today: another one, if this one was merged into them."""
        return self.survivor.row if self.survivor else self


@dataclass(slots=True)
class Verdict:
    """What a plan does to a community: sentences about every wrong step, and how many damaged cells come back, of how many."""

    moved: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    right: int = 0
    damaged: int = 0

    @property
    def faults(self) -> list[str]:
        """Everything that must not be."""
        return [*self.moved, *self.doubled, *self.wrong]


class History:
    """A community that lives for some weeks, in memory; ``write`` puts it on the disk."""

    def __init__(self, seed: int, era: Era) -> None:
        self.rng = Random(f"{era} {seed}")
        self.era = era
        self.now = datetime(2025, 7, 3, 8, 0, 5) if era == "v2" else datetime(2025, 3, 3, 8, 0, 5)
        self.members: list[Member] = []
        self.told: list[str] = []
        self.users: list[str] = []
        self.log: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self.invites: dict[str, list[str]] = defaultdict(list)
        self.files: dict[str, tuple[str, str, list[str]]] = {}
        self.prayers: dict[str, tuple[Member, datetime]] = {}
        self.marks: dict[str, tuple[Member, str, datetime]] = {}
        self.logged: dict[str, tuple[Member, str, datetime]] = {}
        self.merges = era == "v2"
        self.free_names: list[str] = []
        self._live()

    # --- life ---------------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        rng = self.rng
        size, steps = rng.randint(4, 9), rng.randint(60, 140)
        changes: list[Callable[[], None]] = [
            self._rename,
            self._rename,
            self._rename_back,
            self._exchange,
            self._ring,
            self._take_freed,
            self._register_freed,
            self._leave,
            self._return,
            self._start,
            self._start,
        ]
        when = sorted(rng.sample(range(steps // 6, steps), k=rng.choice([1, 1, 2, 2, 3, 4])))
        for number in range(steps):
            self.now += timedelta(
                seconds=rng.choice([1, 20, 61, 600, 4_000, 30_000, 90_000]), microseconds=rng.randrange(999_999)
            )
            if len(self.members) < size and (len(self.members) < 3 or rng.random() < 0.2):
                self._register(self._new_name())
            if number in when:
                rng.choice(changes)()
            self._act()

    def living(self) -> list[Member]:
        """Return everybody who has a row."""
        return [member for member in self.members if not member.gone]

    def _new_name(self) -> str:
        while True:
            name = (
                self.rng.choice(WORDS)
                if self.rng.random() < 0.12
                else f"{self.rng.choice(FIRST)} {self.rng.choice(LAST)}"
            )
            taken = {application_name(one) for member in self.members for one in (member.name, *member.names)}
            if application_name(name) not in taken:
                return name

    def _hex(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"

    def _register(self, name: str) -> Member:
        inviter = self.rng.choice(self.living()) if self.living() else None
        key = name if self.era == "v2" else self._hex()
        token = f"{self.rng.getrandbits(64):016x}"
        member = Member(key, name, self.now, inviter, token)
        self.members.append(member)
        end = f"joined on invitation from {inviter.name}" if inviter else "joined directly"
        self.users.append(f"{self.now:%B %d %Y at %H:%M} - {name} {end}")
        self._log(
            f"{name} registered via invitation from {inviter.name}" if inviter else f"{name} registered directly"
        )
        if inviter and self.rng.random() < 0.8:
            self.invites[f"{self.now:%Y_%m}"].append(
                f"{self.now.isoformat()}|{token}|{name}|{inviter.name}|token_used"
            )
        return member

    def _log(self, text: str) -> None:
        self.log[f"{self.now:%Y_%m}"][f"{self.now:%B %d %Y}"].append(f"{self.now:%H:%M} - {text}")

    def _act(self) -> None:
        rng, who = self.rng, self.rng.choice(self.living())
        if not self.prayers or rng.random() < 0.22:
            prayer = self._hex()
            head = f"Prayer {prayer} by {who.name}\nSubmitted {self.now:%B %d %Y at %H:%M}\n"
            folder = f"prayers/{self.now:%Y/%m}"
            name = f"{self.now:%Y_%m_%d}_prayer_at_{self.now:%H%M}"
            path = next(
                p
                for p in (f"{folder}/{name}{tail}.txt" for tail in ("", *(f"_{n}" for n in range(2, 99))))
                if all(p != file[0] for file in self.files.values())
            )
            self.files[prayer] = (path, f"{head}\nPlease pray for number {len(self.prayers)}.\n\nActivity:\n", [])
            self.prayers[prayer] = (who, self.now)
            self._log(f"{who.name} submitted prayer {prayer}")
            return
        prayer = rng.choice(list(self.prayers))
        at = self.now
        if self.era == "v2" and rng.random() < 0.1:  # made offline: the phone's time, in UTC
            at = self.now - timedelta(hours=rng.randint(1, 20), minutes=rng.randint(1, 50)) + timedelta(hours=4)
        self.files[prayer][2].append(f"{at:%B %d %Y at %H:%M} - {who.name} prayed this prayer")
        self._log(f"{who.name} prayed for prayer {prayer}")
        self.marks[self._hex()] = (who, prayer, at)
        self.logged[self._hex()] = (who, prayer, at)

    # --- what happens to names ----------------------------------------------------------------------------------------

    def _call(self, member: Member, name: str) -> None:
        self.told.append(f"{self.now:%m-%d %H:%M} {member.name!r} is called {name!r} from now on")
        member.names.append(member.name)
        self.free_names.append(member.name)
        member.name = name
        if self.era == "v2":
            member.key = name

    def _is_free(self, name: str) -> bool:
        return all(application_name(name) != application_name(member.name) for member in self.living())

    def _rename(self) -> None:
        self._call(self.rng.choice(self.living()), self._new_name())

    def _rename_back(self) -> None:
        able = [m for m in self.living() if m.names and self._is_free(m.names[-1])]
        if able:
            member = self.rng.choice(able)
            self._call(member, member.names[-1])
        else:
            self._rename()

    def _exchange(self) -> None:
        if len(self.living()) > 1:
            one, other = self.rng.sample(self.living(), 2)
            names = one.name, other.name
            self._call(one, names[1])
            self._call(other, names[0])

    def _ring(self) -> None:
        if len(self.living()) > 2:
            three = self.rng.sample(self.living(), 3)
            names = [member.name for member in three]
            for member, name in zip(three, (*names[1:], names[0]), strict=True):
                self._call(member, name)

    def _take_freed(self) -> None:
        free = [name for name in self.free_names if self._is_free(name)]
        if free:
            self._call(self.rng.choice(self.living()), self.rng.choice(free))
        else:
            self._rename()

    def _register_freed(self) -> None:
        free = [name for name in self.free_names if self._is_free(name)]
        if not free:
            self._rename()
            return
        name = self.rng.choice(free)
        self.told.append(f"{self.now:%m-%d %H:%M} a stranger registers as {name!r}")
        self._register(name)

    def _leave(self) -> None:
        """Delete somebody's row; what is theirs keeps the old key."""
        able = [m for m in self.living()[1:] if all(other.inviter is not m for other in self.members)]
        if len(self.living()) < 4 or not able:
            return
        member = self.rng.choice(able)
        member.gone = True
        self.told.append(f"{self.now:%m-%d %H:%M} {member.name!r} is deleted")
        self.free_names.append(member.name)

    def _return(self) -> None:
        self._leave()
        gone = [m for m in self.members if m.gone and not m.survivor and self._is_free(m.name)]
        if gone:
            name = self.rng.choice(gone).name
            self.now += timedelta(days=2)
            self.told.append(f"{self.now:%m-%d %H:%M} somebody registers as {name!r} again")
            self._register(name)

    def _start(self) -> None:
        """Start the application: names are respelled (section 6.4)."""
        self.merges = True
        for member in self.living():
            name = application_spelling(member.name)
            if name and name != member.name:
                self._call(member, name)

    # --- the disk -----------------------------------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write ``truth.db``, ``text_archives`` and ``history.txt``."""
        root = folder / "text_archives"
        texts = {file[0]: file[1] + "".join(f"{line}\n" for line in file[2]) for file in self.files.values()}
        month = f"{self.members[0].joined:%Y_%m}"
        texts[f"users/{month}_users.txt"] = f"User Registrations for {self.members[0].joined:%B %Y}\n\n" + "".join(
            f"{line}\n" for line in self.users
        )
        for name, days in self.log.items():
            title = datetime.strptime(name, "%Y_%m").strftime("Activity for %B %Y")
            body = "".join(f"\n{day}\n" + "".join(f"{line}\n" for line in lines) for day, lines in days.items())
            texts[f"activity/activity_{name}.txt"] = f"{title}\n\n{body}"
        for name, rows in self.invites.items():
            title = datetime.strptime(name, "%Y_%m").strftime("Invite Token Usage for %B %Y")
            head = f"{title}\nFormat: timestamp|token|used_by_user|created_by_user|action\n\n"
            texts[f"system/{name}_invite_usage.txt"] = head + "".join(f"{row}\n" for row in rows)
        for path, text in texts.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        (folder / "history.txt").write_text("".join(f"{line}\n" for line in self.told), encoding="utf-8")
        with closing(sqlite3.connect(folder / "truth.db")) as db:
            db.executescript((DDL / f"{self.era}.sql").read_text(encoding="utf-8"))
            if self.merges and self.era == "v1":
                db.execute(
                    "CREATE TABLE user_merge_log (id VARCHAR, primary_user_id VARCHAR, merged_user_id VARCHAR)"
                )
            self._fill(db)
            db.commit()

    def _fill(self, db: sqlite3.Connection) -> None:
        own = OWNER[self.era]
        stamp = "%Y-%m-%d %H:%M:%S.%f"
        users = f"text_archives/users/{self.members[0].joined:%Y_%m}_users.txt"

        def insert(table: str, **row: object) -> None:
            columns = db.execute(f'PRAGMA table_info("{table}")').fetchall()
            known = {name: (kind, needed, default) for _, name, kind, needed, default, _ in columns}
            for name, (kind, needed, default) in known.items():
                if needed and default is None and name not in row:
                    row[name] = 0 if any(word in kind.upper() for word in ("BOOL", "INT", "FLOAT")) else ""
            row = {name: value for name, value in row.items() if name in known}
            db.execute(
                f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({", ".join("?" * len(row))})', tuple(row.values())
            )

        for member in self.living():
            joined, inviter = member.joined.strftime(stamp), member.inviter.key if member.inviter else None
            named: dict[str, object] = {"id": member.key, "display_name": member.name, own["user"]: inviter}
            insert(
                "user",
                **named,
                created_at=joined,
                invite_token_used=member.token if inviter else None,
                text_file_path=users,
            )
        for prayer, (author, at) in self.prayers.items():
            path, text, _ = self.files[prayer]
            body = text.split("\n\n", 1)[1].removesuffix("\n\nActivity:\n")
            named = {"id": prayer, own["prayer"]: author.key, "text": body, "created_at": at.strftime(stamp)}
            insert("prayer", **named, text_file_path=f"text_archives/{path}", target_audience="all")
        for table, rows in (("prayermark", self.marks), ("prayer_activity_log", self.logged)):
            for key, (who, prayer, at) in rows.items():
                named = {"id": key, "prayer_id": prayer, own[table]: who.key, "created_at": at.strftime(stamp)}
                path = f"text_archives/{self.files[prayer][0]}"
                insert(table, **named, action="prayed", new_value="true", text_file_path=path)

    # --- damage and judgement -----------------------------------------------------------------------------------------

    def damage(self, database: Path, share: float = 0.5) -> dict[tuple[str, str], str | None]:
        """Make a share of all references refer to nobody; return (table, key) -> what now stands there."""
        done: dict[tuple[str, str], str | None] = {}
        with closing(sqlite3.connect(database)) as db:
            for table, column in OWNER[self.era].items():
                key = "display_name" if table == "user" and self.era == "v2" else "id"
                for row, owner in db.execute(f'SELECT {key}, {column} FROM "{table}" ORDER BY 1').fetchall():
                    if owner and self.rng.random() < share:
                        value = None if table == "user" else self.rng.choice(["", "nobody", self._hex()])
                        db.execute(f'UPDATE "{table}" SET {column} = ? WHERE {key} = ?', (value, row))
                        done[table, row] = value
            db.commit()
        return done

    def judge(self, plan: Plan, damaged: dict[tuple[str, str], str | None]) -> Verdict:
        """Judge every step of a plan by whose the rows are."""
        verdict = Verdict(damaged=len(damaged))
        owners: dict[tuple[str, str], Member | None] = {}
        owners |= {("user", member.key): member.inviter for member in self.living()}
        owners |= {("prayer", key): author for key, (author, _) in self.prayers.items()}
        owners |= {("prayermark", key): who for key, (who, _, _) in self.marks.items()}
        owners |= {("prayer_activity_log", key): who for key, (who, _, _) in self.logged.items()}
        made = {
            operation.key
            for operation in plan.operations
            if operation.action == "insert" and operation.table == "user"
        }
        for operation in plan.operations:
            if operation.action == "insert":
                self._judge_made(operation, verdict)
            elif operation.action == "update" and operation.table == "user" and "created_at" in dict(operation.after):
                member = next(m for m in self.living() if m.key == operation.key)
                if str(dict(operation.after)["created_at"])[:16] != f"{member.joined:%Y-%m-%d %H:%M}":
                    verdict.moved.append(
                        f"{member.name!r} joined {dict(operation.after)['created_at']!r} by the plan"
                    )
            elif operation.action == "update" and (change := self._change(operation)):
                before, after = change
                owner = owners.get((operation.table, str(operation.key)))
                was = damaged.get((operation.table, str(operation.key)), "")
                place = f"{operation.table} {operation.key!r} ({'/'.join(operation.codes)})"
                theirs = self._called(owner.key if owner else None)
                told = f"{place}: {before!r} -> {self._called(after)!r}, and it is {theirs!r}"
                # Where names are keys, what refers to somebody who is gone says the name: that is what the application left.
                here = owner is not None and (not owner.gone or after in made or self.era == "v2")
                if owner is not None and here and after == owner.key:
                    verdict.right += (operation.table, str(operation.key)) in damaged
                elif (operation.table, str(operation.key)) in damaged and was == before:
                    verdict.wrong.append(told)
                else:
                    verdict.moved.append(told)
            elif operation.action == "delete":
                verdict.moved.append(f"{operation.table} {operation.key!r} is deleted")
        return verdict

    def _judge_made(self, operation: Operation, verdict: Verdict) -> None:
        if operation.table != "user":
            verdict.moved.append(f"a row is made in {operation.table}: {dict(operation.after)}")
            return
        row = dict(operation.after)
        name = str(row["display_name"])
        bearers = [member for member in self.members if name in (member.name, *member.names)]
        if not any(member.gone for member in bearers) or any(
            application_name(name) == application_name(member.name) for member in self.living()
        ):
            verdict.doubled.append(f"{name!r} is made a user ({'/'.join(operation.codes)})")

    def _change(self, operation: Operation) -> tuple[object, object] | None:
        column = OWNER[self.era].get(operation.table)
        before, after = dict(operation.before), dict(operation.after)
        return (before[column], after[column]) if column in after else None

    def _called(self, key: object) -> object:
        return next((f"{m.name} {m.names}" for m in self.members if m.key == key), key)
