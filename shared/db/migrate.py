"""Numbered SQL per schema, applied once and in order; compatible with the running release, so any service may lag."""

from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from shared.db.pool import reaching, role_of, translated

KERNEL = Path(__file__).parent / "migrations"
LOCK = 7_351_100


def migrate(url: str, schema: str, folders: Sequence[Path]) -> list[str]:
    """Bring ``schema`` up to date and return the names of what was applied.

    Makes the schema and its role where they are missing. A migration runs in one transaction with a lock time-out, so
    it fails rather than stops a running service. Raises ``DatabaseUnavailableError``.
    """
    applied = []
    with translated(), psycopg.connect(reaching(url), autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        _ensure_schema(connection, schema)
        known = {row[0] for row in connection.execute("SELECT name FROM migrations")}
        for name, path in _numbered(folders):
            if name in known:
                continue
            with connection.transaction():
                connection.execute("SET LOCAL lock_timeout = '5s'")
                connection.execute(path.read_bytes())
                connection.execute("INSERT INTO migrations (name) VALUES (%s)", (name,))
            applied.append(name)
        connection.execute("RESET ROLE")
    return applied


def pending(url: str, schema: str, folders: Sequence[Path]) -> list[str]:
    """Names of migrations that this code needs and the database has not seen."""
    with translated(), psycopg.connect(reaching(url), autocommit=True) as connection:
        there = connection.execute("SELECT to_regclass(%s)", (f"{schema}.migrations",)).fetchone()
        if there is None or there[0] is None:
            return [name for name, _ in _numbered(folders)]
        query = sql.SQL("SELECT name FROM {}.migrations").format(sql.Identifier(schema))
        known = {row[0] for row in connection.execute(query)}
    return [name for name, _ in _numbered(folders) if name not in known]


def _numbered(folders: Sequence[Path]) -> list[tuple[str, Path]]:
    """Kernel first, then the service's own; the name says the folder, so numbers may repeat between them."""
    return [(f"{folder.parent.name}/{path.stem}", path) for folder in folders for path in sorted(folder.glob("*.sql"))]


def _ensure_schema(connection: psycopg.Connection[tuple[object, ...]], schema: str) -> None:
    role = role_of(schema)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    names = {"role": sql.Identifier(role), "schema": sql.Identifier(schema)}
    connection.execute(sql.SQL("GRANT {role} TO CURRENT_USER").format(**names))
    connection.execute(
        sql.SQL(
            "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO {role}', current_database()); END $$"
        ).format(**names)
    )
    connection.execute(sql.SQL("SET ROLE {role}").format(**names))
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {schema}").format(**names))
    connection.execute(sql.SQL("SET search_path TO {schema}").format(**names))
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    )
