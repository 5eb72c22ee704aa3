"""Decisions win over everything, are never asked again, and are undone by removing their lines."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.identity.decision_text import parse_decisions
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decision, Decisions
from thywill_reconstruct.identity.model import Mention, Person, Relations, Resolution, RosterEntry
from thywill_reconstruct.identity.resolve import _clusters, _decided_pairs, resolve

DAY = date(2025, 7, 1)
MARCH = 29_000_000


def decide(kind: str, *names: str, key: str = "", line: int = 1) -> Decision:
    return Decision(kind, names, key, "Ruth", DAY, "", line)  # type: ignore[arg-type]


def registered(name: str, minute: int = MARCH, logged: int = 3) -> Mention:
    return Mention(name, (minute,), logged, 1, minute, (f"users:{name}",))


def acting(name: str, minute: int = MARCH + 500, logged: int = 3) -> Mention:
    return Mention(name, (), logged, 1, minute, (f"log:{name}",))


def written(name: str) -> Mention:
    return Mention(name, (), 0, 1, MARCH + 500, (f"file:{name}",))


def row(key: str, name: str, minute: int | None = MARCH) -> RosterEntry:
    return RosterEntry(key, name, minute)


def resolved(
    mentions: list[Mention],
    roster: list[RosterEntry],
    *decisions: Decision,
    relations: Relations | None = None,
    names_are_keys: bool = False,
) -> Resolution:
    return resolve(mentions, roster, relations or Relations(), Decisions(decisions), names_are_keys=names_are_keys)


def one(resolution: Resolution, name: str) -> Person:
    found = [p for p in resolution.persons if any(name == spelling for spelling, _ in p.spellings)]
    assert len(found) == 1, (name, found)
    return found[0]


def test_same_joins_spellings_that_share_nothing() -> None:
    mentions = [registered("Mary Johnson"), acting("MJ of Bath")]
    roster = [row("m", "Mary Johnson")]
    assert one(resolved(mentions, roster), "MJ of Bath").verdict == "missing"
    after = resolved(mentions, roster, decide("same", "MJ of Bath", "Mary Johnson", line=7))
    assert after.key_of == {"Mary Johnson": "m", "MJ of Bath": "m"}
    person = one(after, "MJ of Bath")
    assert person.spellings[1] == ("MJ of Bath", None)
    assert any("decided by Ruth on 2025-07-01 (line 7)" in note for note in person.notes)


def test_same_makes_a_user_of_another_name_that_person() -> None:
    mentions = [registered("Mary Johnson")]
    roster = [row("x", "Sunshine", MARCH + 90_000)]
    after = resolved(mentions, roster, decide("same", "Mary Johnson", "Sunshine"))
    assert one(after, "Mary Johnson").verdict == "renamed"
    assert after.key_of == {"Mary Johnson": "x"}


def test_same_makes_a_second_user_a_twin() -> None:
    mentions = [registered("Mary Johnson"), acting("Sunshine")]
    roster = [row("m", "Mary Johnson"), row("x", "Sunshine", MARCH + 90_000)]
    assert resolved(mentions, roster).twin_of == {}
    after = resolved(mentions, roster, decide("same", "Mary Johnson", "Sunshine"))
    assert after.twin_of == {"x": "m"}
    assert after.key_of == {"Mary Johnson": "m", "Sunshine": "m"}


def test_different_never_joins_never_twins_and_is_no_candidate() -> None:
    mentions = [registered("Mary Johnson"), acting("mary_johnson")]
    roster = [row("m", "Mary Johnson"), row("t", "MARY JOHNSON", MARCH + 100)]
    before = resolved(mentions, roster)
    assert before.key_of["mary_johnson"] == "m"
    assert before.twin_of == {"t": "m"}
    after = resolved(
        mentions,
        roster,
        decide("different", "Mary Johnson", "mary_johnson", line=1),
        decide("different", "Mary Johnson", "MARY JOHNSON", line=7),
    )
    assert after.key_of["mary_johnson"] == "t", "what is ruled out leaves the other"
    assert after.twin_of == {}


def test_different_from_all_who_resemble_is_a_person_of_her_own() -> None:
    mentions = [registered("Mary Johnson"), acting("Mary Jonhson")]
    roster = [row("m", "Mary Johnson")]
    before = one(resolved(mentions, roster), "Mary Jonhson")
    assert (before.verdict, before.candidates) == ("possible", ("Mary Johnson",))
    assert before.scores == (90.9,)
    after = one(resolved(mentions, roster, decide("different", "Mary Johnson", "Mary Jonhson")), "Mary Jonhson")
    assert (after.verdict, after.candidates) == ("missing", ())


def test_user_sets_the_row_against_all_evidence() -> None:
    mentions = [registered("Mary Johnson"), registered("Max", MARCH + 50)]
    roster = [row("m", "Mary Johnson"), row("x", "Max", MARCH + 50)]
    relations = Relations(living={"Mary Johnson": {"m": 9}, "Max": {"x": 9}})
    after = resolved(
        mentions,
        roster,
        decide("user", "Mary Johnson", key="x", line=1),
        decide("user", "Max", key="m", line=8),
        relations=relations,
    )
    assert after.key_of == {"Mary Johnson": "x", "Max": "m"}
    assert one(after, "Max").verdict == "renamed"


def test_a_name_that_is_a_user_joins_whoever_has_that_user() -> None:
    """By the exact name, and by evidence that shows only while resolving."""
    mentions = [registered("Mary Johnson"), acting("MJ of Bath")]
    after = resolved(mentions, [row("m", "Mary Johnson")], decide("user", "MJ of Bath", key="m"))
    assert len(after.persons) == 1
    roster = [row("m", "Sunshine")]
    relations = Relations(living={"Mary Johnson": {"m": 9}})
    after = resolved(mentions, roster, decide("user", "MJ of Bath", key="m"), relations=relations)
    assert after.key_of == {"Mary Johnson": "m", "MJ of Bath": "m"}
    assert len(after.persons) == 1


@pytest.mark.parametrize("names_are_keys", [False, True])
def test_a_user_who_is_gone_is_recreated_under_her_id(names_are_keys: bool) -> None:
    mentions = [registered("Mary Johnson"), acting("MJ of Bath")]
    decisions = (decide("user", "Mary Johnson", "MJ of Bath", key="gone"),)
    after = resolved(mentions, [], *decisions, names_are_keys=names_are_keys)
    (person,) = after.persons
    assert (person.verdict, person.key) == ("missing", "gone")
    assert person.name == ("gone" if names_are_keys else "Mary Johnson")


def test_new_is_a_person_of_her_own_before_and_after_she_has_a_row() -> None:
    mentions = [registered("Mary Johnson"), written("Mary Jonhson")]
    roster = [row("m", "Mary Johnson")]
    assert one(resolved(mentions, roster), "Mary Jonhson").verdict == "possible"
    new = decide("new", "Mary Jonhson")
    after = one(resolved(mentions, roster, new), "Mary Jonhson")
    assert after.verdict == "missing"
    again = one(resolved(mentions, [*roster, row(after.key, "Mary Jonhson", MARCH + 500)], new), "Mary Jonhson")
    assert (again.verdict, again.key) == ("match", after.key)


def test_a_new_person_whose_name_is_another_users_is_not_made() -> None:
    after = resolved(
        [registered("Mary"), registered("Max")],
        [row("x", "Max")],
        decide("new", "Max", line=1),
        decide("user", "Mary", key="x", line=7),
        decide("different", "Mary", "Max", line=14),
    )
    assert after.key_of == {"Mary": "x"}
    assert one(after, "Max").verdict == "ambiguous"


def test_a_placeholder_is_nobody_and_a_placeholder_can_be_somebody() -> None:
    mentions = [registered("Test Account"), acting("Unknown")]
    after = resolved(mentions, [], decide("placeholder", "Test Account", line=1), decide("new", "Unknown", line=7))
    assert one(after, "Test Account").verdict == "placeholder"
    assert "decided by Ruth" in one(after, "Test Account").notes[0]
    assert one(after, "Unknown").verdict == "missing"


def test_a_vanished_id_of_somebody_who_has_a_user_is_her_former_one_and_makes_no_second() -> None:
    relations = Relations(vanished={"gone": {"Bob": 5}}, references={"gone": 9})
    after = resolved(
        [registered("Mary")], [row("m", "Mary")], decide("user", "Mary", key="gone"), relations=relations
    )
    assert (one(after, "Mary").verdict, after.key_of, after.former) == ("match", {"Mary": "m"}, {"gone": "m"})


def test_an_ignored_person_is_not_recreated_nor_is_anything_booked_on_her() -> None:
    mentions = [registered("Mary Johnson"), acting("mary johnson")]
    relations = Relations(vanished={"gone": {"Mary Johnson": 5}}, references={"gone": 9})
    before = resolved(mentions, [], relations=relations)
    assert before.key_of["mary johnson"] == "gone"
    after = resolved(mentions, [], decide("ignore", "Mary Johnson"), relations=relations)
    person = one(after, "mary johnson")
    assert (person.verdict, person.key, person.former) == ("ignored", "", ("gone",))
    assert (after.key_of, after.former) == ({}, {})


def test_an_ignored_persons_row_is_nobody_elses() -> None:
    mentions = [registered("Mary"), registered("Max")]
    relations = Relations(living={"Max": {"m": 5}})
    after = resolved(mentions, [row("m", "Mary")], decide("ignore", "Mary"), relations=relations)
    assert after.key_of.get("Max") != "m"


NAMES = ["Mary", "Mary Johnson", "mary johnson", "Mary Jonhson", "Max", "max", "Sunshine"]


@st.composite
def communities(draw: st.DrawFn) -> tuple[list[Mention], list[RosterEntry], Relations, Decisions]:
    chosen = draw(st.lists(st.sampled_from(NAMES), min_size=2, unique=True))
    mentions = [draw(st.sampled_from([registered, acting]))(n, MARCH + 10 * i) for i, n in enumerate(chosen)]
    owners = draw(st.lists(st.sampled_from(NAMES), unique=True))
    roster = [row(f"id{i}", name, draw(st.sampled_from([MARCH, MARCH + 10, None]))) for i, name in enumerate(owners)]
    keys = st.sampled_from([entry.key for entry in roster] or ["gone"])
    living = draw(st.dictionaries(st.sampled_from(chosen), st.dictionaries(keys, st.integers(1, 5))))
    stated = draw(st.dictionaries(keys, st.frozensets(st.sampled_from(chosen), min_size=1, max_size=2)))
    vanished = draw(
        st.dictionaries(st.just("old"), st.dictionaries(st.sampled_from(chosen), st.integers(1, 5), min_size=1))
    )
    relations = Relations(living=living, stated=stated, vanished=vanished, references=dict.fromkeys(vanished, 5))
    left = list(chosen)
    decisions: list[Decision] = []
    for number in range(draw(st.integers(0, 3))):
        if len(left) < 2:
            break
        kind = draw(st.sampled_from(["same", "different", "user", "new", "ignore", "placeholder"]))
        pair = (left.pop(), left.pop())
        key = draw(keys | st.just("old")) if kind == "user" else ""
        if key and any(entry.id == key for entry in decisions):
            continue
        decisions.append(decide(kind, *pair, key=key, line=number + 1))
    return mentions, roster, relations, Decisions(tuple(decisions))


@given(communities(), st.randoms())
def test_the_order_of_everything_is_without_effect(
    community: tuple[list[Mention], list[RosterEntry], Relations, Decisions], random: object
) -> None:
    mentions, roster, relations, decisions = community
    shuffle = random.shuffle  # type: ignore[attr-defined]
    expected = resolve(mentions, roster, relations, decisions)
    entries = list(decisions.entries)
    for things in (mentions, roster, entries):
        shuffle(things)
    assert resolve(mentions, roster, relations, Decisions(tuple(entries))) == expected


@given(communities())
def test_decisions_are_respected(
    community: tuple[list[Mention], list[RosterEntry], Relations, Decisions],
) -> None:
    mentions, roster, relations, decisions = community
    result = resolve(mentions, roster, relations, decisions)
    spelled = [name for person in result.persons for name, _ in person.spellings]
    assert sorted(spelled) == sorted(mention.name for mention in mentions), "every name once"
    held = [p.key for p in result.persons if p.key] + list(result.twin_of)
    assert len(held) == len(set(held)), "no row is two people's"
    for decision in decisions.entries:
        people = [one(result, name) for name in decision.names]
        keys = {person.key for person in people}
        if decision.kind in ("same", "user", "new"):
            open_alike = decision.kind == "same" and {person.verdict for person in people} == {"ambiguous"}
            assert people[0] is people[1] or open_alike, decision
        if decision.kind == "user":
            assert keys == {decision.id}
        if decision.kind == "different":
            assert people[0] is not people[1]
            assert not keys - {""} or len(keys) == 2
            for person, other in (people, people[::-1]):
                assert other.name not in person.candidates
        if decision.kind in ("ignore", "placeholder"):
            assert keys == {""}
            assert {p.verdict for p in people} == {"ignored" if decision.kind == "ignore" else "placeholder"}


@given(communities())
def test_without_evidence_nothing_is_merged(
    community: tuple[list[Mention], list[RosterEntry], Relations, Decisions],
) -> None:
    """Names that meet on no rung are one person only by decision, by an export, or because records point at one user."""
    mentions, roster, _, _ = community
    for person in resolve(mentions, roster, Relations(), NO_DECISIONS).persons:
        assert len({name.casefold() for name, _ in person.spellings}) == 1


def test_an_id_that_is_decided_is_not_given_to_whom_records_name() -> None:
    relations = Relations(vanished={"old": {"Max": 5}}, references={"old": 9})
    mentions = [registered("Mary"), registered("Max", MARCH + 50)]
    assert resolved(mentions, [], relations=relations).key_of["Max"] == "old"
    after = resolved(mentions, [], decide("user", "Mary", key="old"), relations=relations)
    assert after.key_of["Mary"] == "old"
    assert after.key_of["Max"] != "old"


def test_what_was_merged_into_an_ignored_person_stays_where_it_is() -> None:
    relations = Relations(merged={"old": "m"})
    mentions, roster = [registered("Mary")], [row("m", "Mary")]
    assert resolved(mentions, roster, relations=relations).former == {"old": "m"}
    assert resolved(mentions, roster, decide("ignore", "Mary"), relations=relations).former == {}


def test_a_long_chain_of_decisions_is_one_person_and_takes_no_longer_than_it_should() -> None:
    text = "".join(
        f'[[decision]]\nkind = "same"\nnames = ["N {i}", "N {i + 1}"]\nby = "R"\non = 2025-01-01\n'
        for i in range(300)
    )
    pairs = _decided_pairs(parse_decisions(text), ())
    assert len(pairs) <= 600
    clusters = _clusters(pairs)
    assert set(map(len, clusters.values())) == {301}
