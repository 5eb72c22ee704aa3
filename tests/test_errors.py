"""Every way a run can end has one exit code, one sentence and a place in the manual."""

from __future__ import annotations

import inspect

from thywill_reconstruct import errors
from thywill_reconstruct.errors import ReconstructError

CLASSES = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, ReconstructError) and value is not ReconstructError
]


def test_there_are_error_classes() -> None:
    assert len(CLASSES) > 10


def test_exit_codes_are_unique() -> None:
    codes = [error.exit_code for error in CLASSES]
    assert sorted(codes) == sorted(set(codes))


def test_exit_codes_stay_in_their_range() -> None:
    """0 to 3 are results, 70 is a bug, 130 an interruption: no error class may claim those."""
    assert [error for error in CLASSES if not (10 <= error.exit_code <= 39 or error.exit_code == 64)] == []


def test_every_class_has_its_own_sentence_and_a_name_that_says_error() -> None:
    for error in CLASSES:
        assert error.__name__.endswith("Error")
        assert error.__doc__, error
        assert error.__doc__ != ReconstructError.__doc__
        assert error.__doc__.strip().endswith("."), error


def test_hints_are_sentences() -> None:
    for error in CLASSES:
        assert error.hint == "" or error.hint.endswith("."), error


def test_a_hint_can_be_given_for_one_occasion() -> None:
    assert ReconstructError("it failed", hint="Do this instead.").hint == "Do this instead."
    assert str(ReconstructError("it failed")) == "it failed"
