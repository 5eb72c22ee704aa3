from __future__ import annotations

from datetime import UTC, datetime

from tests.unit.archives.accounting import codes, read
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats.event_log import parse

MOMENT = datetime(2025, 7, 29, 23, 50, 1, 5, tzinfo=UTC)


def test_events_come_back() -> None:
    text = render.session_event_line(MOMENT, "ab12", "Max") + render.session_event_line(MOMENT, "cd34", "A - B")
    parsed = read(parse, text)
    assert codes(parsed) == []
    lines = [" - ".join(value for _, value in record.fields) + "\n" for record in parsed.others]
    assert "".join(lines) == text
    assert parsed.others[0].minute == (datetime(2025, 7, 29).toordinal() * 1440 + 23 * 60 + 50)


def test_damaged_lines() -> None:
    line = render.session_event_line(MOMENT, "ab12", "Max")
    text = line[:60] + line + line.replace("07-29", "02-31") + "nonsense\n" + line[:-1]
    parsed = read(parse, text)
    assert codes(parsed) == ["AR009", "AR007", "AR002", "AR001"]
    assert list(parsed.others) == []
