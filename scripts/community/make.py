"""From options to a folder: truth, weathered archives, damaged database, ledger."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .book import Book
from .damage_names import break_renames, damage_names
from .damage_rows import damage_activity, damage_marks, damage_prayers
from .damage_users import damage_tokens, damage_users, rename_users
from .exports import write_exports
from .options import ERAS, MARKS, MIGRATIONS, PROFILES, Options
from .people import hex_id
from .simulate import Outcome, Simulation
from .weather import weather_archives


def make_community(folder: Path, options: Options) -> None:
    """Make a community in a folder that must not hold one yet.

    Writes ``truth.db``, ``damaged.db``, ``ledger.json`` and ``text_archives/``. Same options, same bytes.

    Raises:
        FileExistsError: The folder holds something already.
        ValueError: An option is out of range, or the time zone is not known here.
    """
    _check(options)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    outcome = Simulation(folder, options).run()
    weather: list[dict[str, str]] = []
    if options.weather:
        weather = weather_archives(folder, Random(f"weather {options.seed}"), outcome.copied)
        weather += [{"kind": "healed-copy", "file": name} for name in sorted(outcome.copies)]
    if options.exports:
        write_exports(folder, outcome.former)
    _finish(folder, options, outcome, weather)


def damage_community(source: Path, folder: Path, options: Options) -> None:
    """Damage a copy of a community that is there already: ``thywill.db`` or ``truth.db``, and ``text_archives``.

    Of ``options`` only what is about damage counts. The archives are copied as they are.

    Raises:
        FileExistsError: The folder holds something already.
        ValueError: An option is out of range, or the source holds no database.
    """
    _check(options)
    database = next((source / name for name in ("truth.db", "thywill.db") if (source / name).exists()), None)
    if database is None:
        raise ValueError(f"{source} holds neither truth.db nor thywill.db")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    shutil.copyfile(database, folder / "truth.db")
    shutil.copytree(source / "text_archives", folder / "text_archives")
    connection = sqlite3.connect(folder / "truth.db")
    names = [name for (name,) in connection.execute('SELECT display_name FROM "user" ORDER BY rowid')]
    connection.close()
    rng = Random(f"former {options.seed}")
    outcome = Outcome(former={name: hex_id(rng) for name in names})
    _finish(folder, options, outcome, [])


def _finish(folder: Path, options: Options, outcome: Outcome, weather: list[dict[str, str]]) -> None:
    """Write the damaged database beside the truth, and the ledger of what is damaged."""
    renamed = _rename(folder, options)
    shutil.copyfile(folder / "truth.db", folder / "damaged.db")
    book = _damage(folder, options, outcome, weather, renamed)
    ledger: dict[str, Any] = {
        "seed": options.seed,
        "renamed": renamed,
        "cells": book.cells,
        "deleted": book.deleted,
        "added": book.added,
        "archives": weather,
        "imitations": outcome.imitations,
    }
    with (folder / "ledger.json").open("w", encoding="utf-8", newline="") as file:
        file.writelines(_ledger_lines(ledger))


def _ledger_lines(ledger: dict[str, Any]) -> Iterator[str]:
    """Yield a ledger as JSON, one entry per line; a large one never stands in memory as text."""
    for number, (key, value) in enumerate(ledger.items()):
        yield f"{',' if number else '{'}\n{json.dumps(key)}: "
        if isinstance(value, list):
            for place, entry in enumerate(value):
                yield f"{',' if place else '['}\n {json.dumps(entry, ensure_ascii=False)}"
            yield "\n]" if value else "[]"
        else:
            yield json.dumps(value)
    yield "\n}\n"


def _check(options: Options) -> None:
    if options.damage not in PROFILES:
        raise ValueError(f"damage must be one of {', '.join(PROFILES)}, not {options.damage}")
    if options.era not in ERAS or options.marks not in MARKS or options.migration not in MIGRATIONS:
        raise ValueError(f"era must be one of {ERAS}, marks one of {MARKS}, migration from 6 to 12")
    if options.users < 4 or options.prayers < 1 or options.months < 1:
        raise ValueError("a community needs at least 4 users, 1 prayer and 1 month")
    try:
        ZoneInfo(options.zone)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise ValueError(f"zone must be a known time zone such as Europe/Berlin, not {options.zone}") from error


def _compact(connection: sqlite3.Connection, options: Options) -> None:
    """Make a small database as small as it can be; it may be shipped."""
    if options.prayers <= 5_000:
        connection.execute("VACUUM")


def _rename(folder: Path, options: Options) -> list[dict[str, str]]:
    connection = sqlite3.connect(folder / "truth.db")
    try:
        with connection:
            renamed = rename_users(connection, options, Random(f"renamed {options.seed}"))
        _compact(connection, options)
        return renamed
    finally:
        connection.close()


def _damage(
    folder: Path, options: Options, outcome: Outcome, weather: list[dict[str, str]], renamed: list[dict[str, str]]
) -> Book:
    connection = sqlite3.connect(folder / "damaged.db")
    try:
        connection.execute("PRAGMA synchronous=OFF")
        with connection:
            book = Book(connection, options, Random(f"damage {options.seed}"), outcome)
            names = {entry["pk"] for entry in renamed}
            if book.columns.names_are_keys:
                break_renames(book, renamed)
            damage_users(book, names)
            damage_prayers(book, {entry["file"]: entry["kind"] for entry in weather})
            damage_marks(book)
            damage_activity(book)
            damage_tokens(book)
            damage_names(book, names)
        _compact(connection, options)
        return book
    finally:
        connection.close()
