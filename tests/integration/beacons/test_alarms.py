"""Alarms and sites over HTTP, on the view that the worker makes."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from shared.contracts import devices as d
from shared.contracts import sites as s
from shared.contracts.base import LineString
from shared.contracts.topics import SITES
from tests.integration.beacons.depot import AT, CENTRE, Depot, ask, moved_away, placed
from tests.support.doors import said


def test_an_alarm_has_the_shape_of_the_interface_and_knows_its_order(street: Depot) -> None:
    street.tell(d.LightFell(device_id="LT-1", at=AT), "light:LT-1")
    (alarm,) = said(ask(street, "/alarms"))["alarms"]
    assert alarm.pop("id")
    assert datetime.fromisoformat(alarm.pop("at")) == AT
    assert alarm == {
        "kind": "fell",
        "device_id": "LT-1",
        "site_id": "p1-a",
        "permit_number": "45-2026-0001",
        "lonlat": [8.27, 50.0],
        "closed_at": None,
        "detail": {},
        "acknowledged": None,
    }


@pytest.mark.parametrize("site_first", [True, False])
def test_an_alarm_knows_its_site_in_whatever_order_a_rebuild_hears_of_them(depot: Depot, site_first: bool) -> None:
    """Topics have no order among each other; the light stands elsewhere by now, its old alarms do not."""

    def sites() -> None:
        for site, lights in (("a", ("LT-1",)), ("a", ()), ("b", ("LT-1",))):
            at = AT + timedelta(minutes=1) if site == "b" else AT
            fact = s.SetUpDetected(site_id=site, permit_id=site, measure_ids=("m1",), at=at, lights=lights)
            depot.tell(fact, f"site:{site}", SITES.name)

    def lights() -> None:
        placed(depot, "LT-1")
        for minute in (-1, 0, 2, 20):  # also after the event time, but before that it left was known
            depot.tell(d.LightFell(device_id="LT-1", at=AT + timedelta(minutes=minute)), "light:LT-1")

    for tell in (sites, lights) if site_first else (lights, sites):
        tell()
    told = said(ask(depot, "/alarms"))["alarms"]
    assert [alarm["site_id"] for alarm in reversed(told)] == [None, "a", "a", "b"]
    assert {tuple(alarm["lonlat"]) for alarm in told} == {(8.27, 50.0)}


def test_alarms_are_filtered_and_paged_newest_first(street: Depot) -> None:
    for minute, device in enumerate(("LT-1", "LT-2", "LT-3")):
        street.tell(d.LightFell(device_id=device, at=AT + timedelta(minutes=minute)), f"light:{device}")
    street.tell(d.LightRecovered(device_id="LT-2", at=AT + timedelta(minutes=4), trouble="fallen"), "light:LT-2")
    suspect = s.UnpermittedSiteSuspected(site_id="x1", at=AT, lights=("LT-3",), centre=CENTRE, street="Am Markt")
    street.tell(suspect, "site:x1", SITES.name)

    def told(query: str) -> list[tuple[str, str | None]]:
        return [(alarm["kind"], alarm["device_id"]) for alarm in said(ask(street, f"/alarms?{query}"))["alarms"]]

    assert told("kind=fell") == [("fell", "LT-3"), ("fell", "LT-2"), ("fell", "LT-1")]
    assert told("kind=fell&open=true") == [("fell", "LT-3"), ("fell", "LT-1")]
    assert told("open=false&device_id=LT-2") == [("recovered", "LT-2"), ("fell", "LT-2")]
    (alarm,) = said(ask(street, "/alarms?kind=unpermitted_site_suspected"))["alarms"]
    assert (alarm["permit_number"], alarm["lonlat"], alarm["site_id"]) == (None, list(CENTRE), "x1")
    assert alarm["detail"] == {"street": "Am Markt"}
    seen, query = [], "limit=2"
    while True:
        page = said(ask(street, f"/alarms?{query}"))
        seen += [datetime.fromisoformat(alarm["at"]) for alarm in page["alarms"]]
        if page["next"] is None:
            break
        query = f"limit=2&after={page['next']}"
    assert len(seen) == 5
    assert all(newer >= older for newer, older in pairwise(seen))
    assert ask(street, "/alarms?kind=party").status_code == 422
    assert ask(street, "/alarms?after=x").status_code == 422


def test_a_deviation_is_over_once_the_lights_stand_as_ordered(street: Depot) -> None:
    where: dict[str, Any] = {
        "site_id": "p1-a",
        "permit_id": "p1",
        "measure_ids": ("m1",),
        "at": AT,
        "lights": ("LT-1", "LT-2"),
    }

    def extent(deviation_m: float) -> s.ExtentChanged:
        line = LineString((CENTRE, (8.271, 50.0)))
        end: Any = {"accuracy_m": 4.0, "deviation_m": deviation_m, "place_from": "measured", "place_to": "measured"}
        return s.ExtentChanged(**where, extents=(s.MeasuredExtent(measure_id="m1", line=line, **end),))

    def apart() -> tuple[int, bool]:
        page = street.client.get("/beacons/", headers=street.key("fleet")).text
        return len(said(ask(street, "/alarms?kind=deviation&open=true"))["alarms"]), "die Lage weicht ab" in page

    street.tell(extent(60.0), "site:p1-a", SITES.name)
    street.tell(s.DeviationDetected(**where, deviation_m=60.0), "site:p1-a", SITES.name)
    assert apart() == (1, True)
    street.tell(extent(40.0), "site:p1-a", SITES.name)
    assert apart() == (1, True)
    street.tell(extent(8.0), "site:p1-a", SITES.name)
    assert apart() == (0, False)
    street.tell(s.DeviationDetected(**where, deviation_m=60.0), "site:p1-a", SITES.name)
    street.tell(s.ClearedDetected(**where), "site:p1-a", SITES.name)
    street.tell(s.SetUpDetected(**where), "site:p1-a", SITES.name)
    assert apart() == (0, False)


def test_sites_are_told_as_the_lights_see_them(street: Depot) -> None:
    (site,) = said(ask(street, "/sites"))["sites"]
    assert (site["site_id"], site["permit_number"], site["state"]) == ("p1-a", "45-2026-0001", "set_up")
    assert site["lights"] == ["LT-1", "LT-2"]
    assert said(ask(street, "/sites?state=cleared"))["sites"] == []


def test_to_leave_a_depot_is_no_alarm_and_to_leave_a_site_is_one(street: Depot) -> None:
    resting = d.Stand(lon=8.4004, lat=50.1, sigma_m=1.5, since=AT, observed_at=AT, fixes=12)
    street.tell(d.LightPlaced(device_id="LT-3", stand=resting, lamp="off"), "light:LT-3")
    moved_away(street, "LT-3")
    assert said(ask(street, "/alarms"))["alarms"] == []
    on_its_way = said(ask(street, "/devices/LT-3"))["state"]
    assert (on_its_way["standing_since"], on_its_way["moved_at"]) == (None, None)
    moved_away(street, "LT-1")
    (alarm,) = said(ask(street, "/alarms"))["alarms"]
    assert (alarm["kind"], alarm["device_id"]) == ("moved_away", "LT-1")
