"""When the keys of a stage are due. A million of them wait: a list per due beat takes a tenth of a heap of pairs."""

from heapq import heappop, heappush


class Timers:
    """A key may wait under several beats: an entry says when to look at it, not that it is due."""

    def __init__(self) -> None:
        self._keys: dict[int, list[str]] = {}
        self._order: list[int] = []

    def add(self, due: int, key: str) -> None:
        waiting = self._keys.get(due)
        if waiting is None:
            waiting = self._keys[due] = []
            heappush(self._order, due)
        waiting.append(key)

    def take(self, beat: int) -> list[str]:
        """Remove and return what waits until ``beat``, by due beat and key."""
        taken = []
        while self._order and self._order[0] <= beat:
            taken += sorted(self._keys.pop(heappop(self._order)))
        return taken
