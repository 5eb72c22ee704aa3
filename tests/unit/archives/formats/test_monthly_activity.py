from __future__ import annotations

import pytest
from hypothesis import given

from tests.linear import assert_linear
from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import hostile_name, hostile_text, plain_name
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats.monthly_activity import parse, read_action
from thywill_reconstruct.times import human_minute

ID = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"
MINUTE = human_minute("July 06 2025", "09:05") or 0
HEAD = render.activity_header(2025, 7) + render.date_header(MINUTE)


def test_header_is_written_as_the_application_does() -> None:
    assert HEAD == "Activity for July 2025\n\n\nJuly 06 2025\n"


def test_days_apply_to_the_lines_behind_them() -> None:
    text = HEAD + "09:05 - Max registered directly\n" + render.date_header(MINUTE + 1440)
    text += f"08:00 - Mary Johnson prayed for prayer {ID}\n"
    parsed = read(parse, text, "activity/activity_2025_07.txt")
    assert codes(parsed) == []
    assert list(parsed.log) == [
        ("registered", "Max", MINUTE, "", "", "activity/activity_2025_07.txt", 5),
        ("prayed", "Mary Johnson", MINUTE + 1440 - 65, ID, "", "activity/activity_2025_07.txt", 8),
    ]


@pytest.mark.parametrize(
    ("rest", "action"),
    [
        (f"Max prayed for prayer {ID}", ("prayed", "Max", ID, "")),
        ("Max prayed for prayer test_prayer_1", ("prayed", "Max", "test_prayer_1", "")),
        (f"Max marked prayer {ID} as answered", ("answered", "Max", ID, "")),
        (f"Max archived prayer {ID}", ("archived", "Max", ID, "")),
        (f"Max restored prayer {ID}", ("restored", "Max", ID, "")),
        (f"Max added testimony for prayer {ID}", ("testimony", "Max", ID, "")),
        (f"Max flagged prayer {ID}", ("flagged", "Max", ID, "")),
        (f"Max submitted prayer {ID}", ("submitted", "Max", ID, "")),
        (f"Max submitted prayer {ID} (family: (home))", ("submitted", "Max", ID, "family: (home)")),
        ("Max submitted prayer 123 (x)", ("submitted", "Max", "123", "x")),
        ("Max registered directly", ("registered", "Max", "", "")),
        ("Max registered via invitation from A - B", ("registered", "Max", "", "A - B")),
        # trap T14: a tag is typed text
        (
            f"Max submitted prayer {ID} (x prayed for prayer {ID})",
            ("submitted", "Max", ID, f"x prayed for prayer {ID}"),
        ),
        (
            f"Max submitted prayer {ID} (Bob registered directly)",
            ("submitted", "Max", ID, "Bob registered directly"),
        ),
        # trap T4: names
        (f"A prayed for prayer B archived prayer {ID}", ("archived", "A prayed for prayer B", ID, "")),
        (
            f"A registered via invitation from B prayed for prayer {ID}",
            ("prayed", "A registered via invitation from B", ID, ""),
        ),
        ("Max danced", ("", "", "", "")),
        ("prayed for prayer x", ("other", "", "x", "prayed for")),
    ],
)
def test_actions(rest: str, action: tuple[str, str, str, str]) -> None:
    assert read_action(rest) == action


def test_a_registration_with_two_readings_is_no_registration() -> None:
    parsed = read(parse, HEAD + "09:05 - A registered via invitation from B registered directly\n")
    assert codes(parsed) == ["AR012"]
    assert [one.kind for one in parsed.log] == ["other"]


def test_damaged_lines() -> None:
    text = HEAD + "".join(
        [
            "25:00 - Max registered directly\n",
            f"09:05 - Ma09:07 - Anna prayed for prayer {ID}\n",
            "nonsense\n",
            "February 30 2025\n",
            f"09:05 - Max prayed for prayer {ID}\n",
        ]
    )
    parsed = read(parse, text)
    assert codes(parsed) == ["AR007", "AR009", "AR002", "AR007", "AR007"]
    assert list(parsed.log) == []


def test_records_before_any_date() -> None:
    parsed = read(parse, f"Activity for July 2025\n09:05 - Max prayed for prayer {ID}\n")
    assert (codes(parsed), list(parsed.log)) == (["AR002"], [])


def test_a_name_with_a_line_end_is_no_witness() -> None:
    parsed = read(parse, HEAD + f"09:05 - a\n09:06 - Bob prayed for prayer {ID}\n")
    assert (codes(parsed), list(parsed.log)) == (["AR002", "AR002"], [])


def test_a_tag_with_a_line_end_is_no_witness() -> None:
    parsed = read(parse, HEAD + f"09:05 - Max submitted prayer {ID} (a\n09:06 - Bob prayed for prayer {ID}\n")
    assert [one.kind for one in parsed.log] == ["submitted"]
    assert "AR002" in codes(parsed)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"09:05 - Max prayed for prayer {ID}", True),
        (f"09:05 - Max prayed for prayer {ID[:9]}", False),
        (f"09:05 - Max marked prayer {ID} as answered", True),
        ("09:05 - Max registered directly", True),
        ("09:05 - Max registered via invitation from il", False),
        ("09:0", False),
    ],
)
def test_cut_last_lines(line: str, kept: bool) -> None:
    parsed = read(parse, HEAD + line)
    assert len(parsed.log) == kept
    assert codes(parsed) == ([] if kept else ["AR001"])


@pytest.mark.parametrize(
    "piece",
    [
        f" submitted prayer {ID}",
        " prayed for prayer ",
        "09:05 - ",
        " (",
        " registered via invitation from ",
        "a",
        " ",
    ],
)
def test_hostile_lines_are_linear(piece: str) -> None:
    def work(size: int) -> None:
        for ending in ("", f" prayed for prayer {ID}", " as answered", " registered directly"):
            read(parse, HEAD + "09:05 - " + piece * (size // len(piece)) + ending + "\n")

    assert_linear(work)


@given(hostile_name, hostile_text)
def test_every_entry_is_what_was_written(name: str, tag: str) -> None:
    tag = tag.replace("\n", " ")
    for kind, action, detail in (
        ("prayed", f"prayed for prayer {ID}", ""),
        ("archived", f"archived prayer {ID}", ""),
        ("answered", f"marked prayer {ID} as answered", ""),
        ("submitted", f"submitted prayer {ID} ({tag})", tag),
    ):
        for one in read(parse, HEAD + render.log_line(MINUTE, name, action)).log:
            assert (one.kind, one.actor, one.prayer_id, one.detail) == (kind, name, ID, detail)


@given(hostile_text)
def test_every_line_is_accounted_for(text: str) -> None:
    read(parse, text)


@given(plain_name, plain_name)
def test_rendered_lines_come_back(name: str, inviter: str) -> None:
    actions = [f"prayed for prayer {ID}", "registered directly", f"registered via invitation from {inviter}"]
    text = HEAD + "".join(render.log_line(MINUTE, name, action) for action in actions)
    parsed = read(parse, text)
    assert codes(parsed) == []
    assert [(one.actor, one.detail) for one in parsed.log] == [(name, ""), (name, ""), (name, inviter)]
