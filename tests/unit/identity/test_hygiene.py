"""What is odd about the names of a roster, and above all what is not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.identity.hygiene import Remark, audit


def remarks(*names: str, idle: bool = False) -> list[Remark]:
    users = [(name or "empty", name) for name in names]
    return audit(users, {key for key, _ in users} if idle else ())


def told(*names: str, idle: bool = False) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(remark.oddity, remark.user, remark.others) for remark in remarks(*names, idle=idle)]


@pytest.mark.parametrize(
    "names",
    [
        ("Mary Johnson", "Marty Johnson", "Mary Johnston"),
        ("张伟", "張偉"),
        ("Иван Петров", "Ivan Petrov"),
        ("山田\u3000太郎", "李 Mike"),
        ("\U0001f469\u200d\U0001f469\u200d\U0001f467", "❤\ufe0f Ann"),
        ("نرگس\u200cخانم", "क्\u200dष"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",),
        ("user10", "userl0", "user 1 0", "user100"),
        ("Mary★", "Mary", "★", "★★"),
        ("Carnel", "Camel"),
        ("Любов", "Любоь"),
        (),
    ],
)
def test_ordinary_names_of_any_language_are_passed_in_silence(names: tuple[str, ...]) -> None:
    assert told(*names) == []


@pytest.mark.parametrize(
    ("one", "other", "detail"),
    [
        ("Jos\u00e9", "Jose\u0301", "they differ in how accents are stored"),
        ("Mary Johnson", "mary johnson", "they differ in capitals, width, spaces or invisible characters"),
        ("Mary Johnson", "Mary_Johnson", "they differ in separators"),
        ("Jose", "José", "they differ in accents"),
    ],
)
def test_equal_names_say_in_what_they_differ(one: str, other: str, detail: str) -> None:
    (remark,) = remarks(one, other)
    first, second = sorted((one, other))
    assert remark == ("equal", second, (first,), detail)


def test_the_same_name_twice_differs_in_nothing() -> None:
    assert audit([("b", "Mary"), ("a", "Mary")]) == [Remark("equal", "b", ("a",), "they differ in nothing")]


@pytest.mark.parametrize(
    ("one", "other", "code_point"),
    [
        ("Mary Johnson", "M\u0430ry Johnson", "U+0430 CYRILLIC SMALL LETTER A"),
        ("Capa", "Сара", "U+0421 CYRILLIC CAPITAL LETTER ES"),
        ("Nikos", "Νikos", "U+039D GREEK CAPITAL LETTER NU"),
    ],
)
def test_names_that_look_like_others_are_spelled_out(one: str, other: str, code_point: str) -> None:
    (remark,) = remarks(one, other)
    assert (remark.oddity, remark.user, remark.others) == ("confusable", other, (one,))
    assert code_point in remark.detail


def test_a_digit_in_place_of_a_letter_is_confusable_and_a_number_is_not() -> None:
    assert told("walter", "wa1ter") == [("confusable", "walter", ("wa1ter",))]
    assert told("walter1", "walterl") == []


@pytest.mark.parametrize(
    ("name", "oddity", "detail"),
    [
        ("Iv\u0430n", "mixed scripts", "one word holds letters of Cyrillic and Latin"),
        ("Ma\u200bry", "undrawn", "U+200B ZERO WIDTH SPACE"),
        ("\u202eyraM", "undrawn", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("Soft\u00adly", "undrawn", "U+00AD SOFT HYPHEN"),
        ("Mary\tAnn", "undrawn", "U+0009 a control character"),
        ("Mary\u2028Ann", "undrawn", "U+2028 LINE SEPARATOR"),
        (" Mary", "spaces", "at an end"),
        ("Mary  Ann", "spaces", "several in a row"),
        ("Mary\u00a0Ann", "spaces", "U+00A0 NO-BREAK SPACE"),
        ("Unknown User", "nobody", "it stands for nobody"),
        ("0f3a9c1e5b7d4c2288aa10b2c3d4e5f6", "nobody", "it stands for nobody"),
        ("", "nobody", "it is empty"),
        ("\u200b", "nobody", "it is empty"),
    ],
)
def test_a_name_may_be_odd_by_itself(name: str, oddity: str, detail: str) -> None:
    assert remarks(name) == [Remark(oddity, name or "empty", (), detail)]  # type: ignore[arg-type]


def test_the_first_word_of_longer_names_is_odd_only_if_nothing_else_is_known() -> None:
    assert told("Mary", "Mary Johnson", "Mary Miller") == []
    assert told("Mary", "Mary Johnson", "Mary Miller", idle=True) == [
        ("first word", "Mary", ("Mary Johnson", "Mary Miller"))
    ]


@pytest.mark.parametrize("names", [("Mary", "mary"), ("Mary", "M\u0430ry"), ("Mary", "Mary Johnson")])
def test_what_is_settled_is_not_asked_again(names: tuple[str, str]) -> None:
    users = [(name, name) for name in names]
    pair = set(names)
    kinds = {r.oddity for r in audit(users, names)} & {"equal", "confusable", "first word"}
    settled = {r.oddity for r in audit(users, names, lambda one, other: {one, other} == pair)}
    assert kinds
    assert not kinds & settled


def test_of_three_equal_names_an_open_pair_remains() -> None:
    users = [("a", "Mary Ann"), ("b", "Mary_Ann"), ("c", "mary ann")]
    found = audit(users, settled=lambda one, other: {one, other} == {"a", "c"})
    assert [(r.user, r.others) for r in found] == [("b", ("a",)), ("c", ("b",))]


@given(st.lists(st.text(st.sampled_from("aA1lо0О _\u200b\u0301é"), max_size=4), max_size=8), st.randoms())
def test_the_order_of_users_makes_no_difference(names: list[str], chance: random.Random) -> None:
    users = [(str(number), name) for number, name in enumerate(names)]
    keys = {key for key, _ in users}
    assert audit(chance.sample(users, len(users)), keys) == audit(users, keys)


def test_a_crowd_of_equal_names_takes_no_look_at_every_pair() -> None:
    looks = 0

    def settled(one: str, other: str) -> bool:
        nonlocal looks
        looks += 1
        return False

    found = audit([(str(number), "member") for number in range(2_000)], settled=settled)
    assert (len(found), looks) == (1_999, 1_999)
