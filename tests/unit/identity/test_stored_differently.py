"""Names that differ only in how their letters are stored."""

from __future__ import annotations

from thywill_reconstruct.identity.model import Mention, Relations, RosterEntry
from thywill_reconstruct.identity.resolve import resolve

COMPOSED, DECOMPOSED = "\u00e9va", "e\u0301va"


def told(name: str, minute: int) -> Mention:
    return Mention(name, (minute,), logged=3, written=3, first=minute, places=("users/2025_06_users.txt:3",))


def test_each_is_her_own_person_where_each_has_a_row() -> None:
    roster = [RosterEntry("k1", COMPOSED, 29_000_000), RosterEntry("k2", DECOMPOSED, 29_000_700)]
    mentions = [told(COMPOSED, 29_000_000), told(DECOMPOSED, 29_000_700)]
    assert resolve(mentions, roster, Relations()).key_of == {COMPOSED: "k1", DECOMPOSED: "k2"}


def test_acting_without_a_registration_line_is_enough() -> None:
    roster = [RosterEntry("k1", COMPOSED, 29_000_000), RosterEntry("k2", DECOMPOSED, 29_000_700)]
    acting = Mention(
        DECOMPOSED, (), logged=3, written=3, first=29_000_700, places=("activity/activity_2025_06.txt:9",)
    )
    found = resolve([told(COMPOSED, 29_000_000), acting], roster, Relations()).key_of
    assert found[COMPOSED] == "k1"
    assert found.get(DECOMPOSED) in (None, "k2")


def test_of_two_registrations_one_may_have_lost_its_row() -> None:
    """To the application they are two people, so the other is no spelling of the one who is still there."""
    mentions = [told(COMPOSED, 29_000_000), told(DECOMPOSED, 29_000_700)]
    found = {
        p.name: p.verdict for p in resolve(mentions, [RosterEntry("k1", COMPOSED, 29_000_000)], Relations()).persons
    }
    assert found == {COMPOSED: "match", DECOMPOSED: "missing"}


def test_one_registration_that_a_tool_stored_in_both_ways_is_one_persons() -> None:
    mentions = [told(COMPOSED, 29_000_000), told(DECOMPOSED, 29_000_000)]
    found = resolve(mentions, [RosterEntry("k1", COMPOSED, 29_000_000)], Relations()).key_of
    assert found == {COMPOSED: "k1", DECOMPOSED: "k1"}


def test_records_that_point_at_one_user_are_one_persons() -> None:
    mentions = [told(COMPOSED, 29_000_000), told(DECOMPOSED, 29_000_700)]
    relations = Relations(living={COMPOSED: {"k1": 2}, DECOMPOSED: {"k1": 3}})
    found = resolve(mentions, [RosterEntry("k1", COMPOSED, 29_000_000)], relations).key_of
    assert found == {COMPOSED: "k1", DECOMPOSED: "k1"}
