"""The registry: which devices exist, and which permit a light is bound to by hand."""

import csv
import io
import uuid
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from shared.clock import Clock
from shared.contracts.devices import DeviceRegistered, DeviceRetired
from shared.events.codec import decode, encode
from shared.events.envelope import Event
from shared.eventstore.port import Batch, EventStore

COLUMNS = ("device_id", "kind", "vendor", "profile", "expected_interval_s", "permit_number")
BATCH = 500

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
        return self._note([(device.device_id, device) for device in devices])

    def retire(self, device_id: str) -> int:
        """Take the device out; 0 if it is not there."""
        return self._note([(device_id, DeviceRetired(device_id=device_id))]) if self._entry(device_id)[1] else 0

    def _note(self, entries: Sequence[tuple[str, Entry]]) -> int:
        changed = []
        for device_id, entry in entries:
            version, before = self._entry(device_id)
            if entry != before:
                changed.append(Batch(_stream(device_id), version, [self._event(device_id, version + 1, entry)]))
        for start in range(0, len(changed), BATCH):
            self._store.append(changed[start : start + BATCH])
        return len(changed)

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


def read_csv(text: str) -> tuple[list[DeviceRegistered], list[Line]]:
    """Devices of a CSV file (interfaces.md § Devices), and what is wrong by line; raises ``UnreadableFileError``."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    if "device_id" not in (reader.fieldnames or ()) or "kind" not in (reader.fieldnames or ()):
        raise UnreadableFileError(f"Die erste Zeile muss die Spalten nennen: {','.join(COLUMNS)}")
    devices: dict[str, DeviceRegistered] = {}
    lines = []
    try:
        for number, row in enumerate(reader, 2):
            device_id = (row.get("device_id") or "").strip()
            try:
                devices[device_id] = _device(row)
            except msgspec.ValidationError as error:
                lines.append(Line(number, device_id, "refused", f"Zeile {number}: {error}"))
    except csv.Error as error:
        raise UnreadableFileError(f"Die Datei ist kein lesbares CSV: {error}") from error
    return list(devices.values()), lines


def _device(row: dict[str, str | None]) -> DeviceRegistered:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    filled = {name: value for name, value in values.items() if value}
    return msgspec.convert(filled, DeviceRegistered, strict=False)


def _stream(device_id: str) -> str:
    return f"registry:{device_id}"
