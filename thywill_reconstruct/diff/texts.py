"""Comparing prayer texts: equal but for line ends, or cut down by an old importer."""

from __future__ import annotations

import re

_SPACE_AT_END = re.compile(r"[ \t]+$", re.MULTILINE)


def comparable(text: str | None) -> str:
    """Return a text without what writing and reading it changes: CR LF, spaces at line ends, empty lines around it.

    Source: trap T12 of the archive format spec.
    """
    if not text:
        return ""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if " \n" in text or "\t\n" in text:
        text = _SPACE_AT_END.sub("", text)
    return text.strip()


def same_text(one: str | None, other: str | None) -> bool:
    """Return whether two texts are the same but for line ends and surrounding space."""
    return one == other or comparable(one) == comparable(other)


def importer_leftovers(text: str) -> frozenset[str]:
    """Return what the application's importers would have left of a text, white space folded.

    Source: archive format spec, section 6.3: until 2025-08-26 only the last line of a text was kept; every version drops
    lines with a colon, empty lines and indentation. White space is folded because it differs between versions.
    """
    lines = [line.strip() for line in comparable(text).split("\n")]
    lines = [line for line in lines if line]
    without_colons = [line for line in lines if ":" not in line]
    left = {" ".join(without_colons), *lines[-1:], *without_colons[-1:]}
    return frozenset(" ".join(item.split()) for item in left)


def is_leftover(damaged: str | None, whole: str) -> bool:
    """Return whether ``damaged`` is what an importer would have left of ``whole``, and shorter."""
    folded = " ".join((damaged or "").split())
    return len(damaged or "") < len(whole) and folded in importer_leftovers(whole)
