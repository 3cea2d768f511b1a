"""One light, as its stage knows it: the fixes of its stay with the verdict on each, and what it concluded when."""

from collections.abc import Sequence
from datetime import datetime
from math import hypot
from typing import Any, Literal, NamedTuple, cast

import msgspec

from services.beacons.domain import tail as packed
from services.beacons.domain.contact import patience
from services.beacons.domain.gate import Reason
from services.beacons.domain.light import LightsStage, LightState
from services.beacons.domain.plane import degrees, scale, units
from services.beacons.domain.rows import AnyRow
from services.beacons.domain.sites import SitesDecider
from services.beacons.domain.stay import BEGINNING_M, CENTIMETRES, LOOKBACK, Stay, near_m
from services.beacons.domain.tail import FAR, FAST, HALF_METRES, MOVING, SLOT_SECONDS
from shared.clock import SECOND_US, from_micros, to_micros
from shared.contracts.base import Contract
from shared.contracts.devices import LightRefined
from shared.contracts.pings import TICK_SECONDS, Ping
from shared.db.pool import Database
from shared.events.codec import decode
from shared.events.envelope import Event

Verdict = Literal["used", "replaced", "earlier", "outlier", "moving", "too_fast"]
SQL_STATES = "SELECT key, data FROM states WHERE grp = %s AND key = ANY(%s)"
# What was only refined tells nobody anything new.
SQL_HISTORY = """
SELECT id::text, type, stream, version, time, recorded, data FROM events
WHERE stream = ANY(%s) AND type <> %s ORDER BY time DESC, position DESC LIMIT %s
"""

_state = msgspec.msgpack.Decoder(LightState).decode
_row: Any = msgspec.msgpack.Decoder(AnyRow).decode


class SeenFix(NamedTuple):
    """``east_m``, ``north_m`` from the stay's centre; ``accuracy_m`` the 68 % radius; ``allowed_m`` the gate it met."""

    time: datetime
    lon: float
    lat: float
    accuracy_m: float
    east_m: float
    north_m: float
    allowed_m: float
    verdict: Verdict

    @property
    def distance_m(self) -> float:
        return hypot(self.east_m, self.north_m)


class Standing(NamedTuple):
    """A stay: WGS 84 centre, ``sigma_m`` of it, ``scatter_m`` of a fix, per axis; ``used`` of ``near`` fixes."""

    lon: float
    lat: float
    sigma_m: float
    scatter_m: float
    since: datetime
    seen: datetime
    used: int
    near: int
    allowed_m: float
    suspect: datetime | None


class Known(NamedTuple):
    """What the stage of lights knows; instants of signs are None where never said.

    After ``patience_s`` of open doors without a word it will be silent.
    """

    newest: datetime | None
    silent: bool
    stay: Standing | None
    fixes: Sequence[SeenFix]
    lit: datetime | None
    dark: datetime | None
    battery_pct: int | None
    patience_s: int


class LightReads:
    """Thread-safe. Methods raise ``DatabaseUnavailableError``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, device_ids: Sequence[str]) -> dict[str, Known]:
        """By device; those that never spoke are missing."""
        with self._database.connection() as connection:
            values = (LightsStage.group, list(device_ids))
            rows = connection.execute(SQL_STATES, values, binary=True).fetchall()
        return {key: known(_state(data)) for key, data in rows}

    def rows(self, *keys: str) -> dict[str, Any]:
        """Rows of the sites' decider, as of its last commit."""
        with self._database.connection() as connection:
            rows = connection.execute(SQL_STATES, (SitesDecider.group, list(keys)), binary=True).fetchall()
        return {key: _row(data) for key, data in rows}

    def history(self, device_id: str, limit: int) -> list[tuple[datetime, Contract]]:
        """What was concluded of the light and entered in the registry, newest first, with event times."""
        streams = [f"light:{device_id}", f"registry:{device_id}"]
        with self._database.connection() as connection:
            rows = connection.execute(SQL_HISTORY, (streams, LightRefined.TYPE, limit), binary=True).fetchall()
        names = ("id", "type", "stream", "version", "time", "recorded", "data")
        events = [Event(**dict(zip(names, row, strict=True)) | {"data": bytes(row[-1])}) for row in rows]
        return [(from_micros(event.time), decode(event)) for event in events]


