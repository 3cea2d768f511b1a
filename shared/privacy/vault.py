"""Crypto-shredding: personal data is kept only as boxes, one key per person; destroying the key erases it everywhere.

A box may lie in events, tables, backups and dumps: all of them become unreadable at once, and replay still works.
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.clock import Clock
from shared.db.pool import Database
from shared.privacy.keys import KEY_BYTES, derive

PRIVACY_MIGRATIONS = Path(__file__).parent / "migrations"
NONCE_BYTES = 12

SQL_MAKE = """
INSERT INTO people_keys (person_id, wrapped_key, created_at) VALUES (%s, %s, %s) ON CONFLICT (person_id) DO NOTHING
"""
SQL_KEY = "SELECT wrapped_key FROM people_keys WHERE person_id = %s"
# A person without a key is noted too: a command that is still under way may not make one after the erasure.
SQL_NOTE = """
INSERT INTO people_keys (person_id, created_at, erased_at) VALUES (%(person)s, %(now)s, %(now)s)
ON CONFLICT (person_id) DO NOTHING
"""
SQL_ERASE = """
UPDATE people_keys SET wrapped_key = NULL, erased_at = %(now)s WHERE person_id = %(person)s AND erased_at IS NULL
"""


class Erased(Enum):
    """The person's key is gone; show "gelöscht" where the data stood."""

    ERASED = "erased"


ERASED: Final = Erased.ERASED
OpenedBox: TypeAlias = dict[str, Any] | Literal[Erased.ERASED]


class Sealed(TypedDict):
    """Personal data of ``person`` (an opaque id), encrypted; ``box`` is base64 of nonce and AES-256-GCM text."""

    person: str
    box: str


class WrongMasterKeyError(Exception):
    """The master key is not the one that wrapped this person's key; nothing is lost, set the right one."""


class BrokenBoxError(Exception):
    """The box was changed, cut off, or belongs to another person."""


class PersonErasedError(Exception):
    """Nothing more may be sealed for this person; new data needs a new person id."""


class Vault:
    """Seals and opens personal data of one service. Thread-safe; all methods raise ``DatabaseUnavailableError``.

    ``master_key``: 32 bytes, kept outside the database; whoever has it and the rows can open every box.
    """

    def __init__(self, database: Database, master_key: bytes, clock: Clock) -> None:
        if len(master_key) != KEY_BYTES:
            raise WrongMasterKeyError(f"the master key has {len(master_key)} bytes instead of {KEY_BYTES}")
        self._database, self._clock = database, clock
        self._wrapping = derive(master_key, "people")

    def seal(self, person_id: str, content: Mapping[str, Any]) -> Sealed:
        """Encrypt JSON-like ``content`` under the person's key, made on first use; raises ``PersonErasedError``."""
        key = self._key(person_id) or self._make(person_id)
        text = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
        return {"person": person_id, "box": base64.b64encode(_encrypt(key, text, person_id)).decode()}

    def open(self, sealed: Sealed) -> OpenedBox:
        """The content, or ``ERASED``; raises ``BrokenBoxError`` and ``WrongMasterKeyError``."""
        try:
            key = self._key(sealed["person"])
        except PersonErasedError:
            return ERASED
        if key is None:
            return ERASED
        try:
            content: dict[str, Any] = json.loads(_decrypt(key, base64.b64decode(sealed["box"]), sealed["person"]))
        except (InvalidTag, binascii.Error) as error:
            raise BrokenBoxError(f"the box of {sealed['person']} cannot be opened by its key") from error
        return content

    def erase(self, person_id: str) -> bool:
        """Destroy the person's key, for ever, and say whether there was one; a second time changes nothing.

        What remains: the *wrapped* key in the table's dead rows until VACUUM (asked for here) reuses their space, in
        the write-ahead log until it is recycled, and in backups until they are rotated. Each is useless without the
        master key, which therefore never goes into the same backup; keep backups no longer than erasure may take.
        """
        values = {"person": person_id, "now": self._clock.now()}
        with self._database.transaction() as tx:
            tx.execute(SQL_NOTE, values)
            destroyed = tx.execute(SQL_ERASE, values).rowcount > 0
        with self._database.connection() as connection:
            connection.execute("VACUUM (SKIP_LOCKED, TRUNCATE false) people_keys")
        return destroyed

    def _key(self, person_id: str) -> bytes | None:
        with self._database.connection() as connection:
            row = connection.execute(SQL_KEY, [person_id]).fetchone()
        if row is None:
            return None
        if row[0] is None:
            raise PersonErasedError(person_id)
        try:
            return _decrypt(self._wrapping, row[0], person_id)
        except InvalidTag as error:
            raise WrongMasterKeyError(f"the key of {person_id} was wrapped by another master key") from error

    def _make(self, person_id: str) -> bytes:
        """A new key, or the one that somebody else made at the same moment."""
        wrapped = _encrypt(self._wrapping, os.urandom(KEY_BYTES), person_id)
        with self._database.connection() as connection:
            connection.execute(SQL_MAKE, [person_id, wrapped, self._clock.now()])
        key = self._key(person_id)
        if key is None:
            raise PersonErasedError(person_id)
        return key


def _encrypt(key: bytes, text: bytes, person_id: str) -> bytes:
    """The person's id is authenticated: a box moved to another person does not open."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, person_id.encode())


def _decrypt(key: bytes, box: bytes, person_id: str) -> bytes:
    if len(box) < NONCE_BYTES:
        raise InvalidTag
    return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], person_id.encode())
