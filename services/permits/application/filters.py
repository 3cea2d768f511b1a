"""Views of the works queue that a person keeps under a name of their own."""

from typing import NamedTuple

from services.permits.application.text import clean, invalid
from shared.db.pool import Database

NAME_MAX, QUERY_MAX, MOST = 60, 500, 20

SQL_SAVE = """
INSERT INTO saved_filters (account, name, query) VALUES (%s, %s, %s)
ON CONFLICT (account, name) DO UPDATE SET query = excluded.query
"""


class Filter(NamedTuple):
    """``query``: the part of the queue's address after the question mark."""

    name: str
    query: str


class SavedFilters:
    """Thread-safe; all methods raise ``DatabaseUnavailableError``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, account: str) -> list[Filter]:
        with self._database.connection() as connection:
            query = "SELECT name, query FROM saved_filters WHERE account = %s ORDER BY lower(name), name"
            return [Filter(*row) for row in connection.execute(query, (account,))]

    def save(self, account: str, name: str, query: str) -> None:
        """Keep ``query`` under ``name``, over what stood there; raises ``RefusedError``."""
        name = " ".join(clean(name, "name").split())
        if not name or len(name) > NAME_MAX:
            raise invalid("name", f"Bitte geben Sie der Ansicht einen Namen (höchstens {NAME_MAX} Zeichen).")
        kept = {one.name for one in self.of(account)}
        if name not in kept and len(kept) >= MOST:
            raise invalid("name", f"Es sind höchstens {MOST} Ansichten möglich. Bitte entfernen Sie zuerst eine.")
        with self._database.connection() as connection:
            connection.execute(SQL_SAVE, (account, name, clean(query, "query")[:QUERY_MAX]))

    def drop(self, account: str, name: str) -> None:
        with self._database.connection() as connection:
            connection.execute("DELETE FROM saved_filters WHERE account = %s AND name = %s", (account, clean(name)))
