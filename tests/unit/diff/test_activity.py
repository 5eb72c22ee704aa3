"""Attributes and log rows: whose they are."""

from __future__ import annotations

import pytest

from tests.factories import PEOPLE, attribute, compare_one, logged, mark, prayer, prayer_file, user

ANSWERED = prayer_file(
    "rain",
    "09:15 - Bert prayed this prayer",
    "09:30 - Anna marked this prayer as answered",
    "09:30 - Anna added testimony: It rained.",
    "10:00 - Cleo archived this prayer",
    "10:30 - Bert restored this prayer",
)
TWIN = user("twin", "ANNA", "05 12:00")


def test_rows_of_living_users_are_not_looked_at() -> None:
    """Even a wrong one: the archives do not say what the application logged."""
    rows = [attribute("a1", "bert", "09:30:10")]
    assert (
        compare_one(ANSWERED, attributes=rows, logs=[logged("l1", "bert", "09:30:10", "set_answered")]).of("AT") == []
    )


@pytest.mark.parametrize(
    ("name", "when", "who"),
    [
        ("answered", "09:30:10", "anna"),
        ("answer_date", "09:30:10", "anna"),
        ("answer_testimony", "09:30:10", "anna"),
        ("archived", "10:00:10", "cleo"),
    ],
)
def test_a_dangling_attribute_is_whose_line_it_is(name: str, when: str, who: str) -> None:
    result = compare_one(ANSWERED, attributes=[attribute("a1", "ghost", when, name)])
    assert result.does("AT") == [f"AT001 a1.user ghost -> {who}"]
    assert result.of("AT")[0].changes[0].risk == "fill"


@pytest.mark.parametrize(
    ("action", "when", "who"),
    [
        ("prayed", "09:15:10", "bert"),
        ("answered", "09:30:10", "anna"),
        ("set_answered", "09:30:10", "anna"),
        ("testimony", "09:30:10", "anna"),
        ("set_archived", "10:00:10", "cleo"),
        ("remove_archived", "10:30:10", "bert"),
        ("restored", "10:30:10", "bert"),
    ],
)
def test_a_dangling_log_row_is_whose_line_it_is(action: str, when: str, who: str) -> None:
    rows = [logged("l1", None, when, action)]
    assert compare_one(ANSWERED, logs=rows).does("AT") == [f"AT002 l1.user None -> {who}"]


def test_an_attribute_that_nobody_claims_is_a_normal_state() -> None:
    assert compare_one(ANSWERED, attributes=[attribute("a1", None, "09:30:10")]).of("AT") == []


def test_an_attribute_whose_setting_the_application_logged_has_lost_its_person() -> None:
    """The application says in both rows who it was; its importer writes neither the person nor such a log row."""
    attributes = [attribute("a1", None, "09:30:10.1"), attribute("a2", None, "10:00:10", "archived")]
    result = compare_one(
        ANSWERED, attributes=attributes, logs=[logged("l1", "anna", "09:30:10.1004", "set_answered")]
    )
    assert result.does("AT") == ["AT001 a1.user None -> anna"]


def test_also_if_the_log_row_has_lost_its_person_too() -> None:
    rows = [logged("l1", None, "09:30:10.1004", "set_answered")]
    result = compare_one(ANSWERED, attributes=[attribute("a1", None, "09:30:10.1")], logs=rows)
    assert result.does("AT") == ["AT001 a1.user None -> anna", "AT002 l1.user None -> anna"]


def test_a_row_at_a_time_of_which_no_line_tells_stays() -> None:
    result = compare_one(
        ANSWERED, attributes=[attribute("a1", "ghost", "12:37")], logs=[logged("l1", "ghost", "12:37")]
    )
    assert result.does("AT") == []
    assert result.leaves("AT") == ["AT001 a1", "AT002 l1"]


def test_a_row_of_a_kind_that_archives_do_not_record_stays() -> None:
    rows = [attribute("a1", "ghost", "09:30:10", "daily_priority")]
    assert compare_one(ANSWERED, attributes=rows).leaves("AT") == ["AT001 a1"]


def test_a_row_of_a_prayer_without_archive_stays() -> None:
    rows = [attribute("a1", "ghost", "09:30:10", of="snow")]
    result = compare_one(ANSWERED, attributes=rows, prayers=[prayer("rain"), prayer("snow", "bert")])
    assert result.leaves("AT") == ["AT001 a1"]


