"""How a name comes to be spelled otherwise: one function per class, None where a name cannot be spelled so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from random import Random

from unidecode import unidecode

from thywill_reconstruct.identity.canonical import visible
from thywill_reconstruct.identity.forms import scripts

Variant = Callable[[str, Random], str | None]

_UNDRAWN = ("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e")
_LETTERS_WITHOUT_MARKS = str.maketrans("łŁøØđĐıßæ", "lLoOdDisa")
_LOOK_ALIKES = str.maketrans("aceopxyi", "асеорхуі")
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
# Arabic letters as they are drawn alone; old programs store these.
_DRAWN = {"ا": "\ufe8d", "ب": "\ufe8f", "د": "\ufea9", "ر": "\ufead", "م": "\ufee1", "ن": "\ufee5", "ي": "\ufef1"}


def _other(name: str, made: str) -> str | None:
    return made if made != name and visible(made).strip() else None


def exact(name: str, chance: Random) -> str | None:
    """The very same."""
    return name


def case(name: str, chance: Random) -> str | None:
    """Other capitals. Turkish dotless letters have capitals of their own language, which nothing tells apart."""
    made = chance.choice([name.upper(), name.lower(), name.title()])
    return None if set(name) & set("İıI") else _other(name, made)


def separator(name: str, chance: Random) -> str | None:
    """Another separator between words, or none."""
    if not re.search(r"\w[ _.-]\w", name) or re.search(r"\d[ _.-]\d|[^\w _.-]", name):
        return None
    return _other(name, re.sub(r"[ _.-]", chance.choice(["", " ", "_", "-", "."]), name))


def spaces(name: str, chance: Random) -> str | None:
    """Spaces outside, or another kind inside."""
    if " " in name and chance.random() < 0.5:
        return name.replace(" ", chance.choice(["  ", "\u00a0", "\u2009", "\t"]))
    return chance.choice([" ", "\u00a0", ""]) + name + chance.choice([" ", "\t", "\u2003"])


def undrawn(name: str, chance: Random) -> str | None:
    """A character that nobody sees, somewhere inside."""
    at = chance.randrange(len(name) + 1)
    return name[:at] + chance.choice(_UNDRAWN) + name[at:]


def decomposed(name: str, chance: Random) -> str | None:
    """Accents and syllables in parts, as some systems store them."""
    return _other(name, unicodedata.normalize("NFD", name))


def wide(name: str, chance: Random) -> str | None:
    """Full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name) if name.isascii() else None


def drawn(name: str, chance: Random) -> str | None:
    """Arabic letters in their drawn forms."""
    return _other(name, "".join(_DRAWN.get(c, c) for c in name))


def stretched(name: str, chance: Random) -> str | None:
    """An Arabic name stretched, or with a vowel written."""
    if "ARABIC" not in scripts(name):
        return None
    at = chance.choice([i + 1 for i, c in enumerate(name[:-1]) if c in "بتحسشمنهي" and name[i + 1].isalpha()] or [0])
    return name[:at] + chance.choice(["\u0640", "\u064e", "\u0651"]) + name[at:] if at else None


def unaccented(name: str, chance: Random) -> str | None:
    """Without accents: what a keyboard without them writes."""
    if not scripts(name) & {"LATIN", "GREEK", "CYRILLIC"}:
        return None
    if "CYRILLIC" in scripts(name):  # where й is a letter of its own
        return _other(name, name.replace("ё", "е").replace("Ё", "Е"))
    bare = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    return _other(name, unicodedata.normalize("NFC", bare.replace("ß", "ss").translate(_LETTERS_WITHOUT_MARKS)))


def look_alike(name: str, chance: Random) -> str | None:
    """A Latin name with Cyrillic letters."""
    return _other(name, name.translate(_LOOK_ALIKES)) if scripts(name) == {"LATIN"} and len(name) > 5 else None


