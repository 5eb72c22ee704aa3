"""The brake on creation: what archive lines alone would make counts; what rows refer to, or the log names, does not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.factories import PEOPLE, archive, compare, mark, prayer, prayer_file, snapshot, user
from thywill_reconstruct.apply.proportion import foresee
from thywill_reconstruct.database.rows import Snapshot

MANY = [f"Person {letter}" for letter in "abcdefghijklmnopqrstuvwxy"]
JOINED = "".join(f"June 02 2025 at 08:{n:02} - {name} joined directly\n" for n, name in enumerate(MANY))
LOGGED = "June 02 2025\n" + "".join(f"08:{n:02} - {name} registered directly\n" for n, name in enumerate(MANY))
CLICKS = [f"09:{n:02} - Bert prayed this prayer" for n in range(30)]


def held(stored: Snapshot, *files: object, registered: str = "", log: str | None = None) -> list[str]:
    """What the brake would hold of the repair."""
    told = archive(*files, registered=registered, log=log)  # type: ignore[arg-type]
    counts = {"user": len(stored.users), "prayer": len(stored.prayers), "prayermark": len(stored.marks)}
    result = compare(told, stored)
    object.__setattr__(stored, "counts", counts)
    return [f"{one.table} {one.rows} of {one.total}" for one in foresee(result.plan(), stored)]


def few(users: Iterable[object] = PEOPLE) -> Snapshot:
    return snapshot(users=users, prayers=[prayer("rain", path=None)])  # type: ignore[arg-type]


def test_people_of_whom_only_a_registration_line_tells_are_held_back() -> None:
    assert held(few(), registered=JOINED) == ["user 25 of 3"]


def test_people_whom_the_log_names_come_back() -> None:
    assert held(few(), registered=JOINED, log=LOGGED) == []


def test_people_to_whom_something_is_booked_come_back() -> None:
    told = [f"09:{n:02} - {name} prayed this prayer" for n, name in enumerate(MANY)]
    assert held(few(), prayer_file("rain", *told), registered=JOINED) == []


def test_a_few_people_come_back_in_a_large_community() -> None:
    people = [user(f"u{n}", f"Somebody {n}", "02 07:00") for n in range(120)]
    assert held(few([*PEOPLE, *people]), registered=JOINED) == []


def test_prayers_that_only_their_own_file_knows_are_held_back() -> None:
    files = [prayer_file(f"new{n}", by="Anna", at=f"June 11 2025 at 09:{n:02}") for n in range(25)]
    assert held(few(), *files, registered="June 01 2025 at 08:00 - Anna joined directly\n") == ["prayer 25 of 1"]


@pytest.mark.parametrize(("there", "expected"), [(0, []), (2, ["prayermark 28 of 2"])])
def test_one_more_mark_for_somebody_who_has_one_is_held_back(there: int, expected: list[str]) -> None:
    """Marks of somebody who has none on that prayer come back, however many."""
    marks = [mark(f"m{n}", "bert", f"09:{n:02}:05") for n in range(there)]
    stored = snapshot(prayers=[prayer("rain", path=None)], marks=marks)
    registered = (
        "June 01 2025 at 08:00 - Anna joined directly\nJune 01 2025 at 08:10 - Bert joined on invitation from Anna\n"
    )
    assert held(stored, prayer_file("rain", *CLICKS), registered=registered) == expected
