"""Rows that say another time of joining than the archives, and the second at which somebody joined."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import (
    HOME,
    ORM_V2,
    PEOPLE,
    REGISTERED,
    Result,
    archive,
    compare,
    prayer,
    prayer_file,
    snapshot,
    user,
)
from thywill_reconstruct.database.rows import UserRow
from thywill_reconstruct.diff.analyse import prepare
from thywill_reconstruct.diff.joining_times import compare_joining_times
from thywill_reconstruct.diff.registrations import joinings_by_key, read_joinings
from thywill_reconstruct.findings.finding import Finding

ANNA, BERT, CLEO = PEOPLE
LOG = """
    June 01 2025
    08:00 - Anna registered directly
    08:10 - Bert registered via invitation from Anna
    08:20 - Cleo registered via invitation from Anna
"""
CLAIM = "2025-06-01T08:20:41.25|t1|Cleo|Anna|token_used"
RECREATED = "2025-11-30 21:04:11.5"


def joined(*users: UserRow, registered: str = REGISTERED, log: str | None = LOG, invites: str = "") -> list[Finding]:
    """US017 of a community where everybody with a row under their name is certain."""
    told = archive(registered=registered, log=log, invites=invites)
    ctx, _, _ = prepare(told, snapshot(users), HOME)
    keys = {row.name: row.key for row in reversed(users)}
    persons = tuple(
        replace(person, key=keys[person.name], verdict="match", valid_from=None) if person.name in keys else person
        for person in ctx.resolution.persons
    )
    resolution = replace(ctx.resolution, persons=persons, key_of={**ctx.resolution.key_of, **keys})
    statements, _ = read_joinings(told, frozenset())
    joinings = joinings_by_key(told, statements, resolution, frozenset(ctx.users))
    return list(compare_joining_times(replace(ctx, resolution=resolution, joinings=joinings)))


def repairs(findings: list[Finding]) -> list[tuple[str, object]]:
    return [(f.key, change.after) for f in findings for change in f.changes]


def reason(findings: list[Finding]) -> str:
    (finding,) = findings
    assert not finding.changes
    return finding.reason


def whole(*users: UserRow, registered: str = REGISTERED, log: str | None = LOG, invites: str = "") -> Result:
    return compare(archive(registered=registered, log=log, invites=invites), snapshot(users))


def test_rows_that_say_what_the_archives_say_are_no_finding() -> None:
    assert joined(*PEOPLE) == []
    assert joined(*PEOPLE, log=None) == []
    assert joined(*PEOPLE, invites=CLAIM) == []


def test_times_of_an_import_are_corrected_one_by_one() -> None:
    """A tool gave all users the minute at which it ran."""
    found = joined(*(row._replace(created="2025-07-09 10:00:00.000000") for row in PEOPLE))
    assert repairs(found) == [
        ("anna", "2025-06-01 08:00:00.000000"),
        ("bert", "2025-06-01 08:10:00.000000"),
        ("cleo", "2025-06-01 08:20:00.000000"),
    ]
    finding = found[2]
    assert (finding.expected, finding.actual) == ("joined 2025-06-01 08:20", "joined 2025-07-09 10:00")
    assert (finding.changes[0].risk, finding.changes[0].before) == ("relink", "2025-07-09 10:00:00.000000")
    assert finding.evidence == (
        "users/2025_06_users.txt:5",
        "activity/activity_2025_06.txt:7",
        "user row cleo",
        "the rows of 3 people say 2025-07-09 10:00",
    )


def test_a_repaired_community_has_nothing_left() -> None:
    users = [row._replace(created="2025-07-09 10:00:00.000000") for row in PEOPLE]
    after = dict(repairs(joined(*users)))
    assert whole(*(row._replace(created=str(after[row.key])) for row in users)).of("US") == []


def test_a_user_who_was_recreated_by_a_tool_gets_the_day_back() -> None:
    found = joined(ANNA, BERT, user("new", "Cleo", RECREATED))
    assert repairs(found) == [("new", "2025-06-01 08:20:00.000000")]


def test_a_time_that_is_too_early_is_corrected_as_well() -> None:
    found = joined(ANNA, BERT, user("cleo", "Cleo", "2025-01-01 00:00"))
    assert repairs(found) == [("cleo", "2025-06-01 08:20:00.000000")]


def test_the_second_comes_from_the_invite_usage_file() -> None:
    found = joined(ANNA, BERT, user("new", "Cleo", RECREATED), invites=CLAIM)
    assert repairs(found) == [("new", "2025-06-01 08:20:41.250000")]


def test_a_claim_is_a_second_witness_where_there_is_no_log() -> None:
    assert repairs(joined(ANNA, BERT, user("new", "Cleo", RECREATED), log=None, invites=CLAIM))
    later = CLAIM.replace("06-01T08:20", "06-09T11:00")
    found = joined(ANNA, BERT, user("new", "Cleo", RECREATED), log=None, invites=later)
    assert reason(found) == "Only one source tells when this person joined.", "that claim was a login"


def test_a_claim_of_another_day_contradicts_nothing() -> None:
    later = CLAIM.replace("06-01T08:20", "06-09T11:00")
    assert repairs(joined(ANNA, BERT, user("new", "Cleo", RECREATED), invites=later)) == [
        ("new", "2025-06-01 08:20:00.000000")
    ]


def test_one_source_alone_corrects_nothing() -> None:
    found = joined(ANNA, BERT, user("new", "Cleo", RECREATED), log=None)
    assert reason(found) == "Only one source tells when this person joined."


def test_sources_that_disagree_correct_nothing() -> None:
    log = LOG.replace("08:20 - Cleo", "08:50 - Cleo")
    found = joined(ANNA, BERT, user("new", "Cleo", RECREATED), log=log)
    assert reason(found) == "The archives tell of more than one time of joining."
    assert joined(*PEOPLE, log=log) == [], "one of them agrees with the row"


def test_a_name_that_was_registered_twice_is_left_alone() -> None:
    people = REGISTERED + "    June 20 2025 at 12:00 - Cleo joined directly\n"
    log = LOG + "    June 20 2025\n    12:00 - Cleo registered directly\n"
    assert repairs(joined(ANNA, BERT, user("new", "Cleo", RECREATED), registered=people, log=log)) == []
    assert joined(ANNA, BERT, user("new", "Cleo", "20 12:00:05"), registered=people, log=log) == []


def test_a_line_that_healing_wrote_about_an_old_user_is_no_finding() -> None:
    """Healing gave users from before the archives a line with the time of its own run (archive format spec, section 2.2)."""
    people = REGISTERED + "    June 20 2025 at 12:00 - Dora joined directly\n"
    assert joined(*PEOPLE, user("dora", "Dora", "2025-03-03 09:00"), registered=people) == []


def test_a_difference_that_a_zone_explains_is_no_finding() -> None:
    assert joined(ANNA, BERT, user("cleo", "Cleo", "01 10:20:07")) == []


def test_people_who_share_a_minute_show_that_it_was_no_zone() -> None:
    """The import ran on the day when they joined: two hours later to the minute, for one of them."""
    others = [user("dora", "Dora", "02 09:00:07"), user("emil", "Emil", "02 09:07:07")]
    people = (
        REGISTERED
        + "    June 02 2025 at 09:00 - Dora joined directly\n    June 02 2025 at 09:07 - Emil joined directly\n"
    )
    users = [row._replace(created="2025-06-01 10:00:00.000000") for row in PEOPLE]
    assert repairs(joined(*users, *others, registered=people)) == [
        ("anna", "2025-06-01 08:00:00.000000"),
        ("bert", "2025-06-01 08:10:00.000000"),
        ("cleo", "2025-06-01 08:20:00.000000"),
    ]


def test_the_time_is_written_on_the_clock_of_the_table() -> None:
    ahead = [ANNA._replace(created="2025-06-01 10:00:07"), BERT._replace(created="2025-06-01 10:10:07")]
    dora = user("dora", "Dora", "01 10:30:07")
    people = REGISTERED + "    June 01 2025 at 08:30 - Dora joined directly\n"
    found = joined(*ahead, dora, user("new", "Cleo", RECREATED), registered=people)
    assert repairs(found) == [("new", "2025-06-01 10:20:00.000000")]


def test_a_row_of_the_minute_when_somebody_else_registered_may_be_theirs() -> None:
    """Dora may have taken the name Cleo: the first Cleo's time is not hers, and no second user is made of Dora."""
    people = REGISTERED + "    June 20 2025 at 12:00 - Dora joined directly\n"
    log = LOG + "    June 20 2025\n    12:00 - Dora registered directly\n"
    result = compare(archive(registered=people, log=log), snapshot((ANNA, BERT, user("cleo", "Cleo", "20 12:00:05"))))
    assert result.does("US") == []
    assert [f.key for f in result.of("US007")] == ["name Dora"]


