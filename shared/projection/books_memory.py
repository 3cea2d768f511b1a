"""The books in memory, for unit tests and backtests."""

from collections.abc import Iterable, Mapping, Sequence

from shared.eventlog.port import FencedError, Mark, Partition
from shared.eventstore.memory import MemoryStore
from shared.eventstore.port import ConcurrencyError
from shared.projection.books import Place, Refused, StateRow, Work


class MemoryBooks:
    """``Books`` without durability; every runner that asks gets every seat, the last claim wins."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._places: dict[tuple[str, Partition], Place] = {}
        self._rows: dict[str, dict[str, StateRow]] = {}
        self._streams: dict[str, dict[str, int]] = {}
        self._parked: dict[str, dict[str, list[Refused]]] = {}
        self.quarantine: list[Refused] = []

    def seats(self, group: str, partitions: Sequence[Partition]) -> set[Partition]:  # noqa: ARG002  # all are free
        return set(partitions)

    def claim(self, group: str, partitions: Iterable[Partition]) -> dict[Partition, Place]:
        claimed = {}
        for partition in sorted(partitions):
            place = self._places.get((group, partition), Place(Mark(), 0))
            claimed[partition] = self._places[group, partition] = place._replace(epoch=place.epoch + 1)
        return claimed

    def rows(self, group: str, partitions: Iterable[Partition]) -> list[StateRow]:
        numbers = {partition.number for partition in partitions}
        return [row for row in self._rows.get(group, {}).values() if row.partition in numbers]

    def streams(self, group: str) -> dict[str, int]:
        return dict(self._streams.get(group, {}))

    def parked(self, group: str) -> dict[str, list[Refused]]:
        return {stream: list(refused) for stream, refused in self._parked.get(group, {}).items()}

    def commit(self, group: str, moves: Mapping[Partition, tuple[Place, Place]], work: Work) -> None:
        for partition, (old, _) in moves.items():
            there = self._places[group, partition]
            if (there.mark.next, there.epoch) != (old.mark.next, old.epoch):
                raise FencedError(f"{group} {partition}")
        effects = work(None)
        if effects.events:
            try:
                self._store.append(effects.events)
            except ConcurrencyError as error:
                raise FencedError(f"{group}: {error}") from error
        for partition, (_, new) in moves.items():
            self._places[group, partition] = new
        rows = self._rows.setdefault(group, {})
        for row in effects.rows:
            if row.data is None:
                rows.pop(row.key, None)
            else:
                rows[row.key] = row
        self._streams.setdefault(group, {}).update(effects.streams)
        parked = self._parked.setdefault(group, {})
        for stream in effects.settled:
            parked.pop(stream, None)
        for refused in effects.parked:
            parked.setdefault(refused.record.event.stream, []).append(refused)
        self.quarantine.extend(effects.quarantined)

    def release(self) -> None:
        """Nothing is held."""
