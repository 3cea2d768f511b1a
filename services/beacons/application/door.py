"""The ping door: what a device sent becomes messages for the log, or a verdict why not. Pure; the API does the I/O."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from services.beacons.application.reasons import reason_of
from shared.clock import DAY_US, MINUTE_US, Micros, from_micros, rfc3339, to_micros
from shared.contracts.pings import TICK_SECONDS, Ping, Tick
from shared.contracts.topics import PINGS
from shared.eventlog.port import EventLog, Message
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.events.ids import named

MAX_ITEMS = 5_000
MAX_ITEM_BYTES = 4_096
# A clock that runs ahead would make its fixes the newest for ever; older ones than this were lost on the way.
MAX_AHEAD_US = 5 * MINUTE_US
MAX_AGE_US = 30 * DAY_US
NEEDS_PLACE = ("ok", "cached")
# What readers of any language and every column can hold.
MAX_COUNT = 2**53 - 1
UNREADABLE = "Das JSON ist nicht lesbar."

read_ping = msgspec.json.Decoder(Ping).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Rejection(msgspec.Struct, frozen=True):
    """Why the item at ``index`` (from 0) was not taken."""

    index: int
    reason: str


class Verdict(NamedTuple):
    """``messages`` are to be sent before ``len(messages)`` pings are acknowledged."""

    messages: Sequence[Message]
    rejected: Sequence[Rejection]


class UnreadableBodyError(ValueError):
    """The body as a whole is no ping, array or NDJSON."""


def split(body: bytes, media_type: str) -> list[bytes]:
    """The items of a body: one JSON object, an array, or a line each; raises ``UnreadableBodyError``."""
    stripped = body.strip()
    if not stripped:
        raise UnreadableBodyError("Der Inhalt ist leer.")
    if "ndjson" in media_type or "jsonl" in media_type:
        items = [line.strip() for line in stripped.splitlines() if line.strip()]
    elif stripped.startswith(b"["):
        try:
            items = [bytes(raw) for raw in _list(stripped)]
        except (msgspec.MsgspecError, RecursionError) as error:
            raise UnreadableBodyError(UNREADABLE) from error
    else:
        items = [stripped]
        try:
            msgspec.json.decode(stripped)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise UnreadableBodyError(UNREADABLE) from error
    if len(items) > MAX_ITEMS:
        raise UnreadableBodyError(f"Höchstens {MAX_ITEMS} Meldungen auf einmal, es sind {len(items)}.")
    return items


def judge(
    items: Sequence[bytes],
    *,
    known: Callable[[Collection[str]], Collection[str]],
    may: Callable[[str], bool],
    now: Micros,
) -> Verdict:
    """Look at each item alone. ``known``: which of these devices are registered; ``may``: may this key speak for it."""
    read = [_read(item, may, now) for item in items]
    registered = known({message.event.key for message in read if isinstance(message, Message)})
    messages, rejected = [], []
    for index, message in enumerate(read):
        if isinstance(message, str):
            rejected.append(Rejection(index, message))
        elif message.event.key not in registered:
            rejected.append(Rejection(index, "unknown device"))
        else:
            messages.append(message)
    return Verdict(messages, rejected)


def _read(item: bytes, may: Callable[[str], bool], now: Micros) -> Message | str:
    """The message, or why it is none that this key may send."""
    if len(item) > MAX_ITEM_BYTES:
        return f"larger than {MAX_ITEM_BYTES} bytes"
    try:
        item.decode()  # unknown members stay in the stored bytes: they must be text, too
        ping = read_ping(item)
        return _reason(ping, may, now) or message_of(ping, item, now)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, OverflowError) as error:
        return reason_of(error)


def _reason(ping: Ping, may: Callable[[str], bool], now: Micros) -> str:
    for name in ("event_time", "fix_time"):
        said = _instant_reason(name, getattr(ping, name), now)
        if said:
            return said
    if to_micros(ping.event_time) < now - MAX_AGE_US:
        return "event_time is older than 30 days"
    for name in ("sequence", "satellites"):
        if (getattr(ping, name) or 0) > MAX_COUNT:
            return f"{name} is larger than {MAX_COUNT}"
    if ping.fix in NEEDS_PLACE and (ping.lon is None or ping.lat is None):
        return f"lon and lat are missing with fix {ping.fix}"
    return "" if may(ping.device_id) else "this key may not speak for the device"


def _instant_reason(name: str, moment: datetime | None, now: Micros) -> str:
    if moment is None:
        return ""
    if moment.utcoffset() is None:
        return f"{name} has no offset"
    return f"{name} lies in the future" if to_micros(moment) > now + MAX_AHEAD_US else ""


def message_of(ping: Ping, item: bytes, received: Micros) -> Message:
    """The stored bytes are the device's own, with ``received_time`` set by the door, unknown members kept."""
    if b"received" not in item and b"\\" not in item:
        data = b'{"received_time":"%s",%s' % (rfc3339(received).encode(), item.lstrip()[1:])
    else:  # it names its own, maybe in escaped letters: of two members of a name the last would count
        members: dict[str, Any] = msgspec.json.decode(item)
        data = encode(members | {"received_time": from_micros(received)})
    return Message(PINGS.name, event_of(ping, item, data, received))


def event_of(ping: Ping, item: bytes, data: bytes, received: Micros) -> Event:
    """The id follows from what was sent, so a message sent twice is seen as one."""
    name = f"{ping.device_id}|{ping.event_time}|{ping.fix_time}|{item.decode('latin-1')}"
    return Event(
        id=named(name),
        type=Ping.TYPE,
        stream=f"ping:{ping.device_id}",
        version=0,
        time=to_micros(ping.event_time),
        recorded=received,
        data=data,
    )


def ticks(log: EventLog, now: Micros) -> tuple[int, list[Message]]:
    """The current slot and its tick for every partition: silence is counted in these, so that an outage is none."""
    slot = now // (TICK_SECONDS * 1_000_000)
    return slot, [tick(slot, partition.number, now) for partition in log.partitions(PINGS.name)]


def tick(slot: int, partition: int, now: Micros) -> Message:
    event = Event(
        id=named(f"tick|{slot}|{partition}"),
        type=Tick.TYPE,
        stream=f"tick:{partition}",
        version=0,
        time=slot * TICK_SECONDS * 1_000_000,
        recorded=now,
        data=encode(Tick(slot)),
    )
    return Message(PINGS.name, event, partition)
