"""Names as keys: one spelling for a person and all that refers to her, and never one person's data for another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import (
    ORM_V2,
    RAIN,
    RAIN_LOG,
    REGISTERED,
    Result,
    archive,
    compare,
    mark,
    path_of,
    prayer,
    prayer_file,
    snapshot,
    token,
    user,
)
from thywill_reconstruct.database.rows import MarkRow, Reference, TokenRow, UserRow
from thywill_reconstruct.records import Archive, Span, StatedIdentity

SCHEMA = ORM_V2 + (
    "CREATE TABLE invitetoken (token VARCHAR NOT NULL PRIMARY KEY, created_by_user VARCHAR NOT NULL, usage_count INTEGER, "
    "expires_at DATETIME, used_by_user_id VARCHAR);"
)
ANNA = user("Anna", "Anna", "01 08:00:07.1")
BERT = user("Bert", "Bert", "01 08:10:07.1", "Anna")
CLEO = user("Cleo", "Cleo", "01 08:20:07.1", "Anna")
OLD_ID = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"


def marks(bert: str = "Bert", cleo: str = "Cleo") -> tuple[MarkRow, ...]:
    path = path_of(RAIN)
    return mark("m1", bert, "09:15:20.1", path=path), mark("m2", cleo, "09:40:20.1", path=path)


def compare_names(
    users: tuple[UserRow, ...] = (ANNA, BERT, CLEO),
    rows: tuple[MarkRow, ...] = marks(),
    *,
    author: str = "Anna",
    told: Archive | None = None,
    tokens: tuple[TokenRow, ...] = (),
    references: tuple[Reference, ...] = (),
) -> Result:
    prayers = (prayer("rain", author, path=path_of(RAIN)),)
    stored = snapshot(users, prayers, rows, tokens=tokens, references=references, sql=SCHEMA)
    return compare(told or archive(RAIN, log=RAIN_LOG), stored)


def test_a_healthy_database_is_left_alone() -> None:
    assert compare_names().does("US", "PR", "MK", "IN", "PA") == []


def test_a_reference_in_another_case_is_given_the_users_spelling() -> None:
    result = compare_names(rows=marks("BERT", " Cleo "), author="anna")
    assert result.does("US", "PR", "MK") == [
        "MK001 m1.user BERT -> Bert",
        "MK001 m2.user  Cleo  -> Cleo",
        "PR001 rain.author anna -> Anna",
    ]


def test_a_spelling_that_fits_two_people_is_nobodys() -> None:
    twice = (ANNA, BERT, CLEO, user("max", "max", "02 10:00"), user("Max", "Max", "03 10:00"))
    stray = mark("m3", "MAX", "11:00:20.1", path=path_of(RAIN))
    result = compare_names(twice, (*marks(), stray))
    assert result.does("MK") == []
    assert result.leaves("MK") == ["MK001 m3"]


def test_a_users_own_row_gets_the_spelling_that_refers_to_it() -> None:
    result = compare_names((ANNA, replace_name(BERT, "bert "), CLEO))
    assert result.does("US", "MK", "IN") == ["US008 bert .key bert  -> Bert"]
    (operation,) = result.plan().operations
    assert (operation.table, operation.key, operation.before, operation.after) == (
        "user", "bert ", (("display_name", "bert "),), (("display_name", "Bert"),)
    )  # fmt: skip


def replace_name(row: UserRow, name: str) -> UserRow:
    return row._replace(key=name, name=name)


def test_what_else_is_wrong_with_a_respelled_user_is_one_step_with_it() -> None:
    lost = replace_name(BERT, "bert")._replace(inviter=None)
    (operation,) = compare_names((ANNA, lost, CLEO)).plan().operations
    assert operation.key == "bert"
    assert dict(operation.after) == {"display_name": "Bert", "invited_by_username": "Anna"}


def test_the_spelling_of_most_rows_wins() -> None:
    rows = (mark("m1", "bert", "09:15:20.1", path=path_of(RAIN)), marks()[1])
    result = compare_names((ANNA, replace_name(BERT, "bert"), CLEO), rows)
    assert result.does("US", "MK") == [], "the row and all that refers to it agree, whatever the archives write"


def test_a_row_of_another_day_is_a_twin_and_not_respelled() -> None:
    late = replace_name(BERT, "bert")._replace(created="2025-06-09 10:00:00.000000")
    result = compare_names((ANNA, late, CLEO))
    assert result.of("US008") == []


@pytest.mark.parametrize(
    "renamed",
    [
        replace_name(BERT, "Berthold"),
        replace_name(BERT, "Berthold")._replace(inviter=None, token="t0ken"),
    ],
)
def test_a_user_renamed_in_their_own_row_alone_is_asked_about_and_nothing_moves(renamed: UserRow) -> None:
    result = compare_names(
        (ANNA, renamed, CLEO),
        references=(Reference("session", "username", "Bert", 1),),
        tokens=(token("t0ken", "Anna", "Bert"),),
    )
    assert result.does("US", "MK") == []
    assert "may have been renamed" in result.reason("US007").lower()


def test_a_stranger_of_the_same_minute_with_another_token_gets_nothing() -> None:
    stranger = replace_name(BERT, "Zed")._replace(token="other")
    told = archive(RAIN, log=RAIN_LOG, invites="2025-06-01T08:09:00|other|Cleo|Anna|token_used")
    result = compare_names((ANNA, stranger, CLEO), told=told)
    assert result.does("MK") == []


def test_a_stranger_of_the_same_minute_with_nothing_else_in_common_gets_nothing() -> None:
    stranger = replace_name(BERT, "Zed")._replace(inviter="Cleo")
    result = compare_names((ANNA, stranger, CLEO))
    assert result.does("US", "MK") == []
    assert "may have been renamed" in result.reason("US007").lower()


def test_an_id_of_the_former_era_is_read_through_an_export_that_pairs_it_with_a_name() -> None:
    stray = mark("m3", OLD_ID, "11:00:20.1", path=path_of(RAIN))
    told = archive(RAIN, log=RAIN_LOG)
    assert compare_names(rows=(*marks(), stray), told=told).leaves("MK001") == ["MK001 m3"]
    pair = StatedIdentity(OLD_ID, "Cleo", Span("users.json", 1, 1))
    result = compare_names(rows=(*marks(), stray), told=replace(told, identities=(pair,)))
    assert result.does("MK") == [f"MK001 m3.user {OLD_ID} -> Cleo"]


def test_an_id_that_exports_pair_with_two_people_is_nobodys() -> None:
    stray = mark("m3", OLD_ID, "11:00:20.1", path=path_of(RAIN))
    pairs = tuple(StatedIdentity(OLD_ID, name, Span("users.json", 1, 1)) for name in ("Cleo", "Bert"))
    told = replace(archive(RAIN, log=RAIN_LOG), identities=pairs)
    assert compare_names(rows=(*marks(), stray), told=told).does("MK") == []


def test_words_for_nobody_are_no_spelling_of_anybody() -> None:
    none = (ANNA, BERT, CLEO, user("none", "none", "02 10:00"))
    stray = mark("m3", "None", "11:00:20.1", path=path_of(RAIN))
    assert compare_names(none, (*marks(), stray)).does("MK") == []


def test_attributes_without_a_path_are_as_the_application_leaves_them() -> None:
    file = prayer_file("rain", "09:50 - Anna marked this prayer as answered")
    assert compare_names(rows=(), told=archive(file)).of("PA001") == []


def test_what_rests_on_the_right_spelling_brings_it_along() -> None:
    result = compare_names((ANNA._replace(key="anna", name="anna"), BERT, CLEO), author="ANNA")
    assert result.does("US", "PR") == ["PR001 rain.author ANNA -> Anna", "US008 anna.key anna -> Anna"]
    changed = {(o.table, o.key): dict(o.after) for o in result.plan("authors").operations}
    assert changed == {("prayer", "rain"): {"author_username": "Anna"}, ("user", "anna"): {"display_name": "Anna"}}


def test_a_database_from_before_marks_is_read_and_its_authors_are_repaired() -> None:
    first = (
        "CREATE TABLE user (id VARCHAR PRIMARY KEY, display_name VARCHAR, created_at DATETIME);"
        "CREATE TABLE prayer (id VARCHAR PRIMARY KEY, author_id VARCHAR, text VARCHAR, generated_prayer VARCHAR, "
        "project_tag VARCHAR, created_at DATETIME, flagged BOOLEAN);"
    )
    people = tuple(row._replace(key=row.key.lower(), inviter=None) for row in (ANNA, BERT, CLEO))
    stored = snapshot(people, (prayer("rain", "ghost", path=None),), sql=first)
    result = compare(archive(RAIN, log=RAIN_LOG), stored)
    assert result.does("PR", "MK") == ["PR001 rain.author ghost -> anna"]


# --- a member whose name tools write for nobody ---------------------------------------------------------------------

NONE = user("None", "None", "01 08:30:07.1", "Anna")
WITH_NONE = (ANNA, BERT, CLEO, NONE)
TOLD_WITH_NONE = archive(
    RAIN, log=RAIN_LOG, registered=REGISTERED + "\nJune 01 2025 at 08:30 - None joined on invitation from Anna"
)


def test_a_mark_that_says_none_is_whose_line_it_is_although_a_member_is_called_so() -> None:
    result = compare_names(WITH_NONE, marks(bert="None"), told=TOLD_WITH_NONE)
    assert result.does("US", "MK") == ["MK001 m1.user None -> Bert"]


def test_the_mark_of_a_member_called_none_stays_theirs() -> None:
    rain = prayer_file("rain", "09:15 - None prayed this prayer", "09:40 - Cleo prayed this prayer")
    told = replace(
        archive(rain, registered=REGISTERED + "\nJune 01 2025 at 08:30 - None joined on invitation from Anna"),
        identities=(),
    )
    assert compare_names(WITH_NONE, marks(bert="None"), told=told).does("US", "MK") == []