def known(state: LightState) -> Known:
    """The light's state in degrees, metres and instants."""
    live, signs = state.live, state.signs
    stay = None
    if live.since:
        stay = Standing(
            degrees(live.lon),
            degrees(live.lat),
            live.sigma / CENTIMETRES,
            live.scatter / CENTIMETRES,
            from_micros(live.since * SECOND_US),
            from_micros(live.seen * SECOND_US),
            live.used,
            live.count,
            near_m(live, 0),
            from_micros(live.suspect * SECOND_US) if live.suspect else None,
        )
    newest = from_micros(state.newest) if state.newest else None
    lit, dark = (from_micros(at) if at else None for at in (signs.on, signs.off))
    battery = signs.battery if signs.metered else None
    return Known(newest, state.silent, stay, _fixes(state), lit, dark, battery, patience(state.contacts) * TICK_SECONDS)


# "pending": not read yet; "thinned": another of its two minutes counts; "forgotten": older than what is kept.
Fate = SeenFix | Reason | Literal["pending", "thinned", "forgotten"]


def fate(ping: Ping, known: Known, refused: str | None) -> Fate:
    """What became of a raw ping's position: the fix that it is now, or why it is none; ``refused``: by that reason."""
    if refused is not None:
        return cast("Reason", refused)
    if known.newest is None or ping.event_time > known.newest:
        return "pending"
    if ping.fix != "ok":
        return "no_fix"
    fixed = to_micros(min(ping.fix_time or ping.event_time, ping.event_time)) // SECOND_US
    seconds = {to_micros(fix.time) // SECOND_US: fix for fix in known.fixes}
    there = seconds.get(fixed)
    if there and (there.lon, there.lat) == (degrees(units(ping.lon or 0)), degrees(units(ping.lat or 0))):
        return there
    if seconds and fixed // SLOT_SECONDS < min(seconds) // SLOT_SECONDS:
        return "forgotten"
    return "thinned" if fixed // SLOT_SECONDS in {at // SLOT_SECONDS for at in seconds} else "pending"


def _fixes(state: LightState) -> list[SeenFix]:
    """The fixes that the tail still holds, oldest first; without a stay, metres count from the newest fix."""
    live = state.live
    fixes = packed.between(state.tail, 0, packed.length(state.tail))
    if not fixes:
        return []
    lon0, lat0 = (live.lon, live.lat) if live.since else fixes[-1][1:3]
    east, north = scale(lat0)
    seen = []
    for index, (t, lon, lat, error, flags) in enumerate(fixes):
        x, y = (lon - lon0) * east, (lat - lat0) * north
        # Before a stay was found, only the place of its fixes counted: what an older stay thought of them does not.
        beginning = t <= live.decided
        allowed = BEGINNING_M if beginning else near_m(live, error)
        far = hypot(x, y) > allowed if beginning else bool(flags & FAR)
        verdict = _verdict(live, t, flags, far=far, recent=index >= len(fixes) - LOOKBACK)
        at = from_micros(t * SECOND_US)
        seen.append(SeenFix(at, degrees(lon), degrees(lat), error / HALF_METRES, x, y, allowed, verdict))
    return seen


def _verdict(live: Stay, t: int, flags: int, *, far: bool, recent: bool) -> Verdict:
    if flags & FAST:
        return "too_fast"
    if flags & MOVING:
        return "moving"
    if not live.since or t < live.since:
        return "earlier"
    if far:
        return "outlier"
    return "used" if recent else "replaced"
