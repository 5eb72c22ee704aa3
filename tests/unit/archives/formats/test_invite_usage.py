from __future__ import annotations

from datetime import datetime

from hypothesis import given

from tests.linear import assert_linear
from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import hostile_text
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats.invite_usage import parse

HEAD = render.invite_usage_header(2025, 7)
MOMENT = datetime(2025, 7, 16, 9, 5, 33, 100000)


def test_creation_and_claim_come_back() -> None:
    text = HEAD + render.invite_usage_line(MOMENT, "ab12cd34ef56ab78", "", "Max")
    text += render.invite_usage_line(MOMENT.replace(microsecond=0), "ab12cd34ef56ab78", "Mary Johnson", "Max")
    parsed = read(parse, text)
    assert codes(parsed) == []
    assert [(one.line, one.token, one.used_by, one.creator) for one in parsed.invite_uses] == [
        (4, "ab12cd34ef56ab78", "", "Max"),
        (5, "ab12cd34ef56ab78", "Mary Johnson", "Max"),
    ]
    day = datetime(2025, 7, 16).toordinal() * 1440
    assert {one.minute for one in parsed.invite_uses} == {day + 9 * 60 + 5}


def test_damaged_rows() -> None:
    row = render.invite_usage_line(MOMENT, "ab12", "Mary", "Max")
    text = HEAD + "".join(
        [
            row.replace("Mary", "Ma|ry"),
            row.replace("2025-07-16T09", "2025-02-31T09"),
            row.replace("2025-07-16T09", "2025-07-16T29"),
            row[:40] + row,
            "nonsense\n",
            row[:-2],
        ]
    )
    parsed = read(parse, text)
    assert codes(parsed) == ["AR002", "AR007", "AR007", "AR009", "AR002", "AR001"]
    assert list(parsed.invite_uses) == []


def test_a_whole_last_row_without_lf_is_a_record() -> None:
    row = render.invite_usage_line(MOMENT, "ab12", "Mary", "Max")
    assert len(read(parse, HEAD + row[:-1]).invite_uses) == 1


@given(hostile_text)
def test_every_line_is_accounted_for(text: str) -> None:
    read(parse, text)


def test_hostile_lines_are_linear() -> None:
    def work(size: int) -> None:
        for piece in ("|", "2025-07-16T09:05:33", "|token_used", "a"):
            read(parse, HEAD + "2025-07-16T09:05:33|ab|" + piece * (size // len(piece)) + "|token_used\n")

    assert_linear(work)
