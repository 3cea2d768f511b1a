"""What happened to a case, as the permit service keeps it: richer than what it publishes.

Stream ``permit:<permit id>``. Types are ``permits.<past participle>.v<n>``, in a registry of their own: a store event
never goes on the log, ``publish`` says what does. Names of people are inside ``Sealed`` only.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Literal, TypeVar

import msgspec

from services.permits.domain.content import Content
from services.permits.domain.people import Actor, Sealed
from shared.events.codec import PoisonError, UnknownTypeError

TYPE_PREFIX = "permits."
Running = Literal["approved", "active", "interrupted"]


class StoreEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Members of every event. ``at`` is event time: the decision's instant, or the one that people reported."""

    TYPE: ClassVar[str]

    actor: Actor
    at: datetime


REGISTRY: dict[str, type[StoreEvent]] = {}

EventT = TypeVar("EventT", bound=StoreEvent)


def stored(name: str) -> Callable[[type[EventT]], type[EventT]]:
    """Class decorator: registers the struct under ``permits.<name>``."""

    def register(struct: type[EventT]) -> type[EventT]:
        struct.TYPE = TYPE_PREFIX + name
        REGISTRY[struct.TYPE] = struct
        return struct

    return register


@stored("drafted.v1")
class Drafted(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """An application is being prepared; nobody but its author looks at it."""

    content: Content
    personal: Sealed | None = None
    received_via: str = "online"
    received_at: datetime | None = None


@stored("submitted.v1")
class Submitted(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """An application came in. ``source`` and ``digest`` where it was imported; ``received_at`` on paper or there."""

    content: Content
    personal: Sealed | None = None
    received_via: str = "online"
    received_at: datetime | None = None
    source: str | None = None
    digest: str | None = None


@stored("corrected.v1")
class Corrected(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """The application was changed before it was decided: the whole content again; ``personal`` as it is now."""

    content: Content
    reason: str | None = None
    personal: Sealed | None = None


@stored("approved.v1")
class Approved(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """The traffic order, with the approved content as a whole."""

    content: Content
    reason: str | None = None


@stored("rejected.v1")
class Rejected(StoreEvent, frozen=True, kw_only=True):
    reason: str


@stored("withdrawn.v1")
class Withdrawn(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """The applicant took the application back before it was decided."""

    reason: str | None = None


@stored("works_started.v1")
class WorksStarted(StoreEvent, frozen=True):
    """People reported that works began at ``at``."""


@stored("works_ended.v1")
class WorksEnded(StoreEvent, frozen=True):
    """People reported that works ended at ``at`` and the street is free."""


@stored("start_reverted.v1")
class StartReverted(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """The reported start was wrong: works have not begun."""

    reason: str | None = None


@stored("end_reverted.v1")
class EndReverted(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """The reported end was wrong: the case stands at ``status`` again, as before that report."""

    status: Running
    reason: str | None = None


@stored("interrupted.v1")
class Interrupted(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    reason: str | None = None


@stored("resumed.v1")
class Resumed(StoreEvent, frozen=True):
    """Works go on since ``at``."""


@stored("extended.v1")
class Extended(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """New ends by measure id; measures not named keep theirs."""

    ends: dict[str, datetime | None]
    reason: str | None = None


@stored("extension_requested.v1")
class ExtensionRequested(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """The applicant asks for new ends by measure id; they count once ``Extended``."""

    ends: dict[str, datetime | None]
    reason: str | None = None


@stored("extension_refused.v1")
class ExtensionRefused(StoreEvent, frozen=True, kw_only=True):
    """What was asked for last is not granted."""

    reason: str


@stored("amended.v1")
class Amended(StoreEvent, frozen=True, kw_only=True, omit_defaults=True):
    """The whole content again; ``personal`` and ``digest`` as they are now."""

    content: Content
    reason: str | None = None
    personal: Sealed | None = None
    digest: str | None = None


@stored("revoked.v1")
class Revoked(StoreEvent, frozen=True, kw_only=True):
    reason: str


@stored("personal_data_erased.v1")
class PersonalDataErased(StoreEvent, frozen=True):
    """The key of the case's personal data was destroyed; none is taken for this case again."""


encode = msgspec.json.Encoder().encode


@lru_cache(maxsize=64)
def _decoder(type_name: str) -> "msgspec.json.Decoder[StoreEvent]":
    try:
        return msgspec.json.Decoder(REGISTRY[type_name])
    except KeyError:
        raise UnknownTypeError(f"unknown type {type_name}") from None


def decode(type_name: str, data: bytes) -> StoreEvent:
    """The stored bytes as their struct; raises ``PoisonError``."""
    try:
        return _decoder(type_name).decode(data)
    except msgspec.MsgspecError as error:
        raise PoisonError(f"{type_name}: {error}") from error
