"""Texts that are the same, and texts that an importer cut down."""

from __future__ import annotations

import pytest

from thywill_reconstruct.diff.texts import comparable, importer_leftovers, is_leftover, same_text

WHOLE = "Dear friends,\n\n  please pray for my mother.\nHer name: Ruth\nThank you all."


@pytest.mark.parametrize(
    "other",
    [
        WHOLE.replace("\n", "\r\n"),
        WHOLE.replace("\n", "\r"),
        WHOLE + "\n\n",
        "\n" + WHOLE,
        WHOLE.replace(",\n", ", \t\n"),
    ],
)
def test_line_ends_and_surrounding_space_make_no_difference(other: str) -> None:
    assert same_text(WHOLE, other)


@pytest.mark.parametrize("other", [WHOLE.replace("mother", "Mother"), WHOLE.replace("\n\n", "\n"), "", None])
def test_everything_else_does(other: str | None) -> None:
    assert not same_text(WHOLE, other)


def test_no_text_and_empty_text_are_the_same() -> None:
    assert same_text(None, "")
    assert comparable(None) == ""


@pytest.mark.parametrize(
    "left",
    [
        "Thank you all.",
        "Dear friends,\nplease pray for my mother.\nThank you all.",
        "Dear friends, please pray for my mother. Thank you all.",
    ],
)
def test_what_an_importer_leaves_is_recognised(left: str) -> None:
    assert is_leftover(left, WHOLE)


@pytest.mark.parametrize(
    "left",
    [
        "Dear friends,",  # the first line: no importer keeps that
        "Thank you",  # half a line
        "Thank you all!",  # edited
        WHOLE,  # nothing is lost
        WHOLE + " Amen.",  # more than the archive has
        "",
        None,
    ],
)
def test_anything_else_is_not(left: str | None) -> None:
    assert not is_leftover(left, WHOLE)


def test_of_a_last_line_with_a_colon_either_version_may_be_left() -> None:
    assert importer_leftovers("Please pray.\nHer name: Ruth") == {"Please pray.", "Her name: Ruth"}
