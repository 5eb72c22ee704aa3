"""Pseudonyms: everywhere, the same for the same name, and no name left."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.support import insert
from thywill_reconstruct.findings.finding import Finding
from thywill_reconstruct.plan.operations import Plan, Step
from thywill_reconstruct.plan.redact import names_in, pseudonyms, redact_plan, replacer


def plan_about(name: str) -> Plan:
    finding = Finding(
        "US001", "user", "u", "", f"{name}, joined then", f"a second row, {name!r}", (f"user row {name}", "users/x.txt:3"),
        reason=f"The archives say {name!r}.",
    )  # fmt: skip
    operation = insert("user", name, (("display_name", name), ("created_at", "2025-06-01")))
    return Plan(
        (operation,), (finding,), (finding,), "d", "a", "0", (("only", f"person:{name}"),), (f"About {name}.",),
        ((Step(0, "", "recreate"),),),
    )  # fmt: skip


def test_no_place_of_a_plan_keeps_a_name() -> None:
    for name in ("Mary Johnson", "O'Brien", "مريم", "[/foo]", "tab\there", "-", "Max."):
        plan = plan_about(name)
        names = names_in(plan, [name, "Somebody Else"])
        assert name in names
        hidden = redact_plan(plan, names)
        assert name not in [value for _, value in hidden.operations[0].after]
        texts = [hidden.repaired[0].expected, hidden.repaired[0].reason, *hidden.repaired[0].evidence, *hidden.notes]
        assert [text for text in texts if name in text and name != "-"] == []
        assert ("created_at", "2025-06-01") in hidden.operations[0].after or name == "-"


def test_the_longest_name_goes_first_and_parts_of_words_stay() -> None:
    plan = plan_about("x")
    put = replacer(["Ann", "Ann Lee", "Annabel"], plan)
    given = pseudonyms(["Ann", "Ann Lee", "Annabel"], plan)
    assert (
        put("Ann Lee and Ann, Annabel's; Annex")
        == f"{given['Ann Lee']} and {given['Ann']}, {given['Annabel']}'s; Annex"
    )
    assert sorted(given.values()) == ["Person 1", "Person 2", "Person 3"]
    assert replacer([], plan)("Ann") == "Ann"


@given(st.lists(st.text("abc é-[", min_size=1, max_size=6), unique=True, min_size=1), st.randoms())
def test_every_name_is_found_whatever_the_others_are(names: list[str], random: object) -> None:
    plan = plan_about("x")
    put = replacer(names, plan)
    given = pseudonyms(names, plan)
    for name in names:
        assert put(f"<{name}>") == f"<{given[name]}>"


def test_pseudonyms_do_not_depend_on_the_order_of_names() -> None:
    plan = plan_about("x")
    assert pseudonyms(["b", "a", "c"], plan) == pseudonyms(["c", "b", "a"], plan)
