"""Decisions: what may stand in the file, what contradicts itself, and what resolving may ask of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.errors import DecisionsError
from thywill_reconstruct.identity.decision_text import (
    note_unknown_names,
    parse_decisions,
    read_draft,
    render_decision,
    require_sound,
)
from thywill_reconstruct.identity.decisions import KINDS, Decision, Decisions

DAY = date(2025, 7, 1)


def block(kind: str, *names: str, key: str = "", by: str = "Ruth", why: str = "") -> str:
    return render_decision(Decision(kind, names, key, by, DAY, why))  # type: ignore[arg-type]


def problems(*blocks: str) -> list[str]:
    """The problems of a file of these blocks; each block has six lines, or seven with an id."""
    with pytest.raises(DecisionsError) as caught:
        parse_decisions("".join(blocks))
    return list(caught.value.details)


def test_a_whole_file() -> None:
    decisions = parse_decisions(
        """
# Asked Mary on the phone.
[[decision]]
kind = "same"
names = ["Mary", "Mary Johnson"]
by = "Ruth"
on = 2025-07-01
why = "She told me."

[[decision]]
kind = "user"
names = ["Max"]
id = "0f3a"
by = "Ruth"
on = 2025-07-02
"""
    )
    assert decisions.entries == (
        Decision("same", ("Mary", "Mary Johnson"), "", "Ruth", date(2025, 7, 1), "She told me.", 3),
        Decision("user", ("Max",), "0f3a", "Ruth", date(2025, 7, 2), "", 10),
    )
    assert decisions.entries[0].told() == "decided by Ruth on 2025-07-01 (line 3)"


def test_no_decisions() -> None:
    assert parse_decisions("") == parse_decisions("# nothing yet\n") == Decisions()


def test_what_is_no_toml_names_the_line() -> None:
    (problem,) = problems("[[decision]]\nkind = same\n")
    assert "line 2" in problem


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[decisions]]\n", "'decisions' is not known"),
        ('decision = "Mary"\n', "[[decision]]"),
        ("[decision]\n", "[[decision]]"),
        ("[[decision]]\n", "kind must be one of same, different, user, new, placeholder, ignore; it is missing"),
        ('[[decision]]\nkind = "merge"\n', "not 'merge'"),
        ('[[decision]]\nkind = ["same"]\n', "kind must be one of"),
        ('[[decision]]\nnames = "Mary"\n', "names must be a list"),
        ("[[decision]]\nnames = [1]\n", "names must be a list"),
        ('[[decision]]\nkind = "same"\nnames = ["Mary"]\n', "same needs at least two names"),
        ('[[decision]]\nkind = "new"\nnames = []\n', "new needs at least one name"),
        ('[[decision]]\nnames = [""]\n', "a name is empty"),
        ('[[decision]]\nnames = ["Mary", "Mary"]\n', "'Mary' stands twice"),
        ('[[decision]]\nkind = "user"\nnames = ["Mary"]\n', "user needs the id"),
        ('[[decision]]\nkind = "new"\nid = "7"\n', "id belongs to decisions of the kind user"),
        ("[[decision]]\nid = 7\n", "id must be a text"),
        ("[[decision]]\n", "by must say who decided"),
        ('[[decision]]\nby = " "\n', "by must say who decided"),
        ("[[decision]]\nby = 7\n", "by must say who decided"),
        ("[[decision]]\n", "on must be a date"),
        ('[[decision]]\non = "2025-07-01"\n', "on must be a date"),
        ("[[decision]]\non = 2025-07-01T10:00:00\n", "on must be a date"),
        ("[[decision]]\nwhy = 1\n", "why must be a text"),
        ('[[decision]]\nreason = "x"\n', "'reason': not known"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said(text: str, sentence: str) -> None:
    assert any(sentence in problem for problem in problems(text)), problems(text)


def test_everything_wrong_is_said_at_once_in_the_order_of_lines() -> None:
    found = problems(
        block("same", "A", "B"),
        '[[decision]]\nkind = "same"\n',
        block("different", "A", "B"),
    )
    lines = [int(problem.split(":")[0].removeprefix("line ")) for problem in found]
    assert lines == sorted(lines)
    assert set(lines) == {7, 9}
    assert len(found) == 4


@pytest.mark.parametrize(
    ("blocks", "found"),
    [
        (
            (block("same", "A", "B"), block("same", "B", "C"), block("different", "A", "C")),
            "line 13: 'A' and 'C' are different here, but one person by lines 1 and 7",
        ),
        (
            (block("user", "A", key="1"), block("user", "B", key="1"), block("different", "A", "B")),
            "line 15: 'A' and 'B' are different here, but one person by lines 1 and 8",
        ),
        (
            (block("user", "A", key="1"), block("same", "A", "B"), block("user", "B", key="2")),
            "line 1: one person gets two ids, '1' and '2', by lines 1, 8 and 14",
        ),
        (
            (block("user", "A", key="1"), block("user", "A", key="2")),
            "line 8: 'A' and others are user '2', but are user '1' on line 1",
        ),
        (
            (block("user", "A", key="1"), block("same", "A", "B"), block("new", "B")),
            "line 1: 'B' is user '1' by lines 1 and 8, but line 14 says that they are new",
        ),
        (
            (block("ignore", "A"), block("same", "A", "B")),
            "line 7: 'A' has another name here, but line 1 says ignore",
        ),
        (
            (block("same", "A", "B"), block("placeholder", "B")),
            "line 1: 'B' has another name here, but line 7 says placeholder",
        ),
        (
            (block("ignore", "A"), block("new", "A")),
            "line 7: 'A' and others are a new person, but are ignored on line 1",
        ),
        ((block("new", "A"), block("new", "A")), "line 7: 'A' was decided in the same way on line 1"),
        (
            (block("different", "A", "B"), block("different", "B", "A")),
            "line 7: 'B' and 'A' were decided in the same way",
        ),
        ((block("same", "A", "B"), block("same", "B", "A")), "line 7: 'B' and 'A' are one person by line 1 already"),
        (
            (block("same", "A", "B"), block("same", "B", "C"), block("same", "C", "A")),
            "line 13: 'C' and 'A' are one person by lines 1 and 7 already",
        ),
    ],
)
def test_contradictions_repetitions_and_circles(blocks: tuple[str, ...], found: str) -> None:
    assert any(problem.startswith(found) for problem in problems(*blocks)), problems(*blocks)


@pytest.mark.parametrize(
    "blocks",
    [
        (block("same", "A", "B", "C"), block("different", "A", "D")),
        (block("user", "A", "B", key="1"), block("same", "B", "C")),
        (block("new", "A", "B"), block("different", "A", "C")),
        (block("user", "A", key="1"), block("user", "B", key="1")),
        (block("placeholder", "A", "B"), block("different", "A", "C")),
        (block("user", "A", key="1"), block("user", "B", key="2"), block("different", "A", "B")),
    ],
)
def test_what_agrees_is_accepted(blocks: tuple[str, ...]) -> None:
    assert len(parse_decisions("".join(blocks)).entries) == len(blocks)


def test_what_follows_from_decisions() -> None:
    decisions = parse_decisions(
        block("user", "A", key="1")
        + block("same", "A", "B")
        + block("different", "B", "C")
        + block("same", "C", "D")
        + block("new", "E")
        + block("ignore", "F")
    )
    assert decisions.together("B") == ("A", "B")
    assert decisions.together("Z") == ("Z",)
    nature = decisions.nature("B")
    assert nature is not None
    assert (nature.kind, nature.id) == ("user", "1")
    assert decisions.nature("C") is None
    apart = decisions.apart("D", "A")
    assert apart is not None
    assert apart.names == ("B", "C")
    assert decisions.apart("A", "B") is None
    assert decisions.apart("A", "E") is not None, "a user and a new person are two people"
    assert decisions.apart("A", "Z") is None
    joining = decisions.joining("A", "B")
    assert joining is not None
    assert joining.kind == "same"
    assert decisions.joining("A", "C") is None
    assert [entry.kind for entry in decisions.naming("A")] == ["user", "same"]
    assert decisions.settles("A", "B")
    assert decisions.settles("A", "C")
    assert decisions.settles("A", "F"), "a user, and somebody who was deleted"
    assert not decisions.settles("A", "Z")


def test_unknown_ids_are_all_refused_and_unknown_names_noted() -> None:
    draft = read_draft(block("user", "A", key="1") + block("user", "B", key="2") + block("new", "C"))
    with pytest.raises(DecisionsError) as caught:
        require_sound(draft, set())
    assert [problem.split(":")[0] for problem in caught.value.details] == ["line 1", "line 8"]
    decisions = require_sound(draft, {"1", "2"})
    assert note_unknown_names(decisions, {"A", "B"}) == (
        "The decision on line 15 names 'C', which neither archives nor database know.",
    )


def test_unknown_ids_are_told_together_with_everything_else() -> None:
    draft = read_draft(block("user", "A", key="1") + block("new", "A") + block("maybe", "B"))
    with pytest.raises(DecisionsError) as caught:
        require_sound(draft, set())
    assert [problem.split(":")[0] for problem in caught.value.details] == ["line 1", "line 8", "line 14"]


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(
    st.sampled_from(KINDS),
    st.lists(names, min_size=2, max_size=4, unique=True),
    names.filter(str.strip),
    st.dates(date(1, 1, 1)),
    names,
)
def test_whatever_is_written_is_read_again(kind: str, given_names: list[str], by: str, on: date, why: str) -> None:
    key = "7" if kind == "user" else ""
    decision = Decision(kind, tuple(given_names), key, by.strip(), on, why.strip(), 1)  # type: ignore[arg-type]
    text = render_decision(decision)
    assert parse_decisions(text).entries == (decision,)
    assert all(c == "\n" or c.isprintable() for c in text), "nothing invisible, nothing that acts on a terminal"
    assert text.count("\n") == (7 if key else 6)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        block("new", "\ud800")


def test_the_fingerprint_is_of_what_is_decided() -> None:
    one, other = block("same", "A", "B"), block("new", "C")
    assert parse_decisions(one + other).fingerprint == parse_decisions(f"# note\n\n{other}\n{one}").fingerprint
    assert parse_decisions(one).fingerprint != parse_decisions(one + other).fingerprint
