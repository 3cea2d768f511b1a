"""A drawing of where a site is, for readers without a map and for paper: plain SVG whose colours are the page's own.

North is up; a unit is a metre, x to the east and y to the south, from the north-west corner of the piece that is shown.
"""

import math
from collections.abc import Iterator
from html import escape

import shapely
from markupsafe import Markup
from msgspec.structs import replace
from shapely.geometry.base import BaseGeometry

from services.navfeed.adapters.ground import Ground
from services.navfeed.web.listing import Item, Listed
from shared.contracts.base import Geometry
from shared.geo.citymap import Way
from shared.geo.crs import metric_shape

WIDE, HIGH = 3, 2
LEAST_M = 260.0  # of the shorter side
MARGIN = 1.6
LETTER_SHARE = 0.05  # of the shorter side
LETTER_WIDTH = 0.55  # of its height
WIDTHS_M = {"primary": 11, "trunk": 11, "motorway": 13, "secondary": 10, "tertiary": 9, "service": 4, "pedestrian": 5}
STREET_M = 7
SCALES_M = (50, 100, 200, 500, 1000, 2000)


class _Frame:
    """The piece of the city that is shown: ``width`` by ``height`` metres around a shape."""

    def __init__(self, shape: BaseGeometry) -> None:
        west, south, east, north = shape.bounds
        unit = max(LEAST_M / HIGH, (east - west) * MARGIN / WIDE, (north - south) * MARGIN / HIGH)
        self.width, self.height = WIDE * unit, HIGH * unit
        self.left, self.top = (west + east - self.width) / 2, (south + north + self.height) / 2
        self.box = shapely.box(self.left, self.top - self.height, self.left + self.width, self.top)

    def path(self, shape: BaseGeometry) -> str:
        """The ``d`` of a line, or of all rings of an area."""
        parts = shapely.get_parts(shapely.boundary(shape) if shape.geom_type.endswith("Polygon") else shape)
        return "".join(f"M{'L'.join(self.point(x, y) for x, y in shapely.get_coordinates(part))}" for part in parts)

    def point(self, x: float, y: float) -> str:
        return f"{x - self.left:.0f} {self.top - y:.0f}"


def extract(listed: Listed, ground: Ground) -> Markup:
    """The SVG element; its title says what is seen."""
    item = listed.properties
    shape = metric_shape(listed.geometry)
    frame = _Frame(shape)
    size = frame.height * LETTER_SHARE
    title = f"Lageskizze: {item.place}"
    body = "".join((*_ground(frame, ground, size), *_site(frame, listed.geometry, item, size), _scale(frame, size)))
    return Markup(  # noqa: S704  # every text in it is escaped above
        f'<svg class="extract" viewBox="0 0 {frame.width:.0f} {frame.height:.0f}" role="img" focusable="false"'
        f' aria-label="{escape(title)}">{body}</svg>'
    )


def _ground(frame: _Frame, ground: Ground, size: float) -> Iterator[str]:
    around = ground.around(frame.box)
    for kind, area in around.areas:
        yield f'<path class="extract__{kind}" d="{frame.path(shapely.intersection(area, frame.box))}"/>'
    streets = [(way, shapely.intersection(line, frame.box)) for way, line in around.streets]
    streets = [(way, line) for way, line in streets if line.geom_type.endswith("LineString")]
    for name, wider in (("edge", 2), ("street", 0)):
        for way, line in streets:
            width = WIDTHS_M.get(way.highway.removesuffix("_link"), STREET_M) + wider
            yield f'<path class="extract__{name}" stroke-width="{width}" d="{frame.path(line)}"/>'
    for name, line in _longest(streets).items():
        if line.length > len(name) * size * LETTER_WIDTH:
            yield _name(frame, name, line, size)


def _longest(streets: list[tuple[Way, BaseGeometry]]) -> dict[str, BaseGeometry]:
    """The longest piece of each name: there is room to write."""
    longest: dict[str, BaseGeometry] = {}
    for way, line in streets:
        for part in shapely.get_parts(line):
            if way.name and (way.name not in longest or part.length > longest[way.name].length):
                longest[way.name] = part
    return longest


def _name(frame: _Frame, name: str, line: BaseGeometry, size: float) -> str:
    # The site stands in the middle: where there is room, the name stands beside it.
    share = 0.25 if line.length > 2 * len(name) * size * LETTER_WIDTH else 0.5
    before, after = (line.interpolate(share + step, normalized=True) for step in (-0.05, 0.05))
    steep = math.degrees(math.atan2(before.y - after.y, after.x - before.x))
    turn = (steep + 90) % 180 - 90  # never upside down
    x, y = frame.point((before.x + after.x) / 2, (before.y + after.y) / 2).split()
    return (
        f'<text class="extract__name" font-size="{size:.0f}" dominant-baseline="central"'
        f' transform="translate({x} {y}) rotate({turn:.0f})">{escape(name)}</text>'
    )


def _site(frame: _Frame, geometry: Geometry, item: Item, size: float) -> Iterator[str]:
    """The same language as the map's: dashed what is ordered, solid what is measured, ends hollow or filled."""
    if item.ghost is not None:
        yield _mark(frame, metric_shape(item.ghost), replace(item, look="ordered", ends=(False, False)), size)
    yield _mark(frame, metric_shape(geometry), item, size)


def _mark(frame: _Frame, shape: BaseGeometry, item: Item, size: float) -> str:
    path = frame.path(shape)
    drawn = f'<path class="extract__casing" d="{path}"/><path class="extract__line" d="{path}"/>'
    corners = shapely.get_coordinates(shape)[[0, -1]].tolist()
    for (x, y), filled in zip([] if shape.geom_type.endswith("Polygon") else corners, item.ends, strict=False):
        cx, cy = frame.point(x, y).split()
        word = "filled" if filled else "hollow"
        drawn += f'<circle class="extract__end extract__end--{word}" cx="{cx}" cy="{cy}" r="{size / 2:.1f}"/>'
    return f'<g class="extract__site" data-group="{item.group}" data-look="{item.look}">{drawn}</g>'


def _scale(frame: _Frame, size: float) -> str:
    metres = max((one for one in SCALES_M if one < frame.width / 3), default=SCALES_M[0])
    x, y = size, frame.height - size
    return (
        f'<path class="extract__scale" d="M{x:.0f} {y - size / 2:.0f}v{size / 2:.0f}h{metres}v-{size / 2:.0f}"/>'
        f'<text class="extract__name extract__name--scale" font-size="{size:.0f}" x="{x + metres + size / 2:.0f}"'
        f' y="{y:.0f}">{metres} m</text>'
    )
