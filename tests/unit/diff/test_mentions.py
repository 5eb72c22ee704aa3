"""Which names the archives mention and how, and what shared events say about names and keys."""

from __future__ import annotations

from tests.factories import (
    PEOPLE,
    REGISTERED,
    Prayed,
    archive,
    mark,
    minute,
    prayer,
    prayer_file,
    snapshot,
    token,
    user,
)
from thywill_reconstruct.database.rows import Reference, Snapshot
from thywill_reconstruct.diff.clocks import Clock
from thywill_reconstruct.diff.context import by_prayer
from thywill_reconstruct.diff.mentions import collect_mentions, collect_records, collect_relations, is_nobody
from thywill_reconstruct.diff.registrations import read_joinings
from thywill_reconstruct.diff.sources import gather
from thywill_reconstruct.identity.model import Mention, Relations
from thywill_reconstruct.records import Archive

ANNA, BERT, CLEO = PEOPLE


def mentions(told: Archive) -> dict[str, Mention]:
    return {m.name: m for m in collect_mentions(told, read_joinings(told, frozenset())[0])}


def relations(told: Archive, stored: Snapshot) -> Relations:
    statements, _ = read_joinings(told, frozenset())
    sources = gather(told, stored.prayers).prayers
    records = collect_records(
        stored, sources, by_prayer(stored.marks), Clock(), Clock(), statements, told.invite_uses
    )
    return collect_relations(stored, records)


def test_how_a_name_is_mentioned() -> None:
    file = prayer_file("rain", "09:15 - Bert prayed this prayer")
    log = "09:00 - Anna submitted prayer rain\n09:15 - Bert prayed for prayer rain"
    found = mentions(archive(file, log=log))
    assert found["Anna"].registered == (minute("01 08:00"),)
    assert (found["Anna"].logged, found["Bert"].logged, found["Cleo"].logged) == (1, 1, 0)
    assert found["Anna"].first == minute("01 08:00")
    assert found["Anna"].places[0] == "users/2025_06_users.txt:3"


def test_a_name_that_only_a_doubtful_line_writes_is_no_mention() -> None:
    file = prayer_file("rain", "09:10 - Anna added testimony: It rained.", "09:15 - Zacharias prayed this prayer")
    assert "Zacharias" not in mentions(archive(file))


def test_a_name_of_a_token_line_is_one_but_a_key_and_the_system_are_none() -> None:
    lines = f"2025-06-01T08:10:02|t1|Dora|system|token_used\n2025-06-01T08:10:02|t2|{'a' * 32}|admin|token_used"
    found = mentions(archive(invites=lines))
    assert set(found) == {"Anna", "Bert", "Cleo", "Dora"}
    assert (found["Dora"].first, found["Dora"].logged) == (None, 0)


def test_prayers_tell_whose_a_key_is_or_was() -> None:
    files = [
        prayer_file("rain", by="Cleo"),
        prayer_file("snow", by="Cleo", at="09:30"),
        prayer_file("hail", by="None", at="09:40"),
    ]
    rows = [
        prayer("rain", "old"),
        prayer("snow", "anna", "09:30"),
        prayer("hail", "old", "09:40"),
        prayer("fog", "old"),
    ]
    found = relations(archive(*files), snapshot(prayers=rows))
    assert found.vanished == {"old": {"Cleo": 1}}
    assert found.living["Cleo"]["anna"] == 1
    assert found.references["old"] == 3


def test_the_log_names_the_author_before_the_file_does() -> None:
    found = relations(
        archive(prayer_file("rain", by="Bert"), log="09:00 - Cleo submitted prayer rain"),
        snapshot(prayers=[prayer(author="old")]),
    )
    assert found.vanished == {"old": {"Cleo": 1}}


def marked(*lines: str) -> Prayed:
    return prayer_file("rain", *lines)


