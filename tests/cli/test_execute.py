"""An execution does what the preview said, asks first, and leaves a way back."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.support import COMMAND, environment, listing, reconstruct, refused, rows, without_private_folder, write

DANGLING = "SELECT count(*) FROM prayer WHERE author_id NOT IN (SELECT id FROM user)"


def test_nobody_at_the_terminal_means_no(community: Path) -> None:
    before = listing(community)
    for words in (["--execute"], ["recover-users", "--execute"], ["--execute", "--json"]):
        done = reconstruct(community, *words)
        assert done.code == 24
        assert done.err.startswith("reconstruct: nobody is at a terminal")
        assert "--yes" in done.err
        assert listing(community) == before


def test_everything_is_repaired_once(community: Path) -> None:
    database = community / "thywill.db"
    before = listing(community)
    planned = reconstruct(community, "--dry-run", "--json", "--merge-duplicates").json["pending"]
    assert rows(database, DANGLING) != [(0,)]
    done = reconstruct(community, "--execute", "--yes", "--merge-duplicates")
    assert (done.code, done.err) == (0, "")
    assert f"Done: {planned} rows changed." in done.out
    assert rows(database, DANGLING) == [(0,)]
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]
    after = without_private_folder(listing(community))
    assert {name: file for name, file in after.items() if name != "thywill.db"} == {
        name: file for name, file in before.items() if name not in ("thywill.db", ".")
    }
    again = reconstruct(community, "--execute", "--yes", "--merge-duplicates")
    assert again.code == 0
    assert "Nothing to repair." in again.out
    assert without_private_folder(listing(community)) == after
    assert len(list(community.glob(".reconstruct/*/receipt.json"))) == 1


def test_receipt_and_backup_are_private_and_true(community: Path) -> None:
    database = community / "thywill.db"
    content = database.read_bytes()
    done = reconstruct(community, "--execute", "--yes")
    backup = re.search(r"^Backup +(\S+)$", done.out, re.M)
    receipt = re.search(r"^Receipt +(\S+)$", done.out, re.M)
    assert backup
    assert receipt
    folder = Path(receipt[1])
    assert folder.parent == community / ".reconstruct"
    assert Path(backup[1]).parent == folder
    assert json.loads((folder / "receipt.json").read_text())["status"] == "committed"
    for path in [folder.parent, *folder.parent.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    changed = database.read_bytes()
    assert changed != content
    assert rows(Path(backup[1]), DANGLING) != [(0,)]


def test_nothing_is_deleted_unless_asked(community: Path) -> None:
    database = community / "thywill.db"

    def keys() -> dict[str, set[object]]:
        names = [name for (name,) in rows(database, "SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: {row[0] for row in rows(database, f'SELECT rowid FROM "{name}"')} for name in names}

    before = keys()
    for words in ([], ["--only", "twins,marks"], ["--allow-large", "--force"]):
        assert reconstruct(community, "--execute", "--yes", *words).code == 0
        after = keys()
        assert all(before[name] <= after[name] for name in before)
    preview = reconstruct(community, "--dry-run")
    assert "With --merge-duplicates, 17 rows that stand there twice would be deleted as well." in preview.out
    assert reconstruct(community, "--execute", "--yes", "--merge-duplicates").code == 0
    assert len(keys()["prayermark"]) < len(before["prayermark"]) + 20


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        ("recover-users", {"US001"}),
        ("fix-relationships", {"PR001", "MK001", "AT001", "AT002", "IN001", "IN002", "IN008", "US001"}),
        ("fix-paths", {"PA001", "PA002"}),
    ],
)
def test_commands_that_repair_a_part(community: Path, command: str, codes: set[str]) -> None:
    before = listing(community)
    preview = reconstruct(community, command, "--dry-run", "--json").json
    assert codes <= set(preview["counts"]["repaired"])
    shown = reconstruct(community, command, "--dry-run")
    assert f"  reconstruct {command} --execute\n" in shown.out
    assert listing(community) == before
    done = reconstruct(community, command, "--execute", "--yes", "--json").json
    assert done["operations"] == preview["operations"]
    assert done["receipt"]["status"] == "committed"
    again = reconstruct(community, command, "--dry-run", "--exit-code", "--json")
    assert (again.code, again.json["pending"]) == (0, 0)


def test_the_parts_together_are_the_whole(community: Path) -> None:
    for command in ("recover-users", "fix-relationships", "fix-paths"):
        assert reconstruct(community, command, "--execute", "--yes", "--quiet").code == 0
    assert reconstruct(community, "--dry-run", "--json").json["pending"] == 0


def own_the_terminal() -> None:
    """Make standard input the terminal of this process, and let its keys interrupt as usual."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def typed(folder: Path, answer: bytes, *words: str, columns: int = 80) -> tuple[int, str]:
    """Run a command on a terminal of its own, type an answer once it asks, and return exit code and screen."""
    ours, theirs = pty.openpty()
    settings = {"COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env=environment(settings),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=own_the_terminal,
    ) as process:
        os.close(theirs)
        screen, deadline, asked = b"", time.monotonic() + 20, False
        while time.monotonic() < deadline:
            if select.select([ours], [], [], 1)[0]:
                chunk = b""
                with suppress(OSError):  # Linux says that the last reader has gone
                    chunk = os.read(ours, 65536)
                if not chunk:
                    break
                screen += chunk
            if not asked and b"Type yes to go on: " in screen:
                asked = True
                time.sleep(0.3)  # people type after the question; Python may miss a signal while it is still asking
                os.write(ours, answer)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        code = process.wait()
    os.close(ours)
    return code, screen.decode()


