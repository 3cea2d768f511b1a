"""The fleet as a view: what the registry and the lights' events say of each device, its alarms, and the sites."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from services.beacons.application.fleet_stands import TAKEN, Stands
from services.beacons.domain.depots import Depot, depot_around
from services.beacons.domain.ends import DEVIATION_M
from shared.clock import from_micros
from shared.contracts import devices as d
from shared.contracts import permits as p
from shared.contracts import sites as s
from shared.contracts.base import Contract
from shared.contracts.topics import DEVICES, PERMITS, SITES
from shared.eventlog.port import Record
from shared.events.codec import decode
from shared.events.envelope import Event

SQL_TABLES = """
CREATE TABLE devices (
    device_id text PRIMARY KEY,
    kind text, vendor text, profile text, expected_interval_s int, permit_number text,
    registered boolean NOT NULL DEFAULT false,
    lon double precision, lat double precision, sigma_m double precision, fixes int,
    standing_since timestamptz, observed_at timestamptz,
    moved_at timestamptz,
    lamp text NOT NULL DEFAULT 'unknown',
    silent_since timestamptz,
    fallen boolean NOT NULL DEFAULT false,
    battery_low boolean NOT NULL DEFAULT false,
    battery_pct double precision,
    lamp_failed boolean NOT NULL DEFAULT false,
    site_id text,
    seq bigint NOT NULL
);
CREATE INDEX devices_seq ON devices (seq);
CREATE SEQUENCE device_changes;
CREATE TABLE alarms (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    device_id text, site_id text, permit_id text,
    lon double precision, lat double precision,
    closed_at timestamptz,
    detail jsonb NOT NULL
);
CREATE INDEX alarms_open ON alarms (kind, device_id, site_id) WHERE closed_at IS NULL;
CREATE INDEX alarms_at ON alarms (at DESC, id);
CREATE TABLE sites (
    site_id text PRIMARY KEY,
    permit_id text,
    state text NOT NULL,
    at timestamptz NOT NULL,
    measure_ids text[] NOT NULL,
    lights text[] NOT NULL,
    extents jsonb,
    deviation_m double precision
);
CREATE TABLE stays (
    device_id text NOT NULL, site_id text NOT NULL, since timestamptz NOT NULL, until timestamptz
);
CREATE INDEX stays_of_device ON stays (device_id, since);
CREATE INDEX stays_open ON stays (site_id) WHERE until IS NULL;
CREATE TABLE permits (permit_id text PRIMARY KEY, permit_number text NOT NULL);
"""
SQL_PERMIT = """
INSERT INTO permits VALUES (%s, %s) ON CONFLICT (permit_id) DO UPDATE SET permit_number = excluded.permit_number
"""
SQL_ALARM = """
INSERT INTO alarms (id, kind, at, device_id, site_id, permit_id, lon, lat, detail)
VALUES (%(id)s, %(kind)s, %(at)s, %(device_id)s, %(site_id)s, %(permit_id)s, %(lon)s, %(lat)s, %(detail)s)
"""
SQL_SITE = """
INSERT INTO sites (site_id, permit_id, state, at, measure_ids, lights) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (site_id) DO UPDATE SET state = excluded.state, at = excluded.at, measure_ids = excluded.measure_ids,
    lights = excluded.lights, deviation_m = CASE WHEN excluded.state <> 'cleared' THEN sites.deviation_m END
"""
SQL_DEVIATES = "UPDATE sites SET deviation_m = %s WHERE site_id = %s"
SQL_LIGHTS = """
INSERT INTO devices (device_id, site_id, seq)
SELECT light, %s, nextval('device_changes') FROM unnest(%s::text[]) AS light
ON CONFLICT (device_id) DO UPDATE SET site_id = excluded.site_id, seq = excluded.seq
"""
SQL_LEFT = """
UPDATE stays SET until = %(known)s WHERE until IS NULL
    AND (site_id = %(site_id)s AND NOT device_id = ANY(%(lights)s)
        OR site_id <> %(site_id)s AND device_id = ANY(%(lights)s))
