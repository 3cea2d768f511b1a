"""Connections to one service's truth schema, under its own role; driver errors are translated here, once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from shared.db.errors import DatabaseUnavailableError

Connection: TypeAlias = psycopg.Connection[Any]


def role_of(schema: str) -> str:
    """The database role that owns ``schema`` and can open nothing else."""
    return f"leitbake_{schema}"


def options(schema: str) -> str:
    return f"-c role={role_of(schema)} -c search_path={schema} -c timezone=UTC -c lock_timeout=20s"


class Database:
    """One service's schema. Connections are opened on first use, so it may be built before a fork. Thread-safe."""

    def __init__(self, url: str, schema: str, *, max_size: int = 8, timeout_s: float = 5) -> None:
        self.url, self.schema = url, schema
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            kwargs={"autocommit": True, "options": options(schema)},
            min_size=0,
            max_size=max_size,
            timeout=timeout_s,
            open=False,
            name=schema,
        )
        self._opening = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection in autocommit mode; raises ``DatabaseUnavailableError``."""
        with self._opening:
            if self._pool.closed:
                self._pool.open()
        with translated(), self._pool.connection() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, committed at the end of the block; raises ``DatabaseUnavailableError``."""
        with self.connection() as connection, connection.transaction():
            yield connection

    def connect(self) -> Connection:
        """A connection of its own outside the pool, for session locks; the caller closes it."""
        with translated():
            return psycopg.connect(self.url, autocommit=True, options=options(self.schema))

    def close(self) -> None:
        self._pool.close()


@contextmanager
def translated() -> Iterator[None]:
    """Tell "the database is away" from errors in what we asked of it."""
    try:
        yield
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise DatabaseUnavailableError(str(error).strip()) from error
