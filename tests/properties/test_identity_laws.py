"""Laws of resolving: never one person's data to another, and never two answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.identity.model import Mention, Relations, Resolution, RosterEntry
from thywill_reconstruct.identity.placeholders import is_placeholder
from thywill_reconstruct.identity.resolve import resolve

NAMES = (
    "Anna",
    "anna",
    "ANNA ",
    "Ánna",
    "Anna Lee",
    "Anna_Lee",
    "Max",
    "max",
    "Maximilian",
    "None",
    "王伟",
    "🌹",
    "J.",
    "j",
)
KEYS = ("k1", "k2", "k3", "k4", "old1", "old2")
JUNE = 1_064_740_800
MINUTES = st.sampled_from([JUNE, JUNE + 1, JUNE + 400, JUNE + 9_000])


@st.composite
def mentions(draw: st.DrawFn) -> list[Mention]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=7))
    found = []
    for name in names:
        registered = tuple(sorted(draw(st.sets(MINUTES, max_size=2))))
        logged = draw(st.integers(0, 3))
        found.append(
            Mention(name, registered, logged, 1, registered[0] if registered else draw(MINUTES), (f"f:{name}",))
        )
    return found


ROSTER = st.lists(
    st.builds(RosterEntry, st.sampled_from(KEYS[:4]), st.sampled_from(NAMES), st.one_of(st.none(), MINUTES)),
    unique_by=lambda entry: entry.key,
    max_size=4,
)
TALLY = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 4), min_size=1, max_size=3)


@st.composite
def relations(draw: st.DrawFn) -> Relations:
    living = st.dictionaries(st.sampled_from(KEYS[:4]), st.integers(1, 5), min_size=1, max_size=3)
    return Relations(
        draw(st.dictionaries(st.sampled_from(NAMES), living, max_size=4)),
        draw(st.dictionaries(st.sampled_from(KEYS[4:]), TALLY, max_size=2)),
        draw(st.dictionaries(st.sampled_from(KEYS[4:]), st.integers(1, 9), max_size=2)),
    )


def resolved(told: list[Mention], roster: list[RosterEntry], shared: Relations) -> Resolution:
    living = {row.key for row in roster}
    shared = Relations(
        {n: {k: c for k, c in keys.items() if k in living} for n, keys in shared.living.items()},
        shared.vanished,
        shared.references,
    )
    return resolve(told, roster, shared)


@given(mentions(), ROSTER, relations())
def test_no_two_people_share_a_key_a_row_or_a_former_id(
    told: list[Mention], roster: list[RosterEntry], shared: Relations
) -> None:
    resolution = resolved(told, roster, shared)
    keys = [person.key for person in resolution.persons if person.key]
    assert len(keys) == len(set(keys))
    claimed = [*keys, *(twin for person in resolution.persons for twin in person.twins)]
    assert len(claimed) == len(set(claimed)), "nobody's own row is another's twin"
    former = [key for person in resolution.persons for key in person.former]
    assert len(former) == len(set(former))
    assert not set(former) & set(claimed)


@given(mentions(), ROSTER, relations())
def test_every_spelling_is_answered_once_and_placeholders_never_with_a_key(
    told: list[Mention], roster: list[RosterEntry], shared: Relations
) -> None:
    resolution = resolved(told, roster, shared)
    whole = [
        person for person in resolution.persons if person.verdict != "shared"
    ]  # repeats a name of a certain person
    spellings = sorted(spelling for person in whole for spelling, _ in person.spellings)
    assert spellings == sorted(mention.name for mention in told)
    assert not any(is_placeholder(name) for name in resolution.key_of)
    open_verdicts = {"possible", "ambiguous", "placeholder", "phantom", "unproven", "shared"}
    assert all(bool(person.key) != (person.verdict in open_verdicts) for person in resolution.persons)


@given(mentions(), ROSTER, relations())
def test_matched_rows_live_and_missing_users_get_a_key_that_nobody_has(
    told: list[Mention], roster: list[RosterEntry], shared: Relations
) -> None:
    living = {row.key for row in roster}
    for person in resolved(told, roster, shared).persons:
        if person.verdict in ("match", "renamed"):
            assert person.key in living
        if person.verdict == "missing":
            assert person.key not in living
        assert living.issuperset(person.twins)
        assert living.isdisjoint(person.former)


@given(mentions(), ROSTER, relations())
def test_the_order_of_the_input_decides_nothing(
    told: list[Mention], roster: list[RosterEntry], shared: Relations
) -> None:
    backward = Relations(
        dict(list(shared.living.items())[::-1]),
        dict(list(shared.vanished.items())[::-1]),
        dict(list(shared.references.items())[::-1]),
    )
    assert resolved(told[::-1], roster[::-1], backward) == resolved(told, roster, shared)


@given(mentions(), ROSTER)
def test_two_registered_names_are_never_one_person_unless_they_are_the_same_letters(
    told: list[Mention], roster: list[RosterEntry]
) -> None:
    for person in resolve(told, roster, Relations()).persons:
        registered = [m.name for m in told if m.registered and m.name in dict(person.spellings)]
        assert len(registered) <= 1
