"""Whatever the resolver decides about a name can be told: in words, and in JSON that keeps to its schema."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from typing import get_args

import pytest

from thywill_reconstruct.identity.decisions import Decision
from thywill_reconstruct.identity.model import Verdict
from thywill_reconstruct.report.pairs import decision_fields, decision_sentence
from thywill_reconstruct.report.person import VERDICTS
from thywill_reconstruct.report.questions import _OPEN, _OPEN_IF_NEEDED


def _schema(name: str) -> str:
    return files("thywill_reconstruct.report.schema").joinpath(f"{name}.schema.json").read_text()


def _enumerations(schema: object) -> list[list[str]]:
    """Return every list of allowed verdicts in a schema."""
    if isinstance(schema, dict):
        own = (
            [schema["verdict"]["enum"]]
            if isinstance(schema.get("verdict"), dict) and "enum" in schema["verdict"]
            else []
        )
        return own + [found for value in schema.values() for found in _enumerations(value)]
    if isinstance(schema, list):
        return [found for value in schema for found in _enumerations(value)]
    return []


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_every_verdict_has_a_meaning_that_explain_can_print(verdict: str) -> None:
    assert VERDICTS[verdict]


def test_the_schema_of_explain_allows_every_verdict() -> None:
    assert [sorted(allowed) for allowed in _enumerations(json.loads(_schema("explain")))] == [
        sorted(get_args(Verdict))
    ]


def test_the_schema_of_review_allows_what_review_asks_about() -> None:
    assert [set(allowed) for allowed in _enumerations(json.loads(_schema("review")))] == [{*_OPEN, *_OPEN_IF_NEEDED}]


def test_a_decision_of_a_time_is_told_whole() -> None:
    decision = Decision(
        "user", ("Ruth",), "u1", "Anna", date(2025, 7, 1), "moved away", 4, since=date(2025, 6, 1), called="Ruth Berg"
    )
    told = decision_fields(decision)
    assert (told["since"], told["until"], told["called"]) == ("2025-06-01", "", "Ruth Berg")
    json.dumps(told)
    assert decision_sentence(decision) == (
        "user 'Ruth' = u1 from 2025-06-01 on, today called 'Ruth Berg', decided by Anna on 2025-07-01 (line 4): moved away"
    )
