"""The envelope of every event: CloudEvents 1.0, kept as a struct inside and as ``ce_*`` headers on the wire.

CloudEvents 1.0.2 § 3 (attributes) and its Kafka protocol binding § 3.2 (binary content mode). Extensions of ours:
``stream``, ``streamversion``, ``recordedtime``, ``correlationid``, ``causationid``.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from shared.clock import Micros, rfc3339, to_micros

SOURCE = "/leitbake"
CONTENT_TYPE = "application/json"
MAX_VERSION = 2**63 - 1


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event, in a store or on the log.

    ``stream`` is ``<category>:<id>`` and ``version`` counts from 1 in it; pings and ticks are no stream and have
    version 0. ``time`` is event time, ``recorded`` when the deciding door, log time or timer took place (both µs).
    """

    id: str
    type: str
    stream: str
    version: int
    time: Micros
    recorded: Micros
    data: bytes
    correlation: str = ""
    causation: str = ""

    @property
    def key(self) -> str:
        """The key on its topic: the id part of the stream's name."""
        return self.stream.partition(":")[2]


class MalformedEnvelopeError(ValueError):
    """Headers that are no CloudEvent of ours; the record is parked or skipped, never guessed at."""


def to_headers(event: Event) -> list[tuple[str, bytes]]:
    """Kafka headers in binary content mode; the value of the record is ``event.data``."""
    fields = {
        "content-type": CONTENT_TYPE,
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_source": f"{SOURCE}/{event.stream.partition(':')[0]}",
        "ce_type": event.type,
        "ce_subject": event.key,
        "ce_time": rfc3339(event.time),
        "ce_stream": event.stream,
        "ce_streamversion": str(event.version),
        "ce_recordedtime": rfc3339(event.recorded),
        "ce_correlationid": event.correlation,
        "ce_causationid": event.causation,
    }
    return [(name, value.encode()) for name, value in fields.items() if value]


def from_headers(headers: Mapping[str, bytes], data: bytes) -> Event:
    """Read ``to_headers`` back; raises ``MalformedEnvelopeError``."""
    try:
        event = Event(
            id=headers["ce_id"].decode(),
            type=headers["ce_type"].decode(),
            stream=headers["ce_stream"].decode(),
            version=int(headers["ce_streamversion"]),
            time=_instant(headers["ce_time"]),
            recorded=_instant(headers["ce_recordedtime"]),
            data=data,
            correlation=headers.get("ce_correlationid", b"").decode(),
            causation=headers.get("ce_causationid", b"").decode(),
        )
    except (KeyError, ValueError) as error:
        raise MalformedEnvelopeError(f"not a CloudEvent of Leitbake: {error}") from error
    # What no column can hold would stop every consumer at this record, for ever.
    if not 0 <= event.version <= MAX_VERSION or "\0" in event.stream + event.id + event.correlation:
        raise MalformedEnvelopeError("not a CloudEvent of Leitbake: a NUL, or no version")
    return event


def _instant(text: bytes) -> Micros:
    return to_micros(datetime.fromisoformat(text.decode()))
