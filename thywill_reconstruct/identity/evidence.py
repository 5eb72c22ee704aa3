"""What records say about names and keys, before anybody is matched."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping

from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.identity.model import Relations
from thywill_reconstruct.times import Minute

# One record may be a stray, the damage we look for; a rename, or two people of like names, show in several.
RENAME_RECORDS = 2
# A rename needs this share of all records that point at living rows, and at least so many records, besides the
# registration minute or the name. Strays are the damage we look for, so the share is not 1.
RENAME_SHARE = 0.6
# A vanished key must be named by so many rows before it speaks for rows that no archive line explains.
FORMER_RECORDS = 2
# And by this share of them. Marks have a log row each, and only what stands alone in its minute counts as explained.
FORMER_SHARE = 0.2


def records_point_at(relations: Relations, bearers: Mapping[str, str]) -> dict[str, set[str]]:
    """Return name -> the keys that several of its records point at, living or vanished.

    Args:
        relations: The shared events.
        bearers: registered name -> key of the user who bears it exactly; counts as one of the name's keys.
    """
    keys: dict[str, set[str]] = defaultdict(set)
    for name, living in relations.living.items():
        keys[name].update(key for key, count in living.items() if count >= RENAME_RECORDS)
    for key, names in relations.vanished.items():
        for name, count in names.items():
            if count >= RENAME_RECORDS:
                keys[name].add(key)
    for name, key in bearers.items():
        keys[name].add(key)
    return keys


def deterministic_key(name: str, first: Minute | None) -> str:
    """Return the id a recreated user gets when the database no longer knows the old one: the same on every machine."""
    return hashlib.sha256(f"user\0{folded(name)}\0{first}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
