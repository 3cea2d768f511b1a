"""Reads an OpenStreetMap extract (``.osm.pbf``) into a CityMap; streets alone are enough."""

from pathlib import Path
from typing import Any, Literal

import msgspec
import osmium

from shared.contracts.base import LonLat
from shared.geo.citymap import (
    PATHS,
    STREETS,
    Address,
    Area,
    AreaKind,
    BusRoute,
    BusStop,
    CityMap,
    Place,
    Ring,
    UnreadableCityError,
    Waterway,
    Way,
)
from shared.geo.crs import LONLAT_DECIMALS

ATTRIBUTION = "© OpenStreetMap-Mitwirkende (ODbL)"
HIGHWAYS = STREETS | PATHS
WATERWAYS = frozenset({"river", "canal", "stream"})
PLACES = frozenset({"city", "town", "village", "suburb", "quarter", "neighbourhood", "hamlet"})
DISTRICT_LEVELS = frozenset({"9", "10", "11"})
AREA_KINDS: tuple[tuple[AreaKind, str, frozenset[str]], ...] = (
    ("water", "natural", frozenset({"water", "bay"})),
    ("water", "waterway", frozenset({"riverbank", "dock"})),
    ("water", "landuse", frozenset({"basin", "reservoir"})),
    ("green", "leisure", frozenset({"park", "garden", "pitch", "playground", "golf_course", "dog_park"})),
    ("green", "natural", frozenset({"wood", "scrub", "grassland", "heath", "wetland"})),
    (
        "green",
        "landuse",
        frozenset({"grass", "forest", "meadow", "cemetery", "allotments", "recreation_ground", "village_green"})
        | {"orchard", "vineyard"},
    ),
)
SPEEDS_KPH = {"walk": 7, "DE:walk": 7, "DE:living_street": 7, "DE:zone30": 30, "DE:zone:30": 30, "DE:urban": 50}

HOUSE, STREET = "addr:housenumber", "addr:street"
TRAVELLED_ROLES = frozenset({"", "forward", "backward"})

Tags = dict[str, str]


def read(path: Path) -> CityMap:
    """The city in the extract, named after the file; raises ``UnreadableCityError``."""
    reading = _Reading()
    keys = ("natural", "waterway", "landuse", "leisure", "building", "boundary")
    try:
        for item in (
            osmium.FileProcessor(str(path))
            .with_areas(osmium.filter.KeyFilter(*keys))
            .with_filter(osmium.filter.KeyFilter(*keys, "highway", "place", "public_transport", "route", HOUSE))
        ):
            reading.take(item)
    except (RuntimeError, OSError) as error:  # osmium's only errors
        raise UnreadableCityError(f"{path.name}: {error}") from error
    return reading.city(path.name.split(".")[0])


