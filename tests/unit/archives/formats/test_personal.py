"""A person's own download: registration, activities, and copies of what the community has."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given

from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import ID, hostile_text
from tests.unit.archives.test_load import LOG, PRAYER, USERS, small, write
from thywill_reconstruct.archives.formats.personal import parse_marks, parse_registration
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.records import is_copy
from thywill_reconstruct.times import human_minute

MARKS = f"Prayer Activities for Max\n{'=' * 50}\n\nJuly 06 2025\n09:05 - Prayed for prayer {ID}\n\n"
OWN = "User Registration Information:\n\nJuly 06 2025 at 09:05 - Max joined directly\n"


def test_marks_of_one_person() -> None:
    parsed = read(parse_marks, MARKS)
    assert [(one.minute, one.fields) for one in parsed.others] == [
        (human_minute("July 06 2025", "09:05"), (("prayer_id", ID), ("username", "Max")))
    ]
    assert read(parse_marks, "Prayer Activities for Max\n\nNo prayer activities found.\n").others == []


def test_marks_that_cannot_be_read() -> None:
    assert codes(read(parse_marks, MARKS.replace("July 06", "July 36"))) == ["AR007", "AR007"]
    assert codes(read(parse_marks, MARKS.replace("09:05", "29:05"))) == ["AR007"]
    assert codes(read(parse_marks, MARKS.replace("Prayed for", "Danced at"))) == ["AR002"]


def test_registrations() -> None:
    assert [one.readings for one in read(parse_registration, OWN).registrations] == [(("Max", None),)]
    note = read(parse_registration, "User: Max\nRegistered: 2025-07-06 09:05:00\nNo archive line was found.\n")
    assert note.others[0].fields == (("username", "Max"), ("registered", "2025-07-06 09:05:00"))


def test_nothing_in_a_download_counts_twice_or_is_pointed_to(tmp_path: Path) -> None:
    files = small()
    site = write(
        tmp_path,
        {
            "Max_text_archive/prayers/prayer_0f3a_2025_07_06.txt": files[PRAYER],
            f"Max_text_archive/community/{USERS}": files[USERS],
            f"Max_text_archive/community/{LOG}": files[LOG],
            "Max_text_archive/personal/registration.txt": OWN,
            "Max_text_archive/activities/my_prayer_activities.txt": MARKS,
        },
    )
    archive = load_archive(site)
    assert (len(archive.prayers), len(archive.registrations), len(archive.log)) == (1, 1, 1)
    assert archive.covered_months == {"2025-07"}
    assert is_copy(archive.prayers[0].file)
    assert archive.problems == ()


@given(hostile_text)
def test_every_line_of_anything_is_accounted_for(text: str) -> None:
    for start in ("", "Prayer Activities for Max\n", "July 06 2025\n09:05 - ", "User: Max\n", OWN[:31]):
        for parse in (parse_marks, parse_registration):
            if start + text:
                read(parse, start + text)
