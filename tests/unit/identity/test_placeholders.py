"""Names that stand for nobody."""

from __future__ import annotations

import pytest

from thywill_reconstruct.identity.placeholders import is_placeholder, looks_like_key, phantoms

ID = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"


@pytest.mark.parametrize(
    "name",
    ["", "None", "none ", "NULL", "Unknown", "unknown  USER", "anonymous", "system", "Default User", "DeletedUser7",
     "deleted user 12", "DeletedUser", ID, ID.upper(), "0f3a9c1e-5b7d-4c22-88aa-10b2c3d4e5f6"],
)  # fmt: skip
def test_nobody(name: str) -> None:
    assert is_placeholder(name)


@pytest.mark.parametrize(
    "name", ["Max", "admin", "Nona", "Systema", "Unknown Soldier", "DeletedUser7b", ID[:31], "temp"]
)
def test_somebody(name: str) -> None:
    assert not is_placeholder(name)


def test_keys_in_token_lines() -> None:
    assert looks_like_key(ID)
    assert looks_like_key("admin")
    assert not looks_like_key("Admin")
    assert not looks_like_key("Mary")


def test_a_first_word_is_a_phantom_of_the_one_longer_name() -> None:
    assert phantoms(["Mary"], ["Mary", "Mary Johnson", "Peter"]) == {"Mary": "Mary Johnson"}


def test_it_is_none_if_several_names_begin_with_it_or_if_it_has_words_of_its_own() -> None:
    assert phantoms(["Mary"], ["Mary Johnson", "Mary Ann"]) == {}
    assert phantoms(["Mary Ann"], ["Mary Ann Lee"]) == {}
    assert phantoms(["Max"], ["Maximilian Kolb"]) == {}