def test_marks_tell_where_both_sides_have_one_person_in_the_minute() -> None:
    file = marked(
        "09:15 - Bert prayed this prayer",
        "09:20 - Cleo prayed this prayer",
        "09:30 - Cleo prayed this prayer",
        "09:30 - Bert prayed this prayer",
    )
    rows = [
        mark("m1", "old", "09:15:20"),
        mark("m2", "cleo", "09:20:20"),
        mark("m3", "old", "09:30:20"),
        mark("m4", "old", None),
    ]
    assert relations(archive(file), snapshot(prayers=[prayer()], marks=rows)).vanished == {"old": {"Bert": 1}}


def test_marks_are_read_from_the_files_where_there_is_no_log() -> None:
    file = marked("09:15 - Bert prayed this prayer", "09:20 - Cleo prayed this prayer")
    stored = snapshot(prayers=[prayer()], marks=[mark("m1", "anna", "09:15:20"), mark("m2", "cleo", "09:20:20")])
    assert relations(archive(file), stored).living["Bert"] == {"anna": 1}
    assert relations(archive(file), stored).living["Cleo"] == {"cleo": 1}


def test_marks_are_read_where_prayers_of_another_point_at_the_bearer_of_a_name() -> None:
    files = [prayer_file("rain", "09:15 - Bert prayed this prayer", by="Anna")]
    stored = snapshot(prayers=[prayer("rain", "bert")], marks=[mark("m1", "anna", "09:15:20")])
    assert relations(archive(*files), stored).living["Bert"] == {"anna": 1}


def test_two_keys_in_one_minute_tell_nothing() -> None:
    rows = [mark("m1", "old", "09:15:20"), mark("m2", "older", "09:15:30")]
    found = relations(archive(marked("09:15 - Bert prayed this prayer")), snapshot(prayers=[prayer()], marks=rows))
    assert found.vanished == {}


def test_doubtful_lines_tell_nothing() -> None:
    file = marked("09:10 - Anna added testimony: It rained.", "09:15 - Bert prayed this prayer")
    rows = [mark("m1", "old", "09:15:20")]
    assert relations(archive(file), snapshot(prayers=[prayer()], marks=rows)).vanished == {}


def test_inviters_tell_by_the_invited_persons_name() -> None:
    found = relations(archive(), snapshot([ANNA, BERT._replace(inviter="old"), CLEO]))
    assert found.vanished == {"old": {"Anna": 1}}
    assert found.living == {"Anna": {"anna": 1}}


def test_a_claim_tells_if_one_person_registered_then_and_one_key_claimed() -> None:
    key, other = "d" * 32, "e" * 32
    line = f"2025-06-01T08:10:02|t1|{key}|anna|token_used"
    assert relations(archive(invites=line), snapshot()).vanished == {key: {"Bert": 1}}
    both = f"{line}\n2025-06-01T08:10:09|t2|{other}|anna|token_used"
    assert relations(archive(invites=both), snapshot()).vanished == {}
    close = REGISTERED + "    June 01 2025 at 08:11 - Dora joined directly\n"
    assert relations(archive(registered=close, invites=line), snapshot()).vanished == {}


def test_words_for_nobody_are_no_keys() -> None:
    assert all(map(is_nobody, [None, "", " ", "None", "null", "Unknown", "unknown user", "system"]))
    assert not is_nobody("admin")
    rows = [prayer("rain", "None"), prayer("snow", "", "09:30")]
    found = relations(archive(prayer_file("rain"), prayer_file("snow", at="09:30")), snapshot(prayers=rows))
    assert found.vanished == {}
    assert not found.references


def test_every_reference_to_a_vanished_key_counts() -> None:
    stored = snapshot(
        [*PEOPLE, user("x", "X", inviter="old")],
        [prayer("rain", "old")],
        [mark("m1", "old", "09:15")],
        tokens=[token("t1", "old", "old")],
        references=[Reference("session", "user_id", "old", 5)],
    )
    assert relations(archive(), stored).references["old"] == 10
