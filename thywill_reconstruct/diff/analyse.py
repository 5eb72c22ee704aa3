"""The whole comparison: archive and database in, findings out. Pure; reads nothing and writes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from thywill_reconstruct.database.rows import LogRow, MarkRow, PrayerRow, Snapshot, UserRow
from thywill_reconstruct.diff.activity import ACTION_KIND, ATTRIBUTE_KIND, LOCAL_ACTIONS, compare_activity
from thywill_reconstruct.diff.clocks import SLACK, Clock, estimate
from thywill_reconstruct.diff.context import Clocks, Context, by_prayer
from thywill_reconstruct.diff.events import log_coverage
from thywill_reconstruct.diff.exports import read_exports
from thywill_reconstruct.diff.extents import prove_texts
from thywill_reconstruct.diff.further import compare_further
from thywill_reconstruct.diff.hygiene import compare_names
from thywill_reconstruct.diff.identity_evidence import acted_at_once, merged_into, stated_names
from thywill_reconstruct.diff.invites import compare_invites
from thywill_reconstruct.diff.marks import compare_marks
from thywill_reconstruct.diff.mentions import (
    acting_minutes,
    collect_mentions,
    collect_records,
    collect_relations,
    find_stand_ins,
    names_of_people,
    oldest_rows,
)
from thywill_reconstruct.diff.name_keys import at_stored_keys, find_aliases, respell_users
from thywill_reconstruct.diff.paths import compare_paths
from thywill_reconstruct.diff.pathways import find_pathways
from thywill_reconstruct.diff.prayers import compare_prayers
from thywill_reconstruct.diff.registrations import Joined, joinings_by_key, read_joinings
from thywill_reconstruct.diff.sources import PrayerSources, gather
from thywill_reconstruct.diff.users import compare_users
from thywill_reconstruct.findings.finding import Entity, Finding
from thywill_reconstruct.identity.canonical import folded
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decisions
from thywill_reconstruct.identity.evidence import RENAME_RECORDS
from thywill_reconstruct.identity.histories import trace_histories, with_decided
from thywill_reconstruct.identity.model import Relations, Resolution, RosterEntry
from thywill_reconstruct.identity.placeholders import is_placeholder, looks_like_key
from thywill_reconstruct.identity.resolve import resolve
from thywill_reconstruct.records import Archive, InviteUse
from thywill_reconstruct.times import MINUTES_PER_DAY, Minute, iso_minute

# Enough pairs to know a day's clock; more would only cost time.
PAIRS_PER_DAY = 40


# Made by the version of the application that began to merge users at its start (archive format spec, section 6.4).
MERGE_LOG = "user_merge_log"


# What books a living person's row on another.
_FROM_THE_LIVING = frozenset({"PR002", "MK006", "AT005", "AT006", "IN004"})
# What says that a row refers to nobody.
_DANGLING = frozenset({"PR001", "MK001", "AT001", "AT002", "IN002", "IN009", "IN010"})


@dataclass(frozen=True, slots=True)
class Analysis:
    """The result of a comparison.

    Attributes:
        findings: Every finding, with or without repair, in a stable order.
        resolution: Who every name is.
        notes: Facts for the report: the clocks.
        shared: How many prayers stand in both archive and database, and how many in either: (both, archive, database).
        relations: What events that stand in both say about names and user keys.
        roster: The users that exist, with the time they joined on the archives' clock.
    """

    findings: tuple[Finding, ...]
    resolution: Resolution
    notes: tuple[str, ...]
    shared: tuple[int, int, int]
    relations: Relations
    roster: tuple[RosterEntry, ...]


def analyse(archive: Archive, snapshot: Snapshot, home: str, decisions: Decisions = NO_DECISIONS) -> Analysis:
    """Compare what the archives say with what the database holds.

    Args:
        archive: Everything the archives say.
        snapshot: Everything the database holds.
        home: The folder from which the application's relative paths start.
        decisions: What the operator decided about names.
    """
    ctx, early, respelled = prepare(archive, snapshot, home, decisions)
    coverage = log_coverage(archive)
    prayers = list(compare_prayers(ctx, coverage))
    new_prayers = frozenset(f.key for f in prayers if f.code == "PR003" and f.changes)
    marks = list(compare_marks(ctx, coverage, new_prayers))
    tree = compare_invites(ctx)
    findings = [
        *respelled,
        *_problems(archive),
        *early,
        *compare_users(ctx, tree.inviters, tree.tokens),
        *compare_names(ctx, decisions.settles),
        *prayers,
        *marks,
        *compare_activity(ctx, coverage, _marks_repaired(marks)),
        *tree.findings,
        *compare_paths(ctx),
        *compare_further(ctx),
        *_unreadable_times(ctx),
    ]
    findings = [*_not_from_who_may_own(ctx, findings)]
    findings = at_stored_keys([*_without_words(ctx, findings)] if ctx.words else findings, respelled)
    both = len(ctx.prayers.keys() & ctx.sources.keys())
    shared = (both, len(ctx.sources), len(ctx.prayers))
    return Analysis(tuple(findings), ctx.resolution, _notes(ctx), shared, ctx.relations, ctx.roster)


def prepare(
    archive: Archive, snapshot: Snapshot, home: str, decisions: Decisions = NO_DECISIONS
) -> tuple[Context, list[Finding], tuple[Finding, ...]]:
    """Work out clocks and identities, and bring rows into reach; the last part is what must be respelled before."""
    archive = prove_texts(archive)
    statements, unclear = read_joinings(archive, frozenset(folded(user.name) for user in snapshot.users))
    users_clock = _users_clock(snapshot, statements)
    snapshot, respelled = respell_users(snapshot, statements, users_clock)
    sources = gather(archive, snapshot.prayers)
    marks = by_prayer(snapshot.marks)
    log = by_prayer(snapshot.log)
    attributes = by_prayer(snapshot.attributes)
    names = {user.key: user.name for user in snapshot.users}
    marks_clock = estimate(_event_pairs(sources.prayers, marks, names, _log_minutes))
    persons_called_so = names_of_people(snapshot.users, statements, users_clock)

    def nobody(name: str) -> bool:
        return is_placeholder(name) and name not in persons_called_so

    stand_ins = find_stand_ins(snapshot.users, persons_called_so, decisions)
    records = collect_records(
        snapshot, sources.prayers, marks, marks_clock, users_clock, statements, archive.invite_uses, nobody, stand_ins
    )
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for record in records:
        held[record.key][record.name] += 1
    roster = tuple(
        RosterEntry(u.key, u.name, _archive_minute(users_clock, u.created), bool(u.token), bool(u.inviter))
        for u in snapshot.users
    )
    histories = trace_histories(
        records,
        _registered(statements),
        [row for row in roster if row.key not in stand_ins],
        _claimed_names(snapshot, archive.invite_uses),
        lambda wanted: acting_minutes(archive, wanted),
        {name for entry in decisions.entries for name in entry.names},
        again=_registered_again(statements),
        names_are_keys=snapshot.schema.names_are_keys,
        merges=snapshot.schema.names_are_keys or MERGE_LOG in snapshot.schema.tables,
    )
    histories = with_decided(histories, decisions)
    called = {**{entry.id: entry.called for entry in decisions.entries if entry.of_a_time}, **names}
    today = histories.today(called) if histories.uses else None
    mentions = collect_mentions(archive, statements, today)
    relations = collect_relations(
        snapshot, records if today is None else [r._replace(name=today(r.name, r.minute)) for r in records]
    )
    stated = stated_names(archive.identities, snapshot, histories.uses)
    relations = replace(
        relations,
        since={**oldest_rows(snapshot, stated.keys() - names.keys()), **relations.since},
        stated=stated,
        merged=merged_into(snapshot.merges, names),
        apart=acted_at_once(archive, mentions),
    )
    resolution = resolve(
        mentions,
        roster,
        relations,
        decisions,
        names_are_keys=snapshot.schema.names_are_keys,
        log_months=archive.covered_months,
        people=persons_called_so,
        histories=histories,
    )
    aliases = find_aliases(snapshot, resolution, archive.identities)
    resolution = replace(resolution, former={**resolution.former, **aliases})
    missing = {person.key: person.name for person in resolution.persons if person.verdict == "missing"}
    known = (frozenset(names) - stand_ins) | missing.keys()
    words = frozenset(filter(is_placeholder, known)) if snapshot.schema.names_are_keys else frozenset[str]()
    # Both are written with utcnow() (section 6.1), so what is known of one clock holds for the other.
    universal = estimate(
        [
            *_attribute_pairs(sources.prayers, snapshot, names),
            *_set_log_pairs(sources.prayers, snapshot, names),
        ]
    )
    prayed = {p: [r for r in rows if r.action in LOCAL_ACTIONS] for p, rows in log.items()}
    clocks = Clocks(
        users=users_clock,
        prayers=sources.clock,
        marks=marks_clock,
        attributes=universal,
        prayed_log=estimate(_event_pairs(sources.prayers, prayed, names, _log_minutes)),
        set_log=universal,
    )
    stored = [user.path for user in snapshot.users] + [prayer.path for prayer in snapshot.prayers]
    decided = {name for entry in decisions.entries if entry.of_a_time for name in entry.names}
    late = {
        p.key: p.valid_from
        for p in resolution.persons
        if p.key and p.valid_from is not None and decided.isdisjoint(name for name, _ in p.spellings)
    }
    several_names = _with_other_names(roster, _registered(statements))
    born = {row.key: row.created for row in roster if row.key in several_names}
    theirs = [s for s in statements if _may_be_of(born.get(resolution.who(s.name, s.minute)), s.minute)]
    joinings = joinings_by_key(archive, theirs, resolution, frozenset(names) | missing.keys())
    context = Context(
        archive=archive,
        snapshot=snapshot,
        resolution=resolution,
        relations=relations,
        roster=roster,
        clocks=clocks,
        pathways=find_pathways(archive, sources.prayers, stored, home),
        users={user.key: user for user in snapshot.users},
        prayers={prayer.key: prayer for prayer in snapshot.prayers},
        sources=sources.prayers,
        joinings={key: joining for key, joining in joinings.items() if key not in late},
        marks=marks,
        attributes=attributes,
        log=log,
        known=known,
        sound=known - resolution.twin_of.keys() - words,
        missing=missing,
        late_names=late,
        people=persons_called_so,
        words=words,
        several_names=several_names,
        held=held,
        lost=histories.lost - missing.keys(),
        gone=frozenset(use.key for uses in resolution.uses.values() for use in uses if use.key) - known,
        ignored={
            name: " ".join(person.decided)
            for person in resolution.persons
            for name, _ in person.spellings
            if person.verdict == "ignored"
        },
        aliases=aliases,
    )
    context = replace(context, exported=read_exports(context))
    return context, [*sources.findings, *unclear], respelled


def _without_words(ctx: Context, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out that a row of a member called ``None`` or the like may be nobody's, unless archives say whose it is."""
    snapshot = ctx.snapshot
    rows = (
        *(("mark", row.key) for row in snapshot.marks if row.user in ctx.words),
        *(("attribute", row.key) for row in snapshot.attributes if row.user in ctx.words),
        *(("log", row.key) for row in snapshot.log if row.user in ctx.words),
        *(("prayer", row.key) for row in snapshot.prayers if row.author in ctx.words),
        *(("token", row.key) for row in snapshot.tokens if row.user in ctx.words or row.creator in ctx.words),
        *(("user", row.key) for row in snapshot.users if row.inviter in ctx.words),
    )
    theirs = set(rows)
    for finding in findings:
        if finding.code in _DANGLING and (finding.entity, finding.key) in theirs:
            if any(change.before != change.after for change in finding.changes):
                yield finding
        else:
            yield finding


