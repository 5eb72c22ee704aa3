"""What records say about names and keys."""

from __future__ import annotations

from thywill_reconstruct.identity.evidence import deterministic_key, records_point_at
from thywill_reconstruct.identity.model import Relations


def test_a_single_record_may_be_a_stray() -> None:
    relations = Relations({"Anna": {"a": 2, "b": 1}}, {"x": {"Anna": 1, "Bert": 3}})
    assert records_point_at(relations, {}) == {"Anna": {"a"}, "Bert": {"x"}}


def test_who_bears_a_registered_name_counts_as_one_of_its_keys() -> None:
    assert records_point_at(Relations(), {"Anna": "a"}) == {"Anna": {"a"}}


def test_every_machine_gives_a_recreated_user_the_same_key() -> None:
    assert deterministic_key("Mary  Johnson", 5) == deterministic_key("mary johnson", 5)
    assert deterministic_key("Mary Johnson", 5) != deterministic_key("Mary Johnson", 6)
