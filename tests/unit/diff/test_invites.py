"""Who invited whom, and which token was whose."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.factories import (
    ORM_V2,
    PEOPLE,
    REGISTERED,
    Result,
    archive,
    compare,
    prayer,
    prayer_file,
    snapshot,
    token,
    user,
)
from thywill_reconstruct.database.rows import TokenRow, UserRow
from thywill_reconstruct.diff.claims import mask
from thywill_reconstruct.diff.invites import circles

ANNA, BERT, CLEO = PEOPLE
BERT_ID, CLEO_ID = "b" * 32, "c" * 32


def tree(
    *users: UserRow,
    registered: str = REGISTERED,
    tokens: list[TokenRow] | None = None,
    invites: str = "",
    log: str | None = None,
) -> Result:
    return compare(archive(registered=registered, invites=invites, log=log), snapshot(users, tokens=tokens or ()))


def test_a_tree_that_agrees_leaves_nothing_to_say() -> None:
    assert tree(*PEOPLE).of("IN") == []


def test_a_missing_inviter_comes_from_the_registration_line() -> None:
    result = tree(ANNA, BERT._replace(inviter=None), CLEO)
    (finding,) = result.of("IN")
    assert result.does("IN") == ["IN001 bert.inviter None -> anna"]
    assert finding.evidence == ("users/2025_06_users.txt:4", "user row bert")
    assert finding.changes[0].risk == "fill"


def test_a_dangling_inviter_too() -> None:
    assert tree(ANNA, BERT._replace(inviter="ghost"), CLEO).does("IN") == ["IN002 bert.inviter ghost -> anna"]


def test_the_log_line_tells_the_inviter_too() -> None:
    people = "June 01 2025 at 08:00 - Anna joined directly\nJune 01 2025 at 08:10 - Bert joined directly"
    log = "June 01 2025\n08:10 - Bert registered via invitation from Anna"
    result = tree(ANNA, BERT._replace(inviter=None), registered=people, log=log)
    assert result.does("IN") == ["IN001 bert.inviter None -> anna"]


DIRECT = "June 01 2025 at 08:00 - Anna joined directly\nJune 01 2025 at 08:10 - Bert joined directly"


def test_joined_directly_does_not_prove_that_there_was_none() -> None:
    assert tree(ANNA, BERT, registered=DIRECT).of("IN") == []
    assert tree(ANNA, BERT._replace(inviter=None), registered=DIRECT).of("IN") == []


@pytest.mark.parametrize("holder", ["users row", "tokens row", "usage line"])
def test_without_a_line_the_maker_of_the_token_is_the_inviter(holder: str) -> None:
    bert = user(BERT_ID, "Bert", "01 08:10:07", token="t1" if holder == "users row" else None)
    made = token("t1", "anna", BERT_ID if holder == "tokens row" else None)
    invites = f"2025-06-01T08:10:02|t1|{BERT_ID}|anna|token_used" if holder == "usage line" else ""
    result = tree(ANNA, bert, registered=DIRECT, tokens=[made], invites=invites)
    assert f"IN001 {BERT_ID}.inviter None -> anna" in result.does("IN")


def test_a_token_of_the_system_names_no_inviter() -> None:
    result = tree(
        ANNA, BERT._replace(inviter=None, token="t1"), registered=DIRECT, tokens=[token("t1", "system", "bert")]
    )
    assert result.of("IN") == []


def test_a_dangling_inviter_of_whom_nothing_is_known_stays() -> None:
    result = tree(ANNA, BERT._replace(inviter="ghost"), registered=DIRECT)
    assert result.does("IN") == []
    assert result.reason("IN002") == "No archive line names the inviter."


def test_a_dangling_inviter_whose_id_is_known_goes_to_its_former_owner() -> None:
    """Two lines show that the id was Anna's; Cleo's says nothing about the inviter."""
    people = """
        June 01 2025 at 08:00 - Anna joined directly
        June 01 2025 at 08:10 - Bert joined on invitation from Anna
        June 01 2025 at 08:15 - Dora joined on invitation from Anna
        June 01 2025 at 08:20 - Cleo joined directly
    """
    users = [
        ANNA,
        BERT._replace(inviter="old"),
        user("dora", "Dora", "01 08:15", "old"),
        CLEO._replace(inviter="old"),
    ]
    assert tree(*users, registered=people).does("IN") == [
        "IN002 bert.inviter old -> anna",
        "IN002 cleo.inviter old -> anna",
        "IN002 dora.inviter old -> anna",
    ]


# What the log says of the registrations, line by line as the users file.
AS_REGISTERED = """
    June 01 2025
    08:00 - Anna registered directly
    08:10 - Bert registered via invitation from Anna
    08:20 - Cleo registered via invitation from Anna
