"""Permits, as GeoJSON: writing. What ``geojson_import`` reads; personal fields stay out."""

from collections.abc import Iterable
from typing import Any

import msgspec

from services.permits.adapters.mapping_fields import RENAMED
from services.permits.domain.case import Case
from shared.contracts.permits import Measure

_THEIRS = {ours: theirs for theirs, ours in RENAMED.items()}


def feature_collection(cases: Iterable[Case]) -> dict[str, Any]:
    """A feature per measure of ``cases``, in their order; WGS 84 lon-lat, times RFC 3339 in UTC."""
    return {"type": "FeatureCollection", "features": [feature for case in cases for feature in features(case)]}


def features(case: Case) -> list[dict[str, Any]]:
    """The measures of one case; a case without content raises ``ValueError``."""
    content = case.known
    permit = msgspec.to_builtins(content.permit)
    common = {name: value for name, value in permit.items() if name not in {"permit_id", "measures"}}
    common |= {"received_via": case.received_via}
    if case.source is not None:
        common["source"] = case.source
    if case.received_at is not None:
        common["received_at"] = msgspec.to_builtins(case.received_at)
    return [
        _feature(measure, common, content.extra.get(measure.key, {}), content.notes.get(measure.key))
        for measure in content.permit.measures
    ]


def _feature(measure: Measure, common: dict[str, Any], extra: dict[str, Any], note: str | None) -> dict[str, Any]:
    own = msgspec.to_builtins(measure)
    geometry = own.pop("geometry")
    own.pop("id")
    own["measure_id"] = own.pop("key")
    own.setdefault("end", None)  # an open end is said, never left out
    named = {_THEIRS.get(name, name): value for name, value in own.items()}
    properties = {**extra, **common, **named, **({"note": note} if note else {})}
    return {"type": "Feature", "geometry": geometry, "properties": properties}
