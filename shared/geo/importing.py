"""Reads a city from a file of any kind we know."""

from pathlib import Path

from shared.geo import citymap, osm
from shared.geo.citymap import CityMap


def read_city(path: Path) -> CityMap:
    """The city in an ``.osm.pbf`` or in our own ``.json``; raises ``UnreadableCityError``, ``OSError``."""
    return citymap.load(path) if path.suffix == ".json" else osm.read(path)
