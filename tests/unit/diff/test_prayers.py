"""Prayers: who wrote them, which are missing, what their texts should be, and what stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import (
    ORM_V2,
    PEOPLE,
    TEXT,
    archive,
    attribute,
    compare,
    compare_one,
    path_of,
    prayer,
    prayer_file,
    snapshot,
    user,
)

RAIN = prayer_file("rain")
SUBMITTED = "09:00 - Anna submitted prayer rain"
TWIN = user("twin", "ANNA", "05 12:00")
COVERED = "09:00 - Bert prayed for prayer snow\n10:00 - Bert prayed for prayer snow"


# --- authors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("log", [None, SUBMITTED])
def test_a_prayer_that_agrees_leaves_nothing_to_say(log: str | None) -> None:
    assert compare_one(RAIN, log=log).of("PR", "AR") == []


@pytest.mark.parametrize("nobody", ["ghost", "None", "", None])
def test_a_dangling_author_is_the_one_whom_the_file_names(nobody: str | None) -> None:
    result = compare_one(RAIN, prayers=[prayer(author=nobody)])
    (finding,) = result.of("PR")
    (change,) = finding.changes
    assert (finding.code, finding.expected, change.before, change.after, change.risk) == (
        "PR001",
        "Anna",
        nobody,
        "anna",
        "fill",
    )
    assert finding.evidence == (f"{RAIN.path}:1", "prayer row rain")


def test_the_log_alone_names_an_author_too() -> None:
    result = compare(archive(log=SUBMITTED), snapshot(prayers=[prayer(author="ghost")]))
    assert result.does("PR") == ["PR001 rain.author ghost -> anna"]


@pytest.mark.parametrize("name", ["None", "Unknown User", "DeletedUser7"])
def test_a_placeholder_names_nobody(name: str) -> None:
    result = compare_one(prayer_file("rain", by=name), prayers=[prayer(author="ghost")])
    assert result.does("PR") == []
    assert result.reason("PR001") == "No archive line names the author."
    with_log = compare_one(prayer_file("rain", by=name), prayers=[prayer(author="ghost")], log=SUBMITTED)
    assert with_log.does("PR") == ["PR001 rain.author ghost -> anna"]


def test_a_living_author_is_replaced_where_the_log_says_so() -> None:
    result = compare_one(RAIN, prayers=[prayer(author="bert")], log=SUBMITTED)
    assert result.does("PR") == ["PR002 rain.author bert -> anna"]
    assert result.of("PR002")[0].changes[0].risk == "relink"


def test_or_where_the_log_does_not_cover_the_time() -> None:
    assert compare_one(RAIN, prayers=[prayer(author="bert")]).does("PR") == ["PR002 rain.author bert -> anna"]


def test_but_not_where_the_log_covers_the_time_and_is_silent() -> None:
    result = compare_one(RAIN, prayers=[prayer(author="bert")], log=COVERED)
    assert result.does("PR") == []
    assert result.reason("PR002").endswith("A living author is not replaced.")


def test_sources_that_contradict_each_other_change_nothing() -> None:
    result = compare_one(RAIN, prayers=[prayer(author="ghost")], log="09:00 - Bert submitted prayer rain")
    assert result.does("PR") == []
    assert result.leaves("PR", "AR014") == ["AR014 rain", "PR001 rain"]
    assert result.reason("AR014") == "The archives contradict each other: Anna, Bert."


def test_two_files_that_contradict_each_other_change_nothing_either() -> None:
    files = [prayer_file("rain"), prayer_file("rain", by="Bert", suffix="rain_2")]
    result = compare_one(files, prayers=[prayer(author="cleo", path=path_of(files[0]))])
    assert result.does("PR") == []
    assert result.leaves("PR", "AR014") == ["AR014 rain"]


def test_a_name_that_is_not_certain_takes_no_prayer() -> None:
    result = compare_one(prayer_file("rain", by="Zacharias"), prayers=[prayer(author="ghost")])
    assert result.does("PR", "US") == []
    assert "'Zacharias', and who that is, is not certain" in result.reason("PR001")


def test_a_certain_and_an_uncertain_name_together_are_not_certain() -> None:
    result = compare_one(
        RAIN, prayers=[prayer(author="ghost")], log="09:00 - Zacharius submitted prayer rain", users=PEOPLE
    )
    assert [line for line in result.does("PR") if "rain" in line] == []


def test_a_prayer_on_a_twin_goes_to_the_person() -> None:
    result = compare_one(RAIN, prayers=[prayer(author="twin")], users=[*PEOPLE, TWIN], log=COVERED)
    assert result.does("PR") == ["PR007 rain.author twin -> anna"]
    assert result.of("PR007")[0].changes[0].risk == "relink"


def test_a_prayer_on_a_twin_whose_author_nobody_names_stays() -> None:
    file = prayer_file("rain", by="None")
    result = compare_one(file, prayers=[prayer(author="twin")], users=[*PEOPLE, TWIN])
    assert result.does("PR") == []
    assert result.leaves("PR") == ["PR007 rain"]


def test_in_the_later_era_the_author_is_a_name() -> None:
    users = [person._replace(key=person.name) for person in PEOPLE]
    rows = snapshot(users=users, prayers=[prayer(author="mary")], sql=ORM_V2)
    assert compare(archive(RAIN), rows).does("PR") == ["PR001 rain.author mary -> Anna"]


FOUR = [prayer_file(f"p{n}", at=f"10:0{n}") for n in range(3)]


def test_a_prayer_without_archive_goes_to_the_former_owner_of_its_id_or_stays() -> None:
    rows = [prayer(f"p{n}", "old", f"10:0{n}", path=None) for n in range(3)]
    others = [prayer("snow", "old", path=None), prayer("hail", "ghost", path=None), prayer("fog", "bert", path=None)]
    result = compare(archive(*FOUR), snapshot(prayers=[*rows, *others]))
    assert result.does("PR") == [f"PR001 {key}.author old -> anna" for key in ("p0", "p1", "p2", "snow")]
    assert result.leaves("PR") == ["PR001 hail", "PR006 fog"]


def test_a_prayer_whose_file_names_nobody_goes_to_the_former_owner_of_its_id() -> None:
    rows = [prayer(f"p{n}", "old", f"10:0{n}", path=None) for n in range(3)]
    unnamed = prayer_file("snow", by="None", at="11:00")
    result = compare(archive(*FOUR, unnamed), snapshot(prayers=[*rows, prayer("snow", "old", "11:00", path=None)]))
    assert "PR001 snow.author old -> anna" in result.does("PR")


# --- missing prayers ----------------------------------------------------------------------------------------------


def test_a_missing_prayer_is_made_anew_whole() -> None:
    file = prayer_file("rain", text="Dear all,\n\n  pray: now.", generated="We pray.\nAmen.", tag="weather")
    result = compare_one(file, prayers=())
    (finding,) = result.of("PR")
    assert dict(finding.changes[0].row) == {
        "key": "rain",
        "author": "anna",
        "text": "Dear all,\n\n  pray: now.",
        "generated": "We pray.\nAmen.",
        "tag": "weather",
        "audience": "all",
        "created": "2025-06-10 09:00:00.000000",
        "flagged": 0,
        "path": path_of(file),
    }
    assert finding.changes[0].risk == "recreate"
    assert "pray: now" not in f"{finding.expected}{finding.actual}{finding.evidence}{finding.reason}"


def test_a_recreated_prayer_is_not_hidden_by_its_attribute() -> None:
    """The column is moderation's, the attribute is what the archives' line set; the attribute itself stays."""
    flagged = [attribute("a1", "anna", "10:00", "flagged")]
    result = compare_one(prayer_file("rain", "10:00 - Anna flagged this prayer"), prayers=(), attributes=flagged)
    assert dict(result.of("PR003")[0].changes[0].row)["flagged"] == 0
    assert result.does("AT") == []


def test_a_recreated_prayer_gets_the_categorization_of_its_file() -> None:
    block = (
        'Safety Score: 0.7\nSafety Flags: ["grief"]\nCategory: health\nSpecificity: specific\n'
        "Categorization Method: ai\nCategorization Confidence: much\n\n"
    )
    file = prayer_file("rain")
    file = replace(file, text=file.text.replace("\n\n", f"\n{block}", 1))
    row = dict(compare_one(file, prayers=()).of("PR003")[0].changes[0].row)
    assert (row["safety_score"], row["safety_flags"], row["subject_category"]) == (0.7, '["grief"]', "health")
    assert (row["specificity_type"], row["categorization_method"]) == ("specific", "ai")
    assert "specificity_confidence" not in row, "what is no number is left to the default"


def test_of_several_files_the_first_whole_one_is_taken() -> None:
    torn = prayer_file("rain", text="Please pray")
    cut = torn.__class__("rain", torn.path, torn.text.partition("\n\nActivity")[0])
    whole = prayer_file("rain", suffix="rain_2")
    result = compare(archive(cut, whole), snapshot())
    assert dict(result.of("PR003")[0].changes[0].row)["text"] == TEXT


def test_a_cut_text_is_not_put_in_place_of_a_prayer() -> None:
    cut = RAIN.__class__("rain", RAIN.path, RAIN.text.partition("\n\nActivity")[0][:-4])
    result = compare(archive(cut, log=SUBMITTED), snapshot())
    assert result.does("PR") == []
    assert result.reason("PR003").startswith("Its only file ends before the text does.")


def test_a_text_whose_end_is_uncertain_is_not_put_in_place_of_a_prayer() -> None:
    file = prayer_file("rain", text="Please pray.\n\nGenerated Prayer:\nhe wrote.", generated="We pray.")
    result = compare_one(file, prayers=(), log=SUBMITTED)
    assert result.does("PR") == []
    assert result.reason("PR003").startswith("Section markers inside the text")


def test_a_prayer_of_nobody_is_not_made() -> None:
    result = compare_one(prayer_file("rain", by="None"), prayers=())
    assert result.does("PR") == []
    assert result.reason("PR003") == "No archive line names the author."


def test_a_prayer_without_a_time_is_not_made_unless_the_log_has_one() -> None:
    timeless = RAIN.__class__("rain", RAIN.path, RAIN.text.replace("June 10 2025 at 09:00", "June 31 2025 at 09:00"))
    assert compare(archive(timeless), snapshot()).does("PR") == []
    logged = compare(archive(timeless, log=SUBMITTED), snapshot()).of("PR003")[0]
    created = [dict(change.row)["created"] for change in logged.changes]
    assert created in ([], ["2025-06-10 09:00:00.000000"])


def test_a_prayer_of_which_only_the_log_tells_is_reported() -> None:
    result = compare(archive(log=SUBMITTED), snapshot())
    assert result.does("PR") == []
    assert result.reason("PR003").endswith("but no file holds its text.")
    only_marked = compare(archive(log="09:15 - Bert prayed for prayer rain"), snapshot())
    assert only_marked.of("PR") == []


# --- texts --------------------------------------------------------------------------------------------------------

LONG = "Dear friends,\n\nplease pray for my mother.\nHer name: Ruth\nThank you all."
LETTER = prayer_file("rain", text=LONG, generated="We pray: help Ruth.\nAmen.")


@pytest.mark.parametrize("left", ["Thank you all.", "Dear friends,\nplease pray for my mother.\nThank you all."])
def test_a_text_that_an_importer_cut_down_is_restored(left: str) -> None:
    result = compare_one(LETTER, prayers=[prayer(text=left, generated="Amen.")])
    assert [(f.code, f.field, f.changes[0].after) for f in result.of("PR")] == [
        ("PR004", "text", LONG),
        ("PR004", "generated", "We pray: help Ruth.\nAmen."),
    ]
    assert all("Ruth" not in f"{f.expected}{f.actual}{f.evidence}" for f in result.of("PR"))


@pytest.mark.parametrize("edited", ["Thank you all!", "Dear friends,", "", "Something else."])
def test_a_text_that_differs_otherwise_is_reported_and_kept(edited: str) -> None:
    result = compare_one(LETTER, prayers=[prayer(text=edited, generated="We pray: help Ruth.\nAmen.")])
    assert result.does("PR") == []
    assert result.leaves("PR") == ["PR005 rain"]


def test_a_generated_prayer_that_the_row_lacks_may_be_typed_text() -> None:
    whole = f"{LONG}\n\nGenerated Prayer:\nWe pray: help Ruth.\nAmen."
    assert compare_one(LETTER, prayers=[prayer(text=whole)]).of("PR") == []


def test_line_ends_make_no_difference() -> None:
    rows = [prayer(text=LONG.replace("\n", "\r\n"), generated="We pray: help Ruth. \nAmen.\n")]
    assert compare_one(LETTER, prayers=rows).of("PR") == []


def test_a_torn_file_cuts_no_text_down() -> None:
    cut = LETTER.__class__("rain", LETTER.path, LETTER.text[: LETTER.text.index("Thank")])
    result = compare(archive(cut), snapshot(prayers=[prayer(text=LONG)]))
    assert result.does("PR") == []
    assert result.leaves("PR005") == []


def test_any_of_several_files_may_hold_the_text() -> None:
    files = [prayer_file("rain", text="An older text."), prayer_file("rain", text=LONG, suffix="rain_2")]
    rows = [prayer(text=LONG, path=path_of(files[0]))]
    assert compare_one(files, prayers=rows).of("PR") == []


def test_an_uncertain_text_restores_nothing() -> None:
    file = prayer_file("rain", text=f"{LONG}\n\nGenerated Prayer:\nhe wrote.", generated="We pray.")
    result = compare_one(file, prayers=[prayer(text="Thank you all.", generated="We pray.")])
    assert result.does("PR") == []
