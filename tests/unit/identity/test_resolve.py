"""Who is who. Every test says who gets which key, and who gets none."""

from __future__ import annotations

import random

import pytest

from thywill_reconstruct.identity.evidence import deterministic_key
from thywill_reconstruct.identity.histories import Histories
from thywill_reconstruct.identity.model import Mention, Person, Relations, Resolution, RosterEntry
from thywill_reconstruct.identity.namesakes import NEVER
from thywill_reconstruct.identity.resolve import resolve
from thywill_reconstruct.times import show

JUNE, JULY = 10_000, 50_000


def registered(name: str, *minutes: int, logged: int = 3) -> Mention:
    return Mention(name, minutes or (JUNE,), logged, 3, min(minutes or (JUNE,)), (f"users:{name}",))


def acting(name: str, first: int | None = JULY, logged: int = 3) -> Mention:
    """A name that never registered."""
    return Mention(name, (), logged, 3, first, (f"log:{name}",))


def row(key: str, name: str, created: int | None = JUNE) -> RosterEntry:
    return RosterEntry(key, name, created)


def relations(
    living: dict[str, dict[str, int]] | None = None,
    vanished: dict[str, dict[str, int]] | None = None,
    references: dict[str, int] | None = None,
) -> Relations:
    return Relations(living or {}, vanished or {}, references or {})


def person(resolution: Resolution, name: str) -> Person:
    found = resolution.person(name)
    assert found is not None
    return found


def verdicts(resolution: Resolution) -> dict[str, str]:
    return {p.name: f"{p.verdict} {p.key}".strip() for p in resolution.persons}


# --- the user bears the name --------------------------------------------------------------------------------------


def test_a_user_of_exactly_this_name_is_the_person_whenever_the_row_was_made() -> None:
    resolution = resolve([registered("Anna")], [row("a", "Anna", JULY)], Relations())
    assert verdicts(resolution) == {"Anna": "match a"}
    assert resolution.key_of == {"Anna": "a"}


def test_a_variant_of_the_name_is_the_person_if_no_other_user_could_be() -> None:
    resolution = resolve([registered("Mary Johnson")], [row("m", " mary  johnson", JULY)], Relations())
    assert verdicts(resolution) == {"Mary Johnson": "match m"}
    assert resolution.twin_of == {}


def test_of_several_variants_the_one_of_the_registration_minute_is_the_person_and_the_rest_are_twins() -> None:
    roster = [row("m1", "mary", JUNE + 1), row("m2", "MARY", JULY), row("b", "Bert", JULY + 9)]
    resolution = resolve([registered("Mary"), registered("Bert", JULY + 9)], roster, Relations())
    assert verdicts(resolution) == {"Mary": "match m1", "Bert": "match b"}
    assert resolution.twin_of == {"m2": "m1"}


def test_of_several_variants_none_is_taken_if_none_joined_then() -> None:
    roster = [row("m1", "mary", JULY), row("m2", "MARY", JULY + 500)]
    resolution = resolve([registered("Mary")], roster, Relations())
    assert verdicts(resolution) == {"Mary": "ambiguous"}
    assert set(person(resolution, "Mary").candidates) == {"m1", "m2"}
    assert resolution.key_of == {}
    assert resolution.twin_of == {}


def test_of_two_users_of_exactly_one_name_the_registration_minute_decides() -> None:
    roster = [row("a1", "Anna", JULY), row("a2", "Anna", JUNE)]
    resolution = resolve([registered("Anna")], roster, Relations())
    assert verdicts(resolution) == {"Anna": "match a2"}
    assert resolution.twin_of == {"a1": "a2"}


def test_two_users_of_exactly_one_name_and_nothing_to_tell_them_apart_stay_open() -> None:
    roster = [row("a1", "Anna", JULY), row("a2", "Anna", JULY)]
    resolution = resolve([registered("Anna")], roster, Relations())
    assert verdicts(resolution) == {"Anna": "ambiguous"}
    assert person(resolution, "Anna").candidates == ("a1", "a2")


