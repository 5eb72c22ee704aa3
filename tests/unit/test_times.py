"""What times say below the minute."""

from __future__ import annotations

import pytest

from thywill_reconstruct.times import iso_second, next_second


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("2025-07-16T09:05:33.123456", "33.123456"),
        ("2025-07-16 09:05:33.1", "33.100000"),
        ("2025-07-16T09:05:33", "33.000000"),
        ("2025-07-16T09:05:33+00:00", "33.000000"),
        ("2025-07-16T09:05", ""),
        ("2025-07-16T09:05:99", ""),
        ("2025-07-16T09:05:331", ""),
        ("", ""),
    ],
)
def test_the_second_of_an_iso_time(text: str, second: str) -> None:
    assert iso_second(text) == second


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("2025-07-16 09:05:33.100000", "2025-07-16 09:05:34.100000"),
        ("2025-12-31T23:59:59", "2026-01-01 00:00:00.000000"),
        ("2025-07-16 09:05", "2025-07-16 09:05:01.000000"),
        ("yesterday", ""),
        (None, ""),
    ],
)
def test_the_second_after_a_stored_time(text: str | None, following: str) -> None:
    assert next_second(text) == following
