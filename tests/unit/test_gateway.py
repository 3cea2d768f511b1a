"""What the gateway's configuration repeats must stay what the services say."""

from pathlib import Path

from services.navfeed.api import cors

PARTS = Path(__file__).parents[2] / "deploy" / "gateway" / "parts"


def test_the_base_map_is_open_to_all_as_the_service_has_it() -> None:
    locations = (PARTS / "locations.conf").read_text()
    assert f'add_header Access-Control-Expose-Headers "{cors.EXPOSED}" always;' in locations
    assert f'add_header Access-Control-Allow-Headers "{cors.ASKED}" always;' in locations
