"""Asking the context who is who."""

from __future__ import annotations

from dataclasses import replace

from tests.factories import HOME, PEOPLE, archive, mark, minute, prayer, prayer_file, snapshot, user
from thywill_reconstruct.diff.analyse import prepare
from thywill_reconstruct.diff.context import UNRESOLVED, Context, by_prayer

TWIN = user("twin", "ANNA", "05 12:00")


def context() -> Context:
    """Anna with a twin, Bert, and Cleo whose row is gone and whose id rows still bear."""
    told = archive(prayer_file("rain", by="Cleo"))
    return prepare(told, snapshot([*PEOPLE[:2], TWIN], [prayer(author="old")]), HOME)[0]


def test_who_bears_a_name() -> None:
    ctx = context()
    assert ctx.who("Anna") == "anna"
    assert ctx.who("Cleo") == "old", "the user who is made anew"
    assert ctx.who("Zacharias") == UNRESOLVED + "Zacharias"


def test_a_late_bearer_of_a_name_is_certain_only_from_the_day_she_joined() -> None:
    ctx = replace(context(), late_names={"anna": minute("05 08:00")})
    assert ctx.who("Anna", minute("04 08:00")) == UNRESOLVED + "Anna"
    assert ctx.who("Anna", minute("05 08:00")) == "anna"
    assert ctx.who("Anna") == "anna"
    assert ctx.who("Bert", minute("04 08:00")) == "bert"


def test_the_person_behind_a_row() -> None:
    ctx = context()
    assert ctx.person_of("anna") == "anna"
    assert ctx.person_of("twin") == "anna"
    assert ctx.person_of("ghost") == ctx.person_of(None) == ""
    assert ctx.dangles("ghost")
    assert ctx.dangles(None)
    assert not ctx.dangles("twin")
    assert not ctx.dangles("old")


def test_how_a_user_is_called() -> None:
    ctx = context()
    assert [ctx.name(key) for key in ("anna", "twin", "old", UNRESOLVED + "Max")] == ["Anna", "ANNA", "Cleo", "'Max'"]
    assert [ctx.name(key) for key in (None, "", "None", "ghost")] == [
        "nobody",
        "nobody",
        "nobody",
        "unknown user ghost",
    ]
    assert ctx.place("mark", "m1") == "prayermark row m1"


def test_rows_by_prayer_keep_their_order() -> None:
    rows = [mark("m2", "a", "09:00"), mark("m1", "a", "08:00"), mark("m3", "a", "09:00", of="snow")]
    assert {key: [row.key for row in found] for key, found in by_prayer(rows).items()} == {
        "rain": ["m2", "m1"],
        "snow": ["m3"],
    }
