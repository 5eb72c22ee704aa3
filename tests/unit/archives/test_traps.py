"""The traps of the archive format spec, section 6.2, one golden case after the other, each by its number.

Every case is a whole archive, read as a command reads it; more cases of a trap stand with the module that deals with it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.archives.test_load import assert_accounted, write
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.records import Activity, Archive
from thywill_reconstruct.times import show

ID = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"
WHEN = "July 06 2025 at 09:05"
PRAYER = "prayers/2025/07/2025_07_06_prayer_at_0905.txt"
HEAD = f"Prayer {ID} by Max\nSubmitted {WHEN}\n\n"
MARK = f"{WHEN} - Anna prayed this prayer\n"


Read = Callable[[dict[str, str] | str], Archive]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def load(files: dict[str, str] | str) -> Archive:
        files = {PRAYER: files} if isinstance(files, str) else files
        archive = load_archive(write(tmp_path, {path: text.encode() for path, text in files.items()}))
        assert_accounted(archive)
        return archive

    return load


def codes(archive: Archive) -> list[str]:
    return [problem.code for problem in archive.problems]


def told(activities: tuple[Activity, ...]) -> list[tuple[str, str, bool]]:
    return [(one.kind, one.actor, one.doubtful) for one in activities]


def test_t01_section_markers_inside_the_text(read: Read) -> None:
    """The last marker that only events follow is the real one; a first body line is never a marker."""
    text = f"Activity:\n\n{WHEN} - Forger prayed this prayer\n\nGenerated Prayer: none\nSubmitted by me"
    (prayer,) = read(f"{HEAD}{text}\n\nActivity:\n{MARK}").prayers
    assert prayer.text == text
    assert told(prayer.activities) == [("prayed", "Anna", False)]
    archive = read(f"{HEAD}one\n\nGenerated Prayer:\ntwo\n\nGenerated Prayer:\nthree\n\nActivity:\n")
    assert codes(archive) == ["AR005"]
    assert archive.prayers[0].text == "one"
    assert not archive.prayers[0].text_certain
    assert ("one\n\nGenerated Prayer:\ntwo", "three") in archive.prayers[0].alternatives


def test_t02_colons_and_empty_lines_are_text(read: Read) -> None:
    (prayer,) = read(f"{HEAD}Please: pray.\n\n  Time: 9\n\nActivity:\n").prayers
    assert prayer.text == "Please: pray.\n\n  Time: 9"
    (empty,) = read(f"{HEAD}\n\nActivity:\n{MARK}").prayers
    assert (empty.text, len(empty.activities)) == ("", 1)


@pytest.mark.parametrize("word", ["temp", "None"])
def test_t03_a_file_without_id(read: Read, word: str) -> None:
    archive = read(f"{HEAD}x\n\nActivity:\n{MARK}".replace(ID, word))
    assert codes(archive) == ["AR004"]
    (prayer,) = archive.prayers
    assert (prayer.prayer_id, prayer.author, show(prayer.submitted)) == (None, "Max", "2025-07-06 09:05")


@pytest.mark.parametrize(
    "name", ["Connie by Jones", "Anna - Lena", "A prayed this prayer", "B | C", "D at E", "F joined directly"]
)
def test_t04_delimiters_inside_names(read: Read, name: str) -> None:
    files = {
        PRAYER: f"Prayer {ID} by {name}\nSubmitted {WHEN}\n\nx\n\nActivity:\n{WHEN} - {name} prayed this prayer\n",
        "users/2025_07_users.txt": f"User Registrations for July 2025\n\n{WHEN} - {name} joined directly\n",
        "prayers/prayer_marks.txt": f"Prayer Marks\nFormat: id|created_at|prayer_id|username\n\n\nm1|{WHEN}|{ID}|{name}",
    }
    archive = read(files)
    assert archive.problems == ()
    assert (archive.prayers[0].author, archive.prayers[0].activities[0].actor) == (name, name)
    assert archive.registrations[0].readings == ((name, None),)
    assert dict(archive.others[0].fields)["username"] == name


def test_t05_a_live_row_glued_to_an_export(read: Read) -> None:
    """An export ends without LF, so the next login stands on its last line: two whole rows, and no damage."""
    row = f"{WHEN}|s1|Max|{WHEN}|Mozilla|203.0.113.7|yes{WHEN}|s2|Anna|{WHEN}|||no\n"
    head = (
        "Sessions for July 2025 (exported July 29 2025 at 23:50)\nFormat: created_at|session_id|username|expires_at|"
    )
    archive = read(
        {"sessions/2025_07_sessions.txt": f"{head}device_info|ip_address|is_fully_authenticated\n\n\n{row}"}
    )
    assert [dict(record.fields)["session_id"] for record in archive.others] == ["s1", "s2"]
    assert archive.problems == ()


def test_t05_a_torn_write_glues_two_records(read: Read) -> None:
    archive = read(f"{HEAD}x\n\nActivity:\n{WHEN} - An{MARK}")
    assert codes(archive) == ["AR009"]
    assert told(archive.prayers[0].activities) == [("prayed", "Anna", True)]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_t06_titles_and_format_lines_are_no_rows(read: Read, gap: str) -> None:
    head = f"Prayer Marks for July 2025\nFormat: timestamp|prayer_id|user_id{gap}\n"
    archive = read({"prayers/marks/2025_07_marks.txt": f"{head}{WHEN}|{ID}|Max\n"})
    assert [record.kind for record in archive.others] == ["mark"]
    assert archive.problems == ()


def test_t07_one_prayer_in_several_files_and_several_in_one_minute(read: Read) -> None:
    other = "1" * 32
    files = {
        PRAYER: f"{HEAD}x\n\nActivity:\n{MARK}",
        PRAYER.replace(".txt", "_2.txt"): f"{HEAD}x\n\nActivity:\n{MARK}{MARK}",
        PRAYER.replace(".txt", "_3.txt"): f"{HEAD}y\n\nActivity:\n".replace(ID, other),
    }
    archive = read(files)
    assert [prayer.prayer_id for prayer in archive.prayers] == [ID, ID, other]
    assert archive.problems == ()


def test_t08_unknown_carries_no_information(read: Read) -> None:
    archive = read(f"{HEAD}x\n\nActivity:\n{WHEN} - Anna unknown\n")
    assert codes(archive) == ["AR008"]
    assert archive.prayers[0].activities[0].kind == "unknown"


def test_t09_and_t10_names_are_kept_as_written(read: Read) -> None:
    """Whether a name is a phantom or a placeholder is decided with all the evidence, not by the reader."""
    names = ("Mary", "Unknown User", "None", "admin", "a" * 32)
    lines = "".join(f"{WHEN} - {name} prayed this prayer\n" for name in names)
    (prayer,) = read(f"{HEAD}x\n\nActivity:\n{lines}").prayers
    assert tuple(activity.actor for activity in prayer.activities) == names


def test_t11_a_testimony_goes_on_until_the_next_stamp(read: Read) -> None:
    lines = f"{WHEN} - Anna added testimony: Home.\n\nPraise!\n{WHEN} - Bert prayed this prayer\n"
    (prayer,) = read(f"{HEAD}x\n\nActivity:\n{lines}").prayers
    assert prayer.activities[0].detail == "Home.\n\nPraise!"
    assert told(prayer.activities) == [("testimony", "Anna", False), ("prayed", "Bert", True)]


def test_t12_only_lf_and_cr_lf_end_lines(read: Read) -> None:
    text = "one\u2028two\x85three\x0cfour\rfive"
    (prayer,) = read(f"{HEAD}{text}\n\nActivity:\n{MARK}".replace("\n", "\r\n")).prayers
    assert prayer.text == text
    assert len(prayer.activities) == 1


def test_t13_nothing_is_thinned_out_within_one_source(read: Read) -> None:
    entry = f"09:05 - Anna prayed for prayer {ID}\n"
    files = {
        PRAYER: f"{HEAD}x\n\nActivity:\n{MARK}{MARK}",
        "activity/activity_2025_07.txt": f"Activity for July 2025\n\n\nJuly 06 2025\n{entry}{entry}",
    }
    archive = read(files)
    assert len(archive.prayers[0].activities) == 2
    assert len(archive.log) == 2


@pytest.mark.parametrize("tag", ["health", "a (b) c", "submitted prayer x", "prayed for prayer y"])
def test_t14_tags_are_free_text(read: Read, tag: str) -> None:
    log = f"Activity for July 2025\n\n\nJuly 06 2025\n09:05 - Max submitted prayer {ID} ({tag})\n"
    (entry,) = read({"activity/activity_2025_07.txt": log}).log
    assert (entry.kind, entry.actor, entry.prayer_id, entry.detail) == ("submitted", "Max", ID, tag)


def test_t15_a_record_of_another_month_than_its_file(read: Read) -> None:
    text = "User Registrations for July 2025\n\nJune 30 2025 at 23:59 - Max joined directly\n"
    archive = read({"users/2025_07_users.txt": text})
    assert show(archive.registrations[0].minute) == "2025-06-30 23:59"
    assert archive.problems == ()


def test_t16_escapes_differ_from_column_to_column(read: Read) -> None:
    head = "Prayer Attributes\nFormat: id|created_at|prayer_id|attribute_name|attribute_value|created_by\n\n\n"
    files = {
        "prayers/prayer_attributes.txt": f"{head}a1|{WHEN}|{ID}|note|one \\| two|A|B",
        "roles/2025_07_role_assignments.txt": "2025-07-20T10:00:00|Spam|deactivated|assigned|Max||posting | ads\n",
    }
    first, second = (dict(record.fields) for record in read(files).others)
    assert (first["attribute_value"], first["created_by"]) == ("one | two", "A|B")
    assert second["details"] == "posting | ads"


def test_t17_unlimited_is_kept_as_written(read: Read) -> None:
    """It may mean no limit or 0, so that it is never turned into a number."""
    head = "Invite Tokens\nFormat: token|created_by_user|usage_count|max_uses|expires_at|used_by_user_id\n\n\n"
    (token,) = read({"invites/invite_tokens.txt": f"{head}ab12|Max|3|unlimited|{WHEN}|none"}).others
    assert dict(token.fields)["max_uses"] == "unlimited"


def test_t18_a_repeated_user_keeps_all_blocks_in_order(read: Read) -> None:
    text = "User Attributes\n\nusername: Max\nis_supporter: true\n\nusername: Max\nis_supporter: false\n\n"
    archive = read({"users/user_attributes.txt": text})
    assert [dict(record.fields)["is_supporter"] for record in archive.others] == ["true", "false"]
    assert codes(archive) == ["AR014"]
