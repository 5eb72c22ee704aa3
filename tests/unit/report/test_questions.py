"""What is asked about names, in which order, with which evidence; and what is never asked again."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.factories import Result, archive, compare, prayer, prayer_file, snapshot, user
from thywill_reconstruct.identity.decision_text import parse_decisions, render_decision
from thywill_reconstruct.identity.decisions import Decision, Decisions
from thywill_reconstruct.report.dossier import Dossiers, facts
from thywill_reconstruct.report.pairs import compare_pair, pair_fields
from thywill_reconstruct.report.person import find_people, portrait_fields, portray
from thywill_reconstruct.report.question_list import possible_answers, questions_as_toml
from thywill_reconstruct.report.questions import (
    Question,
    different,
    find_candidates,
    open_questions,
    same,
    still_open,
)

SIGNED = Decision("new", ("?",), "", "Ruth", date(2025, 7, 1), "")
REGISTERED = """
    June 01 2025 at 08:00 - Mary Johnson joined directly
    June 01 2025 at 08:10 - Bernard joined on invitation from Mary Johnson
    June 01 2025 at 08:20 - Cleo joined on invitation from Mary Jonhson
"""
PEOPLE = (
    user("mary", "Mary Johnson", "01 08:00:07.1"),
    user("bern", "Bernard", "01 08:10:07.1", "mary"),
    user("cleo", "Cleo", "01 08:20:07.1"),
)


def community(log: str | None = None) -> Result:
    """Three prayers: two by the misspelled Mary, who also invited Cleo, one by a misspelled Bernard."""
    files = [
        prayer_file("rain", by="Mary Jonhson", at="09:00"),
        prayer_file("snow", by="Mary Jonhson", at="09:10"),
        prayer_file("hail", by="Bernhard", at="09:20"),
    ]
    told = archive(*files, registered=REGISTERED, log=log)
    rows = [prayer(f.prayer, "gone", at) for f, at in zip(files, ("09:00:03", "09:10:03", "09:20:03"), strict=True)]
    return compare(told, snapshot(PEOPLE, rows))


def questions(result: Result, *decided: Decision) -> tuple[Question, ...]:
    return open_questions(dossiers(result), result.analysis.findings, Decisions(decided))


def dossiers(result: Result) -> Dossiers:
    return Dossiers(result.archive, result.snapshot, result.analysis)


def test_the_name_with_the_most_repairs_comes_first() -> None:
    found = questions(community())
    assert [question.name for question in found] == ["Mary Jonhson", "Bernhard"]
    # Two prayers, and Cleo's inviter.
    assert dict(found[0].held) == {"PR001": 2, "IN001": 1}
    assert found[0].waiting == 3
    assert dict(found[1].held) == {"PR001": 1}


def test_a_candidate_comes_with_score_and_evidence() -> None:
    question = questions(community())[0]
    best = question.candidates[0]
    assert (best.name, best.key, best.score.reading) == ("Mary Johnson", "mary", "slip")
    assert best.dossier.registered[0][1] == "users/2025_06_users.txt:3"
    assert best.dossier.invited == ("Bernard",)
    assert question.dossier.invited == ("Cleo",)
    known = dict(facts(question.dossier, dossiers(community())))
    assert known["did"] == ("2 prayers",)
    assert known["registered"] == ()


def test_what_was_done_at_once_speaks_against_one_person() -> None:
    log = """
        09:00 - Mary Jonhson submitted prayer rain
        09:15 - Mary Jonhson prayed for prayer rain
        09:15 - Mary Johnson prayed for prayer rain
    """
    result = community(log)
    pair = compare_pair(dossiers(result), "Mary Jonhson", "mary", Decisions())
    assert [s for s in pair.speaks_against if "same minute" in s and "activity_2025_06.txt:6" in s]
    assert not [s for s in pair.speaks_for if "same minute" in s]


def test_a_decided_name_is_never_asked_about() -> None:
    for kind in ("new", "placeholder", "ignore"):
        decided = SIGNED._replace(kind=kind, names=("Mary Jonhson",))
        assert [question.name for question in questions(community(), decided)] == ["Bernhard"]


def test_a_decided_pair_is_never_asked_about_the_rest_is() -> None:
    result = community()
    question = questions(result)[0]
    decided = [different(question, candidate, SIGNED) for candidate in question.candidates]
    assert [q.name for q in questions(result, *decided)] == ["Bernhard"]
    (other,) = find_candidates(dossiers(result), question.name, "cleo")
    longer = question.__class__(**{**_fields(question), "candidates": (*question.candidates, other)})
    left = still_open(longer, Decisions(tuple(decided)))
    assert left is not None
    assert left.candidates == (other,)


def _fields(question: Question) -> dict[str, Any]:
    return {name: getattr(question, name) for name in Question.__slots__}


def test_somebody_else_is_found_by_id_and_by_name_in_any_case() -> None:
    known = dossiers(community())
    for word in ("bern", "BERNARD", " Bernard "):
        assert [(c.name, c.key) for c in find_candidates(known, "Mary Jonhson", word)] == [("Bernard", "bern")]
    assert [c.key for c in find_candidates(known, "Mary Jonhson", "bernhard")] == [""]
    assert find_candidates(known, "Mary Jonhson", "Mary Jonhson") == ()
    assert find_candidates(known, "Mary Jonhson", "") == ()


def test_every_answer_is_a_decision_that_can_be_read() -> None:
    question = questions(community())[0]
    answers = [decision for _, decision in possible_answers(question, SIGNED)]
    assert [decision.kind for decision in answers][-3:] == ["new", "placeholder", "ignore"]
    for decision in answers:
        (read,) = parse_decisions(render_decision(decision)).entries
        assert read._replace(line=0) == decision
    assert same(question, question.candidates[0], SIGNED).id == "mary"


def test_the_list_decides_nothing_as_it_stands() -> None:
    text = questions_as_toml(questions(community()), "who.toml", "Ruth", date(2025, 7, 1))
    assert parse_decisions(text).entries == ()
    assert "Mary Jonhson" in text
    assert "3 repairs wait" in text


def test_a_pair_is_told_step_by_step() -> None:
    result = community()
    known = dossiers(result)
    told = parse_decisions(render_decision(SIGNED._replace(kind="different", names=("Mary Jonhson", "Mary Johnson"))))
    pair = compare_pair(known, "Mary Jonhson", "Mary Johnson", told)
    assert [step.meet for step in pair.steps] == [False] * 5
    assert pair.score.reading == "slip"
    assert "Perhaps one person" in pair.outcome
    assert [decision.kind for decision in pair.decisions] == ["different"]
    assert pair.why[0] == "decided by Ruth on 2025-07-01 (line 1)"
    assert pair_fields(pair, known)["decisions"][0]["on"] == "2025-07-01"
    reverse = compare_pair(known, "Mary Johnson", "Mary Jonhson", told)
    assert (reverse.score, reverse.speaks_for, reverse.outcome) == (pair.score, pair.speaks_for, pair.outcome)


def test_two_users_are_two_people_and_one_is_one() -> None:
    known = dossiers(community())
    assert compare_pair(known, "mary", "bern", Decisions()).outcome.startswith("Two people")
    one = compare_pair(known, "mary", "Mary Johnson", Decisions())
    assert (
        one.outcome == "One person: what the archives tell of either name belongs to the user 'Mary Johnson' (mary)."
    )
    assert [step.meet for step in one.steps] == [True] * 5
    assert one.speaks_against == ()


def test_a_portrait_tells_who_comes_next() -> None:
    result = community()
    known = dossiers(result)
    (person,) = find_people(known, "mary johnson")
    portrait = portray(known, result.analysis.findings, person, Decisions())
    assert portrait.runner_up is not None
    assert portrait.runner_up.name == "Mary Jonhson"
    assert portrait.candidates == ()
    (open_name,) = find_people(known, "Mary Jonhson")
    shown = portrait_fields(portray(known, result.analysis.findings, open_name, Decisions()), known)
    assert shown["runner_up"] is None
    assert shown["candidates"][0]["user"] == "mary"
    assert shown["registered"] is None
