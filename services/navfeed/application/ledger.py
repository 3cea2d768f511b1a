"""The ledger: what was published, in stored bytes, from the first day on. Nothing in it is ever rendered again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from services.navfeed.domain.feature import Feature
from shared.clock import Micros

Change = Literal["updated", "ended", "removed"]

# Kinds of pieces: one per measure, one per situation.
GEOJSON, DATEX2 = "geojson", "datex2"


class Known(NamedTuple):
    """What the ledger last published of a measure; ``removed`` ones are known for life. ``feature`` carries version."""

    feature: Feature
    created: datetime
    removed: bool


class Changed(NamedTuple):
    """One new version of one measure: a feature with its version, or the last one for a removal."""

    change: Change
    feature: Feature
    created: datetime


class Piece(NamedTuple):
    """Rendered bytes of one id in one kind of product; None: the id leaves the product."""

    kind: str
    id: str
    data: bytes | None


class Frame(NamedTuple):
    """What stands around the pieces of one product in one publication."""

    product: str
    opening: bytes
    closing: bytes


class Publication(NamedTuple):
    """What one cause changed in the feed. ``published_at`` by the ledger's clock, ``code`` the renderers' version."""

    situation_id: str
    published_at: datetime
    cause: str
    code: str
    changes: Sequence[Changed]
    pieces: Sequence[Piece]
    frames: Sequence[Frame]


class Document(NamedTuple):
    """A product as it was served: ``seq`` is the ledger position that made it."""

    data: bytes
    seq: int
    published_at: datetime


class Entry(NamedTuple):
    """A change as subscribers see it; ``data`` is the GeoJSON feature of that version."""

    seq: int
    change: Change
    id: str
    version: int
    data: bytes


class Ledger(Protocol):
    """PostgreSQL or memory. Methods with ``tx`` take part in the runner's commit (None in memory)."""

    def now(self, tx: Any) -> Micros:
        """The clock of ``published_at``: the database's, or a backtest's. Never before the last publication."""
        ...

    def known(self, tx: Any, situation_id: str) -> Mapping[str, Known]:
        """All measures that were ever published of a situation, by id."""
        ...

    def pieces_of(self, tx: Any, situation_id: str) -> int:
        """How many pieces the situation has had."""
        ...

    def over(self, tx: Any) -> Sequence[Feature]:
        """Features in the feed that are ended or cancelled, by id."""
        ...

    def write(self, tx: Any, publication: Publication) -> int:
        """Note it and return its position; positions are dense in the order of publication."""
        ...

    def document(self, product: str, at: datetime | None = None) -> Document | None:
        """The bytes that are served now, or were at ``at``; None before the first publication."""
        ...

    def position(self) -> tuple[int, datetime] | None:
        """Position and instant of the newest publication."""
        ...

    def measure(self, measure_id: str) -> Entry | None:
        """The newest version of a measure, for life."""
        ...

    def history(self, measure_id: str) -> Sequence[tuple[Entry, datetime, str]]:
        """Every version with when it was published and the event that caused it, oldest first."""
        ...

    def changes(self, since: int, limit: int) -> Sequence[Entry]:
        """What was published after a position, by (seq, id): ``limit`` entries and the rest of their publication."""
        ...
