"""Payload bytes to contract structs and back, through the upcasters."""

from functools import lru_cache

import msgspec

from shared.clock import Micros, to_micros
from shared.contracts.base import REGISTRY, Contract
from shared.events.envelope import Event
from shared.events.ids import named
from shared.events.upcast import upcast

encode = msgspec.json.Encoder().encode


class PoisonError(Exception):
    """This record can never be applied as it is: park it with the reason, together with its stream."""


class UnknownTypeError(PoisonError):
    """No struct is registered for the type: a newer producer speaks; consumers deploy first."""


@lru_cache(maxsize=256)
def _decoder(type_name: str) -> "msgspec.json.Decoder[Contract]":
    try:
        return msgspec.json.Decoder(REGISTRY[type_name])
    except KeyError:
        raise UnknownTypeError(f"unknown type {type_name}") from None


def decode(event: Event) -> Contract:
    """The payload as the newest struct of its kind; raises ``PoisonError``."""
    type_name, data = upcast(event.type, event.data)
    try:
        return _decoder(type_name).decode(data)
    except msgspec.MsgspecError as error:
        raise PoisonError(f"{type_name}: {error}") from error


def follow_up(
    payload: Contract, *, decider: str, stream: str, version: int, decided: Micros, cause: Event | None
) -> Event:
    """The event of a decision: its id follows from decider, stream and version, so deciding twice is seen as such.

    Event time is the payload's ``at`` where it has one, else ``decided``.
    """
    at = getattr(payload, "at", None)
    return Event(
        id=named(f"{decider}|{stream}|{version}"),
        type=payload.TYPE,
        stream=stream,
        version=version,
        time=decided if at is None else to_micros(at),
        recorded=decided,
        data=encode(payload),
        correlation=cause.correlation or cause.id if cause else "",
        causation=cause.id if cause else "",
    )
