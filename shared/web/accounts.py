"""Local accounts of people (argon2id) and their log-in sessions; a session ends for real, not only in the cookie."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from shared.clock import HOUR_US, Clock, Micros
from shared.db.pool import Database
from shared.text import fit
from shared.web.actor import Actor, checked
from shared.web.doors import Role

MIN_PASSWORD = 10  # characters

SQL_INSERT = """
INSERT INTO accounts (id, login, name, password_hash, role, scopes, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
SQL_SESSION = """
SELECT a.role, a.id, a.scopes, a.name FROM sessions s JOIN accounts a ON a.id = s.account_id
WHERE s.id = %s AND s.expires_at > %s AND a.disabled_at IS NULL
"""


@dataclass(frozen=True)
class AccountRow:
    """An account without its secret; times in µs."""

    id: str
    login: str
    name: str
    role: Role
    scopes: list[str]
    created_at: Micros
    disabled_at: Micros | None


class WeakPasswordError(Exception):
    """Shorter than ``MIN_PASSWORD`` characters."""


class LoginTakenError(Exception):
    """Another account has this log-in name."""


class Accounts:
    """Thread-safe; all methods raise ``DatabaseUnavailableError``. Log-in names do not mind capitals.

    A session is never remembered: a query by its key (0.1 ms) a request, and a log-out ends it everywhere at once.
    """

    def __init__(
        self, database: Database, clock: Clock, *, session_hours: int, hasher: PasswordHasher | None = None
    ) -> None:
        self._database, self._clock, self._hasher = database, clock, hasher or PasswordHasher()
        self._session_us = session_hours * HOUR_US
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def create(self, login: str, password: str, role: Role, name: str, scopes: Sequence[str] = ()) -> str:
        """Make an account and return its id.

        Raises ``WeakPasswordError``, ``LoginTakenError``, ``UnknownScopeError`` and ``UnfitTextError``.
        """
        account_id, hashed = secrets.token_hex(8), self._hash(password)
        values = (account_id, fit(_folded(login)), fit(name), hashed, role, checked(scopes), self._clock.now())
        try:
            with self._database.connection() as connection:
                connection.execute(SQL_INSERT, values)
        except UniqueViolation as error:
            raise LoginTakenError(login) from error
        return account_id

    def set_password(self, account_id: str, password: str) -> None:
        """A new password ends all sessions of the account; raises ``WeakPasswordError``."""
        hashed = self._hash(password)
        with self._database.transaction() as tx:
            tx.execute("UPDATE accounts SET password_hash = %s WHERE id = %s", (hashed, account_id))
            tx.execute("DELETE FROM sessions WHERE account_id = %s", [account_id])

    def disable(self, account_id: str) -> None:
        """Nobody logs in with it any more, and those who are in are out."""
        with self._database.transaction() as tx:
            tx.execute("UPDATE accounts SET disabled_at = %s WHERE id = %s", (self._clock.now(), account_id))
            tx.execute("DELETE FROM sessions WHERE account_id = %s", [account_id])

    def all(self) -> list[AccountRow]:
        """Every account, by log-in name."""
        query = "SELECT id, login, name, role, scopes, created_at, disabled_at FROM accounts ORDER BY login"
        with self._database.connection() as connection, connection.cursor(row_factory=class_row(AccountRow)) as cursor:
            return cursor.execute(query).fetchall()

    def log_in(self, login: str, password: str) -> str | None:
        """A new session's id, or None; takes as long for unknown names as for wrong passwords."""
        query = "SELECT id, password_hash FROM accounts WHERE login = %s AND disabled_at IS NULL"
        with self._database.connection() as connection:
            row = connection.execute(query, [_folded(login)]).fetchone()
        try:
            self._hasher.verify(row[1] if row else self._nobody, password)
        except VerifyMismatchError:
            return None
        return self._begin(row[0]) if row else None

    def log_out(self, session_id: str) -> None:
        with self._database.connection() as connection:
            connection.execute("DELETE FROM sessions WHERE id = %s", [session_id])

    def actor(self, session_id: str) -> Actor | None:
        """Who is logged in under this session, or None where it has ended."""
        with self._database.connection() as connection:
            row = connection.execute(SQL_SESSION, [session_id, self._clock.now()]).fetchone()
        if row is None:
            return None
        role, account_id, scopes, name = row
        return Actor(role, account_id, tuple(scopes), name, via="session")

    def _begin(self, account_id: str) -> str:
        """Old sessions are swept here: log-ins are rare."""
        session_id, now = secrets.token_urlsafe(32), self._clock.now()
        with self._database.transaction() as tx:
            tx.execute("DELETE FROM sessions WHERE expires_at <= %s", [now])
            values = (session_id, account_id, now, now + self._session_us)
            tx.execute("INSERT INTO sessions (id, account_id, created_at, expires_at) VALUES (%s, %s, %s, %s)", values)
        return session_id

    def _hash(self, password: str) -> str:
        if len(password) < MIN_PASSWORD:
            raise WeakPasswordError(f"a password has at least {MIN_PASSWORD} characters")
        return self._hasher.hash(password)


def _folded(login: str) -> str:
    return login.strip().casefold()
