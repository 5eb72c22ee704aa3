"""The ladder of canonical forms: what each rung joins, and above all what it keeps apart."""

from __future__ import annotations

import unicodedata

import pytest

from thywill_reconstruct.identity.canonical import Rung, folded, joined, key, plain


@pytest.mark.parametrize(
    "spelling",
    [
        "Mary Johnson",
        "  mary   JOHNSON ",
        "Mary\u00a0Johnson",
        "Ｍary Johnson",
        "Mary\u200b Johnson",
        "Mary\tJohnson",
    ],
)
def test_folding_joins_case_width_space_and_invisible_characters(spelling: str) -> None:
    assert folded(spelling) == "mary johnson"


@pytest.mark.parametrize(
    ("one", "other"), [("Mary", "Marty"), ("José", "Jose"), ("Ana", "Аna"), ("user 1", "user 10"), ("Al_B", "Al B")]
)
def test_folding_keeps_different_letters_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    "spelling", ["Mary_Johnson", "mary-johnson", "Mary. Johnson", "MaryJohnson", "Mary - Johnson"]
)
def test_joining_drops_separators(spelling: str) -> None:
    assert joined(spelling) == "maryjohnson"


@pytest.mark.parametrize("spelling", ["user 1 0", "user 1-0", "user 1 - 0", "user 1 . - 0"])
def test_a_separator_between_digits_is_never_dropped(spelling: str) -> None:
    assert joined(spelling) != joined("user 10")


def test_accents_are_taken_off_latin_letters_only() -> None:
    assert plain("José Müller") == plain("jose_muller") == "josemuller"
    assert plain("Łukasz Žižka") == "lukaszzizka"


@pytest.mark.parametrize("name", ["Иван", "王伟", "أمل", "Ελένη", "Аnna"])
def test_names_of_other_scripts_have_no_plain_key(name: str) -> None:
    """Transliteration maps different people to one key; a Cyrillic look-alike is another name."""
    assert plain(name) == ""


@pytest.mark.parametrize("name", ["🌹", "🌹🌹", "...", " - ", "\u200b"])
def test_names_without_letters_have_an_empty_key_that_joins_nothing(name: str) -> None:
    assert plain(name) == ""


def test_two_chinese_names_stay_apart_on_every_rung() -> None:
    assert not [rung for rung in Rung if key("王伟", rung) == key("王薇", rung) != ""]


def test_the_rungs_in_order() -> None:
    name = unicodedata.normalize("NFD", "José Díaz")
    assert [key(name, rung) for rung in Rung] == [name, "José Díaz", "josé díaz", "josédíaz", "josediaz"]


def test_forms_are_idempotent_where_dropping_a_separator_brings_letters_together() -> None:
    name = "a.\u0301"  # a letter, a dot, a combining accent
    assert joined(joined(name)) == joined(name)