def test_names_that_differ_only_in_case_are_two_people_where_both_registered() -> None:
    mentions = [registered("Max", JUNE), registered("max", JULY)]
    resolution = resolve(mentions, [row("1", "Max", JUNE), row("2", "max", JULY)], Relations())
    assert verdicts(resolution) == {"Max": "match 1", "max": "match 2"}
    assert resolution.twin_of == {}


def test_a_third_spelling_of_two_registered_names_stays_open() -> None:
    mentions = [registered("Max", JUNE), registered("max", JULY), acting("MAX")]
    resolution = resolve(mentions, [row("1", "Max", JUNE), row("2", "max", JULY)], Relations())
    assert verdicts(resolution)["MAX"] == "ambiguous"
    assert "MAX" not in resolution.key_of


# --- renames ------------------------------------------------------------------------------------------------------


def test_a_renamed_user_is_recognised_by_records_and_registration_minute() -> None:
    resolution = resolve([registered("Anna")], [row("a", "Petra", JUNE)], relations({"Anna": {"a": 4, "b": 1}}))
    assert verdicts(resolution) == {"Anna": "renamed a"}
    assert resolution.key_of == {"Anna": "a"}


@pytest.mark.parametrize(
    ("created", "records"),
    [
        (JULY, {"a": 9}),  # not of that minute
        (JULY, {"a": 3, "b": 1}),
    ],
)
def test_records_alone_only_make_a_possible_match(created: int, records: dict[str, int]) -> None:
    resolution = resolve(
        [registered("Anna")], [row("a", "Petra", created), row("b", "Bert", 1)], relations({"Anna": records})
    )
    assert verdicts(resolution) == {"Anna": "possible"}
    assert person(resolution, "Anna").candidates == ("a",)
    assert resolution.key_of == {}


@pytest.mark.parametrize("records", [{}, {"a": 1}, {"a": 2, "b": 2}])
def test_the_registration_minute_alone_only_makes_a_possible_match(records: dict[str, int]) -> None:
    resolution = resolve(
        [registered("Anna")], [row("a", "Petra", JUNE), row("b", "Bert", 1)], relations({"Anna": records})
    )
    assert verdicts(resolution) == {"Anna": "possible"}
    assert resolution.key_of == {}


def test_a_user_who_acts_under_her_own_name_is_nobody_elses_rename() -> None:
    """Anna's records were booked on Petra, who joined in the same minute: damage, not a rename."""
    mentions = [registered("Anna"), registered("Petra")]
    resolution = resolve(mentions, [row("p", "Petra", JUNE)], relations({"Anna": {"p": 9}, "Petra": {"p": 9}}))
    assert verdicts(resolution) == {"Anna": f"missing {deterministic_key('Anna', JUNE)}", "Petra": "match p"}


def test_a_vacated_name_that_another_took_later_stays_with_its_first_bearer() -> None:
    """max was renamed to Gerda; a later row bears the name max. The archives' max is Gerda."""
    roster = [row("g", "Gerda", JUNE), row("m", "max", JULY)]
    resolution = resolve([registered("max")], roster, relations({"max": {"g": 8, "m": 2}}))
    assert verdicts(resolution) == {"max": "renamed g"}
    assert resolution.twin_of == {}


def test_a_vacated_name_stays_open_if_the_records_are_divided() -> None:
    roster = [row("g", "Gerda", JUNE), row("m", "max", JULY)]
    resolution = resolve([registered("max")], roster, relations({"max": {"g": 5, "m": 5}}))
    assert verdicts(resolution) == {"max": "ambiguous"}
    assert person(resolution, "max").candidates == ("g", "m")
    assert resolution.key_of == {}


