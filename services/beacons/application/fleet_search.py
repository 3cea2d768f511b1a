"""Finding lights: what the fleet page asks for, a page at a time, and how many there are of each state.

Every method raises ``DatabaseUnavailableError``, and ``NoGenerationError`` before a worker ran for the first time.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from psycopg.rows import dict_row

from services.beacons.application.fleet import FleetView
from services.beacons.application.fleet_orders import OrderReads
from services.beacons.application.reads import SQL_DEVICES, Row
from shared.db.pool import Database
from shared.projection import generations

# The order is that in which troubles are told; a light may have several.
TROUBLES = {
    "ohne-signal": "d.silent_since IS NOT NULL",
    "umgefallen": "d.fallen",
    "lampe-defekt": "d.lamp_failed",
    "batterie": "d.battery_low",
    "bewegt": "d.moved_at IS NOT NULL",
}
TROUBLE = " OR ".join(TROUBLES.values())
STATES = {
    "stoerung": TROUBLE,
    **TROUBLES,
    "leuchtet": "d.lamp = 'on'",
    "aus": "d.lamp = 'off'",
    "neu": "d.lon IS NULL",
    "frei": "d.permit_number IS NULL"
    " AND NOT EXISTS (SELECT FROM sites it WHERE it.site_id = d.site_id AND it.state <> 'cleared')",
    "unverwendet": "EXISTS (SELECT FROM quarantine q WHERE q.key = d.device_id)",
}
# A page of what was found, and beside it how many were found in all.
SQL_FOUND = """
WHERE d.registered AND ({state})
    AND (%(vendor)s = '' OR d.vendor = %(vendor)s)
    AND (%(order)s = '' OR strpos(lower(concat_ws(' ', coalesce(p.permit_number, d.permit_number), d.site_id)),
        lower(%(order)s)) > 0 OR coalesce(p.permit_number, d.permit_number) = ANY(%(along)s))
    AND (%(search)s = '' OR strpos(lower(d.device_id), lower(%(search)s)) > 0)
"""
SQL_ORDER = "ORDER BY {first} d.device_id LIMIT %(limit)s OFFSET %(offset)s"
SQL_COUNTS = "SELECT count(*) AS alle, {columns} FROM devices d WHERE d.registered"


class Wanted(NamedTuple):
    """``state``: a key of ``STATES`` or empty; ``order``: a part of a file number, street or site id; ``page`` from 1.

    ``troubled_first``: lights in trouble before the others. Ties are broken by the device id, so pages are stable.
    """

    search: str = ""
    state: str = ""
    vendor: str = ""
    order: str = ""
    troubled_first: bool = False
    page: int = 1


class Found(NamedTuple):
    rows: list[Row]
    total: int


class FleetSearch:
    """Thread-safe. Times are aware, places WGS 84 degrees."""

    def __init__(self, database: Database, orders: OrderReads) -> None:
        self._database, self._orders = database, orders

    def page(self, wanted: Wanted, size: int) -> Found:
        """The wanted page of registered lights."""
        first = f"({TROUBLE}) DESC," if wanted.troubled_first else ""
        query = _found(wanted) + SQL_ORDER.format(first=first)
        values = wanted._asdict() | {
            "along": self._orders.along(wanted.order) if wanted.order else [],
            "limit": size,
            "offset": (wanted.page - 1) * size,
        }
        count = f"SELECT count(*) FROM ({_found(wanted)}) AS found"  # noqa: S608  # our own statement
        with generations.reading(self._database, FleetView.name) as tx, tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(query.encode(), values).fetchall()
            total = cursor.execute(count.encode(), values).fetchone()
        return Found(rows, total["count"] if total else 0)

    def all(self, wanted: Wanted, limit: int) -> list[Row]:
        """Everything that is wanted, whatever the page."""
        return self.page(wanted._replace(page=1), limit).rows

    def counts(self) -> dict[str, int]:
        """How many registered lights there are: ``alle``, and by each of ``STATES``."""
        columns = ", ".join(f'count(*) FILTER (WHERE {condition}) AS "{name}"' for name, condition in STATES.items())
        rows = self._rows(SQL_COUNTS.format(columns=columns), {})
        return dict(rows[0])

    def vendors(self) -> list[str]:
        rows = self._rows("SELECT DISTINCT vendor FROM devices WHERE registered AND vendor <> '' ORDER BY vendor", {})
        return [row["vendor"] for row in rows]

    def _rows(self, query: str, values: Mapping[str, Any]) -> list[Row]:
        with generations.reading(self._database, FleetView.name) as tx, tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), values).fetchall()


def trouble(row: Row) -> str | None:
    """The worst trouble of a device's row, as a key of ``TROUBLES``."""
    said = {
        "ohne-signal": row["silent_since"] is not None,
        "umgefallen": row["fallen"],
        "lampe-defekt": row["lamp_failed"],
        "batterie": row["battery_low"],
        "bewegt": row["moved_at"] is not None,
    }
    return next((name for name, so in said.items() if so), None)


def _found(wanted: Wanted) -> str:
    return SQL_DEVICES + SQL_FOUND.format(state=STATES.get(wanted.state, "true"))
