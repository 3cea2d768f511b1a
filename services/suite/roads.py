"""``leitbake roads import``: a city's streets for the domain, and its base map for the pages."""

from pathlib import Path
from typing import NamedTuple

from services.suite.city import generate
from shared.geo import basemap, citymap
from shared.geo.citymap import CityMap
from shared.geo.imported import BASEMAP, CITY, MAP_FOLDER
from shared.geo.importing import read_city


class Roads(NamedTuple):
    ways: int
    areas: int
    tiles_bytes: int


def import_roads(city: CityMap, data_dir: Path) -> Roads:
    """Keep the city and its base map in the data folder; the old ones stay until the new ones are whole."""
    folder = data_dir / MAP_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"new-{BASEMAP}"
    basemap.write(city, new)
    citymap.save(city, folder / f"new-{CITY}")
    (folder / f"new-{CITY}").replace(folder / CITY)
    new.replace(folder / BASEMAP)
    return Roads(len(city.ways), len(city.areas), (folder / BASEMAP).stat().st_size)


def read_or_generate(source: Path | None, seed: int) -> CityMap:
    """A real city from a file, or the generated one."""
    return read_city(source) if source else generate(seed)