class _Reading:
    def __init__(self) -> None:
        self.ways: list[Way] = []
        self.areas: list[Area] = []
        self.waterways: list[Waterway] = []
        self.places: list[Place] = []
        self.boundaries: dict[str, tuple[Ring, ...]] = {}
        self.stops: dict[int, BusStop] = {}
        self.bus_routes: list[BusRoute] = []
        self.addresses: list[Address] = []

    def take(self, item: Any) -> None:
        tags: Tags = dict(item.tags)
        if item.is_node():
            self._take_node(item, tags)
        elif item.is_way():
            self._take_way(item, tags)
        elif item.is_area():
            self._take_area(item, tags)
        elif tags.get("route") == "bus":
            self.bus_routes.append(_bus_route(item, tags, self.stops))

    def _take_node(self, node: Any, tags: Tags) -> None:
        self._take_house(tags, [_lonlat(node)])
        if "name" not in tags:
            return
        if tags.get("place") in PLACES:
            self.places.append(Place(name=tags["name"], kind=tags["place"], lonlat=_lonlat(node)))
        elif "public_transport" in tags or tags.get("highway") == "bus_stop":
            self.stops[node.id] = BusStop(tags["name"], _lonlat(node))

    def _take_way(self, way: Any, tags: Tags) -> None:
        nodes = [node for node in way.nodes if node.location.valid()]
        if len(nodes) < 2:
            return
        positions = tuple(_lonlat(node) for node in nodes)
        if tags.get("highway") in HIGHWAYS and tags.get("area") != "yes":
            self.ways.append(_way(way.id, tags, tuple(node.ref for node in nodes), positions))
        elif tags.get("waterway") in WATERWAYS:
            kind = tags["waterway"]
            self.waterways.append(Waterway(id=way.id, name=tags.get("name"), kind=kind, coordinates=positions))

    def _take_area(self, area: Any, tags: Tags) -> None:
        polygons = [
            tuple(tuple(_lonlat(node) for node in ring) for ring in (outer, *area.inner_rings(outer)))
            for outer in area.outer_rings()
        ]
        self._take_house(tags, [position for rings in polygons for position in rings[0]])
        kind = _area_kind(tags)
        if kind is not None:
            name = tags.get("name")
            self.areas += (Area(id=area.id, kind=kind, name=name, rings=rings) for rings in polygons)
        elif tags.get("admin_level") in DISTRICT_LEVELS and "name" in tags and len(polygons) == 1:
            self.boundaries[tags["name"]] = polygons[0]

    def _take_house(self, tags: Tags, outline: list[LonLat]) -> None:
        if HOUSE in tags and STREET in tags:
            middle = [round(sum(axis) / len(axis), LONLAT_DECIMALS) for axis in zip(*outline, strict=True)]
            self.addresses.append(Address(tags[STREET], tags[HOUSE], (middle[0], middle[1])))

    def city(self, name: str) -> CityMap:
        known = {way.id for way in self.ways}
        bussed = {way for route in self.bus_routes for way in route.ways}
        ways = (msgspec.structs.replace(way, bus=True) if way.id in bussed else way for way in self.ways)
        places = (msgspec.structs.replace(place, rings=self.boundaries.get(place.name, ())) for place in self.places)
        return CityMap(
            name=name,
            attribution=ATTRIBUTION,
            ways=tuple(sorted(ways, key=lambda way: way.id)),
            areas=tuple(sorted(self.areas, key=lambda area: area.id)),
            waterways=tuple(sorted(self.waterways, key=lambda waterway: waterway.id)),
            places=tuple(sorted(places, key=lambda place: (place.name, place.lonlat))),
            bus_routes=tuple(_within(route, known) for route in self.bus_routes),
            addresses=tuple(sorted(self.addresses, key=lambda house: (house.street, house.number, house.lonlat))),
        )


def _lonlat(node: Any) -> LonLat:
    return round(node.lon, LONLAT_DECIMALS), round(node.lat, LONLAT_DECIMALS)


def _way(number: int, tags: Tags, nodes: tuple[int, ...], positions: tuple[LonLat, ...]) -> Way:
    return Way(
        id=number,
        name=tags.get("name"),
        highway=tags["highway"],
        oneway=_oneway(tags),
        nodes=nodes,
        coordinates=positions,
        ref=tags.get("ref"),
        maxspeed=_maxspeed(tags.get("maxspeed", "")),
    )


def _oneway(tags: Tags) -> Literal[-1, 0, 1]:
    value = tags.get("oneway")
    if value in {"-1", "reverse"}:
        return -1
    implied = tags.get("junction") in {"roundabout", "circular"} or tags["highway"] in {"motorway", "motorway_link"}
    return 1 if value in {"yes", "true", "1"} or (value is None and implied) else 0


def _maxspeed(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() else SPEEDS_KPH.get(value)


def _area_kind(tags: Tags) -> AreaKind | None:
    if tags.get("building", "no") != "no":
        return "building"
    return next((kind for kind, key, values in AREA_KINDS if tags.get(key) in values), None)


def _bus_route(relation: Any, tags: Tags, stops: dict[int, BusStop]) -> BusRoute:
    members = list(relation.members)
    return BusRoute(
        ref=tags.get("ref", ""),
        name=tags.get("name"),
        ways=tuple(member.ref for member in members if member.type == "w" and member.role in TRAVELLED_ROLES),
        stops=tuple(stops[member.ref] for member in members if member.type == "n" and member.ref in stops),
    )


def _within(route: BusRoute, known: set[int]) -> BusRoute:
    return msgspec.structs.replace(route, ways=tuple(way for way in route.ways if way in known))
