"""The composition root of the feed service."""

from dataclasses import dataclass
from pathlib import Path

from services.navfeed.adapters.ledger_postgres import PostgresLedger
from services.navfeed.adapters.rendering import Imprint, Rendering
from services.navfeed.application.publishing import Publishing
from services.navfeed.domain.publisher import Publisher
from shared.contracts.topics import SITUATIONS
from shared.db.pool import Database
from shared.eventlog.port import EventLog, Message
from shared.eventlog.relay import Relay
from shared.events.envelope import Event
from shared.eventstore.postgres import PostgresStore
from shared.projection.books_postgres import PostgresBooks
from shared.projection.grid import GridRunner
from shared.projection.worker import Part

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
    namespace: str

    def parts(self, log: EventLog) -> list[Part]:
        """What the worker steps: the publisher and the relay."""
        relay = Relay(self.database, self.store, log, to_message, name=SCHEMA)
        publisher = GridRunner(Publisher(self.namespace), log, PostgresBooks(self.database), sink=self.publishing)
        return [
            Part("navfeed publisher", publisher.step, publisher.close),
            Part("navfeed relay", relay.step, relay.close),
        ]


def build(url: str, namespace: str, imprint: Imprint) -> Navfeed:
    """Build on the database at ``url``, whose migrations have run."""
    database = Database(url, SCHEMA)
    ledger = PostgresLedger(database)
    publishing = Publishing(ledger, Rendering(imprint))
    return Navfeed(database, PostgresStore(database), ledger, publishing, namespace)
