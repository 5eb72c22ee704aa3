"""--only: its grammar, what matches, and what comes along."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import PEOPLE, mark, prayer, snapshot, user
from tests.unit.plan.test_build import author, build, marked, missing_user, path, skipped, steps, twin
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.findings.codes import CODES, SELECTIONS
from thywill_reconstruct.plan.operations import Plan
from thywill_reconstruct.plan.selection import SELECTION_REASON, join_words, parse_selection, split_words

ROWS = snapshot(prayers=[prayer("rain", None), prayer("snow", None)], marks=[mark("m1", "ghost", "09:15")])
FINDINGS = (
    author("rain", "anna"),
    author("snow", "bert"),
    path("rain", "x.txt"),
    marked("m1", "anna", "MK001"),
)


def only(*words: str) -> Plan:
    return build(*FINDINGS, rows=ROWS, only=split_words(words))


@given(st.lists(st.text(min_size=1).map(str.strip).filter(bool)))
def test_words_survive_being_joined(words: list[str]) -> None:
    assert split_words([join_words(words)] if words else []) == tuple(words)


def test_quotation_marks_keep_a_comma() -> None:
    assert split_words(["authors, pr001", 'person:"Smith, John"']) == ("authors", "pr001", "person:Smith, John")
    assert split_words(["person:O'Brien"]) == ("person:O'Brien",)
    with pytest.raises(UsageError, match="not closed"):
        split_words(['person:"Smith'])


def test_a_word_without_prefix_is_a_selection_a_family_or_a_code_in_any_case() -> None:
    assert parse_selection(["authors"]).codes == {"PR001", "PR002"}
    assert parse_selection(["Marks", "pa001"]).codes == {*SELECTIONS["marks"], "PA001"}
    assert parse_selection(["AT"]).codes == {f"AT00{n}" for n in range(1, 7)}


@pytest.mark.parametrize(
    "word",
    [
        "autors",
        "table:prayers",
        "row:prayer",
        "row:prayer:",
        "row::x",
        "risk:high",
        "risk:",
        "person:",
        "colour:red",
        ":",
    ],
)
def test_an_unknown_word_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="does not know") as caught:
        parse_selection(["authors", word])
    assert "nown are" in caught.value.hint or "row:TABLE:KEY" in caught.value.hint


def test_every_selection_names_known_codes() -> None:
    assert {code for codes in SELECTIONS.values() for code in codes} <= set(CODES)


def test_each_kind_of_word_chooses() -> None:
    assert steps(only("table:prayermark")) == steps(only("table:mark")) == ["update prayermark m1"]
    assert steps(only("row:prayer:snow")) == ["update prayer snow"]
    assert steps(only("person:ANNA")) == ["update prayer rain", "update prayermark m1"]
    assert steps(only("risk:fill")) == steps(build(*FINDINGS, rows=ROWS))
    assert steps(only("risk:delete")) == []


def test_words_of_one_kind_add_up_and_kinds_narrow_each_other_down() -> None:
    assert steps(only("authors,marks")) == ["update prayer rain", "update prayer snow", "update prayermark m1"]
    assert steps(only("authors,marks,person:Anna")) == ["update prayer rain", "update prayermark m1"]
    assert steps(only("row:prayer:rain,row:prayer:snow", "person:Bert")) == ["update prayer snow"]


def test_only_the_columns_that_are_asked_for_are_changed() -> None:
    (operation,) = only("paths").operations
    assert (operation.before, operation.after) == ((("text_file_path", None),), (("text_file_path", "x.txt"),))
    assert operation.codes == ("PA001",)
    assert operation.reason == CODES["PA001"].sentence
    assert set(skipped(only("paths")).values()) == {SELECTION_REASON}


def test_what_matches_nothing_is_said() -> None:
    plan = only("person:Mary,risk:relink,row:prayer:hail,table:user")
    assert plan.operations == ()
    assert plan.notes == tuple(
        f"Nothing to repair matches {word}."
        for word in ("person:Mary", "risk:relink", "row:prayer:hail", "table:user")
    )


def test_a_recreated_person_is_known_by_name_and_comes_with_her_inviter() -> None:
    findings = (author("rain", "dora"), missing_user("dora", "emil"), missing_user("emil"))
    plan = build(*findings, rows=ROWS, only=("person:dora", "authors"))
    assert steps(plan) == ["insert user dora", "insert user emil", "update prayer rain"]
    assert plan.notes == ("Recreated because selected repairs refer to them: Dora, Emil.",)


def test_a_deletion_brings_the_moves_that_it_rests_on() -> None:
    rows = snapshot(users=(*PEOPLE, user("t", "ANNA")), marks=[mark("m1", "t", "09:15")])
    plan = build(twin("t"), marked("m1", "anna", "MK005", "t"), rows=rows, only=("US002",), merge=True)
    assert steps(plan) == ["update prayermark m1", "delete user t"]
    assert plan.notes == ("Included because selected repairs rest on them: 1 x MK005.",)


def test_a_row_that_could_be_deleted_is_repaired_if_the_deletion_is_not_asked_for() -> None:
    rows = snapshot(users=(*PEOPLE, user("t", "ANNA")))
    found = (twin("t"), path("t", "users.txt", "user"))
    assert steps(build(*found, rows=rows, only=("paths",), merge=True)) == ["update user t"]
    assert steps(build(*found, rows=rows, merge=True)) == ["delete user t"]
