"""Setting up on the street: a light is found, bound to what is ordered, and its lamp is checked."""

from datetime import UTC, datetime, timedelta

import pytest
import segno

from services.beacons.application.fleet_orders import OrderReads
from services.beacons.web import setup_page
from shared.clock import from_micros
from shared.contracts import permits as p
from shared.contracts.topics import PERMITS
from shared.eventlog.port import Message
from tests.integration.beacons.depot import Depot
from tests.integration.beacons.fleet import API, NUMBER, bind, ordered, page, ping
from tests.support.city import contract, place
from tests.support.doors import said


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
    address = f"{standing.settings.origin}/beacons/setup/LT-1"
    expected = segno.make(address, error="m", micro=False).svg_inline(
        border=2, omitsize=True, dark="#000", light="#fff"
    )
    text = page(standing, "codes", "clerk").text
    assert expected in text
    assert text.count("codes__label") == 3


def test_labels_come_in_pages_that_keep_what_was_asked_for(standing: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_page, "LABELS", 1)
    text = page(standing, "codes?suche=LT", "clerk").text
    assert 'rel="next" href="/beacons/codes?suche=LT&amp;seite=2"' in text
    assert 'rel="prev"' not in text
    last = page(standing, "codes?suche=LT&seite=2", "clerk").text
    assert page(standing, "codes?suche=LT&seite=9", "clerk").text == last
    kept = page(standing, "codes?suche=LT&zustand=neu", "clerk").text
    assert '<input type="hidden" name="zustand" value="neu">' in kept
    assert ("LT-2" in last, 'rel="prev"' in last, 'rel="next"' in last) == (True, True, False)


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
