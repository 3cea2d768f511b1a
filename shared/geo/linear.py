"""Linear referencing on one metric LineString: offsets in metres from its first vertex.

Everything is counted along the vertices, never by asking for the nearest point of a vertex: so closed lines and lines
that touch or cross themselves keep the right order (shapely's ``substring`` jumps there).
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from shared.geo.crs import XY, Floats, bearing

SHORTEST_PIECE_M = 0.001
EQUALLY_NEAR_M = 1e-6


class Projection(NamedTuple):
    """Where points lie relative to a line, arrays of shape (n,).

    ``offset``: metres along. ``lateral``: metres to the line, positive to the left of its direction.
    """

    offset: Floats
    lateral: Floats


def project(line: LineString, points: Floats, *, extended: bool = False) -> Projection:
    """Project ``points`` (n, 2) on ``line``; of equally near places the first along the line counts.

    ``extended``: the first and the last segment go on for ever, so offsets may be negative or beyond the length.
    """
    vertices, along, steps, lengths = _segments(line)
    relative = np.asarray(points, dtype=np.float64).reshape(-1, 1, 2) - vertices[None, :-1]
    forward = (relative * steps).sum(axis=2) / lengths
    across = steps[:, 0] * relative[:, :, 1] - steps[:, 1] * relative[:, :, 0]
    lowest, highest = np.zeros_like(lengths), lengths.copy()
    if extended:
        lowest[0], highest[-1] = -np.inf, np.inf
    reached = np.clip(forward, lowest, highest)
    side = across / lengths
    distance = np.hypot(side, forward - reached)
    rows = np.arange(len(distance))
    best = _nearest(distance, np.abs(side))
    lateral = np.copysign(distance[rows, best], side[rows, best])
    return Projection(along[best] + reached[rows, best], lateral)


def _nearest(distance: Floats, across: Floats) -> NDArray[np.intp]:
    """The segment per point: near a bend two are equally near, and only the one seen more squarely knows the side."""
    tied = distance <= distance.min(axis=1, keepdims=True) + EQUALLY_NEAR_M
    first: NDArray[np.intp] = tied.argmax(axis=1)
    neighbour = np.minimum(first + 1, distance.shape[1] - 1)
    rows = np.arange(len(distance))
    better = tied[rows, neighbour] & (across[rows, neighbour] > across[rows, first])
    best: NDArray[np.intp] = np.where(better, neighbour, first)
    return best


def length(line: LineString) -> float:
    """Metres."""
    return float(line.length)


def cut(line: LineString, start: float, end: float) -> LineString:
    """The piece between two offsets, clamped to the line.

    On a closed line ``start > end`` means the piece over the seam. Raises ``ValueError`` for a piece below a
    millimetre.
    """
    vertices, along, _, _ = _segments(line)
    start, end = np.clip((start, end), 0.0, along[-1]).tolist()
    if start > end and line.is_closed:
        before = _vertices_between(vertices, along, start, along[-1])
        return LineString(np.vstack((before, _vertices_between(vertices, along, 0.0, end)[1:])))
    if end - start < SHORTEST_PIECE_M:
        raise ValueError(f"empty piece from {start:.3f} m to {end:.3f} m")
    return LineString(_vertices_between(vertices, along, start, end))


def _vertices_between(vertices: Floats, along: Floats, start: float, end: float) -> Floats:
    inner = (along > start + SHORTEST_PIECE_M) & (along < end - SHORTEST_PIECE_M)
    ends = np.array([[np.interp(at, along, vertices[:, axis]) for axis in (0, 1)] for at in (start, end)])
    return np.vstack((ends[:1], vertices[inner], ends[1:]))


def point_at(line: LineString, offset: float) -> XY:
    """The place at an offset, clamped to the line."""
    vertices, along, _, _ = _segments(line)
    return XY(float(np.interp(offset, along, vertices[:, 0])), float(np.interp(offset, along, vertices[:, 1])))


def bearing_at(line: LineString, offset: float) -> float:
    """The bearing of the segment at an offset; at a vertex, of the segment that begins there."""
    vertices, along, steps, _ = _segments(line)
    segment = min(max(int(np.searchsorted(along, offset, side="right")) - 1, 0), len(steps) - 1)
    return bearing((vertices[segment][0], vertices[segment][1]), (vertices[segment + 1][0], vertices[segment + 1][1]))


@lru_cache(maxsize=4096)  # the same few streets and sites are asked for again and again
def _segments(line: LineString) -> tuple[Floats, Floats, Floats, Floats]:
    """Vertices without repeated ones (m+1, 2), offsets of the vertices, segment vectors (m, 2), their lengths."""
    vertices = shapely.get_coordinates(line)
    keep = np.ones(len(vertices), dtype=bool)
    keep[1:] = np.any(vertices[1:] != vertices[:-1], axis=1)
    vertices = vertices[keep]
    if len(vertices) < 2:
        raise ValueError("a line without length")
    steps = np.diff(vertices, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    found = vertices, np.concatenate(([0.0], np.cumsum(lengths))), steps, lengths
    for shared in found:
        shared.flags.writeable = False
    return found
