from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.support import MIGRATED_V1, TIME, delete, insert, make_database, update
from thywill_reconstruct.apply.precheck import complete_rows, find_stale, measure_excess, require_safe, stands_after
from thywill_reconstruct.database.schema import Column
from thywill_reconstruct.database.snapshot import read_tables
from thywill_reconstruct.errors import UnknownSchemaError, UnsafePlanError
from thywill_reconstruct.findings.finding import Risk
from thywill_reconstruct.plan.operations import Operation


def relinks(count: int, risk: Risk = "relink") -> list[Operation]:
    return [
        update("prayer", f"p{number}", (("author_id", "a"),), (("author_id", "b"),), risk) for number in range(count)
    ]


def tables_of(script: str) -> dict[str, tuple[Column, ...]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(script)
        return read_tables(connection)


def test_the_brake_says_what_it_measured() -> None:
    with pytest.raises(UnsafePlanError) as caught:
        require_safe(relinks(30), {"prayer": 100})
    assert str(caught.value) == (
        "the plan changes too much at once. prayer: replaces living values in 30.0 % of the rows (30 of 100), "
        "allowed without asking are 25 %"
    )


@pytest.mark.parametrize(
    ("count", "total", "allowed"), [(20, 20, True), (21, 84, True), (21, 83, False), (21, 0, False)]
)
def test_the_brake_needs_share_and_number(count: int, total: int, allowed: bool) -> None:
    assert (measure_excess(relinks(count), {"prayer": total}) == ()) is allowed


def test_fills_and_recreated_rows_do_not_count() -> None:
    require_safe(relinks(100, "fill"), {"prayer": 100})
    require_safe([insert("prayer", f"p{number}", ()) for number in range(100)], {"prayer": 1})


def test_a_row_counts_once_and_deletions_count() -> None:
    assert measure_excess(relinks(15) + relinks(15), {"prayer": 40}) == ()
    deletions = [delete("prayermark", f"m{number}", ()) for number in range(30)]
    (excess,) = measure_excess(deletions, {"prayermark": 40})
    assert str(excess).startswith("prayermark: deletes 75.0 % of the rows (30 of 40)")


def rewritten(column: str, before: list[str], after: list[str]) -> list[Operation]:
    return [
        update("user", f"u{number}", ((column, old),), ((column, new),), "relink")
        for number, (old, new) in enumerate(zip(before, after, strict=True))
    ]


def test_an_inviter_that_a_script_gave_to_everybody_does_not_count() -> None:
    true = [f"u{number // 3}" for number in range(100)]
    require_safe(rewritten("invited_by_user_id", ["admin"] * 100, true), {"user": 101})


def test_a_time_that_an_import_gave_to_everybody_does_not_count() -> None:
    times = [f"2025-06-{1 + number % 28:02} 08:00:00" for number in range(100)]
    one_minute = [f"2025-07-09 10:00:{number % 60:02}.5" for number in range(100)]
    require_safe(rewritten("created_at", one_minute, times), {"user": 101})


def test_inviters_and_times_that_differed_before_do_count() -> None:
    """So it looks where the archives are another community's."""
    names, others = [f"u{number}" for number in range(30)], [f"v{number}" for number in range(30)]
    assert measure_excess(rewritten("invited_by_username", names, others), {"user": 100})
    assert measure_excess(rewritten("created_at", names, others), {"user": 100})


def test_one_value_that_becomes_one_other_counts() -> None:
    """That is a doubled user or half a rename, and no script that made everybody alike."""
    assert measure_excess(rewritten("invited_by_username", ["Mary"] * 30, ["Anna"] * 30), {"user": 100})


def test_a_row_of_which_one_value_differed_counts() -> None:
    both = [
        update(
            "user",
            f"u{number}",
            (("invited_by_user_id", "admin"), ("created_at", f"2025-07-{1 + number:02} 10:00:00")),
            (("invited_by_user_id", f"u{number}"), ("created_at", "2025-06-01 08:00:00")),
            "relink",
        )
        for number in range(30)
    ]
    assert measure_excess(both, {"user": 100})


def test_inserted_rows_get_what_the_application_would_write(tmp_path: Path) -> None:
    with closing(sqlite3.connect(make_database(tmp_path / "a.db"))) as connection:
        tables = read_tables(connection)
    (made,) = complete_rows([insert("user", "u", (("display_name", "Ann"), ("created_at", TIME)))], tables)
    assert dict(made.after) == {
        "id": "u",
        "display_name": "Ann",
        "created_at": TIME,
        "welcome_message_dismissed": 0,
        "religious_preference": "unspecified",
    }


def test_defaults_in_sql_are_left_to_sqlite() -> None:
    (made,) = complete_rows(
        [insert("prayer", "p", (("author_id", "u"), ("text", "x"), ("created_at", TIME)))], tables_of(MIGRATED_V1)
    )
    assert [name for name, _ in made.after] == ["id", "author_id", "text", "created_at"]


def test_every_problem_of_a_plan_that_does_not_fit_is_listed(tmp_path: Path) -> None:
    with pytest.raises(UnknownSchemaError) as caught:
        complete_rows(
            [
                insert("user", "u", (("display_name", None),)),
                update("prayer", "p", (("mood", 1),), (("mood", 2),)),
                delete("diary", "d", ()),
            ],
            tables_of(MIGRATED_V1),
        )
    for part in (
        "user.display_name may not be empty, but the plan leaves it so",
        "user.created_at may not be empty, and no default is known for it",
        "prayer has no column mood",
        "there is no table diary",
    ):
        assert part in str(caught.value)


def test_rows_are_found_before_and_after(tmp_path: Path) -> None:
    with closing(sqlite3.connect(make_database(tmp_path / "a.db"))) as connection:
        fresh = [
            insert("user", "u9", ()),
            update("prayermark", "m000001", (("user_id", "u1"),), (("user_id", "u2"),)),
            delete("prayermark", "m000002", (("user_id", "u2"),)),
        ]
        assert find_stale(connection, fresh) == ()
        assert [stands_after(connection, operation) for operation in fresh] == [False, False, False]
        stale = update("prayermark", "m000001", (("user_id", "u0"),), (("user_id", "u1"),))
        assert find_stale(connection, [*fresh, stale]) == ()  # Only the first step on a row is asked.
        assert find_stale(connection, [stale]) == (stale,)
        assert stands_after(connection, stale)
        assert stands_after(connection, delete("prayermark", "none", ()))
