"""The fleet's pages and what they fetch: finding lights, convincing vendors, alarms with notes, set-up."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.beacons.application.fleet_orders import OrderReads
from shared.clock import MINUTE_US, from_micros
from shared.contracts import devices as d
from shared.contracts import permits as p
from shared.contracts import sites as s
from shared.contracts.base import LineString
from shared.contracts.topics import DEVICES, PERMITS, SITES
from shared.eventlog.port import Mark, Message
from tests.integration.beacons.conftest import Depot
from tests.support.city import contract, place
from tests.support.doors import said

API = "/beacons/api/v1"
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
NUMBER = "45-2026-0001"


def ordered(depot: Depot, permit_id: str, number: str, applicant: str, *, north_m: float = 0.0) -> None:
    measure = p.Measure(
        id=f"{permit_id}-1",
        key="1",
        kind="road_closed",
        geometry=LineString((place(0, north_m), place(120, north_m))),
        street="Rheinallee",
        start=AT - timedelta(hours=1),
        end=AT + timedelta(days=2),
    )
    permit = p.Permit(
        permit_id=permit_id, permit_number=number, authority="Amt 61", applicant=applicant, measures=(measure,)
    )
    event = contract(p.PermitApproved(permit), f"permit:{permit_id}", 1, depot.clock.now())
    depot.log.send([Message(PERMITS.name, event)])
    depot.work()


def ping(depot: Depot, device: str, minutes_ago: int, along_m: float = 10.0, **said: Any) -> None:
    lon, lat = place(along_m)
    moment = from_micros(depot.clock.now() - minutes_ago * MINUTE_US).isoformat()
    body = {"device_id": device, "event_time": moment, "fix_time": moment, "lon": lon, "lat": lat, "accuracy_m": 3.0}
    assert depot.send(json.dumps(body | {"lamp": "on"} | said)).status_code == 202


@pytest.fixture
def standing(depot: Depot) -> Depot:
    """LT-1 stands at ordered works, with one far fix among the good ones; LT-2 was never heard."""
    depot.register("LT-1", "LT-2", "XB-3")
    ordered(depot, "p1", NUMBER, "Müller Tiefbau GmbH")
    for minutes in range(28, 0, -3):
        ping(depot, "LT-1", minutes, along_m=60.0 if minutes == 7 else 10.0 + minutes % 2, battery_pct=60 + minutes)
    depot.work()
    return depot


def page(depot: Depot, path: str, role: Any = "fleet", *scopes: str) -> TestResponse:
    return depot.client.get(f"/beacons/{path}", headers=depot.key(role, *scopes))


def eventually(depot: Depot, path: str, words: str) -> None:
    """Sites are decided on a grid of log time, a moment after their lights."""
    deadline = time.monotonic() + 5
    while words not in (text := page(depot, path).text):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
        depot.work()


def ids(answer: TestResponse) -> list[str]:
    return [part.partition('"')[0] for part in answer.text.split('<tr data-id="')[1:]]


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
    assert "Keine Leuchte passt" in page(standing, "?suche=gibtsnicht").text
    assert page(standing, "?zustand=%00&seite=-3&sortierung=x").status_code == 200


def test_who_types_a_whole_id_is_led_to_its_light(standing: Depot) -> None:
    answer = page(standing, "?suche=lt-2")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/beacons/lichter/LT-2")


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
    assert "Ausreißer: 4" in text
    assert "Die Leuchte hat zurzeit keinen festen Standort" not in text
    assert 'class="plan__outlier"' in text
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


# --- alarms


def alarm_of(depot: Depot, device: str = "LT-1") -> str:
    depot.tell(d.LightFell(device_id=device, at=AT), f"light:{device}")
    told = said(depot.client.get(f"{API}/alarms?kind=fell", headers=depot.key("ops")))["alarms"]
    return str(told[0]["id"])


@pytest.fixture
def fallen(depot: Depot) -> tuple[Depot, str]:
    depot.register("LT-1")
    return depot, alarm_of(depot)


def test_an_alarm_is_acknowledged_once_with_a_note_and_everybody_sees_it(fallen: tuple[Depot, str]) -> None:
    depot, alarm = fallen
    door = f"{API}/alarms/{alarm}/acknowledge"
    assert all(said in page(depot, "").text for said in ("1 offen", "1 Alarm wartet"))
    done = depot.client.post(door, json={"note": "  Bauhof fährt hin "}, headers=depot.key("fleet"))
    assert done.status_code == 200
    told = said(done)["acknowledged"]
    assert (told["note"], told["role"]) == ("Bauhof fährt hin", "fleet")
    again = depot.client.post(door, json={"note": "noch einmal"}, headers=depot.key("clerk"))
    assert again.status_code == 409
    for path in ("alarme", f"alarme/{alarm}", "lichter/LT-1"):
        assert "Bauhof fährt hin" in page(depot, path).text
    assert "bestätigt" in page(depot, "").text
    assert "Bauhof fährt hin" not in page(depot, "alarme?zeigen=unbestaetigt").text
    assert "0 Alarme warten" in page(depot, "").text
    assert said(depot.client.get(f"{API}/alarms?acknowledged=false", headers=depot.key("ops")))["alarms"] == []


def test_the_log_is_told_of_it_without_who_and_why(fallen: tuple[Depot, str]) -> None:
    depot, alarm = fallen
    depot.client.post(f"{API}/alarms/{alarm}/acknowledge", json={"note": "Frau X"}, headers=depot.key("fleet"))
    depot.work()
    chunks = depot.log.read({partition: Mark() for partition in depot.log.partitions(DEVICES.name)}, 100)
    events = [record.event for chunk in chunks for record in chunk.records]
    (event,) = [event for event in events if event.stream == f"alarm:{alarm}"]
    assert event.type == d.AlarmAcknowledged.TYPE
    assert set(json.loads(event.data)) == {"alarm_id", "at"}


def test_a_note_is_needed_and_an_alarm_too(fallen: tuple[Depot, str]) -> None:
    depot, alarm = fallen
    door = f"{API}/alarms/{alarm}/acknowledge"
    assert depot.client.post(door, json={"note": " "}, headers=depot.key("fleet")).status_code == 422
    assert depot.client.post(door, json={}, headers=depot.key("fleet")).status_code == 422
    nothing = door.replace(alarm, "00000000-0000-0000-0000-000000000000")
    assert depot.client.post(nothing, json={"note": "x"}, headers=depot.key("fleet")).status_code == 404
    empty = depot.client.post(f"/beacons/alarme/{alarm}", data={"vermerk": ""}, headers=depot.key("fleet"))
    assert empty.status_code == 422
    assert "Bitte schreiben Sie, was veranlasst wurde." in empty.text
    back = {"vermerk": "erledigt", "zurueck": "leuchte"}
    done = depot.client.post(f"/beacons/alarme/{alarm}", data=back, headers=depot.key("clerk"))
    assert (done.status_code, done.headers["Location"]) == (303, f"/beacons/lichter/LT-1#alarm-{alarm}")


def test_who_acknowledges_in_a_list_comes_back_to_that_list(fallen: tuple[Depot, str]) -> None:
    depot, alarm = fallen
    form = f'action="/beacons/alarme/{alarm}?zeigen=alle&amp;suche=lt-1"'
    assert form in page(depot, "alarme?zeigen=alle&suche=lt-1&fremd=1").text
    place = f"/beacons/alarme/{alarm}?zeigen=alle&suche=lt-1&fremd=1"
    done = depot.client.post(place, data={"vermerk": "erledigt", "zurueck": "liste"}, headers=depot.key("fleet"))
    assert done.headers["Location"] == f"/beacons/alarme?zeigen=alle&suche=lt-1#alarm-{alarm}"


def test_a_light_and_its_alarm_name_the_street_and_lead_to_the_case(standing: Depot) -> None:
    bind(standing, "LT-2", NUMBER)
    standing.work()
    case = f'<a class="kern-link" href="/permits/p1">{NUMBER}</a>, Rheinallee'
    assert case in page(standing, "", "clerk").text
    assert f"{NUMBER}, Rheinallee" in page(standing, "").text, "who may not see cases gets no link to one"
    alarm_id = alarm_of(standing, "LT-2")
    assert case in page(standing, "alarme", "clerk").text
    assert case in page(standing, f"alarme/{alarm_id}", "clerk").text


def test_the_alarm_page_shows_open_ones_and_on_demand_all(depot: Depot) -> None:
    depot.register("LT-1")
    assert "Zurzeit gibt es keine Alarme." in page(depot, "alarme", "ops").text
    row = '<tr id="alarm-'
    alarm_of(depot)
    assert row in page(depot, "alarme", "ops").text
    depot.tell(d.LightRecovered(device_id="LT-1", at=AT, trouble="fallen"), "light:LT-1")
    assert row not in page(depot, "alarme", "ops").text
    for query in ("alle", "zeigen=erledigt", "zeigen=alle&art=fell&suche=lt-1"):
        assert row in page(depot, f"alarme?{query}", "ops").text
    assert row not in page(depot, "alarme?zeigen=alle&suche=LT-2", "ops").text
    assert page(depot, "alarme?nach=x&art=%00&zeigen=y").status_code == 200


# --- set-up on the street


def bind(depot: Depot, device: str, number: str, role: Any = "fleet", *scopes: str) -> TestResponse:
    answer = depot.client.post(f"/beacons/setup/{device}", data={"vorgang": number}, headers=depot.key(role, *scopes))
    depot.work()
    return answer


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.beacons.application.fleet_setup.SHOWN_WITHIN_S", 0.0)


def test_a_light_is_bound_to_what_is_ordered_near_by_and_unbound(standing: Depot) -> None:
    text = page(standing, "setup/LT-1").text
    assert "Ja: Lampe leuchtet" in text
    assert "Vollsperrung" in text
    assert f"{NUMBER} zuordnen" in text
    assert bind(standing, "LT-1", NUMBER).status_code == 303
    assert f"Zuordnung zu {NUMBER} lösen" in page(standing, "setup/LT-1").text
    device = said(standing.client.get(f"{API}/devices/LT-1", headers=standing.key("fleet")))
    assert (device["permit_number"], device["kind"]) == (NUMBER, "warning_light")
    bind(standing, "LT-1", "")
    assert "lösen" not in page(standing, "setup/LT-1").text
    assert bind(standing, "LT-1", "gibt-es-nicht").status_code == 422


def test_the_lamp_counts_only_once_it_spoke_after_the_light_was_bound(standing: Depot) -> None:
    bind(standing, "LT-1", NUMBER)
    assert "sich die Lampe noch nicht gemeldet" in page(standing, "setup/LT-1").text
    ping(standing, "LT-1", 0, event_time=from_micros(standing.clock.now()).isoformat())
    standing.work()
    assert "Ja: Lampe leuchtet" in page(standing, "setup/LT-1").text


def test_a_contractor_binds_to_own_works_only(standing: Depot) -> None:
    ordered(standing, "p2", "45-2026-0002", "Hochbau AG", north_m=20)
    mine = "organisation:mueller-tiefbau-gmbh"
    text = page(standing, "setup/LT-1", "contractor", mine).text
    assert NUMBER in text
    assert "45-2026-0002" not in text
    assert bind(standing, "LT-1", "45-2026-0002", "contractor", mine).status_code == 403
    assert bind(standing, "LT-1", NUMBER, "contractor", mine).status_code == 303
    for address in ("setup/LT-2?lon=8.9&lat=50.5", "setup/LT-2?suche=Rheinallee"):
        assert f"{NUMBER} zuordnen" in page(standing, address, "contractor", mine).text, "its own, wherever they are"
    other = page(standing, "setup/LT-1", "contractor", "organisation:hochbau-ag")
    assert other.status_code == 403
    assert "Ihrem Zugang ist noch keine Firma zugeordnet" in page(standing, "setup/LT-2", "contractor").text
    assert page(standing, "setup/LT-2", "contractor", mine, "devices:XB-*").status_code == 403


def test_typing_leads_to_the_light_or_says_that_there_is_none(standing: Depot) -> None:
    assert page(standing, "setup?kennung=xb-3").headers["Location"] == "/beacons/setup/XB-3"
    assert page(standing, "setup?kennung=XB").headers["Location"] == "/beacons/setup/XB-3"
    several = page(standing, "setup?kennung=LT")
    assert (several.status_code, "Welche davon?" in several.text) == (200, True)
    none = page(standing, "setup?kennung=%22%3Cb%3E")
    assert (none.status_code, "<b>" in none.text) == (404, False)


def test_lists_for_a_thumb_are_short_and_say_what_they_leave_out(standing: Depot) -> None:
    assert "Ein weiterer" not in page(standing, "setup/LT-1").text
    for number in range(2, 8):
        ordered(standing, f"p{number}", f"45-2026-000{number}", "Hochbau AG", north_m=number)
    assert "Ein weiterer Vorgang ist nicht gezeigt" in page(standing, "setup/LT-1").text
    standing.register(*(f"LT-1{number}" for number in range(6)))
    assert "2 weitere passen" in page(standing, "setup?kennung=LT").text
    again = "/beacons/setup/LT-1?suche=Rheinallee"
    assert f'href="{again}"' in page(standing, "setup/LT-1?suche=Rheinallee").text


def test_the_printed_code_is_the_address_of_the_lights_set_up_page(standing: Depot) -> None:
    import segno  # noqa: PLC0415  # only this test compares codes

    address = f"{standing.settings.origin}/beacons/setup/LT-1"
    expected = segno.make(address, error="m", micro=False).svg_inline(
        border=2, omitsize=True, dark="#000", light="#fff"
    )
    text = page(standing, "codes", "clerk").text
    assert expected in text
    assert text.count("codes__label") == 3


def test_what_is_ordered_is_found_by_place_and_follows_the_permit(standing: Depot) -> None:
    reads, now = OrderReads(standing.beacons.database), datetime.now(UTC)
    ordered(standing, "p2", "45-2026-0002", "Hochbau AG", north_m=300)
    near = reads.in_force(now, near=place(10, 290))
    assert [one.permit_number for one in near] == ["45-2026-0002", NUMBER]
    assert near[0].distance_m == pytest.approx(10, abs=1)
    assert reads.in_force(now, near=(9.5, 51.0)) == []
    assert [one.permit_number for one in reads.in_force(now, search="0002")] == ["45-2026-0002"]
    ended = contract(p.WorksEnded(now - timedelta(days=2)), "permit:p2", 2, standing.clock.now())
    standing.log.send([Message(PERMITS.name, ended)])
    standing.work()
    assert [one.permit_number for one in reads.in_force(now)] == [NUMBER]
