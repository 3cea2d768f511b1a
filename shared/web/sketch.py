"""A drawing of where a site is, for readers without a map and for paper: plain SVG whose colours are the page's own.

North is up; a unit is a metre, x to the east and y to the south, from the north-west corner of the piece that is shown.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from shared.contracts.base import Geometry
from shared.geo.citymap import Way
from shared.geo.crs import metric_shape
from shared.geo.surroundings import Around

WIDE, HIGH = 3, 2
LEAST_M = 260.0  # of the shorter side
MARGIN = 1.6
LETTER_SHARE = 0.05  # of the shorter side
LETTER_WIDTH = 0.55  # of its height
# Where a name may stand, the best first: along its street, and beside it in heights of a letter.
NAME_SHARES, NAME_SHIFTS = (0.5, 0.25, 0.75, 0.15, 0.85, 0.4, 0.6), (0, 1.5, -1.5, 3, -3)
LIGHTEST_FIRST = ("note", "path", "narrow", "restricted", "closed")  # groups of effects
WIDTHS_M = {"primary": 11, "trunk": 11, "motorway": 13, "secondary": 10, "tertiary": 9, "service": 4, "pedestrian": 5}
STREET_M = 7
SCALES_M = (50, 100, 200, 500, 1000, 2000)


class Mark(NamedTuple):
    """A site in the map's language: dashed what is ordered, solid what is measured; ``ends``: hollow or filled."""

    geometry: Geometry
    group: str
    look: str
    ends: tuple[bool, bool] = (False, False)


class _Frame:
    """The piece of the city that is shown: ``width`` by ``height`` metres around a shape."""

    def __init__(self, shape: BaseGeometry) -> None:
        west, south, east, north = shape.bounds
        unit = max(LEAST_M / HIGH, (east - west) * MARGIN / WIDE, (north - south) * MARGIN / HIGH)
        self.width, self.height = WIDE * unit, HIGH * unit
        self.left, self.top = (west + east - self.width) / 2, (south + north + self.height) / 2
        self.box = shapely.box(self.left, self.top - self.height, self.left + self.width, self.top)

    def scale_m(self) -> int:
        return max((one for one in SCALES_M if one < self.width / 3), default=SCALES_M[0])

    def scale_box(self, size: float) -> BaseGeometry:
        """What the scale takes of the lower left corner."""
        bottom = self.top - self.height
        return shapely.box(self.left, bottom, self.left + self.scale_m() + 5 * size, bottom + 2.5 * size)

    def path(self, shape: BaseGeometry) -> str:
        """The ``d`` of a line, or of all rings of an area."""
        parts = shapely.get_parts(shapely.boundary(shape) if shape.geom_type.endswith("Polygon") else shape)
        return "".join(f"M{'L'.join(self.point(x, y) for x, y in shapely.get_coordinates(part))}" for part in parts)

    def point(self, x: float, y: float) -> str:
        return f"{x - self.left:.0f} {self.top - y:.0f}"


class _Spot(NamedTuple):
    """Where a name may stand: its middle, and how its street runs there, in radians from the east."""

    x: float
    y: float
    turn: float

    def box(self, length: float, size: float) -> BaseGeometry:
        """What a name of this length takes."""
        east, north = math.cos(self.turn) * length / 2, math.sin(self.turn) * length / 2
        middle = shapely.LineString([(self.x - east, self.y - north), (self.x + east, self.y + north)])
        return middle.buffer(size * 0.6, cap_style="flat")


def sketch(title: str, marks: Sequence[Mark], around: Callable[[BaseGeometry], Around]) -> Markup:
    """The SVG element around all ``marks``, of which there is one at least; the heaviest lies on top."""
    marks = sorted(marks, key=lambda mark: LIGHTEST_FIRST.index(mark.group))
    shapes = [metric_shape(mark.geometry) for mark in marks]
    frame = _Frame(shapely.union_all(shapes))
    size = frame.height * LETTER_SHARE
    drawn = [_mark(frame, shape, mark, size) for mark, shape in zip(marks, shapes, strict=True)]
    near = around(frame.box)
    sites = shapely.union_all([shape.buffer(size / 2) for shape in shapes])
    body = "".join((*_ground(frame, near), *_names(frame, near, sites, size), *drawn, _scale(frame, size)))
    return Markup(  # noqa: S704  # every text in it is escaped above
        f'<svg class="extract" viewBox="0 0 {frame.width:.0f} {frame.height:.0f}" role="img" focusable="false"'
        f' aria-label="{escape(title)}">{body}</svg>'
    )


