"""Joining the spellings of the archives: a registered name is a person of its own; doubt joins nothing."""

from __future__ import annotations

import random
import unicodedata

from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.identity.grouping import Grouping, Known, group_mentions, index_by_key, lookup
from thywill_reconstruct.identity.model import Mention


def registered(name: str, *minutes: int, logged: int = 1) -> Mention:
    return Mention(name, minutes or (100,), logged, 1, 100, (f"users:{name}",))


def written(name: str, *, logged: int = 0, times: int = 1) -> Mention:
    return Mention(name, (), logged, times, 200, (f"file:{name}",))


def grouped(*mentions: Mention, roster: frozenset[str] = frozenset()) -> tuple[list[set[str]], Grouping]:
    """The groups as sets of spellings, and everything."""
    result = group_mentions(mentions, Known(roster))
    return [{m.name for m in group.mentions} for group in result.groups], result


def test_a_written_variant_joins_the_registered_name() -> None:
    groups, result = grouped(registered("Mary Johnson"), written("mary johnson "), written("Mary_Johnson"))
    assert groups == [{"Mary Johnson", "mary johnson ", "Mary_Johnson"}]
    assert result.groups[0].name == "Mary Johnson"
    assert dict(zip((m.name for m in result.groups[0].mentions), result.groups[0].joints, strict=True)) == {
        "Mary Johnson": Rung.RAW,
        "mary johnson ": Rung.FOLDED,
        "Mary_Johnson": Rung.JOINED,
    }


def test_accents_join_only_on_the_last_rung() -> None:
    groups, result = grouped(registered("José Díaz"), written("Jose Diaz"))
    assert groups == [{"José Díaz", "Jose Diaz"}]
    assert result.groups[0].joints == [Rung.RAW, Rung.PLAIN]


def test_two_registered_names_equal_but_for_case_are_two_people() -> None:
    groups, result = grouped(registered("Max", 100), registered("max", 300), written("MAX"))
    assert groups == [{"Max"}, {"max"}]
    assert [(m.name, names) for m, names in result.ambiguous] == [("MAX", ("Max", "max"))]


def test_one_name_in_two_normal_forms_is_one_person() -> None:
    decomposed = unicodedata.normalize("NFD", "José")
    groups, result = grouped(registered("José", 100), registered(decomposed, 100))
    assert groups == [{"José", decomposed}]
    assert result.groups[0].registered == (100, 100)
    assert result.groups[0].logged == 2


def test_but_two_registrations_are_two_people() -> None:
    decomposed = unicodedata.normalize("NFD", "José")
    assert grouped(registered("José", 100), registered(decomposed, 500))[0] == [{"José"}, {decomposed}]


def test_the_strictest_rung_that_meets_anybody_decides() -> None:
    groups, _ = grouped(registered("Mary Ann", 100), registered("Mary-Ann", 200), written("mary ann"))
    assert groups == [{"Mary Ann", "mary ann"}, {"Mary-Ann"}]


def test_short_names_are_not_joined_loosely() -> None:
    groups, _ = grouped(registered("J. D."), written("JD"))
    assert groups == [{"J. D."}, {"JD"}]


def test_look_alikes_of_another_script_stay_apart() -> None:
    groups, _ = grouped(
        registered("Anna"), written("Аnna"), written("王伟"), written("王薇"), written("🌹"), written("🌷")
    )
    assert groups[0] == {"Anna"}
    assert len(groups) == 6


def test_an_account_of_its_own_stays_its_own_however_much_it_resembles_another() -> None:
    own = written("mary", logged=3)
    groups, _ = grouped(registered("Mary"), own, roster=frozenset({"mary"}))
    assert groups == [{"Mary"}, {"mary"}]
    groups, _ = grouped(registered("Mary"), own)
    assert groups == [{"Mary", "mary"}]


def test_unregistered_variants_join_the_name_that_a_user_bears() -> None:
    groups, _ = grouped(written("mary lee"), written("MARY LEE"), written("Zoe Ba"), roster=frozenset({"Mary Lee"}))
    assert sorted(map(sorted, groups)) == [["MARY LEE", "mary lee"], ["Zoe Ba"]]
    groups, _ = grouped(written("Mary Lee"), written("mary lee"), roster=frozenset({"Mary Lee"}))
    assert groups == [{"Mary Lee", "mary lee"}]


def test_an_unregistered_variant_of_two_users_joins_neither() -> None:
    groups, result = grouped(
        written("Max Ra"), written("max ra"), written("MAX RA"), roster=frozenset({"Max Ra", "max ra"})
    )
    assert groups == [{"Max Ra"}, {"max ra"}]
    assert [(m.name, names) for m, names in result.ambiguous] == [("MAX RA", ("Max Ra", "max ra"))]


def test_placeholders_and_first_words_form_no_group() -> None:
    groups, result = grouped(registered("Mary Johnson"), written("Mary"), written("None"), written("DeletedUser7"))
    assert groups == [{"Mary Johnson"}]
    assert [m.name for m in result.placeholders] == ["DeletedUser7", "None"]
    assert [(m.name, longer) for m, longer in result.phantoms] == [("Mary", "Mary Johnson")]


def test_a_first_word_that_the_log_saw_acting_is_somebody() -> None:
    groups, result = grouped(registered("Mary Johnson"), written("Mary", logged=1))
    assert groups == [{"Mary Johnson"}, {"Mary"}]
    assert result.phantoms == ()


def test_the_order_of_mentions_decides_nothing() -> None:
    mentions = [
        registered("Max", 100), registered("max", 300), written("MAX"), written("Mary"), registered("Mary Johnson"),
        written("mary_johnson"), written("Zoe Ba"), written("zoe ba"), written("None"),
    ]  # fmt: skip
    expected = group_mentions(mentions, Known())
    for seed in range(8):
        random.Random(seed).shuffle(mentions)
        assert group_mentions(mentions, Known()) == expected


def test_looking_up_a_name_that_nobody_bears() -> None:
    assert lookup(index_by_key([("Mary", 0)]), "Peter") == (Rung.RAW, set())
    assert lookup(index_by_key([("🌹", 0)]), "🌷") == (Rung.RAW, set())
