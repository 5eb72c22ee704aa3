"""Names that had an earlier bearer: what she left behind must not go to whoever bears the name now.

Giving an imported name to whoever registered it later is the mistake to avoid (design: identity).
"""

from __future__ import annotations

from collections.abc import Collection

from thywill_reconstruct.identity.draft import SLACK, Draft
from thywill_reconstruct.identity.model import RosterEntry
from thywill_reconstruct.times import MINUTES_PER_DAY, show


def note_namesake(draft: Draft, row: RosterEntry, older: Collection[str]) -> None:
    """Set the minute before which records may be an earlier bearer's, where a row is not of the first registration.

    Args:
        draft: The person.
        row: Her row.
        older: Keys of users to whom rows refer that are older than the user's own row. A user who was recreated by other
            tools has the new date, but such rows still refer to her.
    """
    registered = draft.group.registered
    if row.created is None or not registered or draft.registered_then(row):
        return
    for minute in registered[1:]:
        if abs(minute - row.created) <= SLACK and minute - registered[0] > SLACK:
            draft.valid_from = minute - SLACK
            draft.notes.append(f"the name was registered again on {show(minute)}, and the user is of that day")
    if draft.valid_from is None and row.key not in older and row.created > registered[0] + MINUTES_PER_DAY:
        draft.valid_from = row.created - SLACK
        draft.notes.append(f"the user joined on {show(row.created)}, long after the name was registered")