@pytest.mark.parametrize(
    ("gerda", "max_joined", "records"),
    [
        (JUNE, JUNE, {"g": 9}),  # the row is of the registration minute itself
        (JUNE, None, {"g": 9}),  # nobody knows when it was made
        (JULY, 60_000, {"g": 9}),  # Gerda did not join then
        (JUNE, JULY, {"g": 1}),  # a stray
    ],
)
def test_otherwise_the_name_decides(gerda: int, max_joined: int | None, records: dict[str, int]) -> None:
    roster = [row("g", "Gerda", gerda), row("m", "max", max_joined)]
    assert verdicts(resolve([registered("max")], roster, relations({"max": records}))) == {"max": "match m"}


def test_a_name_registered_twice_belongs_to_its_late_bearer_only_from_then_on() -> None:
    resolution = resolve([registered("Anna", JUNE, JULY)], [row("a", "Anna", JULY)], Relations())
    anna = person(resolution, "Anna")
    assert (anna.verdict, anna.key, anna.valid_from) == ("match", "a", JULY - 1)
    first = resolve([registered("Anna", JUNE, JULY)], [row("a", "Anna", JUNE)], Relations())
    assert person(first, "Anna").valid_from is None


# --- missing users ------------------------------------------------------------------------------------------------


def test_a_missing_user_gets_back_the_id_that_rows_still_refer_to() -> None:
    told = relations(vanished={"old": {"Anna": 1}}, references={"old": 7})
    resolution = resolve([registered("Anna")], [], told)
    assert verdicts(resolution) == {"Anna": "missing old"}


def test_of_several_vanished_ids_the_one_with_most_references_is_the_old_one_and_the_rest_are_former() -> None:
    told = relations(
        vanished={"x": {"Anna": 1}, "old": {"Anna": 4}, "other": {"Anna": 2}},
        references={"x": 1, "old": 9, "other": 2},
    )
    resolution = resolve([registered("Anna")], [], told)
    assert verdicts(resolution) == {"Anna": "missing old"}
    assert resolution.former == {"other": "old"}, "one record is too little to speak for rows nobody explains"


def test_a_tie_of_vanished_ids_is_no_evidence() -> None:
    told = relations(vanished={"x": {"Anna": 1}, "y": {"Anna": 1}}, references={"x": 2, "y": 2})
    resolution = resolve([registered("Anna")], [], told)
    assert verdicts(resolution) == {"Anna": f"missing {deterministic_key('Anna', JUNE)}"}


def test_an_id_behind_which_the_archives_see_two_people_was_nobodys() -> None:
    told = relations(vanished={"x": {"Anna": 5, "Bert": 1}}, references={"x": 6})
    mentions = [registered("Anna"), registered("Bert")]
    resolution = resolve(mentions, [row("b", "Bert")], told)
    assert verdicts(resolution)["Anna"] == f"missing {deterministic_key('Anna', JUNE)}"
    assert resolution.former == {}


def test_spellings_of_one_person_speak_together_for_a_vanished_id() -> None:
    told = relations(vanished={"x": {"Anna Lee": 1, "anna lee": 1}}, references={"x": 2})
    resolution = resolve([registered("Anna Lee"), acting("anna lee")], [], told)
    assert resolution.key_of == {"Anna Lee": "x", "anna lee": "x"}


def test_a_living_user_keeps_a_former_id_only_on_two_records() -> None:
    told = relations(vanished={"x": {"Anna": 2}, "y": {"Anna": 1}}, references={"x": 2, "y": 1})
    resolution = resolve([registered("Anna")], [row("a", "Anna")], told)
    assert resolution.former == {"x": "a"}


def test_where_names_are_keys_a_missing_user_is_keyed_by_name() -> None:
    left_over = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"
    resolution = resolve([registered("Anna")], [], relations(vanished={left_over: {"Anna": 3}}), names_are_keys=True)
    assert verdicts(resolution) == {"Anna": "missing Anna"}


def test_where_names_are_keys_a_missing_user_who_had_been_renamed_keeps_the_name_that_rows_refer_to() -> None:
    told = relations(vanished={"Nora": {"Anna": 3}}, references={"Nora": 5})
    resolution = resolve([registered("Anna")], [], told, names_are_keys=True)
    assert verdicts(resolution) == {"Nora": "missing Nora"}
    assert resolution.key_of == {"Anna": "Nora"}
    assert (
        "all 5 rows refer to her as 'Nora': she was renamed before her row was lost"
        in person(resolution, "Anna").notes
    )


