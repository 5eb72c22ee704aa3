"""Odd names of users as findings: reported once, never repaired, silent where another finding says it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import HOME, PEOPLE, REGISTERED, archive, compare, mark, prayer, snapshot, user
from thywill_reconstruct.diff.analyse import analyse
from thywill_reconstruct.identity.decisions import Decision, Decisions

REGISTERED_TOO = REGISTERED + "    June 01 2025 at 08:30 - Dora joined directly\n"


def test_healthy_names_are_passed_in_silence() -> None:
    assert compare(archive(), snapshot()).of("US") == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("\u0410nna", "US011"),
        ("B\u0435rtold", "US012"),
        ("Do\u200bra", "US013"),
        ("Dora ", "US014"),
        ("Unknown User", "US015"),
        ("", "US015"),
    ],
)
def test_an_odd_name_is_reported_and_left_alone(name: str, code: str) -> None:
    result = compare(archive(), snapshot([*PEOPLE, user("dora", name, "01 08:30:07.1")]))
    (finding,) = result.of(*(f"US0{number}" for number in range(10, 17)))
    assert (finding.code, finding.key, finding.actual, finding.changes) == (code, "dora", name, ())
    assert finding.reason.count(".") == 2


def test_two_registered_users_of_one_name_are_reported_once() -> None:
    told = REGISTERED_TOO + "    June 02 2025 at 08:30 - dora joined directly\n"
    people = [*PEOPLE, user("dora", "Dora", "01 08:30:07.1"), user("other", "dora", "02 08:30:07.1")]
    codes = [
        f.code
        for f in compare(archive(registered=told), snapshot(people)).of("US")
        if "other" in (f.key, *f.evidence)
    ]
    assert codes == ["US010"]


def test_a_pair_that_is_decided_is_not_reported_again() -> None:
    told = archive(registered=REGISTERED_TOO + "    June 02 2025 at 08:30 - D\u043era joined directly\n")
    stored = snapshot([*PEOPLE, user("dora", "Dora", "01 08:30:07.1"), user("other", "D\u043era", "02 08:30:07.1")])
    decided = Decisions((Decision("different", ("Dora", "D\u043era"), "", "Ruth", date(2025, 7, 1)),))
    before = {finding.code for finding in analyse(told, stored, HOME).findings}
    after = {finding.code for finding in analyse(told, stored, HOME, decided).findings}
    assert "US011" in before
    assert not after & {"US010", "US011"}


def test_a_doubled_row_is_not_reported_again_for_its_name() -> None:
    people = [*PEOPLE, user("dora", "Dora", "01 08:30:07.1"), user("twin", " dora ", "20 08:30:07.1")]
    result = compare(archive(registered=REGISTERED_TOO), snapshot(people))
    assert [(f.code, f.key) for f in result.of("US") if f.code != "US018"] == [("US002", "twin")]


def test_a_first_word_of_whom_nothing_is_known_is_reported_and_one_who_acted_is_not() -> None:
    told = REGISTERED + "    June 01 2025 at 08:30 - Dora Ames joined directly\n"
    people = [*PEOPLE, user("ames", "Dora Ames", "01 08:30:07.1"), user("idle", "Dora", "20 08:30:07.1")]
    (finding,) = compare(archive(registered=told), snapshot(people)).of("US")
    assert (finding.code, finding.key, finding.expected) == ("US016", "idle", "Dora Ames")
    busy = snapshot(people, [prayer()], [mark("m", "idle", "10:00:00")])
    assert compare(archive(registered=told), busy).of("US016") == []
