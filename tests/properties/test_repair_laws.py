"""Laws of the whole comparison, on random damage to a small community."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    PEOPLE,
    Result,
    archive,
    compare,
    logged,
    mark,
    path_of,
    prayer,
    prayer_file,
    snapshot,
    user,
)
from thywill_reconstruct.database.rows import LogRow, MarkRow, PrayerRow, Snapshot
from thywill_reconstruct.plan.build import build_plan

# Three prayers with marks close together; archive and database agree on all of them.
AUTHORS = {"rain": "anna", "snow": "bert", "hail": "cleo"}
MARKS = {
    "rain": (("bert", "09:15"), ("cleo", "09:15"), ("bert", "09:17"), ("anna", "09:40")),
    "snow": (("anna", "09:15"), ("anna", "09:16"), ("cleo", "10:00")),
    "hail": (("bert", "10:00"), ("bert", "10:00"), ("anna", "10:02")),
}
FILES = [
    prayer_file(key, *(f"{clock} - {who.title()} prayed this prayer" for who, clock in MARKS[key]), by=author.title())
    for key, author in AUTHORS.items()
]
LOG = "\n".join(
    line
    for _, line in sorted(
        [("09:00", f"09:00 - {who.title()} submitted prayer {key}") for key, who in AUTHORS.items()]
        + [
            (clock, f"{clock} - {who.title()} prayed for prayer {key}")
            for key, marks in MARKS.items()
            for who, clock in marks
        ],
        key=lambda pair: pair[0],
    )
)
ARCHIVES = (archive(*FILES, log=LOG), archive(*FILES))
TRUE_PRAYERS = tuple(prayer(f.prayer, AUTHORS[f.prayer], path=path_of(f)) for f in FILES)
TRUE_MARKS = tuple(
    mark(f"{f.prayer}{n}", who, f"{clock}:{10 + n}.{n + 1}", of=f.prayer, path=path_of(f))
    for f in FILES
    for n, (who, clock) in enumerate(MARKS[f.prayer])
)
TRUE_LOG = tuple(
    logged(f"l-{m.key}", m.user, None, of=m.prayer, path=m.path)._replace(created=m.created) for m in TRUE_MARKS
)
TWIN = user("twin", "ANNA", "05 12:00")
NOBODY = st.sampled_from([None, "", "None", "ghost", "ghost2"])
# What happens to a reference: nothing (mostly), it dangles, or, if it is Anna's, it moves to her twin.
DAMAGE = st.one_of(st.just("keep"), st.just("keep"), NOBODY, st.just("twin"))


def damaged(who: str | None, damage: str | None) -> str | None:
    if damage == "keep":
        return who
    if damage == "twin":
        return "twin" if who == "anna" else who
    return damage


@st.composite
def communities(draw: st.DrawFn) -> Snapshot:
    prayers = [
        row._replace(author=damaged(row.author, draw(DAMAGE))) for row in TRUE_PRAYERS if draw(st.integers(0, 9))
    ]
    marks = [row._replace(user=damaged(row.user, draw(DAMAGE))) for row in TRUE_MARKS if draw(st.integers(0, 7))]
    logs = [row._replace(user=damaged(row.user, draw(DAMAGE))) for row in TRUE_LOG if draw(st.integers(0, 7))]
    gone = draw(st.sampled_from([None, None, "bert", "cleo"]))
    users = [*(person for person in PEOPLE if person.key != gone), TWIN]
    return snapshot(users, prayers, marks, logs=logs)


def truth() -> dict[tuple[str, str], str | None]:
    rows: Sequence[PrayerRow | MarkRow | LogRow] = (*TRUE_PRAYERS, *TRUE_MARKS, *TRUE_LOG)
    kinds = {PrayerRow: "prayer", MarkRow: "mark", LogRow: "log"}
    return {(kinds[type(row)], row.key): row.author if isinstance(row, PrayerRow) else row.user for row in rows}


TRUTH = truth()


def meaning(result: Result, key: object) -> object:
    """A key as it is compared: of a person made anew her old key."""
    names = {person.key: person.name.lower() for person in result.analysis.resolution.persons if person.key}
    return names.get(str(key), key)


@given(st.sampled_from([0, 1]), communities())
def test_nobody_gets_what_is_anothers(number: int, stored: Snapshot) -> None:
    result = compare(ARCHIVES[number], stored)
    made: list[tuple[object, object, object]] = []
    for finding in result.analysis.findings:
        for change in finding.changes:
            if change.action == "update" and change.field in ("author", "user"):
                assert meaning(result, change.after) == TRUTH[change.entity, change.key], finding
            if change.action == "create" and change.entity == "mark":
                row = dict(change.row)
                made.append((row["prayer"], meaning(result, row["user"]), str(row["created"])[11:16]))
            assert change.action != "delete" or (change.entity, change.key) == ("user", "twin"), finding
    for prayer_id, who, clock in made:
        assert (who, clock) in MARKS[str(prayer_id)]


@given(st.sampled_from([0, 1]), communities())
def test_what_lives_and_is_right_is_never_touched(number: int, stored: Snapshot) -> None:
    result = compare(ARCHIVES[number], stored)
    now: dict[tuple[str, str], str | None] = {("prayer", row.key): row.author for row in stored.prayers}
    now |= {("mark", row.key): row.user for row in stored.marks} | {("log", row.key): row.user for row in stored.log}
    living = {row.key for row in stored.users}
    for finding in result.analysis.findings:
        for change in finding.changes:
            if change.action == "update" and change.field in ("author", "user"):
                before = now[change.entity, change.key]
                assert change.before == before
                assert before not in living or before == "twin"


@given(st.sampled_from([0, 1]), communities(), st.randoms(use_true_random=False), st.booleans())
def test_the_plan_depends_on_the_findings_and_not_on_their_order(
    number: int, stored: Snapshot, chance: random.Random, merge: bool
) -> None:
    result = compare(ARCHIVES[number], stored)
    findings = list(result.analysis.findings)
    expected = build_plan(findings, stored, "a" * 64, merge_duplicates=merge)
    chance.shuffle(findings)
    assert build_plan(findings, stored, "a" * 64, merge_duplicates=merge) == expected
    assert all(step.inverse().inverse() == step for step in expected.operations)
    assert merge or not any(step.action == "delete" for step in expected.operations)


@given(communities())
def test_repairing_twice_repairs_nothing_more(stored: Snapshot) -> None:
    """Every lost reference has an id of its own. One id behind rows of several people speaks against some of them."""

    def own(who: str | None, key: str) -> str | None:
        return f"{who} {key}" if who and who.startswith("ghost") else who

    stored = replace(
        stored,
        prayers=tuple(row._replace(author=own(row.author, row.key)) for row in stored.prayers),
        marks=tuple(row._replace(user=own(row.user, row.key)) for row in stored.marks),
        log=tuple(row._replace(user=own(row.user, row.key)) for row in stored.log),
    )
    result = compare(ARCHIVES[0], stored)
    again = compare(ARCHIVES[0], apply(result, stored))
    assert again.plan().operations == ()


def apply(result: Result, stored: Snapshot) -> Snapshot:
    """The database after all repairs but deletions."""
    updates: dict[tuple[str, str], dict[str, object]] = {}
    made: dict[str, list[dict[str, object]]] = {"user": [], "prayer": [], "mark": []}
    for finding in result.plan().repaired:
        for change in finding.changes:
            if change.action == "update":
                updates.setdefault((change.entity, change.key), {})[change.field] = change.after
            elif change.action == "create":
                made[change.entity].append(dict(change.row))

    def rows(entity: str, kept: Sequence[object]) -> list[object]:
        return [row._replace(**updates.get((entity, row.key), {})) for row in kept]  # type: ignore[attr-defined]

    users = rows("user", stored.users) + [user("x", "x")._replace(**row) for row in made["user"]]  # type: ignore[arg-type]
    prayers = rows("prayer", stored.prayers) + [prayer()._replace(**row) for row in made["prayer"]]  # type: ignore[arg-type]
    marks = rows("mark", stored.marks) + [mark("x", "x", None)._replace(**row) for row in made["mark"]]  # type: ignore[arg-type]
    return snapshot(users, prayers, marks, logs=rows("log", stored.log))  # type: ignore[arg-type]
