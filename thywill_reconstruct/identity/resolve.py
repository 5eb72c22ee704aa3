"""Who is who: every name of the archives is matched to a user, found missing, or left to a person to decide.

Three steps, a module each: ``grouping`` joins spellings, ``claims`` matches them to users, ``verdicts`` judges the rest.
Source of the rules: design, sections "Identity" and "Recovering a user". In doubt nothing is matched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from thywill_reconstruct.identity.claims import Claims
from thywill_reconstruct.identity.decisions import NO_DECISIONS, Decisions
from thywill_reconstruct.identity.evidence import records_point_at
from thywill_reconstruct.identity.grouping import Known, group_mentions
from thywill_reconstruct.identity.histories import NO_HISTORIES, Histories, with_histories
from thywill_reconstruct.identity.model import Mention, Relations, Resolution, RosterEntry
from thywill_reconstruct.identity.verdicts import judge

Clusters = Mapping[str, tuple[str, ...]]


def resolve(
    mentions: Iterable[Mention],
    roster: Sequence[RosterEntry],
    relations: Relations,
    decisions: Decisions = NO_DECISIONS,
    *,
    names_are_keys: bool = False,
    log_months: frozenset[str] = frozenset(),
    people: frozenset[str] = frozenset(),
    histories: Histories = NO_HISTORIES,
) -> Resolution:
    """Work out who every name is.

    Pure and independent of the order of its inputs.

    Args:
        mentions: One entry per spelling in the archives.
        roster: The users that exist.
        relations: Events that stand in archive and database alike, and what exports and merge logs state.
        decisions: What the operator decided; wins over everything else.
        names_are_keys: True where rows refer to people by name (era v2): a recreated user's key is her name.
        log_months: Months (``2025-07``) of which the activity log exists: it would name whoever registered then.
        people: Names that look like placeholders and are people's.
        histories: Who bore which name when; mentions and relations name everybody as they are called today.

    Returns:
        One person per real person, and one entry per name that is nobody or stays open, with reasons.
    """
    ordered = sorted(roster, key=lambda entry: (entry.name, entry.key))
    given = list(mentions)
    registered = {mention.name for mention in given if mention.registered}
    pointing = records_point_at(relations, {row.name: row.key for row in ordered if row.name in registered})
    names = frozenset(row.name for row in ordered)
    pairs = [*_decided_pairs(decisions, ordered), *histories.same]
    while True:
        joined = _clusters(pairs)
        known = Known(names, pointing, relations.apart, decisions, joined, people, histories.respells)
        grouping = group_mentions(given, known)
        claims = Claims(grouping, ordered, relations, known, names_are_keys=names_are_keys, log_months=log_months)
        claims.claim_all()
        # Whoever turns out to have a user that another name has by decision is that person: known from the start next time.
        found = [pair for pair in claims.shared() if pair[1] not in joined.get(pair[0], ())]
        if not found:
            return with_histories(judge(claims, grouping), histories)
        pairs += found


def _decided_pairs(decisions: Decisions, roster: Sequence[RosterEntry]) -> list[tuple[str, str]]:
    """Return pairs of names that decisions make one person's: a name that is a user is the name that this user bears, too."""
    bears = {row.key: row.name for row in roster} if decisions.entries else {}
    pairs = []
    for entry in decisions.entries:
        if entry.kind in ("same", "user", "new"):
            pairs += [(decisions.together(entry.names[0])[0], name) for name in entry.names]
        if entry.kind == "user" and (name := bears.get(entry.id)) and not decisions.apart(entry.names[0], name):
            pairs.append((entry.names[0], name))
    return pairs


def _clusters(pairs: Iterable[tuple[str, str]]) -> Clusters:
    """Return name -> all names that pairs connect it with, itself included, sorted."""
    clusters: dict[str, set[str]] = {}
    for one, other in pairs:
        if one in clusters and clusters[one] is clusters.get(other):
            continue
        together = clusters.get(one, {one}) | clusters.get(other, {other})
        clusters.update(dict.fromkeys(together, together))
    return {name: tuple(sorted(together)) for name, together in clusters.items()}
