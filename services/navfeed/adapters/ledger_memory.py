"""The ledger in memory, for unit tests and backtests; its clock is theirs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from services.navfeed.adapters.rendering import PRODUCTS
from services.navfeed.application.ledger import Document, Entry, Frame, Known, Publication
from services.navfeed.domain.feature import Feature
from shared.clock import Clock, Micros, to_micros


class _Span(NamedTuple):
    first: int
    last: int | None
    data: bytes


class MemoryLedger:
    """A ``Ledger`` without durability."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._publications: list[Publication] = []
        self._known: dict[str, dict[str, Known]] = {}
        self._over: dict[str, Feature] = {}
        self._pieces: dict[str, int] = {}
        self._served: dict[str, dict[str, list[_Span]]] = {}
        self._changes: dict[str, list[tuple[Entry, datetime, str]]] = {}

    def now(self, tx: Any) -> Micros:  # noqa: ARG002  # no transactions in memory
        last = to_micros(self._publications[-1].published_at) if self._publications else 0
        return max(self._clock.now(), last)

    def known(self, tx: Any, situation_id: str) -> Mapping[str, Known]:  # noqa: ARG002  # as above
        return self._known.get(situation_id, {})

    def pieces_of(self, tx: Any, situation_id: str) -> int:  # noqa: ARG002  # as above
        return self._pieces.get(situation_id, 0)

    def over(self, tx: Any) -> Sequence[Feature]:  # noqa: ARG002  # as above
        return [self._over[key] for key in sorted(self._over)]

    def write(self, tx: Any, publication: Publication) -> int:  # noqa: ARG002  # as above
        self._publications.append(publication)
        seq = len(self._publications)
        self._pieces[publication.situation_id] = self._pieces.get(publication.situation_id, 0) + 1
        data = {}
        for kind, key, rendered in publication.pieces:
            spans = self._served.setdefault(kind, {}).setdefault(key, [])
            if spans and spans[-1].last is None:
                spans[-1] = spans[-1]._replace(last=seq)
            if rendered is not None:
                spans.append(_Span(seq, None, rendered))
                data[key] = rendered
        for change, feature, created in publication.changes:
            known = self._known.setdefault(publication.situation_id, {})
            known[feature.id] = Known(feature, created, change == "removed")
            self._over.pop(feature.id, None)
            if change == "ended":
                self._over[feature.id] = feature
            tombstone = msgspec.json.encode({"id": feature.id, "version": feature.version})
            entry = Entry(seq, change, feature.id, feature.version, data.get(feature.id, tombstone))
            self._changes.setdefault(feature.id, []).append((entry, publication.published_at, publication.cause))
        return seq

    def document(self, product: str, at: datetime | None = None) -> Document | None:
        seq = sum(1 for publication in self._publications if at is None or publication.published_at <= at)
        if not seq:
            return None
        publication = self._publications[seq - 1]
        frame: Frame = next(frame for frame in publication.frames if frame.product == product)
        kind, separator, _ = PRODUCTS[product]
        spans = self._served.get(kind, {})
        pieces = [
            span.data
            for key in sorted(spans)
            for span in spans[key]
            if span.first <= seq and (span.last is None or span.last > seq)
        ]
        return Document(frame.opening + separator.join(pieces) + frame.closing, seq, publication.published_at)

    def position(self) -> tuple[int, datetime] | None:
        return (len(self._publications), self._publications[-1].published_at) if self._publications else None

    def measure(self, measure_id: str) -> Entry | None:
        history = self.history(measure_id)
        return history[-1][0] if history else None

    def history(self, measure_id: str) -> Sequence[tuple[Entry, datetime, str]]:
        return self._changes.get(measure_id, [])

    def changes(self, since: int, limit: int) -> Sequence[Entry]:
        entries = [entry for history in self._changes.values() for entry, _, _ in history if entry.seq > since]
        entries.sort(key=lambda entry: (entry.seq, entry.id))
        last = entries[limit - 1].seq if len(entries) > limit else None
        return [entry for entry in entries if last is None or entry.seq <= last]
