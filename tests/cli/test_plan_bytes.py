"""Same input, same bytes: whatever the locale, time zone, hash seed, file order and working directory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import jsonschema

from tests.cli.support import reconstruct
from tests.unit.plan.test_file import SCHEMA


def test_the_same_plan_is_the_same_bytes(community: Path, tmp_path: Path) -> None:
    first = reconstruct(community, "plan", "-o", "-", "--merge-duplicates")
    assert first.code == 0
    assert len(first.out) > 100_000
    jsonschema.validate(first.json, SCHEMA)
    shuffled = tmp_path / "shuffled"
    shuffled.mkdir()
    files = sorted(path for path in (community / "text_archives").rglob("*") if path.is_file())
    for path in sorted(files, key=lambda path: path.name[::-1], reverse=True):
        place = shuffled / "text_archives" / path.relative_to(community / "text_archives")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
        os.utime(place, (1, 1))
    shutil.copy(community / "thywill.db", shuffled / "thywill.db")
    for folder, settings in (
        (community, {"TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "1"}),
        (community, {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": "4294967295", "COLUMNS": "30"}),
        (shuffled, {"PYTHONHASHSEED": "77", "PYTHONUTF8": "0", "LANG": "ar_EG.UTF-8"}),
    ):
        again = reconstruct(folder, "plan", "-o", "-", "--merge-duplicates", settings=settings)
        assert again.out == first.out, settings
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    places = ("--db", community / "thywill.db", "--archives", community / "text_archives")
    assert reconstruct(elsewhere, "plan", "-o", "-", "--merge-duplicates", *places).out == first.out


def test_views_of_a_plan_are_the_same_everywhere(community: Path) -> None:
    reconstruct(community, "plan", "-o", "plan.json", "--quiet")
    for form in ("json", "markdown", "sql", "html"):
        words = ("show", "plan.json", "--format", form)
        one = reconstruct(community, *words, settings={"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu"})
        other = reconstruct(community, *words, settings={"PYTHONHASHSEED": "2", "LC_ALL": "C"})
        assert one.out == other.out
        assert one.code == other.code == 0
    assert (
        reconstruct(community, "show", "plan.json", "--format", "json").out == (community / "plan.json").read_text()
    )
