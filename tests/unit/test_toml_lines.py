"""``toml_lines``: entries know their lines."""

from __future__ import annotations

import tomllib

import pytest

from thywill_reconstruct.toml_lines import tables_with_lines


def test_lines_count_from_one_and_comments_do_not_confuse() -> None:
    text = '# [[pet]]\nversion = 1\n\n[[pet]]  # first\nname = "cat"\n[[other]]\nx = 1\n\n [[ pet ]]\nname = "dog"\n'
    assert tables_with_lines(text, "pet") == [(4, {"name": "cat"}), (9, {"name": "dog"})]


def test_a_header_inside_a_text_is_no_header() -> None:
    text = '[[pet]]\nwhy = """\n[[pet]]\n"""\n\n[[pet]]\nwhy = "b"\n'
    assert [line for line, _ in tables_with_lines(text, "pet")] == [1, 6]


def test_an_absent_array_is_empty() -> None:
    assert tables_with_lines("", "pet") == []


@pytest.mark.parametrize("text", ["pet = 3\n", "[pet]\nname = 1\n", "pet = [1]\n", 'pet = [{name = "cat"}]\n'])
def test_other_shapes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="pet must be written"):
        tables_with_lines(text, "pet")


def test_what_is_no_toml_names_its_line() -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match="line 2"):
        tables_with_lines("[[pet]]\nname\n", "pet")
