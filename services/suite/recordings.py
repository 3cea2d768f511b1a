"""Files of a backtest: what goes in, and what comes out."""

import json
import os
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from services.beacons.adapters.depots import UnreadableDepotsError, read_depots
from services.beacons.application.door import event_of, read_ping
from services.beacons.application.registry import UnreadableFileError, read_csv
from services.beacons.domain.depots import Depot, depot_around
from services.beacons.domain.gate import ServiceArea as GateArea
from services.permits.adapters.geojson_import import Origin, UnreadableError
from services.permits.adapters.geojson_import import load as load_geojson
from services.permits.adapters.geojson_import import read as read_permits
from services.permits.application.desk import Desk, to_message
from services.permits.domain.case import NEW
from services.permits.domain.errors import RefusedError
from services.permits.domain.imports import steps
from services.permits.domain.measures import ServiceArea
from services.permits.domain.people import Actor
from services.suite.backtest import Recording, Replayed
from shared.clock import Micros, SteeredClock, from_micros, to_micros
from shared.contracts.devices import LightMovedAway, LightPlaced, LightRefined, Stand
from shared.eventlog.partitioner import partition_of
from shared.events.codec import follow_up
from shared.events.envelope import Event
from shared.eventstore.memory import MemoryStore
from shared.geo.citymap import UnreadableCityError
from shared.geo.importing import read_city
from shared.geo.network import RoadNetwork
from shared.settings import Settings

WORTH_SHARING = 20 << 20  # bytes of pings
NOT_WANTED = 255  # more shares than any machine has
ACTOR = Actor("importer", "backtest")
ALARMS = {
    "de.leitbake.light.moved_away.v1": "moved_away",
    "de.leitbake.light.became_silent.v1": "became_silent",
    "de.leitbake.light.fell.v1": "fell",
    "de.leitbake.light.battery_low.v1": "battery_low",
    "de.leitbake.light.lamp_failed.v1": "lamp_failed",
    "de.leitbake.light.recovered.v1": "recovered",
    "de.leitbake.site.not_set_up.v1": "not_set_up",
    "de.leitbake.site.unpermitted_site_suspected.v1": "unpermitted_site_suspected",
    "de.leitbake.site.overrunning.v1": "overrunning",
    "de.leitbake.site.deviation_detected.v1": "deviation",
}


class _Placed(msgspec.Struct):
    """Of ``light.placed`` and ``light.refined`` what is needed here."""

    stand: Stand


_stand = msgspec.json.Decoder(_Placed).decode


class UnreadableRecordingError(Exception):
    """A file that cannot be read; the message names it and says why."""


class Files(NamedTuple):
    permits: Path
    devices: Path
    pings: Path


def load(files: Files, settings: Settings, start: Micros | None, end: Micros | None) -> Recording:
    """Read the files; permits and devices enter at the first instant. Raises ``UnreadableRecordingError``.

    Of the pings only who spoke when: each processor reads its own share of them later, and raises the same.
    """
    jobs = (os.cpu_count() or 1) if files.pings.stat().st_size > WORTH_SHARING else 1
    spoken = _spoken(files.pings, start, end, jobs)
    times = spoken.wanted()
    if not times and (start is None or end is None):
        raise UnreadableRecordingError(f"{files.pings}: no pings, and no --from and --to either")
    first = min(times) if start is None else start
    last = max(times) if end is None else end
    shares = [partial(_share, files.pings, spoken, job) for job in range(jobs)]
    permits, registry = _permits(files.permits, settings, first), _devices(files.devices, first)
    return Recording(permits, registry, shares, first, last)


def gate_area(settings: Settings) -> GateArea:
    return GateArea(*settings.service_area)


def depots(path: Path | None) -> list[Depot]:
    try:
        return read_depots(path.read_bytes()) if path else []
    except UnreadableDepotsError as error:
        raise UnreadableRecordingError(f"{path}: {error}") from error


def network(path: Path | None) -> RoadNetwork | None:
    try:
        return RoadNetwork(read_city(path)) if path else None
    except UnreadableCityError as error:
        raise UnreadableRecordingError(str(error)) from error


def _permits(path: Path, settings: Settings, at: Micros) -> list[Event]:
    """Through the desk, as an import at the door: submitted, approved, published."""
    store = MemoryStore()
    desk = Desk(store, SteeredClock(at), ServiceArea(*settings.service_area))
    origin = Origin(settings.namespace, area=ServiceArea(*settings.service_area))
    try:
        imported = read_permits(load_geojson(path.read_bytes()), origin)
    except UnreadableError as error:
        raise UnreadableRecordingError(f"{path}: {error}") from error
    for incoming in imported.permits:
        try:
            desk.execute(incoming.permit_id, *steps(NEW, incoming, ACTOR), key="backtest")
        except RefusedError as error:
            raise UnreadableRecordingError(f"{path}: {incoming.content.permit.permit_number}: {error}") from error
    return [to_message(stored.event).event for stored in store.after(0, store.last())]


def _devices(path: Path, at: Micros) -> list[Event]:
    try:
        devices, lines = read_csv(path.read_text())
    except (UnreadableFileError, UnicodeDecodeError) as error:
        raise UnreadableRecordingError(f"{path}: {error}") from error
    if lines:
        raise UnreadableRecordingError(f"{path}: {lines[0].reason}")
    return [
        follow_up(d, decider="backtest", stream=f"registry:{d.device_id}", version=1, decided=at, cause=None)
        for d in devices
    ]


