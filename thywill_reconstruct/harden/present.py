"""Which objects a database holds, by kind and name."""

from __future__ import annotations

import sqlalchemy as sa

from thywill_reconstruct.harden.model import Step

Present = frozenset[tuple[str, str, str]]

_POSTGRESQL = """
SELECT 'table', tablename, tablename FROM pg_tables WHERE schemaname = current_schema()
UNION ALL SELECT 'column', column_name, table_name FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL SELECT 'not null', column_name, table_name FROM information_schema.columns
  WHERE table_schema = current_schema() AND is_nullable = 'NO'
UNION ALL SELECT 'index', indexname, tablename FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL SELECT 'view', viewname, viewname FROM pg_views WHERE schemaname = current_schema()
UNION ALL SELECT 'constraint', conname, relname FROM pg_constraint JOIN pg_class r ON r.oid = conrelid
  WHERE connamespace = current_schema()\\:\\:regnamespace
UNION ALL SELECT 'trigger', tgname, relname FROM pg_trigger JOIN pg_class r ON r.oid = tgrelid
  WHERE NOT tgisinternal AND r.relnamespace = current_schema()\\:\\:regnamespace
UNION ALL SELECT 'function', proname, '' FROM pg_proc WHERE pronamespace = current_schema()\\:\\:regnamespace
"""
_SQLITE = """
SELECT type, name, tbl_name FROM sqlite_master
UNION ALL SELECT 'column', c.name, m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'
"""


def read_present(connection: sa.Connection) -> Present:
    """Return every object as (kind, name, table), names of functions without a table.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: The database cannot be read.
    """
    query = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    return frozenset((str(kind), str(name), str(table)) for kind, name, table in connection.execute(sa.text(query)))


def is_present(present: Present, step: Step) -> bool:
    """Return whether the object of a step is there, under its name and on its table."""
    return (step.kind, step.name, "" if step.kind == "function" else step.table) in present


def name_is_taken(present: Present, step: Step) -> bool:
    """Return whether the name of a new object is borne by another one, in the same place for names."""
    spaces = {"table": "relation", "view": "relation", "index": "relation", "trigger": "trigger"}
    space = spaces.get(step.kind)
    if space is None or is_present(present, step):
        return False
    return any(spaces.get(kind) == space and name == step.name for kind, name, _ in present)
