"""What is ordered where, for those who set lights up: a view of the permits, and what is near a place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import shapely
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from services.beacons.domain.cells import shape
from shared.contracts import permits as p
from shared.contracts.base import Contract, Geometry
from shared.contracts.topics import PERMITS
from shared.db.pool import Database
from shared.eventlog.port import Record
from shared.events.codec import decode
from shared.events.envelope import Event
from shared.geo.crs import to_metric
from shared.projection import generations

SQL_TABLES = """
CREATE TABLE orders (permit_id text PRIMARY KEY, permit_number text NOT NULL, applicant text, over_at timestamptz);
CREATE TABLE measures (
    measure_id text PRIMARY KEY,
    permit_id text NOT NULL,
    kind text NOT NULL, street text NOT NULL, from_street text, to_street text, house_numbers text,
    starts timestamptz NOT NULL, ends timestamptz,
    west double precision NOT NULL, south double precision NOT NULL,
    east double precision NOT NULL, north double precision NOT NULL,
    geometry jsonb NOT NULL
);
CREATE INDEX measures_permit ON measures (permit_id);
"""
SQL_MEASURE = """
INSERT INTO measures VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (measure_id) DO UPDATE SET (permit_id, kind, street, from_street, to_street, house_numbers, starts, ends,
    west, south, east, north, geometry) = (excluded.permit_id, excluded.kind, excluded.street, excluded.from_street,
    excluded.to_street, excluded.house_numbers, excluded.starts, excluded.ends, excluded.west, excluded.south,
    excluded.east, excluded.north, excluded.geometry)
"""
# A week ahead and a day behind: who sets lights up today works for one of these.
SQL_IN_FORCE = """
SELECT m.measure_id, m.permit_id, o.permit_number, o.applicant, m.kind, m.street, m.from_street, m.to_street,
    m.house_numbers, m.starts, m.ends, m.geometry
FROM measures m JOIN orders o USING (permit_id)
WHERE m.starts < %(now)s + interval '7 days' AND coalesce(m.ends, 'infinity') > %(now)s - interval '1 day'
    AND coalesce(o.over_at, 'infinity') > %(now)s - interval '1 day'
    AND (%(lon)s::float8 IS NULL OR (
        %(lon)s BETWEEN m.west - %(reach)s AND m.east + %(reach)s
        AND %(lat)s BETWEEN m.south - %(reach)s AND m.north + %(reach)s))
    AND (%(search)s = '' OR strpos(lower(o.permit_number || ' ' || m.street), lower(%(search)s)) > 0)