"""
SQL_CAME = """
INSERT INTO stays SELECT light, %(site_id)s, %(at)s FROM unnest(%(lights)s::text[]) AS light
WHERE NOT EXISTS (SELECT FROM stays WHERE device_id = light AND site_id = %(site_id)s AND until IS NULL)
"""

Tx = Connection[Any]
ALARM_OF_TROUBLE = {"silent": "became_silent", "fallen": "fell", "battery": "battery_low", "lamp": "lamp_failed"}


class FleetView:
    """The ``View`` behind the fleet pages, the alarms and the door's knowledge of devices.

    ``depots``: to leave one is no alarm. Others than before count for what comes; a rebuild asks them of the past, too.
    """

    name = "fleet"
    version = 3
    topics = (DEVICES.name, SITES.name, PERMITS.name)

    def __init__(self, depots: Sequence[Depot] = ()) -> None:
        self._depots = tuple(depots)

    def create(self, tx: Tx) -> None:
        tx.execute(SQL_TABLES)

    def decode(self, event: Event) -> Contract | None:
        fact = decode(event)
        return fact if type(fact) in HANDLERS or isinstance(fact, TAKEN) else None

    def apply(self, tx: Tx, facts: Sequence[tuple[Any, Record]]) -> None:
        stands = Stands()
        for fact, record in facts:
            if not stands.take(fact, record):
                stands.write(tx)
                if isinstance(fact, d.LightMovedAway) and depot_around(*_stand(tx, fact.device_id), self._depots):
                    _device(tx, fact.device_id, standing_since=None)
                else:
                    HANDLERS[type(fact)](tx, fact, record)
        stands.write(tx)


def _stand(tx: Tx, device_id: str) -> tuple[float | None, float | None]:
    """Where it stood last (lon, lat), or nothing."""
    row = tx.execute("SELECT lon, lat FROM devices WHERE device_id = %s", (device_id,)).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _device(tx: Tx, device_id: str, **values: Any) -> None:
    """Set columns of a device; every change gets a number, for those who follow the fleet."""
    names = list(values)
    columns = ", ".join(["device_id", "seq", *names])
    marks = ", ".join(["%s", "nextval('device_changes')"] + ["%s"] * len(names))
    updates = ", ".join([f"{name} = excluded.{name}" for name in ["seq", *names]])
    query = f"INSERT INTO devices ({columns}) VALUES ({marks}) ON CONFLICT (device_id) DO UPDATE SET {updates}"  # noqa: S608  # column names are ours
    tx.execute(query, [device_id, *values.values()])


def _alarm(tx: Tx, record: Record, kind: str, at: Any, *, detail: Mapping[str, Any] | None = None, **who: Any) -> None:
    values = {"device_id": None, "site_id": None, "permit_id": None, "lon": None, "lat": None} | who
    if values["device_id"] is not None:
        # Its place comes from the same topic and key. Its site does not: whoever reads asks ``stays`` by the time.
        values["lon"], values["lat"] = _stand(tx, values["device_id"])
    tx.execute(SQL_ALARM, values | {"id": record.event.id, "kind": kind, "at": at, "detail": Jsonb(detail or {})})


def _close(tx: Tx, kind: str, at: Any, column: str, value: str) -> None:
    query = f"UPDATE alarms SET closed_at = %s WHERE kind = %s AND {column} = %s AND closed_at IS NULL"  # noqa: S608  # column names are ours
    tx.execute(query, (at, kind, value))


def _registered(tx: Tx, fact: d.DeviceRegistered, _: Record) -> None:
    _device(
        tx,
        fact.device_id,
        kind=fact.kind,
        vendor=fact.vendor,
        profile=fact.profile,
        expected_interval_s=fact.expected_interval_s,
        permit_number=fact.permit_number,
        registered=True,
    )


def _retired(tx: Tx, fact: d.DeviceRetired, _: Record) -> None:
    _device(tx, fact.device_id, registered=False)


def _moved_away(tx: Tx, fact: d.LightMovedAway, record: Record) -> None:
    _device(tx, fact.device_id, standing_since=None, moved_at=fact.at)
    _alarm(tx, record, "moved_away", fact.at, device_id=fact.device_id)


def _became_silent(tx: Tx, fact: d.LightBecameSilent, record: Record) -> None:
    _device(tx, fact.device_id, silent_since=fact.last_contact)
    detail = {"last_contact": fact.last_contact.isoformat()}
    _alarm(tx, record, "became_silent", fact.at, detail=detail, device_id=fact.device_id)


def _fell(tx: Tx, fact: d.LightFell, record: Record) -> None:
    _device(tx, fact.device_id, fallen=True)
    _alarm(tx, record, "fell", fact.at, device_id=fact.device_id)


def _battery_low(tx: Tx, fact: d.LightBatteryLow, record: Record) -> None:
    _device(tx, fact.device_id, battery_low=True, battery_pct=fact.battery_pct)
    _alarm(tx, record, "battery_low", fact.at, detail={"battery_pct": fact.battery_pct}, device_id=fact.device_id)


def _lamp_failed(tx: Tx, fact: d.LightLampFailed, record: Record) -> None:
    _device(tx, fact.device_id, lamp_failed=True, lamp="fault")
    _alarm(tx, record, "lamp_failed", fact.at, device_id=fact.device_id)


def _recovered(tx: Tx, fact: d.LightRecovered, record: Record) -> None:
    clear: dict[str, dict[str, Any]] = {
        "silent": {"silent_since": None},
        "fallen": {"fallen": False},
        "battery": {"battery_low": False},
        "lamp": {"lamp_failed": False},
    }
    _device(tx, fact.device_id, **clear[fact.trouble])
    _close(tx, ALARM_OF_TROUBLE[fact.trouble], fact.at, "device_id", fact.device_id)
    _alarm(tx, record, "recovered", fact.at, detail={"trouble": fact.trouble}, device_id=fact.device_id)
    _close(tx, "recovered", fact.at, "device_id", fact.device_id)


def _site(state: str) -> Callable[[Tx, Any, Record], None]:
    def handle(tx: Tx, fact: s.SiteEvent, record: Record) -> None:
        values = (fact.site_id, fact.permit_id, state, fact.at, list(fact.measure_ids), list(fact.lights))
        tx.execute(SQL_SITE, values)
        tx.execute(
            "UPDATE devices SET site_id = NULL, seq = nextval('device_changes')"
            " WHERE site_id = %s AND NOT device_id = ANY(%s)",
            (fact.site_id, list(fact.lights)),
        )
        # Also those that stay: whether a light is shown depends on its site's state. A rebuild may hear of a site
        # before it hears of its lights, since topics have no order among each other.
        tx.execute(SQL_LIGHTS, (fact.site_id, list(fact.lights)))
        # A stay ends when that is known: ``at`` is of the lights that remain and may lie before the alarm of the one
        # that left.
        known = from_micros(record.time)
        stay = {"site_id": fact.site_id, "lights": list(fact.lights), "at": fact.at, "known": known}
        tx.execute(SQL_LEFT, stay)
        tx.execute(SQL_CAME, stay)
        for kind in CLOSED_BY.get(state, ()):
            _close(tx, kind, fact.at, "site_id", fact.site_id)

    return handle


def _extent(tx: Tx, fact: s.ExtentMeasured | s.ExtentChanged, record: Record) -> None:
    _site("set_up")(tx, fact, record)
    extents = [
        {"measure_id": e.measure_id, "accuracy_m": e.accuracy_m, "deviation_m": e.deviation_m} for e in fact.extents
    ]
    tx.execute("UPDATE sites SET extents = %s WHERE site_id = %s", (Jsonb(extents), fact.site_id))
    if all(extent.deviation_m <= DEVIATION_M for extent in fact.extents):
        tx.execute(SQL_DEVIATES, (None, fact.site_id))
        _close(tx, "deviation", fact.at, "site_id", fact.site_id)


def _deviates(tx: Tx, fact: s.DeviationDetected, record: Record) -> None:
    _close(tx, "deviation", fact.at, "site_id", fact.site_id)  # a farther one takes its place
    _site_alarm("deviation", "set_up")(tx, fact, record)
    tx.execute(SQL_DEVIATES, (fact.deviation_m, fact.site_id))


def _site_alarm(kind: str, state: str) -> Callable[[Tx, Any, Record], None]:
    def handle(tx: Tx, fact: s.SiteEvent, record: Record) -> None:
        _site(state)(tx, fact, record)
        centre = getattr(fact, "centre", (None, None))
        detail = {name: said for name in ("deviation_m", "street") if (said := getattr(fact, name, None)) is not None}
        who = {"site_id": fact.site_id, "permit_id": fact.permit_id, "lon": centre[0], "lat": centre[1]}
        _alarm(tx, record, kind, fact.at, detail=detail, **who)

    return handle


def _permit(tx: Tx, fact: p.PermitApproved | p.PermitAmended, _: Record) -> None:
    tx.execute(SQL_PERMIT, (fact.permit.permit_id, fact.permit.permit_number))


CLOSED_BY = {
    "cleared": ("overrunning", "deviation", "unpermitted_site_suspected", "not_set_up"),
    "set_up": ("not_set_up",),
}

HANDLERS: dict[type, Callable[[Tx, Any, Record], None]] = {
    d.DeviceRegistered: _registered,
    d.DeviceRetired: _retired,
    d.LightMovedAway: _moved_away,
    d.LightBecameSilent: _became_silent,
    d.LightFell: _fell,
    d.LightBatteryLow: _battery_low,
    d.LightLampFailed: _lamp_failed,
    d.LightRecovered: _recovered,
    s.SetUpDetected: _site("set_up"),
    s.ExtentMeasured: _extent,
    s.ExtentChanged: _extent,
    s.DeviationDetected: _deviates,
    s.SiteBecameSilent: _site("silent"),
    s.SiteRecovered: _site("set_up"),
    s.ClearedDetected: _site("cleared"),
    s.NotSetUp: _site_alarm("not_set_up", "not_set_up"),
    s.Overrunning: _site_alarm("overrunning", "set_up"),
    s.UnpermittedSiteSuspected: _site_alarm("unpermitted_site_suspected", "suspected"),
    p.PermitApproved: _permit,
    p.PermitAmended: _permit,
}
