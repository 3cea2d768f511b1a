"""The envelope of every event, as kept inside; ``shared.events.wire`` says how it travels."""

import msgspec

from shared.clock import Micros


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event, in a store or on the log.

    ``stream`` is ``<category>:<id>`` and ``version`` counts from 1 in it; pings and ticks are no stream and have
    version 0. ``time`` is event time, ``recorded`` when the deciding door, log time or timer took place (both µs).
    ``data`` is JSON.
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
