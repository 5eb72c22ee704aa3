"""What holds for every parser and every input: each physical line is understood or in a problem, never both."""

from __future__ import annotations

from thywill_reconstruct.archives.decode import count_lines
from thywill_reconstruct.archives.parsed import UNREAD, Parsed, Parser

STAMP_LINE = "July 06 2025 at 09:05 - "


def unread_lines(parsed: Parsed) -> set[int]:
    """Return the lines that problems say were not understood."""
    return {
        line
        for problem in parsed.problems
        if problem.code in UNREAD
        for line in range(problem.span.first, problem.span.last + 1)
    }


def read(parse: Parser, text: str, path: str = "some/file.txt") -> Parsed:
    """Parse, and assert that every line is accounted for exactly once."""
    parsed = parse(path, text)
    total = count_lines(text)
    unread = unread_lines(parsed)
    assert all(1 <= line <= total for line in unread), (parsed, total)
    assert parsed.understood + len(unread) == total, (parsed, total)
    assert all(problem.span.file == path for problem in parsed.problems)
    return parsed


def codes(parsed: Parsed) -> list[str]:
    """Return the codes of all problems, in order."""
    return [problem.code for problem in parsed.problems]
