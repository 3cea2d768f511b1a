"""Events on Kafka: CloudEvents 1.0 in structured content mode, one JSON object with the payload in ``data``.

CloudEvents 1.0.2 § 3 (attributes), its JSON format § 3 and its Kafka protocol binding § 3.3. Extensions of ours:
``streamversion``, ``recordedtime``, ``correlationid``, ``causationid``; the stream is the last part of ``source`` and
``subject``. Binary content mode (§ 3.2) is read as well: its headers cost a reader in Python more than all the rest
(decision 13).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from shared.clock import Micros, from_micros, to_micros
from shared.events.envelope import Event

SOURCE = "/leitbake/"
MAX_VERSION = 2**63 - 1
STRUCTURED = b"application/cloudevents+json"
HEADERS = [("content-type", STRUCTURED + b"; charset=UTF-8")]

Headers = Sequence[tuple[str, bytes | None]]


class MalformedEnvelopeError(ValueError):
    """A record that is no CloudEvent of ours; it is parked or skipped, never guessed at."""


class _Envelope(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """The JSON object; ``data`` is kept byte for byte."""

    specversion: Literal["1.0"] = msgspec.field(default_factory=lambda: "1.0")  # a default of its own is not left out
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    streamversion: str
    recordedtime: datetime
    correlationid: str = ""
    causationid: str = ""
    datacontenttype: str = msgspec.field(default_factory=lambda: "application/json")
    data: msgspec.Raw


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Envelope).decode


def to_value(event: Event) -> bytes:
    """The value of the record; ``HEADERS`` go with it."""
    category, _, key = event.stream.partition(":")
    return _encode(
        _Envelope(
            id=event.id,
            source=SOURCE + category,
            type=event.type,
            subject=key,
            time=from_micros(event.time),
            streamversion=str(event.version),
            recordedtime=from_micros(event.recorded),
            correlationid=event.correlation,
            causationid=event.causation,
            data=msgspec.Raw(event.data),
        )
    )


def read(headers: Headers, value: bytes) -> Event:
    """The event of a record in either mode; raises ``MalformedEnvelopeError``."""
    try:
        if headers == HEADERS:
            event = _structured(value)
        else:
            found = {name: it for name, it in headers if it is not None}
            structured = found.get("content-type", b"").startswith(STRUCTURED)
            event = _structured(value) if structured else _binary(found, value)
    except (KeyError, ValueError) as error:
        raise MalformedEnvelopeError(f"not a CloudEvent of Leitbake: {error}") from error
    # What no column can hold would stop every consumer at this record, for ever.
    if not 0 <= event.version <= MAX_VERSION or "\0" in event.stream + event.id + event.correlation:
        raise MalformedEnvelopeError("not a CloudEvent of Leitbake: a NUL, or no version")
    return event


def _structured(value: bytes) -> Event:
    found = _decode(value)
    return Event(
        id=found.id,
        type=found.type,
        stream=f"{_category(found.source)}:{found.subject}",
        version=int(found.streamversion),
        time=to_micros(found.time),
        recorded=to_micros(found.recordedtime),
        data=bytes(found.data),
        correlation=found.correlationid,
        causation=found.causationid,
    )


def _binary(headers: Mapping[str, bytes], value: bytes) -> Event:
    return Event(
        id=headers["ce_id"].decode(),
        type=headers["ce_type"].decode(),
        stream=f"{_category(headers['ce_source'].decode())}:{headers['ce_subject'].decode()}",
        version=int(headers["ce_streamversion"]),
        time=_instant(headers["ce_time"]),
        recorded=_instant(headers["ce_recordedtime"]),
        data=value,
        correlation=headers.get("ce_correlationid", b"").decode(),
        causation=headers.get("ce_causationid", b"").decode(),
    )


def _category(source: str) -> str:
    if not source.startswith(SOURCE):
        raise ValueError(f"its source is {source!r}")
    return source[len(SOURCE) :]


def _instant(text: bytes) -> Micros:
    return to_micros(datetime.fromisoformat(text.decode()))