def _slip(name: str, chance: Random) -> str:
    at = chance.choice([i for i, c in enumerate(name) if c.isalpha()])
    letter = chance.choice([c for c in name.lower() if c.isalpha()])
    way = chance.randrange(3)
    return name[:at] + (letter if way else "") + name[at + (way != 1) :]


def one_slip(name: str, chance: Random) -> str | None:
    """A letter lost, added or replaced."""
    return _other(name, _slip(name, chance)) if sum(map(str.isalpha, name)) > 7 else None


def two_slips(name: str, chance: Random) -> str | None:
    """Two of these."""
    return _other(name, _slip(_slip(name, chance), chance)) if sum(map(str.isalpha, name)) > 11 else None


def transposed(name: str, chance: Random) -> str | None:
    """Two neighbouring letters swapped."""
    places = [i for i in range(len(name) - 1) if name[i].isalpha() and name[i + 1].isalpha()]
    if not places or sum(map(str.isalpha, name)) < 8:
        return None
    at = chance.choice(places)
    return _other(name.lower(), (name[:at] + name[at + 1] + name[at] + name[at + 2 :]).lower())


def swapped(name: str, chance: Random) -> str | None:
    """Surname first."""
    words = name.split(" ")
    plain = len(words) == 2 and all(word.isalpha() and len(word) > 1 for word in words) and words[0] != words[1]
    return chance.choice(["{1}, {0}", "{1} {0}"]).format(*words) if plain else None


def umlauts_written_out(name: str, chance: Random) -> str | None:
    """As typed without the keys."""
    return _other(name, "".join(_UMLAUTS.get(c, c) for c in name)) if scripts(name) == {"LATIN"} else None


def initial(name: str, chance: Random) -> str | None:
    """The given name's first letter only."""
    words = name.split(" ")
    return f"{words[0][0]}. {words[1]}" if len(words) == 2 and all(map(str.isalpha, words)) else None


def given_only(name: str, chance: Random) -> str | None:
    """The given name alone."""
    words = name.split(" ")
    return words[0] if len(words) == 2 and all(map(str.isalpha, words)) and len(words[0]) > 2 else None


def truncated(name: str, chance: Random) -> str | None:
    """The end cut off, in the surname."""
    words = name.split(" ")
    return name[: -(len(words[1]) // 2)] if len(words) == 2 and len(words[1]) > 4 and words[1].isalpha() else None


def without_number(name: str, chance: Random) -> str | None:
    """The number left out."""
    return _other(name, re.sub(r"\d+$", "", name))


def romanised(name: str, chance: Random) -> str | None:
    """Written in Latin letters."""
    if scripts(name) & {"LATIN", "CJK", "HANGUL", "HEBREW", "ARABIC", "DEVANAGARI", ""}:
        return None
    return _other(name, unidecode(name))


# Class -> how, group, and whether the name alone proves nothing even if it happens to fit.
CLASSES: dict[str, tuple[Variant, str, bool]] = {
    "exact": (exact, "canonical", False),
    "case": (case, "canonical", False),
    "separator": (separator, "canonical", False),
    "spaces": (spaces, "canonical", False),
    "undrawn": (undrawn, "canonical", False),
    "decomposed": (decomposed, "canonical", False),
    "wide": (wide, "canonical", False),
    "drawn": (drawn, "canonical", False),
    "stretched": (stretched, "canonical", False),
    "unaccented": (unaccented, "canonical", False),
    "look_alike": (look_alike, "canonical", True),
    "one_slip": (one_slip, "fuzzy", False),
    "two_slips": (two_slips, "fuzzy", False),
    "transposed": (transposed, "fuzzy", False),
    "swapped": (swapped, "fuzzy", False),
    "umlauts": (umlauts_written_out, "fuzzy", False),
    "initial": (initial, "weak", True),
    "given_only": (given_only, "weak", True),
    "truncated": (truncated, "weak", True),
    "without_number": (without_number, "weak", True),
    "romanised": (romanised, "weak", True),
}