@pytest.mark.parametrize(
    ("vanished", "references"),
    [
        ({"Nora": {"Anna": 1}}, {"Nora": 1}),  # one row is a stray
        ({"Nora": {"Anna": 3, "Bert": 1}}, {"Nora": 4}),  # it is somebody else's, too
        ({"Nora": {"Anna": 3}}, {"Nora": 3, "Anna": 1}),  # both names are in use
        ({"Nora": {"Anna": 2}, "Nina": {"Anna": 2}}, {"Nora": 2, "Nina": 2}),  # which of the two?
        ({"anna": {"Anna": 3}}, {"anna": 3}),  # another spelling, no other name
        ({"Bert": {"Anna": 3}}, {"Bert": 3}),  # another person's name
        ({"BERT": {"Anna": 3}}, {"BERT": 3}),
        ({"Unknown User": {"Anna": 3}}, {"Unknown User": 3}),
    ],
)
def test_where_names_are_keys_no_other_name_is_a_missing_users(
    vanished: dict[str, dict[str, int]], references: dict[str, int]
) -> None:
    told = relations(vanished=vanished, references=references)
    resolution = resolve([registered("Anna"), registered("Bert")], [], told, names_are_keys=True)
    assert verdicts(resolution) == {"Anna": "missing Anna", "Bert": "missing Bert"}


def test_the_deterministic_id_depends_on_name_and_first_sighting_alone() -> None:
    assert deterministic_key("Anna", JUNE) == deterministic_key(" anna", JUNE)
    assert deterministic_key("Anna", JUNE) != deterministic_key("Anna", JULY)
    assert deterministic_key("Anna", JUNE) != deterministic_key("Bert", JUNE)
    assert len(deterministic_key("Anna", None)) == 32


def test_who_only_the_log_saw_acting_is_missing_too() -> None:
    resolution = resolve([acting("Anna")], [], Relations())
    assert verdicts(resolution) == {"Anna": f"missing {deterministic_key('Anna', JULY)}"}
    assert person(resolution, "Anna").registered is None


def test_a_name_that_only_prayer_files_write_proves_nobody() -> None:
    resolution = resolve([acting("Ghostwriter", logged=0)], [], Relations())
    assert verdicts(resolution) == {"Ghostwriter": "unproven"}


def test_an_unregistered_name_that_resembles_another_may_be_a_slip() -> None:
    resolution = resolve([registered("Jonathan"), acting("Johnathan")], [row("j", "Jonathan")], Relations())
    assert verdicts(resolution) == {"Jonathan": "match j", "Johnathan": "possible"}
    assert person(resolution, "Johnathan").candidates == ("Jonathan",)


def test_a_user_of_the_same_minute_under_an_unknown_name_makes_a_missing_user_doubtful() -> None:
    roster = [row("p", "Petra", JUNE)]
    assert verdicts(resolve([registered("Anna")], roster, Relations())) == {"Anna": "possible"}
    told = relations(vanished={"old": {"Anna": 2}}, references={"old": 2})
    assert verdicts(resolve([registered("Anna")], roster, told)) == {"Anna": "missing old"}


def test_ids_of_single_rows_do_not_prove_that_a_user_of_the_same_minute_is_somebody_else() -> None:
    """Petra was Anna, and damage left one of her rows with an id that nobody ever had."""
    roster = [row("p", "Petra", JUNE)]
    single = {"g1": {"Anna": 1}, "g2": {"Anna": 1}}
    for records in ({}, {"Anna": {"p": 1}}):
        told = relations(records, single, {"g1": 1, "g2": 1})
        assert verdicts(resolve([registered("Anna")], roster, told)) == {"Anna": "possible"}
    divided = relations({"Anna": {"p": 3, "x": 3}}, {"g": {"Anna": 2}}, {"g": 2})
    roster = [*roster, row("x", "Xaver", JULY)]
    assert verdicts(resolve([registered("Anna")], roster, divided)) == {"Anna": "possible"}


