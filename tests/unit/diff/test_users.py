"""Users: who is made anew and how, and of which names no user is made."""

from __future__ import annotations

from tests.factories import (
    ORM_V2,
    PEOPLE,
    REGISTERED,
    USERS_FILE,
    archive,
    compare,
    mark,
    prayer,
    prayer_file,
    snapshot,
    user,
)
from tests.faults.support import ORM_V1

ANNA, BERT, CLEO = PEOPLE
MERGE_LOG = "CREATE TABLE user_merge_log (primary_user_id VARCHAR, merged_user_id VARCHAR);"


def test_a_missing_user_is_made_anew_as_she_joined() -> None:
    result = compare(archive(), snapshot([ANNA, BERT]))
    (finding,) = result.of("US")
    (change,) = finding.changes
    row = dict(change.row)
    assert (finding.code, change.action, change.risk) == ("US001", "create", "recreate")
    assert row == {
        "key": finding.key,
        "name": "Cleo",
        "created": "2025-06-01 08:20:00.000000",
        "inviter": "anna",
        "token": None,
        "path": USERS_FILE,
    }
    assert finding.expected == "Cleo, joined 2025-06-01 08:20, invited by Anna"
    assert "users/2025_06_users.txt:5" in finding.evidence


def test_the_earliest_registration_counts_because_healing_wrote_later_ones() -> None:
    people = REGISTERED + "    June 30 2025 at 12:00 - Cleo joined directly\n"
    assert compare(archive(registered=people), snapshot([ANNA, BERT])).does("US") == [
        "US001 + Cleo 2025-06-01 08:20 anna"
    ]


def test_without_a_registration_the_time_is_the_earliest_sighting_and_marked_as_estimated() -> None:
    log = "June 05 2025\n10:00 - Dora prayed for prayer rain\nJune 04 2025\n11:30 - Dora submitted prayer rain"
    result = compare(archive(log=log, registered=""), snapshot())
    assert result.does("US") == ["US001 + Dora 2025-06-04 11:30 None"]
    assert result.of("US")[0].expected == "Dora, first seen 2025-06-04 11:30 (estimated)"
    assert dict(result.of("US")[0].changes[0].row)["path"] is None


def test_who_acts_without_ever_having_registered_may_be_another_name_of_somebody_and_is_not_recreated() -> None:
    log = "June 05 2025\n10:00 - Dora prayed for prayer rain\nJune 04 2025\n11:30 - Dora submitted prayer rain"
    result = compare(archive(log=log), snapshot())
    assert result.does("US") == []
    assert "without ever having registered" in result.reason("US007")


def test_a_member_renamed_in_the_middle_of_the_archives_is_neither_recreated_nor_loses_a_row() -> None:
    log = """
        09:00 - Bert submitted prayer rain
        09:15 - Bert prayed for prayer rain
        11:00 - Berthold prayed for prayer rain
    """
    file = prayer_file(
        "rain",
        "09:15 - Bert prayed this prayer",
        "11:00 - Berthold prayed this prayer",
        by="Bert",
    )
    rows = [mark("m1", "bert", "09:15:20"), mark("m2", "bert", "11:00:20")]
    stored = snapshot([ANNA, BERT._replace(name="Berthold"), CLEO], [prayer("rain", "bert")], rows)
    result = compare(archive(file, log=log), stored)
    assert result.does("US", "PR", "MK") == []
    assert [(f.expected, f.actual) for f in result.of("US003")] == [("Bert", "Berthold")]
    damaged = snapshot(stored.users, [prayer("rain", None)], [mark("m1", "ghost", "09:15:20"), rows[1]])
    assert compare(archive(file, log=log), damaged).does("US", "PR", "MK") == [
        "MK001 m1.user ghost -> bert",
        "PR001 rain.author None -> bert",
    ]


def test_a_name_that_the_application_respelled_makes_no_second_user() -> None:
    people = REGISTERED.replace("Bert joined", "Bert\tB joined")
    file = prayer_file("rain", "09:15 - Bert\tB prayed this prayer")
    people_here = [ANNA, BERT._replace(name="BertB"), CLEO]
    stored = snapshot(people_here, [prayer()], [mark("m1", "ghost", "09:15:20")], sql=ORM_V1 + MERGE_LOG)
    result = compare(archive(file, registered=people), stored)
    assert result.does("US", "MK") == ["MK001 m1.user ghost -> bert"]


def test_a_member_who_registered_as_anonymous_is_a_person_like_any_other() -> None:
    people = REGISTERED + "    June 02 2025 at 08:00 - Anonymous joined on invitation from Anna\n"
    file = prayer_file("rain", "09:15 - Anonymous prayed this prayer", by="Anonymous")
    somebody = user("some", "Anonymous", "02 08:00:07.1", "anna")
    stored = snapshot([*PEOPLE, somebody], [prayer("rain", "some")], [mark("m1", "ghost", "09:15:20")])
    result = compare(archive(file, registered=people), stored)
    assert result.does("US", "PR", "MK") == ["MK001 m1.user ghost -> some"]
    assert result.of("US005") == []


