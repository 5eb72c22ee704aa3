"""Databases for the tests of hardening, as for those of rules."""

from __future__ import annotations

from tests.checks.conftest import empty_database, postgres_server

__all__ = ["empty_database", "postgres_server"]