# --- twins --------------------------------------------------------------------------------------------------------


def test_a_row_under_a_variant_made_while_archives_ran_is_a_twin() -> None:
    roster = [row("a", "Anna"), row("t", "ANNA ", JULY)]
    resolution = resolve([registered("Anna"), registered("Bert", JULY + 30)], roster, Relations())
    assert resolution.twin_of == {"t": "a"}
    assert person(resolution, "Anna").twins == ("t",)


def test_a_twin_made_a_minute_before_somebody_registered_makes_nobody_doubtful() -> None:
    roster = [row("a", "Anna"), row("t", "ANNA ")]
    resolution = resolve([registered("Anna"), registered("Cleo", JUNE + 1)], roster, Relations())
    assert resolution.twin_of == {"t": "a"}
    assert person(resolution, "Cleo").verdict == "missing"


def test_a_row_of_the_minute_in_which_somebody_without_a_user_registered_may_be_hers() -> None:
    roster = [row("a", "Anna"), row("t", "ANNA ", JULY)]
    mentions = [registered("Anna"), registered("Bert", JULY)]
    resolution = resolve(mentions, roster, Relations())
    assert resolution.twin_of == {}
    assert person(resolution, "Bert").verdict == "possible"
    proven = relations(living={"Anna": {"t": 2}})
    assert resolve(mentions, roster, proven).twin_of == {"t": "a"}


def test_a_row_of_a_month_without_registrations_may_be_somebody_whose_line_is_lost() -> None:
    roster = [row("a", "Anna"), row("t", "ANNA ", JULY)]
    assert resolve([registered("Anna")], roster, Relations()).twin_of == {}
    logged = frozenset({show(JULY)[:7]})
    assert resolve([registered("Anna")], roster, Relations(), log_months=logged).twin_of == {"t": "a"}


def test_a_spelling_that_acts_where_there_is_no_log_is_an_account_of_its_own() -> None:
    roster = [row("a", "José"), row("b", "Jose", JULY)]
    jose = Mention("Jose", (), 0, 4, JULY, ("p:9",), unlogged=4)
    resolution = resolve([registered("José"), registered("Bert", JULY), jose], roster, Relations())
    assert resolution.key_of["José"] == "a"
    assert resolution.key_of["Jose"] == "b"
    assert resolution.twin_of == {}


def test_swapped_names_follow_the_registration_minute_and_the_records() -> None:
    mentions = [registered("Anna", JUNE), registered("Bert", JULY)]
    roster = [row("a", "Bert", JUNE), row("b", "Anna", JULY)]
    records = relations({"Anna": {"a": 5}, "Bert": {"b": 5}})
    assert resolve(mentions, roster, records).key_of == {"Anna": "a", "Bert": "b"}


def test_a_name_taken_over_from_a_vanished_user_gets_nothing_of_hers() -> None:
    mentions = [registered("Anna", JUNE), registered("Bert", JULY)]
    resolution = resolve(mentions, [row("a", "Bert", JUNE)], relations({"Anna": {"a": 5}}))
    assert resolution.key_of == {"Anna": "a"}
    assert verdicts(resolution)["Bert"] == "ambiguous"


def test_a_contested_name_without_records_stays_open() -> None:
    mentions = [registered("Anna", JUNE), registered("Bert", JULY)]
    assert resolve(mentions, [row("a", "Bert", JUNE)], Relations()).key_of == {}


def test_a_name_whose_user_holds_anothers_records_is_not_that_users() -> None:
    mentions = [registered("Anna", JUNE), registered("Bert", JUNE)]
    roster = [row("a", "Bert", JULY), row("b", "Berta", JULY)]  # Anna took the name that Bert gave up
    resolution = resolve(mentions, roster, relations({"Anna": {"a": 9}, "Bert": {"b": 9}}))
    assert verdicts(resolution) == {"Anna": "possible", "Bert": "possible"}
    assert person(resolution, "Anna").candidates == ("a",)


