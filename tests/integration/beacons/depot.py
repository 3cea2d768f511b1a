"""The beacon service's doors on a database of their own, keys for every role, and its worker by hand."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import services.beacons.bootstrap as beacons
from services.beacons.domain import depots
from shared.clock import WallClock
from shared.contracts import devices as d
from shared.contracts import sites as s
from shared.contracts.base import Point
from shared.contracts.topics import DEVICES, PINGS, SITES
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.eventlog.port import EventLog, Mark, Message, Record
from shared.events.envelope import Event
from shared.projection.worker import Part
from shared.settings import Settings
from shared.web.doors import Role
from shared.web.keys import ApiKeys
from tests.support.city import contract

ROLES = [role for role in get_args(Role) if role != "public"]
RESTING = depots.Depot("Bauhof", Point((8.4, 50.1)), 75.0)
API = "/beacons/api/v1"
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
CENTRE = (8.27, 50.0)
PINGS_DOOR = f"{API}/pings"


class Depot:
    """A built beacon service and the client at its doors; ``key``: the header for a role."""

    def __init__(self, url: str, data_dir: Path) -> None:
        self.clock = WallClock()
        self.beacons = beacons.build(url, self.clock, None, [RESTING])
        self.web = Database(url, "web")
        self.log: EventLog = open_log(url, self.clock)
        self.settings = Settings(master_key=bytes(32), data_dir=data_dir, requests_per_s=100_000)
        self.app: Flask = self.beacons.app(self.log, self.settings, self.web)
        self.client: FlaskClient = self.app.test_client()
        self.keys = ApiKeys(self.web, self.clock)
        self._parts: list[Part] = self.beacons.parts(self.log)
        self._tokens: dict[Any, str] = {}
        self._versions: dict[str, int] = {}
        self.work()

    def key(self, role: Role, *scopes: str) -> dict[str, str]:
        """A header that speaks for ``role``."""
        if (role, scopes) not in self._tokens:
            self._tokens[role, scopes] = self.keys.create(role, "test", scopes).token
        return {"Authorization": f"Bearer {self._tokens[role, scopes]}"}

    def work(self) -> None:
        """What the worker would do by now."""
        idle = 0
        while idle < 2:
            moved = [part.step() for part in self._parts]  # all of them, not up to the first
            idle = 0 if any(moved) else idle + 1

    def register(self, *devices: str) -> None:
        lines = "\n".join(f"{device},warning_light" for device in devices)
        answer = self.client.post(
            "/beacons/api/v1/devices",
            data=f"device_id,kind\n{lines}\n",
            content_type="text/csv",
            headers=self.key("fleet"),
        )
        assert answer.status_code == 200
        self.work()

    def tell(self, payload: Any, stream: str, topic: str = DEVICES.name) -> None:
        """An event of lights, sites or permits, as the log would bring it."""
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        self.log.send([Message(topic, contract(payload, stream, version, self.clock.now()))])
        self.work()

    def send(self, body: bytes | str, media_type: str = "application/x-ndjson", **headers: str) -> TestResponse:
        key = headers or self.key("fleet")
        return self.client.post(PINGS_DOOR, data=body, content_type=media_type, headers=key)

    def stored(self) -> list[Event]:
        """All pings on the log."""
        marks = {partition: Mark() for partition in self.log.partitions(PINGS.name)}
        records: list[Record] = [record for chunk in self.log.read(marks, 100_000) for record in chunk.records]
        return [record.event for record in records if record.event.stream.startswith("ping:")]

    def close(self) -> None:
        self.app.extensions["ticker"].stop()
        for part in self._parts:
            part.close()
        for thread in threading.enumerate():
            if thread.name == "sse":  # ends by itself once nobody listens
                thread.join()
        for one in (self.beacons.database, self.web, self.log):
            one.close()


def stand(lon: float = 8.27) -> d.Stand:
    return d.Stand(lon=lon, lat=50.0, sigma_m=1.5, since=AT, observed_at=AT, fixes=12)


def placed(depot: Depot, device: str, lon: float = 8.27) -> None:
    depot.tell(d.LightPlaced(device_id=device, stand=stand(lon), lamp="on"), f"light:{device}")


def set_up(depot: Depot, *lights: str, site: str = "p1-a", permit: str | None = "p1") -> None:
    fact = s.SetUpDetected(site_id=site, permit_id=permit, measure_ids=("m1",), at=AT, lights=lights)
    depot.tell(fact, f"site:{site}", SITES.name)


def moved_away(depot: Depot, device: str) -> None:
    depot.tell(d.LightMovedAway(device_id=device, at=AT), f"light:{device}")


def ask(depot: Depot, address: str, role: Any = "fleet", **more: Any) -> TestResponse:
    return depot.client.get(API + address, headers=depot.key(role), **more)
