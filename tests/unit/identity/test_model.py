"""Looking up who bears a spelling."""

from __future__ import annotations

from thywill_reconstruct.identity.canonical import Rung
from thywill_reconstruct.identity.model import Person, Resolution


def test_a_person_is_found_under_every_spelling_and_nobody_else_is() -> None:
    mary = Person("Mary", (("Mary", Rung.RAW), ("mary", Rung.FOLDED)), "m", "match", None, None)
    resolution = Resolution((mary,), {"Mary": "m", "mary": "m"}, {}, {})
    assert resolution.person("mary") is mary
    assert resolution.person("Mary") is mary
    assert resolution.person("MARY") is None
