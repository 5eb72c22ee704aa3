"""What is odd about the names of a roster, taken by themselves: for an operator to settle, never to repair.

Pure, independent of the order of users, and linear in their number: names meet in buckets of equal keys, nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Literal, NamedTuple

from thywill_reconstruct.identity.canonical import Rung, folded, is_undrawn, joined, visible
from thywill_reconstruct.identity.forms import as_seen, is_deceiving, scripts
from thywill_reconstruct.identity.placeholders import is_placeholder
from thywill_reconstruct.identity.score import keys_of

Oddity = Literal["equal", "confusable", "mixed scripts", "undrawn", "spaces", "nobody", "first word"]

# What names that are equal on a rung differ in, if they are not on the rung before.
DIFFERS_IN: dict[Rung, str] = {
    Rung.RAW: "nothing",
    Rung.NFC: "how accents are stored",
    Rung.FOLDED: "capitals, width, spaces or invisible characters",
    Rung.JOINED: "separators",
    Rung.PLAIN: "accents",
}
# ASCII characters that some typefaces draw alike. They join no names; here they only call for a look.
_DRAWN_ALIKE = str.maketrans("01", "ol")
_DIGIT_IN_A_WORD = re.compile(r"[01](?=[a-z])|(?<=[a-z])[01](?=[01]*[a-z])")
# The flags of regions are a flag and letters that are not drawn.
_FLAG = "\U0001f3f4"
_TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))
# Scripts that join letters by characters which are not drawn: zero width joiner and non-joiner are spelling there.
_JOINING_SCRIPTS = {"ARABIC", "DEVANAGARI", "BENGALI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "MALAYALAM"} | {
    *{"MYANMAR", "ORIYA", "SINHALA", "SYRIAC", "TAMIL", "TELUGU", "MONGOLIAN", "NKO", "TIBETAN"}
}
_JOINERS = "\u200c\u200d"
_MOST_SHOWN = 5
_MOST_FORMS = 50


class Remark(NamedTuple):
    """Something odd about one user's name.

    Attributes:
        oddity: What kind.
        user: The user's key.
        others: Keys of the users whom it concerns as well, at most five; empty if it is about this name alone.
        detail: One plain phrase; characters that nobody sees are named by their code points.
    """

    oddity: Oddity
    user: str
    others: tuple[str, ...]
    detail: str


def nobody_settled(one: str, other: str) -> bool:
    """Two users of whom nobody has said yet whether they are one person."""
    return False


def audit(
    users: Sequence[tuple[str, str]],
    idle: Collection[str] = (),
    settled: Callable[[str, str], bool] = nobody_settled,
) -> list[Remark]:
    """Return what is odd about the names of a roster, by user.

    Args:
        users: Pairs of user key and display name; keys are unique.
        idle: Keys of users of whom nothing is known but the row: no registration, nothing done, nothing that refers to
            them. Only they can be left over from a name that was cut off.
        settled: Whether somebody has already said of two users (by key) that they are one person, or two.

    Returns:
        At most one remark per user and kind, in the order of names and keys. Of names that are equal or confusable every
        user but the first of a name gets one.
    """
    roster = sorted(users, key=itemgetter(1, 0))
    keys = [() if is_placeholder(name) else keys_of(name) for _, name in roster]
    equal = list(_equal(roster, keys, settled))
    confusable = list(_confusable(roster, keys, settled))
    met = {remark.user for remark in confusable} | {other for remark in confusable for other in remark.others}
    alone = [
        Remark(oddity, key, (), detail)
        for key, name in roster
        for oddity, detail in _oddities(name)
        if not (oddity == "mixed scripts" and key in met)
    ]
    place = {key: number for number, (key, _) in enumerate(roster)}
    return sorted(
        [*equal, *confusable, *alone, *_first_words(roster, idle, settled)],
        key=lambda remark: (place[remark.user], remark.oddity),
    )


def _equal(
    roster: Sequence[tuple[str, str]], keys: Sequence[tuple[str, ...]], settled: Callable[[str, str], bool]
) -> Iterator[Remark]:
    """Yield those whose names equal an earlier one's on some rung, with the strictest rung."""
    loosest: dict[str, list[int]] = {}
    for number, ladder in enumerate(keys):
        if key := next(filter(None, reversed(ladder)), ""):
            loosest.setdefault(key, []).append(number)
    for bucket in loosest.values():
        if len(bucket) > 1:
            yield from _equal_in(bucket, roster, keys, settled)


def _equal_in(
    bucket: Sequence[int],
    roster: Sequence[tuple[str, str]],
    keys: Sequence[tuple[str, ...]],
    settled: Callable[[str, str], bool],
) -> Iterator[Remark]:
    """Yield the remarks of users whose names are equal on the loosest rung."""
    earlier: dict[tuple[int, str], list[int]] = {}
    for number in bucket:
        key = roster[number][0]
        rungs = [(rung, form) for rung, form in enumerate(keys[number]) if form]
        found = next(
            (
                (Rung(rung), partner)
                for rung, form in rungs
                for partner in earlier.get((rung, form), ())
                if not settled(key, roster[partner][0])
            ),
            None,
        )
        if found:
            rung, partner = found
            yield Remark("equal", key, (roster[partner][0],), f"they differ in {DIFFERS_IN[rung]}")
        for place in rungs:
            earlier.setdefault(place, []).append(number)


