"""Alarms: acknowledged once, with a note, from every list."""

import json
import re
from datetime import timedelta

import pytest

from services.beacons.web import alarm_page
from shared.contracts import devices as d
from shared.contracts.topics import DEVICES
from shared.eventlog.port import Mark
from tests.integration.beacons.depot import Depot
from tests.integration.beacons.fleet import API, AT, NUMBER, alarm_of, bind, page
from tests.support.doors import said


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


def test_what_is_open_is_sorted_by_gravity_and_what_is_over_by_time(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm_page, "PAGE_SIZE", 2)
    first, second, third, fourth = (AT + timedelta(minutes=minute) for minute in range(4))
    depot.tell(d.LightBatteryLow(device_id="LT-1", at=first, battery_pct=8), "light:LT-1")
    depot.tell(d.LightFell(device_id="LT-2", at=second), "light:LT-2")
    depot.tell(d.LightBecameSilent(device_id="LT-3", at=third, last_contact=first), "light:LT-3")
    depot.tell(d.LightFell(device_id="LT-4", at=fourth), "light:LT-4")

    def listed(query: str) -> list[str]:
        text = page(depot, f"alarme?{query}").text
        following = re.search(r'rel="next" href="/beacons/([^"]+)"', text)
        both = text + (page(depot, following[1].replace("&amp;", "&")).text if following else "")
        return re.findall(r'data-label="Gerät"><a [^>]*>([^<]+)', both)

    assert listed("") == ["LT-4", "LT-2", "LT-3", "LT-1"]
    assert listed("zeigen=alle") == ["LT-4", "LT-3", "LT-2", "LT-1"]


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
    assert case in page(standing, "alarme?suche=rheinall", "clerk").text
    assert case not in page(standing, "alarme?suche=Kaiserstraße", "clerk").text


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
