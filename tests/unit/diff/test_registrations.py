"""How people joined, as the archives tell it."""

from __future__ import annotations

from tests.factories import archive, minute
from thywill_reconstruct.diff.registrations import Joined, joinings_by_key, read_joinings, user_named
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.identity.model import Resolution

FILE = "users/2025_06_users.txt"
ODD = "June 02 2025 at 08:00 - Kim joined on invitation from Lee joined on invitation from Park"
BERT_ID = "b" * 32


def statements(people: str, *known: str, log: str | None = None) -> tuple[list[tuple[str, str]], list[str]]:
    """(name, inviter) of every statement, and the codes found."""
    told, findings = read_joinings(archive(registered=people, log=log), frozenset(map(folded, known)))
    return [(s.name, s.inviter) for s in told], [f.code for f in findings]


def test_file_and_log_both_speak() -> None:
    told, _ = read_joinings(
        archive(
            registered="June 01 2025 at 08:00 - Anna joined directly",
            log="June 01 2025\n08:01 - Anna registered via invitation from Bert",
        ),
        frozenset(),
    )
    assert told == (
        Joined("Anna", minute("01 08:00"), "", f"{FILE}:3", FILE),
        Joined("Anna", minute("01 08:01"), "Bert", "activity/activity_2025_06.txt:5", ""),
    )


def test_a_line_that_can_be_split_in_two_ways_is_decided_by_known_names() -> None:
    lee = "Lee joined on invitation from Park"
    assert statements(ODD, "Kim", lee) == ([("Kim", lee)], [])
    kim = "Kim joined on invitation from Lee"
    assert statements(ODD, kim, "park") == ([(kim, "Park")], [])


def test_the_names_of_unambiguous_lines_are_known() -> None:
    people = f"June 01 2025 at 08:00 - Kim joined on invitation from Lee joined directly\n{ODD}"
    told, codes = statements(
        "June 01 2025 at 08:00 - Park joined directly\n" + ODD, "Kim joined on invitation from Lee"
    )
    assert (told[-1], codes) == (("Kim joined on invitation from Lee", "Park"), [])
    assert statements(people)[1] != []


def test_a_line_that_stays_open_tells_nothing() -> None:
    assert statements(ODD) == ([], ["AR012"])
    everybody = ("Kim", "Lee joined on invitation from Park", "Kim joined on invitation from Lee", "Park")
    assert statements(ODD, *everybody) == ([], ["AR012"])


def test_the_activity_log_decides_how_to_split_a_line_of_its_minute() -> None:
    lee = "Lee joined on invitation from Park"
    log = f"June 02 2025\n08:01 - Kim registered via invitation from {lee}"
    assert statements(ODD, log=log) == ([("Kim", lee), ("Kim", lee)], [])
    log = log.replace("08:01", "08:02")
    assert statements(ODD, log=log)[1] == ["AR012"], "of another minute, so that it may be another line's"


def resolution(**key_of: str) -> Resolution:
    return Resolution((), key_of, {"e" * 32: "anna"}, {"f" * 32: "bert"})


def test_words_of_token_lines() -> None:
    known = frozenset({"anna", "bert", "admin", BERT_ID})
    who = resolution(Anna="anna")
    assert user_named("Anna", who, known) == "anna"
    assert user_named("Zacharias", who, known) == ""
    assert user_named(BERT_ID, who, known) == BERT_ID
    assert user_named("e" * 32, who, known) == "anna", "of a twin the person"
    assert user_named("f" * 32, who, known) == "bert", "of a vanished id its former owner"
    assert user_named("d" * 32, who, known) == ""
    assert user_named("admin", who, known) == "admin"


def test_what_is_told_of_one_person_comes_together_the_files_first() -> None:
    told = archive(
        registered="""
            June 03 2025 at 08:00 - Anna joined directly
            June 01 2025 at 08:00 - anna joined on invitation from Bert
            June 01 2025 at 09:00 - Nobody Known joined directly
        """,
        log="June 01 2025\n07:00 - Anna registered via invitation from Cleo",
        invites="2025-06-01T08:00:02|t1|Anna|Bert|token_used\n2025-06-01T07:00:02|t2||Anna|token_used",
    )
    said, _ = read_joinings(told, frozenset())
    joinings = joinings_by_key(told, said, resolution(Anna="anna", anna="anna"), frozenset({"anna"}))
    assert list(joinings) == ["anna"]
    anna = joinings["anna"]
    assert (anna.minute, anna.file) == (minute("01 08:00"), FILE)
    assert anna.inviters == (("Bert", f"{FILE}:4"),)
    assert anna.tokens == (("t1", "system/2025_06_invite_usage.txt:4"),)
    assert anna.places == (f"{FILE}:4", f"{FILE}:3", "activity/activity_2025_06.txt:5")


def test_of_users_who_were_merged_the_inviter_of_the_first_registration_counts() -> None:
    told = archive(
        registered="""
            June 03 2025 at 08:00 - ANNA joined on invitation from Cleo
            June 01 2025 at 08:00 - Anna joined on invitation from Bert
        """
    )
    said, _ = read_joinings(told, frozenset())
    joinings = joinings_by_key(told, said, resolution(Anna="anna", ANNA="anna"), frozenset({"anna"}))
    assert [name for name, _ in joinings["anna"].inviters] == ["Bert"]


def test_a_healed_line_tells_the_inviter_where_the_first_names_none() -> None:
    told = archive(
        registered="""
            June 01 2025 at 08:00 - Anna joined directly
            June 29 2025 at 08:00 - Anna joined on invitation from Bert
        """
    )
    said, _ = read_joinings(told, frozenset())
    joinings = joinings_by_key(told, said, resolution(Anna="anna"), frozenset({"anna"}))
    assert [name for name, _ in joinings["anna"].inviters] == ["Bert"]


def test_a_person_of_whom_only_a_token_line_tells() -> None:
    told = archive(registered="", invites="2025-06-01T08:00:02|t1|Anna|Bert|token_used")
    anna = joinings_by_key(told, (), resolution(Anna="anna"), frozenset({"anna"}))["anna"]
    assert (anna.minute, anna.file, anna.inviters, anna.tokens[0][0]) == (None, "", (), "t1")
