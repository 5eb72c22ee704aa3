"""`reconstruct monitor` and `reconstruct history`, as they are run: what is kept, written, sent, and what is not."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scripts.pack_fixtures import FIXTURES
from scripts.pack_fixtures.fixture import make
from tests.cli.support import COMMAND, Done, environment, held, listing, reconstruct, refused, rows, write
from tests.cli.test_dry_run import valid

WORDS = ("monitor", "--pack", "points", "--db", "points.db")
STORE = ".reconstruct/history.sqlite"
BAD_ROW = "INSERT INTO points_log VALUES ({}, 4, '2025-03-03', 'gift', 7, 0)"
SECRET = "s3cr3ttoken"


class Inbox(HTTPServer):
    """A service that takes alerts, or refuses them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.alerts: list[dict[str, Any]] = []
        self.answer = 200

    def url(self, scheme: str = "json") -> str:
        return f"{scheme}://127.0.0.1:{self.server_port}/{SECRET}"


class _Take(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.answer == 200:
            self.server.alerts.append(json.loads(content))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Inbox]:
    with Inbox() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with serving() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(FIXTURES["points"], f"sqlite:///{tmp_path / 'points.db'}", damaged=False)
    return tmp_path


def monitor(folder: Path, *more: str, url: str = "") -> Done:
    done = reconstruct(folder, *WORDS, *more, settings={"RECONSTRUCT_NOTIFY": url})
    assert SECRET not in done.out + done.err
    return done


def damage(folder: Path, *keys: int) -> None:
    write(folder / "points.db", *(BAD_ROW.format(key) for key in keys))


def metrics(path: Path) -> dict[str, dict[str, float]]:
    """The samples by metric and rule."""
    families = text_string_to_metric_families(path.read_text())
    return {
        each.name: {
            sample.labels.get("rule", ""): sample.value for sample in each.samples if sample.timestamp is None
        }
        for each in families
    }


def test_new_worse_and_recovered_are_told_once_each(folder: Path, inbox: Inbox) -> None:
    told = []
    for keys in ((), (), (900100,), (), (900101,), None, ()):
        if keys is None:
            write(folder / "points.db", "DELETE FROM points_log WHERE id >= 900100")
        else:
            damage(folder, *keys)
        done = monitor(folder, url=inbox.url())
        assert done.err == ""
        told.append([each["message"] for each in inbox.alerts])
        inbox.alerts.clear()
    source = "points-ledger-source ({}): "
    severity = rows(folder / STORE, "SELECT severity FROM figure WHERE rule = 'points-ledger-source'")[0][0]
    source = source.format(severity)
    assert [bool(each) for each in told] == [False, False, True, False, True, True, False]
    assert f"NEW  {source}1 found" in told[2][0]
    assert f"WORSE  {source}2 found, was 1" in told[4][0]
    assert f"RECOVERED  {source}0 found, was 2" in told[5][0]
    assert done.code == 0


def test_the_first_check_is_the_base_line_unless_asked(folder: Path, inbox: Inbox) -> None:
    damage(folder, 900100)
    done = monitor(folder, "--dry-run", "--alert-first", url=inbox.url())
    assert "would send to address 1 (json)" in done.out
    assert inbox.alerts == []
    assert monitor(folder, "--alert-first", url=inbox.url()).code == 1
    assert [each["title"].split(":")[0] for each in inbox.alerts] == ["Integrity of points.db"]


def test_an_alert_that_fails_keeps_the_figures_and_is_told_again(folder: Path, inbox: Inbox) -> None:
    with serving() as other:
        both = f"{inbox.url()} {other.url()}"
        monitor(folder, url=both)
        damage(folder, 900100)
        inbox.answer = 500
        done = monitor(folder, "--prometheus-file", "x.prom", url=both)
        assert done.code == 36
        assert "address 1 (json)" in done.err
        assert "address 2" not in done.err
        assert "WARNING" in done.err
        assert done.err.count("\n") == 1
        assert metrics(folder / "x.prom")["reconstruct_findings"]["points-ledger-source"] == 1
        assert len(rows(folder / STORE, "SELECT id FROM run")) == 2
        inbox.answer = 200
        assert monitor(folder, url=both).code == 1
        assert (len(inbox.alerts), len(other.alerts)) == (1, 1)