def test_yes_on_the_terminal(community: Path) -> None:
    code, screen = typed(community, b"yes\n", "--execute")
    assert code == 0
    assert "rows of thywill.db will be changed. A backup is made first." in screen
    assert "Done: " in screen
    assert "\x1b[" in screen
    assert rows(community / "thywill.db", DANGLING) == [(0,)]


@pytest.mark.parametrize("answer", [b"y\n", b"\n", b"no\n", b"yes please\n", b"\x04"])
def test_anything_else_on_the_terminal(community: Path, answer: bytes) -> None:
    before = listing(community)
    code, screen = typed(community, answer, "--execute", "--quiet")
    assert code == 24
    assert "reconstruct: this was not confirmed. Nothing was changed." in re.sub(r"\s+", " ", screen)
    assert "Traceback" not in screen
    assert listing(community) == before


def test_ctrl_c_at_the_question(community: Path) -> None:
    before = listing(community)
    code, screen = typed(community, b"\x03", "--execute", "--quiet")
    assert code == 130
    assert "interrupted. The database is as it was." in screen
    assert "Traceback" not in screen
    assert listing(community) == before


def test_a_plan_that_changes_too_much_is_held_back(community: Path) -> None:
    """All prayers booked on one person: wrong archives are likelier than so much damage."""
    database = community / "thywill.db"
    ((ilse,),) = rows(database, "SELECT id FROM user WHERE display_name = 'Ilse'")
    write(database, ("UPDATE prayer SET author_id = ?", (ilse,)))
    before = without_private_folder(listing(community))
    done = reconstruct(community, "--execute", "--yes", "--only", "authors")
    assert done.code == 19
    assert "too much" in done.err
    assert "--allow-large" in done.err
    assert without_private_folder(listing(community)) == before
    assert reconstruct(community, "--execute", "--yes", "--only", "authors", "--allow-large").code == 0


def test_receipts_that_cannot_be_trusted_do_not_stop_a_run(community: Path) -> None:
    (community / ".reconstruct" / "20250101T000000Z-000000").mkdir(parents=True)
    (community / ".reconstruct" / "20250101T000000Z-000000" / "receipt.json").write_text("{")
    assert reconstruct(community, "--execute", "--yes").code == 0


def test_a_symbolic_link_to_the_database(community: Path) -> None:
    (community / "data").mkdir()
    (community / "thywill.db").rename(community / "data" / "real.db")
    (community / "thywill.db").symlink_to("data/real.db")
    done = reconstruct(community, "--dry-run")
    assert done.code == 0
    refused(reconstruct(community, "--dry-run", "--db", "data/none.db"), 10, "data/none.db")
