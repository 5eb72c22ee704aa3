from __future__ import annotations

from pathlib import Path

from tests.unit.archives.test_load import USERS, small, write
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.archives.stats import KindStats, kind_stats, unread


def test_figures_by_kind(tmp_path: Path) -> None:
    files = {**small(), "users/2025_08_users.txt": "hello\n", "notes.txt": "a\nb\n"}
    archive = load_archive(write(tmp_path, files))
    assert kind_stats(archive) == (
        KindStats("activity", 1, 1, 5, 5),
        KindStats("prayer", 1, 2, 10, 10),
        KindStats("registrations", 2, 1, 4, 3),
        KindStats("unknown", 1, 0, 2, 0),
    )
    assert [str(problem.span) for problem in unread(archive)] == ["users/2025_08_users.txt:1"]


def test_remarks_on_lines_that_were_understood_are_not_listed(tmp_path: Path) -> None:
    archive = load_archive(write(tmp_path, {**small(), USERS + ".tmp": "x"}))
    assert archive.problems != ()
    assert unread(archive) == ()
