"""A file that was appended to itself, or a part of it: what is repeated counts once, and is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.archives.test_load import ID, LOG, MINUTE, PRAYER, USERS, assert_accounted, codes, small, write
from tests.unit.archives.test_unite import text
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.archives.repeats import find_repeated, find_runs
from thywill_reconstruct.records import Archive
from thywill_reconstruct.times import MINUTES_PER_DAY


def busy() -> dict[str, bytes | str]:
    """Two days with several marks, two of them by one person within one minute."""
    files = small()
    for at, who in ((2, "Anna"), (5, "Bert"), (5, "Bert"), (9, "Anna")):
        files[LOG] = text(files, LOG) + render.log_line(MINUTE + at, who, f"prayed for prayer {ID}")
        files[PRAYER] = text(files, PRAYER) + render.activity_line(MINUTE + at, who, render.PRAYED)
        files[USERS] = text(files, USERS) + render.registration_line(MINUTE + at, f"{who}{at}", "Max")
    files[LOG] = text(files, LOG) + render.date_header(MINUTE + MINUTES_PER_DAY)
    for at, who in ((1, "Bert"), (3, "Anna")):
        line = render.log_line(MINUTE + MINUTES_PER_DAY + at, who, f"prayed for prayer {ID}")
        files[LOG] = text(files, LOG) + line
    return files


def tail(lines: int) -> Callable[[str], str]:
    return lambda told: told + "".join(told.splitlines(keepends=True)[-lines:])


def told(archive: Archive) -> tuple[list[object], list[object], list[object]]:
    """What an archive says, without the lines at which it does."""
    return (
        [(p.prayer_id, p.text, [(*a[:3], a.detail) for a in p.activities]) for p in archive.prayers],
        [(r.minute, r.readings) for r in archive.registrations],
        [entry[:5] for entry in archive.log],
    )


DOUBLED: list[tuple[str, str, Callable[[str], str]]] = [
    ("the log, appended to itself", LOG, lambda whole: whole + whole),
    ("the log, three times", LOG, lambda whole: whole * 3),
    ("an older log before the newer one", LOG, lambda whole: whole[: whole.index("09:07")] + whole),
    ("the end of the log", LOG, tail(5)),
    ("the end of the last day, without its heading", LOG, lambda whole: whole + whole[whole.index("09:06") :]),
    ("the registrations", USERS, lambda whole: whole + whole),
    ("the end of the registrations", USERS, tail(3)),
    ("the whole prayer", PRAYER, lambda whole: whole + whole),
    ("the activities of the prayer", PRAYER, lambda whole: whole + whole[whole.index("Activity:\n") + 10 :]),
    ("the activity section of the prayer", PRAYER, lambda whole: whole + whole[whole.index("\nActivity:\n") :]),
    (
        "an older state of the prayer before it",
        PRAYER,
        lambda whole: whole[: whole.index("July 06 2025 at 09:10")] + whole,
    ),
]


@pytest.mark.parametrize(("path", "double"), [case[1:] for case in DOUBLED], ids=[case[0] for case in DOUBLED])
def test_what_is_repeated_counts_once_and_is_named(tmp_path: Path, path: str, double: Callable[[str], str]) -> None:
    files = busy()
    alone = load_archive(write(tmp_path / "alone", files))
    files[path] = double(text(files, path))
    doubled = load_archive(write(tmp_path / "doubled", files))
    assert told(doubled) == told(alone)
    assert {code for code, file in codes(doubled) if file == path} == {"AR026"}
    assert_accounted(doubled)


@pytest.mark.parametrize("path", [LOG, USERS, PRAYER])
def test_a_file_with_a_byte_order_mark_that_was_doubled(tmp_path: Path, path: str) -> None:
    files = busy()
    alone = load_archive(write(tmp_path / "alone", files))
    files[path] = f"\ufeff{text(files, path)}" * 2
    doubled = load_archive(write(tmp_path / "doubled", files))
    assert told(doubled) == told(alone)
    assert {code for code, file in codes(doubled)} == {"AR026"}


def test_a_torn_prayer_that_was_doubled_is_read_as_torn_once(tmp_path: Path) -> None:
    files = small()
    files[PRAYER] = f"Prayer {ID} by Max\nSubmitted July 06 2025 at 09:05\n\nPeace.\n\nActi"
    alone = load_archive(write(tmp_path / "alone", files))
    files[PRAYER] = text(files, PRAYER) * 2
    doubled = load_archive(write(tmp_path / "doubled", files))
    assert told(doubled) == told(alone)
    assert not doubled.prayers[0].complete


def test_what_follows_a_repetition_is_news(tmp_path: Path) -> None:
    files = busy()
    files[LOG] = text(files, LOG) * 2 + render.log_line(
        MINUTE + MINUTES_PER_DAY + 7, "Cleo", f"prayed for prayer {ID}"
    )
    archive = load_archive(write(tmp_path, files))
    assert [entry.actor for entry in archive.log[-3:]] == ["Bert", "Anna", "Cleo"]


def test_two_marks_of_one_minute_are_no_repetition(tmp_path: Path) -> None:
    """Trap T13."""
    archive = load_archive(write(tmp_path, busy()))
    assert [entry.actor for entry in archive.log].count("Bert") == 3
    assert archive.problems == ()


def test_what_people_do_again_in_the_hour_that_comes_twice_is_no_repetition(tmp_path: Path) -> None:
    files = small()
    night = MINUTE - MINUTE % MINUTES_PER_DAY + 140
    lines = [render.log_line(night + at, who, f"prayed for prayer {ID}") for at, who in ((0, "Bert"), (7, "Anna"))]
    files[LOG] = render.activity_header(2025, 7) + render.date_header(night) + "".join(lines * 2)
    archive = load_archive(write(tmp_path, files))
    assert [entry.actor for entry in archive.log] == ["Bert", "Anna", "Bert", "Anna"]


def test_a_file_that_differs_from_its_first_part_is_not_thinned_out(tmp_path: Path) -> None:
    """A text may quote a prayer, header and all."""
    files = small()
    files[PRAYER] = render.prayer_file(ID, "Max", MINUTE, f"Peace.\nPrayer {ID} by Max\nThat was it.", None)
    (prayer,) = load_archive(write(tmp_path, files)).prayers
    assert prayer.text == f"Peace.\nPrayer {ID} by Max\nThat was it."


def test_only_blocks_in_the_same_order_repeat() -> None:
    starts = find_runs([301, 302, 303, 301, 303], [1, 2, 3, 4, 5])
    assert starts == [0, 3]
    assert find_repeated("abcac", starts) == []
    assert find_repeated("abcab", starts) == [(3, 5)]


def test_time_for_many_alike_lines_grows_with_their_number() -> None:
    keys = list("ab" * 20_000)
    assert find_repeated(keys, range(0, len(keys), 2)) == [(2, len(keys))]
