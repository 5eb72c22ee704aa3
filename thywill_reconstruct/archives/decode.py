"""Bytes to text: UTF-8 as the application writes it, and what editors and copying make of it.

Only LF and CR LF end lines (trap T12): U+2028, U+0085, form feeds and lone CRs are text and stay.
"""

from __future__ import annotations

import codecs
from typing import NamedTuple

_UTF8_BOM = codecs.BOM_UTF8
_UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Decoded(NamedTuple):
    """The text of a file with LF line ends.

    ``trouble`` is a sentence when the bytes are not UTF-8 (AR003), ``first`` and ``last`` the lines concerned;
    ``lossy`` says that some characters could not be restored and stand as U+FFFD.
    """

    text: str
    trouble: str = ""
    first: int = 0
    last: int = 0
    lossy: bool = False


def decode(data: bytes) -> Decoded:
    """Decode one file; never raises. A byte order mark is dropped (archive format spec, section 0)."""
    if data.startswith(_UTF16_BOMS):
        return _decode_utf16(data)
    if data.startswith(_UTF8_BOM):
        # Appended to another such file, its mark stands in the middle.
        data = data[3:].replace(b"\n" + _UTF8_BOM, b"\n")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _decode_by_line(data)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    return Decoded(text)


def count_lines(text: str) -> int:
    """Return the number of physical lines, a last one without LF included."""
    return text.count("\n") + (1 if text and text[-1] != "\n" else 0)


def _decode_utf16(data: bytes) -> Decoded:
    text = data.decode("utf-16", "replace").replace("\r\n", "\n")
    trouble = "The file is UTF-16, not UTF-8."
    return Decoded(text, trouble, 1, max(1, count_lines(text)), "�" in text)


def _decode_by_line(data: bytes) -> Decoded:
    """Decode line by line: UTF-8 where it is, else Windows-1252, the usual result of an editor's save.

    A last line without LF was cut, perhaps inside a character: there the rest is replaced, not reinterpreted.
    """
    lines: list[str] = []
    bad: list[int] = []
    lossy = False
    pieces = data.split(b"\n")
    for number, piece in enumerate(pieces, 1):
        try:
            lines.append(piece.decode())
        except UnicodeDecodeError:
            bad.append(number)
            encoding = "cp1252" if number < len(pieces) else "utf-8"
            line = piece.decode(encoding, "replace")
            lossy = lossy or "�" in line
            lines.append(line)
    text = "\n".join(lines).replace("\r\n", "\n")
    trouble = f"{len(bad)} line(s) are not UTF-8; they were read as Windows-1252."
    return Decoded(text, trouble, bad[0], bad[-1], lossy)
