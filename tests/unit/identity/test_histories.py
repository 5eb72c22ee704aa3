"""Who bore which name when: every test tells a history, and says whose the lines of each name are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest

from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.identity.decisions import Decision, Decisions
from thywill_reconstruct.identity.histories import Histories, Record, trace_histories, with_decided, with_histories
from thywill_reconstruct.identity.model import Person, Resolution, RosterEntry, Use, bearer_then
from thywill_reconstruct.times import iso_minute

ANNA, BERT = RosterEntry("a", "Anna", 1_000), RosterEntry("b", "Bert", 2_000)
BORN = {"Anna": [1_000], "Bert": [2_000]}


def records(*told: str) -> list[Record]:
    """Return records written as ``Anna a 3000 3010 3020``: a name, the key in the rows, and the minutes."""
    found = []
    for line in told:
        name, key, *minutes = line.split()
        found += [Record(name, key, int(minute)) for minute in minutes]
    return found


def trace(
    told: Sequence[Record],
    roster: Sequence[RosterEntry] = (ANNA, BERT),
    registered: Mapping[str, Sequence[int]] = BORN,
    *,
    claimed: Mapping[str, str] | None = None,
    also: Sequence[Record] = (),
    names_are_keys: bool = False,
    merges: bool = True,
    left_alone: Collection[str] = (),
    again: Collection[str] = (),
) -> Histories:
    """Trace histories; ``also`` are acts in the archives of which no row is left to tell whose they were."""

    def acts(names: Collection[str]) -> dict[str, list[int]]:
        return {name: sorted(r.minute for r in (*told, *also) if r.name == name) for name in names}

    return trace_histories(
        told,
        registered,
        roster,
        claimed or {},
        acts,
        left_alone,
        again=again,
        names_are_keys=names_are_keys,
        merges=merges,
    )


def whose(histories: Histories, name: str, minute: int | None = None) -> str | None:
    uses = histories.uses.get(name)
    return bearer_then(uses, minute) if uses else None


def test_a_name_that_is_its_rows_has_no_history() -> None:
    assert trace(records("Anna a 3000 3010", "Bert b 3005")).uses == {}


def test_strays_on_a_registered_user_are_no_history_however_many_a_script_booked() -> None:
    assert trace(records("Anna b 3000 3010 3020 3030 3040", "Bert b 3005 3015")).uses == {}
    assert trace(records("Anna b 3000 3010 3020 3030"), [BERT]).uses == {}


def test_a_member_who_changed_the_name_in_the_middle_is_one_person() -> None:
    petra = RosterEntry("a", "Petra", 1_000)
    histories = trace(records("Anna a 3000 3010", "Petra a 4000 4010"), [petra, BERT])
    assert whose(histories, "Anna") == "a"
    assert "2 of 2 records of 'Anna' of that time point at the user 'Petra'" in histories.notes["a"][0]


def test_one_record_and_the_minute_of_the_registration_are_enough() -> None:
    petra = RosterEntry("a", "Petra", 1_001)
    assert whose(trace(records("Anna a 3000"), [petra, BERT]), "Anna") == "a"


def test_the_minute_is_enough_if_nobody_else_registered_then_and_the_present_name_took_over() -> None:
    petra = RosterEntry("a", "Petra", 1_000)
    lost = records("Anna lost 3000 3010")
    assert whose(trace(records("Petra a 4000"), [petra, BERT], also=lost), "Anna") == "a"
    at_once = records("Petra a 3005 4000")
    assert trace(at_once, [petra, BERT], also=lost).uses == {}
    two = {**BORN, "Dora": [999]}
    assert trace(records("Petra a 4000"), [petra, BERT], two, also=lost).uses == {}


def test_strays_on_another_registered_user_do_not_speak_against_the_row_of_the_minute() -> None:
    petra = RosterEntry("a", "Petra", 1_000)
    assert whose(trace(records("Anna a 3000", "Anna b 2990 3005 3010"), [petra, BERT]), "Anna") == "a"


def test_a_row_of_the_minute_whose_own_name_was_registered_then_is_somebody_else() -> None:
    petra = RosterEntry("p", "Petra", 1_000)
    told = records("Anna p 3000 3010")
    assert trace(told, [petra], {"Anna": [1_000], "Petra": [1_000]}).uses == {}


def test_a_token_that_the_name_claimed_makes_the_row_that_persons() -> None:
    petra = RosterEntry("a", "Petra", 7_000)
    assert whose(trace([], [petra, BERT], claimed={"a": "Anna"}), "Anna") == "a"
    assert trace([], [petra, BERT], claimed={"a": "Anna"}, names_are_keys=True).uses == {}


def test_a_name_changed_twice_is_one_person() -> None:
    paula = RosterEntry("a", "Paula", 1_000)
    histories = trace(records("Anna a 3000 3010", "Petra a 4000 4010", "Paula a 5000 5010"), [paula, BERT])
    assert [whose(histories, name) for name in ("Anna", "Petra")] == ["a", "a"]


def test_a_name_changed_and_changed_back_is_one_person() -> None:
    histories = trace(records("Anna a 3000 3010", "Petra a 4000 4010", "Anna a 5000 5010"))
    assert whose(histories, "Petra") == "a"


def test_an_unregistered_name_on_a_registered_user_who_acts_meanwhile_is_somebody_elses() -> None:
    told = records("Anna a 3000 3010", "Petra a 4000 4010", "Anna a 4005 5010")
    assert trace(told).uses == {}


def test_an_unregistered_name_after_which_the_user_never_acts_again_stays_open() -> None:
    assert whose(trace(records("Anna a 3000 3010", "Petra a 4000 4010")), "Petra", 4_005) == ""


def test_two_people_exchange_names() -> None:
    swapped = [RosterEntry("a", "Bert", 1_000), RosterEntry("b", "Anna", 2_000)]
    told = records("Anna a 3000 3010", "Bert b 3005 3015", "Anna b 4000 4010", "Bert a 4005 4015")
    histories = trace(told, swapped)
    assert [whose(histories, "Anna", minute) for minute in (3_005, 3_500, 4_005)] == ["a", "", "b"]
    assert [whose(histories, "Bert", minute) for minute in (3_010, 3_500, 4_010)] == ["b", "", "a"]


def test_names_exchanged_after_everything_belong_to_those_who_acted() -> None:
    swapped = [RosterEntry("a", "Bert", 1_000), RosterEntry("b", "Anna", 2_000)]
    histories = trace(records("Anna a 3000 3010", "Bert b 3005 3015"), swapped)
    assert [whose(histories, name, 3_007) for name in ("Anna", "Bert")] == ["a", "b"]


def test_a_freed_name_that_another_registers_is_each_ones_in_their_time() -> None:
    roster = [RosterEntry("a", "Petra", 1_000), RosterEntry("n", "Anna", 5_000)]
    told = records("Anna a 3000 3010", "Petra a 4000 4010", "Anna n 6000 6010")
    histories = trace(told, roster, {"Anna": [1_000, 5_000]})
    assert [whose(histories, "Anna", minute) for minute in (1_000, 3_005, 5_000, 9_000)] == ["a", "a", "n", "n"]


def test_a_freed_name_that_a_vanished_person_registered_speaks_for_itself_from_then_on() -> None:
    roster = [RosterEntry("a", "Petra", 1_000)]
    told = records("Anna a 3000 3010", "Petra a 4000 4010", "Anna gone 6000 6010")
    histories = trace(told, roster, {"Anna": [1_000, 5_000]})
    assert [whose(histories, "Anna", minute) for minute in (3_005, 4_500, 6_005)] == ["a", "", "gone"]


def test_a_key_of_two_registered_people_is_nobodys() -> None:
    told = records("Dora ghost 3000 3010", "Emil ghost 4000 4010")
    assert trace(told, registered={**BORN, "Dora": [1_500], "Emil": [1_600]}).uses == {}


def test_a_lost_person_who_changed_the_name_is_one_person_under_the_last_one() -> None:
    told = records("Dora gone 3000 3010", "Doris gone 4000 4010")
    histories = trace(told, registered={**BORN, "Dora": [1_500]})
    assert [whose(histories, name) for name in ("Dora", "Doris")] == ["gone", "gone"]
    assert histories.today({})("Dora", 3_005) == "Doris"


def test_two_lost_people_who_registered_under_one_name_are_each_ones_in_their_time_and_none_comes_back() -> None:
    """The application would merge two users of that name at its next start."""
    histories = trace(records("Dora d 3000 3010", "Dora e 5000 5010"), registered={**BORN, "Dora": [2_900, 4_900]})
    assert [whose(histories, "Dora", minute) for minute in (3_005, 5_005)] == ["d", "e"]
    assert whose(histories, "Dora", 4_000) == "", "between the last sign of one and the first of the other"
    assert histories.called == {}


def test_whose_records_are_of_a_name_that_was_registered_twice_and_has_no_row_is_open() -> None:
    told = records("Dora ghost 3000", "Dora spook 5000")
    histories = trace(told, registered={**BORN, "Dora": [2_900, 4_900]}, again=["Dora"])
    assert whose(histories, "Dora", 3_000) == ""
    (dora,) = (p for p in with_histories(Resolution((), {}, {}, {}), histories).persons if p.name == "Dora")
    assert (dora.verdict, dora.key, dora.candidates) == ("shared", "", ())
    assert dora.notes == ("the name was registered more than once, and no user bears it today",)


def test_where_names_are_keys_or_a_user_bears_the_name_it_is_not() -> None:
    twice = {**BORN, "Dora": [2_900, 4_900]}
    assert trace(records("Dora Dora 3000"), registered=twice, again=["Dora"], names_are_keys=True).uses == {}
    dora = RosterEntry("d", "Dora", 4_900)
    assert whose(trace(records("Dora d 5000"), [ANNA, dora], twice, again=["Dora"]), "Dora", 5_000) in (None, "d")


def test_of_two_who_registered_in_one_minute_the_earliest_record_tells_whose_a_row_was() -> None:
    born = {"Anna": [1_000], "Bert": [1_000]}
    swapped = [RosterEntry("a", "Bert", 1_000), RosterEntry("b", "Anna", 1_000)]
    told = records("Anna a 3000 3010", "Bert b 3005 3015", "Anna b 4000 4010", "Bert a 4005 4015")
    histories = trace(told, swapped, born)
    assert [whose(histories, "Anna", minute) for minute in (3_005, 4_005)] == ["a", "b"]


def test_a_single_stray_in_the_midst_of_anothers_records_changes_nothing() -> None:
    petra = RosterEntry("a", "Petra", 1_000)
    told = records("Anna a 3000 3010 3030", "Anna b 3020", "Petra a 4000 4010", "Bert b 3015 3025")
    assert whose(trace(told, [petra, BERT]), "Anna", 3_020) == "a"


def test_records_in_a_row_on_somebody_who_had_other_names_are_whose_they_may_be() -> None:
    roster = [RosterEntry("a", "Petra", 1_000), RosterEntry("b", "Vera", 2_000), RosterEntry("c", "Cleo", 2_500)]
    born = {**BORN, "Cleo": [2_500]}
    told = records(
        "Anna a 3000 3010", "Petra a 4000", "Bert b 3005", "Anna b 3500", "Vera b 4500 4510", "Cleo c 3100"
    )
    assert whose(trace(told, roster, born), "Anna", 3_500) == ""


def test_a_second_line_of_who_is_a_member_already_is_no_other_person() -> None:
    roster = [RosterEntry("a", "Petra", 1_000)]
    histories = trace(records("Anna a 3000 3010", "Petra a 4000"), roster, {"Anna": [1_000, 3_005]})
    assert whose(histories, "Anna") == "a"


@pytest.mark.parametrize("spelling", ["anna", " Anna", "Anna\u200b", "ANNA"])
def test_a_name_that_is_the_same_to_the_application_is_the_one_living_users(spelling: str) -> None:
    assert whose(trace(records("Bert b 3000"), registered={**BORN, spelling: [1_500]}), spelling) == "a"


def test_where_the_application_never_merged_anybody_such_a_name_may_be_another_persons() -> None:
    assert trace([], registered={**BORN, "anna": [1_500]}, merges=False).uses == {}


def test_a_name_that_is_the_same_as_two_users_names_is_neither_s() -> None:
    roster = [ANNA, RosterEntry("c", "ANNA", 1_200)]
    assert trace([], roster, {**BORN, "anna": [1_500]}).uses == {}


def test_a_user_of_that_spelling_is_a_person_of_their_own() -> None:
    roster = [ANNA, RosterEntry("c", "anna", 1_200)]
    assert trace([], roster, {**BORN, "anna": [1_200]}).uses == {}


def test_where_names_are_keys_references_to_the_former_name_show_that_it_was_not_given_up() -> None:
    renamed = [RosterEntry("Petra", "Petra", 1_000)]
    half = records("Anna Anna 3000 3010 3020", "Anna Petra 3030")
    assert whose(trace(half, renamed, names_are_keys=True), "Anna", 3_010) is None
    whole = records("Anna Petra 3000 3010 3020", "Petra Petra 4000")
    assert whose(trace(whole, renamed, names_are_keys=True), "Anna") == "Petra"


def test_a_name_of_which_a_decision_speaks_is_left_alone() -> None:
    petra = RosterEntry("a", "Petra", 1_000)
    assert trace(records("Anna a 3000 3010"), [petra], left_alone={"Anna"}).uses == {}


def test_a_decision_says_whose_a_name_was_until_a_day() -> None:
    day = date(2025, 6, 19)
    decided = Decision("user", ("Sam",), "old", "Ruth", date(2025, 7, 1), until=day)
    histories = with_decided(Histories(), Decisions((decided,)))
    midnight = iso_minute("2025-06-19 00:00:00")
    assert midnight is not None
    assert histories.uses == {"Sam": (Use("old", None, midnight), Use(None, midnight, None))}
    assert histories.today({"old": "Samuel"})("Sam", midnight - 1) == "Samuel"
    assert histories.today({"old": ""})("Sam", midnight - 1) == ""
    assert histories.today({})("Sam", midnight) == "Sam"


def test_on_its_first_and_last_day_a_decision_fills_what_is_open_and_leaves_what_is_known() -> None:
    def at(day: int, hour: int = 0) -> int:
        found = iso_minute(f"2025-06-{day:02} {hour:02}:00:00")
        assert found is not None
        return found

    known = Histories({"Sam": (Use("a", None, at(10, 9)), Use("b", at(20, 15), None))})
    decided = Decision(
        "user", ("Sam",), "c", "Ruth", date(2025, 7, 1), since=date(2025, 6, 10), until=date(2025, 6, 21)
    )
    histories = with_decided(known, Decisions((decided,)))
    assert histories.uses["Sam"] == (
        Use("a", None, at(10, 9)),
        Use("c", at(10, 9), at(20, 15)),
        Use("b", at(20, 15), None),
    )


def test_in_between_a_decision_wins() -> None:
    known = Histories({"Sam": (Use("a", None, None),)})
    decided = Decision(
        "user", ("Sam",), "c", "Ruth", date(2025, 7, 1), since=date(2025, 6, 10), until=date(2025, 6, 21)
    )
    histories = with_decided(known, Decisions((decided,)))
    assert [use.key for use in histories.uses["Sam"]] == ["a", "c", "a"]


def test_the_time_of_which_it_is_open_who_bore_a_name_is_asked_about() -> None:
    known = Histories({"Sam": (Use("a", None, 3_000), Use("b", 5_000, None))}, acted={"Sam": [2_000, 4_000, 6_000]})
    today = Resolution((Person("Petra", (("Petra", Rung.RAW),), "a", "match", 1_000, 1_000),), {"Petra": "a"}, {}, {})
    (sam,) = (p for p in with_histories(today, known).persons if p.verdict == "shared")
    assert (sam.name, sam.open_from, sam.valid_from, sam.candidates) == ("Sam", 3_000, 5_000, ("a",))
    quiet = replace(known, acted={"Sam": [2_000, 6_000]})
    assert all(p.verdict != "shared" for p in with_histories(today, quiet).persons)


def test_decisions_of_two_times_leave_the_time_between_to_the_name_itself() -> None:
    first = Decision("user", ("Sam",), "one", "Ruth", date(2025, 7, 1), until=date(2025, 6, 1))
    later = Decision("user", ("Sam",), "two", "Ruth", date(2025, 7, 1), since=date(2025, 6, 3))
    uses = with_decided(Histories(), Decisions((later, first))).uses["Sam"]
    assert [use.key for use in uses] == ["one", None, "two"]


def test_two_spellings_without_a_row_that_the_application_takes_for_one_are_one_person() -> None:
    registered = {**BORN, "dora": [1_500], "Dora ": [1_400]}
    assert trace([], registered=registered).same == (("Dora ", "dora"),)
    assert trace([], registered=registered, merges=False).same == ()


def test_names_are_respelled_where_no_row_bears_one_as_the_application_never_leaves_it() -> None:
    assert trace([]).respells
    assert not trace([], [ANNA, RosterEntry("d", "Dora ", 3_000)]).respells
    assert not trace([], []).respells


def test_after_a_name_was_given_up_it_is_open_while_somebody_else_who_changed_names_may_have_borne_it() -> None:
    """Anna became Petra, and Bert Otto. Between Bert's last sign and Otto's first he may have been called anything."""
    petra, otto = RosterEntry("a", "Petra", 1_000), RosterEntry("b", "Otto", 2_000)
    told = records("Anna a 3000 3010", "Petra a 6000 6010", "Bert b 2500 3500", "Otto b 4500 5000")
    histories = trace(told, [petra, otto])
    assert [whose(histories, "Anna", minute) for minute in (3_005, 3_400, 4_000, 4_600)] == ["a", "a", "", ""]
    alone = trace(told, [petra, BERT])
    assert whose(alone, "Anna", 4_000) == "a", "Bert never changed the name"
