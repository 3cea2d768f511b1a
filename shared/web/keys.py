"""API keys ``lb_<id>_<secret>``: of the secret only its SHA-256 is kept (256 random bits need no slow hash)."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from psycopg.rows import class_row

from shared.clock import MINUTE_US, SECOND_US, Clock, Micros
from shared.db.pool import Database
from shared.text import fit
from shared.web.actor import Actor, checked
from shared.web.doors import Role

WEB_MIGRATIONS = Path(__file__).parent / "migrations"
CACHE_US = SECOND_US
TOUCH_US = 10 * MINUTE_US
TOKEN = re.compile(r"lb_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")

SQL_COLUMNS = "id, hash, role, label, scopes, created_at, expires_at, revoked_at, last_used_at"
SQL_INSERT = """
INSERT INTO api_keys (id, hash, role, label, scopes, created_at, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class KeyRow:
    """A key as it is kept; times in µs. ``last_used_at`` is kept to about ten minutes."""

    id: str
    hash: bytes
    role: Role
    label: str
    scopes: list[str]
    created_at: Micros
    expires_at: Micros | None
    revoked_at: Micros | None
    last_used_at: Micros | None


class NewKey(NamedTuple):
    """``token`` is shown once and can never be read again."""

    id: str
    token: str


class ApiKeys:
    """Makes, revokes and checks keys. Thread-safe; all methods raise ``DatabaseUnavailableError``.

    A revocation counts here at once and in other processes within a second, for so long a key is remembered: the ping
    door then costs a query a second and key (0.1 ms), however many pings come.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._known: dict[str, tuple[Micros, KeyRow]] = {}

    def create(self, role: Role, label: str, scopes: Sequence[str] = (), expires_at: Micros | None = None) -> NewKey:
        """A new key; ``scopes`` such as ``devices:LT-*`` or ``organisation:tiefbau-gmbh``.

        Raises ``UnknownScopeError`` and ``UnfitTextError``.
        """
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        values = (key_id, _hash(secret), role, fit(label), checked(scopes), self._clock.now(), expires_at)
        with self._database.connection() as connection:
            connection.execute(SQL_INSERT, values)
        return NewKey(key_id, f"lb_{key_id}_{secret}")

    def revoke(self, key_id: str) -> bool:
        """End a key for ever; False where there is none that still counts."""
        query = "UPDATE api_keys SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL"
        with self._database.connection() as connection:
            done = connection.execute(query, (self._clock.now(), key_id)).rowcount > 0
        self._known.pop(key_id, None)
        return done

    def all(self) -> list[KeyRow]:
        """Every key, newest first."""
        with self._database.connection() as connection, connection.cursor(row_factory=class_row(KeyRow)) as cursor:
            return cursor.execute(f"SELECT {SQL_COLUMNS} FROM api_keys ORDER BY created_at DESC, id").fetchall()  # noqa: S608  # a constant

    def remembers(self, token: str) -> bool:
        """Whether checking this token costs no query."""
        match = TOKEN.fullmatch(token)
        return match is not None and self._fresh(match[1]) is not None

    def actor(self, token: str) -> Actor | None:
        """Who holds this token, or None: malformed, unknown, wrong, expired or revoked."""
        match = TOKEN.fullmatch(token)
        if match is None:
            return None
        row = self._fresh(match[1]) or self._load(match[1])
        right = hmac.compare_digest(_hash(match[2]), row.hash if row else b"")
        if row is None or not right or not self._counts(row):
            return None
        if (row.last_used_at or 0) <= self._clock.now() - TOUCH_US:
            self._touch(row)
        return Actor(row.role, row.id, tuple(row.scopes), row.label, via="key")

    def _fresh(self, key_id: str) -> KeyRow | None:
        known = self._known.get(key_id)
        return known[1] if known and 0 <= self._clock.now() - known[0] < CACHE_US else None

    def _counts(self, row: KeyRow) -> bool:
        return row.revoked_at is None and (row.expires_at is None or self._clock.now() < row.expires_at)

    def _load(self, key_id: str) -> KeyRow | None:
        now = self._clock.now()
        with self._database.connection() as connection, connection.cursor(row_factory=class_row(KeyRow)) as cursor:
            row = cursor.execute(f"SELECT {SQL_COLUMNS} FROM api_keys WHERE id = %s", [key_id]).fetchone()  # noqa: S608  # a constant
            if row is not None:
                self._known[key_id] = (now, row)
        return row

    def _touch(self, row: KeyRow) -> None:
        now = self._clock.now()
        with self._database.connection() as connection:
            connection.execute("UPDATE api_keys SET last_used_at = %s WHERE id = %s", (now, row.id))
        self._known[row.id] = (now, replace(row, last_used_at=now))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
