"""Operations can be taken back."""

from __future__ import annotations

from tests.faults.support import delete, insert, update


def test_the_inverse_exchanges_before_and_after() -> None:
    step = update("prayer", "rain", (("author_id", "ghost"),), (("author_id", "anna"),))
    back = step.inverse()
    assert (back.action, back.before, back.after) == ("update", step.after, step.before)
    assert (back.table, back.key_column, back.key, back.risk, back.codes) == (
        "prayer",
        "id",
        "rain",
        "fill",
        ("MK001",),
    )
    assert back.reason == "undo: a reason"


def test_an_insertion_is_taken_back_by_deleting_the_whole_row_and_the_other_way_round() -> None:
    row = (("display_name", "Anna"),)
    assert insert("user", "anna", row).inverse().action == "delete"
    assert insert("user", "anna", row).inverse().before == (("id", "anna"), *row)
    assert delete("user", "anna", row).inverse().action == "insert"
    assert delete("user", "anna", row).inverse().after == row


def test_taking_back_what_was_taken_back_is_the_step_itself() -> None:
    for step in (
        update("prayer", "rain", (("author_id", None),), (("author_id", "anna"),)),
        insert("user", "anna", (("display_name", "Anna"),)),
        delete("prayermark", "m1", (("user_id", "anna"),)),
    ):
        assert step.inverse().inverse() == step
