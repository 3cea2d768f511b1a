"""The rows of a grid decider in memory: a mapping that notes what was set, and knows who is due."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Any

import msgspec

from shared.clock import Micros
from shared.projection.books import StateRow
from shared.projection.protocols import Rows


class TrackedRows(Rows):
    """``Rows`` over decoded structs; ``taken`` tells a commit what changed."""

    def __init__(self, row_type: Any, stored: Iterable[StateRow]) -> None:
        decode = msgspec.msgpack.Decoder(row_type).decode
        self._rows: dict[str, Any] = {row.key: decode(row.data) for row in stored if row.data is not None}
        self._keys = sorted(self._rows)
        self._timers: list[tuple[Micros, str]] = []
        for key, row in self._rows.items():
            self._wait(key, row)
        self._awake: set[str] = set()
        self._woken: list[str] = []
        self._dirty: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        return self._rows[key]

    def __setitem__(self, key: str, row: Any) -> None:
        if key not in self._rows:
            insort(self._keys, key)
        self._rows[key] = row
        self._awake.add(key)
        self._dirty.add(key)
        self._wait(key, row)

    def __delitem__(self, key: str) -> None:
        del self._rows[key]
        del self._keys[bisect_left(self._keys, key)]
        self._awake.add(key)
        self._dirty.add(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def prefixed(self, prefix: str) -> Iterator[str]:
        start = bisect_left(self._keys, prefix)
        stop = bisect_left(self._keys, prefix + "\U0010ffff", start)
        return iter(self._keys[start:stop])

    def next_due(self) -> Micros | None:
        """The earliest instant at which a row wants to be woken."""
        while self._timers:
            due, key = self._timers[0]
            row = self._rows.get(key)
            if row is not None and row.due == due:
                return due
            heappop(self._timers)
        return None

    def wake(self, now: Micros) -> list[str]:
        """Who was set since the last call or is due at ``now``, sorted."""
        while (due := self.next_due()) is not None and due <= now:
            self._awake.add(heappop(self._timers)[1])
        self._woken = sorted(self._awake)
        self._awake.clear()
        return self._woken

    def settle(self, now: Micros) -> None:
        """After a decision at ``now``: nobody is awake, and a due instant that has passed waits for the next point."""
        for key in self._awake.union(self._woken):
            row = self._rows.get(key)
            if row is not None and row.due is not None and row.due <= now:
                heappush(self._timers, (row.due, key))
        self._awake.clear()

    def raise_version(self, key: str, by: int) -> None:
        """The row's own stream grew by that many events; wakes nobody."""
        row = self._rows[key]
        self._rows[key] = msgspec.structs.replace(row, version=row.version + by)
        self._dirty.add(key)

    def taken(self) -> list[StateRow]:
        """The changed rows since the last call, packed."""
        encode = msgspec.msgpack.Encoder().encode
        rows = []
        for key in sorted(self._dirty):
            row = self._rows.get(key)
            rows.append(StateRow(key, 0, row.due if row else None, encode(row) if row else None))
        self._dirty.clear()
        return rows

    def _wait(self, key: str, row: Any) -> None:
        if row.due is not None:
            heappush(self._timers, (row.due, key))
