"""The desk: takes a command to a case, has the domain decide, appends what happened."""

import operator
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.permits.domain.case import Case, fold
from services.permits.domain.commands import Command, Draft, Submit
from services.permits.domain.decisions import decide_all
from services.permits.domain.errors import OtherRequestError, RefusedError
from services.permits.domain.events import StoreEvent, decode
from services.permits.domain.measures import ServiceArea
from services.permits.domain.people import Actor, Sealed
from services.permits.domain.publish import publish
from services.permits.domain.requirements import Context
from shared.clock import Clock, Micros, from_micros, to_micros
from shared.contracts.topics import PERMITS
from shared.eventlog.port import MAX_RECORD_BYTES, Message
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.events.ids import named
from shared.eventstore.port import Batch, EventStore

# No log takes larger ones; what is published of a fact is not much larger than the fact.
MOST_BYTES = MAX_RECORD_BYTES // 2
TOO_LARGE = "Der Vorgang ist zu umfangreich. Bitte teilen Sie ihn auf mehrere Vorgänge auf."


class StaleError(Exception):
    """The case was changed since the caller read it (``If-Match``); ``version`` is the present one."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the case stands at version {version}")
        self.version = version


class UnknownCaseError(LookupError):
    """No such case."""


class Entry(NamedTuple):
    """One event of a case; ``recorded`` is when it was entered, ``fact.at`` when it was so."""

    version: int
    fact: StoreEvent
    recorded: datetime


class Filed(NamedTuple):
    """A case and its history; ``position`` of its last event in the store, 0 where nothing was appended."""

    permit_id: str
    case: Case
    history: tuple[Entry, ...]
    position: int = 0

    @property
    def version(self) -> int:
        return len(self.history)

    @property
    def owner(self) -> Actor | None:
        """Who applied; None for a case that nobody submitted."""
        return self.history[0].fact.actor if self.history else None


class Desk:
    """All commands to cases pass here. Thread-safe."""

    def __init__(
        self,
        store: EventStore,
        clock: Clock,
        area: ServiceArea,
        alike: Callable[[Sealed | None, Sealed | None], bool] = operator.eq,
    ) -> None:
        """``alike``: whether two sealed boxes hold the same personal data; without people: the same bytes."""
        self._store, self._clock, self._area, self._alike = store, clock, area, alike

    def read(self, permit_id: str) -> Filed:
        """The case as it stands; raises ``UnknownCaseError``."""
        filed = self.look_up(permit_id)
        if not filed.history:
            raise UnknownCaseError(permit_id)
        return filed

    def look_up(self, permit_id: str) -> Filed:
        """The case as it stands, new where nobody submitted it."""
        return _filed(permit_id, self._store.read(stream_of(permit_id)))

    def execute(self, permit_id: str, *commands: Command, expected: int | None = None, key: str | None = None) -> Filed:
        """Carry out ``commands`` in one append; ``expected`` is the version the caller saw, ``key`` names the attempt.

        The same key with the same commands again gives the case as it stands and appends nothing. Raises
        ``RefusedError``, ``OtherRequestError`` (the key was used for another request), ``StaleError``,
        ``ConcurrencyError`` (somebody was faster: do it again) and ``UnknownCaseError``.
        """
        stream = stream_of(permit_id)
        before = self._store.read(stream)
        if not before and not isinstance(commands[0], Draft | Submit):
            raise UnknownCaseError(permit_id)
        done = _attempt(before, permit_id, key)
        if done is not None:
            self._same_again(_filed(permit_id, before), done, commands)
            return _filed(permit_id, before)
        if expected is not None and expected != len(before):
            raise StaleError(len(before))
        now = self._clock.now()
        happened = decide_all(_filed(permit_id, before).case, commands, Context(from_micros(now), self._area))
        if not happened:
            return _filed(permit_id, before)
        ids = [event_id(key, permit_id, n) if key else str(uuid.uuid4()) for n in range(len(happened))]
        new = _events(stream, len(before), happened, ids, now)
        if max(len(event.data) for event in new) > MOST_BYTES:
            raise RefusedError("too_large", TOO_LARGE)
        position = self._store.append([Batch(stream, len(before), new)])
        return _filed(permit_id, [*before, *new], position)

    def at_attempt(self, permit_id: str, key: str | None) -> Filed | None:
        """The case as it stood when the attempt ``key`` was first made; None if it was not."""
        before = self._store.read(stream_of(permit_id)) if key else []
        done = _attempt(before, permit_id, key)
        return None if done is None else _filed(permit_id, before[:done])

    def _same_again(self, filed: Filed, done: int, commands: Sequence[Command]) -> None:
        """Raise ``OtherRequestError`` unless ``commands`` lead to what they led to then: decisions are pure."""
        then = filed.history[done:]
        case, context = fold(entry.fact for entry in filed.history[:done]), Context(then[0].recorded, self._area)
        try:
            would = [decode(fact.TYPE, encode(fact)) for fact in decide_all(case, commands, context)]
        except RefusedError as error:
            raise OtherRequestError from error
        if len(would) > len(then) or not all(map(self._same, would, [entry.fact for entry in then])):
            raise OtherRequestError

    def _same(self, one: StoreEvent, other: StoreEvent) -> bool:
        boxes = [getattr(fact, "personal", None) for fact in (one, other)]
        bare = [
            msgspec.structs.replace(fact, personal=None) if box else fact
            for fact, box in zip((one, other), boxes, strict=True)
        ]
        return bare[0] == bare[1] and self._alike(*boxes)


def _attempt(before: Sequence[Event], permit_id: str, key: str | None) -> int | None:
    """Which event the attempt ``key`` began with."""
    first_id = event_id(key, permit_id, 0) if key else None
    return next((number for number, event in enumerate(before) if event.id == first_id), None)


def stream_of(permit_id: str) -> str:
    return f"permit:{permit_id}"


def event_id(key: str, permit_id: str, number: int) -> str:
    """Ids that follow from the idempotency key, so that a retried command is seen as such."""
    return named(f"command|{key}|{permit_id}|{number}")


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


def _filed(permit_id: str, events: Sequence[Event], position: int = 0) -> Filed:
    history = tuple(
        Entry(event.version, decode(event.type, event.data), from_micros(event.recorded)) for event in events
    )
    return Filed(permit_id, fold(entry.fact for entry in history), history, position)


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
