"""What permits change in the rows: work areas, their periods, and what people reported."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from services.beacons.domain import cells
from services.beacons.domain.areas import named, work_areas
from services.beacons.domain.rows import AreaRow, NumberRow, PermitRow, Place, SiteRow
from shared.clock import Micros, to_micros
from shared.contracts.permits import (
    EndReverted,
    Measure,
    Permit,
    PermitAmended,
    PermitApproved,
    PermitExtended,
    PermitRevoked,
    StartReverted,
    WorksEnded,
    WorksInterrupted,
    WorksResumed,
    WorksStarted,
)
from shared.projection.protocols import Rows


def order(rows: Rows, permit_id: str, permit: Permit, now: Micros) -> None:
    """Take the whole public content of a permit as it is from log time ``now`` on."""
    key = f"permit:{permit_id}"
    old = rows.get(key)
    groups = work_areas(permit.measures)
    before = [area for site in old.sites if (area := rows.get(f"area:{site}"))] if isinstance(old, PermitRow) else []
    names = named(
        permit_id,
        [[measure.id for measure in group] for group in groups],
        [(area.site_id, [place.measure_id for place in area.places]) for area in before],
    )
    for area in before:
        if area.site_id not in names:
            cells.move_area(rows, area.site_id, area.cells, ())
            del rows[f"area:{area.site_id}"]
    for name, group in zip(names, groups, strict=True):
        _lay_out(rows, permit_id, name, group)
    rows[key] = PermitRow(
        permit_id=permit_id,
        number=permit.permit_number,
        known=old.known if isinstance(old, PermitRow) else now,
        sites=tuple(names),
        whole=permit.occupation == "whole",
        paused=isinstance(old, PermitRow) and old.paused,
    )
    if isinstance(old, PermitRow) and old.number != permit.permit_number:
        rows[f"number:{old.number}"] = msgspec.structs.replace(rows[f"number:{old.number}"], permit_id=None)
    number = rows.get(f"number:{permit.permit_number}") or NumberRow()
    rows[f"number:{permit.permit_number}"] = msgspec.structs.replace(number, permit_id=permit_id)


def _lay_out(rows: Rows, permit_id: str, site_id: str, measures: tuple[Measure, ...]) -> None:
    places = tuple(
        Place(
            measure.id,
            measure.kind,
            measure.geometry,
            to_micros(measure.start),
            None if measure.end is None else to_micros(measure.end),
            measure.street,
        )
        for measure in measures
    )
    old = rows.get(f"area:{site_id}")
    area = AreaRow(
        site_id=site_id,
        permit_id=permit_id,
        places=places,
        cells=cells.covering(place.geometry for place in places),
    )
    cells.move_area(rows, site_id, old.cells if isinstance(old, AreaRow) else (), area.cells)
    rows[f"area:{site_id}"] = area
    site = rows.get(f"site:{site_id}") or SiteRow(site_id=site_id, permit_id=permit_id)
    drawn = {place.measure_id: place.geometry for place in old.places} if isinstance(old, AreaRow) else {}
    same = {place.measure_id for place in places if drawn.get(place.measure_id) == place.geometry}
    ends = tuple(told for told in site.ends if told.measure_id in same)
    measure_ids = tuple(place.measure_id for place in places)
    rows[f"site:{site_id}"] = msgspec.structs.replace(site, measure_ids=measure_ids, ends=ends)


def _extend(rows: Rows, permit_id: str, ends: Mapping[str, Micros | None]) -> None:
    for site_id in _sites(rows, permit_id):
        area = rows[f"area:{site_id}"]
        places = tuple(
            msgspec.structs.replace(place, end=ends.get(place.measure_id, place.end)) for place in area.places
        )
        if places != area.places:
            rows[f"area:{site_id}"] = msgspec.structs.replace(area, places=places)


def _revoke(rows: Rows, permit_id: str, at: Micros) -> None:
    for site_id in _sites(rows, permit_id):
        rows[f"area:{site_id}"] = msgspec.structs.replace(rows[f"area:{site_id}"], revoked=at)


def _sites(rows: Rows, permit_id: str) -> tuple[str, ...]:
    permit = rows.get(f"permit:{permit_id}")
    return permit.sites if isinstance(permit, PermitRow) else ()


def _pause(rows: Rows, permit_id: str, *, paused: bool) -> None:
    permit = rows.get(f"permit:{permit_id}")
    if isinstance(permit, PermitRow):
        rows[f"permit:{permit_id}"] = msgspec.structs.replace(permit, paused=paused)


def _extended(fact: PermitExtended) -> dict[str, Micros | None]:
    return {measure: None if end is None else to_micros(end) for measure, end in fact.ends.items()}


# contract -> how it changes the rows of a permit; log time last.
FOLDS: dict[type[Any], Callable[[Rows, str, Any, Micros], None]] = {
    PermitApproved: lambda rows, permit_id, fact, now: order(rows, permit_id, fact.permit, now),
    PermitAmended: lambda rows, permit_id, fact, now: order(rows, permit_id, fact.permit, now),
    PermitExtended: lambda rows, permit_id, fact, _: _extend(rows, permit_id, _extended(fact)),
    PermitRevoked: lambda rows, permit_id, fact, _: _revoke(rows, permit_id, to_micros(fact.at)),
    WorksStarted: lambda rows, permit_id, *_: _pause(rows, permit_id, paused=False),
    StartReverted: lambda rows, permit_id, *_: _pause(rows, permit_id, paused=False),
    EndReverted: lambda rows, permit_id, fact, _: _pause(rows, permit_id, paused=fact.interrupted),
    WorksResumed: lambda rows, permit_id, *_: _pause(rows, permit_id, paused=False),
    WorksInterrupted: lambda rows, permit_id, *_: _pause(rows, permit_id, paused=True),
    WorksEnded: lambda rows, permit_id, *_: _pause(rows, permit_id, paused=True),
}
