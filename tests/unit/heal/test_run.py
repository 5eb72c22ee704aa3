"""Archives from a database: the round trip, and that nothing is changed, lost or told twice."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.community import Options, make_community
from tests.covered import Covered, covered
from thywill_reconstruct.archives.load import load_archive
from thywill_reconstruct.errors import OutputError, UsageError
from thywill_reconstruct.heal.plan import LINES_MISREAD, TEXT_MISREAD
from thywill_reconstruct.heal.run import heal
from thywill_reconstruct.heal.write import append, create
from thywill_reconstruct.rebuild.run import rebuild
from thywill_reconstruct.workflow import inspect, make_plan

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus"
OPTIONS = Options(users=24, prayers=50, months=2, seed=9, damage="none", weather=False, zone="Asia/Kolkata")


@pytest.fixture(scope="module", params=["v1", "v2", "v2-exports"])
def community(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A healthy community with its archives."""
    folder = tmp_path_factory.mktemp(request.param)
    era = request.param[:2]
    make_community(folder, replace(OPTIONS, era=era, exports="exports" in request.param))
    return folder, era


def copied(database: Path, folder: Path) -> Path:
    """A copy that may be written."""
    path = folder / "thywill.db"
    path.write_bytes(database.read_bytes())
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def require_round_trip(database: Path, era: str, folder: Path) -> None:
    """Database, archives from nothing, database again: every covered column of every row is equal.

    Two things typed text can bring about, and ``heal`` names each: a text that is divided at the wrong marker, and a testimony
    that ends before lines that look like records. Of such prayers, all else is equal.
    """
    healed = heal(database, folder / "text_archives", execute=True)
    made = rebuild([folder / "text_archives"], folder / "again.db", era)
    named: dict[str, set[str]] = {TEXT_MISREAD: set(), LINES_MISREAD: set()}
    for subject, reason in healed.skipped.items():
        named[reason].add(subject.removeprefix("prayer "))
    assert named[TEXT_MISREAD] <= {one.prayer for one in made.chosen}
    assert "PR003" not in {doubt.code for doubt in made.doubts}
    before, after = covered(database), covered(folder / "again.db")
    if era == "v2":  # a column of era v1 that a database of a half-applied migration may still have
        before["prayer"] = Counter({(*row[:5], None, *row[6:]): n for row, n in before["prayer"].items()})
    assert blank(after, named) == blank(before, named)


def blank(rows: Covered, named: dict[str, set[str]]) -> Covered:
    """Take out the two texts of the prayers of one kind, and the testimonies of those of the other."""
    divided, cut = named[TEXT_MISREAD], named[LINES_MISREAD]

    def cells(table: str, row: tuple[object, ...]) -> tuple[object, ...]:
        if table == "prayer" and row[0] in divided:
            return (*row[:2], "", "", *row[4:])
        if row[0] in cut and row[1] in ("answer_testimony", "set_answer_testimony", "testimony"):
            return (*row[:2], "", *row[3:])
        return row

    found = {table: Counter[tuple[object, ...]]() for table in rows}
    for table, counted in rows.items():
        for row, n in counted.items():
            found[table][cells(table, row)] += n
    return found


