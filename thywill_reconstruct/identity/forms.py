"""What a name is made of: its words, its letters in Latin script, its numbers, and whether its script deceives.

These forms are for comparing names that are *not* canonically equal. Nothing here joins two names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import pairwise
from sys import intern
from typing import NamedTuple

from unidecode import unidecode

from thywill_reconstruct.identity.canonical import script, visible, without_points
from thywill_reconstruct.identity.nicknames import GENERATIONS, TITLES

_NUMBERS = re.compile(r"\d+")
_NO_LETTERS = re.compile(r"[^a-z]+")
_APART = re.compile(r"[^A-Za-z]+")
_APOSTROPHES = re.compile("['`´ʹʻʼ‘’]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")

# Letters of other scripts that look like Latin ones, after Unicode Technical Standard 39: only where one letter looks
# like one letter. Capitals and small letters differ in what they look like, so they stand apart.
_LOOKS = {
    **dict(zip("аеорсухіїјѕһԁԛԝӏүҽѵгткмнвпиьԍ", "aeopcyxiijshdqwiyevrtkmhbnubg", strict=True)),
    **dict(zip("АВЕІЇЈКМНОРСТУХЅҺԌԚԜҮӀЬГПЗ", "ABEIIJKMHOPCTYXSHGQWYIbrn3", strict=True)),
    **dict(zip("αβγδεζηικνοπρστυχωϲϳς", "abydeznikvonpotuxwcjc", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
    **dict(zip("օոսցհյզքլԱՕՍՏ", "onugnjqplUOUS", strict=True)),
    **dict(zip("ɑɡᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "agabcdefghijklmnopqrstuvwyz", strict=True)),
}
_DECEIVING = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "PHONETIC")
# Scripts whose writers often leave out what stands on, above or under a letter, and letters that they often confuse.
_OFTEN_BARE = {"CYRILLIC", "GREEK", "HEBREW", "ARABIC"}
_CONFUSED = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا"})
# How umlauts and their like are written out by people who have no key for them.
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "đ": "dj"})


class _Words(dict[int, int | str]):
    """A translation table that learns: letters and what is written on, under or behind them stay, the rest is space."""

    def __missing__(self, code: int) -> int | str:
        self[code] = code if chr(code).isalpha() or unicodedata.category(chr(code))[0] == "M" else " "
        return self[code]


_WORDS = _Words()
_LATIN = {"LATIN"}
# Most names: one or two words, with a separator or a capital between them, and perhaps a number behind.
_ORDINARY = re.compile(r"([A-Za-z][a-z]*)(?:[ ._-]([A-Za-z][a-z]*)|([A-Z][a-z]+))?([0-9]*)")
# Beginnings of surnames that hold a capital letter; they do not end a word.
# What is added to a name: a company in parentheses, the host of an address.
_ASIDE = re.compile(r"\s*\([^()]*\)\s*$|@[\w-]+(?:\.[\w-]+)+\s*$")
_PREFIXES = frozenset({"Mc", "Mac", "De", "Di", "La", "Le", "Van", "Von", "Fitz"})


class Form(NamedTuple):
    """What a name is made of.

    Attributes:
        letters: The letters alone, transliterated to ``a-z``, titles and marks of a generation left out, and what is added
            in parentheses or behind ``@``; of a name that deceives, what its letters look like.
        written_out: The same with umlauts as two letters; equal to ``letters`` if there are none.
        words: The letters word by word; one word if nothing tells where words end.
        native: The words in their own script.
        numbers: Every number, as written, and marks of a generation (``jr``, ``iii``): these must agree.
        latin: Whether all letters are Latin, or look as if they were.
        deceives: Whether letters that look like letters of another script stand beside letters of that script.
        added: The letters of what is added in parentheses or behind ``@``.
        looks: What the letters look like, if any of them is not Latin: every letter that looks like a Latin one is that.
    """

    letters: str
    written_out: str
    words: tuple[str, ...]
    native: tuple[str, ...]
    numbers: tuple[str, ...]
    latin: bool
    deceives: bool
    added: str = ""
    looks: str = ""


def scripts(name: str) -> set[str]:
    """Return the scripts of the letters of a name."""
    if name.isascii():
        return {"LATIN"} if any(map(str.isalpha, name)) else set()
    return {script(character) for character in name} - {""}


def is_deceiving(written: Collection[str]) -> bool:
    """Return whether scripts that have look-alikes of each other's letters are mixed."""
    return sum(one in written for one in ("LATIN", *_DECEIVING)) > 1


