"""The composition root of the feed service."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask

from services.navfeed.adapters import geojson_schema
from services.navfeed.adapters.beginning import LogBeginning
from services.navfeed.adapters.ledger_postgres import PostgresLedger
from services.navfeed.adapters.rendering import Imprint, Rendering
from services.navfeed.api import basemap, measures, products, schema
from services.navfeed.application.documents import Documents
from services.navfeed.application.feed import Feed, LedgerSource
from services.navfeed.application.publishing import Publishing
from services.navfeed.domain.publisher import Publisher
from services.navfeed.web import feed_page, pages
from shared.clock import Clock, WallClock
from shared.contracts.topics import SITUATIONS
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
from shared.projection.worker import Part
from shared.settings import Settings
from shared.web.app import api_of, create_app
from shared.web.health import database_check, outbox_check, parked_check, progress_check, schema_check
from shared.web.key_pages import key_pages
from shared.web.lateness import Behind, waiting_since
from shared.web.sse import Hub

SCHEMA = "navfeed"
MIGRATIONS = Path(__file__).parent / "migrations"


def to_message(event: Event) -> Message:
    """Publications are contract events as they are stored."""
    return Message(SITUATIONS.name, event)


@dataclass(frozen=True)
class Navfeed:
    """The built service: what its doors and its worker use."""

    database: Database
    store: PostgresStore
    ledger: PostgresLedger
    publishing: Publishing
    rendering: Rendering
    publisher: Publisher

    def parts(self, log: EventLog) -> list[Part]:
        """What the worker steps: the publisher and the relay."""
        relay = Relay(self.database, self.store, log, to_message, name=SCHEMA)
        publisher = GridRunner(self.publisher, log, PostgresBooks(self.database), sink=self.publishing)
        return [
            Part("navfeed publisher", publisher.step, publisher.close),
            Part("navfeed relay", relay.step, relay.close),
        ]

    def app(self, log: EventLog, settings: Settings, web: Database) -> Flask:
        """The doors and pages under ``/``, ``/map`` and ``/feed``; ``web`` holds keys and accounts."""
        clock = WallClock()
        checks = [
            database_check(self.database),
            schema_check(self.database.url, SCHEMA, [KERNEL, MIGRATIONS]),
            outbox_check(self.database, clock),
            progress_check(self.database, log, Publisher.group, topics=Publisher.topics, clock=clock),
            parked_check(self.database),
        ]
        looks = [partial(waiting_since, self.database, log, Publisher.group, Publisher.topics)]
        app = create_app(
            "navfeed", settings, web, url_prefix="/feed", title="Leitbake: Feed", checks=checks, looks=looks
        )
        feed = Feed(
            ledger=self.ledger,
            documents=Documents(self.ledger, LogBeginning(self.database, log), self.rendering.empty),
            hub=Hub(LedgerSource(self.ledger)),
            clock=clock,
            behind_s=Behind(looks[0], clock).seconds,
            basemap=settings.data_dir / "map" / "basemap.pmtiles",
            city=settings.data_dir / "map" / "city.json",
        )
        api = api_of(app)
        for name, shape in geojson_schema.shapes(geojson_schema.OPENAPI).items():
            api.spec.components.schema(name, shape)
        for doors in (products, measures, schema, basemap):
            api.register_blueprint(doors.blueprint(feed))
        app.register_blueprint(pages.blueprint(feed))
        app.register_blueprint(feed_page.blueprint(feed))
        app.register_blueprint(key_pages)
        return app


def build(url: str, namespace: str, imprint: Imprint, network: RoadNetwork | None = None) -> Navfeed:
    """Build on the database at ``url``, whose migrations have run. ``network``: the city's streets, if imported."""
    database = Database(url, SCHEMA)
    ledger = PostgresLedger(database)
    rendering = Rendering(imprint)
    publishing = Publishing(ledger, rendering)
    return Navfeed(database, PostgresStore(database), ledger, publishing, rendering, Publisher(namespace, network))


def installed(url: str, settings: Settings, network: RoadNetwork | None) -> Navfeed:
    """As the settings say. ``network``: see ``build``."""
    return build(url, settings.namespace, imprint(settings), network)


def alone(url: str, settings: Settings, _clock: Clock) -> Navfeed:
    """As installed, in a process of its own."""
    return installed(url, settings, imported_network(settings.data_dir))


def imprint(settings: Settings) -> Imprint:
    return Imprint(settings.publisher, settings.licence, settings.attribution, settings.namespace)
