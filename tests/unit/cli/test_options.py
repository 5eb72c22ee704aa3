"""Words of --only, and the command that is offered for copying."""

from __future__ import annotations

from pathlib import Path

import pytest

from thywill_reconstruct.cli.options import DEFAULT_TIMEOUT_S, RepairOptions, split_only
from thywill_reconstruct.errors import UsageError


def options(**given: object) -> RepairOptions:
    values: dict[str, object] = dict.fromkeys(RepairOptions.__slots__, False)
    values |= {
        "database": Path("/srv/thywill.db"),
        "archives": (Path("/srv/my archives"),),
        "decisions": Path("reconstruct.decisions.toml"),
        "only": (),
        "command": "",
    }
    values |= {"timeout": DEFAULT_TIMEOUT_S, **given}
    return RepairOptions(**values)  # type: ignore[arg-type]


def test_words_may_come_with_commas_or_one_by_one() -> None:
    assert split_only(None) == ()
    assert split_only(["users, authors", "PR003"]) == ("users", "authors", "PR003")


def test_an_empty_selection_does_not_mean_everything() -> None:
    for words in ([""], [" , "], ["", ""]):
        with pytest.raises(UsageError, match="without a word"):
            split_only(words)


def test_the_command_to_copy_is_quoted_and_complete() -> None:
    places = "--db /srv/thywill.db --archives '/srv/my archives'"
    assert options().to_execute() == f"reconstruct --execute {places}"
    assert options(command="fix-paths", only=("paths",)).to_execute() == f"reconstruct fix-paths --execute {places}"
    two = options(archives=(Path("/srv/live"), Path("/srv/old.zip"))).to_execute()
    assert two == "reconstruct --execute --db /srv/thywill.db --archives /srv/live --archives /srv/old.zip"
    decided = options(decisions=Path("/srv/who is who.toml")).to_execute()
    assert decided == f"reconstruct --execute {places} --decisions '/srv/who is who.toml'"
    full = options(only=("users",), merge_duplicates=True, force=True, allow_large=True, timeout=3).to_execute()
    assert full == f"reconstruct --execute {places} --only users --timeout 3 --merge-duplicates --force --allow-large"
