"""Further tables: what is moved to the person, what only when named, and what is merely counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import Result, archive, compare, snapshot, token, user
from tests.unit.diff.test_name_keys import SCHEMA
from thywill_reconstruct.database.rows import FurtherRow, Loose, Reference
from thywill_reconstruct.database.schema import TABLES

PEOPLE = (user("Anna", "Anna"), user("Bert", "Bert", "01 08:10:07.1", "Anna"))
FURTHER_SCHEMA = (
    SCHEMA
    + "CREATE TABLE prayerskip (id VARCHAR PRIMARY KEY, user_id VARCHAR, prayer_id VARCHAR);"
    + "CREATE TABLE session (id VARCHAR PRIMARY KEY, username VARCHAR);"
    + "CREATE TABLE securitylog (id VARCHAR PRIMARY KEY, user_id VARCHAR);"
    + "CREATE TABLE user_roles (id VARCHAR PRIMARY KEY, user_id VARCHAR, granted_by VARCHAR);"
    + "CREATE TABLE authapproval (id VARCHAR PRIMARY KEY, approver_user_id VARCHAR);"
)


def compare_rows(*further: FurtherRow, loose: tuple[Loose, ...] = ()) -> Result:
    references = tuple(Reference(TABLES[row.entity], "", row.user, 1) for row in further)
    stored = snapshot(PEOPLE, sql=FURTHER_SCHEMA, references=references)
    return compare(archive(), replace(stored, further=further, loose=loose))


def test_a_skip_under_another_spelling_is_moved() -> None:
    result = compare_rows(FurtherRow("skip", "user", "s1", "ANNA"))
    assert result.does("DB") == ["DB001 s1.user ANNA -> Anna"]
    (operation,) = [o for o in result.plan().operations if o.table == "prayerskip"]
    assert (operation.key, operation.before, operation.after, operation.risk) == (
        "s1", (("user_id", "ANNA"),), (("user_id", "Anna"),), "fill"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "word", "table"),
    [
        (FurtherRow("session", "user", "s" * 32, "anna"), "sessions", "session"),
        (FurtherRow("grant", "user", "g1", "anna"), "roles", "user_roles"),
        (FurtherRow("grant", "creator", "g1", "anna"), "roles", "user_roles"),
        (FurtherRow("approval", "user", "a1", "anna"), "approvals", "authapproval"),
    ],
)
def test_what_lets_somebody_in_is_moved_only_when_named(row: FurtherRow, word: str, table: str) -> None:
    result = compare_rows(row)
    (finding,) = result.of("DB")
    for words in ((), ("DB",), ("users",), (f"table:{table}",)):
        plan = result.plan(*words)
        assert not [o for o in plan.operations if o.table == table]
        assert finding.identity in {f.identity for f in plan.skipped}
    for words in ((word,), (finding.code,), (finding.code.lower(),)):
        assert [(o.table, o.key) for o in result.plan(*words).operations if o.table == table] == [(table, row.key)]


def test_the_reason_says_how_to_name_it() -> None:
    plan = compare_rows(FurtherRow("session", "user", "s" * 32, "anna")).plan()
    (skipped,) = [f for f in plan.skipped if f.code == "DB004"]
    assert "--only" in skipped.reason


@pytest.mark.parametrize("lost", ["ghost", "None", ""])
@pytest.mark.parametrize(("uses", "moved"), [(1, ["DB001 u1.user {} -> Bert"]), (2, [])])
def test_the_use_of_a_token_is_its_only_users(lost: str, uses: int, moved: list[str]) -> None:
    """A token that was used twice may have been used by somebody of whom nothing else is left."""
    sql = FURTHER_SCHEMA + "CREATE TABLE invite_token_usage (id VARCHAR, invite_token_id VARCHAR, user_id VARCHAR);"
    people = (PEOPLE[0], PEOPLE[1]._replace(token="t1"))
    stored = snapshot(people, sql=sql, tokens=[token("t1", "Anna", "Bert", uses=uses)])
    result = compare(archive(), replace(stored, further=(FurtherRow("usage", "user", "u1", lost, "t1"),)))
    assert result.does("DB") == [line.format(lost) for line in moved]


def on_twin(*kin: FurtherRow) -> Result:
    people = (*PEOPLE, user("ANNA", "ANNA", "05 12:00"))
    references = tuple(Reference(TABLES[row.entity], "user_id", row.user, 1) for row in kin)
    stored = snapshot(people, sql=FURTHER_SCHEMA, references=references)
    return compare(archive(), replace(stored, kin=kin))


def test_what_is_on_a_twin_is_moved_so_that_the_twin_can_go() -> None:
    result = on_twin(FurtherRow("skip", "user", "s1", "ANNA"))
    assert result.does("DB") == ["DB007 s1.user ANNA -> Anna"]
    assert result.of("DB007")[0].changes[0].risk == "relink"
    gone = [o.key for o in result.plan(merge_duplicates=True).operations if o.action == "delete"]
    assert gone == ["ANNA"]


def test_what_lets_a_twin_in_is_not_given_to_the_person() -> None:
    result = on_twin(FurtherRow("skip", "user", "s1", "ANNA"), FurtherRow("grant", "user", "g1", "ANNA"))
    assert result.does("DB") == ["DB007 s1.user ANNA -> Anna"]
    plan = result.plan(merge_duplicates=True)
    assert "delete" not in {o.action for o in plan.operations}
    assert "1 in user_roles" in next(f.reason for f in plan.skipped if f.code == "US002")


def test_what_nobody_knows_is_counted_per_column() -> None:
    ghosts = (FurtherRow("grant", "user", f"g{n}", f"ghost{n}") for n in range(3))
    result = compare_rows(*ghosts, FurtherRow("skip", "user", "s1", "ghost"))
    assert [(f.code, f.key, f.field, f.actual, f.changes) for f in result.of("DB")] == [
        ("DB001", "prayerskip", "user_id", "1 row refers to nobody", ()),
        ("DB003", "user_roles", "user_id", "3 rows refer to nobody", ()),
    ]


@pytest.mark.parametrize("word", ["system", "anonymous", "unknown", "None"])
def test_words_for_nobody_in_a_log_are_no_lost_reference(word: str) -> None:
    assert compare_rows(FurtherRow("security", "user", "l1", word)).of("DB") == []


def test_rows_that_lead_nowhere_are_counted_and_never_deleted() -> None:
    (finding,) = compare_rows(loose=(Loose("prayerskip", "prayer_id", "prayer", 2),)).of("DB006")
    assert (finding.key, finding.field, finding.actual, finding.changes) == (
        "prayerskip", "prayer_id", "2 rows refer to nobody", ()
    )  # fmt: skip
