"""Work areas: which measures of a permit share a site, and the site's name for life."""

import uuid
from collections.abc import Sequence

from services.beacons.domain.cells import shape
from shared.contracts.permits import Measure

APART_M = 25.0
NOT_MARKED = frozenset({"detour", "no_stopping"})
NAMESPACE = uuid.UUID("6c656974-6261-6b65-8000-000000000002")


def site_id(permit_id: str, measure_id: str) -> str:
    """The id of the site whose work area was named after this measure."""
    return str(uuid.uuid5(NAMESPACE, f"area|{permit_id}|{measure_id}"))


def suspect_id(device_id: str) -> str:
    """The id of a suspected site, after its first light."""
    return str(uuid.uuid5(NAMESPACE, f"suspect|{device_id}"))


def work_areas(measures: Sequence[Measure]) -> list[tuple[Measure, ...]]:
    """Groups of measures within 25 m of each other, directly or over others; groups and members in their order."""
    groups: list[list[int]] = []
    marked = [measure for measure in measures if measure.kind not in NOT_MARKED]
    shapes = [shape(measure.geometry) for measure in marked]
    for place, metric in enumerate(shapes):
        near = [group for group in groups if any(shapes[other].distance(metric) <= APART_M for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append(sorted([place, *(other for group in near for other in group)]))
    return [tuple(marked[place] for place in group) for group in sorted(groups)]


def named(permit_id: str, areas: Sequence[Sequence[str]], before: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Site ids of ``areas`` (measure ids each), kept from ``before`` (site id, measure ids) where they go on.

    An area goes on where the measure is that named it, else where the first of its measures is.
    """
    free = dict(before)
    names: dict[int, str] = {}
    for index, measures in enumerate(areas):
        own = [name for name in (site_id(permit_id, measure) for measure in measures) if name in free]
        if own:
            names[index] = own[0]
            del free[own[0]]
    for index, measures in enumerate(areas):
        if index in names:
            continue
        heirs = [name for name, old in free.items() if not set(old).isdisjoint(measures)]
        names[index] = heirs[0] if heirs else site_id(permit_id, measures[0])
        free.pop(names[index], None)
    return [names[index] for index in range(len(areas))]