def as_seen(name: str) -> str:
    """Return a name with every letter of another script that looks like a Latin one as that Latin letter.

    >>> as_seen("\\u0420aul")
    'Paul'
    """
    return "".join(_LOOKS.get(c, c) for c in name)


def plain_letters(text: str) -> str:
    """Return the letters of a text, transliterated to ``a-z``."""
    return _NO_LETTERS.sub("", unidecode(text).lower())


def split_words(name: str) -> list[str]:
    """Return the words of a name as written, at separators and where a small letter meets a capital one.

    >>> split_words("MaryAnn_Johnson7"), split_words("McDonald"), split_words("jOHN sMITH")
    (['Mary', 'Ann', 'Johnson'], ['McDonald'], ['jOHN', 'sMITH'])
    """
    words: list[str] = []
    text = _APOSTROPHES.sub("", name)
    for piece in _APART.split(text) if text.isascii() else text.translate(_WORDS).split():
        if piece[1:].islower() or (piece and (piece.isupper() or not piece[0].isupper())):
            words.append(piece)
        elif piece:
            words += _camel(piece)
    return words


def _camel(piece: str) -> list[str]:
    if not piece.isascii():
        marked = "".join("a" if c.islower() else "A" if c.isupper() else "." for c in piece)
    else:
        marked = piece
    starts = [0, *(match.start() for match in _CAMEL.finditer(marked)), len(piece)]
    found: list[str] = []
    for begin, end in pairwise(starts):
        if found and found[-1] in _PREFIXES:
            found[-1] += piece[begin:end]
        else:
            found.append(piece[begin:end])
    return found


def _ordinary(name: str) -> Form | None:
    """Return what an ordinary ASCII name is made of, the quick way; None if it takes a closer look."""
    if name.isalpha() and (name.islower() or name.isupper()):
        return _of_one_word(name.lower(), ())
    if not (matched := _ORDINARY.fullmatch(name)):
        return None
    first, second, camel, number = matched.groups()
    numbers = (number,) if number else ()
    if not (second := second or camel):
        return _of_one_word(first.lower(), numbers)
    if camel and (len(first) == 1 or first[0] > "Z" or first in _PREFIXES):
        return None
    words = (intern(first.lower()), intern(second.lower()))  # many names share their words
    if words[1] in GENERATIONS or words[1] in TITLES or words[0] in TITLES:
        return None
    letters = words[0] + words[1]
    return Form(letters, letters, words, words, numbers, True, False)


def form_of(name: str) -> Form:
    """Return what a name is made of."""
    return (_ordinary(name) if name.isascii() else None) or _take_apart(name)


def _of_one_word(letters: str, numbers: tuple[str, ...]) -> Form:
    words = (letters,)
    return Form(letters, letters, words, words, numbers, True, False)


def _take_apart(name: str) -> Form:
    if name.isascii():
        seen, written, deceives = name, _LATIN, False
    else:
        seen = without_points(visible(name))
        written = scripts(seen)
        deceives = is_deceiving(written)
    if deceives:
        seen = as_seen(seen)
    added = ""
    if ("(" in seen or "@" in seen) and any(map(str.isalpha, bare := _ASIDE.sub("", seen))):
        seen, added = bare, plain_letters(seen[len(bare) :])
    native = split_words(seen)
    words = [word.lower() for word in native] if name.isascii() else [plain_letters(word) for word in native]
    numbers = _NUMBERS.findall(seen)
    if len(words) > 1:
        numbers += [word for word in words[1:] if word in GENERATIONS]
        kept = [i for i, word in enumerate(words) if word and word not in TITLES and not (i and word in GENERATIONS)]
        words, native = [words[i] for i in kept], [native[i] for i in kept]
    letters = "".join(words)
    if name.isascii():
        lower = tuple(words) or ("",)
        return Form(letters, letters, lower, lower, tuple(numbers), True, False, added)
    return Form(
        letters=letters,
        written_out=plain_letters("".join(native).lower().translate(_WRITTEN_OUT)),
        words=tuple(words) or ("",),
        native=tuple(map(_bare if written <= _OFTEN_BARE else str.casefold, native)) or ("",),
        numbers=tuple(numbers),
        latin=deceives or written <= _LATIN,
        deceives=deceives,
        added=added,
        looks="" if written <= _LATIN else as_seen("".join(native)).casefold(),
    )


def _bare(word: str) -> str:
    """Return a word without marks, and of letters that writers confuse the commoner one: for comparing, never for joining."""
    parts = unicodedata.normalize("NFD", word.casefold()).translate(_CONFUSED)
    return "".join(c for c in parts if unicodedata.category(c) != "Mn")
