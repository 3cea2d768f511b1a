"""The three services built together on one machine."""

from typing import NamedTuple, Protocol

import services.beacons.bootstrap as beacons
import services.navfeed.bootstrap as navfeed
import services.permits.bootstrap as permits
from shared.clock import WallClock
from shared.eventlog.port import EventLog
from shared.geo.imported import imported_network
from shared.projection.worker import Part
from shared.settings import Settings


class Working(Protocol):
    """A service that has parts for a worker."""

    def parts(self, log: EventLog) -> list[Part]: ...


class Services(NamedTuple):
    permits: permits.Permits
    beacons: beacons.Beacons
    navfeed: navfeed.Navfeed

    def named(self, name: str) -> Working:
        return self._asdict()[name]  # type: ignore[no-any-return]  # the names are the fields


def build_all(settings: Settings, url: str) -> Services:
    """All three on the database at ``url``."""
    clock = WallClock()
    network = imported_network(settings.data_dir)
    return Services(
        permits.build(url, settings, clock),
        beacons.installed(url, settings, clock, network),
        navfeed.installed(url, settings, network),
    )
