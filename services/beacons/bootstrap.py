"""The composition root of the beacon service."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask

from services.beacons.adapters.depots import kept_depots
from services.beacons.api import devices, lights, pings, searched, watch
from services.beacons.api.errors import register_errors
from services.beacons.application.fleet import FleetView
from services.beacons.application.fleet_alarms import AlarmDesk, published
from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.fleet_light import LightReads
from services.beacons.application.fleet_orders import OrderReads, OrdersView
from services.beacons.application.fleet_search import FleetSearch
from services.beacons.application.known import KnownDevices
from services.beacons.application.reads import FleetReads
from services.beacons.application.refusals import Refusals
from services.beacons.application.registry import Registry
from services.beacons.application.shown import LightSource
from services.beacons.application.ticker import Ticker
from services.beacons.domain.depots import Depot
from services.beacons.domain.gate import ServiceArea
from services.beacons.domain.life import USUAL, Patience
from services.beacons.domain.light import LightsStage
from services.beacons.domain.sites import SitesDecider
from services.beacons.web import pages
from shared.clock import SECOND_US, Clock
from shared.contracts.topics import DEVICES, SITES
from shared.db.migrate import KERNEL
from shared.db.pool import Database
from shared.eventlog.port import EventLog, Message
from shared.eventlog.relay import Relay
from shared.events.envelope import Event
from shared.eventstore.postgres import PostgresStore
from shared.geo.imported import imported_network
from shared.geo.network import RoadNetwork
from shared.projection.books_postgres import PostgresBooks
from shared.projection.grid import GridRunner
from shared.projection.keyed import KeyedRunner
from shared.projection.live import LiveView
from shared.projection.worker import Part
from shared.settings import Settings
from shared.web.app import api_of, create_app
from shared.web.health import database_check, outbox_check, parked_check, progress_check, schema_check
from shared.web.lateness import view_waits, waiting_since
from shared.web.sse import Hub

SCHEMA = "beacons"
MIGRATIONS = Path(__file__).parent / "migrations"


def to_message(event: Event) -> Message:
    """Events of sites go to the sites' topic, those of lights, alarms and of the registry to the devices'."""
    if event.stream.startswith("alarm:"):
        return Message(DEVICES.name, published(event))
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
    sites: SitesDecider
    depots: Sequence[Depot] = ()

    def parts(self, log: EventLog) -> list[Part]:
        """What the worker steps: lights, sites, the views of the fleet and of what is ordered, and the relay."""
        lights = KeyedRunner(LightsStage(self.area), log, PostgresBooks(self.database))
        sites = GridRunner(self.sites, log, PostgresBooks(self.database))
        fleet = LiveView(self.fleet, log, self.database)
        orders = LiveView(OrdersView(), log, self.database)
        relay = Relay(self.database, self.store, log, to_message, name=SCHEMA)
        return [
            Part("beacons lights", lights.step, lights.close),
            Part("beacons sites", sites.step, sites.close),
            Part("beacons fleet", fleet.step, fleet.close),
            Part("beacons orders", orders.step, orders.close),
            Part("beacons relay", relay.step, relay.close),
        ]

    def app(self, log: EventLog, settings: Settings, web: Database) -> Flask:
        """The doors and pages under ``/beacons``; ``web`` holds keys and accounts.

        The ticker starts with the first request a process gets; ``app.extensions["ticker"].start()`` does it at once.
        """
        checks = [
            database_check(self.database),
            schema_check(self.database.url, SCHEMA, [KERNEL, MIGRATIONS]),
            outbox_check(self.database, self.clock),
            progress_check(self.database, log, LightsStage.group, topics=[LightsStage.topic], clock=self.clock),
            parked_check(self.database),
        ]
        looks = [
            partial(waiting_since, self.database, log, LightsStage.group, [LightsStage.topic]),
            partial(view_waits, self.database, log, FleetView.name, FleetView.topics),
        ]
        app = create_app(
            "beacons", settings, web, url_prefix="/beacons", title="Leitbake: Warnleuchten", checks=checks, looks=looks
        )
        reads, refusals, orders = FleetReads(self.database), Refusals(self.database), OrderReads(self.database)
        ticker = Ticker(log, self.clock, refusals.write)
        fleet = FleetDoors(
            log=log,
            clock=self.clock,
            registry=self.registry,
            reads=reads,
            search=FleetSearch(self.database, orders),
            lights=LightReads(self.database),
            orders=orders,
            alarms=AlarmDesk(self.store, reads, self.clock),
            depots=self.depots,
            known=KnownDevices(reads),
            refusals=refusals,
            hub=Hub(LightSource(reads)),
        )
        for doors in (pings, devices, lights, searched, watch):
            api_of(app).register_blueprint(doors.blueprint(fleet))
        app.register_blueprint(pages.blueprint(fleet))
        register_errors(app)
        app.extensions["ticker"] = ticker
        app.before_request(ticker.start)
        return app


def build(
    url: str,
    clock: Clock,
    area: ServiceArea | None,
    depots: Sequence[Depot] = (),
    patience: Patience = USUAL,
    *,
    network: RoadNetwork | None = None,
) -> Beacons:
    """Build on the database at ``url``, whose migrations have run. ``network``: the city's streets, if imported."""
    database = Database(url, SCHEMA)
    store = PostgresStore(database)
    sites = SitesDecider(depots, patience, network)
    return Beacons(database, store, clock, Registry(store, clock), FleetView(depots), area, sites, depots)


def installed(url: str, settings: Settings, clock: Clock, network: RoadNetwork | None) -> Beacons:
    """As the settings and the data folder say. ``network``: see ``build``."""
    area, depots = ServiceArea(*settings.service_area), kept_depots(settings.data_dir)
    return build(url, clock, area, depots, patience(settings), network=network)


def alone(url: str, settings: Settings, clock: Clock) -> Beacons:
    """As installed, in a process of its own."""
    return installed(url, settings, clock, imported_network(settings.data_dir))


def patience(settings: Settings) -> Patience:
    return Patience(
        hold=settings.clear_hold_s * SECOND_US,
        settle=settings.settle_s * SECOND_US,
        grace=settings.not_set_up_s * SECOND_US,
    )
