"""Make a labelled set: users, names, and whose each name is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from scripts.labelled.variants import CLASSES
from scripts.labelled.words import COMPANIES, LANGUAGES, SETS, Language
from thywill_reconstruct.identity.canonical import joined
from thywill_reconstruct.identity.score import keys_of

STYLES = ("{g} {s}", "{g} {s}", "{g} {s}", "{g}{s}", "{g}_{s}", "{g}.{s}", "{g}-{s}{n}", "{g} {s}{n}")
LOGINS = (
    *("{i}{s}{n}", "{g}{s}{n}", "{g}.{s}", "{s}, {g}", "{g} {s} ({c})", "{g}.{s}@example.org"),
    *("{i}. {m} {s}", "{g} {m}. {s}", "{g}-{s}", "{g}.{i}.{s}", "{g} {s}"),
)
# Of so many users a shortened name may be one.
FEW = 3
PICTURES = ("🌹", "🕊️", "👩‍👩‍👧", "★★", "☮")


class Label(NamedTuple):
    """A name, its owner's id or ``""``, and what it is an example of."""

    name: str
    owner: str
    klass: str
    group: str
    must_review: bool


class LabelledSet(NamedTuple):
    """Users (id, display name) and labelled names."""

    users: list[tuple[str, str]]
    labels: list[Label]


def make_set(name: str, per_class: int = 60) -> LabelledSet:
    """Return one of the sets of ``SETS``, always the same."""
    languages, count = SETS[name]
    chance = Random(name)
    people = [LANGUAGES[language] for language in languages]
    styles = LOGINS if name == "logins" else STYLES
    display_names: dict[str, str] = {}
    spare: dict[str, str] = {}
    while len(display_names) < count:
        made = _person(chance, chance.choice(people), styles)
        (spare if chance.random() < 0.1 else display_names).setdefault(_loosest(made), made)
    for picture in PICTURES:
        display_names[_loosest(picture)] = picture
    users = [(f"u{number:05}", display) for number, display in enumerate(display_names.values())]
    taken = set(display_names)
    labels = [*_variants(chance, users, taken, per_class), *_traps(chance, users, taken, per_class)]
    strangers = [Label(made, "", "stranger", "new", False) for key, made in sorted(spare.items()) if key not in taken]
    labels += chance.sample(strangers, min(len(strangers), 5 * per_class))
    chance.shuffle(labels)
    return LabelledSet(users, labels)


def _person(chance: Random, language: Language, styles: tuple[str, ...]) -> str:
    given, surname = chance.choice(language.given), chance.choice(language.surnames).replace("_", " ")
    if not language.joint:  # one word, and a number to tell so many namesakes apart
        return surname + given + chance.choice(["", "", str(chance.randint(2, 999))])
    number = chance.choice(["", "", str(chance.randint(2, 2010))])
    made = chance.choice(styles).format(
        g=given, s=surname, n=number, i=given[0], m=chance.choice(language.given)[0], c=chance.choice(COMPANIES)
    )
    return made.lower() if chance.random() < 0.3 else made


def _loosest(name: str) -> str:
    return next(filter(None, reversed(keys_of(name))), name)


def _variants(chance: Random, users: list[tuple[str, str]], taken: set[str], per_class: int) -> Iterator[Label]:
    forms = [joined(display) for _, display in users]
    for klass, (vary, group, must_review) in CLASSES.items():
        found = 0
        for user, display in chance.sample(users, len(users)):
            made = vary(display, chance)
            if made is None or (group != "canonical" and _loosest(made) in taken):
                continue
            if group == "weak" and _namesakes(made, forms) > FEW:
                continue
            yield Label(made, user, klass, group, must_review)
            found += 1
            if found == per_class:
                break


def _namesakes(made: str, forms: list[str]) -> int:
    """Return how many users a shortened name may mean: nobody could pick one of a crowd."""
    words = made.split(" ")
    if len(words) == 2 and words[0].endswith("."):
        first, last = joined(words[0]), joined(words[1])
        return sum(form.startswith(first) and last in form for form in forms)
    return sum(joined(made) in form for form in forms)


def _traps(chance: Random, users: list[tuple[str, str]], taken: set[str], per_class: int) -> Iterator[Label]:
    """Names that look like a user's and are nobody's."""
    shared = Counter(word for _, display in users for word in re.findall(r"\w+", display))
    found: Counter[str] = Counter()
    for _, display in chance.sample(users, len(users)):
        words = display.split(" ")
        traps = {"other_number": re.sub(r"\d+$", lambda number: str(int(number[0]) + 1), display)}
        if len(words) == 2 and all(map(str.isalpha, words)):
            other = chance.choice([word for word in sorted(shared) if word[:1] == words[0][:1]] or words)
            traps |= {"same_surname": f"{other} {words[1]}", "more_words": f"{words[0]} {other} {words[1]}"}
        if joined(display).isalpha() and len(joined(display)) < 5:
            traps["short"] = display[:-1] + chance.choice("aeiou")
        for klass, made in traps.items():
            if _loosest(made) not in taken and found[klass] < per_class:
                found[klass] += 1
                yield Label(made, "", klass, "hardneg", False)
