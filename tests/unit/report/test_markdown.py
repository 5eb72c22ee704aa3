"""Foreign text in Markdown stays text."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from thywill_reconstruct.report.markdown import escape
from thywill_reconstruct.report.safe import safe

PARSER = MarkdownIt("gfm-like", {"linkify": False, "html": True})
SPECIAL = st.text(st.sampled_from("abw w.*_`[]()<>#|~\\!&@:/-+1=$\"'{}"), max_size=30)


@given(st.one_of(SPECIAL, st.text(max_size=30)))
def test_a_cell_shows_what_was_in_it(text: str) -> None:
    text = safe(text)
    page = PARSER.render(f"| a | b |\n| --- | --- |\n| x{escape(text)}x | end |\n")
    cells = re.findall("<td>(.*?)</td>", page, re.S)
    assert [html.unescape(cell) for cell in cells] == [f"x{text}x", "end"]


def test_no_address_becomes_a_link() -> None:
    for text in ("https://example.org", "www.example.org", "mailto:a@example.org", ":smile:", "a@example.org"):
        assert escape(text) != text
