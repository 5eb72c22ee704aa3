"""Archive paths: which are mended, with what, and which stay."""

from __future__ import annotations

import pytest

from tests.factories import (
    PATHLESS,
    PEOPLE,
    USERS_FILE,
    archive,
    attribute,
    compare,
    compare_one,
    logged,
    mark,
    path_of,
    prayer,
    prayer_file,
    snapshot,
    user,
)

RAIN = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:30 - Anna marked this prayer as answered")
GOOD = path_of(RAIN)
NAME = GOOD.rpartition("/")[2]
DEAD = f"/tmp/tmpab12/complete_site_archive/prayers/2025/06/{NAME}"


def test_paths_that_lead_to_the_prayers_file_are_left() -> None:
    result = compare_one(
        RAIN, marks=[mark("m1", "bert", "09:15", path=GOOD)], attributes=[attribute("a1", "anna", "09:30", path=GOOD)]
    )
    assert result.of("PA") == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (None, "PA001"),
        ("disabled_archive_for_prayer_rain", "PA001"),
        (DEAD, "PA002"),
        ("/tmp/test_archives_fallback/prayers/2025/06/x.txt", "PA002"),
        ("text_archives/prayers/2025/06/2025_06_10_prayer_at_0900.txt", "PA002"),
        ("somewhere", "PA002"),
    ],
)
def test_other_paths_are_mended_by_prayer_id(path: str | None, code: str) -> None:
    result = compare_one(RAIN, prayers=[prayer(path=path)])
    assert result.does("PA") == [f"{code} rain.path {path} -> {GOOD}"]
    assert result.of("PA")[0].changes[0].risk == "fill"


def test_an_empty_path_counts_as_missing() -> None:
    rows = [prayer()._replace(path="")]
    assert compare_one(RAIN, prayers=rows).does("PA") == [f"PA001 rain.path  -> {GOOD}"]


def test_a_file_of_the_same_name_is_no_evidence() -> None:
    """The dead path bears the name of another prayer's file."""
    snow = prayer_file("snow", at="09:05")
    rows = [prayer(path=f"/tmp/tmpx/{path_of(snow)}"), prayer("snow", created="09:05", path=path_of(snow))]
    assert [line.rpartition(" ")[2] for line in compare(archive(RAIN, snow), snapshot(prayers=rows)).does("PA")] == [
        GOOD
    ]


def test_a_path_to_another_prayers_file_is_mended() -> None:
    snow = prayer_file("snow", at="09:05")
    rows = [prayer(path=path_of(snow)), prayer("snow", created="09:05", path=path_of(snow))]
    result = compare(
        archive(RAIN, snow), snapshot(prayers=rows, marks=[mark("m1", "bert", "09:15", path=path_of(snow))])
    )
    assert result.does("PA") == [
        f"PA003 m1.path {path_of(snow)} -> {GOOD}",
        f"PA003 rain.path {path_of(snow)} -> {GOOD}",
    ]


def test_of_several_files_of_a_prayer_any_is_right_and_a_dead_path_goes_to_the_one_of_its_name() -> None:
    second = prayer_file("rain", suffix="rain_2")
    right = compare_one([RAIN, second], prayers=[prayer(path=path_of(second))])
    assert right.of("PA") == []
    dead = compare_one([RAIN, second], prayers=[prayer(path=f"/tmp/tmpx/{path_of(second)}")])
    assert [line.rpartition(" ")[2] for line in dead.does("PA")] == [path_of(second)]


def test_a_prayer_without_a_file_keeps_what_it_has() -> None:
    rows = [prayer(), prayer("snow", path=None), prayer("hail", path=DEAD)]
    result = compare_one(RAIN, prayers=rows, marks=[mark("m1", "bert", "09:15", of="snow", path=None)])
    assert result.does("PA") == []
    assert result.leaves("PA") == ["PA002 hail"]


def test_an_attributes_path_is_the_file_that_records_it() -> None:
    second = prayer_file("rain", "09:30 - Anna marked this prayer as answered", suffix="rain_2")
    plain = prayer_file("rain", "09:15 - Bert prayed this prayer")
    result = compare_one([plain, second], attributes=[attribute("a1", "anna", "09:30", path=None)])
    assert result.does("PA") == [f"PA001 a1.path None -> {path_of(second)}"]


