"""What the doors and pages read of the fleet view, from its live generation.

Every method raises ``DatabaseUnavailableError``, and ``NoGenerationError`` before a worker ran for the first time.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from psycopg.rows import dict_row

from services.beacons.application.fleet import FleetView
from services.beacons.domain.light import LightsStage, LightState
from shared.clock import Micros
from shared.contracts.devices import DeviceRegistered
from shared.db.pool import Connection, Database
from shared.events.envelope import Event
from shared.projection import generations
from shared.projection.books_postgres import unpack_event

Row = dict[str, Any]

# A change's position tells its generation, too: a rebuilt view numbers its changes anew.
PER_GENERATION = 10**12
SQL_DEVICES = """
SELECT d.device_id, d.kind, d.vendor, d.profile, d.expected_interval_s, d.permit_number, d.registered, d.lon, d.lat,
    d.sigma_m, d.fixes, d.standing_since, d.observed_at, d.moved_at, d.lamp, d.silent_since, d.fallen, d.battery_low,
    d.battery_pct, d.lamp_failed, d.site_id, d.seq, s.state AS site_state, s.deviation_m, s.permit_id,
    coalesce(p.permit_number, d.permit_number) AS order_number,
    d.registered AND d.lon IS NOT NULL AND s.permit_id IS NOT NULL AND s.state <> 'cleared' AS shown
FROM devices d LEFT JOIN sites s USING (site_id) LEFT JOIN permits p USING (permit_id)
"""
SQL_PAGE = """
WHERE d.registered AND d.device_id > %(after)s
    AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
    AND (%(site_id)s::text IS NULL OR d.site_id = %(site_id)s)
    AND (%(permit_number)s::text IS NULL OR coalesce(p.permit_number, d.permit_number) = %(permit_number)s)
    AND (%(search)s::text IS NULL OR strpos(lower(d.device_id), lower(%(search)s)) > 0)
ORDER BY d.device_id LIMIT %(limit)s
"""
SQL_SHOWN = """
WHERE d.registered AND d.lon IS NOT NULL AND s.permit_id IS NOT NULL AND s.state <> 'cleared'
    AND (%(measure_id)s::text IS NULL OR %(measure_id)s = ANY(s.measure_ids)) ORDER BY d.device_id
"""
SQL_ALARMS = """
SELECT a.id::text AS id, a.kind, a.at, a.device_id, coalesce(a.site_id, stay.site_id) AS site_id,
    coalesce(p.permit_number, d.permit_number) AS permit_number, a.lon, a.lat, a.closed_at, a.detail,
    e.data AS acknowledged
FROM alarms a LEFT JOIN LATERAL (
        SELECT site_id FROM stays WHERE device_id = a.device_id AND since <= a.at AND (until IS NULL OR until >= a.at)
        ORDER BY since LIMIT 1
    ) stay ON true
    LEFT JOIN sites s ON s.site_id = coalesce(a.site_id, stay.site_id) LEFT JOIN devices d USING (device_id)
    LEFT JOIN permits p ON p.permit_id = coalesce(a.permit_id, s.permit_id)
    LEFT JOIN events e ON e.stream = 'alarm:' || a.id AND e.version = 1
WHERE (%(open)s::bool IS NULL OR (a.closed_at IS NULL) = %(open)s) AND (%(kind)s::text IS NULL OR a.kind = %(kind)s)
    AND (%(id)s::uuid IS NULL OR a.id = %(id)s)
    AND (%(acknowledged)s::bool IS NULL OR (e.data IS NOT NULL) = %(acknowledged)s)
    AND (%(devices)s::text[] IS NULL OR a.device_id = ANY(%(devices)s))
    AND (%(search)s::text IS NULL OR strpos(lower(
        concat_ws(' ', a.device_id, s.site_id, p.permit_number, a.detail->>'street')), lower(%(search)s)) > 0
        OR coalesce(p.permit_number, d.permit_number) = ANY(%(along)s::text[]))
    AND (%(device_id)s::text IS NULL OR a.device_id = %(device_id)s)
