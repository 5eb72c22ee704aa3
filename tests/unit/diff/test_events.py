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


def test_an_offline_mark_has_the_phones_time_in_the_file_and_the_uploads_in_the_log() -> None:
    """The two pair by person, prayer and count; the file's line is dated, so its time counts."""
    uploaded = BERT_LOGGED.replace("09:15", "05:40")
    assert told(events(prayer_file("rain", BERT), log=uploaded)) == [("bert", "09:15", True, True)]
    two = prayer_file("rain", BERT, BERT.replace("15", "30"))
    assert told(events(two, log=f"{uploaded}\n{uploaded}")) == [
        ("bert", "09:15", True, True),
        ("bert", "09:30", True, True),
    ]


def test_an_offline_mark_behind_a_testimony_is_a_fact_if_the_log_has_as_many_lines() -> None:
    file = prayer_file("rain", "09:00 - Anna added testimony: It rained.", BERT)
    uploaded = BERT_LOGGED.replace("15", "45")
    assert told(events(file, log=uploaded)) == [("bert", "09:15", True, True)]
    imitated = prayer_file("rain", BERT, "09:20 - Anna added testimony: It rained.", BERT.replace("15", "25"))
    assert told(events(imitated, log=uploaded)) == [("bert", "09:15", True, True), ("bert", "09:25", False, False)]


def test_of_more_file_lines_than_log_lines_nobody_can_say_which_are_offline_marks() -> None:
    two = prayer_file("rain", BERT, BERT.replace("15", "30"))
    assert {sure for _, _, sure, _ in told(events(two, log=BERT_LOGGED.replace("15", "45")))} == {False}


def test_an_upload_long_before_the_mark_is_another_event() -> None:
    file = prayer_file("rain", f"{BERT.replace('09:15', '23:50')}")
    found = events(file, log=BERT_LOGGED.replace("09:15", "02:10"))
    assert told(found) == [("bert", "02:10", False, False), ("bert", "23:50", True, False)]


def test_a_log_line_below_the_heading_of_another_day_has_the_dated_lines_time() -> None:
    """Where sources disagree about a time, a dated line beats one that is read under a heading."""
    source = gather(archive(prayer_file("rain", BERT), log="10:00 - Anna prayed for prayer snow"), ()).prayers["rain"]
    early = gather(archive(log=BERT_LOGGED), ()).prayers["rain"].log[0]
    source.log.append(early._replace(minute=early.minute - 1440))
    found = prayer_events(
        source, PRAYED, lambda name, _: name.lower(), Coverage(frozenset({"2025-06"}), minute("11:00"))
    )
    assert told(found) == [("bert", "09:15", True, True)]


def test_what_the_log_tells_oftener_than_the_file_in_one_minute_is_not_confirmed() -> None:
    found = events(prayer_file("rain", BERT), log=f"{BERT_LOGGED}\n{BERT_LOGGED}")
    assert told(found) == [("bert", "09:15", True, True), ("bert", "09:15", False, False)]


def test_a_file_older_than_the_log_confirms_an_offline_mark_once() -> None:
    """The evening's offline mark was delivered in the minute of one at the computer, which the file does not have yet."""
    found = events(
        prayer_file("rain", "00:49 - Bert prayed this prayer"),
        log="20:49 - Bert prayed for prayer rain\n20:49 - Bert prayed for prayer rain",
    )
    assert told(found) == [("bert", "00:49", True, True), ("bert", "20:49", False, False)]


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