def test_the_round_trip_gives_back_every_covered_column(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    require_round_trip(copied(folder / "truth.db", tmp_path), era, tmp_path)


@pytest.mark.parametrize(
    "options",
    [
        replace(OPTIONS, seed=2, users=30, prayers=120, zone="America/New_York"),
        replace(OPTIONS, seed=3, users=30, prayers=120, imitations=6, era="v2"),
        replace(OPTIONS, seed=11, users=16, prayers=80, imitations=4, era="v2", exports=True, zone="UTC"),
        replace(OPTIONS, seed=12, users=40, prayers=80, era="v2", marks="username-plain", migration=9, mixed=True),
        replace(OPTIONS, seed=21, users=60, prayers=90, months=7, imitations=3),
    ],
    ids=lambda options: f"{options.era}-{options.seed}",
)
def test_the_round_trip_of_other_communities(options: Options, tmp_path: Path) -> None:
    """Both eras, other zones, typed markers and imitated lines, half-applied migrations."""
    make_community(tmp_path / "made", options)
    require_round_trip(copied(tmp_path / "made" / "truth.db", tmp_path), options.era, tmp_path)


def test_the_round_trip_of_the_corpus(tmp_path: Path) -> None:
    for name, era, file in (("v1-small", "v1", "truth.db"), ("v2-small", "v2", "thywill.db")):
        if (CORPUS / name).exists():
            (tmp_path / name).mkdir()
            database = copied(CORPUS / name / file, tmp_path / name)
            assert heal(database, tmp_path / name / "text_archives", execute=False).skipped == {}
            require_round_trip(database, era, tmp_path / name)


def test_complete_archives_lack_only_the_flags_that_the_application_never_tells(
    community: tuple[Path, str],
) -> None:
    folder, _ = community
    healed = heal(folder / "truth.db", folder / "text_archives", execute=False)
    assert set(healed.counts) <= {"flagged lines"}
    assert healed.created == ()


def test_a_dry_run_writes_nothing(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = community
    database = copied(folder / "truth.db", tmp_path)
    before = contents(tmp_path)
    assert heal(database, tmp_path / "text_archives", execute=False).counts["prayers"] == OPTIONS.prayers
    assert contents(tmp_path) == before
    assert not (tmp_path / "text_archives").exists()


def test_what_is_lost_is_told_again_behind_what_is_there(community: tuple[Path, str], tmp_path: Path) -> None:
    """Without some prayer files and the registrations of a month, all lines that were there stay as they were."""
    folder, _ = community
    database = copied(folder / "truth.db", tmp_path)
    archives = tmp_path / "text_archives"
    shutil.copytree(folder / "text_archives", archives)
    lost = sorted((archives / "prayers").glob("*/*/*.txt"))[::4]
    for path in lost:
        path.unlink()
    before = contents(archives)
    healed = heal(database, archives, execute=True)
    after = contents(archives)
    assert healed.counts["prayers"] == len(lost)
    assert not {"registrations", "prayed lines"} & healed.counts.keys(), "the activity log records them"
    assert all(after[name].startswith(text) for name, text in before.items())
    assert {str(path.relative_to(archives)) for path in lost} == set(healed.created)
    again = heal(database, archives, execute=False)
    assert (again.created, again.appended) == ((), ())
    assert not load_archive(archives).problems or {p.code for p in load_archive(archives).problems} <= {
        "AR005",
        "AR010",
    }


def test_new_rows_are_told_in_the_files_that_are_there(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, era = community
    database = copied(folder / "truth.db", tmp_path)
    archives = tmp_path / "text_archives"
    shutil.copytree(folder / "text_archives", archives)
    column = "user_id" if era == "v1" else "username"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            f"INSERT INTO prayermark (id, {column}, prayer_id, created_at, text_file_path) "
            f"SELECT 'new', author, id, stamp, NULL FROM (SELECT {'author_id' if era == 'v1' else 'author_username'} "
            "AS author, id, substr(created_at, 1, 8) || '28 23:58:00.000000' AS stamp FROM prayer ORDER BY rowid LIMIT 1)"
        )
    before = contents(archives)
    healed = heal(database, archives, execute=True)
    after = contents(archives)
    assert healed.counts["prayed lines"] == 1
    assert set(healed.counts) <= {"prayed lines", "flagged lines"}
    assert all(after[name].startswith(before[name]) for name in healed.appended)
    added = "".join(
        after[name][len(before.get(name, b"")) :].decode() for name in (*healed.appended, *healed.created)
    )
    assert added.count("prayed") == 2, "in the prayer's file and in the activity log"
    assert make_plan(inspect(database, archives)).operations == ()
    with closing(sqlite3.connect(database)) as connection:
        ((path,),) = connection.execute("SELECT text_file_path FROM prayermark WHERE id = 'new'").fetchall()
    assert path in {f"text_archives/{name}" for name in healed.appended}


def test_rows_of_nobody_are_not_told(tmp_path: Path) -> None:
    make_community(tmp_path / "made", replace(OPTIONS, era="v2"))
    database = copied(tmp_path / "made" / "truth.db", tmp_path)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE prayermark SET username = 'None'")
        connection.execute(
            "INSERT INTO user SELECT 'Unknown User', created_at, NULL, NULL, 0, NULL, 0, NULL, NULL FROM user LIMIT 1"
        )
    healed = heal(database, tmp_path / "text_archives", execute=True)
    assert "prayed lines" not in healed.counts
    assert "user Unknown User" in healed.skipped
    assert not any(
        b"None" in text or b"Unknown User" in text for text in contents(tmp_path / "text_archives").values()
    )


def test_a_torn_file_is_not_appended_to(community: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = community
    database = copied(folder / "truth.db", tmp_path)
    archives = tmp_path / "text_archives"
    shutil.copytree(folder / "text_archives", archives)
    users = sorted((archives / "users").glob("*_users.txt"))[0]
    lines = users.read_bytes().split(b"\n")
    users.write_bytes(b"\n".join(lines[:4]))
    for log in (archives / "activity").glob("*"):
        log.unlink()
    before = users.read_bytes()
    healed = heal(database, archives, execute=False)
    assert users.read_bytes() == before
    assert any("torn" in reason for reason in healed.skipped.values())


def test_a_zip_cannot_be_healed(tmp_path: Path) -> None:
    (tmp_path / "backup.zip").write_bytes(b"PK")
    with pytest.raises(UsageError):
        heal(tmp_path / "thywill.db", tmp_path / "backup.zip", execute=True)


def test_appending_refuses_a_torn_file_and_creating_never_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    create(path, "one\n")
    append(path, "two\n")
    assert path.read_text() == "one\ntwo\n"
    with pytest.raises(FileExistsError):
        create(path, "three\n")
    path.write_text("torn")
    with pytest.raises(OutputError):
        append(path, "four\n")
    assert path.read_text() == "torn"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_leftover_of_the_application_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a.txt.tmp").write_text("half")
    create(tmp_path / "a.txt", "one\n")
    assert (tmp_path / "a.txt").read_text() == "one\n"
    assert (tmp_path / "a.txt.tmp").read_text() == "half"
