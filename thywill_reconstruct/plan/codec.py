"""Operations as JSON values and back; shared by receipts and plan files, so that both are read by the same code.

Pure: who writes or reads the file decides about its place, its rights and its digest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from thywill_reconstruct.findings.finding import Sealed, Value
from thywill_reconstruct.plan.operations import Columns, Operation


def encode_operation(operation: Operation) -> dict[str, object]:
    """Return an operation as JSON values; see ``encode_value``."""
    return {
        "action": operation.action,
        "table": operation.table,
        "key_column": operation.key_column,
        "key": encode_value(operation.key),
        "before": [[name, encode_value(value)] for name, value in operation.before],
        "after": [[name, encode_value(value)] for name, value in operation.after],
        "risk": operation.risk,
        "codes": list(operation.codes),
        "reason": operation.reason,
    }


def decode_operation(values: Mapping[str, Any]) -> Operation:
    """Return the operation that ``encode_operation`` encoded."""
    return Operation(
        action=values["action"],
        table=values["table"],
        key_column=values["key_column"],
        key=decode_value(values["key"]),
        before=_decode_columns(values["before"]),
        after=_decode_columns(values["after"]),
        risk=values["risk"],
        codes=tuple(values["codes"]),
        reason=values["reason"],
    )


def encode_value(value: Value) -> object:
    """Return a database value as JSON can hold it.

    Bytes become ``{"bytes": hex}``, an infinity ``{"float": "inf"}``, a sealed value ``{"sealed": {...}}``.
    """
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return {"sealed": asdict(value)} if isinstance(value, Sealed) else value


def decode_value(value: object) -> Value:
    """Return the database value that ``encode_value`` encoded.

    Raises:
        KeyError, TypeError, ValueError: It is none.
    """
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("a number that SQLite cannot hold")
    if isinstance(value, str):
        value.encode("utf-8", "surrogateescape")  # a UnicodeEncodeError is a ValueError
    if value is None or isinstance(value, str | int | float):
        return value
    if not isinstance(value, dict):
        raise TypeError("a value is neither text nor number")
    if "bytes" in value:
        return bytes.fromhex(value["bytes"])
    return _decode_sealed(value["sealed"]) if "sealed" in value else float(value["float"])


def _decode_sealed(values: Mapping[str, Any]) -> Sealed:
    sealed = Sealed(**values)
    if sealed.kind not in ("text", "token") or len(bytes.fromhex(sealed.digest)) != 32:
        raise ValueError("a sealed value without a digest")
    if not isinstance(sealed.characters, int) or not isinstance(sealed.hint, str):
        raise TypeError("a sealed value without a length")
    return sealed


def _decode_columns(pairs: Iterable[tuple[str, object]]) -> Columns:
    return tuple((name, decode_value(value)) for name, value in pairs)