def test_names_exchanged_where_no_registration_is_left_stay_open() -> None:
    mentions = [acting("Anna", logged=0), acting("Bert", logged=0)]
    roster = [row("a", "Bert"), row("b", "Anna")]
    resolution = resolve(mentions, roster, relations({"Anna": {"a": 5}, "Bert": {"b": 5}}))
    assert verdicts(resolution) == {"Anna": "possible", "Bert": "possible"}


def test_a_few_strays_on_a_user_do_not_make_her_name_doubtful() -> None:
    mentions = [registered("Anna", JUNE), registered("Bert", JUNE + 9)]
    roster = [row("a", "Anna", JULY), row("b", "Bert", JULY)]
    assert resolve(mentions, roster, relations({"Bert": {"b": 7, "a": 3}})).key_of == {"Anna": "a", "Bert": "b"}


def test_a_user_who_joined_in_anothers_minute_keeps_a_name_whose_records_are_mostly_hers() -> None:
    mentions = [registered("Anna", JUNE), registered("Bert", JULY)]
    records = relations({"Bert": {"b": 7}, "Anna": {"b": 1}})
    assert resolve(mentions, [row("b", "Bert", JUNE)], records).key_of["Bert"] == "b"


def test_one_stray_of_a_vanished_id_does_not_make_a_renamed_user_a_missing_one() -> None:
    records = relations({"Anna": {"p": 26}}, vanished={"old": {"Anna": 1}}, references={"old": 1})
    resolution = resolve([registered("Anna")], [row("p", "Petra", JULY)], records)
    assert verdicts(resolution) == {"Anna": "possible"}


@pytest.mark.parametrize("made_by", [{"registered": True}, {"invited": True}])
def test_a_user_who_registered_much_later_gets_nothing_from_before_their_time(made_by: dict[str, bool]) -> None:
    late = RosterEntry("d", "Dora", JULY, **made_by)
    resolution = resolve([registered("Dora")], [late], Relations())
    assert person(resolution, "Dora").valid_from == JULY - 1
    assert [p.verdict for p in resolution.persons] == ["match", "shared"]


def test_a_user_whom_a_repair_tool_made_much_later_is_the_registered_person() -> None:
    resolution = resolve([registered("Dora")], [row("d", "Dora", JULY)], Relations())
    assert person(resolution, "Dora").valid_from is None


def test_a_row_with_an_inviter_is_no_later_registration_where_the_archives_know_of_none() -> None:
    late = RosterEntry("d", "Dora", JULY, invited=True)
    resolution = resolve([registered("Dora")], [late], Relations(), log_months=frozenset({show(JULY)[:7]}))
    assert person(resolution, "Dora").valid_from is None


def test_a_recreated_user_to_whom_older_rows_refer_is_the_same_person() -> None:
    resolution = resolve([registered("Dora")], [row("d", "Dora", JULY)], Relations(older=frozenset({"d"})))
    assert person(resolution, "Dora").valid_from is None


def test_nothing_that_vanished_is_ascribed_to_a_later_bearer_of_the_name() -> None:
    mentions = [registered("Dora", JUNE, JULY)]
    records = relations(vanished={"old": {"Dora": 7}})
    assert resolve(mentions, [row("d", "Dora", JULY)], records).former == {}


@pytest.mark.parametrize("created", [JUNE - 5_000, None])
def test_a_row_from_before_the_archives_is_a_twin_only_if_all_its_records_are_hers(created: int | None) -> None:
    roster = [row("a", "Anna"), row("t", "anna", created)]
    mentions = [registered("Anna"), registered("Bert", JULY)]
    assert resolve(mentions, roster, Relations()).twin_of == {}
    assert resolve(mentions, roster, relations({"Anna": {"t": 1}})).twin_of == {}
    assert resolve(mentions, roster, relations({"Anna": {"t": 5}, "Bert": {"t": 1}})).twin_of == {}
    assert resolve(mentions, roster, relations({"Anna": {"t": 2}})).twin_of == {"t": "a"}