class _Head(msgspec.Struct):
    """Whose share a ping belongs to, and when it came."""

    device_id: str
    received_time: datetime


class _Spoken(NamedTuple):
    """Of each line its share (or ``NOT_WANTED``) and its log time."""

    shares: bytearray
    times: "array[int]"

    def wanted(self) -> list[Micros]:
        return [time for share, time in zip(self.shares, self.times, strict=True) if share != NOT_WANTED]


def _spoken(path: Path, start: Micros | None, end: Micros | None, jobs: int) -> _Spoken:
    decode, home = msgspec.json.Decoder(_Head).decode, lru_cache(maxsize=None)(partition_of)
    spoken = _Spoken(bytearray(), array("q"))
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            share, received = NOT_WANTED, 0
            if not line.isspace():
                try:
                    head = decode(line)
                    received = to_micros(head.received_time)
                except (msgspec.MsgspecError, ValueError) as error:
                    raise UnreadableRecordingError(f"{path}, line {number}: {error}") from error
                if (start is None or received >= start) and (end is None or received <= end):
                    share = home(head.device_id, jobs)
            spoken.shares.append(share)
            spoken.times.append(received)
    return spoken


def _share(path: Path, spoken: _Spoken, job: int) -> list[Event]:
    """The pings of one share; raises ``UnreadableRecordingError``."""
    events = []
    with path.open("rb") as lines:
        for number, (share, received, line) in enumerate(zip(*spoken, lines, strict=True), 1):
            if share == job:
                item = line.strip()
                try:
                    events.append(event_of(read_ping(item), item, item, received))
                except (msgspec.MsgspecError, ValueError) as error:
                    raise UnreadableRecordingError(f"{path}, line {number}: {error}") from error
    return events


def write(
    replayed: Replayed, recording: Recording, every: Micros, out: Path, depots: Sequence[Depot] = ()
) -> Mapping[str, Any]:
    """The feed at every step, all events, the alarms, and a summary, which is returned."""
    feeds = out / "feed"
    feeds.mkdir(parents=True, exist_ok=True)
    for earlier in feeds.glob(f"{'[0-9]' * 8}T{'[0-9]' * 6}Z.geojson"):
        earlier.unlink()  # of a run with other steps, which would be read as of this one
    steps = 0
    for at in range(recording.start, recording.end + 1, every):
        document = replayed.ledger.document("roadworks.geojson", from_micros(at))
        if document is not None:
            (feeds / f"{from_micros(at):%Y%m%dT%H%M%SZ}.geojson").write_bytes(document.data)
            steps += 1
    alarms = list(_alarms(replayed.events, depots))
    _lines(out / "events.ndjson", (_event(event) for event in replayed.events))
    numbers = {event.key: _number(event) for event in recording.permits if b'"permit_number"' in event.data}
    _lines(out / "alarms.ndjson", (_alarm(event, numbers) for event in alarms))
    position = replayed.ledger.position()
    summary = {
        "from": from_micros(recording.start).isoformat(),
        "to": from_micros(recording.end).isoformat(),
        "span": str(timedelta(microseconds=recording.end - recording.start)),
        "pings": replayed.pings,
        "quarantined": len(replayed.quarantined),
        "events": len(replayed.events),
        "alarms": len(alarms),
        "publications": position[0] if position else 0,
        "feeds": steps,
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    return summary


def _alarms(events: Iterable[Event], depots: Sequence[Depot]) -> Iterator[Event]:
    """As the fleet's view has them: to leave a depot is none."""
    stands: dict[str, Stand] = {}
    for event in events:
        if event.type in (LightPlaced.TYPE, LightRefined.TYPE):
            stands[event.key] = _stand(event.data).stand
        if event.type in ALARMS:
            stand = stands.get(event.key)
            rested = event.type == LightMovedAway.TYPE and stand and depot_around(stand.lon, stand.lat, depots)
            if not rested:
                yield event


def _lines(path: Path, members: Iterator[Mapping[str, Any]]) -> None:
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        file.writelines(encode(line) + b"\n" for line in members)


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "stream": event.stream,
        "version": event.version,
        "time": from_micros(event.time),
        "recorded": from_micros(event.recorded),
        "data": msgspec.Raw(event.data),
    }


def _number(event: Event) -> str:
    return str(msgspec.json.decode(event.data)["permit"]["permit_number"])


def _alarm(event: Event, numbers: Mapping[str, str]) -> dict[str, Any]:
    """interfaces.md § An alarm; members that do not apply are null."""
    data = msgspec.json.decode(event.data)
    known = {"device_id", "site_id", "permit_id", "at", "centre", "measure_ids", "lights"}
    return {
        "id": event.id,
        "kind": ALARMS[event.type],
        "at": data["at"],
        "device_id": data.get("device_id"),
        "site_id": data.get("site_id"),
        "permit_number": numbers.get(data.get("permit_id") or ""),
        "lonlat": data.get("centre"),
        "closed_at": None,
        "detail": {name: value for name, value in data.items() if name not in known},
    }
