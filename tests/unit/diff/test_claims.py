"""Tokens by which users came, and claims at the time of expiry."""

from __future__ import annotations

from dataclasses import replace

from tests.factories import (
    ORM_V2,
    PEOPLE,
    Result,
    archive,
    attribute,
    compare,
    prayer,
    prayer_file,
    snapshot,
    token,
    user,
)
from thywill_reconstruct.database.rows import UsageRow, UserRow

ANNA, BERT, CLEO = PEOPLE
CLAIM = "2025-06-01T08:20:41.25|t1t1t1t1|Cleo|Anna|token_used"
EXPIRY = "2025-06-01 20:15:00.500000"


def came(*users: UserRow, invites: str = CLAIM) -> Result:
    return compare(archive(invites=invites), snapshot(users))


def test_a_token_that_the_usage_file_names_comes_back() -> None:
    result = came(*PEOPLE)
    assert result.does("IN012") == ["IN012 cleo.token None -> t1t1t1t1"]
    (finding,) = result.of("IN012")
    assert (finding.expected, finding.changes[0].risk) == ("t1t1…", "fill"), (
        "a token lets somebody in: it is never shown"
    )
    assert finding.evidence == ("system/2025_06_invite_usage.txt:4", "user row cleo")


def test_in_the_era_of_ids_the_line_holds_an_id() -> None:
    cleo = CLEO._replace(key="c" * 32)
    assert came(ANNA, BERT, cleo, invites=CLAIM.replace("Cleo", cleo.key)).does("IN012") == [
        f"IN012 {cleo.key}.token None -> t1t1t1t1"
    ]


def test_in_the_era_of_names_it_holds_a_name() -> None:
    named = [user(row.name, row.name, (row.created or "")[8:], row.inviter and "Anna", token="") for row in PEOPLE]
    result = compare(archive(invites=CLAIM), snapshot(named, sql=ORM_V2))
    assert result.does("IN012") == ["IN012 Cleo.token  -> t1t1t1t1"]


def test_a_token_that_is_there_stays_and_who_has_none_gets_none() -> None:
    assert came(ANNA, BERT, CLEO._replace(token="other")).of("IN012") == []
    assert came(*PEOPLE, invites=CLAIM.replace("|Cleo|", "||")).of("IN012") == [], "it was made then, not claimed"


def test_a_later_claim_is_a_login_and_no_joining() -> None:
    assert came(*PEOPLE, invites=CLAIM.replace("06-01T08", "06-03T08")).of("IN012") == []


def test_two_tokens_of_one_minute_are_for_somebody_to_decide() -> None:
    result = came(*PEOPLE, invites=CLAIM + "\n" + CLAIM.replace("t1t1", "t2t2"))
    assert result.does("IN012") == []
    assert result.reason("IN012") == "The archives name more than one token."


def test_a_token_of_another_users_row_is_not_given_twice() -> None:
    result = came(ANNA, BERT._replace(token="t1t1t1t1"), CLEO)
    assert result.reason("IN012") == "Another user's row says that they came by this token."
    both = CLAIM + "\n" + CLAIM.replace("08:20:41.25", "08:10:07").replace("Cleo", "Bert")
    assert came(ANNA, BERT._replace(token="t1t1t1t1"), CLEO, invites=both).does("IN012"), "it was for several people"


def claimed(
    *invites: str, created: str = EXPIRY, who: str = "cleo", set_at: str = "09:30:02", zone_known: bool = True
) -> Result:
    file = prayer_file("rain", "09:30 - Anna marked this prayer as answered")
    made = snapshot(
        PEOPLE,
        [prayer()],
        attributes=[attribute("a1", "anna", set_at)] if zone_known else (),
        tokens=[token("t1t1t1t1", "anna", "cleo", expires="01 20:15:00.5")],
    )
    made = replace(made, usages=(UsageRow("u1", "t1t1t1t1", who, created),))
    return compare(archive(file, invites="\n".join(invites)), made)


def test_a_claim_at_the_time_of_expiry_gets_its_own_time() -> None:
    result = claimed(CLAIM)
    assert result.does("IN013") == [f"IN013 u1.created {EXPIRY} -> 2025-06-01 08:20:41.250000"]
    assert result.of("IN013")[0].changes[0].risk == "fill"


def test_claims_run_on_universal_time() -> None:
    assert claimed(CLAIM, set_at="13:30:02").does("IN013") == [
        f"IN013 u1.created {EXPIRY} -> 2025-06-01 12:20:41.250000"
    ]


def test_claims_of_any_other_time_stay() -> None:
    assert claimed(CLAIM, created="2025-06-05 11:00:00.000000").of("IN013") == []


def test_what_nothing_tells_stays() -> None:
    assert claimed().reason("IN013") == "The archives do not tell when this token was claimed."
    assert (
        claimed(CLAIM, CLAIM.replace("08:20", "09:20")).reason("IN013") == "The archives tell of more than one claim."
    )
    assert claimed(CLAIM, who="ghost").reason("IN013") == "The archives do not tell when this token was claimed."
    assert claimed(CLAIM, zone_known=False).reason("IN013").startswith("Nothing tells how the clock")
