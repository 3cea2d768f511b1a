"""The drawing of a site: well-formed, in the map's language, and nobody's name breaks out of it."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from services.navfeed.adapters.ground import Ground
from services.navfeed.domain.feature import Provenance
from services.navfeed.web.extract import extract
from services.navfeed.web.listing import listed, plain
from services.navfeed.web.shown import Roadwork
from shared.contracts.base import Geometry, LineString
from shared.geo.citymap import CityMap, Way, save
from shared.geo.surroundings import NOTHING
from shared.web.sketch import Mark, sketch
from tests.unit.services.navfeed.builders import AREA, LINE, POINT
from tests.unit.services.navfeed.web.works import NOW, told, work


def street(number: int, name: str, lat: float) -> Way:
    return Way(
        id=number,
        name=name,
        highway="residential",
        nodes=(number * 10, number * 10 + 1),
        coordinates=((8.25, lat), (8.27, lat)),
    )


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    save(
        CityMap(name="X", attribution="", ways=(street(1, "Am <Tor> & Turm", 50.0), street(2, "Weit weg", 51.0))),
        tmp_path / "c",
    )
    return Ground(tmp_path / "c", plain)


def drawn(one: Roadwork, ground: Ground) -> ET.Element:
    return parsed(extract(listed(one, NOW), ground))


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # our own drawing


def classes(svg: ET.Element) -> list[str]:
    return [element.get("class", "") for element in svg.iter()]


@pytest.mark.parametrize("geometry", [LINE, AREA, POINT])
def test_every_form_of_place_is_drawn_with_its_streets(geometry: Geometry, ground: Ground) -> None:
    svg = drawn(work(geometry=geometry), ground)
    assert next(text.text for text in svg.iter("text")) == "Am <Tor> & Turm"
    assert classes(svg).count("extract__street") == 1
    assert svg.get("aria-label", "").startswith("Lageskizze: Rheinstraße")


def test_a_name_stands_beside_the_site_where_that_takes_the_whole_street(ground: Ground) -> None:
    svg = drawn(work(geometry=LineString(((8.25, 50.0), (8.27, 50.0)))), ground)
    name = next(iter(svg.iter("text")))
    size, found = float(name.get("font-size", "")), re.search(r"translate\(\d+ (\d+)\)", name.get("transform", ""))
    ends = [float(circle.get("cy", "")) for circle in svg.iter("circle")]
    assert found
    assert abs(float(found[1]) - sum(ends) / 2) > size


def test_the_heaviest_of_several_lies_on_top() -> None:
    kinds = ["closed", "path", "note"]
    svg = parsed(sketch("X", [Mark(LINE, kind, "ordered") for kind in kinds], lambda _: NOTHING))
    assert [site.get("data-group") for site in svg.iter("g")] == ["note", "path", "closed"]


def test_provenance_is_the_style_of_the_line(ground: Ground) -> None:
    half = Provenance(place="measured", place_from="measured", place_to="ordered", start="ordered", end="ordered")
    svg = drawn(told(work(), provenance=half), ground)
    (site,) = svg.iter("g")
    assert (site.get("data-look"), site.get("data-group")) == ("measured", "closed")
    assert [name for name in classes(svg) if "end--" in name] == [
        "extract__end extract__end--filled",
        "extract__end extract__end--hollow",
    ]


def test_without_a_city_the_site_is_drawn_on_plain_ground(tmp_path: Path) -> None:
    assert "extract__line" in classes(drawn(work(), Ground(tmp_path / "none", plain)))
