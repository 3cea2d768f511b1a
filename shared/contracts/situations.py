"""The published state per measure. Topic ``leitbake.situations.v1`` (compacted), stream ``measure:<measure id>``."""

from datetime import datetime
from typing import Any, Literal

from shared.contracts.base import Contract, contract


@contract("situation.published.v1")
class SituationPublished(Contract, frozen=True, kw_only=True):
    """One version of one measure as the feed serves it: a GeoJSON feature (interfaces.md § A feature of the feed)."""

    change: Literal["updated", "ended", "removed"]
    published_at: datetime
    feature: dict[str, Any]
