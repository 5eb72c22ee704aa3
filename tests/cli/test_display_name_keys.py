"""Author repair on a database of today's application, where names are the keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import Wish, listing, reconstruct, rows, write, write_archive
from tests.factories import ORM_V2


def community_of(folder: Path, authors: dict[str, str], told: str = "Anna") -> Path:
    """Anna and Bert; per entry a prayer of whom the archives tell, or else of Anna, and of the value by the database."""
    wishes = [Wish(key, told if key != "d" * 32 else "Anna") for key in authors]
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


def respelled_of(folder: Path) -> Path:
    """Bert's own row is "bert ", and so are rows of his that no archive line explains; most rows say "Bert"."""
    community_of(folder, {letter * 32: "Bert" for letter in "abefgh"} | {"c" * 32: "bert ", "d" * 32: "Anna"}, "Bert")
    day = "2025-06-11 08:00:00.000000"
    write(
        folder / "thywill.db",
        "UPDATE user SET display_name = 'bert ' WHERE display_name = 'Bert'",
        "CREATE TABLE user_roles (id VARCHAR PRIMARY KEY, user_id VARCHAR NOT NULL REFERENCES user (display_name), "
        "role_id VARCHAR NOT NULL, granted_by VARCHAR)",
        "CREATE TABLE session (id VARCHAR PRIMARY KEY, username VARCHAR NOT NULL)",
        "INSERT INTO user_roles VALUES ('r1', 'bert ', 'moderator', 'Anna')",
        "INSERT INTO session VALUES ('s1', 'bert '), ('s2', 'Anna')",
        f"INSERT INTO prayermark VALUES ('m1', 'bert ', '{'d' * 32}', '{day}', NULL)",
    )
    return folder


def referring(folder: Path) -> dict[str, str]:
    """Row -> whom it refers to."""
    found = {
        **dict(rows(folder / "thywill.db", "SELECT substr(id, 1, 1), author_username FROM prayer")),
        **dict(rows(folder / "thywill.db", "SELECT id, username FROM prayermark")),
        **dict(rows(folder / "thywill.db", "SELECT id, user_id FROM user_roles")),
        **dict(rows(folder / "thywill.db", "SELECT id, username FROM session")),
    }
    return {str(key): str(user) for key, user in found.items()}


@pytest.mark.parametrize("selection", [(), ("--only", "users"), ("--only", "US008")])
def test_whatever_refers_to_a_respelled_user_follows_her(tmp_path: Path, selection: tuple[str, ...]) -> None:
    folder = respelled_of(tmp_path)
    done = reconstruct(folder, "--execute", "--yes", *selection)
    assert done.code == 0, done.err
    bert = dict.fromkeys((*"abcefgh", "m1", "r1", "s1"), "Bert")
    assert referring(folder) == bert | {"d": "Anna", "s2": "Anna"}
    assert rows(folder / "thywill.db", "SELECT display_name FROM user ORDER BY 1") == [("Anna",), ("Bert",)]


def test_what_is_somebody_elses_goes_to_her_with_the_new_spelling(tmp_path: Path) -> None:
    folder = respelled_of(tmp_path)
    write(folder / "thywill.db", f"UPDATE prayer SET author_username = 'bert ' WHERE id = '{'d' * 32}'")
    before = (folder / "thywill.db").read_bytes()
    done = reconstruct(folder, "--execute", "--yes", "--only", "users", "--force")
    assert done.code == 0, done.err
    assert referring(folder)["d"] == "Anna", "another key for Bert takes the repair of what is not his along"
    undone = reconstruct(folder, "undo", "--yes")
    assert undone.code == 0, undone.err
    (tmp_path / "before.db").write_bytes(before)
    query = "SELECT id, author_username FROM prayer ORDER BY 1"
    assert rows(folder / "thywill.db", query) == rows(tmp_path / "before.db", query)


def test_a_spelling_that_others_have_come_to_use_is_not_taken_back(tmp_path: Path) -> None:
    folder = respelled_of(tmp_path)
    assert reconstruct(folder, "--execute", "--yes").code == 0
    write(folder / "thywill.db", "INSERT INTO session VALUES ('s3', 'Bert')")
    undone = reconstruct(folder, "undo", "--yes")
    assert undone.code == 30
    assert "rows have come to refer to it since (1 in session)" in undone.err
    assert referring(folder)["s3"] == "Bert"
