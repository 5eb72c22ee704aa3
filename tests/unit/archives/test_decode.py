from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.archives.decode import count_lines, decode


def test_utf8_with_and_without_mark() -> None:
    assert decode("José\n".encode()) == ("José\n", "", 0, 0, False)
    assert decode(b"\xef\xbb\xbfMax\n").text == "Max\n"


def test_line_ends() -> None:
    assert decode(b"a\r\nb\rc\n").text == "a\nb\rc\n"
    assert decode("a\u2028b\x85c\x0cd".encode()).text == "a\u2028b\x85c\x0cd"


def test_windows_1252_lines_are_reported_and_restored() -> None:
    decoded = decode("José\n".encode() + "José\r\n".encode("cp1252") + b"Max\n")
    assert decoded.text == "José\nJosé\nMax\n"
    assert (decoded.first, decoded.last, decoded.lossy) == (2, 2, False)
    assert "Windows-1252" in decoded.trouble


def test_a_cut_character_is_replaced_not_reinterpreted() -> None:
    decoded = decode("Max\nJosé".encode()[:-1])
    assert decoded.text == "Max\nJos\N{REPLACEMENT CHARACTER}"
    assert decoded.lossy


def test_utf16() -> None:
    decoded = decode("José\r\n".encode("utf-16"))
    assert decoded.text == "José\n"
    assert "UTF-16" in decoded.trouble


def test_lines_are_counted_by_lf_only() -> None:
    assert [count_lines(text) for text in ("", "a", "a\n", "a\nb", "\n\n", "a\rb\u2028c")] == [0, 1, 1, 2, 2, 1]


@given(st.binary())
def test_no_bytes_break_it(data: bytes) -> None:
    decoded = decode(data)
    assert "\r\n" not in decoded.text or b"\r\r\n" in data
    assert decoded.first <= decoded.last <= max(1, count_lines(decoded.text))
