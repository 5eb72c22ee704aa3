"""Where a prayer ends that holds section markers (trap T1): what proves it, what is chosen, and what stays out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.factories import archive, compare, prayer, prayer_file, snapshot
from thywill_reconstruct.diff.extents import choose_texts, prove_texts

TYPED = "Rain, please.\n\nGenerated Prayer:\nis what I call this line."
OPEN = prayer_file("rain", "09:15 - Bert prayed this prayer", text=TYPED, generated="Lord, send rain.")
LOG = "09:00 - Anna submitted prayer rain\n09:15 - Bert prayed for prayer rain\n"


def exported(text: str, generated: str | None, *, key: str = "rain") -> dict[str, str]:
    row = {"id": key, "text": text, "generated_prayer": generated, "created_at": "2025-06-10T07:00:00Z"}
    return {"prayers.json": json.dumps([row])}


def test_the_json_export_proves_where_a_text_ends() -> None:
    told = archive(OPEN, log=LOG, files=exported(TYPED.replace("\n", "\r\n"), "Lord, send rain."))
    (file,) = prove_texts(told).prayers
    assert (file.text, file.generated, file.text_certain) == (TYPED, "Lord, send rain.", True)
    assert choose_texts(told)[1] == ()
    result = compare(told, snapshot(prayers=[]))
    assert any(line.startswith("PR003") for line in result.does("PR")), "a repair puts it back, too"


@pytest.mark.parametrize(
    "files",
    [
        {},
        exported("Rain, please.", None),
        exported(TYPED, "Lord, send rain.", key="snow"),
        exported("Something else.", "Lord, send rain."),
    ],
)
def test_what_no_export_proves_is_not_repaired_but_chosen_where_archives_are_all_there_is(
    files: dict[str, str],
) -> None:
    told = archive(OPEN, log=LOG, files=files)
    assert prove_texts(told).prayers[0].text_certain is False
    assert compare(told, snapshot(prayers=[])).does("PR") == []
    settled, chosen = choose_texts(told)
    assert chosen == (("rain", OPEN.path, 3),)
    (file,) = settled.prayers
    assert (file.text, file.text_certain) == ("Rain, please.", True), "the first marker, by the specification"


def test_a_row_with_another_reading_stays_as_it_is_when_one_is_proved() -> None:
    """The text in the database is one that the file allows: nobody says that it is wrong."""
    told = archive(OPEN, log=LOG, files=exported(TYPED, "Lord, send rain."))
    row = prayer("rain", text="Rain, please.", generated=TYPED[32:] + "\n\nGenerated Prayer:\nLord, send rain.")
    assert compare(told, snapshot(prayers=[row])).does("PR") == []


def test_a_certain_copy_needs_no_choice() -> None:
    whole = prayer_file("rain", text="Rain, please.", generated="Lord.", suffix="2")
    assert choose_texts(archive(OPEN, whole, log=LOG))[1] == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Activity:\n", "Activ"),
        ("Submitted June 10 2025 at 09:00\n", "Submitted June 10 2025 at 09:00\nWhat is this?\n"),
        ("Activity:\n", "Activity:\nWhat is this?\n"),
    ],
)
def test_a_damaged_file_stays_out(old: str, new: str) -> None:
    damaged = replace(OPEN, text=OPEN.text.replace(old, new))
    assert choose_texts(archive(damaged, log=LOG))[1] == ()