def test_a_dry_run_changes_and_sends_nothing(folder: Path, inbox: Inbox) -> None:
    before = listing(folder)
    done = monitor(folder, "--dry-run", "--prometheus-file", "x.prom", url=inbox.url())
    assert listing(folder) == before
    assert "would be its base line" in done.out
    assert "would write x.prom" in done.out
    monitor(folder, url=inbox.url())
    damage(folder, 900100)
    before = listing(folder)
    done = monitor(folder, "--dry-run", url=inbox.url())
    assert listing(folder) == before
    assert "  NEW  points-ledger-source" in done.out
    assert inbox.alerts == []
    monitor(folder, url=inbox.url())
    assert len(inbox.alerts) == 1


def test_metrics_and_reports(folder: Path) -> None:
    files = ("--prometheus-file", "x.prom", "--json-file", "x.json", "--markdown-file", "x.md")
    assert monitor(folder, *files).code == 0
    first = metrics(folder / "x.prom")
    assert first["reconstruct_last_run_timestamp_seconds"] == first["reconstruct_last_success_timestamp_seconds"]
    assert first["reconstruct_unchecked_rules"][""] == 0
    assert set(first["reconstruct_findings"].values()) == {0.0}
    assert valid(Done(0, (folder / "x.json").read_text(), ""), "check")["exit_code"] == 0
    assert (folder / "x.md").read_text().startswith("# Integrity check: OK\n")
    modes = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in ("x.prom", "x.json", "x.md", STORE)}
    assert modes == {"x.prom": 0o644, "x.json": 0o600, "x.md": 0o600, STORE: 0o600}
    (folder / "points.db").unlink()
    assert monitor(folder, *files).code == 3
    gone = metrics(folder / "x.prom")
    assert gone["reconstruct_last_success_timestamp_seconds"] == first["reconstruct_last_success_timestamp_seconds"]
    assert "reconstruct_findings" not in gone
    assert gone["reconstruct_unchecked_rules"][""] == len(first["reconstruct_findings"])


def test_the_file_for_programs_lists_what_check_lists(folder: Path) -> None:
    damage(folder, *range(900100, 900112))
    monitor(folder, "--json-file", "x.json", "--markdown-file", "x.md")
    listed = json.loads((folder / "x.json").read_text())
    checked = reconstruct(folder, "check", "--pack", "points", "--db", "points.db", "--json").json
    assert len(listed["findings"]) >= 12
    assert listed == checked
    assert "- and 7 more" in (folder / "x.md").read_text()


def test_a_database_that_vanishes_is_told_and_so_is_its_return(folder: Path, inbox: Inbox) -> None:
    damage(folder, 900100)
    monitor(folder, url=inbox.url())
    (folder / "points.db").rename(folder / "away.db")
    done = monitor(folder, url=inbox.url())
    assert (done.code, len(inbox.alerts)) == (3, 1)
    assert "could not be checked" in inbox.alerts[0]["message"]
    assert "could not be checked" in reconstruct(folder, "history", "--db", "points.db").out
    (folder / "away.db").rename(folder / "points.db")
    monitor(folder, url=inbox.url())
    assert "can be checked again" in inbox.alerts[1]["message"]
    assert "new" not in inbox.alerts[1]["title"]


def test_no_database_and_no_history_leaves_nothing_behind(tmp_path: Path) -> None:
    refused(reconstruct(tmp_path, *WORDS), 10, "points.db")
    assert list(tmp_path.iterdir()) == []


