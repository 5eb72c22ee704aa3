from __future__ import annotations

import pytest

from tests.unit.archives.accounting import codes, read
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats.prayers import parse
from thywill_reconstruct.records import PrayerFile
from thywill_reconstruct.times import human_minute

ID = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"
MINUTE = human_minute("July 06 2025", "09:05") or 0
HEAD = f"Prayer {ID} by Mary Johnson\nSubmitted July 06 2025 at 09:05\n\n"
MARK = "July 06 2025 at 09:07 - Max prayed this prayer\n"


def prayer(text: str) -> PrayerFile:
    parsed = read(parse, text)
    assert len(parsed.prayers) == 1
    assert parsed.prayers[0].lines == text.count("\n") + (not text.endswith("\n"))
    return parsed.prayers[0]


def test_a_whole_file_is_read() -> None:
    text = render.prayer_file(
        ID, "Mary Johnson", MINUTE, "For my mother.\n\nThank you: all.", "Lord,\n\nAmen.", "health", "all",
        [("Safety Score", "0.9"), ("Safety Flags", '["medical"]')],
    )  # fmt: skip
    text += render.activity_line(MINUTE + 2, "Max", render.PRAYED)
    parsed = read(parse, text)
    (record,) = parsed.prayers
    assert codes(parsed) == []
    assert (record.prayer_id, record.author, record.submitted) == (ID, "Mary Johnson", MINUTE)
    assert (record.tag, record.audience) == ("health", "all")
    assert (record.text, record.generated) == ("For my mother.\n\nThank you: all.", "Lord,\n\nAmen.")
    assert record.categorization == (("Safety Score", "0.9"), ("Safety Flags", '["medical"]'))
    assert (record.text_certain, record.complete, record.alternatives) == (True, True, ())
    (mark,) = record.activities
    assert mark == ("prayed", "Max", MINUTE + 2, 18, 18, "", False)


def test_a_fresh_file_without_generated_prayer() -> None:
    record = prayer(render.prayer_file(ID, "Max", MINUTE, "Peace.", None))
    assert (record.text, record.generated, record.activities) == ("Peace.", None, ())
    assert record.text_certain
    assert record.complete


@pytest.mark.parametrize("blanks", ["\n", "\n\n"])
def test_t2_empty_body(blanks: str) -> None:
    record = prayer(HEAD + blanks + "Activity:\n" + MARK)
    assert (record.text, record.generated, record.text_certain) == ("", None, True)
    assert len(record.activities) == 1


def test_t2_colons_in_the_text_are_text() -> None:
    record = prayer(HEAD + "Audience: nobody\nProject: none\nPrayer for rain by Sunday\n\nActivity:\n")
    assert record.text == "Audience: nobody\nProject: none\nPrayer for rain by Sunday"
    assert (record.audience, record.tag, record.author) == (None, None, "Mary Johnson")


def test_t4_names_with_by_and_trailing_spaces() -> None:
    record = prayer(HEAD.replace("Mary Johnson", "Connie by Jones ") + "Text\n\nActivity:\n")
    assert (record.prayer_id, record.author) == (ID, "Connie by Jones ")


@pytest.mark.parametrize("written", ["temp", "None"])
def test_t3_without_id(written: str) -> None:
    text = HEAD.replace(ID, written) + "Text\n\nActivity:\n" + MARK
    record = prayer(text)
    assert (record.prayer_id, record.author, record.submitted) == (None, "Mary Johnson", MINUTE)
    assert codes(parse("f", text)) == ["AR004"]
    assert record.text_certain
    assert not record.activities[0].doubtful


def test_t1_first_body_line_that_looks_like_a_marker_is_text() -> None:
    for first in ("Activity:", "Generated Prayer:"):
        record = prayer(f"{HEAD}{first}\n{MARK}\nActivity:\n")
        assert record.text == f"{first}\n{MARK[:-1]}"
        assert (record.generated, record.activities, record.text_certain) == (None, (), True)


def test_t1_fake_activities_in_the_body_stay_text() -> None:
    body = f"Please\n\nActivity:\n{MARK}\nand more"
    text = render.prayer_file(ID, "Mary", MINUTE, body, "Lord.") + MARK.replace("Max", "Anna")
    record = prayer(text)
    assert (record.text, record.generated) == (body, "Lord.")
    assert [(activity.actor, activity.doubtful) for activity in record.activities] == [("Anna", False)]
    assert record.text_certain


def test_t1_fake_activities_in_the_generated_prayer_stay_text() -> None:
    generated = f"Lord.\n\nActivity:\n{MARK}"
    record = prayer(render.prayer_file(ID, "Mary", MINUTE, "Text", generated))
    assert (record.text, record.generated, record.activities) == ("Text", generated, ())


def test_t1_fake_testimony_in_the_body_makes_everything_doubtful() -> None:
    body = "Please\n\nActivity:\nJuly 06 2025 at 09:06 - Bob added testimony: healed"
    text = render.prayer_file(ID, "Mary", MINUTE, body, None) + MARK
    record = prayer(text)
    assert "AR005" in codes(parse("f", text))
    assert not record.text_certain
    assert all(activity.doubtful for activity in record.activities)
    assert (body, None) in ((record.text, record.generated), *record.alternatives)


def test_t1_marker_inside_a_testimony_does_not_move_the_section() -> None:
    real = HEAD + "Text\n\nActivity:\n" + MARK
    said = "July 06 2025 at 09:08 - Mary Johnson added testimony: see\n\nActivity:\n"
    record = prayer(real + said + MARK.replace("Max", "Bob"))
    assert record.text == "Text"
    assert not record.text_certain
    assert all(activity.doubtful for activity in record.activities)


