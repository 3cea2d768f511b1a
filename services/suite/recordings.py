"""Files of a backtest: what goes in, and what comes out."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from services.beacons.adapters.depots import UnreadableDepotsError, read_depots
from services.beacons.application.door import event_of
from services.beacons.application.registry import UnreadableFileError, read_csv
from services.beacons.domain.binding import Depot
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
from shared.contracts.pings import Ping
from shared.events.codec import follow_up
from shared.events.envelope import Event
from shared.eventstore.memory import MemoryStore
from shared.geo.citymap import UnreadableCityError
from shared.geo.importing import read_city
from shared.geo.network import RoadNetwork
from shared.settings import Settings

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


class UnreadableRecordingError(Exception):
    """A file that cannot be read; the message names it and says why."""


class Files(NamedTuple):
    permits: Path
    devices: Path
    pings: Path


def load(files: Files, settings: Settings, start: Micros | None, end: Micros | None) -> Recording:
    """Read the files; permits and devices enter at the first instant. Raises ``UnreadableRecordingError``."""
    pings = list(_pings(files.pings, start, end))
    if not pings and (start is None or end is None):
        raise UnreadableRecordingError(f"{files.pings}: no pings, and no --from and --to either")
    first = start if start is not None else min(event.recorded for event in pings)
    last = end if end is not None else max(event.recorded for event in pings)
    return Recording(_permits(files.permits, settings, first), _devices(files.devices, first), pings, first, last)


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


def _pings(path: Path, start: Micros | None, end: Micros | None) -> Iterator[Event]:
    decode = msgspec.json.Decoder(Ping).decode
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            item = line.strip()
            if not item:
                continue
            try:
                ping = decode(item)
                received = to_micros(ping.received_time) if ping.received_time else None
            except (msgspec.MsgspecError, ValueError) as error:
                raise UnreadableRecordingError(f"{path}, line {number}: {error}") from error
            if received is None:
                raise UnreadableRecordingError(f"{path}, line {number}: received_time is missing")
            if (start is None or received >= start) and (end is None or received <= end):
                yield event_of(ping, item, item, received)


def write(replayed: Replayed, recording: Recording, every: Micros, out: Path) -> Mapping[str, Any]:
    """The feed at every step, all events, the alarms, and a summary, which is returned."""
    feeds = out / "feed"
    feeds.mkdir(parents=True, exist_ok=True)
    steps = 0
    for at in range(recording.start, recording.end + 1, every):
        document = replayed.ledger.document("roadworks.geojson", from_micros(at))
        if document is not None:
            (feeds / f"{from_micros(at):%Y%m%dT%H%M%SZ}.geojson").write_bytes(document.data)
            steps += 1
    alarms = [event for event in replayed.events if event.type in ALARMS]
    _lines(out / "events.ndjson", (_event(event) for event in replayed.events))
    numbers = {event.key: _number(event) for event in recording.permits if b'"permit_number"' in event.data}
    _lines(out / "alarms.ndjson", (_alarm(event, numbers) for event in alarms))
    position = replayed.ledger.position()
    summary = {
        "from": from_micros(recording.start).isoformat(),
        "to": from_micros(recording.end).isoformat(),
        "span": str(timedelta(microseconds=recording.end - recording.start)),
        "pings": len(recording.pings),
        "quarantined": len(replayed.quarantined),
        "events": len(replayed.events),
        "alarms": len(alarms),
        "publications": position[0] if position else 0,
        "feeds": steps,
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    return summary


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
