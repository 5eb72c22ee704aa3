from __future__ import annotations

import pytest

from tests.linear import assert_linear
from thywill_reconstruct.archives import render
from thywill_reconstruct.archives.formats.activity_lines import Section, could_be_cut_stamp, parse_section
from thywill_reconstruct.archives.parsed import UNREAD
from thywill_reconstruct.times import human_minute

MINUTE = human_minute("July 06 2025", "09:05") or 0
STAMP = "July 06 2025 at 09:05 - "


def section(*lines: str, cut: bool = False) -> Section:
    result = parse_section("f", list(lines), 1, cut)
    unread = {
        line
        for problem in result.problems
        if problem.code in UNREAD
        for line in range(problem.span.first, problem.span.last + 1)
    }
    assert result.understood + len(unread) == len(lines), result
    return result


def facts(result: Section) -> list[tuple[str, str, str, bool]]:
    return [(one.kind, one.actor, one.detail, one.doubtful) for one in result.activities]


def codes(result: Section) -> list[str]:
    return [problem.code for problem in result.problems]


@pytest.mark.parametrize(
    ("rest", "kind", "actor", "detail"),
    [
        ("Max prayed this prayer", "prayed", "Max", ""),
        ("Mary Johnson marked this prayer as answered", "answered", "Mary Johnson", ""),
        ("Max archived this prayer", "archived", "Max", ""),
        ("Max restored this prayer", "restored", "Max", ""),
        ("Max flagged this prayer", "flagged", "Max", ""),
        ("Max added testimony: She is home.", "testimony", "Max", "She is home."),
        ("Max added testimony:", "testimony", "Max", ""),
        ("Max set answered to 'true'", "set", "Max", "answered\0true"),
        ("Max set archived from 'false' to 'true'", "set", "Max", "archived\0false\0true"),
        ("Max removed archived (was 'true')", "removed", "Max", "archived\0true"),
        ("Max unknown", "unknown", "Max", ""),
        ("Max blessed: it", "other", "", "Max blessed: it"),
        # names (trap T4)
        ("Amanda prayed Montoya prayed this prayer", "prayed", "Amanda prayed Montoya", ""),
        ("Bob prayed this prayer archived this prayer", "archived", "Bob prayed this prayer", ""),
        ("A - B prayed this prayer", "prayed", "A - B", ""),
        ("O'Brien prayed this prayer", "prayed", "O'Brien", ""),
        ("Re: Max prayed this prayer", "prayed", "Re: Max", ""),
        ("'x' prayed this prayer", "prayed", "'x'", ""),
        ("  prayed this prayer", "prayed", " ", ""),
    ],
)
def test_predicates(rest: str, kind: str, actor: str, detail: str) -> None:
    result = section(STAMP + rest)
    assert facts(result) == [(kind, actor, detail, False)]
    assert result.activities[0].minute == MINUTE
    assert codes(result) == (["AR008"] if kind == "unknown" else [])
    assert not result.broken


@pytest.mark.parametrize("stamp", ["Jul 06 2025 at 09:05 - ", "July 06 2025 at 09:05:59 - "])
def test_tolerated_stamps(stamp: str) -> None:
    assert section(stamp + "Max prayed this prayer").activities[0].minute == MINUTE


def test_t8_unknown_carries_no_information() -> None:
    assert codes(section(STAMP + "Max unknown")) == ["AR008"]


def test_a_testimony_that_ends_like_a_mark_is_a_testimony() -> None:
    result = section(STAMP + "Mary added testimony: Max prayed this prayer")
    assert facts(result) == [("testimony", "Mary", "Max prayed this prayer", True)]


def test_t11_multi_line_testimony_and_the_doubt_behind_it() -> None:
    result = section(
        STAMP + "Anna prayed this prayer",
        STAMP + "Mary added testimony: She is home.",
        "",
        "Praise God: yes!",
        STAMP + "Max prayed this prayer",
        STAMP + "Max archived this prayer",
    )
    assert facts(result) == [
        ("prayed", "Anna", "", False),
        ("testimony", "Mary", "She is home.\n\nPraise God: yes!", False),
        ("prayed", "Max", "", True),
        ("archived", "Max", "", True),
    ]
    assert (result.activities[1].first, result.activities[1].last) == (2, 4)


def test_t11_multi_line_value() -> None:
    result = section(STAMP + "Max set answer_testimony to 'one", "two'", STAMP + "Max prayed this prayer")
    assert facts(result) == [("set", "Max", "answer_testimony\0one\ntwo", False), ("prayed", "Max", "", True)]


def test_a_typed_value_closes_nothing() -> None:
    result = section(STAMP + "Max set answer_testimony to 'x'", STAMP + "Bob prayed this prayer")
    assert result.activities[1].doubtful
    plain = section(STAMP + "Max set answered to 'true'", STAMP + "Bob prayed this prayer")
    assert not plain.activities[1].doubtful


