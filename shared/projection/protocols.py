"""The three kinds of handler, and what a stage of lights is: small protocols that the runners drive.

None of them reads a clock, a random number, the network or a database outside the transaction it is given. ``now`` is
always log time in µs. An undecodable record raises ``PoisonError`` and is parked (a stream) or quarantined (a ping).
"""

from abc import abstractmethod
from collections.abc import Collection, Iterator, MutableMapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from psycopg import Connection

from shared.clock import Micros
from shared.contracts.base import Contract
from shared.eventlog.port import Record
from shared.events.envelope import Event


class Moment(NamedTuple):
    """When a keyed stage decides: log time in µs, and how many distinct ticks its partition has counted so far."""

    time: Micros
    beat: int


class Quarantine(NamedTuple):
    """Said by a keyed stage among its payloads: this record was refused, for this reason; it is counted and kept."""

    reason: str


class KeyedState(Protocol):
    """State of one key: a mutable msgspec struct.

    ``version`` is that of the last event of its stream and is set by the runner alone. ``due``: the beat at which
    ``on_timer`` is to be called (a lower bound; None: never).
    """

    version: int
    due: int | None


StateT = TypeVar("StateT", bound=KeyedState)


class KeyedStage(Protocol[StateT]):
    """Turns the records of one key, in their order, into events of one stream. Called by the keyed runner.

    The stream is ``<category>:<key>``. A result may not depend on other keys, batches or partitions.
    """

    @property
    def group(self) -> str: ...

    @property
    def topic(self) -> str: ...

    @property
    def category(self) -> str: ...

    @property
    def state_type(self) -> type[StateT]: ...

    def initial(self, key: str) -> StateT: ...

    def on_record(self, state: StateT, event: Event, now: Moment) -> Sequence[Contract | Quarantine]:
        """Change ``state`` and say what happened; raises ``PoisonError`` before changing anything."""
        ...

    def on_timer(self, state: StateT, now: Moment) -> Sequence[Contract | Quarantine]:
        """Called at a tick when ``state.due <= now.beat``; must raise or clear ``due``."""
        ...


class Rows(MutableMapping[str, Any]):
    """All rows of a grid decider by key, as frozen tagged structs with a ``due`` (log time in µs, or None).

    Setting a row marks it awake for the coming decision and dirty for the commit; deleting removes it.
    """

    @abstractmethod
    def prefixed(self, prefix: str) -> Iterator[str]:
        """Keys that begin with ``prefix``, sorted."""


class Decision(NamedTuple):
    """Events for one stream of the decider's own: ``<category>:<id>``.

    A row under the stream's name must exist and have a ``version``, which the runner raises by the events' number.
    """

    stream: str
    payloads: Sequence[Contract]


class Output(NamedTuple):
    """What a decision gives: events, and writes for the sink that the composition root hands to the runner."""

    decisions: Sequence[Decision] = ()
    writes: Sequence[Any] = ()


class GridDecider(Protocol):
    """Folds several topics and decides on a grid of log time. Called by the grid runner, one per city.

    ``rows``: a tagged union of the row structs.
    """

    @property
    def group(self) -> str: ...

    @property
    def topics(self) -> Sequence[str]: ...

    @property
    def row_type(self) -> Any: ...

    def decode(self, event: Event) -> Any | None:
        """The fact in it, None for types that do not matter here; raises ``PoisonError``."""
        ...

    def fold(self, rows: Rows, fact: Any, record: Record) -> None:
        """Note the fact in the rows; total: what ``decode`` gave can be folded."""
        ...

    def decide(self, rows: Rows, awake: Collection[str], now: Micros) -> Output:
        """Look at the keys that were set since the last decision or are due at ``now``; may set rows again.

        ``awake`` is sorted. A row set here wakes again only by its ``due``.
        """
        ...


class View(Protocol):
    """Makes rows only: a pure fold in a schema of its own, rebuildable at any time into a new generation."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> int:
        """Raised when tables or fold change: workers then build a generation of it beside the one that is read."""
        ...

    @property
    def topics(self) -> Sequence[str]: ...

    def create(self, tx: Connection[Any]) -> None:
        """Create the tables; the search path points to the generation's empty schema."""
        ...

    def decode(self, event: Event) -> Any | None:
        """The fact in it, None for types that do not matter here; raises ``PoisonError``."""
        ...

    def apply(self, tx: Connection[Any], facts: Sequence[tuple[Any, Record]]) -> None:
        """Fold facts in the order given. A ``psycopg.DataError`` or ``IntegrityError`` parks the fact it came from."""
        ...
