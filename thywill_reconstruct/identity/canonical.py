"""Canonical forms of a name: a ladder of keys, each joining more spellings than the one before.

A canonical form is only ever a key. It is never shown to anybody as the name itself, and an empty key joins nothing.
All forms are idempotent: taking one twice gives the same as taking it once.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import lru_cache

from unidecode import unidecode

# Separators between two digits carry meaning ("user 1 0" is not "user 10"), so they stay. Only whole runs are taken: half
# of " - " stands beside no digit.
_SEPARATORS = re.compile(r"(?<![\d _\-.])[ _\-.]+|(?<![ _\-.])[ _\-.]+(?![\d _\-.])")
_UNSEPARATED = dict.fromkeys(map(ord, " _-."))
_INVISIBLE = {"Cc", "Cf"}
# Letters and marks that nothing is drawn for (Unicode: Default_Ignorable_Code_Point), beside the categories above.
_UNDRAWN = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}


def is_undrawn(character: str) -> bool:
    """Return whether nothing is drawn for a character, which is no space: control, format and line characters, fillers."""
    return ord(character) in _UNDRAWN or unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")


# Between pictures a joiner is drawn: a family is not three people. So are the letters behind a flag: they say whose it is.
_JOINER, _FLAG = "\u200d", "\U0001f3f4"
_PICTURE = "[\u2190-\u2bff\U0001f000-\U0001faff\ufe0f]"
_PICTURE_PARTS = re.compile(f"((?<={_PICTURE}){_JOINER}(?={_PICTURE})|(?<={_FLAG})[\U000e0020-\U000e007f]+)")
_POINTED = {"GREEK", "CYRILLIC", "HEBREW", "ARABIC"}
_ASCII_LETTER = re.compile("[a-zA-Z]")
# Letters of phonetic writing that look like those of the alphabet, beside small capitals: nobody's name is spelled with them.
_PHONETIC = frozenset("\u0251\u0261")
# Apostrophes, quotation marks and hyphens as printers set them. What is typed for them is the same sign.
_TYPED = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02bd\u02c8\u2032\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_YO = re.compile("е\u0308+")
_POINTS = dict.fromkeys(
    (*range(0x0591, 0x05BE), 0x05BF, 0x05C1, 0x05C2, 0x05C4, 0x05C5, 0x05C7, *range(0x064B, 0x0653), 0x0670, 0x0640)
)


class _Visible(dict[int, str | int]):
    """A translation table that learns: every kind of space is one space, what is not drawn is nothing."""

    def __missing__(self, code: int) -> str | int:
        character = chr(code)
        if character.isspace():
            self[code] = " "
        elif code in _UNDRAWN or unicodedata.category(character) in _INVISIBLE:
            self[code] = ""
        else:
            self[code] = code
        return self[code]


_VISIBLE = _Visible()


class Rung(IntEnum):
    """The rungs of the ladder, from the strictest to the loosest."""

    RAW = 0
    NFC = 1
    FOLDED = 2
    JOINED = 3
    PLAIN = 4


@lru_cache(maxsize=200_000)
def folded(name: str) -> str:
    """Return the name without differences of case, width, spacing and invisible characters.

    NFKC, then every kind of space is one space, control and format characters (zero width, bidi) vanish, ends are
    trimmed, and the rest is casefolded. Equality here is what the application itself means by the same name (archive
    format spec, section 4), extended to all of Unicode.

    >>> folded("  MARY\\u00a0 Johnson\\u200b ")
    'mary johnson'
    """
    if name.isascii() and name.isprintable():  # nothing to normalise but case and spaces, and most names are so
        return " ".join(name.split()).lower()
    return _fold(name)


def _fold(name: str) -> str:
    previous = None
    while previous != name:  # casefolding can undo normalisation, and the other way round: until nothing moves
        previous = name
        name = " ".join(_drop_undrawn(unicodedata.normalize("NFKC", name)).split()).casefold()
    return name


def _drop_undrawn(text: str) -> str:
    """Make every kind of space a space, and drop what is not drawn, but for what makes one picture of several."""
    if _JOINER not in text and _FLAG not in text:
        return text.translate(_VISIBLE)
    parts = _PICTURE_PARTS.split(text)
    return "".join(part if number % 2 else part.translate(_VISIBLE) for number, part in enumerate(parts))


@lru_cache(maxsize=200_000)
def joined(name: str) -> str:
    """Return the folded name without separators: ``Mary_Johnson``, ``mary-johnson`` and ``Mary Johnson`` are one.

    >>> joined("Mary_Johnson"), joined("user 1 0"), joined("user 10")
    ('maryjohnson', 'user1 0', 'user10')
    """
    return _join(folded(name))


def _join(form: str) -> str:
    """Return the joined form of a folded name."""
    previous = None
    while previous != form:  # letters that a separator kept apart may become one
        previous = form
        form = _fold(_SEPARATORS.sub("", form))
    return form


@lru_cache(maxsize=200_000)
def plain(name: str) -> str:
    """Return the joined name without what writers of its script may leave out; ``""`` for other and mixed scripts.

    Latin letters lose their accents (``ß`` is ``ss``, ``ı`` is ``i``), Greek ones too; of Cyrillic, ``ё`` is ``е``, while
    ``й`` is a letter of its own; Hebrew and Arabic lose the points for vowels, and Arabic the line that stretches a word.
    Nothing is transliterated: other scripts would map different people to one key (field lesson: two Chinese names).

    >>> plain("José Müller"), plain("Νίκος"), plain("Семён"), plain("伏静")
    ('josemuller', 'νικοσ', 'семен', '')
    """
    return _take_accents_off(joined(name))


def _take_accents_off(text: str) -> str:
    text = typed(text)
    written = {script(c) for c in text if not c.isascii() and c.isalpha()}
    if written <= {"LATIN"}:
        return _join(_fold(unidecode(text)))
    if len(written) > 1 or not written <= _POINTED or _ASCII_LETTER.search(text):
        return ""
    if written == {"GREEK"}:
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return _join(_fold(_YO.sub("е", unicodedata.normalize("NFD", without_points(text)))))


@lru_cache(maxsize=10_000)
def script(character: str) -> str:
    """Return the script of a letter, as the first word of its Unicode name; ``""`` for what is no letter.

    >>> script("a"), script("\u0430"), script("\u1d0d")
    ('LATIN', 'CYRILLIC', 'PHONETIC')
    """
    name = unicodedata.name(character, "") if character.isalpha() else ""
    return "PHONETIC" if "SMALL CAPITAL" in name or character in _PHONETIC else name.split(" ")[0]


def typed(text: str) -> str:
    """Return a text with apostrophes, quotation marks and hyphens as a keyboard writes them.

    >>> typed("O\u2019Neil")
    "O'Neil"
    """
    return text if text.isascii() else text.translate(_TYPED)


def without_points(text: str) -> str:
    """Return a text without the points for vowels of Hebrew and Arabic, and the line that stretches Arabic words."""
    return text if text.isascii() else text.translate(_POINTS)


def visible(name: str) -> str:
    """Return a name as it is seen, capitals and separators kept: normal width, plain spaces, nothing undrawn."""
    return name if name.isascii() and name.isprintable() else unicodedata.normalize("NFKC", name).translate(_VISIBLE)


def ladder(name: str) -> tuple[str, str, str]:
    """Return the folded, the joined and the plain form at once, remembering nothing: for hundreds of thousands of names.

    >>> ladder("Mary_Johnson")
    ('mary_johnson', 'maryjohnson', 'maryjohnson')
    """
    if name.isascii() and name.isprintable():
        form = " ".join(name.split()).lower()
        plainest = form if form.isalnum() else form.translate(_UNSEPARATED)
        if not plainest.isalpha() and plainest is not form:  # digits, which separators may keep apart, or signs
            plainest = _SEPARATORS.sub("", form)
        return form, plainest, plainest
    form = _fold(name)
    text = _join(form)
    return form, text, _take_accents_off(text)


def key(name: str, rung: Rung) -> str:
    """Return the key of a name on a rung; ``""`` joins nothing."""
    if rung is Rung.RAW:
        return name
    if rung is Rung.NFC:
        return unicodedata.normalize("NFC", name)
    return (folded, joined, plain)[rung - Rung.FOLDED](name)
