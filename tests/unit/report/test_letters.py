"""Names that look the same: where they differ, and what in them nobody can see."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.report.letters import (
    MOST,
    code_point,
    code_points,
    differences,
    hidden_differences,
    strange,
    undrawn,
)


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_differences_turn_one_name_into_the_other(one: str, other: str) -> None:
    found = differences(one, other)
    assert (found == ()) == (one == other)
    assert differences(other, one) == () if one == other else len(differences(other, one)) > 0
    assert {*"".join(d.first for d in found)} <= {*one}
    assert {*"".join(d.second for d in found)} <= {*other}


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Mary", "M\u0430ry", [("a", "\u0430")]),
        ("Jos\u00e9", "Jose\u0301", [("\u00e9", "e\u0301")]),
        ("Mary Lee", "Mary\u00a0Lee", [(" ", "\u00a0")]),
        ("Mary", "Mary ", [("", " ")]),
        ("Mary", "Ma\u200bry", [("", "\u200b")]),
        ("IIse", "Ilse", [("I", "l")]),
        ("Mary Jonhson", "Mary Johnson", []),
        ("max", "Max", []),
        ("Nadja", "Nadja Quell", []),
        ("user1", "user12", []),
        ("محمد علي", "محمد على", [("ي", "ى")]),
        ("محمد", "محمد علي حسن", []),
        ("Mary", "Mary", []),
    ],
)
def test_only_what_is_overlooked_is_spelled_out(one: str, other: str, said: list[tuple[str, str]]) -> None:
    found = [tuple(difference) for difference in hidden_differences(one, other)]
    assert found == said


def test_names_in_other_scripts_are_not_spelled_out_letter_by_letter() -> None:
    assert len(differences("a b c d e f g h i", "а б ц д е ф г х и")) > MOST
    assert hidden_differences("a b c d e f g h i", "а б ц д е ф г х и") == ()


@given(st.characters())
def test_every_character_has_something_to_be_called(character: str) -> None:
    said = code_point(character)
    assert said.startswith(f"U+{ord(character):04X} ")
    assert said.isascii()
    assert said.isprintable()


def test_many_characters_are_cut_short() -> None:
    assert code_points("") == "nothing"
    assert code_points("ab") == "U+0061 LATIN SMALL LETTER A + U+0062 LATIN SMALL LETTER B"
    assert code_points("a" * 100).count("U+") == MOST


def test_what_is_not_drawn_is_named() -> None:
    assert undrawn("Ma\u200br\x1by\u202e\ufe0f") == ("\u200b", "\x1b", "\u202e", "\ufe0f")
    assert undrawn("محمد علي حسن") == ()


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), max_size=12))
def test_nothing_is_strange_about_letters_of_one_script(name: str) -> None:
    latin = "".join(c for c in name if unicodedata.name(c, "").startswith("LATIN"))
    assert strange(latin) == ()


def test_the_rarer_script_is_the_strange_one() -> None:
    assert strange("M\u0430ry") == ("\u0430",)
    assert strange("Мaрия") == ("a",)
    assert strange("Mary 李") == ()
