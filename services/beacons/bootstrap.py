"""The composition root of the beacon service."""

from dataclasses import dataclass
from pathlib import Path

from services.beacons.application.fleet import FleetView
from services.beacons.application.registry import Registry
from services.beacons.domain.gate import ServiceArea
from services.beacons.domain.light import LightsStage
from services.beacons.domain.sites import SitesDecider
from shared.clock import Clock
from shared.contracts.topics import DEVICES, SITES
from shared.db.pool import Database
from shared.eventlog.port import EventLog, Message
from shared.eventlog.relay import Relay
from shared.events.envelope import Event
from shared.eventstore.postgres import PostgresStore
from shared.projection.books_postgres import PostgresBooks
from shared.projection.grid import GridRunner
from shared.projection.keyed import KeyedRunner
from shared.projection.live import LiveView
from shared.projection.worker import Part

SCHEMA = "beacons"
MIGRATIONS = Path(__file__).parent / "migrations"


def to_message(event: Event) -> Message:
    """Events of sites go to the sites' topic, those of lights and of the registry to the devices'."""
    return Message(SITES.name if event.stream.startswith("site:") else DEVICES.name, event)


@dataclass(frozen=True)
class Beacons:
    """The built service: what its doors and its worker use."""

    database: Database
    store: PostgresStore
    clock: Clock
    registry: Registry
    fleet: FleetView
    area: ServiceArea | None

    def parts(self, log: EventLog) -> list[Part]:
        """What the worker steps: lights, sites, the view of the fleet, and the relay."""
        lights = KeyedRunner(LightsStage(self.area), log, PostgresBooks(self.database))
        sites = GridRunner(SitesDecider(), log, PostgresBooks(self.database))
        fleet = LiveView(self.fleet, log, self.database)
        relay = Relay(self.database, self.store, log, to_message, name=SCHEMA)
        return [
            Part("beacons lights", lights.step, lights.close),
            Part("beacons sites", sites.step, sites.close),
            Part("beacons fleet", fleet.step, fleet.close),
            Part("beacons relay", relay.step, relay.close),
        ]


def build(url: str, clock: Clock, area: ServiceArea | None) -> Beacons:
    """Build on the database at ``url``, whose migrations have run."""
    database = Database(url, SCHEMA)
    store = PostgresStore(database)
    return Beacons(database, store, clock, Registry(store, clock), FleetView(), area)
