"""Damage that only a database can have whose keys are names: other spellings, ids of the former era, half a rename."""

from __future__ import annotations

from collections import Counter

from thywill_reconstruct.database.schema import OTHER_REFERENCES

from .book import Book
from .names import person_key, spelling_variants

# Columns that kept their name, and at times their values, when ids became names (database schema spec, section 4).
_KEPT = {"prayer_attributes": "created_by", "prayer_activity_log": "user_id", "invitetoken": "used_by_user_id"}


def damage_names(book: Book, renamed: set[str]) -> None:
    """Damage names where they are keys, once the rows are damaged. Does nothing in era v1."""
    if not book.columns.names_are_keys:
        return
    gone = {entry["pk"] for entry in (*book.deleted, *book.added)} | {entry["twin"] for entry in book.added} | renamed
    rows = [name for (name,) in book.db.execute('SELECT display_name FROM "user" ORDER BY rowid')]
    dead = [entry["pk"] for entry in book.deleted if entry["table"] == "user"]
    alike = Counter(person_key(name) for name in (*rows, *dead))
    _respell_references(book, set(rows), gone, alike)
    _leave_ids(book, gone)
    whole = [n for n in rows[1:] if n not in gone and n == n.strip() and alike[person_key(n)] == 1]
    book.rng.shuffle(whole)
    wanted = book.options.number("user-key-variant", len(rows))
    _respell_users(book, [name for name in whole if _references(book, name) >= 3][:wanted])


def break_renames(book: Book, renamed: list[dict[str, str]]) -> None:
    """Take back some renames everywhere but in the user's own row: the new name is the truth, and nothing refers to it."""
    for entry in renamed:
        if "broken" in entry:
            for table, column in book.columns.references():
                key = book.columns.key_of(table)
                rows = book.db.execute(f'SELECT {key} FROM "{table}" WHERE {column} = ?', (entry["new"],)).fetchall()
                for (row,) in rows:
                    book.cell("broken-rename", table, row, column, entry["new"], entry["old"])
            for table, column in OTHER_REFERENCES:
                if book.columns.has(table, column):
                    statement = f'UPDATE "{table}" SET {column} = ? WHERE {column} = ?'
                    book.db.execute(statement, (entry["old"], entry["new"]))


def _references(book: Book, name: str) -> int:
    total = 0
    for table, column in book.columns.references():
        total += int(book.db.execute(f'SELECT count(*) FROM "{table}" WHERE {column} = ?', (name,)).fetchone()[0])
    return total


def _respell_references(book: Book, living: set[str], gone: set[str], alike: Counter[str]) -> None:
    """Write the key of some references in another case or with other spaces."""
    for table, column in book.columns.references():
        key = book.columns.key_of(table)
        for row, name in book.rows(table, f"{key}, {column}", book.parts(table, "key-variant")["key-variant"]):
            if name not in living or name in gone or row in gone or alike[person_key(name)] > 1:
                continue
            variants = [variant for variant in spelling_variants(name) if variant not in living]
            if variants:
                book.cell("key-variant", table, row, column, name, book.rng.choice(variants))


def _leave_ids(book: Book, gone: set[str]) -> None:
    """Leave ids of the former era in the columns that kept their name."""
    for table, column in _KEPT.items():
        key = book.columns.key_of(table)
        for row, name in book.rows(table, f"{key}, {column}", book.parts(table, "hex-left")["hex-left"]):
            if name in book.outcome.former and name not in gone:
                book.cell("hex-left", table, row, column, name, book.outcome.former[name])


def _respell_users(book: Book, names: list[str]) -> None:
    """Write some users' own keys in another case or with other spaces; what refers to them stays."""
    for name in names:
        taken = {other for (other,) in book.db.execute('SELECT display_name FROM "user"')}
        variants = [variant for variant in spelling_variants(name) if variant not in taken]
        if variants:
            book.cell("user-key-variant", "user", name, "display_name", name, book.rng.choice(variants))
