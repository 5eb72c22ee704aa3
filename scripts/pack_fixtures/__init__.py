"""Databases for the rule packs: a clean one, and the same damaged in every way that the pack names, with a ledger."""

from __future__ import annotations

from scripts.pack_fixtures import budget, organizer, points, thywill
from scripts.pack_fixtures.fixture import Fixture

FIXTURES: dict[str, Fixture] = {
    "budget": budget.FIXTURE,
    "organizer": organizer.FIXTURE,
    "points": points.FIXTURE,
    "thywill-v1": thywill.V1,
    "thywill-v2": thywill.V2,
}
