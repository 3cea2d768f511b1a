"""The public pages at their doors: list, detail and history without a script, and what the scripts ask for."""

import gzip
from datetime import timedelta

import pytest
from msgspec.structs import replace

from services.navfeed.web.times import minute
from shared.clock import WallClock, from_micros
from shared.geo.citymap import CityMap, Way, save
from shared.web.sse import Hub
from tests.integration.navfeed.conftest import City
from tests.support.feed import features

ONE = "de-mainz-m1"


def map_of(city: City, *streets: str) -> None:
    folder = city.settings.data_dir / "map"
    folder.mkdir()
    ways = tuple(
        Way(id=n, name=name, highway="residential", nodes=(2 * n, 2 * n + 1), coordinates=((8.26, 50.0), (8.27, 50.01)))
        for n, name in enumerate(streets)
    )
    save(CityMap(name="X", attribution="", ways=ways), folder / "city.json")


def test_the_list_is_there_without_a_script_and_obeys_the_address(city: City) -> None:
    city.publish(*features(1, 2))
    page = city.client.get("/").text
    assert page.count('class="measure"') == 3  # two, and the template for the scripts
    assert "1 Baustelle, 2 Maßnahmen" in page
    assert f'href="/baustellen/{ONE}"' in page
    assert "Zu „Nirgendweg“ ist jetzt keine Baustelle bekannt." in city.client.get("/?strasse=Nirgendweg").text
    assert "0 Baustellen" in city.client.get("/?wirkung=path").text


def test_who_finds_nothing_is_led_to_what_there_is_otherwise(city: City) -> None:
    city.publish(*features(1))
    for query, way in (("", ""), ("&ansicht=liste", "ansicht=liste&amp;")):
        page = city.client.get(f"/?strasse=rhein&wirkung=path{query}").text
        assert "Zu „rhein“ ist jetzt keine Baustelle bekannt, die zu dieser Auswahl passt. Sonst schon:" in page
        assert f'href="/?{way}zeit=zeitraum&amp;strasse=rhein">alles zu „rhein“</a>' in page
    assert f'href="/baustellen/{ONE}"' in city.client.get("/?zeit=zeitraum&strasse=rhein").text


def test_who_seeks_a_street_that_is_not_known_is_told_so_with_similar_names(city: City) -> None:
    city.publish(*features(1))
    map_of(city, "Hauptstraße", "Am Rhein")
    told = city.client.get("/?strasse=Haubtstr.&wirkung=path").text
    assert "Eine Straße „Haubtstr.“ ist nicht bekannt. Ähnlich heißen:" in told
    assert 'href="/?strasse=Hauptstra%C3%9Fe&amp;wirkung=path">Hauptstraße</a>.' in told
    assert "Am Rhein" not in told
    assert "nicht bekannt.</p>" in city.client.get("/?ansicht=liste&strasse=Gibtsnicht").text
    for known in ("Hauptstr", "Rheinstraße", ""):  # in the map, among the measures, nothing sought
        assert "nicht bekannt" not in city.client.get(f"/?strasse={known}&wirkung=path").text


def test_the_list_is_compressed_for_those_who_are_nobody(city: City) -> None:
    city.publish(*features(1))
    answer = city.client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Rheinstraße" in gzip.decompress(answer.data).decode()


def test_a_long_list_has_pages(city: City) -> None:
    city.publish(*features(*range(60)))
    first = city.client.get("/?zeit=zeitraum&seite=1").text
    assert "seite=2" in first
    assert "Vorherige" not in first
    second = city.client.get("/?zeit=zeitraum&seite=2").text
    assert second.count('class="measure"') == 11
    assert "/?zeit=zeitraum&amp;seite=1" in second


def test_the_list_can_be_had_with_a_sketch_of_every_place(city: City) -> None:
    city.publish(*features(1, 2))
    assert city.client.get("/?ansicht=liste").text.count('<svg class="extract"') == 2


