"""Author repair on a database of today's application, where names are the keys."""

from __future__ import annotations

from pathlib import Path

from tests.cli.support import Wish, listing, reconstruct, rows, write, write_archive
from tests.factories import ORM_V2


def community_of(folder: Path, authors: dict[str, str]) -> Path:
    """Anna and Bert; a prayer of Anna per entry, whose author the database has as the value."""
    wishes = [Wish(key, "Anna") for key in authors]
    write_archive(folder / "text_archives", ["Anna", "Bert"], wishes)
    database = folder / "thywill.db"
    people = ("Anna", "2025-06-01 08:00:00"), ("Bert", "2025-06-01 08:01:00")
    write(
        database,
        *(statement for statement in ORM_V2.split(";") if statement.strip()),
        *(("INSERT INTO user (display_name, created_at) VALUES (?, ?)", person) for person in people),
        *(
            (
                "INSERT INTO prayer (id, author_username, text, created_at, flagged) VALUES (?, ?, ?, ?, 0)",
                (wish.key, authors[wish.key], wish.text, f"2025-06-10 09:0{n}:00"),
            )
            for n, wish in enumerate(wishes)
        ),
    )
    return folder


def test_authors_are_repaired(tmp_path: Path) -> None:
    folder = community_of(tmp_path, {"a" * 32: "None", "b" * 32: "", "c" * 32: "Somebody Else", "d" * 32: "Anna"})
    before = listing(folder)
    preview = reconstruct(folder, "--dry-run", "--only", "authors", "--json")
    assert preview.code == 0, preview.err
    assert preview.json["database"]["era"] == "v2"
    assert {o["key"]: o["after"] for o in preview.json["operations"]} == {
        letter * 32: {"author_username": "Anna"} for letter in "abc"
    }
    assert listing(folder) == before
    done = reconstruct(folder, "--execute", "--yes", "--only", "authors")
    assert done.code == 0, done.err
    assert rows(folder / "thywill.db", "SELECT DISTINCT author_username FROM prayer") == [("Anna",)]
    assert reconstruct(folder, "--dry-run", "--only", "authors", "--exit-code").code == 0


def test_a_healthy_one_is_left_alone(tmp_path: Path) -> None:
    folder = community_of(tmp_path, {"a" * 32: "Anna", "b" * 32: "Anna"})
    assert reconstruct(folder, "--dry-run", "--only", "authors", "--json").json["pending"] == 0


def test_a_saved_plan_of_names_is_applied_and_redacted(tmp_path: Path) -> None:
    folder = community_of(tmp_path, {"a" * 32: "None", "b" * 32: "Somebody Else", "c" * 32: "Anna"})
    assert reconstruct(folder, "plan", "-o", "plan.json", "--only", "authors,person:anna", "--quiet").code == 0
    for form in ("text", "json", "markdown", "sql", "html"):
        shown = reconstruct(folder, "show", "plan.json", "--format", form, "--redact")
        assert shown.code == 0, shown.err
        assert "Anna" not in shown.out
        assert "Somebody Else" not in shown.out
    done = reconstruct(folder, "apply", "plan.json", "--yes")
    assert done.code == 0, done.err
    assert rows(folder / "thywill.db", "SELECT DISTINCT author_username FROM prayer") == [("Anna",)]
