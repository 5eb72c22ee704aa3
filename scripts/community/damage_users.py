"""Damage to members: vanished, doubled, without inviter, without token, renamed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from random import Random
from typing import Any

from .book import Book
from .names import new_name, person_key, spelling_variants
from .options import Options
from .people import hex_id


def rename_users(connection: sqlite3.Connection, options: Options, rng: Random) -> list[dict[str, str]]:
    """Give some active members a new name in the database only, as an operator did by hand; return who and how.

    This is no damage: the new name is the truth, but every archive keeps the old one.
    """
    total = connection.execute('SELECT count(*) FROM "user"').fetchone()[0]
    wanted = options.renamed if options.renamed is not None else round(total * options.share("renamed"))
    active = connection.execute(
        'SELECT id, display_name FROM "user" WHERE rowid > 1 AND id IN '
        "(SELECT user_id FROM prayermark GROUP BY user_id HAVING count(*) >= 8) ORDER BY rowid"
    ).fetchall()
    taken = {person_key(name) for (name,) in connection.execute('SELECT display_name FROM "user"')}
    renamed = []
    for key, old in rng.sample(active, min(wanted, len(active))):
        new = new_name(rng, taken, whole=True)
        taken.add(person_key(new))
        connection.execute('UPDATE "user" SET display_name = ? WHERE id = ?', (new, key))
        renamed.append({"pk": key, "old": old, "new": new})
    return renamed


def damage_users(book: Book, renamed: set[str]) -> None:
    """Delete members, lose inviters, double members. Renamed ones are left alone, and so is the founder.

    Whoever came by a token of the server is left alone too: no archive names the inviter that the application chose.
    """
    rows = book.db.execute(
        "SELECT id, display_name, invited_by_user_id, "
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
        book.cell(kind, "user", key, "invited_by_user_id", inviter, value)


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
        values = (twin, variant, f"{last[:10]} 10:00:00.000000", "unspecified", None, None, None, 0, None)
        book.add("user-twin", "user", values, key, name=variant)
        twin_of[key] = twin
    for table, column in (("prayer", "author_id"), ("prayermark", "user_id")):
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
