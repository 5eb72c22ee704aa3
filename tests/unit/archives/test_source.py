from __future__ import annotations

import pytest

from thywill_reconstruct.archives.source import find_roots, printable_path


@pytest.mark.parametrize(
    ("paths", "roots"),
    [
        (["prayers/", "users/"], [""]),
        (["prayers/2025/07/"], [""]),
        (["complete_site_archive/prayers/2025/a.txt"], ["complete_site_archive/"]),
        (["a/b/users/"], ["a/b/"]),
        (["a/b/c/d/e/f/users/"], ["a/b/c/d/e/f/"]),
        (["a/b/c/d/e/f/g/users/"], []),
        (["text_archives/prayers/", "text_archives/users/", "templates/users/"], ["text_archives/"]),
        (["one/users/", "two/users/"], ["one/", "two/"]),
        (["wrap/activity/", "wrap/x/prayers/"], ["wrap/"]),
        (["nothing/", "users", "export/users"], []),
        (["export/users.json", "export/README.txt"], ["export/"]),
        (["community_export_2025-06-20.json"], [""]),
        (["users.json", "site/prayers/"], ["site/"]),
        (["database_exports/sessions/a.txt"], [""]),
        (["sessions/", "users.json"], [""]),
    ],
)
def test_roots(paths: list[str], roots: list[str]) -> None:
    assert find_roots(paths) == roots


def test_names_that_are_not_utf8_can_be_printed() -> None:
    assert printable_path("a\udcff") == "a\\udcff"
