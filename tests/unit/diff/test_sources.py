"""What the archives say about one prayer, and whose files without an id are."""

from __future__ import annotations

import pytest

from tests.factories import TEXT, Prayed, archive, compare, prayer, prayer_file, snapshot, stamp
from thywill_reconstruct.diff.sources import gather

RAIN = prayer_file("rain")
TEMP = prayer_file("temp")
SUBMITTED = "09:00 - Anna submitted prayer rain"


def attached(
    *files: Prayed, log: str | None = None, rows: tuple[str, ...] = ("rain",), text: str = TEXT
) -> tuple[dict[str, int], list[str]]:
    """prayer -> number of its files, and the codes found."""
    sources = gather(archive(*files, log=log), [prayer(key, text=text) for key in rows])
    return {key: len(source.files) for key, source in sources.prayers.items()}, [f.code for f in sources.findings]


def test_files_and_log_lines_come_together_by_id_the_oldest_file_first() -> None:
    second = prayer_file("rain", suffix="rain_2")
    log = f"{SUBMITTED}\n09:15 - Bert prayed for prayer rain\n09:20 - Bert registered directly"
    source = gather(archive(second, RAIN, log=log), ()).prayers["rain"]
    assert [file.file for file in source.files] == [RAIN.path, second.path]
    assert [entry.kind for entry in source.log] == ["submitted", "prayed"]
    assert [entry.actor for entry in source.submissions] == ["Anna"]


@pytest.mark.parametrize("word", ["temp", "None"])
def test_a_file_without_id_belongs_to_the_one_prayer_of_its_minute_and_text(word: str) -> None:
    assert attached(prayer_file(word)) == ({"rain": 1}, [])


def test_a_minute_of_slack_is_allowed() -> None:
    sources = gather(archive(TEMP), [prayer(created="09:01:02")])
    assert len(sources.prayers["rain"].files) == 1


def test_without_a_row_the_log_tells_whose_it_is() -> None:
    assert attached(TEMP, log=SUBMITTED, rows=()) == ({"rain": 1}, [])


def test_a_case_variant_of_the_author_in_the_log_is_the_same_author() -> None:
    assert attached(TEMP, log=SUBMITTED.replace("Anna", "ANNA")) == ({"rain": 1}, [])


def test_a_cut_down_row_needs_the_log_to_name_the_same_author() -> None:
    long = prayer_file("temp", text="Dear all,\nplease pray.")
    assert attached(long, text="please pray.") == ({}, ["AR013"])
    assert attached(long, text="please pray.", log=SUBMITTED) == ({"rain": 1}, [])


@pytest.mark.parametrize(
    ("log", "rows", "text"),
    [
        (None, ("rain",), "Another text."),
        ("09:00 - Bert submitted prayer rain", ("rain",), TEXT),  # the log names another author
        (None, ("rain", "snow"), TEXT),  # two prayers of one text in one minute
        (None, (), TEXT),
    ],
)
def test_otherwise_it_stays_open(log: str | None, rows: tuple[str, ...], text: str) -> None:
    counts, codes = attached(TEMP, log=log, rows=rows, text=text)
    assert not any(counts.values())
    assert codes == ["AR013"]


def test_a_prayer_that_has_its_file_takes_no_other() -> None:
    assert attached(TEMP, RAIN) == ({"rain": 1}, ["AR013"])


def test_two_files_without_id_for_one_prayer_both_stay_open() -> None:
    assert attached(TEMP, prayer_file("temp", suffix="temp_2")) == ({}, ["AR013", "AR013"])


def test_a_file_without_a_time_stays_open() -> None:
    timeless = Prayed("temp", TEMP.path, TEMP.text.replace("June 10 2025 at 09:00", "sometime"))
    assert attached(timeless) == ({}, ["AR013"])


def test_an_open_file_says_how_many_prayers_it_could_be() -> None:
    told = gather(archive(TEMP), [prayer(), prayer("snow")])
    assert "it could be any of 2 prayers" in told.findings[0].reason


def test_an_attached_file_repairs_like_any_other() -> None:
    result = compare(archive(TEMP, log=SUBMITTED), snapshot(prayers=[prayer(author="ghost", path=None)]))
    assert result.does("PR", "PA") == [
        "PA001 rain.path None -> text_archives/" + TEMP.path,
        "PR001 rain.author ghost -> anna",
    ]


def test_the_clock_of_the_prayers_is_learnt_from_them() -> None:
    files = [prayer_file(f"p{n}", at=f"10:0{n}") for n in range(3)]
    rows = [prayer(f"p{n}", created=f"08:0{n}:02") for n in range(3)]
    clock = gather(archive(*files), [*rows, prayer("p9")._replace(created="never")]).clock
    assert (clock.usual, clock.pairs) == ((-120,), 3)
    assert stamp("10:00")[:16] == "2025-06-10 10:00"
