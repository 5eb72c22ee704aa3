"""Files of another community that lie among ours are left out and named; what hangs together with the database stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tests.factories import DAY, REGISTERED, Prayed, archive, compare, prayer, prayer_file, snapshot
from thywill_reconstruct.database.rows import Snapshot
from thywill_reconstruct.diff.belonging import leave_out_strangers
from thywill_reconstruct.records import Archive

NAMES = ("rain", "snow", "wind", "dew", "hail", "fog")
OURS = [prayer_file(name, "09:15 - Bert prayed this prayer", at=f"09:0{n}") for n, name in enumerate(NAMES)]
LOG = "08:00 - Cleo prayed for prayer rain\n" + "".join(
    f"09:0{n} - Anna submitted prayer {name}\n09:1{n} - Bert prayed for prayer {name}\n"
    for n, name in enumerate(NAMES)
)
THEIR_LOG = "".join(
    f"1{n}:00 - Ida submitted prayer their{n}\n1{n}:30 - Anna prayed for prayer their{n}\n" for n in range(6)
)
THEIR_USERS = "User Registrations for July 2025\n\n" + "".join(
    f"July 0{n} 2025 at 08:00 - {who} joined {how}\n"
    for n, (who, how) in enumerate(
        [
            ("Ida", "directly"),
            ("Anna", "on invitation from Ida"),
            ("Jon", "on invitation from Anna"),
            ("Kim", "on invitation from Anna"),
            ("Lea", "on invitation from Kim"),
        ],
        1,
    )
)


def theirs(at: str, *authors: str) -> list[Prayed]:
    """Prayers of strangers, one of whom bears the name of somebody here."""
    return [
        prayer_file(f"their{n}", f"{at} - Ida prayed this prayer", f"{at} - Jon prayed this prayer", by=who, at=at)
        for n, who in enumerate(authors)
    ]


def database(names: Iterable[str] = NAMES) -> Snapshot:
    return snapshot(prayers=[prayer(name, created=f"09:0{NAMES.index(name)}:03") for name in names])


def admitted(told: Archive, stored: Snapshot | None = None) -> tuple[Archive, list[str]]:
    """What is left, and which files are named as foreign."""
    kept = leave_out_strangers(told, stored or database())
    return kept, [problem.span.file for problem in kept.problems if problem.code == "AR028"]


def test_all_of_ours_stays() -> None:
    told = archive(*OURS, log=LOG)
    assert leave_out_strangers(told, database()) is told


@pytest.mark.parametrize("missing", [1, 5])
def test_a_restored_backup_is_no_reason_to_leave_anything_out(missing: int) -> None:
    """The rows of later days are gone; the log that knows them knows older prayers as well."""
    more = [prayer_file(f"new{n}", at=f"June 1{n} at 10:00", by="Dora") for n in range(1, 6)]
    log = f"{DAY}\n{LOG}" + "".join(
        f"June 1{n} 2025\n10:00 - Dora submitted prayer new{n}\n10:05 - Dora prayed for prayer rain\n"
        for n in range(1, 6)
    )
    told = archive(*OURS, *more, log=log)
    assert leave_out_strangers(told, database(NAMES[: len(NAMES) - missing + 4][:5])) is told


def test_prayers_that_the_log_of_their_time_does_not_know_are_left_out() -> None:
    told = archive(*OURS, *theirs("09:05", "Anna", "Bert", "Ida"), log=LOG)
    kept, named = admitted(told)
    assert [file.prayer_id for file in kept.prayers] == [file.prayer_id for file in archive(*OURS, log=LOG).prayers]
    assert len(named) == 3
    assert compare(kept, database()).does("PR003", "US001") == []


def test_prayers_of_another_time_are_left_out_if_most_of_their_people_are_unknown() -> None:
    """Also the one among them whose people all bear names of ours."""
    strange = theirs("June 20 2025 at 12:00", "Ida", "Jon", "Anna")
    alike = prayer_file("alike", by="Anna", at="June 20 2025 at 12:00")
    _, named = admitted(archive(*OURS, *strange, alike, log=LOG))
    assert len(named) == 4


def test_prayers_of_a_time_without_log_stay_if_people_here_made_them() -> None:
    """The log is lost for that time, and the rows as well: nothing else tells of them, so the people decide."""
    more = [prayer_file(f"new{n}", by="Anna", at=f"June 2{n} 2025 at 12:00") for n in range(4)]
    told = archive(*OURS, *more, log=LOG)
    assert leave_out_strangers(told, database()) is told


def test_a_users_file_of_people_who_do_nothing_here_is_left_out() -> None:
    told = archive(*OURS, log=LOG, files={"users/2025_07_users.txt": THEIR_USERS})
    kept, named = admitted(told)
    assert named == ["users/2025_07_users.txt"]
    assert kept.registrations == archive(*OURS, log=LOG).registrations or {
        r.readings[0][0] for r in kept.registrations
    } == {
        "Anna",
        "Bert",
        "Cleo",
    }
    assert compare(kept, database()).does("US001") == []


def test_a_users_file_of_people_who_act_here_stays_though_their_rows_are_lost() -> None:
    told = archive(*OURS, registered=REGISTERED, log=LOG)
    stored = replace(database(), users=())
    assert leave_out_strangers(told, stored) is told


def test_a_log_that_shares_no_prayer_with_anything_here_is_left_out_with_its_prayers() -> None:
    log = "Activity for July 2025\n\n\nJuly 10 2025\n" + THEIR_LOG
    told = archive(*OURS, *theirs("09:30", "Ida"), log=LOG, files={"activity/activity_2025_07.txt": log})
    kept, named = admitted(told)
    assert named[0] == "activity/activity_2025_07.txt"
    assert len(named) == 2
    assert kept.log == archive(*OURS, log=LOG).log
    assert "2025-07" not in kept.covered_months


def test_a_month_that_began_with_somebody_new_stays() -> None:
    """A backup was restored; the newest log is a few lines long and shares no prayer with the older ones."""
    log = "Activity for July 2025\n\n\nJuly 01 2025\n08:00 - Dora registered via invitation from Anna\n"
    log += "08:10 - Dora submitted prayer new\n08:11 - Dora prayed for prayer new\n"
    told = archive(*OURS, log=LOG, files={"activity/activity_2025_07.txt": log})
    assert leave_out_strangers(told, database()) is told


def test_the_log_of_strangers_behind_ours_in_one_file_is_left_out() -> None:
    told = archive(*OURS, log=f"{DAY}\n{LOG}June 03 2025\n{THEIR_LOG}")
    kept, named = admitted(told)
    assert named == ["activity/activity_2025_06.txt"]
    assert {entry.actor for entry in kept.log} == {"Anna", "Bert", "Cleo"}


def test_news_of_a_copy_needs_proof() -> None:
    lines = f"Activity for June 2025\n\n\n{DAY}\n09:20 - Cleo prayed for prayer rain\n09:21 - Cleo prayed for prayer other\n"
    told = archive(*OURS, log=LOG, files={"activity/activity_2025_06 (1).txt": lines})
    kept, named = admitted(told)
    assert named == ["activity/activity_2025_06 (1).txt"]
    assert [entry.prayer_id for entry in kept.log if entry.minute % 60 >= 20] == ["rain"]


def test_without_a_database_the_log_is_the_measure() -> None:
    kept, named = admitted(archive(*OURS, *theirs("09:05", "Anna", "Ida"), log=LOG), None)
    told = archive(*OURS, *theirs("09:05", "Anna", "Ida"), log=LOG)
    kept = leave_out_strangers(told, None)
    assert len([p for p in kept.problems if p.code == "AR028"]) == len(named) == 2


def test_a_few_prayers_prove_nothing() -> None:
    told = archive(*OURS[:2], *theirs("09:05", "Ida"), log=LOG)
    assert leave_out_strangers(told, database(NAMES[:2])) is told