"""


def test_a_living_inviter_is_not_replaced_on_one_source_alone() -> None:
    result = tree(ANNA, BERT, CLEO._replace(inviter="bert"))
    assert result.does("IN") == []
    assert (
        result.reason("IN004")
        == "Only one source names another inviter. A living inviter is never replaced on that alone."
    )


def test_an_inviter_that_a_script_gave_to_everybody_is_replaced_where_line_and_log_name_another() -> None:
    people = REGISTERED.replace("Cleo joined on invitation from Anna", "Cleo joined on invitation from Bert")
    log = AS_REGISTERED.replace(
        "Cleo registered via invitation from Anna", "Cleo registered via invitation from Bert"
    )
    result = tree(*PEOPLE, registered=people, log=log)
    assert result.does("IN") == ["IN004 cleo.inviter anna -> bert"]
    (finding,) = result.of("IN004")
    assert finding.changes[0].risk == "relink"
    assert finding.evidence == ("users/2025_06_users.txt:5", "activity/activity_2025_06.txt:7", "user row cleo")


def test_line_and_log_decide_in_the_era_of_names_too() -> None:
    people = REGISTERED.replace("Cleo joined on invitation from Anna", "Cleo joined on invitation from Bert")
    log = AS_REGISTERED.replace(
        "Cleo registered via invitation from Anna", "Cleo registered via invitation from Bert"
    )
    named = [user(row.name, row.name, (row.created or "")[8:], row.inviter and "Anna") for row in PEOPLE]
    result = compare(archive(registered=people, log=log), snapshot(named, sql=ORM_V2))
    assert result.does("IN") == ["IN004 Cleo.inviter Anna -> Bert"]


def test_an_inviter_who_is_recreated_counts_as_a_living_one() -> None:
    people = REGISTERED.replace("Cleo joined on invitation from Anna", "Cleo joined on invitation from Bert")
    log = AS_REGISTERED.replace(
        "Cleo registered via invitation from Anna", "Cleo registered via invitation from Bert"
    )
    result = tree(ANNA, CLEO, registered=people, log=log)
    (finding,) = result.of("IN004")
    (made,) = result.of("US001")
    assert finding.changes[0].after == made.key
    assert [o.action for o in result.plan().operations if o.table == "user"] == ["insert", "update"]


def test_the_maker_of_the_token_is_a_second_witness() -> None:
    people = REGISTERED.replace("Cleo joined on invitation from Anna", "Cleo joined on invitation from Bert")
    cleo = CLEO._replace(token="t1")
    assert tree(ANNA, BERT, cleo, registered=people, tokens=[token("t1", "bert", "cleo")]).does("IN004") == [
        "IN004 cleo.inviter anna -> bert"
    ]
    line = f"2025-06-01T08:20:04|t1|{CLEO_ID}|{BERT_ID}|token_used"
    bert, cleo = BERT._replace(key=BERT_ID), CLEO._replace(key=CLEO_ID)
    assert tree(ANNA, bert, cleo, registered=people, invites=line).does("IN004") == [
        f"IN004 {CLEO_ID}.inviter anna -> {BERT_ID}"
    ]


@pytest.mark.parametrize(("maker", "said"), [("anna", "Anna"), ("system", "the server")])
def test_a_token_that_somebody_else_made_keeps_the_inviter(maker: str, said: str) -> None:
    people = REGISTERED.replace("Cleo joined on invitation from Anna", "Cleo joined on invitation from Bert")
    log = AS_REGISTERED.replace(
        "Cleo registered via invitation from Anna", "Cleo registered via invitation from Bert"
    )
    tokens = [token("t1", maker, "cleo")]
    result = tree(ANNA, BERT, CLEO._replace(token="t1"), registered=people, log=log, tokens=tokens)
    assert result.does("IN004") == []
    assert result.reason("IN004") == f"The archives name Bert, but the invite token was made by {said}."


def test_line_and_log_that_disagree_replace_nobody() -> None:
    log = AS_REGISTERED.replace(
        "Cleo registered via invitation from Anna", "Cleo registered via invitation from Dora"
    )
    dora = user("dora", "Dora", "01 07:00")
    people = "June 01 2025 at 07:00 - Dora joined directly\n" + dedent(REGISTERED)
    assert tree(*PEOPLE, dora, registered=people, log=log).of("IN004") == [], "one of the two agrees with the row"
    result = tree(ANNA, BERT, CLEO._replace(inviter="bert"), dora, registered=people, log=log)
    assert result.reason("IN004") == "The archives name different inviters."


def test_joined_directly_does_not_contradict_a_living_inviter() -> None:
    log = "June 01 2025\n08:00 - Anna registered directly\n08:10 - Bert registered directly"
    assert tree(ANNA, BERT, registered=DIRECT, log=log).of("IN") == []


def test_a_name_that_was_registered_twice_replaces_nobody() -> None:
    people = REGISTERED + "    June 20 2025 at 08:20 - Cleo joined on invitation from Anna\n"
    log = AS_REGISTERED + "    June 20 2025\n    08:20 - Cleo registered via invitation from Anna\n"
    assert tree(ANNA, BERT, CLEO._replace(inviter="bert"), registered=people, log=log).does("IN") == []


def test_nobody_who_joined_later_becomes_the_inviter() -> None:
    people = REGISTERED.replace("Bert joined on invitation from Anna", "Bert joined on invitation from Cleo")
    log = AS_REGISTERED.replace(
        "Bert registered via invitation from Anna", "Bert registered via invitation from Cleo"
    )
    result = tree(*PEOPLE, registered=people, log=log)
    assert result.does("IN") == []
    assert result.reason("IN004") == "The archives name Cleo, who joined after this person. Nothing is changed."


def test_inviters_that_close_a_circle_with_those_who_stay_are_refused_until_there_is_none() -> None:
    """Bert's true inviter closes a circle with Cleo's false one, which nothing corrects."""
    people = """
        June 01 2025 at 08:00 - Anna joined directly
        June 01 2025 at 08:00 - Cleo joined directly
        June 01 2025 at 08:01 - Bert joined on invitation from Cleo
    """
    log = "June 01 2025\n08:00 - Anna registered directly\n08:01 - Bert registered via invitation from Cleo\n"
    users = [ANNA, user("cleo", "Cleo", "01 08:00:30", "bert"), user("bert", "Bert", "01 08:01:07", "anna")]
    result = tree(*users, registered=people, log=log)
    assert result.does("IN") == []
    assert result.reason("IN004") == "Setting this inviter would close a circle of invitations."


def test_lines_that_name_different_inviters_name_none() -> None:
    log = "June 01 2025\n08:20 - Cleo registered via invitation from Bert"
    result = tree(ANNA, BERT, CLEO._replace(inviter=None), log=log)
    assert result.does("IN") == []
    assert result.reason("IN001") == "The archives name different inviters."


def test_an_inviter_whose_name_is_not_certain_is_not_set() -> None:
    people = REGISTERED.replace("Cleo joined on invitation from Anna", "Cleo joined on invitation from Zacharias")
    result = tree(ANNA, BERT, CLEO._replace(inviter=None), registered=people)
    assert result.does("IN") == []
    assert "'Zacharias'" in result.reason("IN001")


def test_an_inviter_on_a_twin_moves_to_the_person() -> None:
    twin = user("twin", "ANNA", "05 12:00")
    result = tree(ANNA, BERT._replace(inviter="twin"), CLEO, twin)
    assert result.does("IN") == ["IN003 bert.inviter twin -> anna"]
    assert result.of("IN003")[0].changes[0].risk == "relink"


def test_a_token_on_a_twin_moves_to_the_person() -> None:
    twin = user("twin", "ANNA", "05 12:00")
    result = tree(*PEOPLE, twin, tokens=[token("t1", "twin", "bert"), token("t2", "bert", "twin")])
    assert result.does("IN") == ["IN011 t1.creator twin -> anna", "IN011 t2.user twin -> anna"]
    assert result.of("IN011")[0].changes[0].risk == "relink"
    gone = [o.key for o in result.plan(merge_duplicates=True).operations if o.action == "delete"]
    assert gone == ["twin"], "nothing refers to it any more"


def test_a_token_of_somebody_else_stays_on_the_twin() -> None:
    twin = user("twin", "ANNA", "05 12:00")
    line = "2025-06-05T12:00:02|t1|Cleo|bert|token_used"
    assert tree(*PEOPLE, twin, tokens=[token("t1", "bert", "twin")], invites=line).does("IN") == []


def test_nobody_becomes_her_own_inviter() -> None:
    people = REGISTERED.replace("Cleo joined on invitation from Anna", "Cleo joined on invitation from Cleo")
    result = tree(ANNA, BERT, CLEO._replace(inviter=None), registered=people)
    assert result.does("IN") == []
    assert result.reason("IN005") == "The archives say that this person invited herself."


def test_a_self_invitation_in_the_database_is_reported_and_kept() -> None:
    result = tree(ANNA, BERT, CLEO._replace(inviter="cleo"))
    assert result.does("IN") == []
    assert result.leaves("IN") == ["IN005 cleo"]


CIRCLE = """
    June 01 2025 at 08:00 - Anna joined on invitation from Cleo
    June 01 2025 at 08:10 - Bert joined on invitation from Anna
    June 01 2025 at 08:20 - Cleo joined on invitation from Bert
