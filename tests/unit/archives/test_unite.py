"""Several archives at once: what a copy repeats counts once, what only it says is added, a contradiction is reported."""

from __future__ import annotations

import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

from tests.unit.archives.test_load import LOG, MINUTE, PRAYER, USERS, small, write
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.records import is_copy


def text(files: dict[str, bytes | str], path: str) -> str:
    content = files[path]
    assert isinstance(content, str)
    return content


def test_an_identical_copy_adds_nothing(tmp_path: Path) -> None:
    live, old = write(tmp_path / "live", small()), write(tmp_path / "old", small())
    alone, both = load_archive([live]), load_archive([live, old])
    assert [(one.path, one.kind) for one in both.files if is_copy(one.path)] == [
        (f"old::{path}", "repeated") for path in (LOG, PRAYER, USERS)
    ]
    same = {"label": "", "files": (), "fingerprint": ""}
    assert replace(both, label="", files=(), fingerprint="") == replace(alone, **same)  # type: ignore[arg-type]
    assert both.location == alone.location


def test_an_older_copy_that_is_shorter_adds_nothing(tmp_path: Path) -> None:
    new = small()
    for path, line in (
        (PRAYER, render.activity_line(MINUTE + 5, "Bert", render.PRAYED)),
        (USERS, render.registration_line(MINUTE + 3, "Bert", "Max")),
        (LOG, render.log_line(MINUTE + 5, "Bert", "registered directly")),
    ):
        new[path] = text(new, path) + line
    alone = load_archive(write(tmp_path / "live", new))
    both = load_archive([tmp_path / "live", write(tmp_path / "old", small())])
    assert (both.prayers, both.registrations, both.log) == (alone.prayers, alone.registrations, alone.log)
    assert both.problems == ()


def test_what_the_live_archive_lost_comes_from_the_copy(tmp_path: Path) -> None:
    lost = small()
    del lost[PRAYER]
    lost[USERS] = render.users_header(2025, 7)
    both = load_archive([write(tmp_path / "live", lost), write(tmp_path / "old", small())])
    assert [prayer.file for prayer in both.prayers] == [f"old::{PRAYER}"]
    assert [(one.file, one.line) for one in both.registrations] == [(f"old::{USERS}", 3)]
    assert len(both.log) == 1


def test_a_thing_that_happened_twice_in_a_minute_stays_twice(tmp_path: Path) -> None:
    """Trap T13: lines are compared as multisets."""
    line = render.log_line(MINUTE, "Anna", "prayed for prayer 0f3a9c1e5b7d4c2288aa10b2c3d4e5f6")
    once, twice = small(), small()
    once[LOG], twice[LOG] = text(once, LOG) + line, text(twice, LOG) + line + line
    both = load_archive([write(tmp_path / "live", once), write(tmp_path / "old", twice)])
    assert [entry.file for entry in both.log if entry.kind == "prayed"] == [LOG, f"old::{LOG}"]


def test_another_text_of_a_prayer_is_a_contradiction(tmp_path: Path) -> None:
    edited = small()
    edited[PRAYER] = text(edited, PRAYER).replace("Peace.", "War.")
    both = load_archive([write(tmp_path / "live", small()), write(tmp_path / "old", edited)])
    assert [(problem.code, problem.span.file) for problem in both.problems] == [("AR014", f"old::{PRAYER}")]
    assert len(both.prayers) == 2


def test_copies_of_one_name_are_told_apart(tmp_path: Path) -> None:
    lost = {USERS: render.registration_line(MINUTE, "Max", None)}
    other = {USERS: render.registration_line(MINUTE, "Anna", None)}
    third = {USERS: render.registration_line(MINUTE, "Bert", None)}
    places = [write(tmp_path / n / "arch", files) for n, files in (("a", lost), ("b", other), ("c", third))]
    archive = load_archive(places)
    assert [one.file for one in archive.registrations] == [USERS, f"arch::{USERS}", f"arch (2)::{USERS}"]


def test_folder_tar_and_packed_tars_say_the_same(tmp_path: Path) -> None:
    import zstandard

    plain = load_archive(write(tmp_path / "site", small()))
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        with tarfile.open(tmp_path / "site.tar", mode) as container:
            container.add(tmp_path / "site", "backup/text_archives")
        if mode == "w":
            packed = zstandard.ZstdCompressor().compress((tmp_path / "site.tar").read_bytes())
            (tmp_path / "site.tar.zst").write_bytes(packed)
            again = load_archive(tmp_path / "site.tar.zst")
            assert again == replace(plain, label=again.label, location=None)
        again = load_archive(tmp_path / "site.tar")
        assert again == replace(plain, label=again.label, location=None)


def test_a_zip_beside_the_live_folder(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        for path, content in small().items():
            container.writestr(f"complete_site_archive/{path}", content)
    (tmp_path / "site.zip").write_bytes(buffer.getvalue())
    both = load_archive([write(tmp_path / "live", {USERS: "x\n"}), tmp_path / "site.zip"])
    assert [prayer.file for prayer in both.prayers] == [f"site.zip::{PRAYER}"]
    assert both.location == str((tmp_path / "live").resolve())
