"""What is worth an alert, and what it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thywill_reconstruct.checks.model import State
from thywill_reconstruct.findings.codes import SEVERITIES, Severity
from thywill_reconstruct.monitor.changes import LONGEST_ALERT, body, changes_since, sentence, title, to_remember
from thywill_reconstruct.monitor.figures import Figure, RuleName


def figure(found: int | None, severity: Severity = "high", rule: str = "a") -> Figure:
    state: State = "could not check" if found is None else "failed" if found else "passed"
    return Figure(RuleName("p", rule), severity, state, found)


def told(*figures: Figure) -> dict[RuleName, Figure]:
    return {each.name: to_remember(None, each) for each in figures}


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (figure(0), figure(3), "NEW  a (high): 3 found"),
        (None, figure(3), "NEW  a (high): 3 found"),
        (figure(3), figure(4), "WORSE  a (high): 4 found, was 3"),
        (figure(3), figure(3, "critical"), "WORSE  a (critical): 3 found, was 3, was high"),
        (figure(3), figure(None), "WORSE  a (high): could not be checked"),
        (figure(3), figure(0), "RECOVERED  a (high): 0 found, was 3"),
        (figure(None), figure(0), "RECOVERED  a (high): can be checked again, 0 found"),
        (figure(None), figure(2), "NEW  a (high): can be checked again, 2 found"),
        (figure(3), figure(3), None),
        (figure(3), figure(2), None),
        (figure(3, "critical"), figure(3), None),
        (figure(0), figure(0), None),
        (None, figure(0), None),
        (figure(None), figure(None), None),
    ],
)
def test_what_is_told(before: Figure | None, now: Figure, said: str | None) -> None:
    changes = changes_since(told(before) if before else {}, [now])
    assert [sentence(each) for each in changes] == ([said] if said else [])


def test_what_was_known_before_a_rule_went_blind_is_not_told_again() -> None:
    before = to_remember(figure(5), figure(None))
    (again,) = changes_since({before.name: before}, [figure(5)])
    assert sentence(again) == "RECOVERED  a (high): can be checked again, 5 found, was 5"
    (worse,) = changes_since({before.name: before}, [figure(6)])
    assert worse.kind == "worse"


def test_a_rule_that_was_not_asked_has_not_changed() -> None:
    assert changes_since(told(figure(3, rule="a")), [figure(0, rule="b")]) == []


figures = st.builds(figure, st.none() | st.integers(0, 5), st.sampled_from(SEVERITIES), st.sampled_from("abc"))


@given(st.lists(figures, unique_by=lambda each: each.name), st.lists(figures, unique_by=lambda each: each.name))
def test_what_was_told_is_told_once(before: list[Figure], now: list[Figure]) -> None:
    known = told(*before)
    changes_since(known, now)
    after = known | {each.name: to_remember(known.get(each.name), each) for each in now}
    assert changes_since(after, now) == []


def test_an_alert_is_short_and_begins_with_what_is_new() -> None:
    now = [figure(2, rule="worse"), *(figure(1, rule=f"new{n:03}") for n in range(50))]
    changes = changes_since(told(figure(1, rule="worse")), now)
    assert title(changes, "x.db") == "Integrity of x.db: 50 new, 1 worse"
    lines = body(changes).splitlines()
    assert len(lines) == LONGEST_ALERT + 1
    assert lines[0].startswith("NEW  new000")
    assert lines[-1] == "and 31 more"