ORDER BY o.permit_number, m.measure_id LIMIT %(limit)s
"""
SQL_BY_NUMBER = """
SELECT o.permit_number, o.permit_id, array_agg(DISTINCT m.street ORDER BY m.street)
FROM orders o JOIN measures m USING (permit_id) WHERE o.permit_number = ANY(%s) GROUP BY o.permit_id
"""
REACH_DEGREES = 0.01  # about a kilometre
MOST = 2_000
EARTHLY = 1e9  # no distance on our map is larger

Tx = Connection[Any]
Row = dict[str, Any]


class Ordered(NamedTuple):
    """A measure in force or soon; ``distance_m`` from the place asked for, None where none was."""

    measure_id: str
    permit_id: str
    permit_number: str
    applicant: str | None
    kind: str
    street: str
    from_street: str | None
    to_street: str | None
    house_numbers: str | None
    starts: datetime
    ends: datetime | None
    distance_m: float | None


class Order(NamedTuple):
    """An order by its id, and the streets of its measures."""

    permit_id: str
    streets: Sequence[str]


class OrdersView:
    """The ``View`` behind the set-up pages."""

    name = "orders"
    version = 1
    topics = (PERMITS.name,)

    def create(self, tx: Tx) -> None:
        tx.execute(SQL_TABLES)

    def decode(self, event: Event) -> tuple[str, Contract] | None:
        fact = decode(event)
        return (event.key, fact) if type(fact) in HANDLERS else None

    def apply(self, tx: Tx, facts: Sequence[tuple[Any, Record]]) -> None:
        for (permit_id, fact), _ in facts:
            HANDLERS[type(fact)](tx, permit_id, fact)


class OrderReads:
    """Thread-safe. Methods raise ``DatabaseUnavailableError``, ``NoGenerationError`` before a worker ran."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def in_force(
        self, now: datetime, *, near: tuple[float, float] | None = None, search: str = "", limit: int = 20
    ) -> list[Ordered]:
        """Measures in force within a week, the nearest to ``near`` (WGS 84 lon-lat) first, else by file number."""
        lon, lat = near or (None, None)
        values = {"now": now, "lon": lon, "lat": lat, "reach": REACH_DEGREES, "search": search, "limit": MOST}
        with generations.reading(self._database, OrdersView.name) as tx, tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(SQL_IN_FORCE, values).fetchall()
        spot = shapely.Point(to_metric(*near)) if near else None
        found = [_ordered(row, spot) for row in rows]
        return sorted(found, key=lambda one: one.distance_m or 0.0)[:limit] if near else found[:limit]

    def by_number(self, permit_numbers: Iterable[str | None]) -> dict[str, Order]:
        """Those of these that are ordered."""
        wanted = sorted({number for number in permit_numbers if number})
        if not wanted:
            return {}
        with generations.reading(self._database, OrdersView.name) as tx:
            return {number: Order(*order) for number, *order in tx.execute(SQL_BY_NUMBER, (wanted,))}

    def along(self, street: str) -> list[str]:
        """File numbers of what is or was ordered in, from or to streets whose name has this in it."""
        query = """
            SELECT DISTINCT permit_number FROM orders JOIN measures USING (permit_id)
            WHERE strpos(lower(concat_ws(' ', street, from_street, to_street)), lower(%s)) > 0
        """
        with generations.reading(self._database, OrdersView.name) as tx:
            return [number for (number,) in tx.execute(query, (street,))]

    def of_permit(self, permit_number: str) -> Row | None:
        """``permit_id permit_number applicant`` of the order with this number."""
        query = "SELECT permit_id, permit_number, applicant FROM orders WHERE permit_number = %s"
        with generations.reading(self._database, OrdersView.name) as tx, tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, (permit_number,)).fetchone()


def _ordered(row: Mapping[str, Any], spot: shapely.Point | None) -> Ordered:
    distance = None
    if spot is not None:
        geometry: Any = msgspec.convert(row["geometry"], Geometry)
        distance = min(float(shape(geometry).distance(spot)), EARTHLY)
    return Ordered(**{name: row[name] for name in Ordered._fields if name != "distance_m"}, distance_m=distance)


def _order(tx: Tx, permit_id: str, fact: p.PermitApproved | p.PermitAmended) -> None:
    permit = fact.permit
    tx.execute(
        "INSERT INTO orders VALUES (%s, %s, %s) ON CONFLICT (permit_id) DO UPDATE"
        " SET permit_number = excluded.permit_number, applicant = excluded.applicant",
        (permit_id, permit.permit_number, permit.applicant),
    )
    names = [measure.id for measure in permit.measures]
    tx.execute("DELETE FROM measures WHERE permit_id = %s AND NOT measure_id = ANY(%s)", (permit_id, names))
    for m in permit.measures:
        place = (m.kind, m.street, m.from_street, m.to_street, m.house_numbers)
        geometry = Jsonb(msgspec.to_builtins(m.geometry))
        tx.execute(SQL_MEASURE, (m.id, permit_id, *place, m.start, m.end, *_box(m.geometry), geometry))


def _box(geometry: Geometry) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees."""
    west, south, east, north = shapely.geometry.shape(msgspec.to_builtins(geometry)).bounds
    return west, south, east, north


def _extended(tx: Tx, permit_id: str, fact: p.PermitExtended) -> None:
    for measure_id, end in fact.ends.items():
        query = "UPDATE measures SET ends = %s WHERE measure_id = %s AND permit_id = %s"
        tx.execute(query, (end, measure_id, permit_id))


def _over(tx: Tx, permit_id: str, fact: p.PermitRevoked | p.WorksEnded) -> None:
    tx.execute("UPDATE orders SET over_at = %s WHERE permit_id = %s", (fact.at, permit_id))


def _on_again(tx: Tx, permit_id: str, _: p.EndReverted) -> None:
    tx.execute("UPDATE orders SET over_at = NULL WHERE permit_id = %s", (permit_id,))


HANDLERS: dict[type, Callable[[Tx, str, Any], None]] = {
    p.PermitApproved: _order,
    p.PermitAmended: _order,
    p.PermitExtended: _extended,
    p.PermitRevoked: _over,
    p.WorksEnded: _over,
    p.EndReverted: _on_again,
}
