"""Archives, read and written again, are the same bytes: the reader loses nothing, the writer is exact."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.community.make import make_community
from scripts.community.options import Options
from tests.unit.archives.roundtrip import WRITERS, comparable, written_again
from tests.unit.archives.strategies import ID, forged_text, plain_name
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.decode import decode
from thywill_reconstruct.archives.formats import activity_lines, pipe_tables, prayers
from thywill_reconstruct.archives.parsed import UNREAD
from thywill_reconstruct.archives.registry import find_format
from thywill_reconstruct.times import MINUTES_PER_DAY, human_minute

BEGIN = human_minute("July 01 2025", "00:00") or 0


def same_bytes(root: Path) -> Counter[str]:
    """Assert that every sound live file of an archive comes out as it went in; return how many of which kind."""
    seen: Counter[str] = Counter()
    for path in sorted(root.rglob("*.txt")):
        name = path.relative_to(root).as_posix()
        entry = find_format(name)
        if entry is None or entry.parse is None or entry.kind not in WRITERS:
            continue
        text = decode(path.read_bytes()).text
        parsed = entry.parse(name, text) if text.strip("\0") else None
        if parsed is None or any(problem.code in UNREAD or problem.code == "AR005" for problem in parsed.problems):
            continue
        if entry.kind == "prayer" and parsed.prayers[0].prayer_id is None and "Prayer temp" not in text:
            continue
        assert written_again(entry.kind, name, parsed) == comparable(entry.kind, text), name
        seen[entry.kind] += 1
    return seen


def test_the_shipped_community(community: Path) -> None:
    seen = same_bytes(community / "text_archives")
    assert seen["prayer"] > 100
    assert {"activity", "registrations", "prayer"} <= set(seen)


@pytest.mark.parametrize("era", ["v1", "v2"])
def test_generated_communities(tmp_path: Path, era: str) -> None:
    make_community(tmp_path / "made", Options(users=25, prayers=60, seed=11, era=era, exports=era == "v2"))
    seen = same_bytes(tmp_path / "made" / "text_archives")
    assert seen["prayer"] > 40
    assert {"activity", "registrations", "invite-usage", "sessions", "event-log", "membership"} <= set(seen)


minutes = st.integers(BEGIN, BEGIN + 30 * MINUTES_PER_DAY)
predicates = st.sampled_from(
    [
        render.PRAYED, render.ANSWERED, render.ARCHIVED, render.RESTORED, render.testimony("Home.\n\nPraise: all!"),
        render.attribute_set("answered", "true"), render.attribute_set("archived", "true", "None"),
        render.attribute_removed("archived", "true"), render.attribute_set("answer_testimony", "It's\ndone"),
    ]
)  # fmt: skip


@given(
    plain_name, minutes, forged_text, st.none() | forged_text, st.lists(st.tuples(minutes, plain_name, predicates))
)
def test_any_prayer_file_whose_sections_are_plain(
    name: str, minute: int, text: str, generated: str | None, lines: list[tuple[int, str, str]]
) -> None:
    made = render.prayer_file(ID, name, minute, text, generated or None)
    made += "".join(render.activity_line(*line) for line in lines)
    path = f"prayers/2025/07/{render.prayer_file_stem(minute)}.txt"
    parsed = prayers.parse(path, made)
    if not parsed.problems:
        assert written_again("prayer", path, parsed) == made


TABLES = {
    "auth/2025_07_auth_requests.txt": pipe_tables.AUTH_REQUESTS,
    "auth/2025_07_auth_approvals.txt": pipe_tables.AUTH_APPROVALS,
    "auth/2025_07_security_events.txt": pipe_tables.SECURITY_EVENTS,
    "auth/notifications/2025_07_notifications.txt": pipe_tables.NOTIFICATIONS,
    "roles/2025_07_role_assignments.txt": pipe_tables.ROLE_ASSIGNMENTS,
    "roles/role_history.txt": pipe_tables.ROLE_HISTORY,
    "prayers/attributes/2025_07_attributes.txt": pipe_tables.ATTRIBUTES,
    "prayers/marks/2025_07_marks.txt": pipe_tables.MARKS,
    "prayers/skips/2025_07_skips.txt": pipe_tables.SKIPS,
    "system/2025_07_feature_flags.txt": pipe_tables.FEATURE_FLAGS,
}
values = st.text("abcXYZ 0123.,:;()'é", max_size=12)


@pytest.mark.parametrize("path", TABLES)
@given(st.data())
def test_any_table(path: str, data: st.DataObject) -> None:
    table = TABLES[path]
    title = table.title + ("July 2025" if table.title.endswith(" for ") else "")
    made = render.table_header(title, table.columns)
    for _ in range(data.draw(st.integers(0, 4))):
        row = ["2025-07-16T13:05:33.120001", *(data.draw(values) for _ in table.columns[1:])]
        made += render.table_line(row)
    entry = find_format(path)
    assert entry is not None
    assert entry.parse is not None
    parsed = entry.parse(path, made)
    assert parsed.problems == []
    assert written_again(entry.kind, path, parsed) == made


def test_every_predicate_of_the_writer_is_known_to_the_reader() -> None:
    for word in (render.PRAYED, render.ANSWERED, render.ARCHIVED, render.RESTORED):
        assert activity_lines.read_shape(f"Max {word}").kind not in ("other", "unknown")
