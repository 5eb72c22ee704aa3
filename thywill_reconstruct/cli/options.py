"""The options that commands share, and where their defaults come from.

An option beats the application's own environment variables, which beat ``reconstruct.toml`` in the working directory,
which beats the application's defaults.
"""

from __future__ import annotations

import os
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from thywill_reconstruct.errors import UsageError

SETTINGS_FILE = "reconstruct.toml"
DEFAULT_TIMEOUT_S = 10
_DEFAULTS = {"db": "thywill.db", "archives": "text_archives", "decisions": "reconstruct.decisions.toml"}
_VARIABLES = {"db": "DATABASE_PATH", "archives": "TEXT_ARCHIVE_BASE_DIR"}

Database = Annotated[
    Path | None,
    typer.Option("--db", metavar="FILE", help="The database. [default: $DATABASE_PATH, else thywill.db]"),
]
Archives = Annotated[
    list[Path] | None,
    typer.Option(
        "--archives",
        metavar="DIR|ZIP|TAR",
        help="The text archives: a folder, ZIP, tar or JSON export; several times for older copies, the newest first. "
        "[default: $TEXT_ARCHIVE_BASE_DIR, else text_archives]",
    ),
]
Decisions = Annotated[
    Path | None,
    typer.Option(
        "--decisions",
        metavar="FILE",
        help="What you decided about names: same, different, user, new, placeholder, ignore. "
        "[default: reconstruct.decisions.toml, if it is there]",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done. Writes nothing. The default.")]
Execute = Annotated[bool, typer.Option("--execute", help="Do it: backup, question, repair, check, receipt.")]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="WORDS",
        help="Repair only these, separated by commas: users, twins, authors, prayers, marks, attributes, log, invites, "
        "paths; codes such as PR001, or their first letters; table:NAME, row:TABLE:KEY, risk:fill|relink|recreate|delete, "
        "person:NAME. Words of one kind add up, different kinds narrow each other down.",
    ),
]
MergeDuplicates = Annotated[
    bool,
    typer.Option("--merge-duplicates", help="Allow deletions: doubled users that nothing refers to, repeated marks."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Execute without asking.")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if there is something to repair.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print counts only: no examples, no progress.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours. Also: NO_COLOR=1.")]
Force = Annotated[
    bool, typer.Option("--force", help="Take in archives, and files in them, that seem to be of another community.")
]
AllowLarge = Annotated[
    bool,
    typer.Option(
        "--allow-large", help="Allow a plan that changes unusually many right rows, or creates out of proportion."
    ),
]
Timeout = Annotated[
    int,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0,
        max=86_400,
        help="How long to wait while another program holds the database.",
    ),
]
ShowText = Annotated[bool, typer.Option("--show-text", help="Let --json show the text of prayers.")]


@dataclass(frozen=True, slots=True)
class RepairOptions:
    """What the operator asked for."""

    database: Path
    archives: tuple[Path, ...]
    decisions: Path
    execute: bool
    only: tuple[str, ...]
    merge_duplicates: bool
    yes: bool
    exit_code: bool
    json: bool
    quiet: bool
    no_color: bool
    force: bool
    allow_large: bool
    show_text: bool
    timeout: int
    command: str = ""

    def to_execute(self) -> str:
        """Return the command line that carries out what these options preview."""
        only = () if self.command else self.only
        return shlex.join(["reconstruct", *filter(None, [self.command]), "--execute", *self._words(only)])

    def to_apply(self, plan: Path, *, skip_stale: bool) -> str:
        """Return the command line that applies a saved plan as these options preview it."""
        words = ["reconstruct", "apply", str(plan), *self._words(self.only)]
        words += ["--skip-stale"] if skip_stale else []
        return shlex.join(words if self.archives else [*words, "--without-archives"])

    def _words(self, only: tuple[str, ...]) -> list[str]:
        words = self._places()
        if only:
            from thywill_reconstruct.plan.selection import join_words

            words += ["--only", join_words(only)]
        if self.timeout != DEFAULT_TIMEOUT_S:
            words += ["--timeout", str(self.timeout)]
        flags = (
            ("--merge-duplicates", self.merge_duplicates),
            ("--force", self.force),
            ("--allow-large", self.allow_large),
        )
        return [*words, *(flag for flag, wanted in flags if wanted)]

    def to_review(self) -> str:
        """Return the command line that asks about the names that these options leave open."""
        return shlex.join(["reconstruct", "review", *self._places(), *(["--force"] if self.force else [])])

    def _places(self) -> list[str]:
        """Return the options that say where files are, left out where nothing but the default could be meant, in any shell."""
        words = []
        for name, paths in (("db", (self.database,)), ("archives", self.archives), ("decisions", (self.decisions,))):
            if {*map(str, paths), str(choose(name, None))} != {_DEFAULTS[name]}:
                words += [word for path in paths for word in (f"--{name}", str(path))]
        return words


def choose(name: str, given: Path | None) -> Path:
    """Return a path option's value from the first place that has one.

    Raises:
        UsageError: ``reconstruct.toml`` cannot be read or says something else than a path.
    """
    if given is not None:
        return given
    from_environment = os.environ.get(_VARIABLES.get(name, ""))
    return Path(from_environment or _settings().get(name) or _DEFAULTS[name])


def choose_decisions(given: Path | None) -> Path:
    """Return the decisions file. The usual one need not be there.

    Raises:
        UsageError: See ``choose``; or a file was named, here or in ``reconstruct.toml``, and is not there.
    """
    path = choose("decisions", given)
    if not path.exists() and (given is not None or str(path) != _DEFAULTS["decisions"]):
        raise UsageError(f"there is no decisions file {path}", hint="Give the right one, or leave --decisions out.")
    return path


def choose_archives(given: list[Path] | None) -> tuple[Path, ...]:
    """Return the archives to read, at least one. The first is the live one, the others older copies.

    Raises:
        UsageError: See ``choose``.
    """
    return tuple(given) if given else (choose("archives", None),)


def _settings() -> dict[str, str]:
    """Return ``reconstruct.toml``, empty if there is none."""
    path = Path(SETTINGS_FILE)
    if not path.is_file():
        return {}
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="Correct it, or remove it.") from error
    wrong = [key for key, value in settings.items() if key not in _DEFAULTS or not isinstance(value, str)]
    if wrong:
        known = ", ".join(f'{key} = "..."' for key in _DEFAULTS)
        raise UsageError(f"{path} has settings that are not known: {', '.join(wrong)}", hint=f"Known are: {known}.")
    return settings


def split_only(given: list[str] | None) -> tuple[str, ...]:
    """Return the words of ``--only``, which may be given with commas, several times, or both.

    Raises:
        UsageError: It was given and names nothing, which must not mean everything; or it names something unknown.
    """
    if not given:
        return ()
    from thywill_reconstruct.plan.selection import parse_selection, split_words

    words = split_words(given)
    if not words:
        raise UsageError("--only was given without a word", hint="Say what to repair, for example --only authors.")
    parse_selection(words)  # a wrong word is refused before minutes of reading
    return words


def refuse_options_before(context: typer.Context, command: str, program: str = "reconstruct") -> None:
    """Refuse ``reconstruct --db x tree``: the option would be read and then ignored.

    Raises:
        UsageError: There is such an option.
    """
    unset: tuple[object, ...] = (None, False, [], (), DEFAULT_TIMEOUT_S)
    words = [f"--{word.replace('_', '-')}" for word, value in context.params.items() if value not in unset]
    if words:
        raise UsageError(
            f"{', '.join(words)} must come after {command}, not before it",
            hint=f"For example: {program} {command} {words[0]} ...",
        )
