"""A PostgreSQL that says nothing, without an end of the connection: who asks at a door is told in time."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from shared.db.errors import DatabaseUnavailableError
from shared.db.patience import be_patient
from shared.db.pool import SESSION, Database

PATIENCE_S = 0.5


@pytest.fixture(autouse=True)
def _patient() -> Iterator[None]:
    be_patient(PATIENCE_S)
    yield
    be_patient(None)


@contextmanager
def frozen(database: Database) -> Iterator[None]:
    """The server process of the pool's one connection."""
    with database.connection() as connection:
        pid = connection.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_session_has_its_limits(database: Database) -> None:
    with database.connection() as connection:
        found = {name: connection.execute(f"SHOW {name}").fetchone() for name in SESSION}
    for name, value in SESSION.items():
        assert found[name] == (value if not name.startswith("tcp_") else "0",), name  # a Unix socket has no such


def test_silence_ends_the_wait_and_the_connection_and_the_next_one_is_new(database: Database) -> None:
    with frozen(database):
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailableError, match="has said nothing"), database.connection() as connection:
            connection.execute("SELECT 1")
        assert PATIENCE_S <= time.monotonic() - began < PATIENCE_S + 2
        with database.connection() as connection:
            assert connection.execute("SELECT 2").fetchone() == (2,)


def test_one_connection_that_ended_takes_its_fellows_along(database: Database) -> None:
    with ExitStack() as busy:
        fellows = [busy.enter_context(database.connection()) for _ in range(3)]
        pids = [fellow.info.backend_pid for fellow in fellows]
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    with pytest.raises(DatabaseUnavailableError), database.connection() as connection:
        connection.execute("SELECT 1")
    for _ in fellows:
        with database.connection() as connection:
            assert connection.info.backend_pid not in pids
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_one_connection_that_we_gave_up_leaves_its_fellows_alone(database: Database) -> None:
    with database.connection(), database.connection():
        pass
    with frozen(database), database.connection() as well:
        kept = well.info.backend_pid
        with pytest.raises(DatabaseUnavailableError, match="has said nothing"), database.connection() as connection:
            connection.execute("SELECT 1")
    with database.connection() as connection:
        assert connection.info.backend_pid == kept


def test_what_was_given_up_within_a_transaction_never_happens(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("CREATE TABLE said (n int)")
    with frozen(database), pytest.raises(DatabaseUnavailableError), database.transaction() as tx:
        tx.execute("INSERT INTO said VALUES (1)")
    with database.connection() as connection:
        assert connection.execute("SELECT count(*) FROM said").fetchone() == (0,)


def test_a_long_answer_is_no_silence_and_who_has_patience_waits(database: Database) -> None:
    with database.connection() as connection:
        query = "SELECT n, pg_sleep(0.2), repeat('x', 20000) FROM generate_series(1, 5) n"
        assert len(connection.execute(query).fetchall()) == 5
        be_patient(None)
        connection.execute("SELECT pg_sleep(%s)", (2 * PATIENCE_S,))