def test_an_attribute_that_only_the_log_records_points_at_the_log() -> None:
    plain = prayer_file("rain")
    log = "09:30 - Anna marked prayer rain as answered"
    result = compare_one(plain, log=log, attributes=[attribute("a1", "anna", "09:30", path=None)])
    assert result.does("PA") == ["PA001 a1.path None -> text_archives/activity/activity_2025_06.txt"]


def test_an_attribute_that_no_file_records_gets_no_path() -> None:
    rows = [
        attribute("a1", "anna", "09:30", "daily_priority", path=None),
        attribute("a2", "anna", "09:30", of="snow", path=None),
    ]
    result = compare_one(RAIN, attributes=rows, prayers=[prayer(path=GOOD), prayer("snow", path=None)])
    assert result.does("PA") == []
    assert result.leaves("PA") == ["PA001 a1", "PA001 a2"]


def test_a_dead_path_of_an_attribute_that_no_file_records_leads_to_its_prayers_file() -> None:
    rows = [attribute("a1", "anna", "09:30", "daily_priority", path=DEAD)]
    assert compare_one(RAIN, attributes=rows).does("PA") == [f"PA002 a1.path {DEAD} -> {GOOD}"]


def test_log_rows_of_attribute_changes_have_no_path_in_a_healthy_database() -> None:
    rows = [
        logged("l1", "anna", "09:30", "set_answered", path=None),
        logged("l2", "bert", "09:15", "prayed", path=None),
        logged("l3", "anna", "09:30", "set_answered", path=DEAD),
    ]
    assert compare_one(RAIN, logs=rows).does("PA") == [
        f"PA001 l2.path None -> {GOOD}",
        f"PA002 l3.path {DEAD} -> {GOOD}",
    ]


def test_an_attribute_may_point_at_a_monthly_file() -> None:
    rows = [attribute("a1", "anna", "09:30", path="text_archives/activity/activity_2025_06.txt")]
    log = "09:30 - Anna marked prayer rain as answered"
    assert compare_one(RAIN, log=log, attributes=rows).of("PA") == []
    marks = [mark("m1", "bert", "09:15", path="text_archives/activity/activity_2025_06.txt")]
    assert compare_one(RAIN, log=log, marks=marks).does("PA") == [
        f"PA003 m1.path text_archives/activity/activity_2025_06.txt -> {GOOD}"
    ]


def test_a_users_path_is_the_file_of_her_registration() -> None:
    users = [
        PEOPLE[0]._replace(path=None),
        PEOPLE[1]._replace(path="/tmp/tmpx/text_archives/users/2025_06_users.txt"),
        PEOPLE[2],
    ]
    assert compare(archive(), snapshot(users)).does("PA") == [
        f"PA001 anna.path None -> {USERS_FILE}",
        f"PA002 bert.path /tmp/tmpx/text_archives/users/2025_06_users.txt -> {USERS_FILE}",
    ]


def test_a_user_who_points_to_a_prayers_file_gets_the_file_of_her_registration() -> None:
    rain = prayer_file("rain")
    elsewhere = "text_archives/activity/activity_2025_06.txt"
    users = [PEOPLE[0]._replace(path=path_of(rain)), PEOPLE[1]._replace(path=elsewhere), PEOPLE[2]]
    stored = snapshot([*users, user("x", "Xenia", "02 08:00", path=path_of(rain))], [prayer(path=path_of(rain))])
    told = archive(rain, log="09:00 - Anna submitted prayer rain")
    assert compare(told, stored).does("PA") == [f"PA003 anna.path {path_of(rain)} -> {USERS_FILE}"]


def test_a_user_whom_no_file_registers_keeps_what_she_has() -> None:
    users = [*PEOPLE, user("x", "Xenia", "02 08:00", path=None), user("y", "Yves", "02 09:00", path="/tmp/nowhere")]
    result = compare(archive(), snapshot(users))
    assert result.does("PA") == []
    assert result.leaves("PA") == ["PA002 y"]


def test_a_twins_path_is_not_mended() -> None:
    assert compare(archive(), snapshot([*PEOPLE, user("t", "ANNA", "05 12:00", path=None)])).of("PA") == []


def test_a_database_without_paths_has_none_to_mend() -> None:
    rows = snapshot(
        [person._replace(path=None) for person in PEOPLE],
        [prayer(path=None)],
        [mark("m1", "bert", "09:15", path=None)],
        [attribute("a1", "anna", "09:30", path=None)],
        [logged("l1", "bert", "09:15", path=None)],
        sql=PATHLESS,
    )
    assert compare(archive(RAIN), rows).of("PA") == []
