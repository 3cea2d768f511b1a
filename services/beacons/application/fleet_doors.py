"""What the doors of the beacon service stand on: built once per process by the composition root."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.beacons.application.fleet_alarms import AlarmDesk
from services.beacons.application.fleet_light import LightReads
from services.beacons.application.fleet_orders import OrderReads
from services.beacons.application.fleet_search import FleetSearch
from services.beacons.application.known import KnownDevices
from services.beacons.application.reads import FleetReads
from services.beacons.application.refusals import Refusals
from services.beacons.application.registry import Registry
from services.beacons.domain.depots import Depot
from shared.clock import Clock
from shared.eventlog.port import EventLog
from shared.web.sse import Hub


@dataclass(frozen=True)
class FleetDoors:
    log: EventLog
    clock: Clock
    registry: Registry
    reads: FleetReads
    search: FleetSearch
    lights: LightReads
    orders: OrderReads
    alarms: AlarmDesk
    depots: Sequence[Depot]
    known: KnownDevices
    refusals: Refusals
    hub: Hub