def _confusable(
    roster: Sequence[tuple[str, str]], keys: Sequence[tuple[str, ...]], settled: Callable[[str, str], bool]
) -> Iterator[Remark]:
    """Yield those whose names look like an earlier one's, in letters that are not the same."""
    met: dict[str, dict[str, str]] = {}
    for (key, name), ladder in zip(roster, keys, strict=True):
        if not ladder or not (form := ladder[Rung.JOINED]):
            continue
        alike = met.setdefault(as_drawn(name, form), {})
        others = [
            other
            for spelled, other in islice(alike.items(), _MOST_FORMS)
            if spelled != form and _are_drawn_alike(form, spelled) and not settled(key, other)
        ]
        if others:
            yield Remark("confusable", key, tuple(others[:_MOST_SHOWN]), f"it is spelled with {_strange(name)}")
        alike.setdefault(form, key)


def _are_drawn_alike(one: str, other: str) -> bool:
    """Return whether two names of one look are of different scripts, or ASCII; within another script looks say nothing."""
    return scripts(one) != scripts(other) or (one.isascii() and other.isascii())


def as_drawn(name: str, form: str) -> str:
    """Return what a name looks like, whatever its letters are: for comparing looks, never for joining names.

    Args:
        name: The name.
        form: Its joined form.

    >>> as_drawn("M\\u0430ry", "m\\u0430ry"), as_drawn("wa1ter", "wa1ter"), as_drawn("Walter 10", "walter10")
    ('mary', 'walter', 'walter10')
    """
    if form.isalpha() and form.isascii():
        return form
    if not scripts(form) <= {"LATIN"}:
        form = joined(as_seen(visible(name)))
    return _DIGIT_IN_A_WORD.sub(lambda digit: digit[0].translate(_DRAWN_ALIKE), form)


def _strange(name: str) -> str:
    """Name the characters of a name that are not what they look like."""
    strange = [c for c in dict.fromkeys(visible(name)) if as_seen(c) != c]
    if strange:
        return ", ".join(code_point(c) for c in strange[:_MOST_SHOWN])
    return (
        "a digit inside a word"
        if _DIGIT_IN_A_WORD.search(joined(name))
        else "ordinary letters; look at the other name"
    )


def code_point(character: str) -> str:
    """Return how a character is called: ``U+200B ZERO WIDTH SPACE``."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'a control character')}"


def _oddities(name: str) -> Iterator[tuple[Oddity, str]]:
    """Yield what is odd about a name by itself."""
    if is_placeholder(name) or not visible(name).strip():
        yield "nobody", "it is empty" if not visible(name).strip() else "it stands for nobody"
        return
    if name.isascii() and name.isprintable():
        if "  " in name or name != name.strip():
            yield "spaces", ", ".join(_odd_spaces(name))
        return
    for word in visible(name).split():
        if is_deceiving(written := scripts(word)):
            yield "mixed scripts", f"one word holds letters of {' and '.join(map(str.title, sorted(written)))}"
            break
    if undrawn := list(dict.fromkeys(_undrawn(name))):
        yield "undrawn", ", ".join(map(code_point, undrawn[:_MOST_SHOWN]))
    if spaces := ", ".join(_odd_spaces(name)):
        yield "spaces", spaces


def _is_odd_space(character: str) -> bool:
    # The ideographic space is what a Chinese or Japanese keyboard writes.
    return character not in " \u3000" and character.isspace() and unicodedata.category(character) == "Zs"


def _odd_spaces(name: str) -> Iterator[str]:
    if name != name.strip(" "):
        yield "at an end"
    if "  " in name.strip(" "):
        yield "several in a row"
    if odd := [c for c in dict.fromkeys(name) if _is_odd_space(c)]:
        yield ", ".join(map(code_point, odd))


def _undrawn(name: str) -> Iterator[str]:
    """Yield the characters of a name that nothing is drawn for, except where they are a part of what is drawn."""
    for before, character, after in zip(" " + name, name, name[1:] + " ", strict=False):
        if not is_undrawn(character) or (character in _JOINERS and _joins(before, after)):
            continue
        if unicodedata.name(character, "").startswith("VARIATION SELECTOR") and not before.isspace():
            continue
        if not (_FLAG in name and character in _TAGS):
            yield character


def _joins(before: str, after: str) -> bool:
    """Return whether a joiner stands where it belongs: between pictures, or between letters of a joining script."""
    around = {unicodedata.name(c, "").split(" ")[0] for c in (before, after)}
    if around & _JOINING_SCRIPTS:
        return True
    return all(unicodedata.category(c) in ("So", "Sk", "Mn") for c in (before, after))


def _first_words(
    roster: Sequence[tuple[str, str]], idle: Collection[str], settled: Callable[[str, str], bool]
) -> Iterator[Remark]:
    """Yield idle users whose name is only the first word of others' names (archive format spec, trap T9)."""
    waiting: dict[str, str] = {}
    for key, name in roster:
        if key in idle and len(name.split()) == 1:
            waiting.setdefault(folded(name), key)
    longer: dict[str, list[str]] = {}
    for key, name in roster:
        words = name.split(None, 1)
        if len(words) > 1 and (first := folded(words[0])) in waiting:
            longer.setdefault(first, []).append(key)
    for word, others in longer.items():
        if open_ones := tuple(other for other in others if not settled(waiting[word], other))[:_MOST_SHOWN]:
            yield Remark("first word", waiting[word], open_ones, "nothing is known of the shorter name")
