"""Cuts features into Mapbox vector tiles: one zoom at a time, in tile units of the whole world (y down)."""

import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import mapbox_vector_tile
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from shared.geo.crs import Floats

EXTENT = 4096  # tile units along a tile's edge
BUFFER = 96  # units drawn beyond the edge, so that no seam shows
TOLERANCE = 4.0  # units: half a pixel of a tile shown at 512 pixels
SMALLEST_AREA = 48.0  # square units: below that nobody sees it
SHAPES = (0, 1, 3, 4, 5, 6)  # GEOS type ids of points, lines and polygons, single and multiple
POLYGONS = (3, 6)

Geometries: TypeAlias = NDArray[np.object_]


class Feature(NamedTuple):
    """``geometry`` in the unit square of the web mercator world; drawn from ``min_zoom`` on."""

    layer: str
    geometry: BaseGeometry
    properties: Mapping[str, Any]
    min_zoom: int


class Tile(NamedTuple):
    zoom: int
    x: int
    y: int
    data: bytes


def mercator(lonlat: Floats) -> Floats:
    """Degrees (n, 2) to the unit square of the web mercator world, y down."""
    sine = np.sin(np.radians(lonlat[:, 1]))
    return np.column_stack((lonlat[:, 0] / 360 + 0.5, 0.5 - np.arctanh(sine) / (2 * np.pi)))


def tiles(features: Sequence[Feature], zoom: int) -> Iterator[Tile]:
    """All tiles of one zoom that have something in them, gzipped, ordered by x and y."""
    seen = [feature for feature in features if feature.min_zoom <= zoom]
    geometries = _at_zoom(seen, zoom)
    present = np.flatnonzero(~shapely.is_empty(geometries))
    tree = STRtree(geometries[present])
    for x, y in _addresses(geometries[present]):
        box = (x * EXTENT - BUFFER, y * EXTENT - BUFFER, (x + 1) * EXTENT + BUFFER, (y + 1) * EXTENT + BUFFER)
        found = present[np.sort(tree.query(shapely.box(*box)))]
        clipped = _clipped(geometries[found], box, np.array([x, y]) * EXTENT)
        layers = _layers([seen[index] for index in found], clipped)
        if layers:
            yield Tile(zoom, x, y, gzip.compress(_encoded(layers), mtime=0))


def _at_zoom(features: Sequence[Feature], zoom: int) -> Geometries:
    """Scaled and simplified; what is too small to be seen becomes empty."""
    scale = EXTENT * 2.0**zoom
    geometries = np.array([feature.geometry for feature in features], dtype=object)
    scaled: Geometries = shapely.simplify(shapely.transform(geometries, lambda c: c * scale), TOLERANCE)
    flat = np.isin(shapely.get_type_id(scaled), POLYGONS)
    scaled[flat & (shapely.area(scaled) < SMALLEST_AREA)] = shapely.Point()
    return scaled


def _addresses(geometries: Geometries) -> list[tuple[int, int]]:
    """The tiles whose square touches any feature's box."""
    addresses: set[tuple[int, int]] = set()
    for west, north, east, south in np.unique(shapely.bounds(geometries) // EXTENT, axis=0).astype(int).tolist():
        addresses.update((x, y) for x in range(west, east + 1) for y in range(north, south + 1))
    return sorted(addresses)


def _clipped(geometries: Geometries, box: tuple[float, float, float, float], origin: Floats) -> Geometries:
    moved = shapely.transform(shapely.clip_by_rect(geometries, *box), lambda c: c - origin)
    flat = np.isin(shapely.get_type_id(moved), POLYGONS)
    moved[flat] = shapely.orient_polygons(shapely.set_precision(moved[flat], 1.0))
    moved[~flat] = shapely.set_precision(moved[~flat], 1.0, mode="pointwise")
    moved[~np.isin(shapely.get_type_id(moved), SHAPES)] = shapely.Point()
    return moved


def _layers(features: Sequence[Feature], clipped: Geometries) -> dict[str, list[dict[str, Any]]]:
    layers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for feature, geometry, empty in zip(features, clipped, shapely.is_empty(clipped).tolist(), strict=True):
        if not empty:
            layers[feature.layer].append({"geometry": geometry, "properties": feature.properties})
    return layers


def _encoded(layers: Mapping[str, list[dict[str, Any]]]) -> bytes:
    options = {"y_coord_down": True, "check_winding_order": False, "extents": EXTENT}
    named = [{"name": name, "features": layers[name]} for name in sorted(layers)]
    encoded: bytes = mapbox_vector_tile.encode(named, default_options=options)
    return encoded
