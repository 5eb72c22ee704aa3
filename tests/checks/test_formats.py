"""Every format is what its readers expect, whatever stands in the data, and says so when something could not be checked."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from thywill_reconstruct.checks.model import CheckResults, Offence, Rule, RuleResult
from thywill_reconstruct.report.check import FORMATS, renderer

ROOT = Path(__file__).parent.parent.parent
OWN_SCHEMA = ROOT / "thywill_reconstruct" / "report" / "schema" / "check.schema.json"
# A part of the SARIF 2.1.0 schema of OASIS in our own words: everything that we write, nothing else allowed there.
SARIF_SCHEMA = Path(__file__).parent / "sarif-part.schema.json"
HOSTILE = "\x1b[31m]|\"'<&>\u202e\ud800\n{table}\\"


def rule(name: str, severity: str = "high") -> Rule:
    return Rule(name, f"title {HOSTILE}", severity, f"why {HOSTILE}", "sql", {}, pack="p")  # type: ignore[arg-type]


def results(*, blind: bool = True) -> CheckResults:
    rows = (
        Offence("users", HOSTILE, "is {value}", (("value", HOSTILE),)),
        Offence("users", None, "there is no index", part="i"),
        Offence("", "prayers/a b.txt:7", "cut off", places=("prayers/a b.txt:7", "row 3", "users/c.txt:12")),
    )
    found = [
        RuleResult(rule("a"), "failed", 9, rows),
        RuleResult(rule("b", "low"), "passed", accepted=2, facts=(HOSTILE,)),
    ]
    if blind:
        found.append(RuleResult(rule("c"), "could not check", reason=f"there is no column emial {HOSTILE}"))
    return CheckResults(f"db {HOSTILE}", "sqlite", tuple(found), (("d", HOSTILE),), (HOSTILE,))


NOTHING = CheckResults("db", "", ())


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("given", [results(), results(blind=False), NOTHING], ids=["blind", "seeing", "nothing"])
def test_no_control_character_and_no_surrogate_gets_out(name: str, given: CheckResults) -> None:
    page = renderer(name)(given)
    assert page.endswith("\n")
    page.encode("utf-8")
    assert "\x1b" not in page
    if name != "junit":  # XML readers show it as text, and keep it
        assert "\u202e" not in page


@pytest.mark.parametrize("name", FORMATS)
def test_what_could_not_be_checked_is_said_in_every_format(name: str) -> None:
    assert "emial" in renderer(name)(results()) or name == "prometheus"
    assert results().exit_code == 3


def test_json_is_what_its_schema_says() -> None:
    schema = json.loads(OWN_SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for given in (results(), NOTHING):
        jsonschema.validate(json.loads(renderer("json")(given)), schema)
    document = json.loads(renderer("json")(results()))
    assert [(each["table"], each["key"] is None) for each in document["findings"]] == [
        ("users", False),
        ("users", True),
        ("", False),
    ]
    assert {each["rule"]: (each["state"], each["count"]) for each in document["rules"]} == {
        "a": ("failed", 9),
        "b": ("passed", 0),
        "c": ("could not check", 0),
    }


def test_sarif_is_what_its_schema_says_and_points_at_archive_lines() -> None:
    schema = json.loads(SARIF_SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(renderer("sarif")(results()))
    jsonschema.validate(document, schema)
    jsonschema.validate(json.loads(renderer("sarif")(NOTHING)), schema)
    (run,) = document["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    place = run["results"][2]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "prayers/a%20b.txt"}, "region": {"startLine": 7}}
    assert [each["physicalLocation"]["region"]["startLine"] for each in run["results"][2]["relatedLocations"]] == [12]
    assert [run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] for each in run["results"]] == ["a", "a", "a"]


def test_junit_counts_what_it_holds() -> None:
    root = Xml.fromstring(renderer("junit")(results()))
    (suite,) = root
    assert root.tag == "testsuites"
    assert suite.tag == "testsuite"
    for each in (root, suite):
        assert {name: each.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
            "tests": "3", "failures": "1", "errors": "1", "skipped": "0",
        }  # fmt: skip
    cases = {case.get("name"): [child.tag for child in case] for case in suite}
    assert cases == {"a": ["failure"], "b": [], "c": ["error"]}
    assert {case.tag for case in suite} == {"testcase"}


def test_metrics_are_accepted_by_the_official_parser() -> None:
    families = {each.name: each for each in text_string_to_metric_families(renderer("prometheus")(results()))}
    found = {sample.labels["rule"]: sample.value for sample in families["reconstruct_findings"].samples}
    assert found == {"a": 9.0, "b": 0.0}
    blind = {sample.labels["rule"]: sample.value for sample in families["reconstruct_rule_unchecked"].samples}
    assert blind == {"a": 0.0, "b": 0.0, "c": 1.0}
    assert families["reconstruct_check_exit_code"].samples[0].value == 3.0
    assert {each.type for each in families.values()} == {"gauge"}


def test_nagios_has_one_bar_and_its_figures() -> None:
    first, *rest = renderer("nagios")(results()).splitlines()
    assert first.startswith("INTEGRITY UNKNOWN - ")
    assert first.count("|") == 1
    assert "findings=9;;;0" in first
    assert "unchecked=1;;;0" in first
    assert not any("|" in line for line in rest)


def test_markdown_shows_markup_of_the_data_as_text() -> None:
    page = renderer("markdown")(results())
    assert "\\<&\\>" in page
    assert "<&>" not in page
