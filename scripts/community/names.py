"""Invented display names of every style that the application has accepted (archive format spec, section 4)."""

from __future__ import annotations

from random import Random

FOUNDER = "Ilse"
# Names that trip parsers: delimiters inside, first words of other names, near-identical pairs, spaces at the ends,
# scripts that transliterate badly (archive format spec, traps T4, T9 and T10).
CURIOUS: tuple[str, ...] = (
    "Max", "max", "Mary", "Mary Johnson", "Mary Jo", "Ann", "Anne", "sam82", "sam83", "Tom by Hill",
    "Lea - Jena", "Kim joined Park", "Uwe prayed Voss", "Kees O'Rourke", "Jörg", "Žofie Malá", "Ольга", "Дмитрий К.",
    "أمل", "美咲", "林晓", "Rosa 🌹", " Otto", "Ida ", "J. R. Finch", "A.B.", "Uwe", "Tom", "Zoë", "D'Alba",
    "Nele archived Roth", "Ana at Lake", "김민지", "Ñuria", "🌻", "van der Berg", "Ruth  Ames", "Bo", "li", "Łucja",
)  # fmt: skip
FIRST: tuple[str, ...] = (
    "Agnes", "Albin", "Alma", "Anton", "Arvid", "Astrid", "Basil", "Beate", "Bruno", "Carla", "Clemens", "Cora",
    "Dagny", "Dieter", "Doris", "Edda", "Egon", "Elin", "Emil", "Enno", "Esther", "Fabia", "Felix", "Frieda",
    "Gerda", "Gilles", "Greta", "Gustav", "Hanna", "Heiko", "Henny", "Hugo", "Ines", "Ingo", "Irma", "Ivar",
    "Jadwiga", "Jonas", "Josefa", "Judith", "Karel", "Katja", "Klaus", "Lars", "Lene", "Lorenz", "Ludmila", "Magda",
    "Malte", "Marek", "Marthe", "Mila", "Moritz", "Nadja", "Nils", "Nora", "Olaf", "Olive", "Oskar", "Paula", "Pavel",
    "Petra", "Quentin", "Ragna", "Ralf", "Renate", "Rolf", "Romy", "Sanna", "Selma", "Silas", "Sven", "Tabea", "Thea",
    "Tilda", "Tobias", "Ulla", "Urban", "Vera", "Viktor", "Wanda", "Werner", "Wilma", "Xenia", "Yann", "Yvette",
)  # fmt: skip
LAST: tuple[str, ...] = (
    "Adler", "Amsel", "Bachmann", "Berger", "Birk", "Brandt", "Buche", "Carlsen", "Dahl", "Distel", "Eiche", "Falk",
    "Fink", "Forst", "Gras", "Habicht", "Hain", "Heide", "Hirsch", "Holm", "Igel", "Jansen", "Kiefer", "Klee",
    "Krone", "Lachs", "Linde", "Lund", "Maas", "Marder", "Moos", "Nebel", "Norden", "Otter", "Pilz", "Quell", "Rabe",
    "Rehbein", "Sand", "Schilf", "Stern", "Stork", "Tanne", "Teich", "Uhl", "Vogel", "Wald", "Weide", "Wiese", "Zander",
)  # fmt: skip
_PARTICLES = ("by", "-", "joined", "prayed", "archived")


def person_key(name: str) -> str:
    """Return what two spellings of one person share: case, spaces and underscores do not tell people apart."""
    return "".join(name.replace("_", " ").replace("-", " ").casefold().split())


def _invent(rng: Random) -> str:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    style = rng.random()
    if style < 0.16:
        return first
    if style < 0.46:
        return f"{first} {last}"
    if style < 0.60:
        return f"{first}_{last}"
    if style < 0.70:
        return f"{first} {last[0]}."
    if style < 0.80:
        return f"{first.lower()}{rng.randrange(2, 99)}"
    if style < 0.88:
        return f"{first[0].lower()}{last.lower()}"
    if style < 0.93:
        return f"{first} {rng.choice(_PARTICLES)} {last}"
    if style < 0.97:
        return f"{first}-{last}"
    return f"{first} O'{last}"


def invent_names(rng: Random, count: int) -> list[str]:
    """Return ``count`` different names, the founder first, the curious ones early (they date from before the rules).

    Apart from the pairs meant to be alike, no two names are spellings of one another.
    """
    curious = list(CURIOUS[: max(0, min(len(CURIOUS), int(count * 0.7)))])
    names, keys = [FOUNDER, *curious], {person_key(name) for name in (FOUNDER, *CURIOUS)}
    while len(names) < count:
        name = new_name(rng, keys, wide=len(names) > 2_000)
        keys.add(person_key(name))
        names.append(name)
    early = names[1 : len(curious) * 2 + 1]
    rng.shuffle(early)
    return [FOUNDER, *early, *names[len(curious) * 2 + 1 :]][:count]


def new_name(rng: Random, taken: set[str], wide: bool = False, whole: bool = False) -> str:
    """Return an invented name whose ``person_key`` is not taken.

    ``wide`` adds middle names for large communities, ``whole`` gives a first and a last name and no riddle.
    """
    while True:
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}" if whole else _invent(rng)
        if wide:
            name = f"{name} {rng.choice(FIRST)} {rng.choice(LAST)}"
        if person_key(name) not in taken:
            return name


def spelling_variants(name: str) -> list[str]:
    """Return other ways to write one name: case, spaces at the ends, underscores (database schema spec, section 7)."""
    variants = [name.lower(), name.upper(), f" {name}", f"{name} "]
    if " " in name.strip():
        variants += [name.replace(" ", "_"), name.replace(" ", "  ")]
    elif "_" in name:
        variants.append(name.replace("_", " "))
    return [variant for variant in variants if variant != name and person_key(variant) == person_key(name)]
