"""Rows that a script booked on another living person: they come back where the archives and the database agree."""

from __future__ import annotations

from collections.abc import Sequence

from tests.factories import (
    PEOPLE,
    RAIN,
    RAIN_LOG,
    REGISTERED,
    Result,
    attribute,
    compare_one,
    logged,
    mark,
    prayer_file,
    user,
)

MARKS = (mark("m1", "bert", "09:15:20.2"), mark("m2", "cleo", "09:40:20.2"))


def test_a_log_row_beside_whose_mark_the_archives_name_another_person_is_that_persons() -> None:
    logs = [logged("l1", "cleo", "09:15:20.2002"), logged("l2", "cleo", "09:40:20.2002")]
    result = compare_one(RAIN, log=RAIN_LOG, marks=MARKS, logs=logs)
    assert result.does("AT") == ["AT006 l1.user cleo -> bert"]
    (finding,) = result.of("AT")
    assert finding.changes[0].risk == "relink"


def test_without_a_mark_of_that_click_it_stays() -> None:
    logs = [logged("l1", "cleo", "09:15:50.1"), logged("l2", "cleo", "09:40:20.2")]
    assert compare_one(RAIN, log=RAIN_LOG, marks=MARKS, logs=logs).of("AT") == []


def test_if_only_one_archive_names_the_other_person_it_stays() -> None:
    logs = [logged("l1", "cleo", "09:15:20.2"), logged("l2", "cleo", "09:40:20.2")]
    assert compare_one(RAIN, marks=MARKS, logs=logs).of("AT") == []


def test_if_the_bearer_has_a_line_without_row_it_stays() -> None:
    logs = [logged("l1", "cleo", "09:15:20.2")]
    assert compare_one(RAIN, log=RAIN_LOG, marks=MARKS, logs=logs).of("AT") == []


def test_times_to_the_minute_are_enough_if_there_are_as_many_rows_as_marks() -> None:
    file = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:15 - Cleo prayed this prayer")
    log = "09:15 - Bert prayed for prayer rain\n09:15 - Cleo prayed for prayer rain"
    marks = [mark("m1", "bert", "09:15"), mark("m2", "cleo", "09:15")]
    logs = [logged("l1", "anna", "09:15"), logged("l2", "anna", "09:15")]
    assert compare_one(file, log=log, marks=marks, logs=logs).does("AT") == [
        "AT006 l1.user anna -> bert",
        "AT006 l2.user anna -> cleo",
    ]
    assert compare_one(file, log=log, marks=marks, logs=logs[:1]).of("AT") == []


# --- attributes have no marks -------------------------------------------------------------------------------------

ARCHIVED = [("bert", "Bert", "10:00"), ("cleo", "Cleo", "11:00"), ("dora", "Dora", "12:00")]
FILE = prayer_file("rain", *(f"{time} - {name} archived this prayer" for _, name, time in ARCHIVED))
LOG = "\n".join(f"{time} - {name} archived prayer rain" for _, name, time in ARCHIVED)


def booked_on(people: Sequence[str], *more: str) -> Result:
    rows = [
        logged(f"l{number}", who, f"{time}:20.5", "set_archived")
        for number, (who, (_, _, time)) in enumerate(zip(people, ARCHIVED, strict=True))
    ]
    rows += [logged(f"k{number}", who, f"15:0{number}:20.5", "set_archived") for number, who in enumerate(more)]
    registered = REGISTERED + "    June 01 2025 at 08:30 - Dora joined directly\n"
    users = [*PEOPLE, user("dora", "Dora", "01 08:30:07.1")]
    return compare_one(FILE, registered=registered, log=LOG, users=users, logs=rows)


def test_one_name_on_the_rows_of_three_people_tells_nothing() -> None:
    result = booked_on(["anna", "anna", "anna"])
    assert result.does("AT") == [
        "AT006 l0.user anna -> bert",
        "AT006 l1.user anna -> cleo",
        "AT006 l2.user anna -> dora",
    ]
    assert {change.risk for finding in result.of("AT") for change in finding.changes} == {"fill"}


def test_rows_of_two_others_prove_nothing() -> None:
    assert booked_on(["anna", "anna", "dora"]).of("AT") == []


def test_a_name_that_mostly_stands_rightly_is_left() -> None:
    assert booked_on(["anna", "anna", "anna"], "anna", "anna", "anna", "anna").of("AT") == []


def test_rows_of_those_who_archived_stay() -> None:
    assert booked_on(["bert", "cleo", "dora"]).of("AT") == []


def test_one_person_under_two_names_gives_nothing_away() -> None:
    """All rows of Anna are contradicted by Bert's lines alone: she may have been called Bert."""
    times = ["10:00", "11:00", "12:00", "13:00"]
    file = prayer_file("rain", *(f"{time} - Bert archived this prayer" for time in times))
    log = "\n".join(f"{time} - Bert archived prayer rain" for time in times)
    rows = [logged(f"l{number}", "anna", f"{time}:20.5", "set_archived") for number, time in enumerate(times)]
    told = [attribute("a1", "anna", "10:00:20.5", "archived")]
    assert compare_one(file, log=log, logs=rows, attributes=told).of("AT") == []
