"""The three services built together on one machine."""

from pathlib import Path
from typing import NamedTuple, Protocol

import services.beacons.bootstrap as beacons
import services.navfeed.bootstrap as navfeed
import services.permits.bootstrap as permits
from services.beacons.adapters.depots import read_depots
from services.beacons.domain.binding import Depot
from services.beacons.domain.gate import ServiceArea as GateArea
from services.beacons.domain.life import Patience
from services.navfeed.adapters.rendering import Imprint
from shared.clock import SECOND_US, WallClock
from shared.eventlog.port import EventLog
from shared.projection.worker import Part
from shared.settings import Settings

DEPOTS = "depots.geojson"


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
    area = settings.service_area
    return Services(
        permits.build(url, settings, clock),
        beacons.build(url, clock, GateArea(*area), kept_depots(settings.data_dir), patience(settings)),
        navfeed.build(url, settings.namespace, imprint(settings)),
    )


def kept_depots(data_dir: Path) -> list[Depot]:
    """The depots that ``leitbake depots import`` left in the data folder."""
    path = data_dir / DEPOTS
    return read_depots(path.read_bytes()) if path.exists() else []


def patience(settings: Settings) -> Patience:
    return Patience(
        hold=settings.clear_hold_s * SECOND_US,
        settle=settings.settle_s * SECOND_US,
        grace=settings.not_set_up_s * SECOND_US,
    )


def imprint(settings: Settings) -> Imprint:
    return Imprint(settings.publisher, settings.licence, settings.attribution, settings.namespace)
