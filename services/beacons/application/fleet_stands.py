"""Where lights stand and whether they shine: nearly all that is ever said of them, written in one go per batch."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from shared.clock import from_micros
from shared.contracts.base import Contract
from shared.contracts.devices import LampChanged, LightPlaced, LightRefined, Stand
from shared.eventlog.port import Record

TAKEN = (LightPlaced, LightRefined, LampChanged)
SQL_STANDS = """
INSERT INTO devices (device_id, seq, lon, lat, sigma_m, fixes, standing_since, observed_at, lamp)
SELECT device, nextval('device_changes'), lon, lat, sigma, fixes, since, observed, lamp
FROM unnest(%b::text[], %b::float8[], %b::float8[], %b::float8[], %b::int[], %b::timestamptz[], %b::timestamptz[],
            %b::text[]) AS stand (device, lon, lat, sigma, fixes, since, observed, lamp)
ON CONFLICT (device_id) DO UPDATE SET
    seq = excluded.seq, lon = excluded.lon, lat = excluded.lat, sigma_m = excluded.sigma_m, fixes = excluded.fixes,
    standing_since = excluded.standing_since, observed_at = excluded.observed_at, lamp = excluded.lamp, moved_at = NULL
"""
SQL_FOUND = """
UPDATE alarms SET closed_at = found.at FROM unnest(%b::text[], %b::timestamptz[]) AS found (device, at)
WHERE alarms.kind = 'moved_away' AND alarms.device_id = found.device AND alarms.closed_at IS NULL
"""
SQL_LAMPS = """
INSERT INTO devices (device_id, seq, lamp)
SELECT device, nextval('device_changes'), lamp FROM unnest(%b::text[], %b::text[]) AS said (device, lamp)
ON CONFLICT (device_id) DO UPDATE SET seq = excluded.seq, lamp = excluded.lamp
"""


class Stands:
    """What was said of stands and lamps since the last ``write``: of each device the last word counts."""

    def __init__(self) -> None:
        self._stands: dict[str, tuple[Stand, str]] = {}
        self._found: dict[str, datetime] = {}
        self._lamps: dict[str, str] = {}

    def take(self, fact: Contract, record: Record) -> bool:
        """Note the fact; False where it is of another kind, to be handled after a ``write``."""
        if isinstance(fact, LightPlaced | LightRefined):
            self._stands[fact.device_id] = (fact.stand, fact.lamp)
            self._found.setdefault(fact.device_id, from_micros(record.time))
            self._lamps.pop(fact.device_id, None)
        elif isinstance(fact, LampChanged):
            if fact.device_id in self._stands:
                self._stands[fact.device_id] = (self._stands[fact.device_id][0], fact.lamp)
            else:
                self._lamps[fact.device_id] = fact.lamp
        else:
            return False
        return True

    def write(self, tx: Connection[Any]) -> None:
        """A light that stands somewhere is no longer away."""
        if self._stands:
            stands = [stand for stand, _ in self._stands.values()]
            columns = [
                list(self._stands),
                [stand.lon for stand in stands],
                [stand.lat for stand in stands],
                [stand.sigma_m for stand in stands],
                [stand.fixes for stand in stands],
                [stand.since for stand in stands],
                [stand.observed_at for stand in stands],
                [lamp for _, lamp in self._stands.values()],
            ]
            tx.execute(SQL_STANDS, columns)
            tx.execute(SQL_FOUND, (list(self._found), list(self._found.values())))
        if self._lamps:
            tx.execute(SQL_LAMPS, (list(self._lamps), list(self._lamps.values())))
        self._stands, self._found, self._lamps = {}, {}, {}
