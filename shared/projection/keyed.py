"""The runner of keyed stages: each key on its own, record by record, timers at ticks between them."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic

import msgspec

from shared.contracts import pings
from shared.contracts.base import Contract
from shared.eventlog.port import Chunk, Mark, Partition, Readable, Record
from shared.events.codec import PoisonError, follow_up
from shared.events.envelope import Event
from shared.eventstore.port import Batch
from shared.projection.books import Books, Effects, Place, Refused, StateRow
from shared.projection.consumer import Consumer
from shared.projection.protocols import KeyedStage, Moment, Quarantine, StateT
from shared.projection.timers import Timers

LIMIT = 5_000
MANY = 2_000


class KeyedRunner(Consumer, Generic[StateT]):
    """Runs a ``KeyedStage``; scaled by partitions, one state per key.

    In memory a key is its committed bytes; a step works on copies, so a failed one needs no undoing. ``limit``: records
    read at once of each partition; ``many``: of all, from which on partitions commit one after another.
    """

    def __init__(
        self, stage: KeyedStage[StateT], log: Readable, books: Books, *, limit: int = LIMIT, many: int = MANY
    ) -> None:
        super().__init__(log, books, stage.group, [stage.topic])
        self._stage, self._limit, self._many = stage, limit, many
        self._packed: dict[Partition, dict[str, bytes]] = {}
        self._timers: dict[Partition, Timers] = {}
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(stage.state_type).decode

    def join(self, partitions: Iterable[Partition]) -> None:
        by_number = {partition.number: partition for partition in partitions}
        for partition in partitions:
            self._packed[partition], self._timers[partition] = {}, Timers()
        for row in self.books.rows(self.group, by_number.values()):
            if row.data is not None:
                self._packed[by_number[row.partition]][row.key] = row.data
            if row.due is not None:
                self._timers[by_number[row.partition]].add(row.due, row.key)

    def leave(self, partitions: Iterable[Partition]) -> None:
        for partition in partitions:
            self._packed.pop(partition, None)
            self._timers.pop(partition, None)

    def work(self) -> bool:
        chunks = self.log.read({partition: place.mark for partition, place in self.places.items()}, self._limit)
        moved = []
        for chunk in chunks:
            place = self.places[chunk.partition]
            if chunk.mark.next != place.mark.next:
                moved.append(chunk)
            else:
                self.places[chunk.partition] = place._replace(mark=chunk.mark)
        if sum(len(chunk.records) for chunk in moved) > self._many:
            self._catch_up(moved)
        elif moved:
            self._commit(*self._decided(moved))
        return bool(chunks)

    def _catch_up(self, chunks: Sequence[Chunk]) -> None:
        """A commit per partition, which PostgreSQL writes while the next partition is decided."""
        with ThreadPoolExecutor(1) as writer:
            written = None
            for chunk in chunks:
                decided = self._decided([chunk])
                if written is not None:
                    written.result()
                written = writer.submit(self._commit, *decided)
            if written is not None:
                written.result()

    def _decided(self, chunks: Sequence[Chunk]) -> "tuple[list[_Step[StateT]], Effects]":
        steps = []
        for chunk in chunks:
            steps.append(_Step(self, chunk.partition, chunk.mark))
            steps[-1].run(chunk.records)
        return steps, _merged([step.effects() for step in steps], self.streams.effects())

    def _commit(self, steps: "Sequence[_Step[StateT]]", effects: Effects) -> None:
        moves = {step.partition: (self.places[step.partition], step.place) for step in steps}
        self.books.commit(self.group, moves, lambda _: effects)
        for step in steps:
            self.places[step.partition] = step.place
            self._packed[step.partition] |= {row.key: row.data for row in step.rows if row.data is not None}

    def load(self, partition: Partition, key: str) -> StateT:
        packed = self._packed[partition].get(key)
        return self._stage.initial(key) if packed is None else self._decode(packed)


class _Step(Generic[StateT]):
    """One chunk of one partition on its way to the commit."""

    def __init__(self, runner: KeyedRunner[StateT], partition: Partition, mark: Mark) -> None:
        self.partition = partition
        self.place: Place = runner.places[partition]._replace(mark=mark)
        self.rows: list[StateRow] = []
        self._runner, self._stage, self._timers = runner, runner._stage, runner._timers[partition]  # noqa: SLF001  # its other half
        self._states: dict[str, StateT] = {}
        self._first_due: dict[str, int | None] = {}
        self._events: dict[str, list[Event]] = {}
        self._quarantined: list[Refused] = []

    def run(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.event.type == pings.Tick.TYPE:
                self._tick(record)
            else:
                self._runner.streams.offer(record, self._apply)

    def _tick(self, record: Record) -> None:
        """Count the slot once, however many doors wrote it, and wake whom it makes due."""
        try:
            slot = msgspec.json.decode(record.event.data, type=pings.Tick).slot
        except msgspec.MsgspecError as error:
            self._quarantined.append(Refused(record, str(error)))
            return
        if slot <= self.place.slot:
            return
        self.place = self.place._replace(slot=slot, beat=self.place.beat + 1)
        moment = Moment(record.time, self.place.beat)
        for key in self._timers.take(moment.beat):
            state = self._state(key)
            if state.due is not None and state.due <= moment.beat:
                self._take(key, state, self._stage.on_timer(state, moment), record)
            if state.due is not None:
                self._timers.add(max(state.due, moment.beat + 1), key)

    def _apply(self, record: Record) -> None:
        key = record.event.key
        state = self._state(key)
        before = state.due
        try:
            said = self._stage.on_record(state, record.event, Moment(record.time, self.place.beat))
        except PoisonError as error:
            if record.event.version:
                raise
            said = [Quarantine(str(error))]
        if said:
            self._take(key, state, said, record)
        # One entry per key is a lower bound: only an earlier due needs another.
        if state.due is not None and (before is None or state.due < before):
            self._timers.add(state.due, key)

    def _state(self, key: str) -> StateT:
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = self._runner.load(self.partition, key)
        return state

    def _take(self, key: str, state: StateT, said: Sequence[Contract | Quarantine], record: Record) -> None:
        for payload in said:
            if isinstance(payload, Quarantine):
                self._quarantined.append(Refused(record, payload.reason))
                continue
            state.version += 1
            stream = f"{self._stage.category}:{key}"
            self._events.setdefault(stream, []).append(
                follow_up(
                    payload,
                    decider=self._stage.group,
                    stream=stream,
                    version=state.version,
                    decided=record.time,
                    cause=record.event,
                )
            )

    def effects(self) -> Effects:
        encode = self._runner._encode  # noqa: SLF001  # its other half
        number = self.partition.number
        self.rows = [StateRow(key, number, state.due, encode(state)) for key, state in self._states.items()]
        batches = [Batch(stream, events[0].version - 1, events) for stream, events in self._events.items()]
        return Effects(rows=self.rows, quarantined=self._quarantined, events=batches)


def _merged(parts: Sequence[Effects], streams: Effects) -> Effects:
    return streams._replace(
        rows=[row for part in parts for row in part.rows],
        quarantined=[refused for part in parts for refused in part.quarantined],
        events=[batch for part in parts for batch in part.events],
    )