def _ground(frame: _Frame, around: Around) -> Iterator[str]:
    for kind, area in around.areas:
        yield f'<path class="extract__{kind}" d="{frame.path(shapely.intersection(area, frame.box))}"/>'
    streets = _inside(frame, around)
    for name, wider in (("edge", 2), ("street", 0)):
        for way, line in streets:
            width = WIDTHS_M.get(way.highway.removesuffix("_link"), STREET_M) + wider
            yield f'<path class="extract__{name}" stroke-width="{width}" d="{frame.path(line)}"/>'


def _inside(frame: _Frame, around: Around) -> list[tuple[Way, BaseGeometry]]:
    streets = [(way, shapely.intersection(line, frame.box)) for way, line in around.streets]
    return [(way, line) for way, line in streets if line.geom_type.endswith("LineString")]


def _names(frame: _Frame, around: Around, sites: BaseGeometry, size: float) -> Iterator[str]:
    """Each name once, at its longest piece, the longest first; left out where it would be cut or lie on something."""
    taken, room = [frame.scale_box(size), sites], frame.box.buffer(-size / 4)
    for name, line in sorted(_longest(_inside(frame, around)).items(), key=lambda one: -one[1].length):
        length = len(name) * size * LETTER_WIDTH
        places = itertools.product(NAME_SHIFTS, NAME_SHARES) if line.length > length else ()
        for shift, share in places:
            spot = _spot(line, share, shift * size)
            box = spot.box(length, size)
            if room.contains(box) and not any(map(box.intersects, taken)):
                taken.append(box)
                yield _name(frame, name, spot, size)
                break


def _longest(streets: list[tuple[Way, BaseGeometry]]) -> dict[str, BaseGeometry]:
    """The longest piece of each name: there is room to write."""
    longest: dict[str, BaseGeometry] = {}
    for way, line in streets:
        for part in shapely.get_parts(line):
            if way.name and (way.name not in longest or part.length > longest[way.name].length):
                longest[way.name] = part
    return longest


def _spot(line: BaseGeometry, share: float, shift: float) -> _Spot:
    """``shift`` metres to the left of the line."""
    before, after = (line.interpolate(share + step, normalized=True) for step in (-0.05, 0.05))
    turn = math.atan2(after.y - before.y, after.x - before.x)
    x, y = (before.x + after.x) / 2 - shift * math.sin(turn), (before.y + after.y) / 2 + shift * math.cos(turn)
    return _Spot(x, y, turn)


def _name(frame: _Frame, name: str, spot: _Spot, size: float) -> str:
    turn = (90 - math.degrees(spot.turn)) % 180 - 90  # never upside down
    x, y = frame.point(spot.x, spot.y).split()
    return (
        f'<text class="extract__name" font-size="{size:.0f}" dominant-baseline="central"'
        f' transform="translate({x} {y}) rotate({turn:.0f})">{escape(name)}</text>'
    )


def _mark(frame: _Frame, shape: BaseGeometry, mark: Mark, size: float) -> str:
    path = frame.path(shape)
    drawn = f'<path class="extract__casing" d="{path}"/><path class="extract__line" d="{path}"/>'
    corners = shapely.get_coordinates(shape)[[0, -1]].tolist()
    for (x, y), filled in zip([] if shape.geom_type.endswith("Polygon") else corners, mark.ends, strict=False):
        cx, cy = frame.point(x, y).split()
        word = "filled" if filled else "hollow"
        drawn += f'<circle class="extract__end extract__end--{word}" cx="{cx}" cy="{cy}" r="{size / 2:.1f}"/>'
    return f'<g class="extract__site" data-group="{mark.group}" data-look="{mark.look}">{drawn}</g>'


def _scale(frame: _Frame, size: float) -> str:
    metres = frame.scale_m()
    x, y = size, frame.height - size
    return (
        f'<path class="extract__scale" d="M{x:.0f} {y - size / 2:.0f}v{size / 2:.0f}h{metres}v-{size / 2:.0f}"/>'
        f'<text class="extract__name extract__name--scale" font-size="{size:.0f}" x="{x + metres + size / 2:.0f}"'
        f' y="{y:.0f}">{metres} m</text>'
    )