def test_a_measure_has_a_page_for_life_that_tells_what_was_published(city: City) -> None:
    (feature,) = features(1)
    city.publish(feature)
    city.publish(replace(feature, detour="über die Kaiserstraße"))
    city.publish()
    page = city.client.get(f"/baustellen/{ONE}")
    assert page.status_code == 200
    told = page.text
    assert "Gesperrt für Kfz." in told
    assert f'href="/beacons/baustellen/{ONE}"' in told
    assert "Komme ich durch?" in told
    places = [
        told.index(words) for words in ("aus der Karte genommen", "Umleitung geändert", "Erstmals veröffentlicht")
    ]
    assert places == sorted(places)
    assert city.client.get(f"/map/detail/{ONE}").text.strip() in told
    assert city.client.get("/baustellen/nie-da").status_code == 404


def test_what_the_scripts_load_is_sent_again_only_when_it_changed(city: City) -> None:
    city.publish(*features(1))
    first = city.client.get("/map/measures.json", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    known = {"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"}
    assert city.client.get("/map/measures.json", headers=known).status_code == 304
    city.publish(*features(1, 2))
    assert city.client.get("/map/measures.json", headers=known).status_code == 200


def test_the_stream_carries_words_and_goes_on_where_one_was(city: City) -> None:
    seen = city.publish(*features(1))
    city.publish(*features(1, 2))
    with city.client.get(f"/map/stream?since={seen}") as stream:
        sent = iter(stream.response)
        text = b"".join(map(bytes, (next(sent), next(sent))))  # type: ignore[arg-type]  # a stream gives bytes
    assert b"event: measure.updated" in text
    assert "Laut Anordnung ab 2. März".encode() in text
    assert b"de-mainz-m2" in text
    assert b"de-mainz-m1" not in text


def test_a_feed_that_is_behind_says_so_and_how_far(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.publish(*features(1))
    warning = "Neue Meldungen verzögern sich"
    paths = ("/", "/?ansicht=liste", f"/baustellen/{ONE}")
    assert city.client.get("/map/measures.json").headers["Behind-Seconds"] == "0"
    assert [warning in city.client.get(path).text for path in paths] == [False] * 3
    monkeypatch.setattr("shared.web.lateness.Behind.seconds", lambda _: 600.0)
    monkeypatch.setitem(Hub.__init__.__kwdefaults__, "heartbeat_s", 0.01)  # type: ignore[arg-type]  # it has some
    late = city.new_app().test_client()
    assert late.get("/map/measures.json").headers["Behind-Seconds"] == "600"
    assert [warning in late.get(path).text for path in paths] == [True] * 3
    with late.get("/map/stream") as stream:
        sent = iter(stream.response)
        assert b'event: stand\ndata: {"behind_s":600}\n\n' in (next(sent), next(sent))
    stand = from_micros(WallClock().now()) - timedelta(seconds=600)
    assert any(f"Stand {minute(at)}" in late.get("/").text for at in (stand, stand + timedelta(minutes=1)))


def test_streets_without_works_are_found_too(city: City) -> None:
    assert city.client.get("/map/streets.json?q=gaustr").status_code == 204, "no streets were imported"
    map_of(city, "Gaustraße")
    expected = [{"name": "Gaustraße", "district": None, "box": [8.26, 50.0, 8.27, 50.01]}]
    assert city.client.get("/map/streets.json?q=gaustr").json == expected
    assert city.client.get("/map/streets.json").json == []


def test_in_a_frame_there_is_only_the_map(city: City) -> None:
    city.publish(*features(1))
    framed = city.client.get("/?embed=1&wirkung=closed&seite=1").text
    assert "<header" not in framed
    assert "<footer" not in framed
    assert 'name="embed" value="1"' in framed
    assert 'href="/?wirkung=closed" target="_blank" rel="noopener">Große Karte' in framed
    assert 'href="/?embed=1" target="_self">Zur Karte' in city.client.get("/?embed=1&ansicht=liste").text
    assert "<header" in city.client.get("/").text