"""


def test_no_repair_closes_a_circle() -> None:
    result = tree(ANNA, BERT, CLEO._replace(inviter="bert"), registered=CIRCLE)
    assert result.does("IN") == []
    assert result.reason("IN001") == "Setting this inviter would close a circle of invitations."


def test_repairs_that_close_a_circle_among_themselves_are_all_taken_back() -> None:
    result = tree(*(person._replace(inviter=None) for person in PEOPLE), registered=CIRCLE)
    assert result.does("IN") == []
    assert result.leaves("IN001") == ["IN001 anna", "IN001 bert", "IN001 cleo"]


def test_a_recreated_user_closes_no_circle_either() -> None:
    result = tree(ANNA, BERT, registered=CIRCLE)
    assert [line for line in result.does("IN") if "anna" in line] == []
    assert result.does("US") == ["US001 + Cleo 2025-06-01 08:20 None"]


def test_a_circle_in_the_database_is_reported() -> None:
    result = tree(ANNA._replace(inviter="cleo"), BERT, CLEO._replace(inviter="bert"))
    assert result.does("IN") == []
    (finding,) = result.of("IN006")
    assert finding.actual == "Anna invited by Cleo invited by Bert invited by Anna"


def test_a_younger_inviter_is_reported_with_both_times() -> None:
    people = REGISTERED.replace("Bert joined on invitation from Anna", "Bert joined on invitation from Cleo")
    result = tree(ANNA, BERT._replace(inviter="cleo"), CLEO, registered=people)
    assert result.does("IN") == []
    assert result.reason("IN007") == "Cleo joined 2025-06-01 08:20, Bert 2025-06-01 08:10. Nothing is changed."


def test_a_younger_inviter_is_recognised_by_the_rows_where_no_line_tells() -> None:
    rows = [ANNA, user("x", "Xenia", "01 07:00", "y"), user("y", "Yves", "01 07:30")]
    assert tree(*rows).leaves("IN007") == ["IN007 x"]
    assert tree(ANNA, rows[1], rows[2]._replace(created="long ago")).leaves("IN007") == []


def test_circles() -> None:
    assert circles({"a": "b", "b": "c", "c": "a", "d": "a", "e": None, "f": "f"}) == [("a", "b", "c"), ("f",)]
    assert circles({"a": "b", "b": "elsewhere"}) == []


# --- tokens -------------------------------------------------------------------------------------------------------


def test_a_used_token_says_who_used_it_once_a_row_or_a_line_does() -> None:
    by_row = tree(ANNA, BERT._replace(token="t1"), CLEO, tokens=[token("t1", "anna")])
    assert by_row.does("IN") == ["IN008 t1.user None -> bert"]
    bert = user(BERT_ID, "Bert", "01 08:10:07", "anna")
    line = f"2025-06-01T08:10:02|t1|{BERT_ID}|anna|token_used"
    assert tree(ANNA, bert, CLEO, tokens=[token("t1", "anna")], invites=line).does("IN008") == [
        f"IN008 t1.user None -> {BERT_ID}"
    ]


def test_a_token_line_of_the_later_era_names_its_user() -> None:
    line = "2025-06-01T08:10:02|t1|Bert|Anna|token_used"
    assert tree(*PEOPLE, tokens=[token("t1", "anna")], invites=line).does("IN008") == ["IN008 t1.user None -> bert"]


def test_an_unused_token_is_nobodys_and_stays_so() -> None:
    assert tree(ANNA, BERT._replace(token="t1"), CLEO, tokens=[token("t1", "anna", uses=0)]).of("IN") == []


def test_a_token_that_two_people_claim_stays() -> None:
    users = [ANNA, BERT._replace(token="t1"), CLEO._replace(token="t1")]
    result = tree(*users, tokens=[token("t1", "anna")])
    assert result.does("IN") == []
    assert result.reason("IN008") == "More than one person comes into question."


def test_a_claim_of_somebody_unknown_stays() -> None:
    line = f"2025-06-01T08:10:02|t1|{CLEO_ID}|anna|token_used"
    result = tree(*PEOPLE, tokens=[token("t1", "anna", "ghost", expires="09 00:00")], invites=line)
    assert result.does("IN") == []
    assert result.reason("IN009") == "Nothing tells who it was."


def test_a_dangling_maker_is_the_inviter_of_the_one_who_used_it() -> None:
    result = tree(*PEOPLE, tokens=[token("t1", "ghost", "bert")])
    assert result.does("IN") == ["IN010 t1.creator ghost -> anna"]


def test_a_dangling_maker_is_the_one_whom_the_line_names() -> None:
    line = "2025-06-01T07:10:02|t1||Cleo|token_used"
    assert tree(*PEOPLE, tokens=[token("t1", "ghost", uses=0)], invites=line).does("IN") == [
        "IN010 t1.creator ghost -> cleo"
    ]


def test_a_dangling_maker_of_whom_nothing_tells_stays() -> None:
    result = tree(*PEOPLE, tokens=[token("t1", "ghost", uses=0), token("t2", "system", uses=0)])
    assert result.leaves("IN") == ["IN010 t1"]


def test_time_and_maker_tell_the_user_if_one_person_fits_and_only_this_token_fits_her() -> None:
    """Bert joined at 08:10, so his token was made up to 12 hours before and expires up to 12 hours after."""
    near, far = token("t1", "anna", expires="01 19:00"), token("t2", "anna", expires="03 00:00")
    alone = [ANNA, BERT]
    people = DIRECT.replace("Bert joined directly", "Bert joined on invitation from Anna")
    assert tree(*alone, registered=people, tokens=[near]).does("IN") == ["IN008 t1.user None -> bert"]
    assert tree(*alone, registered=people, tokens=[near, far]).does("IN") == ["IN008 t1.user None -> bert"]
    assert tree(*alone, registered=people, tokens=[near, far]).leaves("IN") == ["IN008 t2"]


@pytest.mark.parametrize(
    "tokens",
    [
        [token("t1", "anna", expires="01 19:00"), token("t2", "anna", expires="01 19:30")],  # two tokens for Bert
        [token("t1", "cleo", expires="01 19:00")],  # not his inviter's
        [token("t1", "system", expires="01 19:00")],
        [token("t1", "anna", expires="01 21:00")],  # made after he joined
        [token("t1", "anna", expires="01 07:00")],  # expired before he joined
        [TokenRow("t1", "anna", None, "never", 1)],
    ],
)
def test_otherwise_it_stays(tokens: list[TokenRow]) -> None:
    people = DIRECT.replace("Bert joined directly", "Bert joined on invitation from Anna")
    assert tree(ANNA, BERT, registered=people, tokens=tokens).does("IN") == []


def test_two_people_who_fit_one_token_leave_it_open() -> None:
    result = tree(*PEOPLE, tokens=[token("t1", "anna", expires="01 19:00")])
    assert result.does("IN") == []
    assert result.reason("IN008") == "Nothing tells who it was."


def test_who_has_a_token_already_gets_no_second_one() -> None:
    tokens = [token("t1", "anna", expires="01 19:00"), token("t0", "anna", "cleo")]
    assert tree(*PEOPLE, tokens=tokens).does("IN") == ["IN008 t1.user None -> bert"]


def test_someone_without_a_known_time_fits_no_token() -> None:
    rows = [ANNA, user("x", "Xenia", inviter="anna")._replace(created="long ago")]
    people = "June 01 2025 at 08:00 - Anna joined directly"
    assert tree(*rows, registered=people, tokens=[token("t1", "anna", expires="01 19:00")]).does("IN") == []


def test_tokens_are_never_shown_whole() -> None:
    secret = "f00dfeedf00dfeed"
    result = tree(
        ANNA, BERT._replace(token=secret, inviter=None), CLEO, tokens=[token(secret, "anna")], registered=DIRECT
    )
    shown = " ".join(f"{f.expected}{f.actual}{f.reason}{f.evidence}" for f in result.of("IN"))
    assert secret not in shown
    assert mask(secret) == "f00d…"


def test_a_renamed_inviter_is_the_same_person() -> None:
    files = [prayer_file(f"p{n}", at=f"10:0{n}") for n in range(3)]
    rows = [prayer(f"p{n}", "anna", f"10:0{n}:02") for n in range(3)]
    users = [ANNA._replace(name="Petra"), BERT._replace(inviter=None), CLEO]
    result = compare(archive(*files), snapshot(users, rows))
    assert result.does("US", "PR", "IN") == ["IN001 bert.inviter None -> anna"]
    assert result.leaves("US") == ["US003 anna"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("June 01 2025 at 09:00 - Dora joined on invitation from Zorro", "IN001"),
        ("June 01 2025 at 09:00 - Dora joined on invitation from Unknown User", "IN001"),
        ("June 01 2025 at 09:00 - Dora joined on invitation from Dora", "IN005"),
    ],
)
def test_a_recreated_users_open_inviter_is_reported_before_and_after(line: str, code: str) -> None:
    """Reported only once she is there, it would be a new finding, and no repair at all could be carried out."""
    people = f"{REGISTERED}\n{line}"
    before = compare(archive(registered=people), snapshot(PEOPLE))
    (recreated,) = (f for f in before.of("US001") if f.changes)
    after = compare(archive(registered=people), snapshot([*PEOPLE, user(recreated.key, "Dora", "01 09:00:00")]))
    assert before.leaves("IN") == after.leaves("IN") == [f"{code} {recreated.key}"]
