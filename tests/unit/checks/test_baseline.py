from __future__ import annotations

from datetime import date, datetime

import pytest

from thywill_reconstruct.checks.baseline import parse_baseline, render_baseline
from thywill_reconstruct.checks.model import Offence
from thywill_reconstruct.errors import UsageError

ROW = Offence("users", 'a"\n\u0007', "m", part="2025-03")


def test_what_is_written_is_read_again_and_ends_after_its_last_day() -> None:
    text = render_baseline([("r", ROW, ROW.key)], date(2030, 1, 31))
    baseline = parse_baseline(text, "x")
    assert baseline.concerns("r")
    assert baseline.accepts("r", ROW, datetime(2030, 1, 31, 23, 59))
    assert not baseline.accepts("r", ROW, datetime(2030, 2, 1))
    assert baseline.expired(datetime(2030, 2, 1)) == 1
    assert not baseline.accepts("other", ROW, datetime(2030, 1, 1))
    assert not baseline.accepts("r", Offence("users", ROW.key, "m", part="2025-04"), datetime(2030, 1, 1))


@pytest.mark.parametrize(
    "text",
    ["[[accepted", "accepted = 1", '[[accepted]]\nrule = "r"', '[[accepted]]\nrule="r"\nfingerprint="f"\nuntil="x"'],
)
def test_a_wrong_baseline_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_baseline(text, "known.toml")


def test_a_schema_object_and_a_row_of_an_empty_key_differ() -> None:
    assert Offence("t", None, "").fingerprint("r") != Offence("t", "", "").fingerprint("r")
