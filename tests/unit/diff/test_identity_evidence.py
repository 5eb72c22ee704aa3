"""Exports, merge logs and acting at once: what each proves, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

from tests.factories import ORM_V2, PEOPLE, archive, compare, mark, prayer, prayer_file, snapshot, user
from thywill_reconstruct.database.rows import MergeRow
from thywill_reconstruct.diff.analyse import Analysis, analyse
from thywill_reconstruct.diff.identity_evidence import acted_at_once, merged_into, stated_names
from thywill_reconstruct.identity.model import Mention
from thywill_reconstruct.records import Archive, Span, StatedIdentity

OLD = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"
PLACE = Span("community.json", 1, 1)


def stating(told: Archive, *pairs: tuple[str, str]) -> Archive:
    return replace(told, identities=tuple(StatedIdentity(key, name, PLACE) for key, name in pairs))


def verdicts(analysis: Analysis) -> dict[str, tuple[str, str]]:
    return {p.name: (p.verdict, p.key) for p in analysis.resolution.persons}


def test_an_export_proves_a_rename_without_any_shared_record() -> None:
    told = archive(registered="June 01 2025 at 08:00 - Anna joined directly")
    stored = snapshot(users=[user("a1", "Sunshine", "05 10:00")])
    assert verdicts(analyse(told, stored, "/"))["Anna"][0] == "missing"
    assert verdicts(analyse(stating(told, ("a1", "Anna")), stored, "/"))["Anna"] == ("renamed", "a1")


def test_an_export_tells_the_id_of_somebody_who_is_gone() -> None:
    told = archive(prayer_file("rain", by="Dora"), registered="June 01 2025 at 08:30 - Dora joined directly")
    stored = snapshot(users=[], prayers=[prayer("other", OLD, "10:00")])
    assert verdicts(analyse(told, stored, "/"))["Dora"][1] != OLD
    assert verdicts(analyse(stating(told, (OLD, "Dora")), stored, "/"))["Dora"] == ("missing", OLD)


def test_an_exported_id_whose_rows_are_older_than_the_person_was_a_namesakes() -> None:
    told = archive(prayer_file("rain"))
    stating_old = stating(told, (OLD, "Anna"))
    for created, expected in (("2025-05-02 10:00", []), ("10:00", [f"PR001 other.author {OLD} -> anna"])):
        stored = snapshot(prayers=[prayer("other", OLD, created)])
        assert compare(stating_old, stored).does("PR001") == expected


def test_exports_that_contradict_each_other_prove_nothing() -> None:
    told = archive(
        registered="June 01 2025 at 08:00 - Anna joined directly\nJune 01 2025 at 09:00 - Dora joined directly"
    )
    stored = snapshot(users=[user("a1", "Sunshine", "05 10:00")])
    found = verdicts(analyse(stating(told, ("a1", "Anna"), ("a1", "Dora")), stored, "/"))
    assert {verdict for verdict, _ in found.values()} == {"missing"}


def test_an_export_does_not_take_a_row_from_whoever_bears_the_name() -> None:
    told = archive(
        registered="June 01 2025 at 08:00 - Anna joined directly\nJune 01 2025 at 08:10 - Bert joined directly"
    )
    stored = snapshot(users=PEOPLE[:2])
    found = verdicts(analyse(stating(told, ("bert", "Anna")), stored, "/"))
    assert found == {"Anna": ("match", "anna"), "Bert": ("match", "bert")}


def test_a_name_whose_stated_user_is_somebody_elses_is_not_made_again() -> None:
    told = archive(
        registered="June 01 2025 at 08:30 - Dora joined directly\nJune 01 2025 at 08:10 - Bert joined directly"
    )
    found = verdicts(analyse(stating(told, ("bert", "Dora")), snapshot(users=PEOPLE[1:2]), "/"))
    assert found["Dora"][0] == "possible"


def test_statements_are_of_ids_and_news() -> None:
    pairs = [
        StatedIdentity("anna", "Anna", PLACE),
        StatedIdentity("x", "None", PLACE),
        StatedIdentity("y", "Y", PLACE),
    ]
    assert stated_names(pairs, snapshot()) == {"y": frozenset({"Y"})}
    assert stated_names(pairs, snapshot(users=[], sql=ORM_V2)) == {}


def test_a_merge_log_says_whose_a_vanished_id_was() -> None:
    told = archive(prayer_file("rain"))
    stored = snapshot(prayers=[prayer("unknown", OLD, "10:00")])
    assert compare(told, stored).does("PR001") == []
    merged = replace(stored, merges=(MergeRow(OLD, "cleo"),))
    assert compare(told, merged).does("PR001") == ["PR001 unknown.author " + OLD + " -> cleo"]


def test_a_merge_log_that_archives_contradict_proves_nothing() -> None:
    told = archive(prayer_file("rain", by="Bert"), prayer_file("sun", by="Bert", at="10:00"))
    stored = snapshot(
        prayers=[prayer("rain", OLD), prayer("sun", OLD, "10:00"), prayer("unknown", OLD, "11:00")],
        marks=[mark("m", OLD, "09:30", of="unknown")],
    )
    merged = replace(stored, merges=(MergeRow(OLD, "cleo"),))
    assert all("-> cleo" not in words for words in compare(told, merged).does("PR001", "MK001"))


def test_merges_are_followed_to_their_end_and_circles_are_none() -> None:
    merges = [
        MergeRow("a", "b"),
        MergeRow("b", "anna"),
        MergeRow("c", "d"),
        MergeRow("d", "c"),
        MergeRow("e", "gone"),
    ]
    twice = [MergeRow("f", "anna"), MergeRow("f", "bert")]
    assert merged_into([*merges, *twice], {"anna", "bert"}) == {"a": "anna", "b": "anna"}


def test_two_spellings_that_act_at_once_are_two_people() -> None:
    registered = "June 01 2025 at 08:00 - Mary Johnson joined directly"
    log = "09:10 - Mary Johnson prayed for prayer rain\n09:{} - mary johnson prayed for prayer rain"
    apart, joined = (archive(registered=registered, log=log.format(minute)) for minute in ("10", "30"))
    stored = snapshot(users=[])
    assert verdicts(analyse(joined, stored, "/")).keys() == {"Mary Johnson"}
    found = verdicts(analyse(apart, stored, "/"))
    assert (found["Mary Johnson"][0], found["mary johnson"][0]) == ("missing", "possible")


def test_only_spellings_that_could_be_joined_are_looked_at() -> None:
    told = archive(log="09:10 - Anna prayed for prayer rain\n09:10 - Bert prayed for prayer rain")
    mentions = [Mention(name, (), 1, 0, 1, ()) for name in ("Anna", "Bert")]
    assert acted_at_once(told, mentions) == frozenset()


def test_healed_files_prove_nothing_where_there_is_a_log() -> None:
    """An importer doubles a mark under another spelling, and healing writes both into one file."""
    lines = ("09:10 - Mary Johnson prayed this prayer", "09:10 - mary johnson prayed this prayer")
    registered = "June 01 2025 at 08:00 - Mary Johnson joined directly"
    log = "09:10 - Mary Johnson prayed for prayer rain"
    told = archive(prayer_file("rain", *lines, by="Mary Johnson"), registered=registered, log=log)
    assert verdicts(analyse(told, snapshot(users=[]), "/")).keys() == {"Mary Johnson"}
    without = archive(prayer_file("rain", *lines, by="Mary Johnson"), registered=registered)
    assert "mary johnson" in verdicts(analyse(without, snapshot(users=[]), "/"))
