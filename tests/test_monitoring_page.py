"""docs/monitoring.md: its snippets are well-formed, and the commands in them do what they say."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from scripts.pack_fixtures import FIXTURES
from scripts.pack_fixtures.fixture import make
from tests.cli.support import COMMAND, environment, reconstruct

PAGE = (Path(__file__).parent.parent / "docs" / "monitoring.md").read_text(encoding="utf-8")
RESULTS = {0, 1, 2}


def snippets(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)
    assert found, language
    return found


def unit(number: int) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(snippets("ini")[number])
    return parser


@pytest.fixture
def shell(community: Path, tmp_path: Path) -> Any:
    """Runs a line of shell as written on the page, its absolute places moved into the test's folder."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "reconstruct").write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    (programs / "reconstruct").chmod(0o755)
    (tmp_path / "node_exporter").mkdir()
    make(FIXTURES["budget"], f"sqlite:///{community / 'budget.db'}", damaged=True)

    def run(line: str, **settings: str) -> subprocess.CompletedProcess[str]:
        line = line.replace("/srv/thywill", str(community)).replace(
            "/var/lib/node_exporter", str(tmp_path / "node_exporter")
        )
        everything = environment(settings)
        everything["PATH"] = f"{programs}:{everything['PATH']}"
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=community,
            env=everything,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_the_commands_at_the_top_run(shell: Any, community: Path) -> None:
    commands = [line.split("  ")[0] for line in snippets("")[0].splitlines()]
    assert len(commands) == 6
    for command in commands:
        done = shell(command)
        assert done.returncode in RESULTS, (command, done.stderr)
        assert done.stdout
    assert {"thywill.prom", "report.json", "report.md"} <= {path.name for path in community.iterdir()}


def test_the_systemd_service_runs_and_its_results_are_no_failures(shell: Any, tmp_path: Path) -> None:
    service = unit(0)["Service"]
    done = shell(service["ExecStart"])
    assert done.returncode == 2
    assert str(done.returncode) in service["SuccessExitStatus"].split()
    assert list(text_string_to_metric_families((tmp_path / "node_exporter" / "thywill.prom").read_text()))


def test_the_systemd_timer_is_one() -> None:
    timer = unit(1)
    assert timer.sections() == ["Unit", "Timer", "Install"]
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert "reconstruct-monitor.timer" in PAGE
    assert "reconstruct-monitor.service" in PAGE


def test_the_cron_lines_run(shell: Any) -> None:
    lines = snippets("cron")[0].splitlines()
    assert len(lines) == 2
    for line, prints in zip(lines, (False, True), strict=True):
        *when, command = line.split(maxsplit=5)
        assert all(re.fullmatch(r"\*|\d+", each) for each in when)
        done = shell(command)
        assert done.returncode in RESULTS, done.stderr
        assert bool(done.stdout) is prints
        assert done.stderr == ""


def test_the_github_job_runs(shell: Any, community: Path, tmp_path: Path) -> None:
    document = yaml.safe_load(snippets("yaml")[0])
    assert {"name", "jobs"} <= set(document)
    steps = document["jobs"]["monitor"]["steps"]
    install = next(step["run"] for step in steps if step.get("run", "").startswith("pip"))
    extras = re.findall(r"\[(.*)\]", install)[0].split(",")
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert all(re.search(rf"^{extra} = \[", project, re.M) for extra in extras)
    named = {step["name"]: step["run"] for step in steps if "name" in step}
    done = shell(named["check"], DATABASE_URL="budget.db")
    assert done.returncode in RESULTS, done.stderr
    shell(named["summary"], GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
    assert (tmp_path / "summary").read_text().startswith("# Integrity check: ")
    cached = next(step["with"]["path"] for step in steps if step.get("uses", "").startswith("actions/cache"))
    assert (community / cached).exists()


def test_the_prometheus_rules_ask_for_metrics_that_there_are(shell: Any, community: Path) -> None:
    rules = yaml.safe_load(snippets("yaml")[1])["groups"][0]["rules"]
    shell("reconstruct monitor --prometheus-file x.prom")
    families = {each.name: each for each in text_string_to_metric_families((community / "x.prom").read_text())}
    assert set(families) == set(re.findall(r"`(reconstruct_\w+)`", PAGE))
    for rule in rules:
        (asked,) = re.findall(r"reconstruct_\w+", rule["expr"])
        labels = families[asked].samples[0].labels
        used = re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])
        assert set(used) <= set(labels)


def test_the_nagios_command_runs(shell: Any) -> None:
    (line,) = re.findall(r"command_line\s+(.*)", snippets("nagios")[0])
    done = shell(line.replace("$ARG1$", "budget.db").replace("$ARG2$", "budget"))
    assert done.returncode in RESULTS
    assert done.stdout.startswith("INTEGRITY ")


def test_the_limits_and_codes_are_those_of_the_code(tmp_path: Path) -> None:
    from thywill_reconstruct.errors import AlertError, HistoryError, RunLockedError
    from thywill_reconstruct.monitor.store import DAYS, NEWEST

    assert f"newest {NEWEST:,} checks" in PAGE
    assert f"for {DAYS} days" in PAGE
    for error in (HistoryError, RunLockedError, AlertError):
        assert f"exit code {error.exit_code}" in PAGE or f"exit code is {error.exit_code}" in PAGE
    helped = reconstruct(tmp_path, "monitor", "--help").out
    assert all(word in helped for word in re.findall(r"`(--[a-z-]+)`", PAGE))
