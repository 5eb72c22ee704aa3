"""Skips, sessions and roles of a database whose keys are names, through the real command."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.community import Options, make_community
from tests.cli.support import reconstruct, rows, write

SESSION = "5e" * 16


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A healthy community in which Max's skip, his session and a security event spell him in capitals."""
    make_community(tmp_path, Options(users=12, prayers=12, months=1, era="v2", damage="none", weather=False))
    (tmp_path / "damaged.db").rename(tmp_path / "thywill.db")
    write(
        tmp_path / "thywill.db",
        ("INSERT INTO prayerskip VALUES ('s1', ?, (SELECT min(id) FROM prayer), '2025-03-05 10:00:00')", (capital(tmp_path),)),
        ("UPDATE session SET username = ?, id = ? WHERE rowid = 2", (capital(tmp_path), SESSION)),
        ("UPDATE securitylog SET user_id = ? WHERE rowid = 2", (capital(tmp_path),)),
    )  # fmt: skip
    return tmp_path


def person(folder: Path) -> str:
    """Somebody whose name is another in capitals, and nobody else's."""
    names = [str(name) for (name,) in rows(folder / "thywill.db", 'SELECT display_name FROM "user" ORDER BY rowid')]
    return next(n for n in names if n.upper() not in names and [m.upper() for m in names].count(n.upper()) == 1)


def capital(folder: Path) -> str:
    return person(folder).upper()


def test_a_skip_and_a_log_row_are_moved_and_a_session_is_not(folder: Path) -> None:
    database = folder / "thywill.db"
    done = reconstruct(folder, "--execute", "--yes", "--db", database)
    assert done.code == 0, done.err
    assert rows(database, "SELECT user_id FROM prayerskip") == [(person(folder),)]
    assert rows(database, "SELECT user_id FROM securitylog WHERE rowid = 2") == [(person(folder),)]
    assert rows(database, "SELECT username FROM session WHERE rowid = 2") == [(capital(folder),)]
    assert SESSION not in done.out + done.err


def test_a_session_is_moved_when_it_is_named_and_its_id_is_never_shown(folder: Path) -> None:
    database = folder / "thywill.db"
    preview = reconstruct(folder, "--dry-run", "--only", "sessions", "--db", database)
    assert "DB004" in preview.out
    done = reconstruct(folder, "--execute", "--yes", "--only", "sessions", "--json", "--db", database)
    assert done.code == 0, done.err
    assert [operation["table"] for operation in done.json["operations"]] == ["session"]
    assert rows(database, "SELECT username FROM session WHERE rowid = 2") == [(person(folder),)]
    assert rows(database, "SELECT user_id FROM prayerskip") == [(capital(folder),)]
    assert SESSION not in preview.out + preview.err + done.out + done.err
