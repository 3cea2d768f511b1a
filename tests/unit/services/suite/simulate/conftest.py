"""A chessboard town: quick to make, with room for many sites."""

from itertools import product

import pytest

from services.suite.simulate import Scenario, day
from shared.geo.citymap import CityMap, Place, Way
from shared.geo.crs import to_lonlat, to_metric

BLOCKS, BLOCK_M = 7, 220.0
CORNER = to_metric(8.25, 50.0)


def chessboard() -> CityMap:
    spots = {
        (column, row): to_lonlat(CORNER.x + column * BLOCK_M, CORNER.y + row * BLOCK_M)
        for column, row in product(range(BLOCKS), repeat=2)
    }
    number = {spot: 1 + index for index, spot in enumerate(sorted(spots))}
    lines = [[(column, row) for row in range(BLOCKS)] for column in range(BLOCKS)]
    lines += [[(column, row) for column in range(BLOCKS)] for row in range(BLOCKS)]
    ways = tuple(
        Way(
            id=index,
            name=f"Weg {index}",
            highway="residential" if index % 3 else "tertiary",
            nodes=tuple(number[spot] for spot in line),
            coordinates=tuple(spots[spot] for spot in line),
        )
        for index, line in enumerate(lines)
    )
    middle = spots[BLOCKS // 2, BLOCKS // 2]
    return CityMap(
        name="Schachbrett", attribution="", ways=ways, places=(Place(name="Mitte", kind="suburb", lonlat=middle),)
    )


@pytest.fixture(scope="session")
def town() -> CityMap:
    return chessboard()


@pytest.fixture(scope="session")
def scenario(town: CityMap) -> Scenario:
    return day(town, 3, sites=12, lights=96)
