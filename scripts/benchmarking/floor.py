"""The least any tool must do: read every byte of the archives and every row of the database, once.

usage: floor.py DATABASE ARCHIVES
"""

from __future__ import annotations

import os
import sqlite3
import sys


def read_archives(folder: str) -> int:
    """Return the number of bytes in all files of the folder, having read them."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), "rb") as file:
                total += len(file.read())
    return total


def read_rows(database: str) -> int:
    """Return the number of rows in all tables, having fetched them."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    total = 0
    for table in tables:
        cursor = connection.execute(f'SELECT * FROM "{table}"')
        while rows := cursor.fetchmany(1000):
            total += len(rows)
    connection.close()
    return total


if __name__ == "__main__":
    print(read_archives(sys.argv[2]), read_rows(sys.argv[1]))
