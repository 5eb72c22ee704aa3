"""Damage to members: vanished, doubled, without inviter, without token, renamed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from random import Random
from typing import Any

from thywill_reconstruct.database.schema import OTHER_REFERENCES

from .book import Book
from .eras import Columns
from .names import new_name, person_key, spelling_variants
from .options import Options
from .people import hex_id


def rename_users(connection: sqlite3.Connection, options: Options, rng: Random) -> list[dict[str, str]]:
    """Give some active members a new name in the database only, as an operator did by hand; return who and how.

    This is no damage: the new name is the truth, but every archive keeps the old one.
    """
    total = connection.execute('SELECT count(*) FROM "user"').fetchone()[0]
    wanted = options.renamed if options.renamed is not None else round(total * options.share("renamed"))
    columns = Columns(connection)
    active = connection.execute(
        f'SELECT {columns.user_key}, display_name FROM "user" WHERE rowid > 1 AND {columns.user_key} IN '
        f"(SELECT {columns.marker} FROM prayermark GROUP BY 1 HAVING count(*) >= 8) ORDER BY rowid"
    ).fetchall()
    taken = {person_key(name) for (name,) in connection.execute('SELECT display_name FROM "user"')}
    broken = options.number("broken-rename", total) if columns.names_are_keys else 0
    renamed = []
    for number, (key, old) in enumerate(rng.sample(active, min(wanted + broken, len(active)))):
        new = new_name(rng, taken, whole=True)
        taken.add(person_key(new))
        connection.execute(f'UPDATE "user" SET display_name = ? WHERE {columns.user_key} = ?', (new, key))
        if columns.names_are_keys:
            rename_references(connection, columns, old, new)
        entry = {"pk": new if columns.names_are_keys else key, "old": old, "new": new}
        renamed.append(entry | {"broken": "yes"} if number < broken else entry)
    return renamed


def rename_references(connection: sqlite3.Connection, columns: Columns, old: str, new: str) -> None:
    """Let everything that refers to one name refer to another."""
    for table, column in (*columns.references(), *OTHER_REFERENCES):
        if columns.has(table, column):
            connection.execute(f'UPDATE "{table}" SET {column} = ? WHERE {column} = ?', (new, old))


def damage_users(book: Book, renamed: set[str]) -> None:
    """Delete members, lose inviters, double members. Renamed ones are left alone, and so is the founder.

    Whoever came by a token of the server is left alone too: no archive names the inviter that the application chose.
    """
    rows = book.db.execute(
        f"SELECT {book.columns.user_key}, display_name, {book.columns.inviter}, "
        '(SELECT created_by_user FROM invitetoken WHERE token = invite_token_used) FROM "user" ORDER BY rowid'
    ).fetchall()
    total = len(rows)
    kept = [row for row in rows[1:] if row[0] not in renamed and row[3] != "system"]
    book.rng.shuffle(kept)
    options = book.options
    wanted = options.deleted_users
    gone = wanted if wanted is not None else round(total * options.share("user-deleted"))
    for key, name, *_ in [row for row in kept if row[0] not in book.outcome.late][:gone]:
        book.delete("user-deleted", "user", key, name=name)
    dead = {entry["pk"] for entry in book.deleted}
    living = [row for row in kept if row[0] not in dead]
    _lose_inviters(book, [row for row in living if row[2] is not None])
    book.rng.shuffle(living)
    twins = options.twins if options.twins is not None else round(total * options.share("user-twin"))
    _double(book, living, Counter(person_key(row[1]) for row in rows), twins)


def _lose_inviters(book: Book, invited: list[tuple[Any, ...]]) -> None:
    lost = round(len(invited) * book.options.share("inviter-null"))
    ghosts = round(len(invited) * book.options.share("inviter-ghost"))
    for number, (key, _, inviter, _) in enumerate(invited[: lost + ghosts]):
        kind, value = ("inviter-null", None) if number < lost else ("inviter-ghost", book.ghost())
        book.cell(kind, "user", key, book.columns.inviter, inviter, value)


def _double(book: Book, living: list[tuple[Any, ...]], people: Counter[str], wanted: int) -> None:
    """Register some members again under another spelling, and book part of what they did on the second row."""
    twin_of: dict[str, str] = {}
    last = book.db.execute("SELECT max(created_at) FROM prayer").fetchone()[0] or "2025-06-20"
    for key, name, *_ in living:
        variants = spelling_variants(name)
        if not wanted:
            break
        if not variants or name != name.strip() or people[person_key(name)] > 1:
            continue
        wanted -= 1
        twin, variant = hex_id(book.rng), book.rng.choice(variants)
        if book.columns.names_are_keys:
            twin = variant
        values = (twin, variant, f"{last[:10]} 10:00:00.000000", "unspecified", None, None, None, 0, None)
        book.add("user-twin", "user", values, key, name=variant)
        twin_of[key] = twin
    for table, column in (("prayer", book.columns.author), ("prayermark", book.columns.marker)):
        rows = book.db.execute(f"SELECT id, {column} FROM {table} ORDER BY rowid")
        for row, key in [(row, key) for row, key in rows if key in twin_of]:
            if book.rng.random() < 0.45:
                book.cell("twin-ref", table, row, column, key, twin_of[key])


def damage_tokens(book: Book) -> None:
    """Forget who used a token."""
    for token, user in book.rows(
        "invitetoken", "token, used_by_user_id", book.parts("invitetoken", "token-user-null")["token-user-null"]
    ):
        book.cell("token-user-null", "invitetoken", token, "used_by_user_id", user, None)
