"""What is watched: each service through its own database role, its store, its views, and the log they share."""

from collections.abc import Mapping
from typing import NamedTuple

from services.beacons.application.fleet_orders import OrdersView
from services.suite.city_services import Services
from shared.db.pool import Database
from shared.eventlog.port import EventLog, Readable
from shared.eventstore.as_log import OWN_STORE, StoreAsLog
from shared.eventstore.port import EventStore
from shared.projection.protocols import View

BEACONS = "beacons"
VIEWS = ("cases", "onsite", "fleet", "orders")


class Watched(NamedTuple):
    """``views`` by their names; each reads the shared log or the service's own store, as its topics say."""

    name: str
    database: Database
    store: EventStore
    views: Mapping[str, View]


class Watch(NamedTuple):
    log: EventLog
    services: Mapping[str, Watched]

    def source(self, service: str, topic: str) -> Readable:
        """Where ``topic`` is read by that service."""
        return StoreAsLog(self.services[service].store) if topic == OWN_STORE else self.log

    def view(self, name: str) -> tuple[Watched, View]:
        """The view of that name and whose it is; raises ``KeyError``."""
        for service in self.services.values():
            if name in service.views:
                return service, service.views[name]
        raise KeyError(name)


def watch(services: Services, log: EventLog) -> Watch:
    """All three services of this installation."""
    views: dict[str, list[View]] = {
        "permits": [services.permits.cases, services.permits.onsite],
        BEACONS: [services.beacons.fleet, OrdersView()],
    }
    return Watch(
        log,
        {
            name: Watched(name, part.database, part.store, {view.name: view for view in views.get(name, ())})
            for name, part in services._asdict().items()
        },
    )
