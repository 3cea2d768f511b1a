"""The desk: takes a command to a case, has the domain decide, appends what happened."""

import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.permits.domain.case import Case, fold
from services.permits.domain.commands import Command
from services.permits.domain.decisions import Context, decide_all
from services.permits.domain.events import StoreEvent, decode
from services.permits.domain.imports import Incoming, steps
from services.permits.domain.measures import ServiceArea
from services.permits.domain.people import Actor, Sealed
from services.permits.domain.publish import publish
from shared.clock import Clock, Micros, from_micros, to_micros
from shared.contracts.topics import PERMITS
from shared.eventlog.port import Message
from shared.events.codec import NAMESPACE, encode
from shared.events.envelope import Event
from shared.eventstore.port import Batch, EventStore


class StaleError(Exception):
    """The case was changed since the caller read it (``If-Match``); ``version`` is the present one."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the case stands at version {version}")
        self.version = version


class UnknownCaseError(LookupError):
    """No such case."""


class Filed(NamedTuple):
    """A case and its version; ``position`` of its last event in the store, 0 where nothing was appended."""

    permit_id: str
    case: Case
    version: int
    position: int = 0


class Desk:
    """All commands to cases pass here. Thread-safe."""

    def __init__(self, store: EventStore, clock: Clock, area: ServiceArea) -> None:
        self._store, self._clock, self._area = store, clock, area

    def read(self, permit_id: str) -> Filed:
        """The case as it stands; raises ``UnknownCaseError``."""
        events = self._store.read(stream_of(permit_id))
        if not events:
            raise UnknownCaseError(permit_id)
        return Filed(permit_id, _case(events), len(events))

    def execute(
        self, permit_id: str, command: Command, *, expected: int | None = None, key: str | None = None
    ) -> Filed:
        """Carry out ``command``; ``expected`` is the version the caller saw, ``key`` an ``Idempotency-Key``.

        The same key again gives the case as it stands and appends nothing. Raises ``RefusedError``, ``StaleError``,
        ``ConcurrencyError`` and ``UnknownCaseError``.
        """
        return self._execute(permit_id, [command], expected, key)

    def take_in(self, incoming: Incoming, actor: Actor, sealed: Sealed | None) -> Filed:
        """Bring the case to what an import says; raises ``RefusedError``."""
        case = _case(self._store.read(stream_of(incoming.permit_id)))
        return self._execute(incoming.permit_id, steps(case, incoming, actor, sealed), None, None)

    def _execute(self, permit_id: str, commands: Iterable[Command], expected: int | None, key: str | None) -> Filed:
        stream = stream_of(permit_id)
        before = self._store.read(stream)
        first_id = event_id(key, permit_id, 0) if key else None
        if first_id is not None and any(event.id == first_id for event in before):
            return Filed(permit_id, _case(before), len(before))
        if expected is not None and expected != len(before):
            raise StaleError(len(before))
        now = self._clock.now()
        happened = decide_all(_case(before), commands, Context(from_micros(now), self._area))
        if not happened:
            return Filed(permit_id, _case(before), len(before))
        ids = [event_id(key, permit_id, n) if key else str(uuid.uuid4()) for n in range(len(happened))]
        new = _events(stream, len(before), happened, ids, now)
        position = self._store.append([Batch(stream, len(before), new)])
        return Filed(permit_id, _case([*before, *new]), len(before) + len(new), position)


def stream_of(permit_id: str) -> str:
    return f"permit:{permit_id}"


def event_id(key: str, permit_id: str, number: int) -> str:
    """Ids that follow from the idempotency key, so that a retried command is seen as such."""
    return str(uuid.uuid5(NAMESPACE, f"command|{key}|{permit_id}|{number}"))


def to_message(event: Event) -> Message:
    """What the relay sends: the public side of a store event, of the same stream and version."""
    public = publish(decode(event.type, event.data))
    contract = Event(
        id=event.id,
        type=public.TYPE,
        stream=event.stream,
        version=event.version,
        time=event.time,
        recorded=event.recorded,
        data=encode(public),
        correlation=event.correlation,
        causation=event.causation,
    )
    return Message(PERMITS.name, contract)


def _case(events: Sequence[Event]) -> Case:
    return fold(decode(event.type, event.data) for event in events)


def _events(stream: str, version: int, happened: Sequence[StoreEvent], ids: Sequence[str], now: Micros) -> list[Event]:
    return [
        Event(
            id=ids[index],
            type=event.TYPE,
            stream=stream,
            version=version + 1 + index,
            time=to_micros(event.at),
            recorded=now,
            data=encode(event),
            correlation=ids[0],
            causation="" if index == 0 else ids[index - 1],
        )
        for index, event in enumerate(happened)
    ]
