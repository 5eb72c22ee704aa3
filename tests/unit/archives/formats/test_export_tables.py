"""Bulk exports: escaping, rows that spill over lines, files without a last LF, and everything hostile."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import ID, hostile_text
from thywill_reconstruct.archives.formats import export_tables as exports
from thywill_reconstruct.archives.formats.export_tables import Table, export_parser, parse_summary
from thywill_reconstruct.times import human_minute

WHEN = "July 16 2025 at 09:05"
MINUTE = human_minute("July 16 2025", "09:05")

EVERY_TABLE = [
    *exports.ATTRIBUTES, *exports.MARKS, *exports.SKIPS, *exports.LOGS, *exports.NOTIFICATIONS, *exports.AUTH_REQUESTS,
    *exports.AUTH_APPROVALS, *exports.AUTH_AUDIT, *exports.INVITE_TOKENS, *exports.INVITE_USAGE, *exports.ROLES,
    *exports.USER_ROLES, *exports.SECURITY_EVENTS, *exports.CHANGELOG,
]  # fmt: skip


def exported(table: Table, *rows: str) -> str:
    """A file as the application writes it: two empty lines before the first row, no LF behind the last."""
    columns = "|".join(table.columns)
    return f"Some Title (exported {WHEN})\nFormat: {columns}\n\n" + "".join("\n" + row for row in rows)


def row(table: Table, values: dict[str, str]) -> str:
    """A row in which every column holds its own name, but for the time and what is given."""
    cells = {column: column for column in table.columns}
    if table.stamp >= 0:
        cells[table.columns[table.stamp]] = WHEN
    return "|".join({**cells, **values}[column] for column in table.columns)


@pytest.mark.parametrize("table", EVERY_TABLE, ids=lambda table: "|".join(table.columns))
def test_every_table_is_read_to_the_last_row(table: Table) -> None:
    parsed = read(export_parser(table), exported(table, row(table, {}), row(table, {})))
    assert parsed.problems == []
    assert [record.kind for record in parsed.others] == [table.kind, table.kind]
    assert [record.span.first for record in parsed.others] == [5, 6]
    expected = {column: column for column in table.columns}
    if table.stamp >= 0:
        expected[table.columns[table.stamp]] = WHEN
        assert parsed.others[0].minute == MINUTE
    assert dict(parsed.others[0].fields) == expected


def test_the_format_line_tells_the_two_generations_apart() -> None:
    old, new = exports.USER_ROLES[1], exports.USER_ROLES[0]
    for table in (old, new):
        parsed = read(export_parser(*exports.USER_ROLES), exported(table, row(table, {})))
        assert tuple(column for column, _ in parsed.others[0].fields) == table.columns


def test_a_testimony_spills_over_lines_and_pipes_in_it_are_escaped() -> None:
    """Traps T11 and T16: the physical lines are joined before the row is split, and un-escaped after that."""
    (table,) = exports.ATTRIBUTES
    value = "She is home.\n\nPraise \\| thanks!\nActivity:"
    text = exported(
        table,
        f"a1|{WHEN}|{ID}|answer_testimony|{value}|Mary Johnson",
        f"a2|{WHEN}|{ID}|answered|true|Mary Johnson",
    )
    parsed = read(export_parser(table), text)
    assert parsed.problems == []
    first, second = parsed.others
    assert dict(first.fields)["attribute_value"] == "She is home.\n\nPraise | thanks!\nActivity:"
    assert (first.span.first, first.span.last, second.span.first) == (5, 8, 9)


def test_typed_text_cannot_imitate_a_row() -> None:
    """A pipe that was typed is escaped, so the second line begins no row and belongs to the testimony."""
    (table,) = exports.ATTRIBUTES
    forged = f"f1|{WHEN}|{ID}|answered|true|Forger".replace("|", "\\|")
    parsed = read(export_parser(table), exported(table, f"a1|{WHEN}|{ID}|answer_testimony|thanks\n{forged}|Max"))
    assert [dict(record.fields)["created_by"] for record in parsed.others] == ["Max"]


TYPED = {
    "attribute": ["attribute_value"], "log": ["old_value", "new_value"], "auth-request": ["device_info"],
    "auth-audit": ["details", "user_agent"], "role": ["description"], "security-event": ["details"],
    "changelog": ["original_message"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table in EVERY_TABLE for column in TYPED.get(table.kind, ())],
    ids=lambda one: one if isinstance(one, str) else f"{one.kind}-{len(one.columns)}",
)
def test_every_typed_text_may_hold_line_ends(table: Table, column: str) -> None:
    """Section 3.2: line ends are not escaped, so a line that begins no row belongs to the one before."""
    value = "He wrote:\n\nthis = that\n(twice)"
    parsed = read(export_parser(table), exported(table, row(table, {column: value}), row(table, {})))
    assert parsed.problems == []
    assert [dict(record.fields)[column] for record in parsed.others] == [value, column]
    assert [record.span.first for record in parsed.others] == [5, 9]


CLOSED = [table for table in EVERY_TABLE if table.columns[-1] not in TYPED.get(table.kind, ())]


@pytest.mark.parametrize("table", CLOSED, ids=lambda table: f"{table.kind}-{len(table.columns)}")
def test_a_strange_line_behind_a_whole_row_changes_nothing_in_it(table: Table) -> None:
    """Unless the last column is typed text, the row is over: its last word, often a name, stays what it is."""
    parsed = read(export_parser(table), exported(table, row(table, {}), "what is this", row(table, {})))
    assert [problem.code for problem in parsed.problems] == ["AR002"]
    assert [dict(record.fields)[table.columns[-1]] for record in parsed.others] == [table.columns[-1]] * 2


def test_a_role_whose_row_is_cut_does_not_get_the_next_ones_permissions() -> None:
    table = exports.ROLES[0]
    parsed = read(export_parser(table), exported(table, "r1|admin|all\npower", "r2|guest|none|[]|system|yes"))
    assert [dict(record.fields)["role_name"] for record in parsed.others] == ["guest"]
    assert [problem.code for problem in parsed.problems] == ["AR002"]


def test_a_value_that_ends_with_a_backslash() -> None:
    (table,) = exports.ATTRIBUTES
    parsed = read(export_parser(table), exported(table, f"a1|{WHEN}|{ID}|note|C:\\|Max"))
    assert dict(parsed.others[0].fields)["attribute_value"] == "C:\\"


def test_names_of_the_first_era_may_hold_pipes() -> None:
    (table,) = exports.MARKS
    parsed = read(export_parser(table), exported(table, f"m1|{WHEN}|{ID}|A|B"))
    assert dict(parsed.others[0].fields)["username"] == "A|B"


def test_a_friendly_description_has_its_line_ends_back() -> None:
    (table,) = exports.CHANGELOG
    parsed = read(export_parser(table), exported(table, f"{WHEN}|abc|Fix\n\nmore \\| text|one\\\\ntwo|fixed|{WHEN}"))
    fields = dict(parsed.others[0].fields)
    assert (fields["original_message"], fields["friendly_description"]) == ("Fix\n\nmore | text", "one\ntwo")


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (f"m2|{WHEN}|{ID}", "AR001"),
        ("m2|July 1", "AR001"),
        ("nothing known", "AR002"),
        (f"m2|February 31 2025 at 09:05|{ID}|Max", "AR007"),
        (f"m2|{WHEN}|{ID}|Maxm3{WHEN}|{ID}|Anna", "AR009"),
    ],
)
def test_what_is_no_row(last: str, code: str) -> None:
    (table,) = exports.MARKS
    parsed = read(export_parser(table), exported(table, f"m1|{WHEN}|{ID}|Max", last))
    assert codes(parsed) == [code]
    assert len(parsed.others) == 1


def test_a_summary() -> None:
    text = (
        f"Complete Database Export Summary\nExported: {WHEN}\n\n"
        "This export includes all database data organized by category:\n\u2022 prayer_data: 613 records\nfoo\n"
    )
    parsed = read(parse_summary, text)
    assert [record.fields for record in parsed.others] == [(("prayer_data", "613"),)]
    assert codes(parsed) == ["AR002"]


@given(hostile_text)
def test_every_line_of_anything_is_accounted_for(text: str) -> None:
    for table in (*exports.ATTRIBUTES, *exports.MARKS, *exports.INVITE_TOKENS, *exports.CHANGELOG):
        read(export_parser(table), exported(table, row(table, {}), text))
        read(export_parser(table), text)
    read(parse_summary, text)
