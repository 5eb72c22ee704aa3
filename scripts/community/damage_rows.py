"""Damage to prayers, marks, attributes and the activity log."""

from __future__ import annotations

from pathlib import PurePosixPath

from .book import Book
from .people import hex_id
from .truncation import truncate


def _imported_path(book: Book, path: str) -> str:
    """Return a path as an import of a ZIP left it: into a temporary folder that is long gone."""
    inside = PurePosixPath(*PurePosixPath(path).parts[1:])
    return f"/tmp/tmp{book.rng.getrandbits(32):08x}/complete_site_archive/{inside}"


def damage_prayers(book: Book, weather: dict[str, str]) -> None:
    """Damage authors, texts and paths, and delete prayers; ``weather`` says what happened to which file."""
    parts = book.parts("prayer", "author-ghost", "author-none", "author-wrong", "prayer-deleted")
    _delete_prayers(book, parts["prayer-deleted"], weather)
    _damage_authors(book, parts)
    _truncate_texts(book, weather)
    paths = book.parts("prayer", "prayer-path-tmp", "prayer-path-null")
    for key, path in book.rows("prayer", "id, text_file_path", paths["prayer-path-tmp"]):
        book.cell("path-tmp", "prayer", key, "text_file_path", path, _imported_path(book, path))
    for key, path in book.rows("prayer", "id, text_file_path", paths["prayer-path-null"]):
        if key not in book.outcome.copied:  # With two files nothing says which one the database meant.
            book.cell("path-null", "prayer", key, "text_file_path", path, None)


def _truncate_texts(book: Book, weather: dict[str, str]) -> None:
    """Cut texts as the old importers did; most texts have one line, which no importer could cut."""
    total = book.db.execute("SELECT coalesce(max(rowid), 0) FROM prayer").fetchone()[0]
    wanted = round(total * book.options.share("text-truncated"))
    numbers = book.rng.sample(range(1, total + 1), min(total, wanted * 12))
    for key, text, generated, path in book.rows("prayer", "id, text, generated_prayer, text_file_path", numbers):
        hidden = key in book.outcome.ambiguous or weather.get(path) in ("truncated", "torn-id")
        left = None if hidden or not wanted else truncate(text, book.rng)
        if left is not None:
            wanted -= 1
            book.cell("text-truncated", "prayer", key, "text", text, left)
            short = truncate(generated or "", book.rng)
            if short is not None:
                book.cell("text-truncated", "prayer", key, "generated_prayer", generated, short)


def _delete_prayers(book: Book, numbers: list[int], weather: dict[str, str]) -> None:
    """Delete prayers whose archive tells them whole, or visibly does not."""
    outcome = book.outcome
    hidden = outcome.ambiguous | outcome.carriage | outcome.late
    for key, path in book.rows("prayer", "id, text_file_path", numbers):
        if (
            key not in hidden
            and weather.get(path) != "torn-id"
            and not book.is_touched("prayer", key, book.columns.author)
        ):
            book.delete("prayer-deleted", "prayer", key)


def _damage_authors(book: Book, parts: dict[str, list[int]]) -> None:
    column = book.columns.author
    living = [row[0] for row in book.db.execute(f'SELECT {book.columns.user_key} FROM "user" ORDER BY rowid')]
    for kind in ("author-ghost", "author-none", "author-wrong"):
        for key, author in book.rows("prayer", f"id, {column}", parts[kind]):
            if kind == "author-ghost":
                value = book.ghost()
            else:
                value = book.nobody() if kind == "author-none" else book.rng.choice(living)
            book.cell(kind, "prayer", key, column, author, value)


def damage_marks(book: Book) -> None:
    """Damage who prayed and the paths, delete marks, and double some as careless re-imports did."""
    column = book.columns.marker
    parts = book.parts("prayermark", "mark-ghost", "mark-none", "mark-deleted", "mark-duplicated", "mark-reimported")
    for kind in ("mark-ghost", "mark-none"):
        for key, user in book.rows("prayermark", f"id, {column}", parts[kind]):
            value = book.ghost() if kind == "mark-ghost" else book.nobody()
            book.cell(kind, "prayermark", key, column, user, value)
    gone = set()
    for key, user, prayer, created in book.rows(
        "prayermark", f"id, {column}, prayer_id, created_at", parts["mark-deleted"]
    ):
        if key not in book.outcome.late and not book.is_touched("prayermark", key, column):
            book.delete("mark-deleted", "prayermark", key)
            gone.add((user, prayer, created[:16]))
    for how in ("mark-duplicated", "mark-reimported"):
        for key, user, prayer, created, path in book.rows("prayermark", "*", parts[how]):
            if key in book.outcome.late or book.is_touched("prayermark", key, column):
                continue
            if (user, prayer, created[:16]) in gone:  # One lost and one doubled: nothing would be missing.
                continue
            time = created if how == "mark-duplicated" else f"{created[:16]}:00.000000"
            book.add("mark-duplicated", "prayermark", (hex_id(book.rng), user, prayer, time, path), key, how=how)
    paths = book.parts("prayermark", "mark-path-tmp")["mark-path-tmp"]
    doubled = {entry["twin"] for entry in book.added} | {entry["pk"] for entry in book.added}
    for key, path in book.rows("prayermark", "id, text_file_path", paths):
        if key not in doubled:
            book.cell("path-tmp", "prayermark", key, "text_file_path", path, _imported_path(book, path))


def damage_activity(book: Book) -> None:
    """Damage who did what. A flag without an archive line keeps the log row that still says who flagged."""
    silent = book.outcome.silent_flags
    for key, user in book.rows(
        "prayer_attributes", "id, created_by", book.parts("prayer_attributes", "attr-ghost")["attr-ghost"]
    ):
        book.cell("attr-ghost", "prayer_attributes", key, "created_by", user, book.ghost())
    numbers = book.parts("prayer_activity_log", "log-ghost")["log-ghost"]
    for key, user, prayer, action in book.rows("prayer_activity_log", "id, user_id, prayer_id, action", numbers):
        if action != "set_flagged" or prayer not in silent:
            book.cell("log-ghost", "prayer_activity_log", key, "user_id", user, book.ghost())
