"""What was typed into a form and not sent yet: kept per account, sealed, forgotten when it was sent or is old."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from services.permits.application.text import invalid
from shared.clock import Clock, from_micros
from shared.db.pool import Database
from shared.privacy.vault import ERASED, Vault

KEPT = timedelta(days=30)
MOST = 50  # of one account
BYTES_MAX = 200_000

SQL_SAVE = """
INSERT INTO form_drafts (account, form, person, box, saved_at)
VALUES (%(account)s, %(form)s, %(person)s, %(box)s, %(now)s)
ON CONFLICT (account, form) DO UPDATE SET person = excluded.person, box = excluded.box, saved_at = excluded.saved_at
"""
SQL_OLD = """
DELETE FROM form_drafts WHERE saved_at < %(oldest)s OR (account, form) IN (
    SELECT account, form FROM form_drafts WHERE account = %(account)s ORDER BY saved_at DESC OFFSET %(most)s)
"""


class FormDraft(NamedTuple):
    """``fields`` by the names of the form's inputs, as typed."""

    form: str
    fields: dict[str, str]
    saved_at: datetime


class FormDrafts:
    """Thread-safe; all methods raise ``DatabaseUnavailableError``. An account is shown its own drafts only."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database, self._vault, self._clock = database, vault, clock

    def save(self, account: str, form: str, fields: Mapping[str, str]) -> datetime:
        """Keep the fields over what was kept before; returns when. Raises ``RefusedError`` if it is too much."""
        if sum(len(name) + len(text) for name, text in fields.items()) > BYTES_MAX:
            raise invalid("form", "Das Formular ist zu umfangreich, um es zwischenzuspeichern.")
        now = from_micros(self._clock.now())
        sealed = self._vault.seal(_person(account), {"fields": dict(fields)})
        with self._database.transaction() as tx:
            tx.execute(SQL_SAVE, {"account": account, "form": form, "now": now, **sealed})
            tx.execute(SQL_OLD, {"account": account, "oldest": now - KEPT, "most": MOST})
        return now

    def of(self, account: str, form: str | None = None) -> list[FormDraft]:
        """The account's drafts, or that of one form, the latest first."""
        query = """SELECT form, person, box, saved_at FROM form_drafts
                   WHERE account = %(account)s AND (%(form)s::text IS NULL OR form = %(form)s) ORDER BY saved_at DESC"""
        with self._database.connection() as connection:
            rows = connection.execute(query, {"account": account, "form": form}).fetchall()
        opened = ((name, self._vault.open({"person": person, "box": box}), at) for name, person, box, at in rows)
        return [FormDraft(name, content["fields"], at) for name, content, at in opened if content is not ERASED]

    def count(self, account: str, beginning: str) -> int:
        """How many of the account's drafts have a form whose name begins so."""
        query = "SELECT count(*) FROM form_drafts WHERE account = %s AND starts_with(form, %s)"
        with self._database.connection() as connection:
            found = connection.execute(query, (account, beginning)).fetchone()
        return found[0] if found else 0

    def drop(self, account: str, form: str) -> None:
        with self._database.connection() as connection:
            connection.execute("DELETE FROM form_drafts WHERE account = %s AND form = %s", (account, form))


def _person(account: str) -> str:
    return f"form-{account}"
