"""What the operator hears when the database cannot be used, and that nothing was touched."""

from __future__ import annotations

import fcntl
import os
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.support import held, listing, reconstruct, refused, rows, without_private_folder, write
from thywill_reconstruct.database.models_v1 import create_tables

DATABASE = "thywill.db"


def no_database(folder: Path) -> None:
    (folder / DATABASE).unlink()


def a_folder(folder: Path) -> None:
    (folder / DATABASE).unlink()
    (folder / DATABASE).mkdir()


def not_a_database(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"Dear friends, this is a letter and no database.\n" * 200)


def no_bytes(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"")


def a_pipe(folder: Path) -> None:
    (folder / DATABASE).unlink()
    os.mkfifo(folder / DATABASE)


def a_broken_page(folder: Path) -> None:
    path = folder / DATABASE
    ((page,),) = rows(path, "SELECT rootpage FROM sqlite_master WHERE name = 'prayermark'")
    ((size,),) = rows(path, "PRAGMA page_size")
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xaa" * size)


def cut_short(folder: Path) -> None:
    path = folder / DATABASE
    os.truncate(path, path.stat().st_size // 2)


def another_program(folder: Path) -> None:
    (folder / DATABASE).unlink()
    write(folder / DATABASE, "CREATE TABLE song (title TEXT)")


def half_a_schema(folder: Path) -> None:
    write(folder / DATABASE, "ALTER TABLE prayer RENAME COLUMN author_id TO writer")


@pytest.mark.parametrize("mode", ["--dry-run", "--execute"])
@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        (no_database, 10, ("there is no database at thywill.db", "--db FILE")),
        (a_folder, 11, ("thywill.db is a folder",)),
        (not_a_database, 11, ("thywill.db", "not a database", "backup")),
        (no_bytes, 11, ("0 bytes",)),
        (a_pipe, 11, ("not a regular file",)),
        (a_broken_page, 11, ("thywill.db", "malformed", "Restore")),
        (cut_short, 11, ("thywill.db", "malformed")),
        (another_program, 12, ("lacks", "table user", "--db")),
        (half_a_schema, 12, ("lacks", "prayer.author_username or author_id")),
    ],
)
def test_a_database_that_cannot_be_used(
    community: Path, damage: Callable[[Path], None], code: int, words: tuple[str, ...], mode: str
) -> None:
    damage(community)
    before = listing(community)
    refused(reconstruct(community, mode, *(["--yes"] if mode == "--execute" else [])), code, *words)
    assert listing(community) == before


def test_explain_meets_the_same_errors(community: Path) -> None:
    no_database(community)
    refused(reconstruct(community, "explain", "max"), 10, "there is no database")


def test_a_writer_who_stays_is_waited_for_and_then_named(community: Path) -> None:
    with held(community / DATABASE, "BEGIN EXCLUSIVE", "UPDATE prayer SET flagged = 1") as holder:
        before = listing(community)
        for words in (["--dry-run"], ["--execute", "--yes"], ["explain", "max"]):
            started = time.monotonic()
            done = reconstruct(community, *words, "--timeout", "1")
            assert time.monotonic() - started > 0.9
            refused(done, 13, "is locked by", "gave up after 1 s", "--timeout")
            if Path("/proc/locks").exists() and "process" in done.err:
                assert f"process {holder.pid}" in done.err
        assert listing(community) == before


def test_a_writer_who_stays_after_the_preview(community: Path) -> None:
    with held(community / DATABASE, "BEGIN IMMEDIATE"):
        before = without_private_folder(listing(community))
        done = reconstruct(community, "--execute", "--yes", "--timeout", "1")
        assert done.code == 13
        assert "locked by" in done.err
        assert "Done" not in done.out
        assert without_private_folder(listing(community)) == before


def test_a_writer_who_leaves_is_waited_for(community: Path) -> None:
    with held(community / DATABASE, "BEGIN IMMEDIATE") as holder:
        leaving = threading.Timer(2, holder.kill)
        leaving.start()
        done = reconstruct(community, "--execute", "--yes")
        leaving.join()
    assert done.code == 0, done.err
    assert "Done" in done.out


@pytest.mark.parametrize("room_bytes", [0, 100_000, 660_000])
def test_a_full_disk(community: Path, room_bytes: int) -> None:
    """A limit on the size of files stands in for a full disk: none, too little for the backup, or for the commit."""
    if room_bytes > 600_000:
        size = (community / DATABASE).stat().st_size
        room_bytes = size  # the backup just fits; the journal and the grown database do not
    before = without_private_folder(listing(community))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, resource.RLIM_INFINITY))

    done = reconstruct(community, "--execute", "--yes", "--merge-duplicates", preexec=limit)
    assert done.code == 15, (done.err, done.out[-300:])
    assert done.err.startswith("reconstruct: ")
    assert "Free some space" in done.err
    assert "Done" not in done.out
    # A rollback writes back what stood there, so the time of the file may be another.
    after = without_private_folder(listing(community))
    assert {name: file[3] for name, file in after.items()} == {name: file[3] for name, file in before.items()}
    assert list(community.glob(".reconstruct/*/backup.db")) == []


def test_no_room_for_the_output(community: Path) -> None:
    before = listing(community)
    for words in (["--dry-run"], ["--execute", "--yes"], ["--dry-run", "--json"]):
        with open("/dev/full", "wb") as full:
            done = reconstruct(community, *words, stdout=full)
        refused(done, 15, "the output could not be written")
        assert listing(community) == before


def test_something_in_the_way_of_the_private_folder(community: Path) -> None:
    (community / ".reconstruct").write_text("a file")
    before = listing(community)
    done = reconstruct(community, "--execute", "--yes")
    assert done.code == 14
    assert done.err.startswith("reconstruct: ")
    assert "in the way" in done.err
    assert listing(community) == before


def test_a_second_run_at_the_same_time(community: Path) -> None:
    (community / ".reconstruct").mkdir(mode=0o700)
    with (community / ".reconstruct" / "thywill.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = without_private_folder(listing(community))
        done = reconstruct(community, "--execute", "--yes")
    assert done.code == 23
    assert "another run is working on" in done.err
    assert without_private_folder(listing(community)) == before


def test_an_empty_database_gets_everything_that_the_archives_hold(community: Path) -> None:
    (community / DATABASE).unlink()
    create_tables(f"sqlite:///{community / DATABASE}")
    before = listing(community)
    preview = reconstruct(community, "--dry-run", "--json")
    assert preview.code == 0, preview.err
    assert listing(community) == before
    assert preview.json["counts"]["changes"]["insert"] > 500
    done = reconstruct(community, "--execute", "--yes")
    assert done.code == 0, done.err
    # Only prayers that the archives hold without doubt are recreated.
    found = rows(community / DATABASE, "SELECT count(*) FROM prayer")
    assert found == [(preview.json["counts"]["repaired"]["PR003"],)]
    assert found > [(140,)]
