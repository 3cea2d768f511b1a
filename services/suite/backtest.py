"""The same services' code in one process, on a clock that follows the recordings.

Stage after stage in memory, sorted between stages by (time, stream, version): lights over the pings, sites over
permits and lights, the publisher over permits and sites. ``received_time`` is log time, and the ping door is always
open. The same input gives the same bytes.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, NamedTuple

from services.beacons.application.door import tick
from services.beacons.domain.gate import ServiceArea
from services.beacons.domain.light import LightsStage
from services.beacons.domain.sites import SitesDecider
from services.navfeed.adapters.ledger_memory import MemoryLedger
from services.navfeed.adapters.rendering import Imprint, Rendering
from services.navfeed.application.publishing import Publishing
from services.navfeed.domain.publisher import Publisher
from shared.clock import Micros, SteeredClock
from shared.contracts.pings import TICK_SECONDS
from shared.contracts.topics import DEVICES, PERMITS, PINGS, SITES, Topic
from shared.eventlog.memory import MemoryLog
from shared.eventlog.port import Message
from shared.events.envelope import Event
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import Batch
from shared.geo.network import RoadNetwork
from shared.projection.books import Refused
from shared.projection.books_memory import MemoryBooks
from shared.projection.consumer import Consumer
from shared.projection.grid import GridRunner, Write
from shared.projection.keyed import KeyedRunner

BATCH = 100_000  # states are packed once per batch
SLOT_US = TICK_SECONDS * 1_000_000


class Recording(NamedTuple):
    """What goes in: contract events of permits and registry, pings, each with its log time inside (``recorded``).

    ``pings``: in shares, read and worked on side by side; all pings of a light are in one of them.
    """

    permits: Sequence[Event]
    registry: Sequence[Event]
    pings: Sequence[Callable[[], Sequence[Event]]]
    start: Micros
    end: Micros


class Replayed(NamedTuple):
    """What comes out. ``pings`` were read; ``events``: of all stages in the order of the city."""

    pings: int
    events: Sequence[Event]
    ledger: MemoryLedger
    quarantined: Sequence[Refused]


def replay(
    recording: Recording,
    *,
    namespace: str,
    imprint: Imprint,
    area: ServiceArea | None = None,
    sites: SitesDecider | None = None,
    network: RoadNetwork | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Replayed:
    """Run all stages over the recording up to its end; ``network``: the streets that the feed tells of."""
    progress("lights")
    lights = _lights(recording, area)
    devices = in_order([*recording.registry, *(event for share in lights for event in share.events)])
    progress("sites")
    found = _grid(sites or SitesDecider(), [(PERMITS, recording.permits), (DEVICES, devices)], recording.end, None)
    progress("feed")
    clock = SteeredClock(recording.start)
    ledger = MemoryLedger(clock)
    publishing = Publishing(ledger, Rendering(imprint))

    def publish(tx: Any, writes: Sequence[Write]) -> Sequence[Batch]:
        batches: list[Batch] = []
        for write in writes:
            clock.set(write.decided)
            batches += publishing(tx, [write])
        return _joined(batches)

    inputs = [(PERMITS, recording.permits), (SITES, found)]
    situations = _grid(Publisher(namespace, network), inputs, recording.end, publish)
    events = in_order([*recording.permits, *devices, *found, *situations])
    quarantined = [refused for share in lights for refused in share.quarantined]
    return Replayed(sum(share.pings for share in lights), events, ledger, quarantined)


def in_order(events: Iterable[Event]) -> list[Event]:
    """By (time, stream, version), the time being when they were decided."""
    return sorted(events, key=lambda event: (event.recorded, event.stream, event.version))


class _Lights(NamedTuple):
    """What one share of the pings gave."""

    pings: int
    events: list[Event]
    quarantined: list[Refused]


def _lights(recording: Recording, area: ServiceArea | None) -> list[_Lights]:
    """Each light on its own (law 7), so a long recording is shared out among the processors."""
    shares = range(len(recording.pings))
    if len(shares) < 2:
        return [_share(recording, area, share) for share in shares]
    # A fork has the recording already; nothing runs here that a fork would break.
    keeping = (recording, area)
    with ProcessPoolExecutor(len(shares), get_context("fork"), initializer=_keep, initargs=keeping) as pool:
        return list(pool.map(_kept_share, shares))


_kept: list[tuple[Recording, ServiceArea | None]] = []


def _keep(recording: Recording, area: ServiceArea | None) -> None:
    """In a worker, as it begins."""
    _kept.append((recording, area))


def _kept_share(share: int) -> _Lights:
    return _share(*_kept[0], share)


def _share(recording: Recording, area: ServiceArea | None, share: int) -> _Lights:
    """One partition; a tick per slot before the pings of its half minute."""
    log, store = MemoryLog(SteeredClock(recording.end)), MemoryStore()
    books = MemoryBooks(store)
    log.ensure([Topic(PINGS.name, PINGS.key, partitions=1)])
    slot = recording.start // SLOT_US
    pings = recording.pings[share]()
    for event in sorted(pings, key=lambda event: event.recorded):
        while slot * SLOT_US <= event.recorded:
            log.put(tick(slot, 0, slot * SLOT_US), slot * SLOT_US)
            slot += 1
        log.put(Message(PINGS.name, event), event.recorded)
    while slot * SLOT_US <= recording.end:
        log.put(tick(slot, 0, slot * SLOT_US), slot * SLOT_US)
        slot += 1
    _drain(KeyedRunner(LightsStage(area), log, books, limit=BATCH))
    return _Lights(len(pings), [stored.event for stored in store.after(0, store.last())], books.quarantine)


def _grid(decider: Any, inputs: Sequence[tuple[Topic, Sequence[Event]]], end: Micros, sink: Any) -> list[Event]:
    log, store = MemoryLog(SteeredClock(end)), MemoryStore()
    log.ensure([topic for topic, _ in inputs])
    for topic, events in inputs:
        for event in in_order(events):
            log.put(Message(topic.name, event), event.recorded)
    _drain(GridRunner(decider, log, MemoryBooks(store), sink=sink))
    return [stored.event for stored in store.after(0, store.last())]


def _drain(consumer: Consumer) -> None:
    """Until nothing happens any more; the first empty step may have sealed the inputs."""
    idle = 0
    while idle < 2:
        idle = 0 if consumer.step() else idle + 1


def _joined(batches: Sequence[Batch]) -> list[Batch]:
    joined: dict[str, Batch] = {}
    for batch in batches:
        before = joined.get(batch.stream)
        joined[batch.stream] = batch if before is None else before._replace(events=[*before.events, *batch.events])
    return list(joined.values())