def test_a_variant_of_two_people_is_the_twin_of_the_one_behind_all_its_records_or_of_nobody() -> None:
    mentions = [registered("Max", JUNE), registered("max", JULY)]
    roster = [row("1", "Max", JUNE), row("2", "max", JULY), row("t", "MAX", JULY + 9)]
    assert resolve(mentions, roster, Relations()).twin_of == {}
    assert resolve(mentions, roster, relations({"Max": {"t": 3}})).twin_of == {"t": "1"}
    assert resolve(mentions, roster, relations({"Max": {"t": 3}, "max": {"t": 1}})).twin_of == {}


def test_an_unregistered_name_has_no_twins() -> None:
    resolution = resolve([acting("Anna")], [row("a", "Anna"), row("t", "ANNA")], Relations())
    assert resolution.twin_of == {}


def test_when_the_persons_own_row_is_gone_the_variant_is_a_twin_and_she_gets_her_id_back() -> None:
    told = relations({"Anna": {"t": 2}}, {"old": {"Anna": 6}}, {"old": 6})
    resolution = resolve([registered("Anna")], [row("t", "anna", JULY)], told)
    assert verdicts(resolution) == {"Anna": "missing old"}
    assert resolution.twin_of == {"t": "old"}


# --- nobody -------------------------------------------------------------------------------------------------------


def test_placeholders_and_phantoms_get_no_key() -> None:
    mentions = [registered("Mary Johnson"), acting("Mary", logged=0), acting("Unknown User"), acting("a" * 32)]
    resolution = resolve(mentions, [row("m", "Mary Johnson")], Relations())
    assert verdicts(resolution) == {
        "Mary Johnson": "match m",
        "Mary": "phantom",
        "Unknown User": "placeholder",
        "a" * 32: "placeholder",
    }
    assert resolution.key_of == {"Mary Johnson": "m"}
    assert person(resolution, "Mary").candidates == ("Mary Johnson",)


def test_the_order_of_the_input_decides_nothing() -> None:
    mentions = [
        registered("Anna"), registered("Max", JUNE), registered("max", JULY), acting("MAX"), acting("Mary", logged=0),
        registered("Mary Johnson"), acting("Zoe"), registered("Rolf", JULY + 40), acting("None"),
    ]  # fmt: skip
    roster = [
        row("a", "Anna"),
        row("t", "ANNA", JULY),
        row("1", "Max"),
        row("2", "max", JULY),
        row("r", "Udo", JULY + 40),
    ]
    told = relations(
        {"Rolf": {"r": 4, "a": 1}}, {"x": {"Mary Johnson": 2}, "y": {"Mary Johnson": 2}}, {"x": 3, "y": 2}
    )
    expected = resolve(mentions, roster, told)
    for seed in range(10):
        random.Random(seed).shuffle(mentions)
        random.Random(seed).shuffle(roster)
        assert resolve(mentions, roster, told) == expected


def test_two_missing_people_whose_names_differ_only_in_case_get_two_ids() -> None:
    resolution = resolve([registered("Max", JUNE), registered("max", JUNE)], [], Relations())
    assert len(set(resolution.key_of.values())) == 2
    assert resolution == resolve([registered("max", JUNE), registered("Max", JUNE)], [], Relations())


def test_two_spellings_whose_records_point_at_different_users_are_two_people() -> None:
    roster = [row("a", "Jose"), row("b", "José", JULY)]
    mentions = [registered("Jose"), registered("Bert", JULY), Mention("José", (), 0, 3, JULY, ("p:3",))]
    resolution = resolve(mentions, roster, relations({"José": {"b": 3}, "Jose": {"a": 3}}))
    assert resolution.key_of["Jose"] == "a"
    assert resolution.key_of.get("José") == "b"
    assert resolution.twin_of == {}


