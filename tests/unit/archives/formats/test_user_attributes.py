from __future__ import annotations

from hypothesis import given

from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import hostile_text
from thywill_reconstruct.archives.formats.user_attributes import parse

TEXT = """\
User Attributes

username: Mary Johnson
is_supporter: true
supporter_since: 2025-07-10
supporter_type: financial,prayer_warrior
welcome_message_dismissed: false

username: Max
is_supporter: false
welcome_message_dismissed: true

"""


def test_blocks() -> None:
    parsed = read(parse, TEXT)
    assert [dict(record.fields)["username"] for record in parsed.others] == ["Mary Johnson", "Max"]
    assert dict(parsed.others[0].fields)["supporter_type"] == "financial,prayer_warrior"
    assert [(record.span.first, record.span.last) for record in parsed.others] == [(3, 7), (9, 11)]
    assert parsed.problems == []


def test_stray_spaces_of_an_editor_do_no_harm() -> None:
    parsed = read(
        parse, TEXT.replace("is_supporter: true", "  is_supporter :true  ").replace("username: Max", "username:Max ")
    )
    assert parsed.problems == []
    assert [record.fields[:2] for record in parsed.others] == [
        (("username", "Mary Johnson"), ("is_supporter", "true")),
        (("username", "Max"), ("is_supporter", "false")),
    ]


def test_a_person_who_stands_there_twice() -> None:
    """Trap T18: all blocks are kept, a disagreement is reported."""
    parsed = read(parse, TEXT + "username: Max\nis_supporter: true\n")
    assert codes(parsed) == ["AR014"]
    assert [dict(record.fields)["username"] for record in parsed.others] == ["Mary Johnson", "Max", "Max"]
    assert codes(read(parse, TEXT + TEXT.split("\n\n")[2])) == []


def test_unknown_lines() -> None:
    assert codes(read(parse, "is_supporter: true\nfoo: bar\n")) == ["AR002", "AR002"]


@given(hostile_text)
def test_every_line_of_anything_is_accounted_for(text: str) -> None:
    read(parse, TEXT + text)
