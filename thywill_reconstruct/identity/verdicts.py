"""Third step of resolving: judge whoever matched no user, find doubled rows and former ids, and put it all together."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from thywill_reconstruct.identity.claims import Claims
from thywill_reconstruct.identity.draft import SLACK, Draft, first_seen, open_entry
from thywill_reconstruct.identity.evidence import (
    FORMER_RECORDS,
    FORMER_SHARE,
    RENAME_RECORDS,
    RENAME_SHARE,
    deterministic_key,
)
from thywill_reconstruct.identity.grouping import Grouping, index_by_key, lookup
from thywill_reconstruct.identity.lookalikes import MOST_SHOWN, find_lookalikes
from thywill_reconstruct.identity.model import Mention, Person, Resolution, RosterEntry
from thywill_reconstruct.identity.namesakes import NEVER
from thywill_reconstruct.identity.placeholders import is_placeholder, looks_like_key
from thywill_reconstruct.identity.standing import VanishedKey
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, show

# A name that was never registered and resembles another this much may be that other, mistyped: no user is made of it.
DOUBTFUL = 80.0


def judge(claims: Claims, grouping: Grouping) -> Resolution:
    """Return the resolution, after all claims are settled."""
    judging = _Judging(claims)
    # Before anybody is judged: a doubled row of the same minute must not make another person's fate doubtful.
    for number, draft in enumerate(claims.drafts):
        judging.find_twins(number, draft)
    judging.judge_open()
    judging.add_variants_of_todays_names()
    for number, draft in enumerate(claims.drafts):
        judging.find_twins(number, draft)
        judging.find_former(number, draft)
    return _assemble(claims, grouping)


class _Judging:
    def __init__(self, claims: Claims) -> None:
        self.claims = claims
        self.given: set[str] = set()
        self.names = index_by_key((name, n) for n, d in enumerate(claims.drafts) for name in d.group.names)
        self.rivals = self._rivals()

    def _rivals(self) -> dict[str, Minute]:
        """Return row -> how many minutes lie between it and the nearest registration of somebody who matches no user yet."""
        nearest: dict[str, Minute] = {}
        for number, draft in enumerate(self.claims.drafts):
            for row in self.claims.born_then(number) if draft.verdict is None else ():
                if row.created is not None:
                    apart = abs(row.created - draft.group.registered[0])
                    nearest[row.key] = min(apart, nearest.get(row.key, apart))
        return nearest

    def judge_open(self) -> None:
        """Give every draft without a verdict one."""
        claims = self.claims
        everybody = {d.group.name for d in claims.drafts} | claims.rows_named.keys()
        for number, draft in enumerate(claims.drafts):
            if draft.verdict is None:
                self._weigh(number, draft)
        unregistered = [d.group.name for d in claims.drafts if d.verdict is None and not d.group.registered]
        alike = find_lookalikes(unregistered, everybody)
        for number, draft in enumerate(claims.drafts):
            if draft.verdict is not None:
                continue
            bearers = claims.rows_named.get(draft.group.name)
            if bearers:
                note = "the user who bears this name joined when another name was registered"
                if claims.holder.get(bearers[-1].key, number) != number:
                    note = "the user who bears this name is another person"
                draft.leave_open("ambiguous", (bearers[-1].key,), note)
            elif not self._may_be_renamed(number, draft) and not self._is_anothers_name(number, draft):
                self._judge_missing(number, draft, [(n, p.score) for n, p in alike.get(draft.group.name, ())])

    def _weigh(self, number: int, draft: Draft) -> None:
        """Leave a draft open whose evidence points at rows without proving anything."""
        claims = self.claims
        variants = claims.free_variants(number)
        top, count, total = claims.majority(number)
        if claims.own_row_is_gone(number, [*variants, *([claims.row_of[top]] if top else [])]):
            return  # the person's own row is gone: what bears the name now is a twin
        if len(variants) > 1:
            note = f"{len(variants)} users bear variants of this name, and none joined at that time"
            draft.leave_open("ambiguous", tuple(row.key for row in variants), note)
            for row in variants:
                claims.holder.setdefault(row.key, number)
        elif top and not variants:
            draft.leave_open(
                "possible", (top,), f"{count} of {total} records point at user {claims.row_of[top].name!r}"
            )

    def _may_be_renamed(self, number: int, draft: Draft) -> bool:
        """Leave a draft open if a user of another name may be hers: paired by an export, or of the registration's minute."""
        claims = self.claims
        stated = [key for key in claims.stated.get(number, ()) if key in claims.row_of]
        if stated:
            draft.leave_open(
                "possible", tuple(stated), "an export pairs this name with a user who is somebody else's"
            )
            return True
        same_minute = claims.born_then(number) or self._of_unregistered(number)
        if same_minute and (claims.names_are_keys or not self._had_another_row(number, same_minute)):
            note = "a user of another name joined in the same minute; it may have been renamed"
            draft.leave_open("possible", tuple(row.key for row in same_minute), note)
            return True
        unknown = self._of_unknown_name(number)
        if unknown and not claims.own_row_is_gone(number, unknown):
            tally = claims.living(number)
            points = f"{tally[unknown[0].key]} of {sum(tally.values())} records point at user {unknown[0].name!r}"
            note = f"{points}, a name that the archives do not know; it may have been renamed"
            draft.leave_open("possible", tuple(row.key for row in unknown), note)
            return True
        return False

    def _is_anothers_name(self, number: int, draft: Draft) -> bool:
        """Leave a draft open whose records a user holds who may be the same person; nobody is made beside them.

        A row that has a registration of its own is somebody else, if the name has one as well.
        """
        claims = self.claims
        tally = Counter[str]()
        for name in draft.group.names:
            tally.update(claims.relations.living.get(name, {}))
        top, count = min(tally.items(), key=lambda pair: (-pair[1], pair[0])) if tally else ("", 0)
        if not top or top not in claims.row_of or count < RENAME_SHARE * sum(tally.values()):
            return False
        holder = claims.holder.get(top)
        known = holder is not None and claims.drafts[holder].registered_ever(claims.row_of[top])
        if draft.group.registered and (known or count < RENAME_RECORDS):
            if known:
                name, total = claims.row_of[top].name, sum(tally.values())
                draft.notes.append(
                    f"{count} of {total} records point at user {name!r}, who registered as somebody else"
                )
            return False
        if self._had_another_row(number, [claims.row_of[top]]):
            return False
        points = f"{count} of {sum(tally.values())} records point at user {claims.row_of[top].name!r}"
        draft.leave_open("possible", (top,), f"{points}, who may have borne this name for a time")
        return True

    def _of_unregistered(self, number: int) -> list[RosterEntry]:
        """Return the rows of the registration's minute whose present name nobody registered, although it acts."""
        claims = self.claims
        registered = claims.drafts[number].group.registered[:1]
        rows = [
            row
            for minute in (range(registered[0] - SLACK, registered[0] + SLACK + 1) if registered else ())
            for row in claims.born.get(minute, ())
        ]
        holders = ((row, claims.holder.get(row.key)) for row in rows)
        return [row for row, holder in holders if holder is not None and not claims.drafts[holder].group.registered]

    def _of_unknown_name(self, number: int) -> list[RosterEntry]:
        """Return the free users, those with most records first, whom records point at and whose name no archive knows."""
        claims = self.claims
        tally = claims.living(number)
        rows = [claims.row_of[key] for key in sorted(tally, key=lambda key: (-tally[key], key))]
        return [
            row
            for row in rows
            if row.key not in claims.holder and row.name not in claims.acting and not is_placeholder(row.name)
        ]

    def _had_another_row(self, number: int, rows: list[RosterEntry]) -> bool:
        """Return whether a vanished id was this person's for certain, and more hers than any of these rows: then none is.

        Damage leaves an id that nobody ever had on a single row; only several rows speak of a user who is gone.
        """
        keys = self.claims.vanished.get(number, [])
        several = bool(keys) and (keys[0].certain or keys[0].references >= FORMER_RECORDS)
        return several and self.claims.own_row_is_gone(number, rows)

    def _judge_missing(self, number: int, draft: Draft, alike: list[tuple[str, float]]) -> None:
        """Decide whether a group that matches no row is a missing user."""
        group = draft.group
        if not group.registered:
            left = [
                (name, score)
                for name, score in alike
                if name not in group.names and not self._is_settled(draft, name)
            ]
            if left and left[0][1] >= DOUBTFUL:
                note = f"the name was never registered and resembles {left[0][0]!r} ({left[0][1]:g})"
                draft.leave_open("possible", tuple(name for name, _ in left[:MOST_SHOWN]), note)
                return
            if not group.logged:
                draft.leave_open(
                    "unproven", (), "the name was never registered, and the activity log never saw it act"
                )
                return
            if not self.claims.vanished.get(number) and self._would_have_registered(draft):
                note = "the name acted without ever having registered; it may be another name of somebody who did"
                draft.leave_open("possible", (), note)
                return
        draft.verdict = "missing"
        draft.notes.append("no user bears this name, and nobody's records show that they bore it")

    def _would_have_registered(self, draft: Draft) -> bool:
        """Return whether the archives know of every registration up to the time when a name was first seen.

        They do where nobody acts before the first registration, and no month since is without registrations or log. Without
        any user there is no row that such a name could be another name of.
        """
        claims = self.claims
        if not claims.roster:
            return False
        starts = [d.group.registered[0] for d in claims.drafts if d.group.registered]
        seen = [first for d in claims.drafts if (first := first_seen(d.group)) is not None]
        first = first_seen(draft.group)
        if not starts or first is None or min(seen) < min(starts):
            return False
        months = {show(minute)[:7] for minute in range(min(starts), first + 1, MINUTES_PER_DAY)} | {show(first)[:7]}
        return months <= claims.months

    def _is_settled(self, draft: Draft, name: str) -> bool:
        """Return whether a decision says how a draft stands to a name, or to whoever bears that name."""
        claims = self.claims
        bearers = [name]
        if name in claims.number_of:
            bearers += claims.drafts[claims.number_of[name]].group.names
        return any(claims.known.decisions.settles(mine, hers) for mine in draft.group.names for hers in bearers)

    def add_variants_of_todays_names(self) -> None:
        """Count rows under variants of the name that a renamed person bears today as variants of hers."""
        claims = self.claims
        renamed = {
            number: draft.row
            for number, draft in enumerate(claims.drafts)
            if draft.row and draft.verdict == "renamed"
        }
        index = index_by_key((row.name, number) for number, row in renamed.items())
        for entry in claims.roster if renamed else ():
            _, hits = lookup(index, entry.name)
            if (
                len(hits) == 1
                and claims.free(min(hits), entry.key)
                and entry.key not in claims.holder
                and entry.name not in claims.acting
            ):
                claims.variants.setdefault(next(iter(hits)), []).append(entry)

    def find_twins(self, number: int, draft: Draft) -> None:
        """Recognise further rows under variants of a registered name.

        An account made in a month whose registrations or activity log are there would have a line of its own. A row of another
        time could be somebody else; it is a twin only if the archives ascribe all that is known of it to this person.
        """
        claims = self.claims
        if not draft.group.registered or draft.verdict not in ("match", "renamed", "missing"):
            return
        for row in claims.variants.get(number, ()):
            recorded = row.created is not None and show(row.created)[:7] in claims.months
            if row.key in claims.holder or not claims.free(number, row.key):
                continue
            if claims.all_hers(draft, row) or (recorded and not self._may_be_a_rivals(draft, row)):
                draft.twins.append(row)
                claims.holder[row.key] = number

    def _may_be_a_rivals(self, draft: Draft, row: RosterEntry) -> bool:
        """Return whether somebody who matches no user registered when a row was made, and this person not nearer to it."""
        if row.created is None or row.key not in self.rivals:
            return False
        return abs(row.created - draft.group.registered[0]) >= self.rivals[row.key]

    def find_former(self, number: int, draft: Draft) -> None:
        """Recognise which vanished keys were this person's, and give a missing person her key."""
        keys = self.claims.vanished.get(number, [])
        if draft.verdict == "missing" and not draft.key:
            best = keys[0] if keys and (len(keys) == 1 or keys[0].references > keys[1].references) else None
            today = self.claims.known.spelling_today(draft.group.name)
            if today != draft.group.name:
                draft.called = today
            if self.claims.names_are_keys:
                draft.key = today
                if best is not None and self._is_todays_name(draft, best):
                    draft.key = draft.called = best.key
                    draft.notes.append(
                        f"all {best.references} rows refer to her as {best.key!r}: she was renamed before her row was lost"
                    )
            elif best is not None:
                draft.key = best.key
                rows = f"{best.references} rows still refer to the id {best.key}"
                draft.notes.append(f"{rows}; {best.records} of them are this person's")
            else:
                draft.key = self._new_key(draft)
        elif draft.verdict == "missing" and self.claims.names_are_keys:
            draft.called = draft.key
        if (draft.key or draft.verdict == "ignored") and draft.valid_from is None:
            # Of an earlier bearer of the name nothing is known.
            hers = [key.key for key in keys if draft.verdict == "ignored" or self._was_hers(draft, key)]
            draft.former = [key for key in hers if key != draft.key]

    def _is_todays_name(self, draft: Draft, key: VanishedKey) -> bool:
        """Return whether a missing person had been renamed, so that all that is hers refers to a name no archive knows.

        Where names are keys, that name is her key. A mere variant of an archive's spelling is none, nor is one of two in use.
        """
        claims = self.claims
        _, hits = lookup(self.names, key.key)
        return (
            not hits
            and not looks_like_key(key.key)
            and not is_placeholder(key.key)
            and self._was_hers(draft, key)
            and not any(claims.relations.references.get(name) for name in draft.group.names)
            and not any(claims.known.decisions.apart(name, key.key) for name in draft.group.names)
        )

    def _was_hers(self, draft: Draft, key: VanishedKey) -> bool:
        """Return whether a vanished key may speak for rows that no archive line explains.

        Enough of its rows must be explained, and none may be from before the person joined: then it was another's, too.
        """
        if not key.certain and (key.records < FORMER_RECORDS or key.records < FORMER_SHARE * key.references):
            return False
        joined, since = draft.group.registered[:1], self.claims.relations.since.get(key.key)
        return not joined or since is None or since >= joined[0] - MINUTES_PER_DAY

    def _new_key(self, draft: Draft) -> str:
        """Return a key for a user whose old one is forgotten; of two alike but for case each gets her own."""
        key = deterministic_key(draft.group.name, first_seen(draft.group))
        while key in self.claims.row_of or key in self.given:
            key = hashlib.sha256(f"{key}\0{draft.group.name}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self.given.add(key)
        return key


def _assemble(claims: Claims, grouping: Grouping) -> Resolution:
    """Return the frozen result."""
    decisions = claims.known.decisions

    def name_of(candidate: str) -> str:
        return claims.row_of[candidate].name if candidate in claims.row_of else candidate

    for draft in claims.drafts:
        said = {entry for name in draft.group.names for entry in decisions.naming(name)} if decisions.entries else ()
        draft.said = tuple(e.sentence() for e in sorted(said, key=lambda e: (e.line, e.names)))
    persons = [draft.person(name_of) for draft in claims.drafts]
    persons += [_nobody(claims, mention) for mention in grouping.placeholders]
    for mention, longer in grouping.phantoms:
        persons.append(open_entry(mention, "phantom", f"only the first word of {longer!r}", (longer,)))
    for mention, names in grouping.ambiguous:
        persons.append(open_entry(mention, "ambiguous", "more than one person bears a variant of this name", names))
    persons += [_earlier(draft) for draft in claims.drafts if draft.valid_from is not None and draft.key]
    persons.sort(key=lambda person: (person.name, not person.key, person.key, person.verdict))
    certain = [person for person in persons if person.key]
    former = {key: person.key for person in certain for key in person.former}
    return Resolution(
        bearers=_bearers(claims, persons),
        persons=tuple(persons),
        key_of={name: person.key for person in certain for name, _ in person.spellings},
        twin_of={twin: person.key for person in certain for twin in person.twins},
        former=_merged(claims, certain) | former,
    )


def _bearers(claims: Claims, persons: Iterable[Person]) -> dict[str, frozenset[str]]:
    """Return open name -> the candidates who are users, and the vanished keys at which its records point."""
    gone: dict[str, set[str]] = defaultdict(set)
    for key, names in claims.relations.vanished.items():
        for name in names:
            gone[name].add(key)
    open_names: dict[str, frozenset[str]] = {}
    for person in persons:
        if person.verdict in ("shared", "ambiguous", "possible"):
            for name, _ in person.spellings:
                living = {key for key in person.candidates if key in claims.row_of}
                living |= claims.relations.living.get(name, {}).keys() if person.verdict != "shared" else set()
                open_names[name] = frozenset(living | gone[name])
    return open_names


def _earlier(draft: Draft) -> Person:
    """Return the open entry of a name before the day from which on it is certain: it may have been another person's."""
    assert draft.valid_from is not None
    when = "at any time" if draft.valid_from >= NEVER else f"before {show(draft.valid_from)}"
    return replace(
        draft.person(lambda candidate: draft.group.name),
        key="",
        verdict="shared",
        candidates=(draft.key,),
        scores=(100.0,),
        twins=(),
        former=(),
        notes=(f"the user of this name may not be whom lines {when} mean", *draft.notes),
    )


def _nobody(claims: Claims, mention: Mention) -> Person:
    decision = claims.known.decisions.nature(mention.name)
    note = decision.sentence() if decision else "a name that stands for nobody"
    return open_entry(mention, "placeholder", note)


def _merged(claims: Claims, certain: list[Person]) -> dict[str, str]:
    """Return the keys that the application merged into a user's, where the archives ascribe none of their rows to another."""
    owner = {key: person for person in certain for key in (person.key, *person.twins)}
    ignored = {row for draft in claims.drafts if draft.verdict == "ignored" for row in draft.candidates}
    found: dict[str, str] = {}
    for old, new in claims.relations.merged.items():
        person = owner.get(new)
        hers = {name for name, _ in person.spellings} if person else set()
        if new in claims.row_of and new not in ignored and hers.issuperset(claims.relations.vanished.get(old, ())):
            found[old] = person.key if person else new
    return found