def test_a_shared_vanished_key_speaks_for_nobody_else() -> None:
    mentions = [registered("Carla")]
    shared = relations(vanished={"x": {"Carla": 2}}, references={"x": 40})
    assert resolve(mentions, [row("c", "Carla")], shared).former == {}
    hers = relations(vanished={"x": {"Carla": 8}}, references={"x": 20})
    assert resolve(mentions, [row("c", "Carla")], hers).former == {"x": "c"}


def test_a_vanished_key_older_than_the_person_was_not_hers() -> None:
    records = Relations({}, {"x": {"Carla": 8}}, {"x": 10}, since={"x": JUNE - 5_000})
    assert resolve([registered("Carla")], [row("c", "Carla")], records).former == {}


def test_a_user_at_another_users_minute_keeps_her_name_if_all_records_are_hers() -> None:
    mentions = [registered("Anna", JUNE), registered("Bert", JULY)]
    roster = [row("a", "Anna", JULY), row("b", "Bert", JULY)]
    assert resolve(mentions, roster, relations({"Anna": {"a": 2}})).key_of == {"Anna": "a", "Bert": "b"}


# --- one name, two people -------------------------------------------------------------------------------------------------


def test_a_name_is_certain_from_the_day_of_its_present_bearer_if_the_earlier_one_was_gone_by_then() -> None:
    told = Relations(
        vanished={"old": {"Mary Jo": 3}}, references={"old": 3}, since={"old": JUNE}, until={"old": JULY - 9_000}
    )
    found = person(resolve([registered("Mary Jo", JUNE, JULY)], [row("b", "Mary Jo", JULY)], told), "Mary Jo")
    assert (found.key, found.valid_from) == ("b", JULY - 1)


@pytest.mark.parametrize(
    "told",
    [
        Relations(
            vanished={"old": {"Mary Jo": 3}}, references={"old": 3}, since={"old": JUNE}, until={"old": JULY + 9_000}
        ),
        Relations(living={"Mary Jo": {"b": 2, "a": 1}}),
    ],
    ids=["her id is gone", "she lives under another name"],
)
def test_a_name_is_never_certain_if_the_earlier_bearer_went_on_acting(told: Relations) -> None:
    roster = [row("a", "Marie", JUNE), row("b", "Mary Jo", JULY)]
    wanted = roster if told.living else roster[1:]
    found = person(resolve([registered("Mary Jo", JUNE, JULY)], wanted, told), "Mary Jo")
    assert (found.key, found.valid_from, found.former) == ("b", NEVER, ())
    assert "no record of the name is certain" in " ".join(found.notes)


def test_of_two_users_of_exactly_one_name_the_one_that_all_records_point_at_is_the_person() -> None:
    rows = [row("a", "Anna", None), row("b", "Anna", None)]
    resolution = resolve([registered("Anna")], rows, relations(living={"Anna": {"b": 18}}))
    assert person(resolution, "Anna").key == "b"


def test_nobody_is_made_whose_records_a_user_holds_who_may_have_borne_the_name() -> None:
    mentions = [registered("Anna", JUNE), acting("Petra")]
    resolution = resolve(mentions, [row("a", "Anna")], relations(living={"Petra": {"a": 4}, "Anna": {"a": 4}}))
    assert verdicts(resolution)["Petra"] == "possible"


def test_somebody_who_registered_is_missing_even_if_a_script_booked_their_records_on_another_registered_user() -> (
    None
):
    mentions = [registered("Anna", JUNE), registered("Dora", JULY)]
    resolution = resolve(mentions, [row("a", "Anna")], relations(living={"Dora": {"a": 4}, "Anna": {"a": 4}}))
    assert person(resolution, "Dora").verdict == "missing"
    assert "4 of 4 records point at user 'Anna', who registered as somebody else" in person(resolution, "Dora").notes


def test_a_recreated_user_is_spelled_as_the_application_would_respell_the_name() -> None:
    today = Histories(respells=True)
    resolution = resolve([registered("Tab\there ")], [], Relations(), histories=today, names_are_keys=True)
    assert [(p.name, p.key) for p in resolution.persons] == [("Tabhere", "Tabhere")]
