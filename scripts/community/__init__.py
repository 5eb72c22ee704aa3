"""Simulated communities: archives and database as the application writes them, damage, and a score for a repair."""

from .make import damage_community, make_community
from .options import PROFILES, Options
from .score import Score, score_repair

__all__ = ["PROFILES", "Options", "Score", "damage_community", "make_community", "score_repair"]
