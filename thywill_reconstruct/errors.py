"""The exceptions that end a run, each with its own exit code and a next step.

Wrong *data* is a finding (see ``findings``) and never raises. An exception here means that the job itself
cannot be done. Exit codes 10 to 39 belong to this file, one per class (design: exit codes); a test fails on a
duplicate.
"""

from __future__ import annotations


class ReconstructError(Exception):
    """Base of every expected failure.

    Attributes:
        exit_code: What the process returns to the shell.
        hint: One sentence that tells the operator what to do next; empty if the message says it all.
        details: Where several things are wrong, one sentence each; shown below the message.
    """

    exit_code = 10
    hint = ""
    details: tuple[str, ...] = ()

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint


class DatabaseMissingError(ReconstructError):
    """There is no database file at the given place."""

    exit_code = 10
    hint = "Give the database with --db FILE, or run the command in the application's working directory."


class DatabaseUnreadableError(ReconstructError):
    """The file is not an SQLite database, or is damaged below the level of rows."""

    exit_code = 11
    hint = "Nothing was changed. Restore the file from a backup, or recover it with the sqlite3 shell (.recover)."


class UnknownSchemaError(ReconstructError):
    """The database is healthy SQLite but its tables are not those of a known ThyWill era."""

    exit_code = 12
    hint = "Nothing was changed. Check that --db names the application's main database."


class DatabaseLockedError(ReconstructError):
    """Another program held the database for longer than we were willing to wait."""

    exit_code = 13
    hint = "Nothing was changed. Stop the application and try again, or wait longer with --timeout SECONDS."


class NotWritableError(ReconstructError):
    """The database, or the folder for backups and receipts beside it, cannot be written."""

    exit_code = 14
    hint = "Nothing was changed. Run as the user who owns the database."


class DiskFullError(ReconstructError):
    """There is no room for the backup, the journal or the receipt."""

    exit_code = 15
    hint = "The database is as it was. Free some space and run the command again."


class ArchivesMissingError(ReconstructError):
    """The archives are not there, or hold no records at all. Empty archives must not look like "all was deleted"."""

    exit_code = 16
    hint = "Nothing was changed. Give the archive folder or ZIP with --archives."


class ArchiveReadError(ReconstructError):
    """The archive container itself cannot be read (broken ZIP, no permission, hostile paths)."""

    exit_code = 17
    hint = "Nothing was changed. Give another copy of the archives with --archives."


class ForeignArchivesError(ReconstructError):
    """The archives seem to belong to another community: almost nothing in them matches the database."""

    exit_code = 18
    hint = "Nothing was changed. Check --db and --archives; if they do belong together, add --force."


class UnsafePlanError(ReconstructError):
    """The plan would change too many rows that look right as they are."""

    exit_code = 19
    hint = "Nothing was changed. Read the preview (--dry-run); if it is right, add --allow-large."


class StalePlanError(ReconstructError):
    """Rows are no longer as they were when the plan was made."""

    exit_code = 20
    hint = "Nothing was changed. Run the command again to plan afresh."


class VerificationError(ReconstructError):
    """After the repair, still inside the transaction, the database was not what the plan promised."""

    exit_code = 21
    hint = "Everything was rolled back: the database is as it was. Please report this, with receipt.json."


class BackupError(ReconstructError):
    """The backup could not be made, or does not hold what the database holds."""

    exit_code = 22
    hint = "Nothing was changed."


class RunLockedError(ReconstructError):
    """Another run of this tool works on the same database."""

    exit_code = 23
    hint = "Wait until it has finished, then run the command again."


class DeclinedError(ReconstructError):
    """Nobody confirmed the execution."""

    exit_code = 24
    hint = "Nothing was changed. Add --yes to execute without being asked."


class DecisionsError(ReconstructError):
    """The decisions file cannot be used: it is malformed, contradicts itself, or names users that do not exist."""

    exit_code = 25
    hint = "Nothing was changed. Correct these lines of the decisions file."

    def __init__(self, problems: tuple[str, ...]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"the decisions file has {count}")
        self.details = problems


class PlanFormatError(ReconstructError):
    """The plan file is none, is damaged, is of another version, or is for reading only."""

    exit_code = 26
    hint = "Nothing was changed. Make a new one with: reconstruct plan -o FILE."


class AlreadyAppliedError(ReconstructError):
    """Every row is already as the plan wants it."""

    exit_code = 27
    hint = "Nothing was changed, and nothing is left to do."


class ValueTakenError(ReconstructError):
    """A UNIQUE index or constraint of the database forbids what the plan would write."""

    exit_code = 28
    hint = "Everything was rolled back: the database is as it was. Two rows say the same; decide by hand which one stays."


class OutputError(ReconstructError):
    """The file that was asked for cannot be written, or something is in its place."""

    exit_code = 29
    hint = "Nothing was changed."


class UndoConflictError(ReconstructError):
    """Rows that the run changed cannot be taken back: they were changed since, or others depend on them."""

    exit_code = 30
    hint = "Nothing was changed. To take back all the others, add --skip-changed."


class NoSuchRunError(ReconstructError):
    """There is no such run, or none that could be undone or restored."""

    exit_code = 31
    hint = "Nothing was changed. `reconstruct runs` lists them."


class RestoreError(ReconstructError):
    """The backup cannot be put in the place of the database."""

    exit_code = 32
    hint = "Nothing was changed."


class HistoryError(ReconstructError):
    """The history of checks is damaged, was written by a newer version, or is none. Nothing was changed."""

    exit_code = 35
    hint = "It was left as it is. Move it away to begin a new one, or name another with --store FILE."


class AlertError(ReconstructError):
    """An alert could not be sent. The figures were kept, and the next `monitor` sends it again."""

    exit_code = 36
    hint = "The figures are kept; the next run tells it again."


class UsageError(ReconstructError):
    """The options contradict each other or name something unknown."""

    exit_code = 64