def test_users_who_are_one_to_the_application_keep_their_order() -> None:
    """The older row stays at the next start, so no repair makes one older."""
    found = joined(ANNA, BERT, user("new", "Cleo", RECREATED), user("other", "CLEO", "10 12:00"))
    assert [f.reason for f in found if f.key == "new"] == [
        "To the application another user has the same name, and it keeps the row that is older."
    ]


def test_a_row_without_a_readable_time_is_left_to_its_own_finding() -> None:
    assert joined(ANNA, BERT, CLEO._replace(created="yesterday")) == []


@pytest.mark.parametrize(
    ("stamp", "created"),
    [
        ("2025-06-01T08:20:41.25", "2025-06-01 08:20:41.250000"),
        ("2025-06-01T08:20:41", "2025-06-01 08:20:41.000000"),
        ("2025-06-01T08:21:00.1", "2025-06-01 08:20:00.000000"),
        ("2025-06-01T08:20", "2025-06-01 08:20:00.000000"),
    ],
)
def test_a_recreated_user_gets_the_second_where_a_claim_of_the_minute_knows_it(stamp: str, created: str) -> None:
    claim = f"{stamp}|t1|Cleo|Anna|token_used"
    row = dict(whole(ANNA, BERT, invites=claim).of("US001")[0].changes[0].row)
    assert row["created"] == created


