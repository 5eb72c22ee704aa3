"""The invite tree from the archives alone."""

from __future__ import annotations

from tests.factories import archive, minute
from thywill_reconstruct.diff.genealogy import Member, read_genealogy


def tree(people: str, log: str | None = None) -> dict[str, tuple[str, tuple[str, ...]]]:
    """name -> (inviter, doubts)."""
    return {m.name: (m.inviter, m.doubts) for m in read_genealogy(archive(registered=people, log=log))}


def test_everybody_in_order_of_joining() -> None:
    assert read_genealogy(archive()) == (
        Member("Anna", minute("01 08:00"), "", ()),
        Member("Bert", minute("01 08:10"), "Anna", ()),
        Member("Cleo", minute("01 08:20"), "Anna", ()),
    )


def test_doubts() -> None:
    people = """
        June 01 2025 at 08:00 - Anna joined directly
        June 01 2025 at 08:10 - Bert joined on invitation from Zacharias
        June 01 2025 at 08:20 - Cleo joined on invitation from Anna
        June 01 2025 at 08:30 - Emil joined on invitation from Emil
        June 01 2025 at 08:40 - Fay joined on invitation from Gerd
        June 01 2025 at 08:50 - Gerd joined directly
    """
    log = "June 01 2025\n08:20 - Cleo registered via invitation from Bert\n09:00 - Dora prayed for prayer rain"
    assert tree(people, log) == {
        "Anna": ("", ()),
        "Bert": ("", ("invited by Zacharias, and who that is, is not certain",)),
        "Cleo": ("", ("the archives name different inviters: Anna, Bert",)),
        "Emil": ("", ("invited by nobody else, says the line",)),
        "Fay": ("Gerd", ("the inviter Gerd joined later",)),
        "Gerd": ("", ()),
        "Dora": ("", ("never registered, first seen then",)),
    }


def test_a_circle_is_cut_at_its_first_member_and_says_so() -> None:
    people = """
        June 01 2025 at 08:00 - Anna joined on invitation from Bert
        June 01 2025 at 08:01 - Bert joined on invitation from Anna
    """
    assert tree(people) == {"Anna": ("", ("invited by Bert, which closes a circle",)), "Bert": ("Anna", ())}
