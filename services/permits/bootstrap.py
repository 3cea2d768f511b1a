"""The composition root of the permit service."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask

from services.permits.adapters.kept_city import KeptCity
from services.permits.api.endpoints import api_blueprint
from services.permits.api.streets import streets_blueprint
from services.permits.application.cases import CasesView
from services.permits.application.desk import Desk, to_message
from services.permits.application.filters import SavedFilters
from services.permits.application.form_drafts import FormDrafts
from services.permits.application.house import House
from services.permits.application.intake import Intake
from services.permits.application.office import EXTENSION, Office
from services.permits.application.onsite import OnSiteReads, OnSiteView
from services.permits.application.people import People
from services.permits.application.queue import Queue
from services.permits.domain.measures import ServiceArea
from services.permits.web.pages import pages_blueprint
from shared.clock import Clock
from shared.db.migrate import KERNEL
from shared.db.pool import Database
from shared.eventlog.port import EventLog
from shared.eventlog.relay import Relay
from shared.eventstore.as_log import StoreAsLog
from shared.eventstore.postgres import PostgresStore
from shared.privacy.vault import PRIVACY_MIGRATIONS, Vault
from shared.projection.live import LiveView
from shared.projection.worker import Part
from shared.settings import Settings
from shared.web.app import api_of, create_app
from shared.web.health import database_check, outbox_check, parked_check, schema_check
from shared.web.lateness import view_waits

SCHEMA = "permits"
PREFIX = "/permits"
MIGRATIONS = Path(__file__).parent / "migrations"
FOLDERS = (KERNEL, PRIVACY_MIGRATIONS, MIGRATIONS)
AUTHORITY = "Straßenverkehrsbehörde"


@dataclass(frozen=True)
class Permits:
    """The built service: what its doors and its worker use."""

    database: Database
    store: PostgresStore
    office: Office
    cases: CasesView
    onsite: OnSiteView

    @property
    def own_log(self) -> StoreAsLog:
        return StoreAsLog(self.store)

    def parts(self, log: EventLog) -> list[Part]:
        """What the worker steps: the relay and the views."""
        relay = Relay(self.database, self.store, log, to_message, name=SCHEMA)
        cases = LiveView(self.cases, self.own_log, self.database)
        onsite = LiveView(self.onsite, log, self.database)
        return [
            Part("permits relay", relay.step, relay.close),
            Part("permits cases", cases.step, cases.close),
            Part("permits onsite", onsite.step, onsite.close),
        ]

    def app(self, log: EventLog, settings: Settings, web: Database) -> Flask:
        """The doors and pages under ``/permits``; ``web`` holds keys and accounts."""
        clock = self.office.clock
        checks = [
            database_check(self.database),
            schema_check(self.database.url, SCHEMA, FOLDERS),
            outbox_check(self.database, clock),
            parked_check(self.database),
        ]
        looks = [
            partial(view_waits, self.database, self.own_log, self.cases.name, self.cases.topics),
            partial(view_waits, self.database, log, self.onsite.name, self.onsite.topics),
        ]
        app = create_app(
            SCHEMA, settings, web, url_prefix=PREFIX, title="Leitbake: Vorgänge", checks=checks, looks=looks
        )
        self.add_doors(app)
        return app

    def add_doors(self, app: Flask) -> None:
        """Give the app made by ``create_app`` this service's API and pages."""
        app.extensions[EXTENSION] = self.office
        for blueprint in (api_blueprint(), streets_blueprint()):
            api_of(app).register_blueprint(blueprint)
        app.register_blueprint(pages_blueprint(), url_prefix=PREFIX)


def build(url: str, settings: Settings, clock: Clock) -> Permits:
    """Build on the database at ``url``, whose migrations (``FOLDERS``) have run."""
    database = Database(url, SCHEMA)
    return build_on(database, Queue(database), settings, clock)


def build_on(database: Database, queue: Queue, settings: Settings, clock: Clock) -> Permits:
    """Build on given parts, for tests."""
    area = ServiceArea(*settings.service_area)
    house = House(settings.namespace, f"{AUTHORITY} {settings.city}")
    store = PostgresStore(database)
    vault = Vault(database, settings.master_key, clock)
    people = People(vault)
    desk = Desk(store, clock, area, people.alike)
    office = Office(
        desk=desk,
        queue=queue,
        people=people,
        intake=Intake(desk, queue, people, house),
        house=house,
        area=area,
        clock=clock,
        onsite=OnSiteReads(database),
        filters=SavedFilters(database),
        form_drafts=FormDrafts(database, vault, clock),
        streets=KeptCity(settings.data_dir),
    )
    return Permits(database, store, office, CasesView(), OnSiteView())
