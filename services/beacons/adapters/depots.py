"""Depots as GeoJSON: points with ``name`` and ``radius_m``, or polygons (interfaces.md § Devices)."""

from pathlib import Path
from typing import Annotated, Any

import msgspec

from services.beacons.domain.depots import Depot
from shared.contracts.base import Point, Polygon

DEPOTS = "depots.geojson"
DEFAULT_RADIUS_M = 50.0


class UnreadableDepotsError(ValueError):
    """The file is no FeatureCollection of depots; the message is German."""


class _Properties(msgspec.Struct):
    name: str = ""
    radius_m: Annotated[float, msgspec.Meta(gt=0, le=5_000)] | None = None


class _Feature(msgspec.Struct):
    geometry: Point | Polygon
    properties: _Properties


class _Collection(msgspec.Struct):
    features: list[_Feature]
    type: str = "FeatureCollection"


def kept_depots(data_dir: Path) -> list[Depot]:
    """The depots that ``leitbake depots import`` left in the data folder."""
    path = data_dir / DEPOTS
    return read_depots(path.read_bytes()) if path.exists() else []


def read_depots(data: bytes) -> list[Depot]:
    """Depots in the order of the file; raises ``UnreadableDepotsError``."""
    try:
        collection = msgspec.json.decode(data, type=_Collection)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableDepotsError(f"Die Datei ist keine FeatureCollection von Lagerplätzen: {error}") from error
    return [_depot(feature, number) for number, feature in enumerate(collection.features, 1)]


def _depot(feature: _Feature, number: int) -> Depot:
    radius: Any = feature.properties.radius_m
    if radius is None:
        radius = DEFAULT_RADIUS_M if isinstance(feature.geometry, Point) else 0.0
    return Depot(feature.properties.name or f"Lager {number}", feature.geometry, radius)
