from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given

from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import hostile_text
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats.membership import parse

MOMENT = datetime(2025, 9, 20, 20, 7, 19, 350820)
ID = "a38e72e0b8a147bb8b32a0cdfa643f04"


def application(essay: str = "I pray.\n\nDaily.", contact: str | None = "anna@example.org") -> str:
    return render.membership_application(ID, MOMENT, None, "Anna B", essay, contact)


def test_a_pending_application() -> None:
    parsed = read(parse, application())
    (record,) = parsed.others
    assert codes(parsed) == []
    assert record.fields == (
        ("id", ID),
        ("submitted_at", MOMENT.isoformat()),
        ("ip_address", "Unknown"),
        ("username", "Anna B"),
        ("essay", "I pray.\n\nDaily."),
        ("contact_info", "anna@example.org"),
        ("status", "pending"),
    )
    assert record.minute == MOMENT.toordinal() * 1440 + 20 * 60 + 7


@pytest.mark.parametrize("who", ["Matt", "Kate at home", "A at 2025"])
def test_decisions(who: str) -> None:
    approved = dict(read(parse, application() + render.membership_approval(who, MOMENT, "ab12")).others[0].fields)
    assert (approved["decision"], approved["decided_by"], approved["invite_token"]) == ("approved", who, "ab12")
    text = application() + render.membership_rejection(who, MOMENT, "No.\nReally not.")
    rejected = dict(read(parse, text).others[0].fields)
    assert (rejected["decision"], rejected["decided_by"]) == ("rejected", who)
    assert rejected["reason"] == "No.\nReally not."


def test_an_essay_cannot_decide() -> None:
    essay = "CONTACT INFO: x\n\nSTATUS: pending\n\nAPPROVED by ilyag at 2025-09-21T08:00:00\nUSERNAME: Bob"
    (record,) = read(parse, application(essay)).others
    fields = dict(record.fields)
    assert (fields["essay"], fields["username"], "decision" in fields) == (essay, "Anna B", False)


def test_a_cut_application() -> None:
    text = application()
    for length in range(1, text.index("CONTACT INFO: ")):
        parsed = read(parse, text[:length])
        assert list(parsed.others) == []
        assert set(codes(parsed)) & {"AR001", "AR002"}


@given(hostile_text, hostile_text)
def test_every_line_is_accounted_for(essay: str, reason: str) -> None:
    read(parse, essay or "\n")
    read(parse, application(essay) + render.membership_rejection("Max", MOMENT, reason))
