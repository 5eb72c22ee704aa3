"""Where database and archives may come from: folder, ZIP, variables, settings file."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import reconstruct, refused

ARCHIVES = "text_archives"


@pytest.fixture
def operations(community: Path) -> Any:
    """What is planned with the live folder."""
    found = reconstruct(community, "--dry-run", "--json").json["operations"]
    assert len(found) > 300
    return found


def test_a_zip_and_the_folder_unpacked_from_it(community: Path, operations: Any) -> None:
    """The application's download wraps everything in a folder; paths in the database stay those of the application."""
    download = community / "complete_site_archive.zip"
    with zipfile.ZipFile(download, "w", zipfile.ZIP_DEFLATED) as container:
        for file in sorted((community / ARCHIVES).rglob("*")):
            if file.is_file():
                container.write(file, Path("complete_site_archive") / file.relative_to(community / ARCHIVES))
    (community / "downloads").mkdir()
    shutil.move(community / ARCHIVES, community / "downloads" / "complete_site_archive")
    places = [download, Path("complete_site_archive.zip"), Path("downloads"), Path("downloads/complete_site_archive")]
    for place in places:
        done = reconstruct(community, "--dry-run", "--json", "--archives", place)
        assert done.code == 0, done.err
        assert done.json["operations"] == operations, place
    written = {change["after"]["text_file_path"] for change in operations if "text_file_path" in change["after"]} - {
        None
    }
    assert all(path.startswith("text_archives/") for path in written)


def test_from_any_folder(community: Path, operations: Any, tmp_path: Path) -> None:
    for words in (
        ["--db", community / "thywill.db", "--archives", community / ARCHIVES],
        ["--db", "community/thywill.db", "--archives", "community/text_archives"],
    ):
        done = reconstruct(tmp_path, "--dry-run", "--json", *words)
        assert done.code == 0, done.err
        assert done.json["operations"] == operations


def test_the_command_to_copy_says_where_everything_is(community: Path, tmp_path: Path) -> None:
    words = ["--db", "community/thywill.db", "--archives", "community/text_archives", "--only", "users,paths"]
    shown = reconstruct(tmp_path, "--dry-run", "--timeout", "7", *words).out.split("To carry this out")[1]
    command = shown.split("\n  ")[1].splitlines()[0]
    assert command == f"reconstruct --execute {' '.join(words)} --timeout 7"
    assert reconstruct(tmp_path, *command.split()[1:], "--yes").code == 0


def test_the_applications_own_variables(community: Path, operations: Any, tmp_path: Path) -> None:
    settings = {
        "DATABASE_PATH": str(community / "thywill.db"),
        "TEXT_ARCHIVE_BASE_DIR": str(community / ARCHIVES),
    }
    done = reconstruct(tmp_path, "--dry-run", "--json", settings=settings)
    assert done.code == 0, done.err
    assert done.json["operations"] == operations
    elsewhere = {**settings, "DATABASE_PATH": "/nowhere/thywill.db"}
    refused(reconstruct(tmp_path, "--dry-run", settings=elsewhere), 10, "/nowhere/thywill.db")
    given = reconstruct(tmp_path, "--dry-run", "--db", community / "thywill.db", settings=elsewhere)
    assert given.code == 0, "an option beats a variable"


def test_a_command_to_copy_names_the_default_if_a_variable_says_otherwise(community: Path) -> None:
    settings = {"DATABASE_PATH": "/nowhere/thywill.db"}
    done = reconstruct(community, "--dry-run", "--db", "thywill.db", settings=settings)
    assert "reconstruct --execute --db thywill.db\n" in done.out


def test_the_settings_file(community: Path, operations: Any, tmp_path: Path) -> None:
    settings = tmp_path / "reconstruct.toml"
    settings.write_text('db = "community/thywill.db"\narchives = "community/text_archives"\n')
    done = reconstruct(tmp_path, "--dry-run", "--json")
    assert done.code == 0, done.err
    assert done.json["operations"] == operations
    variable = reconstruct(tmp_path, "--dry-run", settings={"DATABASE_PATH": "/nowhere.db"})
    refused(variable, 10, "/nowhere.db")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ('databse = "thywill.db"\n', "databse"),
        ("db = 7\n", "db"),
        ("db = \n", "cannot be read"),
        ("db = '\udcff'", "cannot be read"),
    ],
)
def test_a_settings_file_with_mistakes(community: Path, content: str, word: str) -> None:
    (community / "reconstruct.toml").write_bytes(content.encode("utf-8", "surrogateescape"))
    refused(reconstruct(community, "--dry-run"), 64, "reconstruct.toml", word)
