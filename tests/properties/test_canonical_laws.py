"""Laws of the canonical forms, for any name at all."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.identity.canonical import Rung, folded, joined, key
from thywill_reconstruct.identity.grouping import index_by_key, lookup

LETTERS = st.characters(codec="utf-8")
NAMES = st.one_of(
    st.text(LETTERS, max_size=20),
    st.text(st.sampled_from("aAbBéÉß İiıſ1²٣ _-.\u0301\u200b\u00a0\u2028Аа王🌹"), max_size=12),
)


@given(NAMES, st.sampled_from([rung for rung in Rung if rung is not Rung.RAW]))
def test_taking_a_form_twice_gives_the_same(name: str, rung: Rung) -> None:
    assert key(key(name, rung), rung) == key(name, rung)


@given(NAMES, NAMES)
def test_each_rung_joins_whatever_the_rung_below_joins(one: str, other: str) -> None:
    for lower, higher in ((Rung.NFC, Rung.FOLDED), (Rung.FOLDED, Rung.JOINED), (Rung.JOINED, Rung.PLAIN)):
        if key(one, lower) == key(other, lower):
            assert key(one, higher) == key(other, higher)


@given(NAMES)
def test_case_space_and_normal_forms_make_no_difference(name: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert folded(f"  {unicodedata.normalize(form, name)}\t") == folded(name)
    assert folded(folded(name).upper()) == folded(folded(name).upper().casefold())


@given(NAMES)
def test_folded_names_hold_no_control_characters_and_no_space_at_the_ends(name: str) -> None:
    form = folded(name)
    assert form == form.strip()
    assert "  " not in form
    assert not {unicodedata.category(character) for character in form} & {"Cc", "Cf"}


@given(NAMES)
def test_digits_are_never_brought_together(name: str) -> None:
    """Where separators stand between two digits of the folded name, something stays between them."""
    assert joined(f"{name}1 - 0") != joined(f"{name}10")


@given(st.lists(NAMES, max_size=6), NAMES)
def test_an_empty_key_joins_nothing(names: list[str], name: str) -> None:
    rung, hits = lookup(index_by_key((n, i) for i, n in enumerate(names)), name)
    for number in hits:
        assert key(names[number], rung) == key(name, rung) != ""
