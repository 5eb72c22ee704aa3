"""Members whose name holds a time: their lines are read, and lines that a torn write glued are still told."""

from __future__ import annotations

from tests.factories import REGISTERED, archive, prayer_file

NAME = "June 16 2025 at 06:41 - Max"
USERS = f"""
    June 01 2025 at 08:00 - Anna joined directly
    June 01 2025 at 08:10 - {NAME} joined on invitation from Anna
    June 01 2025 at 08:20 - Cleo joined on invitation from {NAME}
"""


def test_the_header_of_a_prayer_file_tells_that_it_is_a_name() -> None:
    file = prayer_file("rain", f"09:15 - {NAME} prayed this prayer", by=NAME)
    told = archive(
        file, registered=USERS, log=f"09:00 - {NAME} submitted prayer rain\n09:15 - {NAME} prayed for prayer rain"
    )
    assert [r.readings[0][0] for r in told.registrations] == ["Anna", NAME, "Cleo"]
    assert told.registrations[2].readings == (("Cleo", NAME),)
    assert [a.actor for a in told.prayers[0].activities] == [NAME]
    assert [entry.actor for entry in told.log] == [NAME, NAME]
    assert told.problems == ()
    assert all(summary.lines == summary.understood for summary in told.files)


def test_so_do_two_files_that_repeat_it() -> None:
    told = archive(registered=USERS, log=f"09:15 - {NAME} prayed for prayer {'a' * 32}")
    assert [entry.actor for entry in told.log] == [NAME]
    assert told.problems == ()


def test_a_time_that_stands_in_one_file_only_may_be_a_torn_write() -> None:
    torn = REGISTERED + "    June 01 2025 at 08:30 - June 02 2025 at 06:41 - Max joined directly\n"
    told = archive(registered=torn)
    assert len(told.registrations) == 3
    assert [problem.code for problem in told.problems] == ["AR009"]


def test_a_torn_write_beside_such_a_name_is_still_told() -> None:
    torn = USERS + "    June 03 2025 at 08:00 - June 03 2025 at 08:01 - Dora joined directly\n"
    told = archive(prayer_file("rain", by=NAME), registered=torn)
    assert len(told.registrations) == 3
    assert [problem.code for problem in told.problems] == ["AR009"]


def test_text_that_quotes_the_name_stays_as_it_is() -> None:
    file = prayer_file("rain", f"09:15 - {NAME} prayed this prayer", by=NAME, text=f"Thanks to {NAME} for all.")
    assert archive(file, registered=USERS).prayers[0].text == f"Thanks to {NAME} for all."


def test_a_name_that_the_rewrite_of_a_new_file_changed_is_read_as_it_was_registered() -> None:
    file = prayer_file("rain", by="Prayer rain by Max")
    assert archive(file).prayers[0].author == "Prayer temp by Max"
