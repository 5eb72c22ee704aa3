"""Documents say what the code does: generated ones are regenerated, references and links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SOURCES = sorted(
    [
        *ROOT.glob("thywill_reconstruct/**/*.py"),
        *ROOT.glob("thywill_reconstruct/**/*.md"),
        *ROOT.glob("scripts/**/*.py"),
        *ROOT.glob("tests/**/*.py"),
        *DOCUMENTS,
    ]
)
SPECS = {
    "archive format": ROOT / "docs" / "archive-formats.md",
    "database schema": ROOT / "docs" / "database-schemas.md",
}
CITATION = re.compile(
    r"(archive format|database schema) spec,\s+(?:sections?\s+)?((?:\d[\d.]*(?:,\s+|\s+and\s+|\s+to\s+)?)+)"
)
TRAP = re.compile(r"\btraps? (T\d+)")


def sections(spec: str) -> set[str]:
    """The numbers of the headings of one document: ``## 2 ...``, ``### 2.1 ...``."""
    return set(re.findall(r"^#+ (\d+(?:\.\d+)*)\.? ", SPECS[spec].read_text(encoding="utf-8"), re.M))


def citations() -> Iterator[tuple[str, str, str]]:
    for path in SOURCES:
        text = re.sub(r"\n\s*(?:#\s*)?", " ", path.read_text(encoding="utf-8"))
        for spec, numbers in CITATION.findall(text):
            for number in re.findall(r"\d+(?:\.\d+)*", numbers):
                yield path.relative_to(ROOT).as_posix(), spec, number


def test_generated_documents_are_current() -> None:
    command = [sys.executable, "scripts/generate_docs", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_cited_sections_exist() -> None:
    found = list(citations())
    assert len(found) > 50
    wrong = [cited for cited in found if cited[2] not in sections(cited[1])]
    assert wrong == []


def test_cited_traps_exist() -> None:
    described = set(re.findall(r"^\* \*\*(T\d+) ", SPECS["archive format"].read_text(encoding="utf-8"), re.M))
    assert described == {f"T{number}" for number in range(1, 19)}
    cited = {trap for path in SOURCES for trap in TRAP.findall(path.read_text(encoding="utf-8"))}
    assert cited <= described


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_named_scripts_exist_and_can_be_run(path: Path) -> None:
    named = {ROOT / name for name in re.findall(r"\bscripts/\w+", path.read_text(encoding="utf-8"))}
    assert [script.name for script in named if not script.exists()] == []
    assert [script.name for script in named if script.is_file() and not script.stat().st_mode & 0o100] == []


def test_change_log_begins_with_data_safety() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first_release = text.split("\n## ", 2)[1]
    assert re.findall(r"^### (.+)$", first_release, re.M)[0] == "Data safety"
