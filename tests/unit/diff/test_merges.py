"""What the application will do to doubled users at its next start."""

from __future__ import annotations

from tests.factories import ORM_V2, PEOPLE, REGISTERED, archive, compare, mark, prayer, prayer_file, snapshot, user
from thywill_reconstruct.findings.finding import Finding

ANNA, BERT, CLEO = PEOPLE
REGISTERED_TOO = REGISTERED + "    June 05 2025 at 12:00 - anna joined directly\n"


def said(*others: str, registered: str = REGISTERED, sql: str = "") -> list[Finding]:
    users = [*PEOPLE, *(user(f"u{n}", name, f"05 12:0{n}") for n, name in enumerate(others))]
    rows = {"prayers": [prayer(author="u0")], "marks": [mark("m1", "u0", "09:15")]} if others else {}
    made = snapshot(users, **rows, **({"sql": sql} if sql else {}))  # type: ignore[arg-type]
    return compare(archive(prayer_file(), registered=registered), made).of("US018")


def test_names_that_differ_to_the_application_are_no_finding() -> None:
    assert said() == []
    assert said("Änna", "Anna-B", "An na") == []


def test_the_row_that_stays_and_the_row_that_goes_are_named_with_what_hangs_on_it() -> None:
    (finding,) = said(" ANNA ", registered=REGISTERED_TOO)
    assert (finding.key, finding.changes) == ("anna", ())
    assert finding.actual == (
        "'Anna' (joined 2025-06-01 08:00) stays, ' ANNA ' (joined 2025-06-05 12:00, 2 rows refer to it) goes"
    )
    assert finding.reason.startswith("At its next start the application keeps the row that joined first")
    assert finding.evidence == ("user row anna", "user row u0")
    assert finding.info.severity == "high"


def test_a_doubled_row_of_one_person_is_best_merged_here() -> None:
    (finding,) = said("anna ")
    assert "repair with --merge-duplicates" in finding.reason


def test_two_people_best_differ_in_a_letter() -> None:
    (finding,) = said("anna", registered=REGISTERED_TOO)
    assert "let one of them take another name" in finding.reason


def test_several_of_one_name_are_one_finding() -> None:
    (finding,) = said("ANNA", "anna ")
    assert finding.actual.count("(joined 2025-06-05") == 2


def test_where_names_are_keys_the_application_fails_to_merge() -> None:
    users = [user(name, name, "01 08:00:07") for name in ("Anna", "anna ")]
    assert compare(archive(), snapshot(users, sql=ORM_V2)).of("US018") == []
