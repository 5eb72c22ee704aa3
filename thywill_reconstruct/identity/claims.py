"""Second step of resolving: match groups of spellings to existing users, by whatever proves that they are one.

Decisions come first, then exact names, then evidence. Claims by evidence go round until nothing moves: in each round the
strongest kind that anybody has is granted, to those alone in claiming a user, and what is taken rules out or confirms others.
So the result depends on no order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.identity.draft import SLACK, Draft
from thywill_reconstruct.identity.evidence import RENAME_RECORDS, RENAME_SHARE
from thywill_reconstruct.identity.grouping import Grouping, Known
from thywill_reconstruct.identity.model import Relations, RosterEntry, Verdict
from thywill_reconstruct.identity.namesakes import (
    NEVER,
    acts_on_beside,
    born_as_another,
    note_namesake,
    pointed_at_by_another,
)
from thywill_reconstruct.identity.standing import Standing


class Claim(NamedTuple):
    """A user whom a draft claims, and why."""

    row: RosterEntry
    verdict: Verdict
    note: str


class Claims(Standing):
    """Working state of one resolving: which of the drafts has which row."""

    def __init__(
        self,
        grouping: Grouping,
        roster: Sequence[RosterEntry],
        relations: Relations,
        known: Known,
        *,
        names_are_keys: bool,
        log_months: frozenset[str],
    ) -> None:
        """Take groups and roster, both in a fixed order; match nothing yet."""
        super().__init__(grouping, roster, relations, known, log_months=log_months)
        self.names_are_keys = names_are_keys
        self.holder: dict[str, int] = dict(self.decided)
        self.contested = born_as_another(self) | pointed_at_by_another(self)

    def claim_all(self) -> None:
        """Match whatever can be matched."""
        for kind in ("user", "same", "new", "ignore"):
            for number, draft in enumerate(self.drafts) if self.known.decisions.entries else ():
                if (draft.decided.kind if draft.decided else "same") == kind:
                    self._claim_as_decided(number, draft)
        for number, draft in enumerate(self.drafts):
            if draft.verdict is None:
                self._claim_exact_name(number, draft)
        while any(map(self._grant, (self._by_statement, self._by_birth, self._by_variant))):
            pass

    def free(self, number: int, key: str) -> bool:
        """Return whether a draft may have a row: nobody else has it and no decision forbids it."""
        holder = self.holder.get(key)
        return super().free(number, key) and (holder is None or self.may_share(number, holder))

    def shared(self) -> list[tuple[str, str]]:
        """Return the names of drafts that share a row: they are one person, and resolving has to begin again with that."""
        pairs = []
        for number, draft in enumerate(self.drafts):
            holder = self.holder.get(draft.row.key) if draft.row else None
            if holder is not None and holder != number:
                pairs.append((draft.group.name, self.drafts[holder].group.name))
        return pairs

    def take(self, number: int, claim: Claim) -> None:
        """Give a row to a draft."""
        draft, row = self.drafts[number], claim.row
        draft.row, draft.verdict, draft.key = row, claim.verdict, row.key
        draft.notes.append(claim.note)
        self.holder.setdefault(row.key, number)
        if draft.decided is None:
            note_namesake(draft, row, self.relations.older, self.months)
            if acts_on_beside(self, number, row):
                draft.valid_from = NEVER
                draft.notes.append(
                    "an earlier bearer of the name went on acting, so no record of the name is certain"
                )

    def reserve(self, number: int, rows: Sequence[RosterEntry]) -> None:
        """Keep rows from all other drafts."""
        for row in rows:
            self.holder.setdefault(row.key, number)

    # --- decisions ----------------------------------------------------------------------------------------------------

    def _decided_rows(self, number: int) -> list[RosterEntry]:
        """Return the rows under all names that decisions make this person's; nothing if they make her no further name."""
        names = {n for name in self.drafts[number].group.names for n in self.known.decisions.together(name)}
        joined = any(len(self.known.decisions.together(name)) > 1 for name in self.drafts[number].group.names)
        return [row for name in sorted(names) for row in self.rows_named.get(name, ())] if joined else []

    def _claim_as_decided(self, number: int, draft: Draft) -> None:
        """Match a draft as decisions say; what they leave open is for the other evidence."""
        decision, group = draft.decided, draft.group
        decided = [row for row in self._decided_rows(number) if self.free(number, row.key)]
        named = [row for name in group.names for row in self.rows_named.get(name, ()) if self.free(number, row.key)]
        own: RosterEntry | None = None
        if decision is not None and decision.kind == "ignore":
            draft.verdict, draft.candidates = "ignored", tuple(row.key for row in named)
            self.reserve(number, named)
        elif decision is not None and decision.kind == "user":
            own = self.row_of.get(decision.id)
            if own is None and named:
                for row in named:
                    note_namesake(draft, row, self.relations.older, self.months)
                if draft.valid_from is None:
                    draft.notes.append(
                        f"no user has the id {decision.id} any more: it was the former one of who bears the name"
                    )
                elif len(named) == 1:
                    self.take(number, Claim(named[0], "match", "the user bears exactly this name today"))
                    draft.notes.append(f"what refers to the id {decision.id} is another person's, and stays")
                    return
            elif own is None:
                draft.verdict, draft.key = "missing", decision.id
                draft.notes.append("rows refer to this id, but no user has it")
        elif decision is not None:
            own = min(decided or named, key=lambda row: _first_choice(draft, row), default=None)
            if own is None and (taken := [row.key for row in self.rows_named.get(group.name, ())]):
                draft.leave_open(
                    "ambiguous", tuple(taken), "another person's user bears this name: no second is made"
                )
            elif own is None:
                draft.verdict = "missing"
        else:
            decided = [row for row in decided if row.key not in self.contested]
            own = min(decided, key=lambda row: _first_choice(draft, row), default=None)
            if own is not None and own.name in self.number_of and self._earlier_bearer(number, draft, own):
                own = None
        if own is not None:
            same = own.name in group.names or own in self.variants.get(number, ())
            self.take(number, Claim(own, "match" if same else "renamed", "the user is hers by decision"))
            draft.twins = [row for row in decided if row.key != own.key]
            self.reserve(number, draft.twins)

    # --- exact names --------------------------------------------------------------------------------------------------

    def _claim_exact_name(self, number: int, draft: Draft) -> None:
        """Match a group to the row that bears its name, letter by letter, however these are stored."""
        group = draft.group
        alike = [name for name, joint in zip(group.names, group.joints, strict=True) if joint is Rung.NFC]
        rows = next((rows for name in (group.name, *alike) if (rows := self.rows_named.get(name, []))), [])
        if any(row.key in self.contested or not self.free(number, row.key) for row in rows):
            return
        if len(rows) > 1:  # before 2025-06-29 nothing kept display names unique
            fitting = [row for row in rows if draft.registered_then(row)]
            tally = self.living(number)
            if not fitting and max(tally.values(), default=0) >= RENAME_RECORDS:
                fitting = [row for row in rows if tally[row.key]]
            if len(fitting) != 1:
                draft.leave_open(
                    "ambiguous", tuple(row.key for row in rows), f"{len(rows)} users bear exactly this name"
                )
                self.reserve(number, rows)
                return
            draft.twins = [row for row in rows if row not in fitting]
            rows = fitting
        if rows and (found := self._earlier_bearer(number, draft, rows[0])):
            earlier, certain = found
            draft.notes.append("the user who bears this name joined later than the person of the archives")
            if certain:
                self.take(number, Claim(earlier, "renamed", "another joined in the minute of the registration"))
            else:
                draft.verdict, draft.candidates = "ambiguous", (earlier.key, rows[0].key)
                self.reserve(number, (earlier, rows[0]))
        elif rows:
            self.take(number, Claim(rows[0], "match", "the user bears exactly this name"))
            self.reserve(number, draft.twins)

    def _earlier_bearer(self, number: int, draft: Draft, row: RosterEntry) -> tuple[RosterEntry, bool] | None:
        """Return the renamed user whose former name a row bears now, and whether the records leave no doubt of it.

        Giving a name's records to whoever bears it later is the mistake to avoid. So a row of another time than every
        registration of its name yields to a user of that minute, whose name the archives do not know, and who has records.
        """
        if row.created is None or any(abs(row.created - minute) <= SLACK for minute in draft.group.registered):
            return None
        tally = self.living(number)
        for key, count in sorted(tally.items(), key=lambda pair: (-pair[1], pair[0])):
            other = self.row_of[key]
            if count >= RENAME_RECORDS and other.name not in self.acting and draft.registered_then(other):
                return other, count >= RENAME_SHARE * sum(tally.values())
        return None

    # --- evidence -----------------------------------------------------------------------------------------------------

    def free_variants(self, number: int) -> list[RosterEntry]:
        """Return the rows under a variant of the name that the group may have."""
        rows = self.variants.get(number, ())
        return [row for row in rows if row.key not in self.contested and self.free(number, row.key)]

    def _grant(self, find: Callable[[int, Draft], Claim | None]) -> bool:
        """Let all open drafts claim, and grant the claims that nobody else raises; return whether there were any."""
        wishes: dict[str, list[tuple[int, Claim]]] = defaultdict(list)
        for number, draft in enumerate(self.drafts):
            if draft.verdict is None and (claim := find(number, draft)):
                wishes[claim.row.key].append((number, claim))
        granted = [raised[0] for raised in wishes.values() if len(raised) == 1]
        for number, claim in granted:
            self.take(number, claim)
        return bool(granted)

    def _by_statement(self, number: int, draft: Draft) -> Claim | None:
        """Claim the only user whom exports pair with the name."""
        living = [self.row_of[key] for key in self.stated.get(number, ()) if self.free(number, key)]
        fitting = living if len(living) == 1 else [row for row in living if draft.registered_then(row)]
        if len(fitting) != 1 or fitting[0].key in self.contested:
            return None
        same = fitting[0].name in draft.group.names or fitting[0] in self.variants.get(number, ())
        return Claim(fitting[0], "match" if same else "renamed", "an export pairs the user's id with this name")

    def _by_birth(self, number: int, draft: Draft) -> Claim | None:
        """Claim a user of the registration's minute who bears a variant of the name or whom the records point at."""
        variants = self.free_variants(number)
        tally = self.living(number)
        top, _, total = self.majority(number)
        for row in sorted({*variants, *([self.row_of[top]] if top else [])}, key=lambda row: row.key):
            if draft.registered_then(row):
                note = "the user joined in the minute of the registration"
                verdict: Verdict = "match" if row in variants else "renamed"
                return Claim(row, verdict, f"{note}, and {tally[row.key]} of {total} records point at it")
        return None

    def _by_variant(self, number: int, draft: Draft) -> Claim | None:
        """Claim the only user under a variant of the name, unless a vanished id says that this one is a twin."""
        variants = self.free_variants(number)
        if len(variants) != 1 or self.own_row_is_gone(number, variants):
            return None
        return Claim(variants[0], "match", "the only user with this name but for case, spaces or accents")

    def born_then(self, number: int) -> list[RosterEntry]:
        """Return the users whom nobody claims and whose name the log does not know, of the minute of the registration."""
        registered = self.drafts[number].group.registered[:1]
        return [
            row
            for minute in (range(registered[0] - SLACK, registered[0] + SLACK + 1) if registered else ())
            for row in self.born.get(minute, ())
            if row.key not in self.holder and self.free(number, row.key)
            if row.name not in self.logged or row.key in self.contested
        ]

    def own_row_is_gone(self, number: int, variants: Sequence[RosterEntry]) -> bool:
        """Return whether more rows refer to a vanished id of this person than records point at any row of hers."""
        keys = self.vanished.get(number, [])
        tally = self.living(number)
        return bool(keys) and keys[0].references > max((tally[row.key] for row in variants), default=0)


def _first_choice(draft: Draft, row: RosterEntry) -> tuple[bool, bool, float, str]:
    """Order rows that are all one person's: her leading name first, then the day she joined, then the oldest."""
    age = float("inf") if row.created is None else float(row.created)
    return (row.name != draft.group.name, not draft.registered_then(row), age, row.key)
