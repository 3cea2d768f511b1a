"""The composition root of the permit service."""

from dataclasses import dataclass
from pathlib import Path

from services.permits.application.cases import CasesView
from services.permits.application.desk import Desk, to_message
from services.permits.domain.measures import ServiceArea
from shared.clock import Clock
from shared.db.pool import Database
from shared.eventlog.port import EventLog
from shared.eventlog.relay import Relay
from shared.eventstore.as_log import StoreAsLog
from shared.eventstore.postgres import PostgresStore
from shared.projection.live import LiveView
from shared.projection.worker import Part

SCHEMA = "permits"
MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Permits:
    """The built service: what its doors and its worker use."""

    database: Database
    store: PostgresStore
    clock: Clock
    desk: Desk
    cases: CasesView

    @property
    def own_log(self) -> StoreAsLog:
        return StoreAsLog(self.store)

    def parts(self, log: EventLog) -> list[Part]:
        """What the worker steps: the relay and the view."""
        relay = Relay(self.database, self.store, log, to_message, name=SCHEMA)
        cases = LiveView(self.cases, self.own_log, self.database)
        return [
            Part("permits relay", relay.step, relay.close),
            Part("permits cases", cases.step, cases.close),
        ]


def build(url: str, clock: Clock, area: ServiceArea) -> Permits:
    """Build on the database at ``url``, whose migrations have run."""
    database = Database(url, SCHEMA)
    store = PostgresStore(database)
    return Permits(database, store, clock, Desk(store, clock, area), CasesView())
