"""The rows of a plan as the long formats show them."""

from __future__ import annotations

from tests.unit.plan.test_restrict import PLAN
from thywill_reconstruct.plan.file import PlanFile, Scope, for_view
from thywill_reconstruct.report.html import as_html
from thywill_reconstruct.report.markdown import as_markdown
from thywill_reconstruct.report.view import Cell, build_view

FILE = for_view(PlanFile(PLAN, Scope("v1", (("users", 4),)), people=(("dora", "Dora <b>"), ("t", "ANNA"))))
VIEW = build_view(FILE)


def test_deletions_come_first_and_every_step_is_there() -> None:
    assert [(section.action, section.table, len(section.rows)) for section in VIEW.sections] == [
        ("delete", "user", 1), ("insert", "user", 2), ("update", "prayer", 1), ("update", "prayermark", 1),
    ]  # fmt: skip
    numbers = sorted(row.number for section in VIEW.sections for row in section.rows)
    assert numbers == list(range(1, len(PLAN.operations) + 1))
    assert VIEW.risks[0][0] == "delete"


def test_people_are_named_beside_their_ids() -> None:
    (prayer,) = VIEW.sections[2].rows
    assert Cell("author_id", "ghost", "dora (Dora <b>)") in prayer.cells
    assert prayer.why == ("PA001: file:1", "PR001: file:1")


def test_names_are_escaped_in_every_format() -> None:
    assert "Dora &lt;b&gt;" in as_html(VIEW)
    assert "<b>)" not in as_html(VIEW)
    assert "Dora \\<b\\>" in as_markdown(VIEW)


def test_an_empty_plan_is_shown_too() -> None:
    empty = build_view(PlanFile(PLAN.__class__((), (), (), "d", "a", "0")))
    assert "nothing to repair" in as_html(empty)
    assert "0 rows would be changed" in as_markdown(empty)
