"""The composition root of the feed service."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from services.navfeed.adapters.beginning import LogBeginning
from services.navfeed.adapters.ledger_postgres import PostgresLedger
from services.navfeed.adapters.rendering import Imprint, Rendering
from services.navfeed.api import basemap, measures, products
from services.navfeed.application.documents import Documents
from services.navfeed.application.feed import Feed, LedgerSource
from services.navfeed.application.publishing import Publishing
from services.navfeed.domain.publisher import Publisher
from services.navfeed.web import pages
from shared.clock import WallClock
from shared.contracts.topics import SITUATIONS
from shared.db.migrate import KERNEL
from shared.db.pool import Database
from shared.eventlog.port import EventLog, Message
from shared.eventlog.relay import Relay
from shared.events.envelope import Event
from shared.eventstore.postgres import PostgresStore
from shared.projection.books_postgres import PostgresBooks
from shared.projection.grid import GridRunner
from shared.projection.worker import Part
from shared.settings import Settings
from shared.web.app import api_of, create_app
from shared.web.health import database_check, outbox_check, progress_check, schema_check
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
    namespace: str

    def parts(self, log: EventLog) -> list[Part]:
        """What the worker steps: the publisher and the relay."""
        relay = Relay(self.database, self.store, log, to_message, name=SCHEMA)
        publisher = GridRunner(Publisher(self.namespace), log, PostgresBooks(self.database), sink=self.publishing)
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
        ]
        app = create_app("navfeed", settings, web, url_prefix="/feed", title="Leitbake: Feed", checks=checks)
        feed = Feed(
            ledger=self.ledger,
            documents=Documents(self.ledger, LogBeginning(self.database, log), self.rendering.empty),
            hub=Hub(LedgerSource(self.ledger)),
            clock=clock,
            basemap=settings.data_dir / "map" / "basemap.pmtiles",
        )
        for doors in (products, measures, basemap):
            api_of(app).register_blueprint(doors.blueprint(feed))
        app.register_blueprint(pages.blueprint(feed))
        return app


def build(url: str, namespace: str, imprint: Imprint) -> Navfeed:
    """Build on the database at ``url``, whose migrations have run."""
    database = Database(url, SCHEMA)
    ledger = PostgresLedger(database)
    rendering = Rendering(imprint)
    publishing = Publishing(ledger, rendering)
    return Navfeed(database, PostgresStore(database), ledger, publishing, rendering, namespace)
