from __future__ import annotations

from hypothesis import given

from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import hostile_text
from thywill_reconstruct.archives.formats.snapshots import parse_settings, parse_state

SESSIONS = """\
# Active Sessions Snapshot
# Generated: 2025-07-29T23:50:01+00:00
# Total active sessions: 2

Session ab12:
  User: Max (ID: Max)
  Created: 2025-07-29 23:50:01.000005
  IP: None

Session cd34:
  User: Unknown User (ID: x)
"""


def test_blocks() -> None:
    parsed = read(parse_state, SESSIONS)
    assert codes(parsed) == []
    first, second = parsed.others
    assert first.fields[:2] == (("block", "Session ab12"), ("User", "Max (ID: Max)"))
    assert first.minute is not None
    assert second.minute is None
    assert (first.span.first, first.span.last, second.span.last) == (5, 8, 11)


def test_lines_outside_of_blocks() -> None:
    assert codes(read(parse_state, "# Title\n\n  User: Max\nnonsense\n")) == ["AR002", "AR002"]


def test_settings() -> None:
    text = (
        "System Configuration - Snapshot July 16, 2025 at 09:05\nFormat: key=value\n\na=b=c\n\nConfiguration items: 1"
    )
    parsed = read(parse_settings, text)
    assert codes(parsed) == []
    assert parsed.others[0].fields == (("a", "b=c"),)
    assert codes(read(parse_settings, "nonsense\n")) == ["AR002"]


@given(hostile_text)
def test_every_line_is_accounted_for(text: str) -> None:
    read(parse_state, text)
    read(parse_settings, text)
