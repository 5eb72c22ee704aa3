from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given

from tests.linear import assert_linear
from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import hostile_text
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats import pipe_tables as tables
from thywill_reconstruct.archives.parsed import Parsed
from thywill_reconstruct.times import human_minute

MOMENT = datetime(2025, 7, 16, 13, 5, 33, 120001)
MINUTE = human_minute("July 16 2025", "09:05") or 0
ALL_TABLES = [value for value in vars(tables).values() if isinstance(value, tables.Table)]


def parse(table: tables.Table, text: str) -> Parsed:
    return read(tables.table_parser(table), text)


def values(parsed: Parsed) -> list[tuple[str, ...]]:
    return [tuple(value for _, value in record.fields) for record in parsed.others]


@pytest.mark.parametrize(
    ("table", "header", "line"),
    [
        (
            tables.SESSIONS,
            render.sessions_header(2025, 7, MINUTE),
            render.session_line(MINUTE, "ab12", "Max", MINUTE + 9, "X11|y", None, True),
        ),
        (
            tables.AUTH_REQUESTS,
            render.auth_requests_header(2025, 7),
            render.auth_request_line(MOMENT, "Max", "Mozilla/5.0 (X11)", "203.0.113.7", MOMENT.replace(day=23)),
        ),
        (
            tables.AUTH_APPROVALS,
            render.auth_approvals_header(2025, 7),
            render.auth_approval_line(MOMENT, "ab12", "Max", "approved", "Request approved via web interface"),
        ),
        (
            tables.SECURITY_EVENTS,
            render.security_events_header(2025, 7),
            render.security_event_line(MOMENT, "session_created", "Max", "203.0.113.7", "a|b", "session_id=a, x=y"),
        ),
        (
            tables.ROLE_ASSIGNMENTS,
            render.role_assignments_header(2025, 7),
            render.role_assignment_line(MOMENT, "Spammer", "deactivated", "ilyag", "posting | ads\n\nagain"),
        ),
    ],
)
def test_rendered_rows_come_back(table: tables.Table, header: str, line: str) -> None:
    parsed = parse(table, header + line + line)
    assert codes(parsed) == []
    assert [record.kind for record in parsed.others] == [table.kind] * 2
    again = header + "".join(render.table_line(row) for row in values(parsed))
    assert again == header + line + line
    assert parsed.others[0].minute == parsed.others[1].minute is not None


def test_t5_glued_sessions() -> None:
    line = render.session_line(MINUTE, "ab12", "Max", MINUTE + 9, "", "", True)
    text = render.sessions_header(2025, 7, MINUTE) + "\n" + line[:-1] + line.replace("ab12", "cd34")
    parsed = parse(tables.SESSIONS, text)
    assert codes(parsed) == []
    assert [row[1] for row in values(parsed)] == ["ab12", "cd34"]


def test_t6_format_lines_are_no_rows() -> None:
    text = "Session Snapshot for July 16, 2025 at 09:05\nFormat: a|b|c|d|e|f|g\n\n"
    text += "ab12|Max|2025-07-16T09:05:00|2025-07-17T09:05:00|X11|203.0.113.7|True\n\nTotal active sessions: 1"
    parsed = parse(tables.SESSION_SNAPSHOT, text)
    assert codes(parsed) == []
    assert len(parsed.others) == 1


def test_t16_surplus_pipes_go_to_the_column_that_can_hold_them() -> None:
    text = "July 16 2025 at 09:05|ab12|M|a|x|July 17 2025 at 09:05|dev|203.0.113.7|yes\n"
    parsed = parse(tables.SESSIONS, text)
    assert values(parsed)[0][:2] == ("July 16 2025 at 09:05", "ab12")
    attributes = parse(tables.ATTRIBUTES, "July 16 2025 at 09:05|9b1d|answer_testimony|a|b|Max\n")
    assert values(attributes) == [("July 16 2025 at 09:05", "9b1d", "answer_testimony", "a|b", "Max")]


def test_rows_with_an_id_in_front() -> None:
    parsed = parse(tables.MARKS, "77ab|July 16 2025 at 09:05|9b1d|Max\nJuly 16 2025 at 09:05|9b1d|Max\n")
    assert [dict(record.fields).get("id") for record in parsed.others] == ["77ab", None]
    assert [record.minute for record in parsed.others] == [MINUTE, MINUTE]


def test_tables_with_sections_and_totals() -> None:
    text = (
        "Active Invite Tokens - Updated July 16, 2025 at 09:05\n"
        "Format: token|created_by_user|expires_at|used|used_by_user_id|created_at\n\n"
        "ACTIVE TOKENS:\nab12|Max|2025-07-17T01:05:00|False||\n\nRECENTLY EXPIRED TOKENS:\n\n"
        "Active tokens: 1\nTotal tokens: 2"
    )
    parsed = parse(tables.INVITE_TOKENS, text)
    assert codes(parsed) == []
    assert len(parsed.others) == 1
    roles = parse(tables.ROLE_DEFINITIONS, 'admin|All|"[\\"*\\"]"|True|None\n\nTotal roles: 1')
    assert (codes(roles), len(roles.others), roles.others[0].minute) == ([], 1, None)


def test_damaged_rows() -> None:
    line = render.auth_approval_line(MOMENT, "ab12", "Max", "approved", "Request approved")
    text = line.replace("07-16", "02-31") + line[:30] + line + "nonsense\n" + line[:30]
    parsed = parse(tables.AUTH_APPROVALS, text)
    assert codes(parsed) == ["AR007", "AR009", "AR002", "AR001"]


@given(hostile_text)
def test_every_line_is_accounted_for(text: str) -> None:
    for table in ALL_TABLES:
        parse(table, text)


@pytest.mark.parametrize(
    "piece", ["|", "July 16 2025 at 09:05|", "2025-07-16T09:05:33|", "|yes", "|yesJuly 16 2025 at 09:05|", "a"]
)
def test_hostile_lines_are_linear(piece: str) -> None:
    def work(size: int) -> None:
        for table in ALL_TABLES:
            parse(table, "July 16 2025 at 09:05|ab" + piece * (size // len(piece)) + "\n")

    assert_linear(work)
