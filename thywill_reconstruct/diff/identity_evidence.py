"""Evidence of identity beyond spelling and shared events: exports, merge logs, and acting at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from itertools import combinations

from thywill_reconstruct.database.rows import MergeRow, Snapshot
from thywill_reconstruct.diff.events import log_coverage
from thywill_reconstruct.identity.grouping import LOOSE_RUNGS, loose_key
from thywill_reconstruct.identity.model import Mention
from thywill_reconstruct.identity.placeholders import is_placeholder
from thywill_reconstruct.records import Archive, StatedIdentity
from thywill_reconstruct.times import Minute


def stated_names(
    identities: Iterable[StatedIdentity], snapshot: Snapshot, uses: Container[str] = ()
) -> dict[str, frozenset[str]]:
    """Return user key -> the names that exports pair with it (archive format spec, section 3.4).

    Names with a history (``uses``) are left out: whose they were is known better.

    A key that is paired with the name its user bears today says nothing new. In era v2 a name is its own key; ids of era v1
    are followed by ``name_keys.find_aliases`` there.
    """
    if snapshot.schema.names_are_keys:
        return {}
    bears = {user.key: user.name for user in snapshot.users}
    said: dict[str, set[str]] = defaultdict(set)
    for identity in identities:
        if identity.key and identity.name and not is_placeholder(identity.name) and identity.name not in uses:
            said[identity.key].add(identity.name)
    return {key: frozenset(names) for key, names in said.items() if names != {bears.get(key)}}


def merged_into(merges: Iterable[MergeRow], living: Collection[str]) -> dict[str, str]:
    """Return key that no user has -> key of the user into whom it was merged, through any number of merges.

    A key that was merged into several, or that leads round in a circle or to nobody, is no evidence.
    """
    kept: dict[str, set[str]] = defaultdict(set)
    for merge in merges:
        kept[merge.merged].add(merge.kept)
    found: dict[str, str] = {}
    for start in kept.keys() - set(living):
        seen = {start}
        key = start
        while key not in living and len(kept.get(key, ())) == 1:
            (key,) = kept[key]
            if key in seen:
                break
            seen.add(key)
        if key in living:
            found[start] = key
    return found


def acted_at_once(archive: Archive, mentions: Sequence[Mention]) -> frozenset[tuple[str, str]]:
    """Return the pairs of like spellings that one file saw acting in the same minute on the same prayer: two people.

    Only spellings that could be joined are looked at. The activity log was written as things happened; prayer files are asked
    for times without one, because healing writes what importers doubled under two spellings into one file.
    """
    alike: dict[tuple[int, str], set[str]] = defaultdict(set)
    for mention in mentions:
        for rung in LOOSE_RUNGS:
            if found := loose_key(mention.name, rung):
                alike[rung, found].add(mention.name)
    siblings = [names for names in alike.values() if len(names) > 1]
    wanted = frozenset[str]().union(*siblings)
    if not wanted:
        return frozenset()
    pairs = {pair for names in siblings for pair in combinations(sorted(names), 2)}
    together: dict[tuple[str, str, Minute], set[str]] = defaultdict(set)
    for file, prayer, minute, name in _acts(archive, wanted):
        together[file, prayer, minute].add(name)
    seen = (pair for names in together.values() for pair in combinations(sorted(names), 2))
    return frozenset(pairs.intersection(seen))


def _acts(archive: Archive, names: Collection[str]) -> Iterator[tuple[str, str, Minute, str]]:
    """Yield (file, prayer, minute, name) of everything that some names did."""
    for entry in archive.log:
        if entry.actor in names and entry.prayer_id:
            yield entry.file, entry.prayer_id, entry.minute, entry.actor
    coverage = log_coverage(archive)
    for file in archive.prayers:
        for line in file.activities:
            if line.actor in names and not line.doubtful and not coverage.holds(line.minute):
                yield file.file, file.prayer_id or "", line.minute, line.actor
