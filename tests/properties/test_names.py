"""Laws of deciding names, for any names at all."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.identity.bulk import resolve_names
from thywill_reconstruct.identity.canonical import folded, joined, ladder, plain
from thywill_reconstruct.identity.compare import compare
from thywill_reconstruct.identity.forms import _ordinary, _take_apart, form_of
from thywill_reconstruct.identity.score import keys_of

WORDS = st.sampled_from(
    [
        "Mary",
        "mary",
        "MARY",
        "Marty",
        "José",
        "Jose",
        "Johnson",
        "johnston",
        "J",
        "Ann",
        "Anne",
        "Lee",
        "Иван",
        "伏静",
        "★",
    ]
)
BUILT = st.builds(
    lambda words, separator, number: separator.join(words) + number,
    st.lists(WORDS, min_size=1, max_size=3),
    st.sampled_from([" ", "_", "-", ".", "", "  ", "\u00a0"]),
    st.sampled_from(["", "", "1", "10", " 2", "\u200b"]),
)
NAMES = st.one_of(
    BUILT, st.text(max_size=12), st.text(st.sampled_from("aAbéЕеoо0 _-1²ßİı\u0301\u200b\u3164\ufe0f"), max_size=9)
)


@given(NAMES, NAMES)
def test_scores_are_symmetric_and_within_bounds(one: str, other: str) -> None:
    there, back = compare(form_of(one), form_of(other)), compare(form_of(other), form_of(one))
    assert there[:3] == back[:3]
    assert (there.first_says_more, there.second_says_more) == (back.second_says_more, back.first_says_more)
    assert 0 <= there.score <= 100


@given(NAMES)
def test_the_ladder_is_what_its_rungs_are(name: str) -> None:
    assert ladder(name) == (folded(name), joined(name), plain(name))


@given(
    st.one_of(NAMES, st.from_regex(r"(Mc|[Jj]|Dr|[A-Z][a-z]+)[ ._-]?(II|[Jj]r|[A-Za-z][a-z]*)[0-9]*", fullmatch=True))
)
def test_ordinary_names_are_taken_apart_as_all_others(name: str) -> None:
    assert not name.isascii() or _ordinary(name) in (None, _take_apart(name))


@given(NAMES, NAMES)
def test_keys_that_are_equal_on_a_rung_are_equal_on_looser_ones(one: str, other: str) -> None:
    """What spares users a look at all rungs: who differs on the loosest one differs on all."""
    equal = [a == b for a, b in zip(keys_of(one), keys_of(other), strict=True)]
    assert equal == sorted(equal)


@given(st.lists(NAMES, max_size=5), st.lists(NAMES, max_size=6), st.randoms(use_true_random=False))
def test_order_makes_no_difference(names: list[str], display_names: list[str], chance: random.Random) -> None:
    users = [(str(number), name) for number, name in enumerate(display_names)]
    decided = {decision.name: decision for decision in resolve_names(names, users)}
    shuffled_names, shuffled_users = chance.sample(names, len(names)), chance.sample(users, len(users))
    assert {d.name: d for d in resolve_names(shuffled_names, shuffled_users)} == decided


@given(st.lists(NAMES, max_size=5), st.lists(NAMES, max_size=6))
def test_other_names_make_no_difference(names: list[str], display_names: list[str]) -> None:
    users = [(str(number), name) for number, name in enumerate(display_names)]
    assert resolve_names(names, users) == [resolve_names([name], users)[0] for name in names]


@given(st.lists(NAMES, max_size=4), st.lists(NAMES, max_size=6))
def test_nothing_but_a_shared_key_links(names: list[str], display_names: list[str]) -> None:
    users = [(str(number), name) for number, name in enumerate(display_names)]
    for decided in resolve_names(names, users):
        if decided.decision == "link":
            shared = [
                a for a, b in zip(keys_of(decided.name), keys_of(dict(users)[decided.user_id]), strict=True) if a == b
            ]
            assert any(shared)
            assert len([name for name in display_names if name == decided.name]) < 2


@given(st.lists(NAMES, min_size=1, max_size=6, unique=True))
def test_everybody_finds_oneself(display_names: list[str]) -> None:
    users = [(name or "nobody", name) for name in display_names]
    for decided in resolve_names(display_names, users):
        if folded(decided.name):
            assert (decided.decision, decided.user_id) == ("link", decided.name)
        else:
            assert decided.decision == "review"
