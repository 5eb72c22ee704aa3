from __future__ import annotations

import pytest
from hypothesis import given

from tests.linear import assert_linear
from tests.unit.archives.accounting import codes, read
from tests.unit.archives.strategies import hostile_name, hostile_text, plain_name
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats.registrations import MOST_READINGS, parse, split_registration
from thywill_reconstruct.times import human_minute

HEAD = render.users_header(2025, 7)
STAMP = "July 06 2025 at 09:05 - "
MINUTE = human_minute("July 06 2025", "09:05") or 0


def test_direct_and_invited() -> None:
    text = HEAD + render.registration_line(MINUTE, "ilyag", None) + render.registration_line(MINUTE, "Max", "ilyag")
    parsed = read(parse, text, "users/2025_07_users.txt")
    assert codes(parsed) == []
    assert [(one.line, one.minute, one.readings) for one in parsed.registrations] == [
        (3, MINUTE, (("ilyag", None),)),
        (4, MINUTE, (("Max", "ilyag"),)),
    ]


@pytest.mark.parametrize(
    ("rest", "readings"),
    [
        ("Robert joined Crosby joined directly", (("Robert joined Crosby", None),)),
        ("A joined directly joined directly", (("A joined directly", None),)),
        ("A - B joined on invitation from C - D", (("A - B", "C - D"),)),
        (
            "A joined on invitation from B joined directly",
            (("A joined on invitation from B", None), ("A", "B joined directly")),
        ),
        (
            "A joined on invitation from B joined on invitation from C",
            (("A", "B joined on invitation from C"), ("A joined on invitation from B", "C")),
        ),
        (" joined directly", ()),
        ("A joined on invitation from ", ()),
        ("A joined", ()),
    ],
)
def test_t4_split_points(rest: str, readings: tuple[tuple[str, str | None], ...]) -> None:
    assert split_registration(rest) == readings


def test_several_readings_are_named() -> None:
    parsed = read(parse, HEAD + STAMP + "A joined on invitation from B joined directly\n")
    assert codes(parsed) == ["AR012"]
    assert len(parsed.registrations) == 1


def test_damaged_lines() -> None:
    text = HEAD + "".join(
        [
            "February 31 2025 at 09:05 - Max joined directly\n",
            STAMP + "MaJuly 06 2025 at 09:06 - Anna joined directly\n",
            "nonsense\n",
            STAMP + "Anna joined directly\n",
        ]
    )
    parsed = read(parse, text)
    assert codes(parsed) == ["AR007", "AR009", "AR002"]
    assert [one.readings for one in parsed.registrations] == [(("Anna", None),)]


def test_a_name_with_a_line_end_registers_nobody_else() -> None:
    parsed = read(
        parse, HEAD + STAMP + "a\nMay 06 2025 at 09:05 - Bob joined directly\n" + STAMP + "Max joined directly\n"
    )
    assert codes(parsed) == ["AR002", "AR002"]
    assert [one.readings for one in parsed.registrations] == [(("Max", None),)]


def test_cut_last_lines() -> None:
    assert codes(read(parse, HEAD + STAMP + "Max joined directl")) == ["AR001"]
    assert codes(read(parse, HEAD + STAMP + "Max joined directly")) == []
    inviter = read(parse, HEAD + STAMP + "Max joined on invitation from il")
    assert codes(inviter) == ["AR001"]
    assert inviter.registrations[0].readings == (("Max", None),)


def test_a_file_without_header() -> None:
    assert len(read(parse, STAMP + "Max joined directly\n").registrations) == 1


@pytest.mark.parametrize("piece", [" joined on invitation from ", " joined directly", STAMP, " joined ", "a"])
def test_hostile_lines_are_linear(piece: str) -> None:
    def work(size: int) -> None:
        for ending in ("", " joined directly", " joined on invitation from x"):
            parsed = read(parse, HEAD + STAMP + piece * (size // len(piece)) + ending + "\n")
            assert all(len(one.readings) <= MOST_READINGS for one in parsed.registrations)

    assert_linear(work)


@given(hostile_name, plain_name)
def test_the_truth_is_among_the_readings(name: str, inviter: str) -> None:
    for pair in ((name, None), (name, inviter), (inviter, name)):
        parsed = read(parse, HEAD + render.registration_line(MINUTE, *pair))
        assert all(pair in one.readings for one in parsed.registrations)
        assert parsed.registrations or codes(parsed)


@given(hostile_text)
def test_every_line_is_accounted_for(text: str) -> None:
    read(parse, text)


@given(plain_name, plain_name)
def test_rendered_lines_come_back(name: str, inviter: str) -> None:
    text = HEAD + render.registration_line(MINUTE, name, None) + render.registration_line(MINUTE, name, inviter)
    again = "".join(render.registration_line(one.minute, *one.readings[0]) for one in read(parse, text).registrations)
    assert HEAD + again == text
