from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.support import insert, update
from thywill_reconstruct.apply.receipt import (
    Receipt,
    read_receipt,
    write_operations,
    write_receipt,
)
from thywill_reconstruct.errors import ReconstructError
from thywill_reconstruct.plan.operations import Operation


def receipt_in(folder: Path, operations: tuple[Operation, ...]) -> Receipt:
    receipt = Receipt(
        run="r", status="started", started="s", finished="", tool_version="0", user="u", host="h", pid=1,
        database="d", database_fingerprint="f", archive_fingerprint="a", backup="b", backup_digests={"user": "x"},
        counts=(("update prayer", 1),), repaired=1, skipped=0,
        operations_sha256=write_operations(folder, operations), operations=operations,
    )  # fmt: skip
    write_receipt(folder, receipt)
    return receipt


def test_a_receipt_is_read_as_it_was_written(tmp_path: Path) -> None:
    receipt = receipt_in(tmp_path, (insert("user", "u", (("display_name", "a\u2028b\udcff"),)),))
    assert read_receipt(tmp_path) == receipt
    write_receipt(tmp_path, replace(receipt, status="committed"))
    assert read_receipt(tmp_path).status == "committed"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["operations.jsonl", "receipt.json"]


def test_the_small_file_holds_no_row_values(tmp_path: Path) -> None:
    receipt_in(tmp_path, (update("prayer", "p", (("text", "My secret"),), (("text", "My secret sorrow"),)),))
    assert "secret" not in (tmp_path / "receipt.json").read_text()
    assert "secret" in (tmp_path / "operations.jsonl").read_text()


def test_a_receipt_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    receipt_in(tmp_path, (insert("user", "u", ()),))
    (tmp_path / "operations.jsonl").write_text("")
    with pytest.raises(ReconstructError, match="was changed after it was written") as caught:
        read_receipt(tmp_path)
    assert (caught.value.exit_code, "backup.db" in caught.value.hint) == (31, True)
    (tmp_path / "receipt.json").write_text('{"format": 99}')
    with pytest.raises(ReconstructError, match="format that this version does not know"):
        read_receipt(tmp_path)
    (tmp_path / "receipt.json").write_text("{")
    with pytest.raises(ReconstructError, match="cannot be read"):
        read_receipt(tmp_path)
