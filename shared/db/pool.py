"""Connections to one service's truth schema, under its own role; driver errors are translated here, once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from psycopg import OperationalError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from shared.db.errors import DatabaseUnavailableError
from shared.db.patience import PatientConnection

Connection: TypeAlias = PatientConnection

# Where packets vanish, TCP alone would wait for a quarter of an hour, and for ever where it waits for an answer.
# Ignored on a Unix socket; what the address says goes before.
REACH = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
# The same from the server's side: a machine that vanished shall not keep its seats and locks, nor shall a process that
# stands still within a transaction; and a statement whose client has gone is not worth its locks.
SESSION = {
    "timezone": "UTC",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "2min",
    "client_connection_check_interval": "5s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20s",
}


def role_of(schema: str) -> str:
    """The database role that owns ``schema`` and can open nothing else."""
    return f"leitbake_{schema}"


def options(schema: str) -> str:
    said = {"role": role_of(schema), "search_path": schema} | SESSION
    return " ".join(f"-c {name}={value}" for name, value in said.items())


def reaching(url: str) -> str:
    """The address with ``REACH``."""
    return make_conninfo(url, **{name: value for name, value in REACH.items() if name not in conninfo_to_dict(url)})


class Database:
    """One service's schema. Connections are opened on first use, so it may be built before a fork. Thread-safe."""

    def __init__(self, url: str, schema: str, *, max_size: int = 8, timeout_s: float = 5) -> None:
        self.url, self.schema = url, schema
        self._pool = ConnectionPool(
            reaching(url),
            connection_class=PatientConnection,
            kwargs={"autocommit": True, "options": options(schema)},
            min_size=0,
            max_size=max_size,
            timeout=timeout_s,
            reconnect_timeout=timeout_s,  # whoever asks next begins anew; left alone, tries get half a minute apart
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
            try:
                yield connection
            finally:
                if connection.closed and not connection.gave_up:  # so are the others: let them not cost a refusal each
                    self._pool.drain()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, committed at the end of the block; raises ``DatabaseUnavailableError``."""
        with self.connection() as connection, connection.transaction():
            yield connection

    def connect(self) -> Connection:
        """A connection of its own outside the pool, for session locks; the caller closes it."""
        with translated():
            return PatientConnection.connect(reaching(self.url), autocommit=True, options=options(self.schema))

    def close(self) -> None:
        self._pool.close()


@contextmanager
def translated() -> Iterator[None]:
    """Tell "the database is away" from errors in what we asked of it."""
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise DatabaseUnavailableError(str(error).strip()) from error