def test_a_history_that_is_locked_or_damaged(folder: Path) -> None:
    monitor(folder)
    with held(folder / STORE, "BEGIN EXCLUSIVE"):
        refused(monitor(folder, "--timeout", "0"), 13, "history")
        refused(reconstruct(folder, "history", "--db", "points.db", "--timeout", "0"), 13, "history")
    (folder / STORE).write_bytes(b"torn" * 1000)
    before = listing(folder)
    refused(reconstruct(folder, "history", "--db", "points.db"), 35, "damaged")
    refused(monitor(folder, "--dry-run"), 35, "damaged")
    assert listing(folder) == before
    refused(monitor(folder), 35, "damaged")
    assert (folder / STORE).read_bytes() == b"torn" * 1000


def test_the_database_itself_is_no_history(folder: Path) -> None:
    before = (folder / "points.db").read_bytes()
    refused(monitor(folder, "--store", "points.db"), 35, "no history")
    assert (folder / "points.db").read_bytes() == before


def test_two_at_once_tell_a_change_once(folder: Path, inbox: Inbox) -> None:
    monitor(folder, url=inbox.url())
    damage(folder, 900100)
    settings = environment({"RECONSTRUCT_NOTIFY": inbox.url()})
    words = [*COMMAND, *WORDS, "--timeout", "60"]
    both = [
        subprocess.Popen(words, cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in both:
        assert process.communicate(timeout=60)[1] == b""
    assert [process.returncode for process in both] == [1, 1]
    assert len(inbox.alerts) == 1
    assert len(rows(folder / STORE, "SELECT id FROM run")) == 3


def test_a_clock_that_went_back(folder: Path, inbox: Inbox) -> None:
    monitor(folder, url=inbox.url())
    write(folder / STORE, "UPDATE run SET moment = '2999-01-01 00:00:00'")
    damage(folder, 900100)
    assert monitor(folder, "--prometheus-file", "x.prom", url=inbox.url()).code == 1
    assert len(inbox.alerts) == 1
    figures = metrics(folder / "x.prom")
    assert figures["reconstruct_last_run_timestamp_seconds"] == figures["reconstruct_last_success_timestamp_seconds"]
    out = reconstruct(folder, "history", "--db", "points.db").out
    assert "1 check left out: dated in the future" in out
    assert "points-ledger-source" in out


def test_neither_prayers_nor_names_leave_the_database(community: Path, inbox: Inbox) -> None:
    words = ("monitor", "--alert-first", "--prometheus-file", "x.prom")
    done = reconstruct(community, *words, settings={"RECONSTRUCT_NOTIFY": inbox.url()})
    assert done.code == 2
    kept = b"".join(each.read_bytes() for each in (community / ".reconstruct").iterdir()).decode("utf-8", "replace")
    told = json.dumps(inbox.alerts, ensure_ascii=False) + (community / "x.prom").read_text() + done.out + kept
    told += reconstruct(community, "history", "--all").out + reconstruct(community, "history", "--weekly").out
    assert "thywill-prayer-author" in told
    with sqlite3.connect(community / "thywill.db") as connection:
        people = [name for (name,) in connection.execute("SELECT display_name FROM user") if len(name) > 3]
        prayers = [text for (text,) in connection.execute("SELECT text FROM prayer") if len(text) > 9]
    connection.close()
    assert len(people) > 20
    assert [each for each in (*people, *prayers) if each in told] == []
    assert os.fspath(community) not in told


def test_several_databases_in_one_store(folder: Path) -> None:
    shutil.copy(folder / "points.db", folder / "other.db")
    damage(folder, 900100)
    for name in ("points.db", "other.db"):
        reconstruct(folder, "monitor", "--pack", "points", "--db", name, "--store", "h.sqlite")
    assert not (folder / ".reconstruct").exists()
    out = {
        name: reconstruct(folder, "history", "--db", name, "--store", "h.sqlite").out
        for name in ("points.db", "other.db")
    }
    assert "WARNING" in out["points.db"]
    assert "OK" in out["other.db"]
    refused(reconstruct(folder, "history", "--db", "third.db", "--store", "h.sqlite"), 35, "third.db", "other.db")


def test_a_server_that_cannot_be_reached_is_a_figure_too(folder: Path) -> None:
    url = f"postgresql://me:{SECRET}@127.0.0.1:1/x"
    words = ("monitor", "--pack", "points", "--db", url)
    refused(reconstruct(folder, *words), 64, "--store")
    done = reconstruct(folder, *words, "--store", "h.sqlite")
    assert done.code == 3
    assert SECRET.encode() not in (folder / "h.sqlite").read_bytes()
    assert "127.0.0.1/x" in reconstruct(folder, "history", "--db", url, "--store", "h.sqlite").out


def test_history_as_json_and_as_a_weekly_summary(folder: Path) -> None:
    monitor(folder)
    damage(folder, 900100)
    monitor(folder)
    document = valid(reconstruct(folder, "history", "--db", "points.db", "--json"), "history")
    assert document["rules"][0]["state"] == "failed"
    assert document["weeks"][-1]["checks"] == 2
    summary = reconstruct(folder, "history", "--db", "points.db", "--weekly")
    assert summary.code == 0
    assert "## New\n" in summary.out
    assert summary.out == reconstruct(folder, "history", "--db", "points.db", "--format", "markdown").out
    refused(reconstruct(folder, "history", "--db", "points.db", "--weekly", "--json"), 64, "Markdown")


def test_history_in_a_terminal_without_unicode(folder: Path) -> None:
    monitor(folder)
    damage(folder, 900100)
    monitor(folder)
    plain = reconstruct(folder, "history", "--db", "points.db", settings={"PYTHONIOENCODING": "ascii"})
    assert plain.out.isascii()
    assert "\\u" not in plain.out


def test_no_history_is_said(folder: Path) -> None:
    before = listing(folder)
    refused(reconstruct(folder, "history", "--db", "points.db"), 35, "no history", "monitor")
    assert listing(folder) == before


@pytest.mark.parametrize("url", [SECRET, f"nosuch://{SECRET}", f"{SECRET}://x"])
def test_an_address_that_is_none_is_refused_before_anything_is_done(folder: Path, url: str) -> None:
    before = listing(folder)
    done = reconstruct(folder, *WORDS, "--notify", url)
    refused(done, 64, "address 1")
    assert url == f"{SECRET}://x" or SECRET not in done.err
    assert listing(folder) == before


def test_without_apprise_it_is_said_what_to_install(folder: Path) -> None:
    (folder / "apprise.py").write_text("raise ModuleNotFoundError(name='apprise')")
    assert monitor(folder).code == 0
    done = reconstruct(folder, *WORDS, settings={"RECONSTRUCT_NOTIFY": "json://x", "PYTHONPATH": str(folder)})
    refused(done, 64, "thywill-reconstruct[monitor]")


def test_apprise_is_loaded_only_when_it_is_needed(folder: Path) -> None:
    code = "import sys; from thywill_reconstruct.cli.app import run; run(sys.argv[1:]); sys.exit('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, *WORDS], cwd=folder, env=environment(), check=False)
    assert done.returncode == 0


def test_a_file_that_cannot_be_written_keeps_nobody_from_being_alerted(folder: Path, inbox: Inbox) -> None:
    monitor(folder, url=inbox.url())
    damage(folder, 900100)
    done = monitor(folder, "--prometheus-file", "nowhere/x.prom", "--json-file", "x.json", url=inbox.url())
    assert done.code == 29
    assert "nowhere/x.prom" in done.err
    assert len(inbox.alerts) == 1
    assert (folder / "x.json").exists()


def test_archives_that_are_gone_are_missed(community: Path, inbox: Inbox) -> None:
    settings = {"RECONSTRUCT_NOTIFY": inbox.url()}
    assert reconstruct(community, "monitor", settings=settings).code == 2
    shutil.rmtree(community / "text_archives")
    before = listing(community)
    assert reconstruct(community, "monitor", "--dry-run", settings=settings).code == 3
    assert listing(community) == before
    assert reconstruct(community, "monitor", settings=settings).code == 3
    assert "could not be checked" in inbox.alerts[0]["message"]
