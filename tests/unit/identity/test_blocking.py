"""Which users are compared with a name at all."""

from __future__ import annotations

import pytest

from thywill_reconstruct.identity.blocking import Blocks
from thywill_reconstruct.identity.forms import form_of

CROWD = ["Oscar Brown", "lindagreen", "Peter_White", "Ruth Black", "戎宇", "★"]


def proposed(name: str, user: str) -> tuple[bool, bool]:
    """Whether a user is proposed as another form of a name, and for a comparison of spellings."""
    blocks = Blocks([form_of(other) for other in [*CROWD, user]])
    forms, spellings = blocks.propose([form_of(name)])
    wanted = form_of(user).letters
    return tuple(wanted in {blocks.letters[group] for group in groups[0]} for groups in (forms, spellings))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("Mary", "Mary Johnson"),
        ("Johnson", "maryjohnson"),
        ("mjohnson", "maryjohnson"),
        ("M. Johnson", "Mary Johnson"),
        ("Mary Johnson", "mjohnson"),
        ("Mary Johnson", "Mary"),
        ("Johnson Mary", "maryjohnson"),
        ("maryjohnson", "Johnson, Mary"),
        ("Peggy Johnson", "margaretjohnson"),
        ("peggyjohnson", "margaretjohnson"),
        ("Guelten", "Gülten"),
        ("Ivan Petrov", "Иван Петров"),
        ("Xandra Johnson", "Alexandra Johnson"),
        ("J. R. Miller", "John Miller"),
    ],
)
def test_other_forms_are_proposed(name: str, user: str) -> None:
    assert proposed(name, user)[0]


def test_every_two_slips_are_proposed() -> None:
    """Any two of: a letter lost, doubled, replaced, or swapped with the next, wherever they are."""
    user = "maryjohnson"

    def slips(text: str) -> set[str]:
        ways = set()
        for i in range(len(text)):
            ways |= {text[:i] + text[i + 1 :], text[:i] + "x" + text[i + 1 :], text[:i] + "x" + text[i:]}
            ways.add(text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :])
        return ways

    twice = sorted({second for first in slips(user) for second in slips(first)} - {user})
    blocks = Blocks([form_of(other) for other in [*CROWD, user]])
    _, spellings = blocks.propose([form_of(name) for name in twice])
    wanted = blocks.letters.index(user)
    assert len(twice) > 500
    assert [name for name, groups in zip(twice, spellings, strict=True) if wanted not in groups] == []


def test_strangers_are_not_proposed() -> None:
    assert proposed("Simon Quist", "Mary Johnson") == (False, False)
    assert proposed("★★", "Mary Johnson") == (False, False)


def test_a_large_group_gives_those_whose_numbers_fit() -> None:
    users = [form_of(f"member{number}") for number in range(500)]
    blocks = Blocks([*users, form_of("member")])
    group = blocks.letters.index("member")
    assert {499, 500} <= set(blocks.members(group, ("499",)))
    assert len(blocks.members(group, ("499",))) < 50
