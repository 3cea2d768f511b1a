"""Writes a city as one PMTiles file of vector tiles: the base map of every page, asked of nobody else.

Layers: ``water`` and ``green`` (kind, name), ``buildings``, ``streets`` (class, name, oneway, ref, bus), ``places``
(name, kind). One-way streets are drawn in the direction of traffic (``oneway`` 1).
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely.geometry.base import BaseGeometry

from shared.contracts.base import LonLat
from shared.geo.citymap import CityMap, Ring, Way
from shared.geo.tiling import Feature, mercator, tiles

MIN_ZOOM, MAX_ZOOM = 10, 16
START_ZOOM = 14
BUILDINGS_FROM_ZOOM = 14
AREAS_FROM_ZOOM = {"water": 10, "green": 11, "building": BUILDINGS_FROM_ZOOM}
LAYER_OF_AREA = {"water": "water", "green": "green", "building": "buildings"}
STREETS_FROM_ZOOM = {
    **dict.fromkeys(("motorway", "motorway_link", "trunk", "trunk_link", "primary"), 10),
    **dict.fromkeys(("primary_link", "secondary"), 11),
    **dict.fromkeys(("secondary_link", "tertiary", "tertiary_link"), 12),
    **dict.fromkeys(("unclassified", "residential", "living_street", "pedestrian", "road", "busway"), 13),
}
PATHS_FROM_ZOOM = 14
WATERWAYS_FROM_ZOOM = {"river": 11, "canal": 12}
STREAMS_FROM_ZOOM = 14
PLACES_FROM_ZOOM = {"city": 10, "town": 10, "village": 11, "suburb": 11, "quarter": 12}
OTHER_PLACES_FROM_ZOOM = 13

FIELDS = {
    "water": {"kind": "String", "name": "String"},
    "green": {"name": "String"},
    "buildings": {},
    "streets": {"class": "String", "name": "String", "oneway": "Number", "ref": "String", "bus": "Boolean"},
    "places": {"name": "String", "kind": "String"},
}


def write(city: CityMap, path: Path) -> None:
    """Write the map of ``city``; the same city gives the same bytes. The file appears whole or not at all.

    Raises ``ValueError`` for a city with nothing in it.
    """
    features = list(_features(city))
    if not features:
        raise ValueError("nothing to draw")
    made = (tile for zoom in range(MIN_ZOOM, MAX_ZOOM + 1) for tile in tiles(features, zoom))
    numbered = sorted((zxy_to_tileid(tile.zoom, tile.x, tile.y), tile.data) for tile in made)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]  # pmtiles declares no types
        for number, data in numbered:
            writer.write_tile(number, data)
        writer.finalize(_header(city), _metadata(city))
    part.replace(path)


def _features(city: CityMap) -> Iterator[Feature]:
    for area in city.areas:
        properties = _given(kind="area" if area.kind == "water" else None, name=area.name)
        yield Feature(LAYER_OF_AREA[area.kind], _polygon(area.rings), properties, AREAS_FROM_ZOOM[area.kind])
    for waterway in city.waterways:
        properties = _given(kind=waterway.kind, name=waterway.name)
        zoom = WATERWAYS_FROM_ZOOM.get(waterway.kind, STREAMS_FROM_ZOOM)
        yield Feature("water", _line(waterway.coordinates), properties, zoom)
    yield from _streets(city)
    for place in city.places:
        properties = _given(name=place.name, kind=place.kind)
        zoom = PLACES_FROM_ZOOM.get(place.kind, OTHER_PLACES_FROM_ZOOM)
        yield Feature("places", shapely.Point(_world((place.lonlat,))[0]), properties, zoom)


def _streets(city: CityMap) -> Iterator[Feature]:
    """Ways that look the same are merged where they meet: names need length to be written along."""
    alike: dict[tuple[Any, ...], list[Way]] = defaultdict(list)
    for way in city.ways:
        alike[way.highway, way.name or "", abs(way.oneway), way.ref or "", way.bus].append(way)
    for (highway, name, oneway, ref, bus), ways in sorted(alike.items()):
        lines = [_line(way.coordinates[::-1] if way.oneway < 0 else way.coordinates) for way in ways]
        merged = shapely.line_merge(shapely.MultiLineString(lines), directed=bool(oneway))
        properties = _given(**{"class": highway}, name=name, oneway=oneway, ref=ref, bus=bus)
        for line in shapely.get_parts(merged):
            yield Feature("streets", line, properties, STREETS_FROM_ZOOM.get(highway, PATHS_FROM_ZOOM))


def _given(**properties: str | int | None) -> dict[str, str | int]:
    return {key: value for key, value in properties.items() if value}


def _world(positions: tuple[LonLat, ...]) -> Any:
    return mercator(np.array(positions))


def _line(positions: tuple[LonLat, ...]) -> shapely.LineString:
    return shapely.LineString(_world(positions))


def _polygon(rings: tuple[Ring, ...]) -> BaseGeometry:
    shell, *holes = (_world(ring) for ring in rings)
    return shapely.make_valid(shapely.Polygon(shell, holes))


def _header(city: CityMap) -> dict[str, Any]:
    west, south, east, north = _bounds(city)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": round(west * 1e7),
        "min_lat_e7": round(south * 1e7),
        "max_lon_e7": round(east * 1e7),
        "max_lat_e7": round(north * 1e7),
        "center_zoom": START_ZOOM,
        "center_lon_e7": round((west + east) / 2 * 1e7),
        "center_lat_e7": round((south + north) / 2 * 1e7),
    }


def _bounds(city: CityMap) -> tuple[float, float, float, float]:
    """West, south, east, north of the streets; of everything where there are none."""
    streets = [position for way in city.ways for position in way.coordinates]
    other = [position for area in city.areas for position in area.rings[0]]
    other += [position for waterway in city.waterways for position in waterway.coordinates]
    positions = np.array(streets or other or [place.lonlat for place in city.places])
    (west, south), (east, north) = positions.min(axis=0).tolist(), positions.max(axis=0).tolist()
    return west, south, east, north


def _metadata(city: CityMap) -> dict[str, Any]:
    lowest = {"green": AREAS_FROM_ZOOM["green"], "buildings": BUILDINGS_FROM_ZOOM}
    layers = [
        {"id": layer, "fields": fields, "minzoom": lowest.get(layer, MIN_ZOOM), "maxzoom": MAX_ZOOM}
        for layer, fields in FIELDS.items()
    ]
    return {"name": city.name, "attribution": city.attribution, "type": "baselayer", "vector_layers": layers}
