"""Names that hold a time of their own, such as ``June 16 2025 at 06:41 - Max``. Pure.

Before 2025-06-29 the application took any text as a name (archive format spec, section 4). A line of such a member looks like
two records glued by a torn write (trap T5), and is not read. Two things tell them apart: the header of a prayer file, where the
author stands alone, and that a torn write never repeats itself in another file. Where a name is known so, lines are read with a
stand-in for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from thywill_reconstruct.archives.parsed import Parsed
from thywill_reconstruct.records import PrayerFile, Problem
from thywill_reconstruct.times import MONTHS

_STAMP = rf"(?:{'|'.join(MONTHS)}) \d{{2}} \d{{4}} at \d{{2}}:\d{{2}}"
_NAME = re.compile(rf"{_STAMP} - .+", re.ASCII)
_ENDS = (
    " joined directly| joined on invitation from | registered directly| registered via invitation from "
    "| submitted prayer | prayed | marked | archived | restored | flagged | added testimony"
)
_LINE = re.compile(rf"(?:{_STAMP}|\d{{2}}:\d{{2}}) - ({_STAMP} - (?:(?!{_ENDS})[^\n])+)(?:{_ENDS})", re.ASCII)
# Longer than the application ever stored (section 4); also keeps the pattern above linear in its line.
LONGEST = 100
# So many files that repeat a name show that it is none of a torn write.
FILES = 2


def find_stamped_names(
    texts: Mapping[str, str], problems: Iterable[Problem], authors: Iterable[str]
) -> tuple[str, ...]:
    """Return the names with a time in them that the archives write for certain, the longest first.

    Args:
        texts: path -> text of the files in which glued records were found.
        problems: What was found; only AR009 counts.
        authors: The authors in the headers of prayer files.
    """
    found = {author for author in authors if _NAME.fullmatch(author)}
    files: dict[str, set[str]] = defaultdict(set)
    lines = {path: text.split("\n") for path, text in texts.items()}
    for problem in problems:
        if problem.code == "AR009" and problem.span.file in lines:
            line = lines[problem.span.file][problem.span.first - 1 : problem.span.first]
            for match in filter(None, map(_LINE.match, (text[: 4 * LONGEST] for text in line))):
                files[match[1]].add(problem.span.file)
    found |= {name for name, where in files.items() if len(where) >= FILES}
    return tuple(sorted((name for name in found if len(name) <= LONGEST), key=lambda name: (-len(name), name)))


def hide(text: str, names: Iterable[str]) -> str:
    """Return a text in which stand-ins that hold no time stand for the names."""
    for number, name in enumerate(names):
        text = text.replace(name, _stand_in(number))
    return text


def _stand_in(number: int) -> str:
    return f"\ue000{number}\ue001"


def reveal(parsed: Parsed, names: tuple[str, ...]) -> Parsed:
    """Return what was read from a hidden text, with the names in their places."""

    def back(text: str) -> str:
        for number, name in enumerate(names):
            text = text.replace(_stand_in(number), name)
        return text

    def maybe(text: str | None) -> str | None:
        return None if text is None else back(text)

    def prayer(file: PrayerFile) -> PrayerFile:
        return replace(
            file,
            author=back(file.author),
            text=back(file.text),
            generated=maybe(file.generated),
            tag=maybe(file.tag),
            activities=tuple(a._replace(actor=back(a.actor), detail=back(a.detail)) for a in file.activities),
            alternatives=tuple((back(text), maybe(generated)) for text, generated in file.alternatives),
        )

    return parsed._replace(
        prayers=[prayer(file) for file in parsed.prayers],
        registrations=[
            replace(r, readings=tuple((back(name), maybe(inviter)) for name, inviter in r.readings))
            for r in parsed.registrations
        ],
        log=[entry._replace(actor=back(entry.actor), detail=back(entry.detail)) for entry in parsed.log],
    )