def test_two_rows_for_one_line_stay() -> None:
    rows = [attribute("a1", "ghost", "09:30:10"), attribute("a2", "ghost", "09:30:20")]
    assert compare_one(ANSWERED, attributes=rows).does("AT") == []


def test_a_name_that_is_not_certain_gets_no_row() -> None:
    file = prayer_file("rain", "09:30 - Zacharias marked this prayer as answered")
    result = compare_one(file, attributes=[attribute("a1", "ghost", "09:30:10")])
    assert result.does("AT") == []
    assert "'Zacharias'" in result.reason("AT001")


def test_rows_of_one_click_are_one_persons() -> None:
    """No line tells of it, but the attribute's log row was written in the same moment."""
    result = compare_one(
        prayer_file("rain"),
        attributes=[attribute("a1", "ghost", "09:30:10.5")],
        logs=[logged("l1", "cleo", "09:30:10.5", "set_answered")],
    )
    assert result.does("AT") == ["AT001 a1.user ghost -> cleo"]
    assert "a row written in the same moment is this person's" in result.of("AT001")[0].evidence


def test_a_click_is_recognised_on_two_clocks() -> None:
    """The testimony's log row is local time, the attribute UTC: hours apart, alike to the microsecond."""
    result = compare_one(
        prayer_file("rain"),
        attributes=[attribute("a1", "ghost", "07:30:10.512345", "answer_testimony")],
        logs=[logged("l1", "cleo", "09:30:10.512345", "testimony")],
    )
    assert result.does("AT") == ["AT001 a1.user ghost -> cleo"]


def test_rows_of_one_moment_that_name_two_people_decide_nothing() -> None:
    rows = [logged("l1", "cleo", "09:30:10.5", "set_answered"), logged("l2", "bert", "09:30:10.5", "set_answered")]
    result = compare_one(prayer_file("rain"), attributes=[attribute("a1", "ghost", "09:30:10.5")], logs=rows)
    assert result.does("AT") == []


def test_a_mark_and_its_log_row_are_one_persons_the_repaired_one_included() -> None:
    crowd = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:20 - Cleo prayed this prayer")
    living = compare_one(
        crowd,
        marks=[mark("m1", "bert", "09:15:10.5"), mark("m2", "cleo", "09:20:10.5")],
        logs=[logged("l1", "ghost", "09:15:10.5")],
    )
    assert living.does("MK", "AT") == ["AT002 l1.user ghost -> bert"]
    repaired = compare_one(
        crowd,
        marks=[mark("m1", "x", "09:15:10.5"), mark("m2", "cleo", "09:20:10.5")],
        logs=[logged("l1", "ghost", "09:15:10.5")],
    )
    assert repaired.does("MK", "AT") == ["AT002 l1.user ghost -> bert", "MK001 m1.user x -> bert"]


def test_a_row_of_a_vanished_id_is_its_former_owners() -> None:
    file = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:45 - Bert prayed this prayer")
    result = compare_one(
        file,
        marks=[mark("m1", "old", "09:15:10"), mark("m2", "old", "09:45:10")],
        attributes=[attribute("a1", "old", "17:01:10.5", "daily_priority")],
    )
    assert "AT001 a1.user old -> bert" in result.does("AT")
    assert "user id old was Bert's" in result.of("AT001")[0].evidence


def test_a_row_on_a_twin_moves_only_if_a_line_says_so() -> None:
    result = compare_one(
        ANSWERED,
        users=[*PEOPLE, TWIN],
        attributes=[attribute("a1", "twin", "09:30:10"), attribute("a2", "twin", "15:07", "archived")],
        logs=[logged("l1", "twin", "09:30:10", "set_answered"), logged("l2", "twin", "15:07", "set_archived")],
    )
    assert result.does("AT") == ["AT003 a1.user twin -> anna", "AT004 l1.user twin -> anna"]
    assert {f.changes[0].risk for f in result.of("AT") if f.changes} == {"relink"}
    assert result.leaves("AT") == ["AT003 a2", "AT004 l2"]


def test_a_line_of_another_person_takes_a_row_on_a_twin_nowhere() -> None:
    result = compare_one(
        ANSWERED, users=[*PEOPLE, TWIN], attributes=[attribute("a1", "twin", "10:00:10", "archived")]
    )
    assert result.does("AT") == []
