"""What a score is made of, and what may not raise it."""

from __future__ import annotations

import pytest

from thywill_reconstruct.identity.compare import OTHER_NUMBER_AT_MOST, Likeness, compare
from thywill_reconstruct.identity.forms import form_of


def likeness(one: str, other: str, *given_names: str) -> Likeness:
    return compare(form_of(one), form_of(other), frozenset(given_names))


@pytest.mark.parametrize(
    ("one", "other", "reading"),
    [
        ("Mаry", "Mary", "look-alike"),
        ("O'Neil", "ONeil", "same letters"),
        ("Ivan Petrov", "Иван Петров", "other script"),
        ("Guelten", "Gülten", "written out"),
        ("Johnson, Mary", "maryjohnson", "swapped"),
        ("Jonhson Mary", "Mary Johnson", "swapped"),
        ("Peggy Johnson", "Margaret Johnson", "nickname"),
        ("peggyjohnson", "margaretjohnson", "nickname"),
        ("Xandrina Johnson", "Alexandrine Johnson", "related given name"),
        ("mjohnson", "Mary Johnson", "initial"),
        ("Johnson", "Mary Johnson", "surname only"),
        ("Mary", "Mary Johnson", "given name only"),
        ("Mary Jo", "Mary Johnson", "cut off"),
        ("Mary Jonson", "Mary Johnson", "slip"),
        ("Oscar", "Mary", "unlike"),
        ("★", "Mary", "unlike"),
    ],
)
def test_readings(one: str, other: str, reading: str) -> None:
    assert likeness(one, other).reading == reading
    assert likeness(other, one).reading == reading


def test_numbers_that_differ_outweigh_everything() -> None:
    for one, other in (("user10", "user100"), ("John 1", "John 2"), ("John Smith II", "John Smith III")):
        assert likeness(one, other).score <= OTHER_NUMBER_AT_MOST


def test_a_missing_number_tells_which_name_says_more() -> None:
    found = likeness("mary7", "mary")
    assert (found.first_says_more, found.second_says_more) == (True, False)
    assert found.parts[-1][0] == "number missing"


def test_both_names_may_say_more_than_the_other() -> None:
    found = likeness("Mary Johnson", "mary7")
    assert (found.first_says_more, found.second_says_more) == (True, True)


def test_given_names_that_others_bear_are_no_slips() -> None:
    assert likeness("Tarvo Welch", "Tarvi Welch").score > 60
    assert likeness("Tarvo Welch", "Tarvi Welch", "tarvo", "tarvi").score < 60


def test_two_names_in_scripts_of_their_own_are_not_transliterated() -> None:
    assert likeness("伏静", "符静").reading == "unlike"
    assert likeness("Наталья Иванова", "Наталия Иванова").reading == "slip"


def test_the_parts_add_up() -> None:
    for one, other in (("John 1", "John 2"), ("mary", "mary7"), ("Jon Smith", "John Smith")):
        found = likeness(one, other)
        assert round(sum(amount for _, amount in found.parts), 1) == found.score
