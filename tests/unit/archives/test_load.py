from __future__ import annotations

import os
import random
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.archives.strategies import hostile_text
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.archives.parsed import UNREAD
from thywill_reconstruct.errors import ArchiveReadError, ArchivesMissingError
from thywill_reconstruct.records import Archive
from thywill_reconstruct.times import human_minute

ID = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"
MINUTE = human_minute("July 06 2025", "09:05") or 0
PRAYER = "prayers/2025/07/2025_07_06_prayer_at_0905.txt"
USERS = "users/2025_07_users.txt"
LOG = "activity/activity_2025_07.txt"


def write(root: Path, files: Mapping[str, bytes | str]) -> Path:
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def small() -> dict[str, bytes | str]:
    """Return a small sound archive."""
    prayer = render.prayer_file(ID, "Max", MINUTE, "Peace.", "Lord.") + render.activity_line(
        MINUTE, "Anna", render.PRAYED
    )
    log = render.activity_header(2025, 7) + render.date_header(MINUTE)
    return {
        PRAYER: prayer,
        USERS: render.users_header(2025, 7) + render.registration_line(MINUTE, "Max", None),
        LOG: log + render.log_line(MINUTE, "Max", f"submitted prayer {ID}"),
    }


def codes(archive: Archive) -> list[tuple[str, str]]:
    return [(problem.code, problem.span.file) for problem in archive.problems]


def assert_accounted(archive: Archive) -> None:
    for summary in archive.files:
        if summary.kind in ("unknown", "unusable", "temporary", "download"):
            continue
        unread = {
            line
            for problem in archive.problems
            if problem.code in UNREAD and problem.span.file == summary.path
            for line in range(problem.span.first, min(problem.span.last, summary.lines) + 1)
        }
        assert summary.understood + len(unread) == summary.lines, (summary, archive.problems)


def test_a_sound_archive(tmp_path: Path) -> None:
    archive = load_archive(write(tmp_path, small()))
    assert (len(archive.prayers), len(archive.registrations), len(archive.log)) == (1, 1, 1)
    assert archive.problems == ()
    assert archive.covered_months == {"2025-07"}
    assert archive.location == str(tmp_path.resolve())
    assert archive.label == str(tmp_path)
    assert [(one.path, one.kind, one.lines, one.understood) for one in archive.files] == [
        (LOG, "activity", 5, 5),
        (PRAYER, "prayer", 10, 10),
        (USERS, "registrations", 3, 3),
    ]


def test_folder_wrapped_folder_and_zip_say_the_same(tmp_path: Path) -> None:
    wrapped = write(tmp_path / "site" / "complete_site_archive", small())
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as container:
        for path, content in small().items():
            container.writestr(f"complete_site_archive/{path}", content)
    first, second, third = (load_archive(path) for path in (wrapped, wrapped.parent, tmp_path / "site.zip"))
    assert first == replace(second, label=first.label)
    assert first == replace(third, label=first.label, location=first.location)
    assert third.location is None


def test_the_order_on_disk_does_not_matter(tmp_path: Path) -> None:
    files = {f"prayers/2025/07/2025_07_06_prayer_at_0905_{n}.txt": small()[PRAYER] for n in range(2, 30)}
    items = list({**small(), **files}.items())
    first = load_archive(write(tmp_path / "a", dict(items)))
    random.Random(1).shuffle(items)
    second = load_archive(write(tmp_path / "b", dict(items)))
    assert replace(first, label="", location=None) == replace(second, label="", location=None)


def test_the_fingerprint_tells_contents_and_names_apart(tmp_path: Path) -> None:
    base = load_archive(write(tmp_path / "a", small())).fingerprint
    changed = load_archive(write(tmp_path / "b", {**small(), USERS: render.users_header(2025, 7)})).fingerprint
    renamed = small()
    renamed["users/2025_08_users.txt"] = renamed.pop(USERS)
    assert len({base, changed, load_archive(write(tmp_path / "c", renamed)).fingerprint}) == 3


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "bare", {USERS: render.users_header(2025, 7)})
    for path in (tmp_path / "absent", tmp_path / "empty", tmp_path / "bare"):
        with pytest.raises(ArchivesMissingError):
            load_archive(path)


