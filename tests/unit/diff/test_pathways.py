"""How a database spells the way to an archive file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import HOME, archive, prayer_file
from thywill_reconstruct.diff.pathways import Pathways, find_pathways
from thywill_reconstruct.diff.sources import gather
from thywill_reconstruct.records import Archive

RAIN = prayer_file("rain")
ZIPPED = replace(archive(RAIN), location=None)


def ways(*stored: str | None, told: Archive | None = None) -> Pathways:
    told = told or archive(RAIN)
    return find_pathways(told, gather(told, ()).prayers, stored, HOME)


def test_without_paths_the_applications_default_is_used() -> None:
    assert (
        ways().spell("users/x.txt") == ways(None, "", "nonsense").spell("users/x.txt") == "text_archives/users/x.txt"
    )


@pytest.mark.parametrize(
    "prefix", ["text_archives/", f"{HOME}/text_archives/", "./text_archives/", f"{HOME}/../thywill/text_archives/"]
)
def test_the_form_that_leads_to_the_archive_is_kept(prefix: str) -> None:
    found = ways(f"{prefix}{RAIN.path}")
    assert found.spell("users/x.txt") == f"{prefix}users/x.txt"
    assert found.status(f"{prefix}{RAIN.path}") == "good"
    assert found.relative(f"{prefix}{RAIN.path}") == RAIN.path


def test_of_several_forms_the_more_frequent_one_is_written_and_both_are_right() -> None:
    absolute = f"{HOME}/text_archives/"
    found = ways(f"{absolute}{RAIN.path}", f"{absolute}users/2025_06_users.txt", f"text_archives/{RAIN.path}")
    assert found.spell(RAIN.path) == absolute + RAIN.path
    assert found.status(f"text_archives/{RAIN.path}") == "good"


@pytest.mark.parametrize(
    "prefix", ["/tmp/tmpab12/", "/tmp/tmpab12/complete_site_archive/", "/var/tmp/x/", "/srv/complete_site_archive/"]
)
def test_what_an_import_left_is_never_written_however_frequent(prefix: str) -> None:
    found = ways(*[f"{prefix}{RAIN.path}"] * 9, f"text_archives/{RAIN.path}")
    assert found.spell(RAIN.path) == f"text_archives/{RAIN.path}"
    assert found.status(f"{prefix}{RAIN.path}") == "dead"
    assert ways(f"{prefix}{RAIN.path}").spell(RAIN.path) == f"text_archives/{RAIN.path}"


def test_an_archive_that_lies_in_a_temporary_folder_right_now_is_no_leftover() -> None:
    told = replace(archive(RAIN), location="/tmp/here/text_archives")
    assert (
        ways(f"/tmp/here/text_archives/{RAIN.path}", told=told).status(f"/tmp/here/text_archives/{RAIN.path}")
        == "good"
    )


def test_a_zip_is_nowhere_so_the_databases_own_form_is_kept() -> None:
    found = ways(f"archive_folder/{RAIN.path}", f"/tmp/tmpx/{RAIN.path}", told=ZIPPED)
    assert found.spell("users/x.txt") == "archive_folder/users/x.txt"


def test_status() -> None:
    found = ways(f"text_archives/{RAIN.path}")
    assert found.status(None) == found.status("") == found.status("disabled_archive_for_user_Anna") == "missing"
    assert found.status("text_archives/prayers/2025/06/gone.txt") == "dead"
    assert found.status("elsewhere") == "dead"
    assert found.relative("elsewhere") is None


def test_the_files_of_each_prayer() -> None:
    second = prayer_file("rain", suffix="rain_2")
    assert ways(told=archive(second, RAIN)).of_prayer == {"rain": (RAIN.path, second.path)}
