"""Opening any database for reading only, at one moment, and what its errors mean to an operator.

An SQLite file goes through ``database.connect.open_readonly``, which leaves no trace. A server gets a transaction that is
read-only and, where the server can, shows one moment throughout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool, StaticPool

from thywill_reconstruct.checks.sql_text import quote_names_strictly
from thywill_reconstruct.database.connect import Result, open_readonly, steadily
from thywill_reconstruct.errors import UsageError

_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
_SECRET_OPTIONS = re.compile(r"pass|secret|token|key", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """What to check: an SQLite file, or the URL of a server.

    ``shown`` is fit for the eye: passwords are left out.
    """

    shown: str
    path: Path | None = None
    url: sa.URL | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may appear in no message."""
        if self.url is None:
            return ()
        options = (
            value
            for name, values in self.url.normalized_query.items()
            if _SECRET_OPTIONS.search(name)
            for value in values
        )
        return tuple(filter(None, (str(self.url.password or ""), *options)))


def parse_target(text: str) -> Target:
    """Return what ``--db`` names.

    Raises:
        UsageError: It is a URL, but not one that can be understood or served.
    """
    if "://" not in text:
        return Target(text, path=Path(text))
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError(
            "the database URL cannot be understood",
            hint="Its form is postgresql://USER:PASSWORD@HOST:PORT/NAME; other characters in a password as %XX.",
        ) from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise UsageError("the database URL names no file", hint="Its form is sqlite:///FILE.")
        return Target(url.database, path=Path(url.database))
    hidden = {name: "***" for name in url.query if _SECRET_OPTIONS.search(name)}
    shown = url.update_query_dict(hidden).render_as_string(hide_password=True).replace("+psycopg", "", 1)
    return Target(shown, url=url)


def make_server_engine(target: Target, timeout_s: float) -> sa.Engine:
    """Return an engine for a server.

    Raises:
        UsageError: The driver is not installed, or there is none for this kind of database.
    """
    assert target.url is not None
    options: dict[str, Any] = {}
    if target.url.get_backend_name() == "postgresql":
        options = {"connect_args": {"connect_timeout": max(2, int(timeout_s))}}
    try:
        return sa.create_engine(target.url, poolclass=NullPool, **options)
    except ModuleNotFoundError as error:
        extra = "postgresql" if "psycopg" in str(error) else ""
        hint = f"Install it: pip install 'thywill-reconstruct[{extra}]'." if extra else "Install that Python module."
        raise UsageError(f"the driver for {target.shown} is not installed ({error.name})", hint=hint) from error
    except (NoSuchModuleError, ArgumentError, TypeError) as error:
        raise UsageError(f"{target.shown} names a kind of database that is not known") from error


def make_sqlite_engine(creator: Callable[[], Any]) -> sa.Engine:
    """Return an engine on an open SQLite connection, to which a name in double quotes can only be a name."""
    engine = sa.create_engine("sqlite://", creator=creator, poolclass=StaticPool)

    def strictly(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> tuple[str, Any]:
        reads = statement.lstrip()[:6].upper().startswith(("SELECT", "WITH"))
        return quote_names_strictly(statement) if reads else statement, given

    sa.event.listen(engine, "before_cursor_execute", strictly, retval=True)
    return engine


def read_for_check(
    target: Target, timeout_s: float, statement_timeout_s: float, read: Callable[[sa.Connection], Result]
) -> Result:
    """Read something from a database so that nothing can be written, and everything is of one moment.

    ``read`` is called again if another program wrote to a file meanwhile, and at last with a lock that keeps it waiting.

    Raises:
        ReconstructError: An SQLite file cannot be opened (see ``database.connect``), or there is no driver.
        sqlalchemy.exc.SQLAlchemyError: A server cannot be reached.
    """

    def attempt(busy: bool) -> Result:
        with _open_for_check(target, timeout_s, statement_timeout_s, busy=busy) as connection:
            return read(connection)

    return steadily(attempt)


@contextmanager
def _open_for_check(
    target: Target, timeout_s: float, statement_timeout_s: float, *, busy: bool
) -> Iterator[sa.Connection]:
    if target.path is not None:
        with open_readonly(target.path, timeout_s, busy=busy) as raw:
            raw.text_factory = _decode_anyway
            raw.execute("PRAGMA query_only = ON")
            raw.create_function("canonical_text", 2, canonical_text, deterministic=True)
            engine = make_sqlite_engine(lambda: raw)
            with engine.connect() as connection:
                if not raw.in_transaction:  # SQLAlchemy's first look at a connection ends its transaction
                    raw.execute("BEGIN")
                yield connection
        return
    engine = make_server_engine(target, timeout_s)
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"}
    if engine.dialect.name == "postgresql":
        options["postgresql_readonly"] = True
    with engine.connect().execution_options(**options) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"SET LOCAL statement_timeout = {int(statement_timeout_s * 1000)}"))
            connection.execute(sa.text(f"SET LOCAL lock_timeout = {max(1, int(timeout_s * 1000))}"))
            connection.execute(sa.text("SET LOCAL TimeZone = 'UTC'"))
        yield connection
        connection.rollback()


def canonical_text(value: bytes | None, how: str) -> str | bytes | None:
    """Return a text as the canonical form of a rule sees it; what SQLite's own lower() does to ASCII only.

    Texts come as bytes, because SQLite cannot hand over what is no UTF-8; that stays bytes.

    >>> canonical_text(" Ärzte ".encode(), "lower trim")
    'ärzte'
    """
    if value is None:
        return None
    text = _decode_anyway(value)
    if "trim" in how:
        text = text.strip()
    if "lower" in how:
        text = text.lower()
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
    return text


def _decode_anyway(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def explain_failure(error: SQLAlchemyError, target: Target, timeout_s: float, statement_timeout_s: float) -> str:
    """Return in plain words why the database did not answer; never with a password."""
    text = " ".join(str(getattr(error, "orig", None) or error).split("\n")[0].split())
    state = str(getattr(getattr(error, "orig", None), "sqlstate", "") or "")
    lower = text.lower()
    if state == "55P03" or "database is locked" in lower or "table is locked" in lower:
        said = f"another program held a lock for longer than {timeout_s:g} s"
    elif state == "57014" or lower == "interrupted":
        said = f"it took longer than {statement_timeout_s:g} s"
    elif isinstance(error, DBAPIError) and error.connection_invalidated:
        said = f"the connection to the database was lost ({text})"
    elif not isinstance(error, DBAPIError) and "rollback" in lower:
        said = "the connection to the database was lost"
    elif isinstance(error, OperationalError) and ("connect" in lower or "timeout" in lower):
        said = f"the database cannot be reached ({text})"
    else:
        said = f"the database refused the question: {text}"
    for secret in target.secrets:
        said = said.replace(secret, "***")
    return said
