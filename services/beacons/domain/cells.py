"""A coarse grid over EPSG:25832, kept in rows: what is near a place without looking at the whole city."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from math import floor

import msgspec
import shapely

from services.beacons.domain.rows import Cell, CellRow, joined, without
from shared.contracts.base import Geometry
from shared.geo.crs import metric_shape
from shared.projection.protocols import Rows

SIZE_M = 200.0
REACH_M = 100.0  # lights count to a work area at most this far away by the gate


@lru_cache(maxsize=8192)
def shape(geometry: Geometry) -> shapely.geometry.base.BaseGeometry:
    """The geometry in metres; remembered, because it follows from the geometry alone."""
    return metric_shape(geometry)


def key(cell: Cell) -> str:
    return f"cell:{cell[0]}:{cell[1]}"


def cell_of(x: float, y: float) -> Cell:
    return floor(x / SIZE_M), floor(y / SIZE_M)


def around(x: float, y: float, reach_m: float) -> list[Cell]:
    """The cells that a square of this reach touches, in order."""
    return _box(x - reach_m, y - reach_m, x + reach_m, y + reach_m)


def covering(geometries: Iterable[Geometry]) -> tuple[Cell, ...]:
    """The cells within reach of any of the geometries, in order."""
    cells: set[Cell] = set()
    for geometry in geometries:
        for west, south, east, north in _boxes(shape(geometry)):
            cells.update(_box(west - REACH_M, south - REACH_M, east + REACH_M, north + REACH_M))
    return tuple(sorted(cells))


def _boxes(metric: shapely.geometry.base.BaseGeometry) -> list[tuple[float, float, float, float]]:
    """Boxes that hold the shape: of each segment for a line, so that a long road does not fill the city."""
    if not isinstance(metric, shapely.LineString):
        return [metric.bounds]
    points = list(metric.coords)
    return [(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])) for a, b in pairwise(points)]


def _box(west: float, south: float, east: float, north: float) -> list[Cell]:
    (left, bottom), (right, top) = cell_of(west, south), cell_of(east, north)
    return [(column, row) for column in range(left, right + 1) for row in range(bottom, top + 1)]


def at(rows: Rows, cell: Cell) -> CellRow:
    found = rows.get(key(cell))
    return found if isinstance(found, CellRow) else CellRow()


def move_light(rows: Rows, device_id: str, old: Cell | None, new: Cell | None) -> None:
    if old == new:
        return
    if old is not None:
        row = at(rows, old)
        _put(rows, old, msgspec.structs.replace(row, lights=without(row.lights, device_id)))
    if new is not None:
        row = at(rows, new)
        _put(rows, new, msgspec.structs.replace(row, lights=joined(row.lights, device_id)))


def move_area(rows: Rows, site_id: str, old: Iterable[Cell], new: Iterable[Cell]) -> None:
    before, after = set(old), set(new)
    for cell in sorted(before - after):
        row = at(rows, cell)
        _put(rows, cell, msgspec.structs.replace(row, sites=without(row.sites, site_id)))
    for cell in sorted(after - before):
        row = at(rows, cell)
        _put(rows, cell, msgspec.structs.replace(row, sites=joined(row.sites, site_id)))


def _put(rows: Rows, cell: Cell, row: CellRow) -> None:
    if row.lights or row.sites:
        rows[key(cell)] = row
    else:
        del rows[key(cell)]
