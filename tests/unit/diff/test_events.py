"""Events: file and log together, and which of them are confirmed."""

from __future__ import annotations

from tests.factories import Prayed, archive, minute, prayer_file
from thywill_reconstruct.diff.events import Coverage, Event, log_coverage, prayer_events
from thywill_reconstruct.diff.sources import gather

PRAYED = frozenset({"prayed"})
BERT = "09:15 - Bert prayed this prayer"
BERT_LOGGED = "09:15 - Bert prayed for prayer rain"


def events(*files: Prayed, log: str | None = None, kinds: frozenset[str] = PRAYED) -> list[Event]:
    told = archive(*files, log=log)
    source = gather(told, ()).prayers["rain"]
    return prayer_events(source, kinds, lambda name, _: name.lower(), log_coverage(told))


def told(found: list[Event]) -> list[tuple[str, str, bool, bool]]:
    """(who, clock, confirmed, in file and log)."""
    return [(e.who, f"{e.minute % 1440 // 60:02}:{e.minute % 60:02}", e.sure, e.both) for e in found]


def test_file_and_log_of_one_event_are_one() -> None:
    found = events(prayer_file("rain", BERT), log=BERT_LOGGED)
    assert told(found) == [("bert", "09:15", True, True)]
    assert found[0].places == (f"{prayer_file().path}:7", "activity/activity_2025_06.txt:5")
    assert (found[0].lane, found[0].order) == ("activity/activity_2025_06.txt", 5)


def test_a_minute_apart_they_are_still_one_and_the_files_time_counts() -> None:
    assert told(events(prayer_file("rain", BERT), log=BERT_LOGGED.replace("15", "16"))) == [
        ("bert", "09:15", True, True)
    ]


def test_two_minutes_apart_neither_proves_the_other() -> None:
    """As with offline marks: the file has the client's time, the log the server's."""
    found = events(prayer_file("rain", BERT), log=BERT_LOGGED.replace("15", "25"))
    assert told(found) == [("bert", "09:15", False, False), ("bert", "09:25", False, False)]


def test_a_line_without_a_log_is_confirmed_by_its_place() -> None:
    assert told(events(prayer_file("rain", BERT))) == [("bert", "09:15", True, False)]


def test_a_line_that_the_log_would_have_is_not() -> None:
    assert told(events(prayer_file("rain", BERT), log="10:00 - Cleo prayed for prayer snow")) == [
        ("bert", "09:15", False, False)
    ]


def test_a_line_that_follows_a_testimony_needs_the_log() -> None:
    file = prayer_file("rain", "09:00 - Anna added testimony: It rained.", BERT)
    assert told(events(file)) == [("bert", "09:15", False, False)]
    assert told(events(file, log=BERT_LOGGED)) == [("bert", "09:15", True, True)]


def test_kinds_that_the_application_never_logs_do_not_need_it() -> None:
    file = prayer_file("rain", "09:15 - Bert flagged this prayer")
    found = events(file, log="10:00 - Cleo prayed for prayer snow", kinds=frozenset({"flagged"}))
    assert told(found) == [("bert", "09:15", True, False)]


def test_a_log_line_alone_is_confirmed() -> None:
    assert told(events(prayer_file("rain"), log=BERT_LOGGED)) == [("bert", "09:15", True, False)]


def test_two_lines_of_one_minute_are_two_events() -> None:
    assert len(events(prayer_file("rain", BERT, BERT))) == 2
    assert len(events(prayer_file("rain", BERT, BERT), log=BERT_LOGGED)) == 2
    assert [e.both for e in events(prayer_file("rain", BERT, BERT), log=f"{BERT_LOGGED}\n{BERT_LOGGED}")] == [
        True,
        True,
    ]


def test_of_a_doubtful_line_and_a_certain_one_the_certain_one_gets_the_log_line() -> None:
    file = prayer_file("rain", BERT, "09:15 - Anna added testimony: It rained.", BERT)
    assert sorted(e.sure for e in events(file, log=BERT_LOGGED)) == [False, True]


def test_several_files_of_one_prayer_repeat_each_other() -> None:
    one = prayer_file("rain", BERT)
    two = prayer_file("rain", BERT.replace("15", "16"), "09:40 - Cleo prayed this prayer", suffix="rain_2")
    assert told(events(one, two)) == [("bert", "09:15", True, False), ("cleo", "09:40", True, False)]


def test_a_second_line_in_the_second_file_is_a_second_event() -> None:
    two = prayer_file("rain", BERT, BERT, suffix="rain_2")
    assert len(events(prayer_file("rain", BERT), two)) == 2


def test_coverage_is_whole_months_up_to_the_last_line() -> None:
    coverage = log_coverage(archive(log="10:00 - Anna prayed for prayer rain"))
    assert coverage.holds(minute("10:00"))
    assert coverage.holds(minute("01 00:00"))
    assert not coverage.holds(minute("10:01"))
    assert not coverage.holds(minute("2025-05-31 10:00"))
    assert log_coverage(archive()) == Coverage(frozenset(), -1)