def test_an_unclosed_value_is_a_problem() -> None:
    result = section(STAMP + "Max set answer_testimony to 'one", STAMP + "Bob prayed this prayer")
    assert codes(result) == ["AR002"]
    assert facts(result) == [("prayed", "Bob", "", True)]


def test_a_line_behind_no_testimony_is_a_problem() -> None:
    result = section(STAMP + "Max prayed this prayer", "and more")
    assert (codes(result), result.broken) == (["AR002"], True)


def test_a_name_with_a_line_end_cannot_forge_a_mark() -> None:
    result = section(STAMP + "a", "May 06 2025 at 09:05 - Bob prayed this prayer")
    assert facts(result)[-1] == ("prayed", "Bob", "", True)


@pytest.mark.parametrize(
    "cut",
    [
        "J", "July", "July 0", "July 06 2025 at 09:0", STAMP[:-1], STAMP, STAMP + "Mary", STAMP + "Mary prayed this praye",
        STAMP + "Mary set answered to 'tr",
    ],
)  # fmt: skip
def test_a_cut_last_line_is_a_problem(cut: str) -> None:
    result = section(STAMP + "Max prayed this prayer", cut, cut=True)
    assert (codes(result), result.broken) == (["AR001"], True)
    assert facts(result) == [("prayed", "Max", "", False)]


def test_a_whole_last_line_without_lf_is_a_record() -> None:
    result = section(STAMP + "Max prayed this prayer", cut=True)
    assert (codes(result), facts(result)) == ([], [("prayed", "Max", "", False)])


def test_a_cut_testimony_is_kept_in_doubt() -> None:
    result = section(STAMP + "Max added testimony: She is ho", cut=True)
    assert codes(result) == ["AR001"]
    assert facts(result) == [("testimony", "Max", "She is ho", True)]


def test_t5_glued_records() -> None:
    result = section("July 06 2025 at 09:05 - MaJuly 06 2025 at 09:07 - Anna prayed this prayer")
    assert codes(result) == ["AR009"]
    assert facts(result) == [("prayed", "Anna", "", True)]
    assert result.activities[0].minute == MINUTE + 2


def test_t5_twice_glued_records_are_only_reported() -> None:
    result = section(STAMP + "Ma" + STAMP + "An" + STAMP + "Bob prayed this prayer")
    assert (codes(result), facts(result)) == (["AR009"], [])


def test_t5_a_glued_testimony_is_recovered_in_doubt() -> None:
    result = section(STAMP + "Ma" + STAMP + "Anna added testimony: a", "b", STAMP + "Bob prayed this prayer")
    assert codes(result) == ["AR009"]
    assert facts(result) == [("testimony", "Anna", "a\nb", True), ("prayed", "Bob", "", True)]


def test_a_value_with_nul_is_a_problem() -> None:
    assert codes(section(STAMP + "Max set answered to 'a\0b'")) == ["AR002"]


def test_impossible_times_are_no_records() -> None:
    result = section(
        "February 31 2025 at 09:05 - Max prayed this prayer",
        "July 06 2025 at 25:00 - Max prayed this prayer",
        "July 06 2025 at 25:00 - Max added testimony: a",
        "b",
    )
    assert (codes(result), facts(result)) == (["AR007"] * 3, [])


def test_cut_stamps() -> None:
    assert could_be_cut_stamp("Ju")
    assert could_be_cut_stamp("December 31 2025 at 1")
    assert not could_be_cut_stamp("Jesus")


@pytest.mark.parametrize(
    "piece",
    [
        STAMP, " prayed this prayer", " added testimony: ", " set a to '", " set ", " removed a (was '", "' to '", "July ", "a",
        " unknown", ": ", "'", " at ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["", " prayed this prayer", "'", "')"])
def test_hostile_lines_are_linear(piece: str, ending: str) -> None:
    assert_linear(lambda size: parse_section("f", [STAMP + piece * (size // len(piece)) + ending], 1, False))


def test_every_predicate_survives_rendering() -> None:
    predicates = [
        render.PRAYED, render.ANSWERED, render.ARCHIVED, render.RESTORED, render.FLAGGED, render.testimony("x"),
        render.attribute_set("answered", "true"), render.attribute_set("archived", "b", "a"),
        render.attribute_removed("archived", "true"),
    ]  # fmt: skip
    lines = [render.activity_line(MINUTE, "Max", predicate)[:-1] for predicate in predicates]
    assert [one.kind for one in section(*lines).activities] == [
        "prayed", "answered", "archived", "restored", "flagged", "testimony", "set", "set", "removed",
    ]  # fmt: skip
