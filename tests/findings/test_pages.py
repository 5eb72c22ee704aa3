"""One code, one page: complete, in the fixed form, and in step with the table of codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import thywill_reconstruct.findings
from thywill_reconstruct.findings.codes import CODES, FAMILIES, SELECTIONS, SEVERITIES

PAGES = Path(thywill_reconstruct.findings.__file__).parent / "pages"
HEADINGS = ["What it reports", "Why it matters", "Example", "Repair", "Limits", "References"]
CODE = re.compile(r"\b[A-Z]{2}\d{3}\b")


def page(code: str) -> str:
    return (PAGES / f"{code}.md").read_text(encoding="utf-8")


def section(code: str, heading: str) -> str:
    return page(code).split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0].strip()


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {path.stem for path in PAGES.iterdir()} == set(CODES)


def test_codes_belong_to_known_families_and_severities() -> None:
    assert {code.family for code in CODES.values()} == set(FAMILIES)
    assert {code.severity for code in CODES.values()} <= set(SEVERITIES)


def test_names_are_unique() -> None:
    assert len({code.name for code in CODES.values()}) == len(CODES)


@pytest.mark.parametrize("code", CODES)
def test_title_and_severity_agree_with_the_table(code: str) -> None:
    lines = page(code).splitlines()
    assert lines[0] == f"# {code} {CODES[code].name}"
    assert re.fullmatch(rf"Severity: {CODES[code].severity} · Repair: (always|sometimes|never)", lines[2])


@pytest.mark.parametrize("code", CODES)
def test_headings_are_complete_and_in_order(code: str) -> None:
    assert re.findall(r"^## (.+)$", page(code), re.M) == HEADINGS
    assert all(section(code, heading) for heading in HEADINGS)


@pytest.mark.parametrize("code", CODES)
def test_example_shows_data_and_what_is_reported(code: str) -> None:
    example = section(code, "Example")
    assert example.count("```") >= 2
    assert code in example


@pytest.mark.parametrize("code", CODES)
def test_page_mentions_only_codes_that_exist(code: str) -> None:
    assert set(CODE.findall(page(code))) <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_page_that_promises_no_repair_plans_none(code: str) -> None:
    """What ``--only`` selects can be repaired; what never can be is in no selection."""
    selectable = {known for codes in SELECTIONS.values() for known in codes}
    never = "· Repair: never" in page(code)
    assert never == (code not in selectable)


@pytest.mark.parametrize("code", CODES)
def test_references_point_to_sections_of_the_shipped_documents(code: str) -> None:
    """The documents themselves are checked against every citation in tests/test_docs.py."""
    assert re.search(r"(archive format|database schema) spec, section \d", section(code, "References"))
