"""From a fused situation to a publication: what changed, which versions it gets, which bytes are stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec.structs import replace

from services.navfeed.application.ledger import (
    DATEX2,
    GEOJSON,
    Change,
    Changed,
    Frame,
    Known,
    Ledger,
    Piece,
    Publication,
)
from services.navfeed.domain.feature import Feature, content
from services.navfeed.domain.publisher import SituationUpdate
from shared.clock import from_micros
from shared.contracts.situations import SituationPublished
from shared.events.codec import follow_up
from shared.eventstore.port import Batch
from shared.projection.grid import Write


class Renderer(Protocol):
    """Makes the stored bytes. ``code`` names its version in every publication."""

    code: str

    def feature(self, feature: Feature) -> bytes: ...

    def situation(self, features: Sequence[Feature], version: int, created: Mapping[str, datetime]) -> bytes: ...

    def frames(self, published_at: datetime, over: Sequence[Feature]) -> list[Frame]:
        """Opening and closing of every product; ``over``: ended and cancelled features in the feed."""
        ...

    def properties(self, feature: Feature) -> dict[str, Any]:
        """The feature as plain JSON, for the log."""
        ...


class Publishing:
    """The sink of the publisher: it alone assigns versions. Called inside the runner's commit."""

    def __init__(self, ledger: Ledger, renderer: Renderer) -> None:
        self._ledger, self.renderer = ledger, renderer

    def __call__(self, tx: Any, writes: Sequence[Write]) -> list[Batch]:
        batches: dict[str, Batch] = {}
        for write in writes:
            for batch in self._publish(tx, write.content, write.decided):
                before = batches.get(batch.stream)
                # One commit may carry several versions of a measure: a stream stands in a commit once.
                batches[batch.stream] = (
                    batch if before is None else before._replace(events=[*before.events, *batch.events])
                )
        return list(batches.values())

    def _publish(self, tx: Any, update: SituationUpdate, decided: int) -> list[Batch]:
        known = self._ledger.known(tx, update.situation_id)
        published_at = from_micros(self._ledger.now(tx))
        changes = changes_of(update.features, known, published_at)
        if not changes:
            return []
        publication = Publication(
            situation_id=update.situation_id,
            published_at=published_at,
            cause=update.cause,
            code=self.renderer.code,
            changes=changes,
            pieces=self._pieces(tx, update.situation_id, known, changes),
            frames=self.renderer.frames(published_at, self._over(tx, changes)),
        )
        self._ledger.write(tx, publication)
        return [self._announce(change, published_at, decided, update.cause) for change in changes]

    def _pieces(self, tx: Any, situation: str, known: Mapping[str, Known], changes: Sequence[Changed]) -> list[Piece]:
        render = self.renderer
        pieces = [
            Piece(GEOJSON, c.feature.id, None if c.change == "removed" else render.feature(c.feature)) for c in changes
        ]
        shown = {measure_id: old.feature for measure_id, old in known.items() if not old.removed}
        created = {measure_id: old.created for measure_id, old in known.items()}
        for changed in changes:
            created[changed.feature.id] = changed.created
            shown[changed.feature.id] = changed.feature
            if changed.change == "removed":
                del shown[changed.feature.id]
        version = self._ledger.pieces_of(tx, situation) + 1
        data = render.situation([shown[key] for key in sorted(shown)], version, created) if shown else None
        return [*pieces, Piece(DATEX2, situation, data)]

    def _over(self, tx: Any, changes: Sequence[Changed]) -> list[Feature]:
        over = {feature.id: feature for feature in self._ledger.over(tx)}
        for change, feature, _ in changes:
            over.pop(feature.id, None)
            if change == "ended":
                over[feature.id] = feature
        return [over[key] for key in sorted(over)]

    def _announce(self, changed: Changed, published_at: datetime, decided: int, cause: str) -> Batch:
        feature = changed.feature
        payload = SituationPublished(
            change=changed.change, published_at=published_at, feature=self.renderer.properties(feature)
        )
        stream = f"measure:{feature.id}"
        event = follow_up(
            payload, decider="publisher", stream=stream, version=feature.version, decided=decided, cause=None
        )
        return Batch(stream, feature.version - 1, [replace(event, causation=cause, correlation=cause)])


def changes_of(features: Sequence[Feature], known: Mapping[str, Known], at: datetime) -> list[Changed]:
    """What differs from the ledger, with the next versions; ordered by measure id."""
    changes = []
    current = {feature.id: feature for feature in features}
    for measure_id in sorted(current.keys() | known.keys()):
        new, old = current.get(measure_id), known.get(measure_id)
        if new is None:
            if old is not None and not old.removed:
                gone = replace(old.feature, version=old.feature.version + 1, version_time=at)
                changes.append(Changed("removed", gone, old.created))
        elif old is None or old.removed or content(old.feature) != content(new):
            version = old.feature.version + 1 if old else 1
            word: Change = "ended" if new.status in ("ended", "cancelled") else "updated"
            versioned = replace(new, version=version, version_time=at)
            changes.append(Changed(word, versioned, old.created if old else at))
    return changes
