from __future__ import annotations

import pytest

from tests.faults.support import delete, insert, update
from thywill_reconstruct.apply.statements import quoted_name, row_conditions, statement


def test_before_values_are_conditions() -> None:
    made = statement(update("prayer", "p", (("author_id", None), ("tag", 1)), (("author_id", "u"), ("tag", None))))
    assert made.sql == (
        'UPDATE "prayer" SET "author_id" = ?, "tag" = ? WHERE "id" IS ? AND "author_id" IS ? AND "tag" IS ?'
    )
    assert made.parameters == ("u", None, "p", None, 1)


def test_insert_and_delete() -> None:
    assert statement(insert("user", "u", (("name", "Ann"),))).sql == 'INSERT INTO "user" ("id", "name") VALUES (?, ?)'
    made = statement(delete("user", "u", (("name", "Ann"),)))
    assert made.sql == 'DELETE FROM "user" WHERE "id" IS ? AND "name" IS ?'
    assert made.parameters == ("u", "Ann")


def test_odd_names_are_quoted() -> None:
    assert statement(delete('a"b', "k", ())).sql == 'DELETE FROM "a""b" WHERE "id" IS ?'


def test_text_with_bad_bytes_travels_as_bytes() -> None:
    made = statement(update("prayer", "p", (("text", "a\udcff"),), (("text", "é"),)))
    assert made.sql.endswith('"text" IS CAST(? AS TEXT)')
    assert made.parameters == ("é", "p", b"a\xff")


def test_after_an_update_of_the_key_the_row_has_the_new_key() -> None:
    renamed = update("user", "Ann", (("id", "Ann"),), (("id", "Anna"),))
    assert row_conditions(renamed, after=True)[1] == ("Anna", "Anna")
    assert row_conditions(renamed)[1] == ("Ann", "Ann")


def test_a_definition_without_a_quoted_name_names_no_column() -> None:
    assert quoted_name('"a ""b""" TEXT') == '"a ""b"""'
    with pytest.raises(ValueError, match="names no column"):
        quoted_name("size INTEGER")