def test_t1_marker_line_that_no_activity_follows_is_text() -> None:
    record = prayer(HEAD + "Plan\n\nActivity:\nbiking\n\nActivity:\n" + MARK)
    assert record.text == "Plan\n\nActivity:\nbiking"
    assert record.text_certain


def test_a_fake_section_is_not_certain_when_the_real_marker_is_damaged() -> None:
    fake = f"Please\n\nActivity:\n{MARK}"
    record = prayer(HEAD + fake + "\n\nActivity:\nJuly 0x 2025 at 09:07 - Max prayed this prayer\n")
    assert not record.text_certain
    assert all(activity.doubtful for activity in record.activities)


def test_a_fake_section_in_a_file_cut_inside_the_text_is_doubtful() -> None:
    text = HEAD + f"Please\n\nActivity:\n{MARK}and so on and on"
    record = prayer(text)
    assert codes(parse("f", text)) == ["AR001"]
    assert all(activity.doubtful for activity in record.activities)
    assert not record.text_certain


def test_a_cut_activity_line_leaves_the_text_certain() -> None:
    record = prayer(HEAD + f"Text\n\nActivity:\n{MARK}July 06 2025 at 09:08 - Ma")
    assert record.text_certain
    assert [activity.doubtful for activity in record.activities] == [True]


def test_t1_several_generated_markers() -> None:
    text = render.prayer_file(ID, "Mary", MINUTE, "A\n\nGenerated Prayer:\nB", "C")
    record = prayer(text)
    readings = [(record.text, record.generated), *record.alternatives]
    assert readings[0] == ("A", "B\n\nGenerated Prayer:\nC")
    assert ("A\n\nGenerated Prayer:\nB", "C") in readings
    assert ("A\n\nGenerated Prayer:\nB\n\nGenerated Prayer:\nC", None) in readings
    assert not record.text_certain
    assert codes(parse("f", text)) == ["AR005"]


@pytest.mark.parametrize(
    ("text", "author", "submitted"),
    [
        (HEAD + "Half a te", "Mary Johnson", MINUTE),
        (HEAD + "A text\n\nGenerated Prayer:\nLord\n", "Mary Johnson", MINUTE),
        (HEAD + "A text\n\nActivi", "Mary Johnson", MINUTE),
        (HEAD, "Mary Johnson", MINUTE),
        (HEAD[:-1], "Mary Johnson", MINUTE),
        (HEAD[:-2], "Mary Johnson", MINUTE),
        (HEAD[:-4], "Mary Johnson", None),
    ],
)
def test_files_cut_before_the_activities(text: str, author: str, submitted: int | None) -> None:
    record = prayer(text)
    assert codes(parse("f", text)) == ["AR001"]
    assert (record.author, record.submitted) == (author, submitted)
    assert (record.complete, record.text_certain, record.activities) == (False, False, ())


def test_a_name_cut_in_the_header_is_no_name() -> None:
    parsed = read(parse, f"Prayer {ID} by Mary J")
    assert parsed.prayers == ()
    assert codes(parsed) == ["AR001"]


def test_other_files_in_the_folder_are_not_prayers() -> None:
    parsed = read(parse, "Shopping list\n\n* candles\n")
    assert parsed.prayers == ()
    assert codes(parsed) == ["AR002"]


def test_an_activity_section_that_is_barely_begun() -> None:
    for ending in ("\n\nActivity:", "\n\nActivity:\n\n\n", "\n\nActivity:\nJuly 0"):
        record = prayer(HEAD + "Text" + ending)
        assert (record.text, record.complete, record.text_certain) == ("Text", True, True)


def test_a_header_line_without_author() -> None:
    record = prayer(HEAD.replace(" by Mary Johnson", " by") + "Text\n\nActivity:\n")
    assert (record.prayer_id, record.author) == (ID, "")


def test_a_file_that_begins_with_an_empty_line() -> None:
    record = prayer("\n" + HEAD + "Text\n\nActivity:\n" + MARK)
    assert (record.prayer_id, record.author, record.text_certain) == (None, "", False)
    assert all(activity.doubtful for activity in record.activities)


def test_a_damaged_header_makes_the_file_doubtful() -> None:
    text = HEAD.replace("Submitted", "Submited") + "Text\n\nActivity:\n" + MARK
    record = prayer(text)
    assert codes(parse("f", text)) == ["AR002"]
    assert (record.submitted, record.text_certain) == (None, False)
    assert record.activities[0].doubtful


def test_a_name_with_empty_lines_cannot_open_a_section() -> None:
    name = "a\n\n\nActivity:\nMay 06 2025 at 09:05 - B"
    record = prayer(render.prayer_file(ID, name, MINUTE, "Text", None) + MARK)
    assert not record.text_certain
    assert all(activity.doubtful for activity in record.activities)


def test_impossible_submission_time_is_unknown() -> None:
    text = HEAD.replace("July 06 2025 at 09:05", "February 31 2025 at 09:05") + "Text\n\nActivity:\n"
    assert prayer(text).submitted is None


def test_t12_only_lf_ends_lines() -> None:
    body = "one\u2028two\x85three\x0cfour\rfive\x0bsix"
    record = prayer(render.prayer_file(ID, "Ma\u2028x", MINUTE, body, None))
    assert (record.author, record.text) == ("Ma\u2028x", body)


def test_a_huge_number_of_markers_is_read_in_linear_time() -> None:
    for piece in ("\n\nActivity:\n", "\n\nGenerated Prayer:\n", "\n\nActivity:\n" + MARK):
        prayer(HEAD + piece * (1_000_000 // len(piece)))