"""
SQL_NEWEST_FIRST = """
    AND (%(after)s::uuid IS NULL OR (a.at, a.id) < (SELECT at, id FROM alarms WHERE id = %(after)s))
ORDER BY a.at DESC, a.id DESC LIMIT %(limit)s
"""
SQL_GRAVEST_FIRST = """
    AND (%(after)s::uuid IS NULL OR (coalesce(array_position(%(gravity)s, a.kind), 0), a.at, a.id)
        < (SELECT coalesce(array_position(%(gravity)s, a.kind), 0), a.at, a.id FROM alarms a WHERE id = %(after)s))
ORDER BY coalesce(array_position(%(gravity)s, a.kind), 0) DESC, a.at DESC, a.id DESC LIMIT %(limit)s
"""
SQL_WAITING_ALARMS = """
SELECT count(*) FROM alarms a
WHERE closed_at IS NULL AND NOT EXISTS (SELECT FROM events WHERE stream = 'alarm:' || a.id AND version = 1)
"""
SQL_SITES = """
SELECT site_id, permit_id, p.permit_number, state, at, measure_ids, lights, extents
FROM sites LEFT JOIN permits p USING (permit_id)
WHERE site_id > %(after)s AND (%(state)s::text IS NULL OR state = %(state)s) ORDER BY site_id LIMIT %(limit)s
"""
SQL_QUARANTINE = "SELECT reason, time, event FROM quarantine WHERE key = %s ORDER BY time DESC LIMIT %s"
SQL_ENTERED = """
SELECT DISTINCT ON (stream) stream, type FROM events WHERE stream = ANY(%s) ORDER BY stream, version DESC
"""
NO_FILTER = {"kind": None, "site_id": None, "permit_number": None, "search": None}
NO_ALARM_FILTER = dict.fromkeys(("id", "open", "kind", "device_id", "devices", "acknowledged", "search", "along"))
# Last the gravest: what traffic may run into unseen; before it what is not as ordered, first what will go wrong only.
GRAVITY = [
    "battery_low",
    "overrunning",
    "became_silent",
    "not_set_up",
    "unpermitted_site_suspected",
    "deviation",
    "moved_away",
    "lamp_failed",
    "fell",
]

_unpack_state = msgspec.msgpack.Decoder(LightState).decode


class Refused(NamedTuple):
    """A ping that the stage of lights refused; ``time`` is its log time in µs."""

    reason: str
    time: int
    event: Event


class Registered(NamedTuple):
    """A device and whether it is in the registry now."""

    device_id: str
    registered: bool
    position: int


class FleetReads:
    """Thread-safe. Times are aware, places WGS 84 degrees."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def devices(self, *, after: str = "", limit: int, filters: Mapping[str, str | None] = NO_FILTER) -> list[Row]:
        """Registered devices by id, a page of them."""
        return self._rows(SQL_DEVICES + SQL_PAGE, {**NO_FILTER, **filters, "after": after, "limit": limit})

    def device(self, device_id: str) -> Row | None:
        """One device, also a retired one."""
        rows = self._rows(SQL_DEVICES + "WHERE d.device_id = %(device_id)s", {"device_id": device_id})
        return rows[0] if rows else None

    def shown(self, measure_id: str | None = None) -> list[Row]:
        """Lights that the public may see: those at a site that was ordered. Suspected sites are for clerks alone.

        ``measure_id``: only those at its site.
        """
        return self._rows(SQL_DEVICES + SQL_SHOWN, {"measure_id": measure_id})

    def alarms(
        self, filters: Mapping[str, Any], *, gravest_first: bool = False, after: str | None = None, limit: int
    ) -> list[Row]:
        """Newest first; ``filters``: ``open``, ``kind``, ``device_id``, ``devices``, ``acknowledged``, ``search``.

        ``along``: file numbers that count as found by ``search``, too.
        """
        order = SQL_GRAVEST_FIRST if gravest_first else SQL_NEWEST_FIRST
        values = {**NO_ALARM_FILTER, **filters, "gravity": GRAVITY, "after": after, "limit": limit}
        return self._rows(SQL_ALARMS + order, values)

    def alarm(self, alarm_id: str) -> Row | None:
        """One alarm by its UUID."""
        rows = self.alarms({"id": alarm_id}, limit=1)
        return rows[0] if rows else None

    def waiting_alarms(self) -> int:
        """How many are open and acknowledged by nobody."""
        return int(self._rows(SQL_WAITING_ALARMS, {})[0]["count"])

    def sites(self, *, state: str | None = None, after: str = "", limit: int) -> list[Row]:
        return self._rows(SQL_SITES, {"state": state, "after": after, "limit": limit})

    def quarantine(self, device_id: str, limit: int) -> list[Refused]:
        """The newest refused pings of a device."""
        with self._database.connection() as connection:
            rows = connection.execute(SQL_QUARANTINE, (device_id, limit)).fetchall()
        return [Refused(reason, time, unpack_event(event)) for reason, time, event in rows]

    def heard(self, device_ids: Sequence[str]) -> dict[str, Micros]:
        """When each light spoke last, in event time, by the stage of lights' own state; missing: never."""
        query = "SELECT key, data FROM states WHERE grp = %s AND key = ANY(%s)"
        with self._database.connection() as connection:
            rows = connection.execute(query, (LightsStage.group, list(device_ids)), binary=True).fetchall()
        return {key: _unpack_state(data).newest for key, data in rows}

    def newest(self) -> int:
        """The position of the last change of any device."""
        with generations.reading(self._database, FleetView.name) as tx:
            row = tx.execute("SELECT coalesce(max(seq), 0) FROM devices").fetchone()
            return self._base(tx) + (row[0] if row else 0)

    def changed(self, position: int, limit: int) -> list[Row]:
        """Devices that changed after ``position``, as they are now, each with its own ``position``."""
        query = SQL_DEVICES + "WHERE d.seq > %(seq)s ORDER BY d.seq LIMIT %(limit)s"
        with generations.reading(self._database, FleetView.name) as tx:
            base = self._base(tx)
            values = {"seq": max(0, position - base), "limit": limit}
            with tx.cursor(row_factory=dict_row) as cursor:
                return [row | {"position": base + row["seq"]} for row in cursor.execute(query, values)]

    def registered(self, position: int) -> tuple[bool, Sequence[Registered]]:
        """Who is in the registry, as far as that changed after ``position``; True: a new generation, begin anew."""
        with generations.reading(self._database, FleetView.name) as tx:
            base = self._base(tx)
            query = "SELECT device_id, registered, seq FROM devices WHERE seq > %s ORDER BY seq"
            rows = tx.execute(query, (max(0, position - base),)).fetchall()
        anew = not base <= position < base + PER_GENERATION
        return anew, [Registered(device_id, registered, base + seq) for device_id, registered, seq in rows]

    def entered(self, device_ids: Sequence[str]) -> set[str]:
        """Who of these is in the registry by its own streams, which no view lags behind."""
        with self._database.connection() as connection:
            rows = connection.execute(SQL_ENTERED, ([f"registry:{device_id}" for device_id in device_ids],))
            return {stream.partition(":")[2] for stream, kind in rows if kind == DeviceRegistered.TYPE}

    def _rows(self, query: str, values: Mapping[str, Any]) -> list[Row]:
        with generations.reading(self._database, FleetView.name) as tx, tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), values).fetchall()

    @staticmethod
    def _base(tx: Connection) -> int:
        """Positions of the generation that this transaction reads begin here."""
        row = tx.execute("SELECT generation FROM generations WHERE view = %s AND live", (FleetView.name,)).fetchone()
        return int(row[0]) * PER_GENERATION if row else 0
