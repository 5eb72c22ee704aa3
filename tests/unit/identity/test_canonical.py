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


def test_accents_are_taken_off_latin_letters() -> None:
    assert plain("José Müller") == plain("jose_muller") == "josemuller"
    assert plain("Łukasz Žižka") == "lukaszzizka"


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("Ελένη", "ΕΛΕΝΗ"),
        ("Σπύρος Ρΐζος", "σπυρος ριζος"),
        ("Семён", "Семен"),
        ("مُحَمَّد", "محمـــد"),
        ("שָׁלוֹם", "שלום"),
        ("Işıl Yıldırım", "ISIL YILDIRIM"),
        ("Weiß", "WEISS"),
        ("Nguyễn Thị", "Nguyen Thi"),
    ],
)
def test_what_writers_of_a_script_leave_out_makes_no_difference(written: str, bare: str) -> None:
    assert plain(written) == plain(bare) != ""
    assert plain(plain(written)) == plain(written)


@pytest.mark.parametrize(("one", "other"), [("Май", "Маи"), ("Їжак", "Іжак"), ("राम", "रम"), ("أمل", "امل")])
def test_letters_of_their_own_are_no_accents(one: str, other: str) -> None:
    assert not [rung for rung in Rung if key(one, rung) == key(other, rung) != ""]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\U0001f469\u200d\U0001f467", "\U0001f469\U0001f467"),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        ),
    ],
    ids=["a family and two people", "two flags"],
)
def test_pictures_of_several_parts_are_pictures_of_their_own(one: str, other: str) -> None:
    assert folded(one) != folded(other)
    assert folded(folded(one)) == folded(one)
    assert folded(f"An\u200dna {one}") == f"anna {folded(one)}"


@pytest.mark.parametrize("name", ["王伟", "अमित", "Аnna", "Анна Smith", "김서연"])
def test_names_of_other_and_mixed_scripts_have_no_plain_key(name: str) -> None:
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


def test_a_mark_written_twice_leaves_the_plain_form_as_it_is() -> None:
    once = plain("Сем\u0451\u0308н")
    assert plain(once) == once == plain("Семен")
