"""Measures as the pages' maps draw them, and the server's sketch: what is ordered, and what the lights measured."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from services.permits.application.onsite import OnSite, Site
from services.permits.web.context import office
from services.permits.web.form import Form
from services.permits.web.words import GROUPS
from shared.contracts.permits import Measure, Permit
from shared.contracts.sites import MeasuredExtent
from shared.geo.surroundings import NOTHING
from shared.web.sketch import Mark, sketch

LOOKS: dict[OnSite, str] = {
    "overrunning": "measured",
    "not_set_up": "not_set_up",
    "deviates": "measured",
    "silent": "silent",
    "set_up": "measured",
    "cleared": "measured",
}


def features(permit: Permit, sites: Sequence[Site]) -> list[dict[str, Any]]:
    """A feature per measure, placed where lights measured it; ``ghost`` is the ordered place if the two differ."""
    return [_feature(measure, *found) for measure, found in _found(permit, sites)]


def case_sketch(permit: Permit, sites: Sequence[Site]) -> Markup | None:
    """The same, drawn by the server: for readers without scripts or WebGL, and for paper."""
    return _sketch([mark for measure, found in _found(permit, sites) for mark in _marks(measure, *found)])


def form_sketch(form: Form) -> Markup | None:
    """What stands in the form already; None where no place can be read yet."""
    kinds: Mapping[Any, str] = GROUPS  # the kind is as it was sent
    return _sketch([Mark(place, kinds.get(kind, "note"), "ordered") for kind, place in form.places(office().area)])


Found = tuple[Site, MeasuredExtent] | tuple[None, None]


def _found(permit: Permit, sites: Sequence[Site]) -> list[tuple[Measure, Found]]:
    """Each measure with what lights measured of it."""
    measured: dict[str, Found] = {extent.measure_id: (site, extent) for site in sites for extent in site.extents}
    return [(measure, measured.get(measure.id, (None, None))) for measure in permit.measures]


def _sketch(marks: list[Mark]) -> Markup | None:
    register = office().streets()
    around = (lambda _: NOTHING) if register is None else register.surroundings.around
    return sketch("Lageskizze der Maßnahmen", marks, around) if marks else None


def _marks(measure: Measure, site: Site | None, extent: MeasuredExtent | None) -> list[Mark]:
    ordered = Mark(measure.geometry, GROUPS[measure.kind], "ordered")
    if site is None or extent is None:
        return [ordered]
    ends = extent.place_from == "measured", extent.place_to == "measured"
    found = Mark(extent.line, GROUPS[measure.kind], LOOKS[site.state], ends)
    return [ordered, found] if site.state == "deviates" else [found]


def _feature(measure: Measure, site: Site | None, extent: MeasuredExtent | None) -> dict[str, Any]:
    ordered = msgspec.to_builtins(measure.geometry)
    properties: dict[str, Any] = {
        "id": measure.id,
        "kind": measure.kind,
        "group": GROUPS[measure.kind],
        "look": LOOKS[site.state] if site else "ordered",
        "status": "active",
    }
    if site is None or extent is None:
        return {"type": "Feature", "geometry": ordered, "properties": properties}
    properties["late"] = site.state == "overrunning"
    properties["ends"] = [extent.place_from == "measured", extent.place_to == "measured"]
    if site.state == "deviates":
        properties["ghost"] = ordered
    return {"type": "Feature", "geometry": msgspec.to_builtins(extent.line), "properties": properties}
