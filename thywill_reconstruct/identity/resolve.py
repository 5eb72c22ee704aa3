"""Who is who: every name of the archives is matched to a user, found missing, or left to a person to decide.

Source of the rules: design, sections "Identity" and "Recovering a user". In doubt nothing is matched.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from thywill_reconstruct.identity.draft import SLACK, Draft, first_seen, open_entry, renamed_row
from thywill_reconstruct.identity.evidence import RENAME_RECORDS, deterministic_key, records_point_at
from thywill_reconstruct.identity.fuzzy import similar_names
from thywill_reconstruct.identity.grouping import (
    Grouping,
    group_mentions,
    index_by_key,
    lookup,
)
from thywill_reconstruct.identity.model import (
    Mention,
    Relations,
    Resolution,
    RosterEntry,
    Verdict,
)
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, show

# A rename needs this share of all records that point at living rows, and at least so many records, besides the
# registration minute or the name. Strays are the damage we look for, so the share is not 1.
RENAME_SHARE = 0.6
# A vanished key must be named by so many rows before it speaks for rows that no archive line explains.
FORMER_RECORDS = 2
# And by this share of them. Marks have a log row each, and only what stands alone in its minute counts as explained.
FORMER_SHARE = 0.2


def resolve(
    mentions: Iterable[Mention],
    roster: Sequence[RosterEntry],
    relations: Relations,
    *,
    names_are_keys: bool = False,
    log_months: frozenset[str] = frozenset(),
) -> Resolution:
    """Work out who every name is.

    Pure and independent of the order of its inputs.

    Args:
        mentions: One entry per spelling in the archives.
        roster: The users that exist.
        relations: Events that stand in archive and database alike.
        names_are_keys: True where rows refer to people by name (era v2): a recreated user's key is her name.
        log_months: Months (``2025-07``) of which the activity log exists: it would name whoever registered then.

    Returns:
        One person per real person, and one entry per name that is nobody or stays open, with reasons.
    """
    ordered = sorted(roster, key=lambda entry: (entry.name, entry.key))
    given = list(mentions)
    registered = {mention.name for mention in given if mention.registered}
    pointing = records_point_at(relations, {row.name: row.key for row in ordered if row.name in registered})
    grouping = group_mentions(given, frozenset(row.name for row in ordered), pointing)
    matcher = _Matcher(grouping, ordered, relations, names_are_keys, log_months)
    matcher.claim_exact_names()
    matcher.claim_by_evidence()
    return matcher.outcome()


class _Matcher:
    """Matches groups to rows. Holds working state only; ``resolve`` is the interface."""

    def __init__(
        self,
        grouping: Grouping,
        roster: Sequence[RosterEntry],
        relations: Relations,
        names_are_keys: bool,
        log_months: frozenset[str],
    ) -> None:
        self.grouping = grouping
        self.roster = roster
        self.relations = relations
        self.names_are_keys = names_are_keys
        self.drafts = [Draft(group) for group in grouping.groups]
        self.claimed: set[str] = set()
        self.given: set[str] = set()
        self.row_of = {entry.key: entry for entry in roster}
        self.born: dict[Minute | None, list[RosterEntry]] = defaultdict(list)
        for entry in roster:
            self.born[entry.created].append(entry)
        self.names = index_by_key((m.name, n) for n, d in enumerate(self.drafts) for m in d.group.mentions)
        self.acting = {m.name for d in self.drafts for m in d.group.mentions if m.registered or m.logged}
        self.logged_names = {m.name for d in self.drafts for m in d.group.mentions if m.logged}
        self.months = log_months | {show(minute)[:7] for d in self.drafts for minute in d.group.registered}
        self.behind: dict[str, dict[str, int]] = defaultdict(dict)
        for name, living in relations.living.items():
            for key, count in living.items():
                self.behind[key][name] = count
        self.variants = self._variants()
        self.vanished = self._vanished()
        self.contested = self._contested()

    def _contested(self) -> set[str]:
        """Return the rows that bear a name of the archives but joined in the minute when another name was registered.

        Somebody else may have taken the name, or have been given it: then the name alone proves nothing.
        """
        owner = {m.name: draft for draft in self.drafts for m in draft.group.mentions if m.registered}
        births: dict[Minute, list[Draft]] = defaultdict(list)
        for draft in self.drafts:
            for minute in draft.group.registered[:1]:
                births[minute].append(draft)
        return {
            row.key
            for row in self.roster
            if row.created is not None and row.name in owner and not owner[row.name].registered_ever(row)
            if not self._all_hers(owner[row.name], row)
            for minute in range(row.created - SLACK, row.created + SLACK + 1)
            for draft in births.get(minute, ())
            if draft is not owner[row.name]
        }

    def _variants(self) -> dict[int, list[RosterEntry]]:
        """Return draft -> rows that bear a variant of its name.

        Where the variant fits several persons, the one whom the archives name behind all known records of the row is taken.
        """
        result: dict[int, list[RosterEntry]] = defaultdict(list)
        for entry in self.roster:
            if entry.name in self.acting:
                continue
            _, hits = lookup(self.names, entry.name)
            fitting = [n for n in hits if len(hits) == 1 or self._all_hers(self.drafts[n], entry)]
            if len(fitting) == 1:
                result[fitting[0]].append(entry)
        return result

    def _vanished(self) -> dict[int, list[tuple[int, int, str]]]:
        """Return draft -> (references, records, key) of the vanished keys that all records ascribe to it, best first."""
        owner = {m.name: n for n, d in enumerate(self.drafts) for m in d.group.mentions}
        result: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        for key, names in self.relations.vanished.items():
            owners = {owner.get(name) for name in names}
            if len(owners) == 1 and (number := owners.pop()) is not None:
                records = sum(names.values())
                result[number].append((self.relations.references.get(key, records), records, key))
        return {number: sorted(keys, key=lambda k: (-k[0], -k[1], k[2])) for number, keys in result.items()}

    def claim_exact_names(self) -> None:
        """Match every group to the row that bears its registered name, letter by letter."""
        by_name: dict[str, list[RosterEntry]] = defaultdict(list)
        for entry in self.roster:
            by_name[entry.name].append(entry)
        for draft in self.drafts:
            rows = by_name.get(draft.group.name, [])
            if any(row.key in self.contested for row in rows):
                continue
            if len(rows) > 1:  # before 2025-06-29 nothing kept display names unique
                fitting = [row for row in rows if draft.registered_then(row)]
                if len(fitting) != 1:
                    draft.verdict = "ambiguous"
                    draft.candidates = tuple(row.key for row in rows)
                    draft.notes.append(f"{len(rows)} users bear exactly this name")
                    self.claimed.update(draft.candidates)
                    continue
                draft.twins = [row for row in rows if row not in fitting]
                rows = fitting
            if rows and (found := self._earlier_bearer(draft, rows[0])):
                earlier, certain = found
                draft.notes.append("the user who bears this name joined later than the person of the archives")
                if certain:
                    self._take(draft, earlier, "renamed", "another joined in the minute of the registration")
                else:
                    draft.verdict, draft.candidates = "ambiguous", (earlier.key, rows[0].key)
                    self.claimed.update(draft.candidates)
            elif rows:
                self._take(draft, rows[0], "match", "the user bears exactly this name")
                self.claimed.update(row.key for row in draft.twins)

    def _earlier_bearer(self, draft: Draft, row: RosterEntry) -> tuple[RosterEntry, bool] | None:
        """Return the renamed user whose former name a row bears now, and whether the records leave no doubt of it.

        Giving a name's records to whoever bears it later is the mistake to avoid. So a row of another time than every
        registration of its name yields to a user of that minute, whose name the archives do not know, and who has records.
        """
        if row.created is None or any(abs(row.created - minute) <= SLACK for minute in draft.group.registered):
            return None
        tally = self._living(draft)
        for key, count in sorted(tally.items(), key=lambda pair: (-pair[1], pair[0])):
            other = self.row_of[key]
            if count >= RENAME_RECORDS and other.name not in self.acting and draft.registered_then(other):
                return other, count >= RENAME_SHARE * sum(tally.values())
        return None

    def claim_by_evidence(self) -> None:
        """Match the remaining groups by registration minute, relations and variants of the name."""
        for number, draft in enumerate(self.drafts):
            if draft.verdict is None:
                self._weigh(number, draft)
        bearers = {row.name: row.key for row in self.roster}
        for number, draft in enumerate(self.drafts):
            if draft.verdict is None and draft.group.name in bearers:
                note = "the user who bears this name joined when another name was registered"
                draft.leave_open("ambiguous", (bearers[draft.group.name],), note)
            elif draft.verdict is None:
                self._judge_missing(number, draft)
        self._add_variants_of_todays_names()
        for number, draft in enumerate(self.drafts):
            self._find_twins(number, draft)
            self._find_former(number, draft)

    def _add_variants_of_todays_names(self) -> None:
        """Count rows under variants of the name that a renamed person bears today as variants of hers."""
        renamed = {
            number: draft.row for number, draft in enumerate(self.drafts) if draft.row and draft.verdict == "renamed"
        }
        index = index_by_key((row.name, number) for number, row in renamed.items())
        for entry in self.roster if renamed else ():
            _, hits = lookup(index, entry.name)
            if len(hits) == 1 and entry.key not in self.claimed and entry.name not in self.acting:
                self.variants.setdefault(next(iter(hits)), []).append(entry)

    def _take(self, draft: Draft, row: RosterEntry, verdict: Verdict, note: str) -> None:
        draft.row, draft.verdict, draft.key = row, verdict, row.key
        draft.notes.append(note)
        self.claimed.add(row.key)
        later = draft.group.registered[1:]
        if row.created is not None and not draft.registered_then(row):
            for minute in later:
                if abs(minute - row.created) <= SLACK and minute - draft.group.registered[0] > SLACK:
                    draft.valid_from = minute - SLACK
                    draft.notes.append(
                        f"the name was registered again on {show(minute)}, and the user is of that day"
                    )
            if draft.valid_from is None and self._may_be_a_namesake(draft, row):
                draft.valid_from = row.created - SLACK
                draft.notes.append(f"the user joined on {show(row.created)}, long after the name was registered")

    def _may_be_a_namesake(self, draft: Draft, row: RosterEntry) -> bool:
        """Return whether a row is younger than the registration of its name, and nothing older belongs to it.

        Giving what an earlier bearer of a name left behind to whoever bears it later is the mistake to avoid. A user who was
        recreated by other tools has the new date, too, but rows from before it that still refer to her.
        """
        registered = draft.group.registered[:1]
        if not registered or row.created is None or row.key in self.relations.older:
            return False
        return row.created > registered[0] + MINUTES_PER_DAY

    def _living(self, draft: Draft) -> Counter[str]:
        """Return how many records of the group point at which unclaimed row."""
        tally: Counter[str] = Counter()
        for mention in draft.group.mentions:
            for key, count in self.relations.living.get(mention.name, {}).items():
                if key not in self.claimed and key in self.row_of:
                    tally[key] += count
        return tally

    def _weigh(self, number: int, draft: Draft) -> None:
        """Match a group whose exact name no user bears, if the evidence allows; otherwise leave it open."""
        variants = [row for row in self.variants.get(number, ()) if row.key not in self.claimed]
        tally = self._living(draft)
        total = sum(tally.values())
        top, count = tally.most_common(1)[0] if tally else ("", 0)
        majority = count >= RENAME_RECORDS and count >= RENAME_SHARE * total
        strongest = self.vanished.get(number, [(0, 0, "")])[0]
        for row in sorted({*variants, *([self.row_of[top]] if top else [])}, key=lambda row: row.key):
            if draft.registered_then(row) and (row in variants or (row.key == top and majority)):
                kind: Verdict = "match" if row in variants else "renamed"
                note = "the user joined in the minute of the registration"
                self._take(draft, row, kind, f"{note}, and {tally[row.key]} of {total} records point at it")
                return
        if strongest[1] > max((tally[row.key] for row in variants), default=0):
            return  # the person's own row is gone: what bears the name now is a twin
        if len(variants) == 1:
            self._take(draft, variants[0], "match", "the only user with this name but for case, spaces or accents")
        elif variants:
            draft.verdict, draft.candidates = "ambiguous", tuple(row.key for row in variants)
            draft.notes.append(f"{len(variants)} users bear variants of this name, and none joined at that time")
        elif majority:
            draft.verdict, draft.candidates = "possible", (top,)
            draft.notes.append(f"{count} of {total} records point at user {self.row_of[top].name!r}")

    def _judge_missing(self, number: int, draft: Draft) -> None:
        """Decide whether a group that matches no row is a missing user."""
        strong = bool(self.vanished.get(number))
        registered = draft.group.registered[:1]
        same_minute = [
            row
            for minute in (range(registered[0] - SLACK, registered[0] + SLACK + 1) if registered else ())
            for row in self.born.get(minute, ())
            if row.key not in self.claimed and (row.name not in self.logged_names or row.key in self.contested)
        ]
        if found := renamed_row(self.relations, draft, same_minute, self.acting) if self.names_are_keys else None:
            self._take(draft, found[0], "renamed", found[1])
            return
        if same_minute and (not strong or self.names_are_keys):
            draft.verdict, draft.candidates = "possible", tuple(row.key for row in same_minute)
            draft.notes.append("a user of another name joined in the same minute; it may have been renamed")
            return
        if not draft.group.registered:
            others = [d.group.name for d in self.drafts if d is not draft] + [row.name for row in self.roster]
            alike = similar_names(draft.group.name, sorted(set(others)))
            if alike:
                draft.verdict, draft.candidates = "possible", alike
                draft.notes.append("the name was never registered and resembles another")
                return
            if not draft.group.logged:
                draft.verdict = "unproven"
                draft.notes.append("the name was never registered, and the activity log never saw it act")
                return
        draft.verdict = "missing"
        draft.notes.append("no user bears this name, and no other user's records are this person's")

    def _find_twins(self, number: int, draft: Draft) -> None:
        """Recognise further rows under variants of a registered name.

        An account made in a month whose registrations or activity log are there would have a line of its own. A row of another
        time could be somebody else; it is a twin only if the archives ascribe all that is known of it to this person.
        """
        if not draft.group.registered or draft.verdict not in ("match", "renamed", "missing"):
            return
        for row in self.variants.get(number, ()):
            recorded = row.created is not None and show(row.created)[:7] in self.months
            if row.key not in self.claimed and (recorded or self._all_hers(draft, row)):
                draft.twins.append(row)
                self.claimed.add(row.key)

    def _all_hers(self, draft: Draft, row: RosterEntry) -> bool:
        """Return whether the archives name this person, and nobody else, behind every known record of a row."""
        own = {mention.name for mention in draft.group.mentions}
        behind = self.behind.get(row.key, {})
        return sum(behind.values()) >= FORMER_RECORDS and own.issuperset(behind)

    def _find_former(self, number: int, draft: Draft) -> None:
        """Recognise which vanished keys were this person's, and give a missing person her key."""
        keys = self.vanished.get(number, [])
        if draft.verdict == "missing":
            best = keys[0] if keys and (len(keys) == 1 or keys[0][0] > keys[1][0]) else None
            name = draft.group.name
            if self.names_are_keys:
                draft.key = name
            elif best is not None:
                draft.key = best[2]
                draft.notes.append(
                    f"{best[0]} rows still refer to the id {best[2]}; {best[1]} of them are this person's"
                )
            else:
                draft.key = self._new_key(draft)
        if draft.key and draft.valid_from is None:  # of an earlier bearer of the name nothing is known
            draft.former = [
                k for rows, records, k in keys if k != draft.key and self._was_hers(draft, k, records, rows)
            ]

    def _was_hers(self, draft: Draft, key: str, records: int, rows: int) -> bool:
        """Return whether a vanished key may speak for rows that no archive line explains.

        Enough of its rows must be explained, and none may be from before the person joined: then it was another's, too.
        """
        if records < FORMER_RECORDS or records < FORMER_SHARE * rows:
            return False
        joined, since = draft.group.registered[:1], self.relations.since.get(key)
        return not joined or since is None or since >= joined[0] - MINUTES_PER_DAY

    def _new_key(self, draft: Draft) -> str:
        """Return a key for a user whose old one is forgotten; of two alike but for case each gets her own."""
        key = deterministic_key(draft.group.name, first_seen(draft.group))
        while key in self.row_of or key in self.given:
            key = hashlib.sha256(f"{key}\0{draft.group.name}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self.given.add(key)
        return key

    def outcome(self) -> Resolution:
        """Return the frozen result."""
        persons = [draft.person() for draft in self.drafts]
        for mention in self.grouping.placeholders:
            persons.append(open_entry(mention, "placeholder", "a name that stands for nobody"))
        for mention, longer in self.grouping.phantoms:
            persons.append(open_entry(mention, "phantom", f"only the first word of {longer!r}", (longer,)))
        for mention, names in self.grouping.ambiguous:
            persons.append(
                open_entry(mention, "ambiguous", "more than one person bears a variant of this name", names)
            )
        persons.sort(key=lambda person: (person.name, person.key, person.verdict))
        certain = [person for person in persons if person.key]
        return Resolution(
            persons=tuple(persons),
            key_of={name: person.key for person in certain for name, _ in person.spellings},
            twin_of={twin: person.key for person in certain for twin in person.twins},
            former={key: person.key for person in certain for key in person.former},
        )
