"""An execution is a run like any other: what fails falls out alone, a receipt remains, and it can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.checks.conftest import MakeDatabase
from tests.cli.support import reconstruct
from tests.harden.support import NOW, ask, fixture, harden, look, objects, refused, run
from thywill_reconstruct.checks.connect import parse_target
from thywill_reconstruct.checks.packs import load_pack
from thywill_reconstruct.checks.server_run import undo_on_server
from thywill_reconstruct.errors import StalePlanError, VerificationError
from thywill_reconstruct.harden.run import execute, inspect

PACK = """
name = "small"
title = "Small"

[[rule]]
id = "small-overview"
title = "Rows"
severity = "low"
why = "To see."
kind = "overview"

[[promise]]
id = "ix_good"
kind = "index"
table = "things"
columns = ["size"]

[[promise]]
id = "ix_bad"
kind = "index"
table = "things"
expression = "no_such_function(size)"

[[promise]]
id = "things_colour"
kind = "column"
table = "things"
column = "colour"
type = "VARCHAR(10)"
default = "'red'"

[[promise]]
id = "boxes"
kind = "table"
table = "boxes"
columns = { id = "key", name = "VARCHAR(10)" }

[[promise]]
id = "ck_size"
kind = "check"
table = "things"
says = "size > 0"

[[promise]]
id = "nn_size"
kind = "not_null"
table = "things"
columns = ["size"]
"""


def small(url: str, folder: Path) -> str:
    run(url, "CREATE TABLE things (id INTEGER PRIMARY KEY, size INTEGER)", "INSERT INTO things VALUES (1, 5)")
    path = folder / "small.toml"
    path.write_text(PACK)
    return str(path)


def take_back(url: str, run_name: str, home: Path) -> tuple[int, str]:
    """Undo a run, on a file by the command; the exit code and what was said."""
    if url.startswith("sqlite"):
        done = reconstruct(home, "undo", run_name, "--db", url.removeprefix("sqlite:///"), "--yes")
        return done.code, done.out + done.err
    try:
        undo_on_server(parse_target(url), run_name, home=home, timeout_s=10, statement_timeout_s=60)
    except StalePlanError as error:
        return error.exit_code, str(error)
    return 0, ""


def test_one_that_fails_falls_out_alone(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("small")
    pack = small(url, tmp_path)
    done = harden(url, pack, tmp_path)
    assert set(done.done) == {"ix_good", "things_colour", "boxes", "ck_size", "nn_size"}
    ((name, reason),) = done.failed
    assert name == "ix_bad"
    assert "no_such_function" in reason
    assert ask(url, "SELECT colour FROM things") == [("red",)]
    with pytest.raises(VerificationError, match="ix_bad"):
        harden(url, pack, tmp_path)


def test_a_run_is_taken_back(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("small")
    before_pack = small(url, tmp_path)
    before = objects(url)
    (receipt,) = harden(url, before_pack, tmp_path).receipts
    assert receipt.status == "committed"
    assert objects(url) != before
    code, said = take_back(url, receipt.run, tmp_path)
    assert (code, objects(url)) == (0, before), said


def test_what_holds_values_by_then_stays(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("small")
    pack = small(url, tmp_path)
    (receipt,) = harden(url, pack, tmp_path).receipts
    run(url, "INSERT INTO boxes (name) VALUES ('precious')", "UPDATE things SET colour = 'blue'")
    code, _ = take_back(url, receipt.run, tmp_path)
    assert code != 0
    assert ask(url, "SELECT name FROM boxes") == [("precious",)]
    assert ask(url, "SELECT colour FROM things") == [("blue",)]


def test_all_of_a_budget_is_taken_back(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("budget")
    fixture("budget", url)
    run(url, "DROP INDEX ix_goals_user_id")
    before = objects(url)
    (receipt,) = harden(url, "budget", tmp_path).receipts
    code, said = take_back(url, receipt.run, tmp_path)
    assert (code, objects(url)) == (0, before), said


def test_rows_that_came_meanwhile_are_seen_under_the_lock(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("small")
    packs, target = [load_pack(small(url, tmp_path))], parse_target(url)
    _, agreed = inspect(target, packs, NOW, proofs=False)
    run(url, "INSERT INTO things VALUES (2, -1)")
    done = execute(target, packs, agreed, NOW, home=tmp_path)
    assert "ck_size" not in done.done
    assert "nn_size" in done.done
    assert look(url, packs[0].place)["ck_size"].violations == 1


def test_a_name_that_something_else_bears_is_left_alone(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("small")
    pack = small(url, tmp_path)
    run(
        url,
        "CREATE TABLE other (id INTEGER)",
        "CREATE INDEX ix_good ON other (id)",
        "CREATE INDEX ix_bad ON things (id)",
    )
    found = look(url, pack)
    assert found["ix_good"].state == "different"
    assert "ix_good" in found["ix_good"].says


STRANGE = """
name = "strange"
title = "Strange"

[[rule]]
id = "strange-overview"
title = "Rows"
severity = "low"
why = "To see."
kind = "overview"

[[promise]]
id = 'ix "1%'
kind = "index"
table = 'we"ird'
columns = ["a:b%"]

[[promise]]
id = "fk':x"
kind = "foreign_key"
table = 'we"ird'
column = "a:b%"
to = "Größe.id"

[[promise]]
id = "ck'%s"
kind = "check"
table = 'we"ird'
says = "\\"a:b%\\" <> 7"
"""


def test_strange_names_are_names(empty_database: MakeDatabase, tmp_path: Path) -> None:
    url = empty_database("strange")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in (
            'CREATE TABLE "Größe" (id INTEGER PRIMARY KEY)',
            'CREATE TABLE "we""ird" (id INTEGER PRIMARY KEY, "a:b%" INTEGER)',
            'INSERT INTO "Größe" VALUES (1)',
            'INSERT INTO "we""ird" VALUES (1, 1)',
        ):
            connection.execute(sa.text(statement.replace(":", "\\:")))
    path = tmp_path / "strange.toml"
    path.write_text(STRANGE)
    before = objects(url)
    found = look(url, str(path), proofs=True)
    assert {each.state for each in found.values()} == {"missing"}
    done = harden(url, str(path), tmp_path)
    assert (len(done.done), done.failed) == (3, [])
    assert refused(url, 'INSERT INTO "we""ird" VALUES (2, 2)')
    assert harden(url, str(path), tmp_path).receipts == []
    code, said = take_back(url, done.receipts[0].run, tmp_path)
    assert (code, objects(url)) == (0, before), said


def test_words_beside_references_are_more_than_a_server_can_promise(
    empty_database: MakeDatabase, tmp_path: Path
) -> None:
    url = empty_database("words")
    run(
        url,
        "CREATE TABLE things (id INTEGER PRIMARY KEY, size INTEGER)",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, thing VARCHAR(9))",
    )
    path = tmp_path / "words.toml"
    fk = 'kind = "foreign_key"\ntable = "notes"\ncolumn = "thing"\nto = "notes.thing"\nallow = ["system"]\n'
    path.write_text(PACK.partition("[[promise]]")[0] + f'[[promise]]\nid = "fk_thing"\n{fk}')
    assert look(url, str(path))["fk_thing"].state == ("missing" if url.startswith("sqlite") else "unclear")
