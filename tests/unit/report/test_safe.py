"""Foreign text is made harmless in one place; secrets are masked in one place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.report.safe import LONGEST, brief, mask, safe, shown_key, shown_value


@given(st.text())
def test_nothing_that_acts_survives(text: str) -> None:
    shown = safe(text)
    assert {unicodedata.category(c) for c in shown}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    assert safe(shown) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_stays(text: str) -> None:
    assert safe(text) == text


def test_long_text_is_shortened_in_the_middle() -> None:
    shown = brief("a" * 5_000 + "z" * 5_000)
    assert shown.startswith("aaa")
    assert shown.endswith("zzz")
    assert "9,600 characters left out" in shown
    assert brief("a" * LONGEST) == "a" * LONGEST


def test_masks() -> None:
    assert mask("b2942dd4bdaf6e4d") == "b294…"
    assert mask("short") == "…"
    assert shown_key("invitetoken", "b2942dd4bdaf6e4d") == "b294…"
    assert shown_key("prayer", "b2942dd4bdaf6e4d") == "b2942dd4bdaf6e4d"


@pytest.mark.parametrize("column", ["text", "generated_prayer"])
def test_prayers_are_shown_only_when_asked_for(column: str) -> None:
    assert shown_value("prayer", column, "Lord, hear us") == "(13 characters)"
    assert shown_value("prayer", column, "Lord, hear us", show_text=True) == "Lord, hear us"


@pytest.mark.parametrize("column", ["attribute_value", "old_value", "new_value"])
def test_testimonies_are_never_shown(column: str) -> None:
    assert shown_value("prayer_attributes", column, "She is well", show_text=True) == "(11 characters)"


def test_other_values() -> None:
    assert shown_value("user", "invite_token_used", "b2942dd4bdaf6e4d", show_text=True) == "b294…"
    assert shown_value("user", "display_name", "Max") == "Max"
    assert shown_value("prayer", "flagged", 0) == 0
    assert shown_value("prayer", "text", None) is None
    assert shown_value("prayer", "text", b"\xff\xfe") == "(2 bytes)"
