"""Which record of a stream comes next: known versions are skipped, a gap or a poisoned record parks its stream."""

from collections.abc import Callable

import msgspec

from shared.contracts.base import Contract
from shared.eventlog.port import Record
from shared.events.codec import PoisonError
from shared.projection.books import DROP, RETRY, Effects, Refused

Apply = Callable[[Record], None]


class OpsRequest(Contract, frozen=True):
    """Payload of a retry or drop: which consumer is to look again at which parked stream, and why (no persons)."""

    group: str
    stream: str
    reason: str = ""


class Streams:
    """Versions applied and records parked, of one group. What a step changed is taken over by ``effects``.

    Not transactional in itself: after a failed commit throw it away and load it anew.
    """

    def __init__(self, group: str, versions: dict[str, int], parked: dict[str, list[Refused]]) -> None:
        self._group, self._versions, self._parked = group, versions, parked
        self._moved: dict[str, int] = {}
        self._newly_parked: list[Refused] = []
        self._settled: set[str] = set()

    def offer(self, record: Record, apply: Apply) -> None:
        """Hand the record on if it is the next of its stream; ``apply`` may raise ``PoisonError``."""
        event = record.event
        if event.type in (RETRY, DROP):
            self._look_again(record, apply)
        elif event.version == 0:
            try:
                apply(record)
            except PoisonError as error:
                self.park(record, str(error))
        elif event.version > self._versions.get(event.stream, 0):
            self._next(record, apply)

    def _next(self, record: Record, apply: Apply) -> None:
        event = record.event
        known = self._versions.get(event.stream, 0)
        if event.stream in self._parked:
            self.park(record, "an earlier event of this stream is parked")
        elif event.version > known + 1:
            self.park(record, f"version {event.version} came after {known}: events are missing between them")
        else:
            try:
                apply(record)
            except PoisonError as error:
                self.park(record, str(error))
            else:
                self._versions[event.stream] = self._moved[event.stream] = event.version

    def park(self, record: Record, reason: str) -> None:
        refused = Refused(record, reason)
        self._parked.setdefault(record.event.stream, []).append(refused)
        self._newly_parked.append(refused)

    def _look_again(self, request: Record, apply: Apply) -> None:
        try:
            wanted = msgspec.json.decode(request.event.data, type=OpsRequest)
        except msgspec.MsgspecError as error:
            self.park(request, str(error))
            return
        waiting = self._parked.pop(wanted.stream, None) if wanted.group == self._group else None
        if waiting is None:
            return
        self._settled.add(wanted.stream)
        self._newly_parked = [r for r in self._newly_parked if r.record.event.stream != wanted.stream]
        if request.event.type == DROP:
            dropped = waiting.pop(0).record.event
            self._versions[dropped.stream] = self._moved[dropped.stream] = dropped.version
        for refused in waiting:
            self.offer(refused.record, apply)

    def effects(self) -> Effects:
        """What changed since the last call."""
        effects = Effects(streams=self._moved, parked=self._newly_parked, settled=sorted(self._settled))
        self._moved, self._newly_parked, self._settled = {}, [], set()
        return effects
