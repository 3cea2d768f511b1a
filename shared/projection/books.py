"""What a consumer has done: its offsets, states, stream versions and parked records, moved in one commit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from shared.eventlog.port import Mark, Partition, Record
from shared.eventstore.port import Batch

RETRY = "de.leitbake.ops.retry_requested.v1"
DROP = "de.leitbake.ops.drop_requested.v1"


class Place(NamedTuple):
    """Where a consumer stands in a partition, under which epoch; ``slot`` and ``beat`` count its ticks."""

    mark: Mark
    epoch: int
    slot: int = -1
    beat: int = 0


class StateRow(NamedTuple):
    """A state or row as kept: ``data`` is msgpack, None deletes it; ``due`` in the unit of its stage."""

    key: str
    partition: int
    due: int | None
    data: bytes | None


class Refused(NamedTuple):
    """A record that could not be applied (parked or quarantined) and why."""

    record: Record
    reason: str


class Effects(NamedTuple):
    """What a step did. ``settled``: streams whose parked records were retried or dropped, to be forgotten."""

    rows: Sequence[StateRow] = ()
    streams: Mapping[str, int] = {}
    parked: Sequence[Refused] = ()
    settled: Sequence[str] = ()
    quarantined: Sequence[Refused] = ()
    events: Sequence[Batch] = ()


Work = Callable[[Any], Effects]


class Books(Protocol):
    """The books of one service, in PostgreSQL or memory. Used by one runner on one thread."""

    def seats(self, group: str, partitions: Sequence[Partition]) -> set[Partition]:
        """Those this runner may consume now; called between steps, may give some away or gain some.

        Raises ``DatabaseUnavailableError``; all seats are lost then.
        """
        ...

    def claim(self, group: str, partitions: Iterable[Partition]) -> dict[Partition, Place]:
        """Raise the epochs of partitions held by ``seats`` and tell where to go on; older holders are fenced."""
        ...

    def rows(self, group: str, partitions: Iterable[Partition]) -> Iterable[StateRow]:
        """All states of those partitions, to be taken before anything else is asked."""
        ...

    def streams(self, group: str) -> dict[str, int]:
        """The last applied version of each stream."""
        ...

    def parked(self, group: str) -> dict[str, list[Refused]]:
        """Parked records by stream, in the order of the log."""
        ...

    def commit(self, group: str, moves: Mapping[Partition, tuple[Place, Place]], work: Work) -> None:
        """All or nothing: offsets by compare-and-set, then what ``work`` does in the transaction and returns.

        ``work`` gets the transaction (None in memory). Raises ``FencedError`` when somebody else moved, and
        ``DatabaseUnavailableError``: then nothing of the runner's memory may be used any more.
        """
        ...

    def release(self) -> None:
        """Give all seats back."""
        ...
