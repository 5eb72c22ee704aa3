"""Rows of older exports as witnesses: they confirm, they know ids and owners, and they never beat a live line."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.factories import (
    DAY,
    Prayed,
    Result,
    archive,
    attribute,
    compare,
    logged,
    mark,
    path_of,
    prayer,
    prayer_file,
    snapshot,
)

# The log covers June up to ten o'clock and knows nothing of Bert's mark, so that the line alone proves nothing.
COVERED = "09:00 - Anna submitted prayer rain\n10:00 - Anna archived prayer rain\n"
ALONE = prayer_file("rain", "09:15 - Bert prayed this prayer", "10:00 - Anna archived this prayer")
OLD_ID = "b" * 32


def marks_export(*rows: str) -> dict[str, str]:
    head = f"Prayer Marks (exported {DAY} at 23:00)\nFormat: id|created_at|prayer_id|username\n\n"
    return {"prayers/prayer_marks.txt": head + "".join(f"\n{row}" for row in rows)}


def logs_export(*rows: str) -> dict[str, str]:
    head = "Prayer Activity Logs\nFormat: id|created_at|prayer_id|user_id|action|old_value|new_value\n\n"
    return {"prayers/prayer_activity_logs.txt": head + "".join(f"\n{row}" for row in rows)}


def json_export(**tables: object) -> dict[str, str]:
    return {"community_export_2025-06-20.json": json.dumps(tables, indent=2)}


def compared(file: Prayed, files: dict[str, str], log: str | None = COVERED, **rows: Sequence[object]) -> Result:
    rows.setdefault("prayers", [prayer(file.prayer, path=path_of(file))])
    return compare(archive(file, log=log, files=files), snapshot(**rows))  # type: ignore[arg-type]


def test_an_export_confirms_a_line_that_nothing_else_proves() -> None:
    assert compared(ALONE, {}).does("MK") == []
    result = compared(ALONE, marks_export(f"m1|{DAY} at 09:15|rain|Bert"))
    assert result.does("MK") == ["MK002 + bert rain 2025-06-10 09:15"]
    (finding,) = result.of("MK002")
    assert "prayers/prayer_marks.txt:5" in finding.evidence


def test_an_exported_row_tells_of_one_event_only() -> None:
    """Trap T13: two lines of one minute need two rows."""
    twice = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:15 - Bert prayed this prayer")
    rows = [f"m1|{DAY} at 09:15|rain|Bert", f"m2|{DAY} at 09:15|rain|Bert"]
    assert len(compared(twice, marks_export(*rows[:1])).does("MK")) == 1
    assert len(compared(twice, marks_export(*rows)).does("MK")) == 2
    assert len(compared(twice, marks_export(rows[0], rows[0])).does("MK")) == 1


def test_another_person_prayer_or_time_confirms_nothing() -> None:
    for row in (f"m1|{DAY} at 09:15|rain|Cleo", f"m1|{DAY} at 09:15|snow|Bert", f"m1|{DAY} at 09:20|rain|Bert"):
        result = compared(ALONE, marks_export(row))
        assert (result.does("MK"), len(result.of("AR010"))) == ([], 1)


def test_a_lost_mark_gets_its_old_id_back() -> None:
    result = compared(ALONE, marks_export(f"{OLD_ID}|{DAY} at 09:15|rain|Bert"))
    (finding,) = result.of("MK002")
    assert finding.key == OLD_ID


def test_an_id_that_is_in_use_or_open_is_not_given_again() -> None:
    used = compared(
        ALONE,
        marks_export(f"{OLD_ID}|{DAY} at 09:15|rain|Bert"),
        marks=[mark(OLD_ID, "cleo", "09:50", of="snow")],
        prayers=[prayer("rain", path=path_of(ALONE)), prayer("snow")],
    )
    assert [f.key for f in used.of("MK002")] != [OLD_ID]
    crowd = prayer_file("rain", "09:15 - Bert prayed this prayer", "09:16 - Bert prayed this prayer")
    rows = [f"{letter * 32}|{DAY} at 09:1{n}|rain|Bert" for letter, n in (("b", 5), ("c", 6))]
    keys = [f.key for f in compared(crowd, marks_export(*rows)).of("MK002")]
    assert len(set(keys)) == 2


def test_the_json_export_says_whose_a_dangling_mark_was() -> None:
    """No archive line tells of the mark any more; the export pairs its id with a user id, and that with a name."""
    users = [{"id": "old", "display_name": "Cleo"}]
    told = [{"id": "m9", "user_id": "old", "prayer_id": "rain", "created_at": "2025-06-10T09:30:20.100000Z"}]
    rows = [mark("m9", "None", "09:30:20.1")]
    silent = prayer_file("rain")
    assert compared(silent, {}, log=None, marks=rows).does("MK") == []
    result = compared(silent, json_export(users=users, prayer_marks=told), log=None, marks=rows)
    assert result.does("MK") == ["MK001 m9.user None -> cleo"]
    for other in ({"prayer_id": "snow"}, {"created_at": "2025-06-10T09:31:20Z"}):
        result = compared(silent, json_export(users=users, prayer_marks=[{**told[0], **other}]), log=None, marks=rows)
        assert result.does("MK") == []


def test_two_exports_that_disagree_say_nothing() -> None:
    users = [{"id": "old", "display_name": "Cleo"}, {"id": "older", "display_name": "Bert"}]
    told = {"id": "m9", "prayer_id": "rain", "created_at": "2025-06-10T09:30:20.100000Z"}
    both = [{**told, "user_id": "old"}, {**told, "user_id": "older"}]
    result = compared(
        prayer_file("rain"),
        json_export(users=users, prayer_marks=both),
        log=None,
        marks=[mark("m9", "None", "09:30:20.1")],
    )
    assert result.does("MK") == []


def test_a_live_line_beats_an_export() -> None:
    """The file says Bert, an old export says Cleo: nothing an export says is worth more than a live line."""
    file = prayer_file("rain", "09:15 - Bert prayed this prayer")
    live = f"{COVERED}09:15 - Bert prayed for prayer rain\n"
    result = compared(
        file, marks_export(f"m1|{DAY} at 09:15|rain|Cleo"), log=live, marks=[mark("m1", "ghost", "09:15:20")]
    )
    assert result.does("MK") == ["MK001 m1.user ghost -> bert"]
    living = compared(
        file, marks_export(f"m1|{DAY} at 09:15|rain|Cleo"), log=live, marks=[mark("m1", "bert", "09:15:20")]
    )
    assert living.of("MK") == []


def test_an_author_whom_only_the_export_names() -> None:
    users = [{"id": "old", "display_name": "Cleo"}]
    told = [{"id": "snow", "author_id": "old", "text": "x", "created_at": "2025-06-10T09:00:03.100000Z"}]
    rain = prayer_file("rain")
    rows: Sequence[object] = [prayer("rain", path=path_of(rain)), prayer("snow", "None", path=None)]
    result = compared(rain, json_export(users=users, prayers=told), log=None, prayers=rows)
    assert result.does("PR") == ["PR001 snow.author None -> cleo"]
    assert compared(rain, {}, log=None, prayers=rows).does("PR") == []


def test_attributes_and_log_rows_that_no_line_tells_of() -> None:
    head = "Prayer Attributes\nFormat: id|created_at|prayer_id|attribute_name|attribute_value|created_by\n\n\n"
    files = {
        "prayers/prayer_attributes.txt": f"{head}a1|{DAY} at 11:00|rain|daily_priority|2025-06-10|Bert",
        **logs_export(f"l1|{DAY} at 11:00|rain|Bert|set_daily_priority||2025-06-10"),
    }
    rows: dict[str, Sequence[object]] = {
        "attributes": [attribute("a1", "ghost", "11:00:20", "daily_priority", "2025-06-10")],
        "logs": [logged("l1", "phantom", "11:00:40", "set_daily_priority", "2025-06-10")],
    }
    assert compared(prayer_file("rain"), {}, log=None, **rows).does("AT") == []
    result = compared(prayer_file("rain"), files, log=None, **rows)
    assert result.does("AT") == ["AT001 a1.user ghost -> bert", "AT002 l1.user phantom -> bert"]


def test_an_exported_log_row_confirms_a_testimony() -> None:
    """A testimony behind another one could be a part of it (trap T11), unless a second source tells of it."""
    file = prayer_file("rain", "09:20 - Anna added testimony: thanks", "09:40 - Bert marked this prayer as answered")
    rows: Sequence[object] = [attribute("a1", "ghost", "09:40:20")]
    doubtful = compared(file, {}, log=None, attributes=rows)
    confirmed = compared(
        file, logs_export(f"l1|{DAY} at 09:40|rain|Bert|set_answered||true"), log=None, attributes=rows
    )
    assert confirmed.does("AT") == ["AT001 a1.user ghost -> bert"]
    assert confirmed.of("AT001")[0].evidence != doubtful.of("AT001")[0].evidence
