"""Any GeoJSON geometry to the one a measure has: a line, an area or a point, in WGS 84 lon-lat."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import shapely

from services.permits.adapters.mapping_fields import Findings
from services.permits.domain.measures import ServiceArea, positions
from shared.contracts.base import Geometry, LineString, Point, Polygon

Position = Annotated[tuple[float, ...], msgspec.Meta(min_length=2)]
Line = tuple[Position, ...]
Rings = tuple[Line, ...]
_SHAPES: dict[str, Any] = {
    "Point": Position,
    "LineString": Line,
    "Polygon": Rings,
    "MultiPoint": tuple[Position, ...],
    "MultiLineString": tuple[Line, ...],
    "MultiPolygon": tuple[Rings, ...],
}
_SEVERAL = {
    "LineString": "Die Geometrie besteht aus mehreren getrennten Linien; bitte je Linie eine Maßnahme angeben.",
    "Polygon": "Die Geometrie besteht aus mehreren getrennten Flächen; bitte je Fläche eine Maßnahme angeben.",
    "Point": "Die Geometrie besteht aus mehreren Punkten; bitte je Punkt eine Maßnahme angeben.",
}

UNREADABLE = "Die Geometrie ist nicht lesbar, hat zu wenige Punkte oder ist nicht in WGS 84 (Länge, Breite)."
COLLECTIONS_DEEP = 4  # RFC 7946 advises against any

Part = tuple[str, Any]


def read_geometry(raw: Any, area: ServiceArea, findings: Findings) -> Geometry | None:
    """The one geometry in ``raw``, with what was repaired in ``findings``; None where it says why there is none."""
    try:
        parts = _parts(raw)
    except msgspec.ValidationError:
        findings.refuse(UNREADABLE)
        return None
    for kind in ("LineString", "Polygon", "Point"):
        shapes = [shape for name, shape in parts if name == kind]
        if shapes:
            if len(shapes) < len(parts):
                findings.repaired.append("Von der Sammelgeometrie wurde nur der aussagekräftigste Teil übernommen.")
            return _one(kind, shapes, area, findings)
    findings.refuse("Das Merkmal hat keinen Ort.")
    return None


def _parts(raw: Any, depth: int = 0) -> list[Part]:
    """Simple geometries in ``raw``, in its order; raises ``msgspec.ValidationError``."""
    if depth > COLLECTIONS_DEEP:
        raise msgspec.ValidationError("collections in collections")
    if raw is None:
        return []
    members = msgspec.convert(raw, dict[str, Any])
    kind = str(members.get("type"))
    if kind == "GeometryCollection":
        inner = msgspec.convert(members.get("geometries"), list[Any])
        return [part for geometry in inner for part in _parts(geometry, depth + 1)]
    if kind not in _SHAPES:
        raise msgspec.ValidationError(f"unknown type {kind!r}")
    coordinates = msgspec.convert(members.get("coordinates"), _SHAPES[kind])
    if not coordinates:
        return []
    return [(kind[5:], part) for part in coordinates] if kind.startswith("Multi") else [(kind, coordinates)]


def _one(kind: str, shapes: Sequence[Any], area: ServiceArea, findings: Findings) -> Geometry | None:
    tidy = _unique([_TIDY[kind](shape, findings) for shape in shapes])
    if kind == "LineString" and len(tidy) > 1:
        tidy = _joined(_without_returns(tidy, findings), findings)
    if len(tidy) > 1:
        findings.refuse(_SEVERAL[kind])
        return None
    try:
        geometry = msgspec.convert({"type": kind, "coordinates": tidy[0]}, Point | LineString | Polygon)
    except msgspec.ValidationError:
        findings.refuse(UNREADABLE)
        return None
    if isinstance(geometry, Polygon):
        geometry = _valid(geometry, findings)
    return _turned(geometry, area, findings)


def _unique(shapes: list[Any]) -> list[Any]:
    return list(dict.fromkeys(shapes))


def _position(position: Position, _: Findings) -> Position:
    return position[:2]  # heights are of no use to a measure


def _line(line: Line, findings: Findings) -> Line:
    flat = [position[:2] for position in line]
    tidy = tuple(p for i, p in enumerate(flat) if i == 0 or p != flat[i - 1])
    if 1 < len(tidy) < len(flat):
        findings.repaired.append("Doppelte Punkte hintereinander wurden entfernt.")
    return tidy if len(tidy) > 1 else tuple(flat)


def _rings(rings: Rings, findings: Findings) -> Rings:
    closed = []
    for ring in rings:
        tidy = _line(ring, findings)
        if tidy and tidy[0] != tidy[-1]:
            findings.repaired.append("Die offene Fläche wurde geschlossen.")
            tidy = (*tidy, tidy[0])
        closed.append(tidy)
    return tuple(closed)


_TIDY: dict[str, Any] = {"Point": _position, "LineString": _line, "Polygon": _rings}


def _without_returns(lines: list[Line], findings: Findings) -> list[Line]:
    """``lines`` without those that run an earlier one backwards: a two-way street drawn once per direction."""
    kept: list[Line] = []
    for line in lines:
        if line[::-1] in kept:
            findings.repaired.append("Hin- und Gegenlinie wurden als eine Strecke übernommen.")
        else:
            kept.append(line)
    return kept


def _joined(lines: list[Line], findings: Findings) -> list[Line]:
    """One line where each begins where another ends; their direction stays."""
    merged = shapely.line_merge(shapely.MultiLineString(lines), directed=True) if len(lines) > 1 else None
    if not isinstance(merged, shapely.LineString):
        return lines
    findings.repaired.append("Aneinander anschließende Linien wurden verbunden.")
    return [tuple((x, y) for x, y in merged.coords)]


def _valid(polygon: Polygon, findings: Findings) -> Polygon:
    """The area without self-crossings where that leaves one area; else as it is, for the check to refuse."""
    shape = shapely.Polygon(polygon.coordinates[0], polygon.coordinates[1:])
    if shape.is_valid:
        return polygon
    repaired = shapely.make_valid(shape)
    if not isinstance(repaired, shapely.Polygon) or repaired.area == 0:
        return polygon
    findings.repaired.append("Die sich selbst berührende Fläche wurde bereinigt.")
    rings = [repaired.exterior, *repaired.interiors]
    return Polygon(tuple(tuple((x, y) for x, y in ring.coords) for ring in rings))


def _turned(geometry: Geometry, area: ServiceArea, findings: Findings) -> Geometry:
    """With lon and lat exchanged where only that puts all of it into the service area."""
    places = positions(geometry)
    if any(area.holds(place) for place in places) or not all(area.holds((y, x)) for x, y in places):
        return geometry
    findings.repaired.append("Länge und Breite waren vertauscht.")
    if isinstance(geometry, Point):
        lon, lat = geometry.coordinates
        return Point((lat, lon))
    if isinstance(geometry, LineString):
        return LineString(tuple((y, x) for x, y in geometry.coordinates))
    return Polygon(tuple(tuple((y, x) for x, y in ring) for ring in geometry.coordinates))