def _with_other_names(roster: Iterable[RosterEntry], registered: Mapping[str, Sequence[Minute]]) -> frozenset[str]:
    """Return the users who registered under another name than they bear: made when only other names were registered."""
    born: dict[Minute, set[str]] = defaultdict(set)
    for name, minutes in registered.items():
        for minute in minutes:
            born[minute].add(name)
    found = set()
    for row in roster:
        if row.created is None:
            continue
        near = born.get(row.created - SLACK, set()) | born.get(row.created + SLACK, set())
        names = born.get(row.created) or near
        if names and row.name not in names:
            found.add(row.key)
    return frozenset(found)


def _may_be_of(born: Minute | None, joined: Minute) -> bool:
    """Return whether a registration may be that of a user who registered at a minute under another name, if at any."""
    return born is None or abs(joined - born) <= SLACK


def _not_from_who_may_own(ctx: Context, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Keep rows with living people who may have borne the name in the line: they registered under another, or hold several.

    A plan never contradicts the evidence: what a user holds of a name that they may have borne is theirs as far as anybody
    knows (docs/identity.md).
    """
    spellings = {p.key: {name for name, _ in p.spellings} for p in ctx.resolution.persons if p.key}
    made = {("prayer", prayer.key): iso_minute(prayer.created) for prayer in ctx.snapshot.prayers}
    made |= {("mark", mark.key): iso_minute(mark.created) for mark in ctx.snapshot.marks}
    for finding in findings:
        if finding.changes and finding.changes[0].before in ctx.lost and finding.changes[0].action == "update":
            if finding.changes[0].after != finding.changes[0].before and finding.code in _DANGLING:
                reason = "It refers to somebody who is gone and bore this name for a time; it may be theirs."
                finding = replace(finding, changes=(), reason=reason)
        elif finding.code in _FROM_THE_LIVING and finding.changes:
            change = finding.changes[0]
            holder = str(change.before)
            count = sum(ctx.held.get(holder, {}).get(name, 0) for name in spellings.get(str(change.after), ()))
            reason = ""
            if count >= RENAME_RECORDS and not _is_registered(ctx, holder):
                reason = f"{ctx.name(holder)} holds {count} records of this name: this one may be theirs."
            elif _is_older(ctx, made.get((finding.entity, finding.key)), holder):
                if ctx.snapshot.schema.names_are_keys and _is_registered(ctx, holder):
                    reason = (
                        f"It is older than {ctx.name(holder)}'s row: it may be of somebody who was called so before."
                    )
            elif holder in ctx.several_names:
                reason = f"{ctx.name(holder)} registered under another name: this may be theirs."
            if reason:
                finding = replace(finding, changes=(), reason=reason)
        yield finding


def _is_older(ctx: Context, made: Minute | None, holder: str) -> bool:
    """Return whether a row was made before its holder registered: it is not theirs, under whatever name."""
    joined = iso_minute(ctx.users[holder].created) if holder in ctx.users else None
    return made is not None and joined is not None and made < joined - SLACK


def _is_registered(ctx: Context, key: str) -> bool:
    """Return whether a line tells that a user registered under the present name."""
    joining = ctx.joinings.get(key)
    return joining is not None and any(said.name == ctx.name(key) for said in joining.said)


def _problems(archive: Archive) -> Iterator[Finding]:
    """Turn what the archive reader could not understand into findings."""
    for problem in archive.problems:
        yield Finding(
            problem.code, "archive", str(problem.span), "", "", "", (str(problem.span),), reason=problem.detail
        )


def _archive_minute(clock: Clock, created: str | None) -> Minute | None:
    minute = iso_minute(created)
    return None if minute is None else clock.archive_minutes(minute)[0]


def _registered(statements: Iterable[Joined]) -> dict[str, list[Minute]]:
    """Return name -> the minutes of its registrations, ascending; a line of the log repeats that of the users file."""
    registered: dict[str, list[Minute]] = defaultdict(list)
    for statement in sorted(statements, key=lambda s: (not s.file, s.minute)):
        if all(abs(statement.minute - minute) > SLACK for minute in registered[statement.name]):
            registered[statement.name].append(statement.minute)
    return {name: sorted(minutes) for name, minutes in registered.items()}


def _registered_again(statements: Iterable[Joined]) -> frozenset[str]:
    """Return the names for which users file and log agree on more than one registration.

    Of a user who registers again while the row is there only the users file tells (section 2.3).
    """
    filed: dict[str, set[Minute]] = defaultdict(set)
    logged: dict[str, set[Minute]] = defaultdict(set)
    for statement in statements:
        (filed if statement.file else logged)[statement.name].add(statement.minute)
    return frozenset(
        name
        for name, minutes in filed.items()
        if len({minute for minute in minutes if any(abs(minute - told) <= SLACK for told in logged[name])}) > 1
    )


def _claimed_names(snapshot: Snapshot, uses: Iterable[InviteUse]) -> dict[str, str]:
    """Return user key -> the name that claimed the token of the user's row; tokens that several names claimed tell nothing."""
    claims: dict[str, set[str]] = defaultdict(set)
    for use in uses:
        if use.used_by and not looks_like_key(use.used_by):
            claims[use.token].add(use.used_by)
    bearers = Counter(user.token for user in snapshot.users if user.token)
    return {
        user.key: next(iter(claims[user.token]))
        for user in snapshot.users
        if user.token and bearers[user.token] == 1 and len(claims.get(user.token, ())) == 1
    }


def _users_clock(snapshot: Snapshot, statements: Iterable[Joined]) -> Clock:
    """Learn the clock of the user table from who registered when: by the registration files, else by the activity log."""
    registered: dict[str, tuple[bool, Minute]] = {}
    for statement in statements:
        told = (not statement.file, statement.minute)
        registered[statement.name] = min(told, registered.get(statement.name, told))
    pairs = []
    for user in snapshot.users:
        created = iso_minute(user.created)
        if user.name in registered and created is not None:
            pairs.append((registered[user.name][1], created))
    clock = estimate(pairs)
    # Whoever bears another's name today is no pair: their own registration stands at the time of the row.
    minutes = {minute for _, minute in registered.values()}
    usual = clock.usual[0]
    return estimate([p for p in pairs if p[1] - p[0] == usual or p[1] - usual not in minutes])


def _log_minutes(source: PrayerSources) -> list[tuple[str, Minute]]:
    """Return (name, minute) of the marks that the activity log, or without it the prayer file, records.

    Where the file has another time than the log, the mark was made offline (archive format spec, section 6.4): its row has the
    phone's time, which tells nothing about the server's clock.
    """
    logged = [(entry.actor, entry.minute) for entry in source.log if entry.kind == "prayed"]
    written = [(a.actor, a.minute) for file in source.files for a in file.activities if a.kind == "prayed"]
    if not logged:
        return written
    names = {name for name, _ in written}
    near = {(name, minute + by) for name, minute in written for by in range(-SLACK, SLACK + 1)}
    return [(name, minute) for name, minute in logged if name not in names or (name, minute) in near]


def _event_pairs(
    sources: Mapping[str, PrayerSources],
    rows: Mapping[str, Sequence[MarkRow] | Sequence[LogRow]],
    names: Mapping[str, str],
    events: object,
) -> Iterator[tuple[Minute, Minute]]:
    """Yield (archive, database) minutes of marks by people who marked a prayer exactly once, on both sides."""
    per_day: Counter[int] = Counter()
    for prayer_id, here in rows.items():
        source = sources.get(prayer_id)
        first = iso_minute(here[0].created) if here else None
        if source is None or first is None or per_day[first // MINUTES_PER_DAY] >= PAIRS_PER_DAY:
            continue
        told = _log_minutes(source)
        once = Counter(name for name, _ in told)
        when = {name: minute for name, minute in told if once[name] == 1}
        seen = Counter(row.user for row in here)
        for row in here:
            name = names.get(row.user or "")
            created = iso_minute(row.created)
            if name in when and seen[row.user] == 1 and created is not None:
                per_day[created // MINUTES_PER_DAY] += 1
                yield when[name], created


def _set_log_pairs(
    sources: Mapping[str, PrayerSources], snapshot: Snapshot, names: Mapping[str, str]
) -> Iterator[tuple[Minute, Minute]]:
    """Yield (archive, database) minutes of logged attribute changes that happened once on a prayer."""
    wanted = [row for row in snapshot.log if row.action.startswith(("set_", "remove_"))]
    seen = Counter((row.prayer, row.action) for row in wanted)
    for row in wanted:
        kind = ACTION_KIND.get(row.action, "")
        if seen[row.prayer, row.action] == 1:
            yield from _single(sources.get(row.prayer), kind, names.get(row.user or ""), row.created)


def _attribute_pairs(
    sources: Mapping[str, PrayerSources], snapshot: Snapshot, names: Mapping[str, str]
) -> Iterator[tuple[Minute, Minute]]:
    """Yield (archive, database) minutes of attributes that were set once on a prayer."""
    for row in snapshot.attributes:
        kind = ATTRIBUTE_KIND.get(row.name, "")
        yield from _single(sources.get(row.prayer), kind, names.get(row.user or ""), row.created)


def _single(
    source: PrayerSources | None, kind: str, name: str | None, created: str | None
) -> Iterator[tuple[Minute, Minute]]:
    minute = iso_minute(created)
    if source is None or not kind or not name or minute is None or len(source.files) != 1:
        return
    events = [a for a in source.files[0].activities if a.kind == kind]
    if len(events) == 1 and events[0].actor == name:
        yield events[0].minute, minute


def _marks_repaired(findings: Iterable[Finding]) -> dict[str, str]:
    """Return mark -> the user that its repair books it on."""
    return {
        change.key: str(change.after)
        for finding in findings
        for change in finding.changes
        if change.entity == "mark" and change.action == "update"
    }


def _unreadable_times(ctx: Context) -> Iterator[Finding]:
    """Yield DB002 for users, prayers and marks whose time cannot be read: they can be compared with no archive line."""
    snapshot = ctx.snapshot
    tables: tuple[tuple[Entity, Iterable[UserRow | PrayerRow | MarkRow]], ...] = (
        ("user", snapshot.users),
        ("prayer", snapshot.prayers),
        ("mark", snapshot.marks),
    )
    for entity, rows in tables:
        for row in rows:
            if iso_minute(row.created) is None:
                actual = "no time" if row.created is None else "a time in a form that cannot be read"
                reason = "What cannot be read is never replaced by a guess."
                place = (ctx.place(entity, row.key),)
                yield Finding("DB002", entity, row.key, "created", "", actual, place, reason=reason)


def _notes(ctx: Context) -> tuple[str, ...]:
    clocks = ctx.clocks
    named = (
        ("users", clocks.users),
        ("prayers", clocks.prayers),
        ("marks", clocks.marks),
        ("attributes", clocks.attributes),
        ("activity log", clocks.set_log),
    )
    return tuple(
        f"Times of {name}: {clock.describe()} (learnt from {clock.pairs:,} events)." for name, clock in named
    )