def test_the_id_that_rows_still_refer_to_is_kept() -> None:
    file = prayer_file("rain", by="Cleo")
    result = compare(archive(file), snapshot([ANNA, BERT], [prayer(author="old")]))
    assert [f.key for f in result.of("US001")] == ["old"]
    assert result.of("PR001") == [], "the author no longer dangles once the user is back"
    assert [o.action for o in result.plan("authors").operations] == []


def test_a_repair_of_the_author_alone_brings_the_missing_user() -> None:
    files = [prayer_file("rain", by="Cleo"), prayer_file("snow", by="Cleo", at="09:30")]
    rows = [prayer(author="old"), prayer("snow", None, "09:30")]
    result = compare(archive(*files), snapshot([ANNA, BERT], rows))
    plan = result.plan("authors")
    assert [f"{o.action} {o.table} {o.key!s}" for o in plan.operations] == ["insert user old", "update prayer snow"]


def test_in_the_later_era_the_name_is_the_key() -> None:
    users = [person._replace(key=person.name) for person in (ANNA, BERT)]
    result = compare(archive(), snapshot(users, sql=ORM_V2))
    assert [(f.key, dict(f.changes[0].row)["inviter"]) for f in result.of("US001")] == [("Cleo", "Anna")]


def test_the_token_that_a_missing_user_claimed_is_hers_again() -> None:
    invites = "2025-06-01T08:20:02|t1|Cleo|Anna|token_used"
    result = compare(archive(invites=invites), snapshot([ANNA, BERT]))
    assert dict(result.of("US001")[0].changes[0].row)["token"] == "t1"


def test_a_doubled_row_is_reported_and_goes_only_where_asked() -> None:
    result = compare(archive(), snapshot([*PEOPLE, user("twin", "anna ", "05 12:00")]))
    (finding,) = result.of("US002")
    assert (finding.code, finding.key, finding.expected, finding.actual) == (
        "US002",
        "twin",
        "one row, 'Anna'",
        "a second row, 'anna '",
    )
    assert result.plan().operations == ()
    assert [f"{o.action} {o.table} {o.key!s}" for o in result.plan(merge_duplicates=True).operations] == [
        "delete user twin"
    ]


def test_a_renamed_user_is_reported_and_nothing_is_changed() -> None:
    files = [prayer_file(f"p{n}", at=f"10:0{n}", by="Cleo") for n in range(3)]
    rows = [prayer(f"p{n}", "cleo", f"10:0{n}:02") for n in range(3)]
    result = compare(archive(*files), snapshot([ANNA, BERT, CLEO._replace(name="Petra")], rows))
    assert result.does("US", "PR", "MK") == []
    (finding,) = result.of("US")
    assert (finding.code, finding.expected, finding.actual) == ("US003", "Cleo", "Petra")


def test_no_user_is_made_of_these() -> None:
    people = REGISTERED + "    June 02 2025 at 08:00 - Mary Johnson joined directly\n"
    file = prayer_file(
        "rain",
        "09:15 - Mary prayed this prayer",
        "09:20 - Unknown User prayed this prayer",
        "09:25 - Zacharias prayed this prayer",
        "09:30 - 0f3a9c1e5b7d4c2288aa10b2c3d4e5f6 prayed this prayer",
    )
    rows = snapshot([*PEOPLE, user("m", "Mary Johnson", "02 08:00")], [prayer()])
    result = compare(archive(file, registered=people), rows)
    assert result.does("US", "MK") == []
    assert result.leaves("US") == [
        "US005 name 0f3a9c1e5b7d4c2288aa10b2c3d4e5f6",
        "US005 name Unknown User",
        "US006 name Mary",
        "US007 name Zacharias",
    ]
    assert result.reason("US006").startswith("Only the first word of 'Mary Johnson'.")


def test_an_ambiguous_name_is_reported_with_its_candidates() -> None:
    people = "June 01 2025 at 08:00 - Max joined directly\nJune 01 2025 at 09:00 - max joined directly"
    users = [user("1", "Max", "01 08:00"), user("2", "max", "01 09:00")]
    result = compare(
        archive(prayer_file("rain", by="MAX"), registered=people), snapshot(users, [prayer(author="ghost")])
    )
    assert result.does("US", "PR") == []
    (finding,) = result.of("US004")
    assert (finding.expected, finding.actual) == ("Max (99), max (99)", "MAX")


def test_two_rows_of_one_name_are_reported_and_nothing_is_booked_on_either() -> None:
    users = [BERT, CLEO, user("a1", "Anna", "03 08:00"), user("a2", "Anna", "04 08:00")]
    result = compare(archive(prayer_file("rain")), snapshot(users, [prayer(author="ghost")]))
    assert result.does("PR", "US", "IN") == []
    assert result.of("US004")[0].expected == "Anna (100), Anna (100)"
    assert result.leaves("PR") == ["PR001 rain"]


def test_nobody_is_made_without_a_time() -> None:
    """A member of the archives whose only lines have impossible times."""
    invites = "2025-06-01T08:20:02|t1|Dora|Anna|token_used"
    result = compare(archive(invites=invites), snapshot())
    assert result.does("US") == []