def test_not_an_archive(tmp_path: Path) -> None:
    write(tmp_path, {"a.zip": "no zip", "b.zip": b""})
    os.mkfifo(tmp_path / "fifo")
    for name in ("a.zip", "b.zip", "fifo"):
        with pytest.raises(ArchiveReadError):
            load_archive(tmp_path / name)


def test_damaged_files_of_a_used_archive(tmp_path: Path) -> None:
    prayer = small()[PRAYER]
    assert isinstance(prayer, str)
    files: dict[str, bytes | str] = {
        **small(),
        PRAYER.replace(".txt", "_2.txt"): prayer.replace("\n", "\r\n"),
        PRAYER.replace(".txt", "_3.txt"): b"\xef\xbb\xbf" + prayer.encode(),
        PRAYER.replace(".txt", "_4.txt"): prayer.replace("Peace.", "Paix à tous.").encode("cp1252"),
        PRAYER.replace(".txt", "_5.txt"): b"",
        PRAYER.replace(".txt", "_6.txt"): bytes(100),
        PRAYER.replace(".txt", "_7.txt.tmp"): prayer[:20],
        "users/notes.txt": "hello\n",
        "notes.txt": "hello\n",
        "prayers/prayer_marks.txt": "Prayer Marks\n",
        "archive_metadata.json": "{}\n",
        "downloads/site.zip": b"PK",
    }
    archive = load_archive(write(tmp_path, files))
    texts = [prayer.text for prayer in archive.prayers]
    assert texts == ["Peace.", "Peace.", "Peace.", "Paix à tous."]
    assert all(len(prayer.activities) == 1 for prayer in archive.prayers)
    assert [code for code, _ in codes(archive)] == ["AR003", "AR001", "AR001", "AR011", "AR002"]
    assert_accounted(archive)
    kinds = {summary.path: summary.kind for summary in archive.files}
    assert kinds["archive_metadata.json"] == "metadata"
    assert kinds["downloads/site.zip"] == "download"
    assert kinds["notes.txt"] == kinds["users/notes.txt"] == "unknown"


def test_a_character_that_is_lost_makes_the_text_uncertain(tmp_path: Path) -> None:
    prayer = small()[PRAYER]
    assert isinstance(prayer, str)
    archive = load_archive(write(tmp_path, {**small(), PRAYER: prayer.encode().replace(b"Peace", b"P\x81ace")}))
    assert not archive.prayers[0].text_certain


def test_an_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    root = write(tmp_path / "a", small())
    with (root / USERS).open("wb") as file:
        file.truncate(1024 * 1024 * 1024)
    archive = load_archive(root)
    assert codes(archive) == [("AR006", USERS)]
    assert len(archive.prayers) == 1


def test_progress_is_told(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    load_archive(write(tmp_path, small()), lambda done, total: seen.append((done, total)))
    assert seen == [(0, 3), (3, 3)]


def test_loading_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, small())

    def state() -> list[tuple[str, int, bytes]]:
        files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        return [(str(path), path.stat().st_mtime_ns, path.read_bytes()) for path in files]

    before = state()
    load_archive(tmp_path)
    assert state() == before


def test_the_shipped_community_is_understood_to_the_last_line(community: Path) -> None:
    archive = load_archive(community / "text_archives")
    assert_accounted(archive)
    assert archive.prayers
    assert archive.registrations


ANY_PATH = st.sampled_from(
    [
        PRAYER, USERS, LOG, "system/2025_07_invite_usage.txt", "sessions/2025_07_sessions.txt", "roles/role_history.txt",
        "auth/2025_07_security_events.txt", "system/event_log/session_events_2025_07.txt", "membership_applications/a.txt",
        "system/current_state/active_sessions.txt", "system/system_config.txt", "prayers/marks/2025_07_marks.txt",
        "users/x.txt", "export_summary.txt",
    ]
)  # fmt: skip


@given(st.dictionaries(ANY_PATH, st.binary(max_size=200) | hostile_text.map(str.encode), min_size=1, max_size=5))
def test_no_bytes_break_the_loader(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    root = tmp_path_factory.mktemp("archive")
    keep = "users/2025_01_users.txt"
    write(root, {**files, keep: render.registration_line(MINUTE, "Max", None)})
    archive = load_archive(root)
    assert_accounted(archive)
    assert archive == load_archive(root)
    shutil.rmtree(root)
