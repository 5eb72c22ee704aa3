from __future__ import annotations

from thywill_reconstruct.archives.parsed import UNREAD, line_problem, numbered_lines
from thywill_reconstruct.findings.codes import CODES


def test_lines_end_at_lf_only() -> None:
    assert numbered_lines("a\u2028b\n\nc\n") == (["a\u2028b", "", "c"], False)
    assert numbered_lines("a\nb") == (["a", "b"], True)
    assert numbered_lines("") == ([], False)


def test_problems_have_known_codes() -> None:
    assert set(CODES) >= UNREAD
    assert str(line_problem("AR002", "f", 3, "x", 5).span) == "f:3-5"
