"""The registry: which devices exist, and which permit a light is bound to by hand."""

import csv
import io
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

import msgspec

from shared.clock import Clock
from shared.contracts.devices import DeviceKind, DeviceRegistered, DeviceRetired
from shared.events.codec import decode, encode
from shared.events.envelope import Event
from shared.eventstore.port import Batch, EventStore

COLUMNS = ("device_id", "kind", "vendor", "profile", "expected_interval_s", "permit_number")
BATCH = 500
MAX_INTERVAL_S = 30 * 86_400
WANTED = {
    "device_id": "Möglich sind 1 bis 64 Zeichen aus A-Z a-z 0-9 . _ : -",
    "kind": f"Möglich sind: {', '.join(get_args(DeviceKind))}.",
    "expected_interval_s": "Erwartet wird eine ganze Zahl (Sekunden).",
}
_MEMBER = re.compile(r"(?:missing required field |at )`(?:\$\.)?(\w+)")

Entry = DeviceRegistered | DeviceRetired


class Line(NamedTuple):
    """What became of one line of a CSV file; ``reason`` is German."""

    number: int
    device_id: str
    outcome: str
    reason: str = ""


class UnreadableFileError(ValueError):
    """The file is no registry; the message is German."""


class Registry:
    """Commands to the registry. Streams ``registry:<device id>``. Thread-safe."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def register(self, devices: Sequence[DeviceRegistered]) -> int:
        """Enter devices or replace their entries; returns how many changed. Raises ``ConcurrencyError``."""
        return len(self.enter(devices))

    def enter(self, devices: Sequence[DeviceRegistered]) -> set[str]:
        """As ``register``; returns the ids of those that changed."""
        return self._note([(device.device_id, device) for device in devices])

    def retire(self, device_id: str) -> int:
        """Take the device out; 0 if it is not there."""
        if not isinstance(self._entry(device_id)[1], DeviceRegistered):
            return 0
        return len(self._note([(device_id, DeviceRetired(device_id=device_id))]))

    def _note(self, entries: Sequence[tuple[str, Entry]]) -> set[str]:
        changed = []
        for device_id, entry in entries:
            version, before = self._entry(device_id)
            if entry != before:
                changed.append(Batch(_stream(device_id), version, [self._event(device_id, version + 1, entry)]))
        for start in range(0, len(changed), BATCH):
            self._store.append(changed[start : start + BATCH])
        return {batch.stream.partition(":")[2] for batch in changed}

    def _entry(self, device_id: str) -> tuple[int, Entry | None]:
        events = self._store.read(_stream(device_id))
        if not events:
            return 0, None
        last = decode(events[-1])
        assert isinstance(last, DeviceRegistered | DeviceRetired), last  # noqa: S101  # the stream has no others
        return len(events), last

    def _event(self, device_id: str, version: int, entry: Entry) -> Event:
        now = self._clock.now()
        return Event(
            id=str(uuid.uuid4()),
            type=entry.TYPE,
            stream=_stream(device_id),
            version=version,
            time=now,
            recorded=now,
            data=encode(entry),
        )


def import_csv(registry: Registry, text: str) -> dict[str, Any]:
    """Enter what can be entered and report every line; raises ``UnreadableFileError`` and ``ConcurrencyError``."""
    devices, refused = _read_csv(text)
    changed = registry.enter(list(devices.values()))
    done = [Line(n, d.device_id, "entered" if d.device_id in changed else "unchanged") for n, d in devices.items()]
    report = [line._asdict() for line in sorted([*done, *refused])]
    unchanged = len(devices) - len(changed)
    return {"entered": len(changed), "unchanged": unchanged, "refused": len(refused), "report": report}


def read_csv(text: str) -> tuple[list[DeviceRegistered], list[Line]]:
    """Devices of a CSV file (interfaces.md § Devices), and what is wrong by line; raises ``UnreadableFileError``."""
    devices, refused = _read_csv(text)
    return list(devices.values()), refused


def entry_of(values: Mapping[str, Any]) -> DeviceRegistered:
    """A checked entry from members by name, numbers also as text; raises ``ValueError`` with a German sentence."""
    for name, value in values.items():
        if isinstance(value, str) and not value.isprintable():
            raise ValueError(f"{name}: Steuerzeichen sind nicht erlaubt.")
    try:
        entry = msgspec.convert(dict(values), DeviceRegistered, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(_sentence(error)) from error
    if not entry.device_id.strip("."):
        raise ValueError("device_id: Eine Kennung braucht mehr als Punkte.")  # "." and ".." are no places of an address
    if entry.expected_interval_s is not None and not 1 <= entry.expected_interval_s <= MAX_INTERVAL_S:
        raise ValueError(f"expected_interval_s: Möglich sind 1 bis {MAX_INTERVAL_S} Sekunden.")
    return entry


def _sentence(error: msgspec.ValidationError) -> str:
    """What the library found, in our words: which member, and what it may be."""
    found = _MEMBER.search(str(error))
    name = found[1] if found else "device_id"
    return f"{name}: {WANTED.get(name, 'Erwartet wird ein Text.')}"


def _read_csv(text: str) -> tuple[dict[int, DeviceRegistered], list[Line]]:
    """Devices by the number of their line, and refused lines."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    devices: dict[int, DeviceRegistered] = {}
    seen: dict[str, int] = {}
    refused = []
    try:
        if "device_id" not in (reader.fieldnames or ()) or "kind" not in (reader.fieldnames or ()):
            raise UnreadableFileError(f"Die erste Zeile muss die Spalten nennen: {','.join(COLUMNS)}")
        for row in reader:
            number, device_id = reader.line_num, (row.get("device_id") or "").strip()
            try:
                device = _device(row)
                if device_id in seen:
                    raise ValueError(f"Das Gerät steht schon in Zeile {seen[device_id]}.")  # noqa: TRY301  # a fault of the line like the others
            except ValueError as error:
                refused.append(Line(number, device_id, "refused", str(error)))
            else:
                devices[number], seen[device_id] = device, number
    except csv.Error as error:
        raise UnreadableFileError(f"Die Datei ist ab Zeile {reader.line_num} kein lesbares CSV.") from error
    return devices, refused


def _device(row: Mapping[str, str | None]) -> DeviceRegistered:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    return entry_of({name: value for name, value in values.items() if value})


def _stream(device_id: str) -> str:
    return f"registry:{device_id}"
