"""Single measures, changes, the stream and the base map over HTTP."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

import services.navfeed.bootstrap as navfeed
from services.navfeed.adapters.rendering import PRODUCTS
from services.navfeed.web.told import PRODUCT_NOTES
from shared.web.auth import undeclared
from shared.web.sse import Hub
from tests.integration.navfeed.conftest import City
from tests.support.doors import said
from tests.support.feed import features

ONE = "/feed/v1/measures/de-mainz-m1"


def test_a_measure_answers_for_life(city: City) -> None:
    city.publish(*features(1, 2))
    shown = city.client.get(ONE)
    assert shown.status_code == 200
    assert shown.mimetype == "application/geo+json"
    assert said(shown)["properties"]["status"] == "active"
    assert "removed" not in said(shown)
    city.publish(*features(1, status="ended"), *features(2))
    city.publish(*features(2))
    gone = city.client.get(ONE)
    assert gone.status_code == 200
    assert said(gone)["properties"]["status"] == "ended"
    assert said(gone)["removed"]["version"] == 3
    assert said(gone)["geometry"] == said(shown)["geometry"]


def test_a_measure_answers_what_was_published_then(city: City) -> None:
    city.publish(*features(1))
    first = city.client.get(ONE).data
    city.publish(*features(1, street="Kaiserstraße"))
    city.publish()
    versions = said(city.client.get(f"{ONE}/history"))["versions"]
    at = [version["published_at"].replace("Z", "%2B00:00") for version in versions]
    assert city.client.get(f"{ONE}?at={at[0]}").data == first
    assert said(city.client.get(f"{ONE}?at={at[1]}"))["properties"]["street"] == "Kaiserstraße"
    assert said(city.client.get(f"{ONE}?at={at[2]}"))["removed"]["version"] == 3
    assert city.client.get(f"{ONE}?at=2020-01-01T00:00:00Z").status_code == 404
    for nonsense in ("2999-01-01T00:00:00Z", "gestern", ""):
        assert city.client.get(f"{ONE}?at={nonsense}").status_code == 400, nonsense


def test_a_position_beyond_the_end_is_told_so(city: City) -> None:
    assert city.client.get("/feed/v1/changes?since=0").status_code == 200
    city.publish(*features(1))
    assert said(city.client.get("/feed/v1/changes?since=1"))["changes"] == []
    answer = city.client.get("/feed/v1/changes?since=2")
    assert (answer.status_code, answer.mimetype, said(answer)["position"]) == (410, "application/problem+json", 1)


def test_a_subscriber_with_a_position_beyond_the_end_is_told_to_begin_anew(city: City) -> None:
    city.publish(*features(1))
    [reset] = events(city.client.get("/feed/v1/stream", headers={"Last-Event-ID": "7"}), 1)
    assert reset == {"event": "reset", "id": "1", "data": '{"position":1}'}


@pytest.mark.parametrize("address", ["/feed/v1/measures/de-mainz-m9", "/feed/v1/measures/de-mainz-m9/history"])
def test_what_was_never_published_is_not_found(city: City, address: str) -> None:
    answer = city.client.get(address)
    assert answer.status_code == 404
    assert said(answer)["detail"] == "Eine Maßnahme mit dieser Kennung wurde nie veröffentlicht."


def test_its_history_tells_every_version_with_its_cause(city: City) -> None:
    city.publish(*features(1), cause="approved")
    city.publish(cause="revoked")
    body = said(city.client.get(f"{ONE}/history"))
    assert body["id"] == "de-mainz-m1"
    assert [(v["version"], v["change"], v["cause"]) for v in body["versions"]] == [
        (1, "updated", "approved"),
        (2, "removed", "revoked"),
    ]
    assert body["versions"][0]["feature"]["properties"]["version"] == 1
    assert body["versions"][1]["feature"] is None
    assert all(v["published_at"].endswith("Z") for v in body["versions"])


def test_a_known_measure_is_not_sent_again(city: City) -> None:
    city.publish(*features(1))
    tag = city.client.get(ONE).headers["ETag"]
    assert city.client.get(ONE, headers={"If-None-Match": tag}).status_code == 304


def test_changes_are_read_page_by_page_with_tombstones(city: City) -> None:
    city.publish(*features(1, 2))
    city.publish(*features(2))
    first = said(city.client.get("/feed/v1/changes?limit=1"))
    assert [(c["change"], c["id"]) for c in first["changes"]] == [
        ("updated", "de-mainz-m1"),
        ("updated", "de-mainz-m2"),
    ]
    assert (first["position"], first["more"]) == (1, True)
    second = said(city.client.get(f"/feed/v1/changes?since={first['position']}"))
    assert [(c["change"], c["id"], c["feature"]) for c in second["changes"]] == [("removed", "de-mainz-m1", None)]
    last = said(city.client.get(f"/feed/v1/changes?since={second['position']}"))
    assert last == {"changes": [], "position": 2, "more": False}


@pytest.mark.parametrize("query", ["since=-1", "since=x", "since=", "limit=0", "limit=1001", "limit=1.5", "since=²"])
def test_a_page_is_asked_for_in_numbers(city: City, query: str) -> None:
    answer = city.client.get(f"/feed/v1/changes?{query}")
    assert answer.status_code == 400
    assert said(answer)["detail"].startswith(query.partition("=")[0])


# --- the stream


def events(answer: TestResponse, count: int) -> list[dict[str, Any]]:
    """The next ``count`` events; the answer is closed."""
    found: list[dict[str, Any]] = []
    chunks: Iterator[bytes] = answer.iter_encoded() if not answer.is_streamed else iter(answer.response)  # type: ignore[arg-type]  # bytes of our own
    for chunk in chunks:
        for block in chunk.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in fields:
                found.append(fields)
        if len(found) >= count:
            break
    answer.close()
    return found


def test_the_stream_is_resumed_by_the_last_event_id_without_gap_or_repetition(city: City) -> None:
    city.publish(*features(1, 2))
    city.publish(*features(2))
    heard = events(city.client.get("/feed/v1/stream?since=0", buffered=False), 3)
    assert [(e["event"], e.get("id")) for e in heard] == [
        ("measure.updated", None),
        ("measure.updated", "1"),
        ("measure.removed", "2"),
    ]
    assert json.loads(heard[0]["data"])["id"] == "de-mainz-m1"
    resumed = city.client.get("/feed/v1/stream?since=0", headers={"Last-Event-ID": "1"}, buffered=False)
    timer = threading.Timer(0.3, city.publish, features(2, status="ended"))
    timer.start()
    assert [(e["event"], e["id"]) for e in events(resumed, 2)] == [("measure.removed", "2"), ("measure.ended", "3")]
    timer.join()


def test_the_stream_may_be_read_by_everybody_and_kept_by_nobody(city: City) -> None:
    answer = city.client.get("/feed/v1/stream", buffered=False)
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    answer.close()
    assert city.client.head("/feed/v1/stream").status_code == 200


def test_a_position_that_is_no_number_is_refused(city: City) -> None:
    assert city.client.get("/feed/v1/stream?since=x").status_code == 400
    assert city.client.get("/feed/v1/stream", headers={"Last-Event-ID": "x"}).status_code == 400


def test_the_places_of_a_process_are_bounded_and_come_free(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navfeed, "Hub", partial(Hub, limit=1))
    client = city.new_app().test_client()
    one = client.get("/feed/v1/stream", buffered=False)
    refused = client.get("/feed/v1/stream")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    one.close()
    again = client.get("/feed/v1/stream", buffered=False)
    assert again.status_code == 200
    again.close()


# --- the base map


@pytest.fixture
def tiles(tmp_path: Path) -> bytes:
    data = bytes(range(256)) * 8
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "basemap.pmtiles").write_bytes(data)
    return data


TILES = "/map/basemap.pmtiles"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-6", 0, 7), ("bytes=2000-", 2000, 2048), ("bytes=-8", 2040, 2048), ("bytes=0-9999", 0, 2048)],
)
def test_tiles_are_read_in_ranges(city: City, tiles: bytes, asked: str, first: int, last: int) -> None:
    answer = city.client.get(TILES, buffered=True, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == tiles[first:last]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last - 1}/2048"


def test_the_whole_file_has_a_tag_and_takes_ranges(city: City, tiles: bytes) -> None:
    answer = city.client.get(TILES, buffered=True)
    assert answer.data == tiles
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert city.client.get(TILES, buffered=True, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    head = city.client.head(TILES, buffered=True)
    assert (head.data, head.headers["Content-Length"]) == (b"", "2048")


def test_a_range_outside_the_file_is_refused(city: City, tiles: bytes) -> None:
    answer = city.client.get(TILES, buffered=True, headers={"Range": f"bytes={len(tiles)}-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */2048"


def test_a_range_of_another_file_gives_the_whole_new_one(city: City, tiles: bytes) -> None:
    answer = city.client.get(TILES, buffered=True, headers={"Range": "bytes=0-6", "If-Range": '"old"'})
    assert (answer.status_code, answer.data) == (200, tiles)


def test_without_an_imported_city_there_are_no_tiles(city: City) -> None:
    answer = city.client.get(TILES, buffered=True)
    assert answer.status_code == 404
    assert said(answer)["detail"] == "Es wurde noch kein Straßennetz eingelesen."


# --- pages and the description


def test_every_endpoint_says_who_may_call_it(city: City) -> None:
    assert undeclared(city.app) == []


def test_the_description_names_every_address(city: City) -> None:
    paths = said(city.client.get("/feed/openapi.json"))["paths"]
    wanted = {f"/feed/v1/{product}" for product in PRODUCTS}
    wanted |= {"/feed/v1/measures/{measure_id}", "/feed/v1/measures/{measure_id}/history"}
    wanted |= {"/feed/v1/changes", "/feed/v1/stream", TILES}
    assert wanted <= set(paths)
    assert "text/event-stream" in paths["/feed/v1/stream"]["get"]["responses"]["200"]["content"]


def test_subscribers_read_of_every_product_with_address_freshness_and_how_to_try_it(city: City) -> None:
    assert PRODUCT_NOTES.keys() == PRODUCTS.keys()
    city.publish(*features(1))
    page = city.client.get("/feed/")
    assert page.status_code == 200
    for product in PRODUCTS:
        assert f"http://127.0.0.1:8080/feed/v1/{product}" in page.text
    assert page.text.count("zuletzt geändert vor ") == 2 * len(PRODUCTS)  # in the overview and at the product
    assert "curl -N" in page.text


def test_the_live_page_lists_what_is_published(city: City) -> None:
    city.publish(*features(1))
    page = city.client.get("/")
    assert page.status_code == 200
    assert "Rheinstraße" in page.text
