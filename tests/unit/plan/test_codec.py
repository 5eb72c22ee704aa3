from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.support import update
from thywill_reconstruct.findings.finding import Sealed
from thywill_reconstruct.plan.codec import decode_operation, encode_operation

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.binary(),
    st.text(st.characters(exclude_categories=())),
    st.builds(
        Sealed,
        st.sampled_from(["text", "token"]),
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.integers(0, 10**9),
        st.text(max_size=4),
    ),
)


@given(VALUES, VALUES, VALUES)
def test_operations_survive_json(key: object, before: object, after: object) -> None:
    operation = update("t", key, (("c", before),), (("c", after),))  # type: ignore[arg-type]
    assert decode_operation(json.loads(json.dumps(encode_operation(operation), allow_nan=False))) == operation
