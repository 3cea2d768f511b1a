from pathlib import Path

from services.suite.roads import import_roads
from shared.geo.imported import imported_network
from tests.unit.shared.geo.towns import town, way


def test_sites_are_measured_along_what_was_imported(tmp_path: Path) -> None:
    assert imported_network(tmp_path) is None
    import_roads(town(way(1, "Lange Straße", [(0, 0), (200, 0)])), tmp_path)
    network = imported_network(tmp_path)
    assert network is not None
    assert network.streets() == ("Lange Straße",)
