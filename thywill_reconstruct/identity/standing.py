"""What is known before anybody is matched: persons of the archives, users, and what each source says of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from thywill_reconstruct.identity.draft import Draft
from thywill_reconstruct.identity.evidence import FORMER_RECORDS, RENAME_RECORDS, RENAME_SHARE
from thywill_reconstruct.identity.grouping import Grouping, Known, index_by_key, lookup
from thywill_reconstruct.identity.model import Relations, RosterEntry
from thywill_reconstruct.times import Minute, show


class VanishedKey(NamedTuple):
    """A key that no user has, and that was a draft's: rows that refer to it, records that say so, whether it is certain."""

    references: int
    records: int
    key: str
    certain: bool


class Standing:
    """The drafts of one resolving beside the users, and the questions that every step asks about them."""

    def __init__(
        self,
        grouping: Grouping,
        roster: Sequence[RosterEntry],
        relations: Relations,
        known: Known,
        *,
        log_months: frozenset[str],
    ) -> None:
        """Take groups and roster, both in a fixed order."""
        self.roster = roster
        self.relations = relations
        self.known = known
        self.drafts = [Draft(group, known.nature(group)) for group in grouping.groups]
        self.decided = {d.decided.id: n for n, d in enumerate(self.drafts) if d.decided and d.decided.kind == "user"}
        self.row_of = {entry.key: entry for entry in roster}
        self.rows_named: dict[str, list[RosterEntry]] = defaultdict(list)
        self.born: dict[Minute | None, list[RosterEntry]] = defaultdict(list)
        for entry in roster:
            self.rows_named[entry.name].append(entry)
            self.born[entry.created].append(entry)
        self.number_of = {name: n for n, d in enumerate(self.drafts) for name in d.group.names}
        self.acting = {m.name for d in self.drafts for m in d.group.mentions if m.registered or m.logged}
        self.logged = {m.name for d in self.drafts for m in d.group.mentions if m.logged}
        self.months = log_months | {show(minute)[:7] for d in self.drafts for minute in d.group.registered}
        self.behind: dict[str, dict[str, int]] = defaultdict(dict)
        for name, living in relations.living.items():
            for key, count in living.items():
                self.behind[key][name] = count
        self.variants = self._variants()
        self.stated = self._stated()
        self.vanished = self._vanished()

    def free(self, number: int, key: str) -> bool:
        """Return whether no decision keeps a row from a draft.

        A row that another draft has by decision may be shared: then the two are one person.
        """
        holder, row = self.decided.get(key), self.row_of.get(key)
        if row is None or (holder is not None and not self.may_share(number, holder)):
            return False
        decisions = self.known.decisions
        return not decisions.entries or not any(decisions.apart(n, row.name) for n in self.drafts[number].group.names)

    def may_share(self, number: int, holder: int) -> bool:
        """Return whether two drafts may turn out to be one: the holder has its row by decision, and none parts the two."""
        mine, hers = self.drafts[number], self.drafts[holder]
        by_decision = hers.decided is not None and hers.decided.kind == "user"
        return number != holder and by_decision and not self.known.are_different(mine.group, hers.group)

    def all_hers(self, draft: Draft, row: RosterEntry) -> bool:
        """Return whether the archives name this person, and nobody else, behind every known record of a row."""
        hers, total = self.records_of(draft, row)
        return hers >= FORMER_RECORDS and hers == total

    def records_of(self, draft: Draft, row: RosterEntry) -> tuple[int, int]:
        """Return behind how many known records of a row the archives name this person, and how many there are."""
        behind = self.behind.get(row.key, {})
        return sum(behind.get(name, 0) for name in draft.group.names), sum(behind.values())

    def living(self, number: int) -> Counter[str]:
        """Return how many records of the group point at which row that it may have."""
        tally: Counter[str] = Counter()
        for name in self.drafts[number].group.names:
            for key, count in self.relations.living.get(name, {}).items():
                if self.free(number, key):
                    tally[key] += count
        return tally

    def majority(self, number: int) -> tuple[str, int, int]:
        """Return the row that a clear majority of the records points at (``""`` if none), how many do, and of how many."""
        tally = self.living(number)
        top, count = min(tally.items(), key=lambda pair: (-pair[1], pair[0])) if tally else ("", 0)
        total = sum(tally.values())
        return (
            (top, count, total) if count >= RENAME_RECORDS and count >= RENAME_SHARE * total else ("", count, total)
        )

    def _variants(self) -> dict[int, list[RosterEntry]]:
        """Return draft -> rows that bear a variant of its name.

        Where the variant fits several persons, the one whom the archives name behind all known records of the row is taken.
        """
        names = index_by_key((name, n) for n, d in enumerate(self.drafts) for name in d.group.names)
        decided = bool(self.known.decisions.entries)
        result: dict[int, list[RosterEntry]] = defaultdict(list)
        for entry in self.roster:
            if entry.name in self.acting:
                continue

            def allowed(number: int, name: str = entry.name) -> bool:
                return not any(self.known.decisions.apart(mine, name) for mine in self.drafts[number].group.names)

            _, hits = lookup(names, entry.name, allowed if decided else None)
            fitting = [n for n in hits if len(hits) == 1 or self.all_hers(self.drafts[n], entry)]
            if len(fitting) == 1:
                result[fitting[0]].append(entry)
        return result

    def _stated(self) -> dict[int, list[str]]:
        """Return draft -> the keys, living or not, that exports pair with its names, where they contradict nothing.

        A key that exports pair with two people's names is nobody's by statement.
        """
        result: dict[int, list[str]] = defaultdict(list)
        for key, names in sorted(self.relations.stated.items()):
            owners = {self.number_of[name] for name in names if name in self.number_of}
            if len(owners) == 1:
                result[owners.pop()].append(key)
        return result

    def _vanished(self) -> dict[int, list[VanishedKey]]:
        """Return draft -> the vanished keys that all records and statements ascribe to it, best first."""
        stated = {key: number for number, keys in self.stated.items() for key in keys}
        result: dict[int, list[VanishedKey]] = defaultdict(list)
        for key in sorted({*self.relations.vanished, *(k for k in stated if k not in self.row_of)}):
            names = self.relations.vanished.get(key, {})
            owners = {self.number_of.get(name) for name in names}
            owners.update(self.number_of[n] for n in self.relations.stated.get(key, ()) if n in self.number_of)
            owners = {self.decided[key]} if key in self.decided else owners
            if len(owners) == 1 and (number := owners.pop()) is not None:
                records = sum(names.values())
                references = self.relations.references.get(key, records)
                result[number].append(VanishedKey(references, records, key, key in stated or key in self.decided))
        return {n: sorted(keys, key=lambda k: (-k.references, -k.records, k.key)) for n, keys in result.items()}
