"""The city that ``leitbake roads import`` left in the data folder: read by every service, written by that command."""

from pathlib import Path

from shared.geo import citymap
from shared.geo.citymap import CityMap
from shared.geo.network import RoadNetwork

MAP_FOLDER = "map"
CITY = "city.json"
BASEMAP = "basemap.pmtiles"


def imported(data_dir: Path) -> CityMap | None:
    """The city in the data folder, if one was imported."""
    path = data_dir / MAP_FOLDER / CITY
    return citymap.load(path) if path.exists() else None


def imported_network(data_dir: Path) -> RoadNetwork | None:
    """The streets of the city in the data folder, to measure along."""
    city = imported(data_dir)
    return None if city is None else RoadNetwork(city)
