"""The application's equality of names."""

import doctest

import pytest

from thywill_reconstruct.identity import app_names
from thywill_reconstruct.identity.app_names import application_name


def test_the_examples_of_the_docstring_hold() -> None:
    assert doctest.testmod(app_names).failed == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mary", "MARY"),
        ("Mary", "  Mary "),
        ("Mary Johnson", "Mary   Johnson"),
        ("Tabhere", "Tab\there"),
        ("Mary\u200b", "mary"),
        ("MaryJohnson", "Mary\u00a0Johnson"),
        ("Mary Johnson", "Mary \u200b Johnson"),
    ],
)
def test_names_that_the_application_merges_are_equal(one: str, other: str) -> None:
    assert application_name(one) == application_name(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("José", "Jose"), ("José", "Jose\u0301"), ("Ｍary", "Mary"), ("ilya-g", "ilya g"), ("Stra\u00dfe", "Strasse")],
)
def test_names_that_only_we_find_alike_stay_two_users_to_the_application(one: str, other: str) -> None:
    assert application_name(one) != application_name(other)


def test_what_is_no_name_to_the_application_has_no_form() -> None:
    assert [application_name(name) for name in ("", "  ", "\t\u200b", "x" * 101)] == [""] * 4
    assert application_name("x" * 100) == "x" * 100
