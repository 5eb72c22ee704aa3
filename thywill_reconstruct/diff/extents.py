"""Where a prayer ends if typed text holds section markers (archive format spec, section 6.2, trap T1). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from thywill_reconstruct.archives.parsed import UNREAD
from thywill_reconstruct.diff.texts import same_text
from thywill_reconstruct.records import Archive, PrayerFile, Problem, is_copy

_LOSSY = "AR003"


class Chosen(NamedTuple):
    """A prayer whose text was split by rule, not by proof: its id, its file, and in how many ways it could be split."""

    prayer: str
    file: str
    readings: int


def prove_texts(archive: Archive) -> Archive:
    """Return the archive with those texts certain of which an export holds exactly one reading.

    Source: section 3.4: the JSON export has text and generated prayer in columns of their own.
    """
    wanted = {file.prayer_id for file in archive.prayers if file.alternatives and not file.text_certain}
    told: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for record in archive.others if wanted else ():
        if record.kind == "prayer" and (fields := dict(record.fields)).get("id") in wanted:
            told[fields["id"]].append((fields.get("text", ""), fields.get("generated_prayer", "")))
    if not told:
        return archive
    return replace(
        archive, prayers=tuple(_proven(file, told.get(file.prayer_id or "", ())) for file in archive.prayers)
    )


def _proven(file: PrayerFile, told: list[tuple[str, str]] | tuple[()]) -> PrayerFile:
    if not told or file.text_certain or not file.complete:
        return file
    readings = [(file.text, file.generated), *file.alternatives]
    held = [
        (text, generated)
        for text, generated in readings
        if all(same_text(text, one) and same_text(generated, other) for one, other in told)
    ]
    if len(held) != 1:
        return file
    (right,) = held
    others = tuple(reading for reading in readings if reading != right)
    return replace(file, text=right[0], generated=right[1], text_certain=True, alternatives=others)


def can_choose(file: PrayerFile, problems: Iterable[Problem]) -> bool:
    """Say whether nothing but markers leaves a text's extent open: a damaged file proves not even where it could end."""
    damaged = any(problem.code in UNREAD or problem.code == _LOSSY for problem in problems)
    return file.complete and bool(file.alternatives) and not damaged


def choose_texts(archive: Archive) -> tuple[Archive, tuple[Chosen, ...]]:
    """Take the first reading of texts that nothing proves, where archives are all there is; say which these are.

    Who wrote a prayer and when stands in its header, which no text can imitate. A file that is damaged as well stays out.
    """
    archive = prove_texts(archive)
    problems: dict[str, list[Problem]] = defaultdict(list)
    for problem in archive.problems:
        problems[problem.span.file].append(problem)
    certain = {file.prayer_id for file in archive.prayers if file.complete and file.text_certain}
    best: dict[str, PrayerFile] = {}
    for file in archive.prayers:
        key = file.prayer_id
        if key and key not in certain and can_choose(file, problems[file.file]):
            best[key] = min(best.get(key, file), file, key=lambda one: (is_copy(one.file), len(one.file), one.file))
    if not best:
        return archive, ()
    taken = {file.file for file in best.values()}
    prayers = tuple(replace(file, text_certain=True) if file.file in taken else file for file in archive.prayers)
    chosen = sorted(Chosen(key, file.file, 1 + len(file.alternatives)) for key, file in best.items())
    return replace(archive, prayers=prayers), tuple(chosen)