def test_a_recreated_user_never_stands_before_a_living_one_of_the_same_name() -> None:
    """Two people, as their registrations say; the application would keep the older row and delete the other."""
    people = REGISTERED + "    June 20 2025 at 12:00 - CLEO joined directly\n"
    log = LOG + "    June 20 2025\n    12:00 - CLEO registered directly\n"
    files = [prayer_file("rain", by="Cleo"), prayer_file("sun", by="CLEO", at="June 21 2025 at 09:00")]
    rows = [prayer("rain", "ghost"), prayer("sun", "dora", "21 09:00:04", path=None)]
    users = [ANNA, BERT, user("dora", "CLEO", "20 12:00:59.999")]
    result = compare(archive(*files, registered=people, log=log), snapshot(users, rows))
    made = [dict(change.row) for f in result.of("US001") for change in f.changes]
    assert [row["created"] for row in made if row["name"] == "Cleo"] == ["2025-06-20 12:01:00.999000"]


def test_where_names_are_keys_nobody_is_made_beside_who_is_the_same_to_the_application() -> None:
    people = REGISTERED + "    June 20 2025 at 12:00 - CLEO joined directly\n"
    named = [user(name, name, created) for name, created in (("Anna", "01 08:00:07"), ("CLEO", "20 12:00:05"))]
    result = compare(archive(registered=people), snapshot(named, sql=ORM_V2))
    made = {row["name"] for f in result.of("US001") for row in [dict(f.changes[0].row)]}
    assert made == {"Bert"}
