"""Names that had an earlier bearer: what she left behind must not go to whoever bears the name now.

Giving an imported name to whoever registered it later is the mistake to avoid (design: identity).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from thywill_reconstruct.identity.draft import SLACK, Draft
from thywill_reconstruct.identity.evidence import RENAME_RECORDS, RENAME_SHARE
from thywill_reconstruct.identity.model import RosterEntry
from thywill_reconstruct.identity.standing import Standing
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, show

# Later than every record: the name is never certain.
NEVER: Minute = 2**40


def note_namesake(draft: Draft, row: RosterEntry, older: Collection[str], months: Collection[str]) -> None:
    """Set the minute before which records may be an earlier bearer's, where a row is not of the first registration.

    A row that claimed a token was made by a registration, and so perhaps was one that names an inviter, unless the archives
    cover its day and know of none. What is neither, the application's own repair tools made of the registered person: with
    the date of the day and without an inviter (archive format spec, section 6.4).

    Args:
        draft: The person.
        row: Their row.
        older: Keys of users to whom rows refer that are older than the user's own row. A user who was recreated by other
            tools has the new date, but such rows still refer to them.
        months: Months of which registrations are known.
    """
    registered = draft.group.registered
    if row.created is None or not registered or draft.registered_then(row):
        return
    for minute in registered[1:]:
        if abs(minute - row.created) <= SLACK and minute - registered[0] > SLACK:
            draft.valid_from = minute - SLACK
            draft.notes.append(f"the name was registered again on {show(minute)}, and the user is of that day")
    by_registration = row.registered or (row.invited and show(row.created)[:7] not in months)
    late = row.created > registered[0] + MINUTES_PER_DAY
    if draft.valid_from is None and row.key not in older and late and by_registration:
        draft.valid_from = row.created - SLACK
        draft.notes.append(f"the user joined on {show(row.created)}, long after the name was registered")


def acts_on_beside(standing: Standing, number: int, row: RosterEntry) -> bool:
    """Return whether an earlier bearer of a name lives on, or acted on, after the user who bears it now had joined.

    Then no record of the name is certain: before 2025-06-29 nothing kept names unique (archive format spec, section 4), and
    the archives call both alike.
    """
    draft, relations = standing.drafts[number], standing.relations
    if draft.valid_from is None:
        return False
    pointed_at = {key for name in draft.group.names for key in relations.living.get(name, ())}
    if any(draft.registered_then(standing.row_of[key]) for key in pointed_at - {row.key} if key in standing.row_of):
        return True
    ghosts = (key for key, names in relations.vanished.items() if not names.keys().isdisjoint(draft.group.names))
    return any(
        relations.since.get(key, draft.valid_from) < draft.valid_from - MINUTES_PER_DAY
        and relations.until.get(key, 0) >= draft.valid_from
        for key in ghosts
    )


def born_as_another(standing: Standing) -> set[str]:
    """Return the rows that bear a name of the archives but joined in the minute when another name was registered.

    Somebody else may have taken the name, or have been given it: then the name alone proves nothing, unless the name's own
    records point at the row.
    """
    owner = {m.name: draft for draft in standing.drafts for m in draft.group.mentions if m.registered}
    births: dict[Minute, list[Draft]] = defaultdict(list)
    for draft in standing.drafts:
        for minute in draft.group.registered[:1]:
            births[minute].append(draft)
    found = set()
    for row in standing.roster:
        bearer = owner.get(row.name)
        if bearer is None or row.created is None or bearer.registered_ever(row):
            continue
        hers, total = standing.records_of(bearer, row)
        if hers >= RENAME_RECORDS and hers >= RENAME_SHARE * total:
            continue
        around = range(row.created - SLACK, row.created + SLACK + 1)
        if any(draft is not bearer for minute in around for draft in births.get(minute, ())):
            found.add(row.key)
    return found


def pointed_at_by_another(standing: Standing) -> set[str]:
    """Return the rows that bear a name of the archives but hold the records of another name, and hardly one of their own.

    Whoever joined in the minute in which the name was registered keeps it: then the records are what was damaged.
    """
    found = set()
    for number in range(len(standing.drafts)):
        top, count, _ = standing.majority(number)
        bearer = standing.number_of.get(standing.row_of[top].name, number) if top else number
        if bearer == number or standing.drafts[bearer].registered_ever(standing.row_of[top]):
            continue
        hers, _ = standing.records_of(standing.drafts[bearer], standing.row_of[top])
        if count >= RENAME_SHARE * (count + hers):
            found.add(top)
    return found
