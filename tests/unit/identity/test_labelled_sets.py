"""What holds on made-up names of many languages: nobody is linked to a stranger, and every spelling variant is found."""

from __future__ import annotations

import pytest

from scripts.labelled.make import make_set
from scripts.labelled.score import score


@pytest.mark.parametrize("name", ["diacritics", "scripts", "logins"])
def test_a_labelled_set(name: str) -> None:
    found, _, _ = score(make_set(name))
    assert (found.wrong, found.missed) == (0, 0)
    assert found.first_three >= 99.2
    assert found.made_again <= 1.5
    assert found.strangers_new >= 55


def test_a_set_is_always_the_same() -> None:
    assert make_set("diacritics") == make_set("diacritics")
