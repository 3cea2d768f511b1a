"""What the doors of the beacon service stand on: built once per process by the composition root."""

from dataclasses import dataclass

from services.beacons.application.known import KnownDevices
from services.beacons.application.reads import FleetReads
from services.beacons.application.registry import Registry
from shared.clock import Clock
from shared.eventlog.port import EventLog
from shared.web.sse import Hub


@dataclass(frozen=True)
class FleetDoors:
    log: EventLog
    clock: Clock
    registry: Registry
    reads: FleetReads
    known: KnownDevices
    hub: Hub
