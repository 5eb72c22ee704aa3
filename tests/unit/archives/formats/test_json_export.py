"""The JSON community export: rows with ids, names paired with them, and files that end too early."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import ID
from thywill_reconstruct.archives.formats.json_export import KINDS, parse
from thywill_reconstruct.times import iso_minute

WHEN = "2025-06-20T10:00:00.123456Z"
MAX = {
    "id": "f" * 32,
    "display_name": "Max",
    "created_at": WHEN,
    "religious_preference": None,
    "invited_by_user_id": "admin",
    "welcome_message_dismissed": False,
}
MARK = {"id": "m1", "user_id": "f" * 32, "prayer_id": ID, "created_at": WHEN}
BOTH = {"export_metadata": {"version": "1.0"}, "users": [MAX], "prayers": [], "prayer_marks": [MARK, MARK]}


@pytest.mark.parametrize("indent", [2, None])
def test_users_are_pairs_of_id_and_name(indent: int | None) -> None:
    parsed = read(
        parse, json.dumps([MAX, {**MAX, "id": "admin", "display_name": "Zoë"}], indent=indent), "users.json"
    )
    assert [(one.key, one.name) for one in parsed.identities] == [("f" * 32, "Max"), ("admin", "Zoë")]
    assert parsed.others[0].kind == "user"
    assert parsed.others[0].minute == iso_minute(WHEN)
    fields = dict(parsed.others[0].fields)
    assert fields["welcome_message_dismissed"] == "false"
    assert "religious_preference" not in fields


def test_spans_lead_to_the_lines_of_a_row() -> None:
    parsed = read(parse, json.dumps([MARK, MARK], indent=2), "prayer_marks.json")
    assert [(record.span.first, record.span.last) for record in parsed.others] == [(2, 7), (8, 13)]


def test_the_combined_file() -> None:
    parsed = read(parse, json.dumps(BOTH, indent=2, ensure_ascii=False), "community_export_2025-06-20.json")
    assert [record.kind for record in parsed.others] == ["user", "mark", "mark"]
    assert parsed.problems == []


def test_a_backup_of_sessions() -> None:
    text = json.dumps({"exported_at": "x", "total_sessions": 1, "sessions": [{"session_id": "s", "username": "Max"}]})
    parsed = read(parse, text, "sessions_backup.json")
    assert [record.kind for record in parsed.others] == ["session"]


def test_every_table_has_its_kind() -> None:
    for table, kind in KINDS.items():
        parsed = read(parse, json.dumps([dict.fromkeys(kind.required, "x")]), f"{table}.json")
        assert [record.kind for record in parsed.others] == [kind.kind]


def test_a_cut_file_tells_what_stands_before_the_cut() -> None:
    whole = json.dumps([MAX, MAX], indent=2)
    for length in range(10, len(whole)):
        assert codes(read(parse, whole[:length], "users.json")) == ["AR001"], whole[:length]
    assert len(read(parse, whole[:-5], "users.json").identities) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[1, 2]", "AR002"),
        ('[{"id": 7, "display_name": "Max"}]', "AR002"),
        ('[{"id": "", "display_name": "Max"}]', "AR002"),
        ("hello", "AR002"),
        ("[] []", "AR002"),
        ("[" * 100_000, "AR001"),
        ('[{"id": "a", "display_name": ' + "9" * 5000 + "}]", "AR002"),
    ],
)
def test_what_is_no_export(text: str, code: str) -> None:
    parsed = read(parse, text, "users.json")
    assert set(codes(parsed)) == {code}
    assert list(parsed.identities) == []


json_like = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.sampled_from([ID, WHEN, "users", "prayers"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*KINDS, *MAX, *MARK]), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(json_like, st.integers(0, 400), st.sampled_from([2, None]))
def test_every_line_of_anything_is_accounted_for(value: object, cut: int, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    for path in ("users.json", "community_export_2025-06-20.json"):
        read(parse, text, path)
        read(parse, text[:cut] or " ", path)
