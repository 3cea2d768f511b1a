"""Acknowledging alarms: somebody has seen one and says what is done about it.

Who and why stay in this service's own store (stream ``alarm:<alarm id>``); the log is told only that it happened.
"""

import uuid
from datetime import datetime
from typing import Annotated

import msgspec

from services.beacons.application.reads import FleetReads, Row
from shared.clock import Clock, from_micros
from shared.contracts.devices import AlarmAcknowledged
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.eventstore.port import Batch, ConcurrencyError, EventStore

NOTE_LENGTH = 500
STORED_TYPE = "beacons.alarm_acknowledged.v1"


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """The store's event: ``by`` is an opaque id of an account or key, never a name."""

    at: datetime
    role: str
    by: str
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=NOTE_LENGTH)]


_read = msgspec.json.Decoder(Acknowledgement).decode


class UnknownAlarmError(LookupError):
    """There is no such alarm."""


class AlreadyAcknowledgedError(Exception):
    """Somebody was faster; the first acknowledgement stands."""


class EmptyNoteError(ValueError):
    """What is done about it was not said; the message is German."""


class AlarmDesk:
    """Thread-safe. Methods raise ``DatabaseUnavailableError``."""

    def __init__(self, store: EventStore, reads: FleetReads, clock: Clock) -> None:
        self._store, self._reads, self._clock = store, reads, clock

    def acknowledge(self, alarm_id: str, note: str, *, role: str, by: str) -> Row:
        """The alarm, acknowledged; a closed one may be, too.

        Raises ``UnknownAlarmError``, ``EmptyNoteError`` and ``AlreadyAcknowledgedError``.
        """
        if self._reads.alarm(alarm_id) is None:
            raise UnknownAlarmError(alarm_id)
        said = " ".join(note.split())
        if not said:
            raise EmptyNoteError("Bitte schreiben Sie, was veranlasst wurde.")
        if len(said) > NOTE_LENGTH:
            raise EmptyNoteError(f"Bitte höchstens {NOTE_LENGTH} Zeichen.")
        now = self._clock.now()
        fact = Acknowledgement(at=from_micros(now), role=role, by=by, note=said)
        event = Event(
            id=str(uuid.uuid4()),
            type=STORED_TYPE,
            stream=f"alarm:{alarm_id}",
            version=1,
            time=now,
            recorded=now,
            data=encode(fact),
        )
        try:
            self._store.append([Batch(event.stream, 0, [event])])
        except ConcurrencyError as error:
            raise AlreadyAcknowledgedError(alarm_id) from error
        alarm = self._reads.alarm(alarm_id)
        assert alarm is not None, alarm_id  # noqa: S101  # it was there before
        return alarm


def acknowledgement(row: Row) -> Acknowledgement | None:
    """What a row of ``FleetReads.alarms`` knows of it."""
    data = row["acknowledged"]
    return None if data is None else _read(bytes(data))


def published(event: Event) -> Event:
    """The public side of the store's event, of the same stream and version: without who and why."""
    fact = AlarmAcknowledged(alarm_id=event.key, at=_read(event.data).at)
    return msgspec.structs.replace(event, type=fact.TYPE, data=encode(fact))
