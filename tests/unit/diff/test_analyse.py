"""The whole comparison of small communities."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.factories import (
    HOME,
    PEOPLE,
    REGISTERED,
    archive,
    attribute,
    compare,
    compare_one,
    logged,
    mark,
    path_of,
    prayer,
    prayer_file,
    snapshot,
    user,
)  # fmt: skip
from thywill_reconstruct.diff.analyse import analyse

RAIN = prayer_file("rain", "09:15 - Bert prayed this prayer")


def test_a_healthy_community_has_no_findings() -> None:
    log = "09:00 - Anna submitted prayer rain\n09:15 - Bert prayed for prayer rain"
    result = compare_one(
        RAIN,
        log=log,
        marks=[mark("m1", "bert", "09:15:20", path=path_of(RAIN))],
        logs=[logged("l1", "bert", "09:15:20", path=path_of(RAIN))],
    )
    assert result.analysis.findings == ()
    assert result.analysis.shared == (1, 1, 1)
    assert result.plan().operations == ()


def test_what_the_reader_could_not_understand_is_a_finding() -> None:
    result = compare(archive(registered=REGISTERED + "    Something else\n"), snapshot())
    (finding,) = result.of("AR")
    assert (finding.code, finding.entity, finding.key) == ("AR002", "archive", "users/2025_06_users.txt:6")
    assert finding.reason


def test_a_line_that_can_be_split_in_two_ways_is_one_finding_beside_the_readers() -> None:
    people = (
        REGISTERED + "    June 02 2025 at 08:00 - Kim joined on invitation from Lee joined on invitation from Park\n"
    )
    assert {f.code for f in compare(archive(registered=people), snapshot()).of("AR")} == {"AR012"}


def test_the_notes_tell_the_clocks() -> None:
    notes = compare_one(RAIN, marks=[mark("m1", "bert", "07:15:20")]).analysis.notes
    assert "Times of users: the same as in the archives (learnt from 3 events)." in notes
    assert "Times of marks: 2 h behind the archives (learnt from 1 events)." in notes


def test_attributes_and_logs_have_clocks_of_their_own() -> None:
    """Marks are local, attributes UTC: the dangling ones are found on their own clock."""
    lines = [f"June {day} 2025 at 09:30 - Anna marked this prayer as answered" for day in (11, 12, 13, 14)]
    files = [
        prayer_file(f"p{day}", line, at=f"June {day} 2025 at 09:00")
        for day, line in zip(range(11, 15), lines, strict=True)
    ]
    rows = [prayer(f"p{day}", created=f"{day} 09:00:03") for day in range(11, 15)]
    attributes = [
        attribute(f"a{day}", "anna" if day < 14 else "ghost", f"{day} 07:30:20", of=f"p{day}")
        for day in range(11, 15)
    ]
    logs = [
        logged(f"l{day}", "anna" if day < 14 else "ghost", f"{day} 07:30:25", "set_answered", of=f"p{day}")
        for day in range(11, 15)
    ]
    result = compare(archive(*files), snapshot(prayers=rows, attributes=attributes, logs=logs))
    assert result.does("AT") == ["AT001 a14.user ghost -> anna", "AT002 l14.user ghost -> anna"]
    assert "Times of attributes: 2 h behind the archives (learnt from 6 events)." in result.analysis.notes
    assert "Times of activity log: 2 h behind the archives (learnt from 6 events)." in result.analysis.notes


def test_a_user_recreated_with_a_clock_beside_the_archives_gets_the_tables_time() -> None:
    people = REGISTERED + "    June 01 2025 at 08:30 - Dora joined directly\n"
    users = [user(p.key, p.name, f"01 06:{n}0:07", p.inviter) for n, p in enumerate(PEOPLE)]
    result = compare(archive(registered=people), snapshot(users))
    assert result.does("US") == ["US001 + Dora 2025-06-01 06:30 None"]


def test_where_registration_files_are_lost_the_activity_log_tells_the_clock_of_users() -> None:
    """Dora was renamed: only on the right clock did her user join in the minute of her registration."""
    log = "June 01 2025\n" + "".join(f"08:{n}0 - {p.name} registered directly\n" for n, p in enumerate(PEOPLE))
    log += "08:40 - Dora registered directly\n"
    users = [user(p.key, p.name, f"01 06:{n}0:07", p.inviter) for n, p in enumerate(PEOPLE)]
    result = compare(archive(registered="", log=log), snapshot([*users, user("d", "Dorothea", "01 06:40:05")]))
    assert f"Times of users: 2 h behind the archives (learnt from {len(PEOPLE)} events)." in result.analysis.notes
    assert [f.code for f in result.of("US")] == ["US007"]


def test_a_name_registered_twice_gives_its_late_bearer_nothing_from_before() -> None:
    people = (
        REGISTERED
        + "    June 12 2025 at 08:00 - Dora joined directly\n    June 05 2025 at 08:00 - Dora joined directly\n"
    )
    files = [
        prayer_file("rain", by="Dora"),
        prayer_file("snow", by="Dora", at="June 13 2025 at 09:00"),
    ]
    rows = [prayer(author="ghost"), prayer("snow", "phantom", "13 09:00:02")]
    result = compare(
        archive(*files, registered=people), snapshot([*PEOPLE, user("dora", "Dora", "12 08:00:09")], rows)
    )
    assert result.does("PR") == ["PR001 snow.author phantom -> dora"]
    assert result.leaves("PR") == ["PR001 rain"]


def test_nothing_depends_on_the_order_in_which_files_were_read() -> None:
    second = prayer_file("rain", "09:40 - Cleo prayed this prayer", suffix="rain_2")
    told = archive(
        RAIN, second, prayer_file("snow", by="Cleo", at="10:00"), log="09:15 - Bert prayed for prayer rain"
    )
    stored = snapshot(
        [*PEOPLE[:2], user("twin", "ANNA", "05 12:00")],
        [prayer(author="old"), prayer("snow", "old", "10:00")],
        [mark("m1", "ghost", "09:15:20"), mark("m2", "twin", "09:40:20")],
    )
    expected = sorted(analyse(told, stored, HOME).findings, key=lambda f: f.identity)
    assert expected
    for seed in range(6):
        shuffled = list(told.prayers)
        random.Random(seed).shuffle(shuffled)
        again = analyse(replace(told, prayers=tuple(shuffled)), stored, HOME)
        assert sorted(again.findings, key=lambda f: f.identity) == expected


DORA = REGISTERED + "    June 02 2025 at 08:30 - Dora joined directly\n"
HERS = prayer_file("rain", "09:15 - Dora prayed this prayer", by="Dora")


def test_what_a_repair_tool_booked_on_a_user_for_nobody_goes_back_to_its_people() -> None:
    for name in ("Unknown User", "DeletedUser7"):
        stand_in = user("u", name, "12 10:00:00")
        stored = snapshot([*PEOPLE, stand_in], [prayer(author="u")], [mark("m1", "u", "09:15:20")])
        result = compare(archive(HERS, registered=DORA), stored)
        (made,) = [f.key for f in result.of("US001")]
        assert result.does("PR") == [f"PR001 rain.author u -> {made}"]
        assert result.does("MK") == [f"MK001 m1.user u -> {made}"]


def test_whoever_registered_under_such_a_name_is_a_person() -> None:
    people = DORA + "    June 02 2025 at 08:40 - Unknown User joined directly\n"
    stored = snapshot([*PEOPLE, user("u", "Unknown User", "02 08:40:03")], [prayer(author="u")])
    result = compare(archive(HERS, registered=people), stored)
    assert [f.code for f in result.of("PR")] == ["PR002"]
