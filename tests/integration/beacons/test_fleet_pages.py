"""The fleet's pages and what they fetch: finding lights, and convincing vendors that one was wrong."""

import json
from typing import Any

from shared.contracts import devices as d
from shared.contracts import sites as s
from shared.contracts.topics import SITES
from tests.integration.beacons.depot import Depot
from tests.integration.beacons.fleet import API, AT, NUMBER, bind, eventually, ids, page, ping
from tests.support.city import place
from tests.support.doors import said


def test_a_light_is_found_by_id_state_vendor_and_order(standing: Depot) -> None:
    assert ids(page(standing, "")) == ["LT-1", "LT-2", "XB-3"]
    assert ids(page(standing, "?suche=xb")) == ["XB-3"]
    assert ids(page(standing, "?zustand=leuchtet")) == ["LT-1"]
    assert ids(page(standing, "?zustand=neu")) == ["LT-2", "XB-3"]
    assert ids(page(standing, "?hersteller=niemand")) == []
    standing.tell(d.LightFell(device_id="LT-2", at=AT), "light:LT-2")
    assert ids(page(standing, "?zustand=stoerung")) == ["LT-2"]
    assert ids(page(standing, "?sortierung=stoerung")) == ["LT-2", "LT-1", "XB-3"]
    fact = s.SetUpDetected(site_id="p1-a", permit_id="p1", at=AT, lights=("LT-1",))
    standing.tell(fact, "site:p1-a", SITES.name)
    assert ids(page(standing, "?vorgang=2026-0001")) == ["LT-1"]
    assert ids(page(standing, "?vorgang=rheinallee")) == ["LT-1"], "by the street that is ordered"
    assert ids(page(standing, "?vorgang=Kaiserstra%C3%9Fe")) == []
    assert "Keine Leuchte passt" in page(standing, "?suche=gibtsnicht").text
    assert page(standing, "?zustand=%00&seite=-3&sortierung=x").status_code == 200
    assert ids(page(standing, "?zustand=frei")) == ["LT-2", "XB-3"], "LT-1 stands at ordered works"
    bind(standing, "LT-2", NUMBER)
    standing.work()
    assert ids(page(standing, "?zustand=frei")) == ["XB-3"]


def test_who_types_a_whole_id_is_led_to_its_light(standing: Depot) -> None:
    answer = page(standing, "?suche=lt-2")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/beacons/lichter/LT-2")


def test_lights_with_pings_that_were_not_used_are_found(standing: Depot) -> None:
    assert ids(page(standing, "?zustand=unverwendet")) == []
    ping(standing, "LT-2", 40, accuracy_m=900.0)
    standing.work()
    assert ids(page(standing, "?zustand=unverwendet")) == ["LT-2"]
    assert "mit nicht verwendeten Meldungen (1)" in page(standing, "").text


def test_a_hundred_and_twenty_lights_come_in_stable_pages_that_lose_none(depot: Depot) -> None:
    depot.register(*(f"LT-{n:04d}" for n in range(120)))
    seen = [device for number in (1, 2, 3) for device in ids(page(depot, f"?seite={number}"))]
    assert seen == [f"LT-{n:04d}" for n in range(120)]
    assert "101–120 von 120 Geräten" in page(depot, "?seite=3").text
    assert ids(page(depot, "?seite=99")) == ids(page(depot, "?seite=3"))


def test_the_map_gets_what_the_table_found_and_the_depots(standing: Depot) -> None:
    def found(query: str) -> list[dict[str, Any]]:
        answer = standing.client.get(f"{API}/fleet.geojson?{query}", headers=standing.key("clerk"))
        assert answer.mimetype == "application/geo+json"
        return [feature["properties"] for feature in said(answer)["features"]]

    assert found("") == [{"id": "LT-1", "state": "on", "trouble": None}]
    assert found("suche=XB&sortierung=stoerung") == []
    assert standing.client.get(f"{API}/fleet.geojson?zustand=x", headers=standing.key("clerk")).status_code == 422
    depots = said(standing.client.get(f"{API}/depots.geojson", headers=standing.key("ops")))["features"]
    assert [(depot["properties"]["name"], depot["geometry"]["type"]) for depot in depots] == [("Bauhof", "Polygon")]


def test_a_lights_page_tells_which_fixes_were_used_and_why_not(standing: Depot) -> None:
    answer = page(standing, "lichter/LT-1")
    assert answer.status_code == 200
    text = answer.text
    assert "schweigt sie 30 min, gilt sie als ohne Signal." in text
    assert "Ausreißer: 4" in text
    assert "Die Leuchte hat zurzeit keinen festen Standort" not in text
    assert 'class="plan__outlier"' in text
    assert "Davon 9 verwendet und 1 Ausreißer. " in text
    assert "in den letzten 24 Stunden" in text
    assert "Zuletzt 61 %, seit heute" in text or "Zuletzt 61 %, seit gestern" in text
    assert "zwischen 61 und 88 %" in text
    assert "Steht an neuem Ort" in text
    assert page(standing, "lichter/XB-3").status_code == 200
    assert page(standing, "lichter/LT-9").status_code == 404
    moved = page(standing, "devices/LT-1")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/beacons/lichter/LT-1")


def test_the_same_fixes_and_the_raw_pings_are_there_for_machines(standing: Depot) -> None:
    told = said(standing.client.get(f"{API}/devices/LT-1/fixes", headers=standing.key("ops")))
    verdicts = [fix["verdict"] for fix in told["fixes"]]
    assert verdicts.count("outlier") == 1
    assert verdicts.count("used") == len(verdicts) - 1 >= 8
    (far,) = [fix for fix in told["fixes"] if fix["verdict"] == "outlier"]
    assert far["distance_m"] > far["allowed_m"] >= 15
    assert told["stay"]["used"] >= 6
    silent = said(standing.client.get(f"{API}/devices/LT-2/fixes", headers=standing.key("ops")))
    assert silent == {"device_id": "LT-2", "stay": None, "fixes": []}
    raw = standing.client.get(f"{API}/devices/LT-1/pings?stunden=1", headers=standing.key("ops"))
    lines = [json.loads(line) for line in raw.data.splitlines()]
    assert len(lines) == 10
    assert all(line["device_id"] == "LT-1" and "received_time" in line for line in lines)


def test_the_page_says_why_a_light_counts_where_it_counts(standing: Depot) -> None:
    eventually(standing, "lichter/LT-1", "Durch Nähe dem Vorgang")
    bind(standing, "LT-1", NUMBER)
    eventually(standing, "lichter/LT-1", f"Von Hand dem Vorgang {NUMBER} zugeordnet")
    assert "Noch kein fester Standort" in page(standing, "lichter/LT-2").text


def test_the_page_tells_what_the_door_refused_of_this_light(standing: Depot) -> None:
    assert "Schon bei der Annahme abgewiesen" not in page(standing, "lichter/LT-1").text
    lon, lat = place(10)
    wrong = {"device_id": "LT-1", "event_time": "gestern", "lon": lon, "lat": lat}
    for _ in range(2):
        assert said(standing.send(json.dumps(wrong)))["accepted"] == 0
    eventually(standing, "lichter/LT-1", "Schon bei der Annahme abgewiesen")
    text = page(standing, "lichter/LT-1").text
    assert '<td data-label="Anzahl" class="is-number">2</td>' in text
    assert "event_time hat keinen zulässigen Wert" in text
    assert "Schon bei der Annahme abgewiesen" not in page(standing, "lichter/LT-2").text
