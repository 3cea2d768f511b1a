"""The documents of the feed over HTTP."""

import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree
from werkzeug.http import http_date

from services.navfeed.adapters import datex2, geojson, rendering
from services.navfeed.adapters.rendering import PRODUCTS
from shared.contracts.topics import PERMITS
from shared.db.pool import Database
from shared.eventlog.port import Message
from shared.web.conditional import modified
from tests.integration.navfeed.conftest import City
from tests.support.city import approved
from tests.support.doors import said
from tests.support.feed import features

LIST = "/feed/v1/roadworks.geojson"
ADDRESSES = [f"/feed/v1/{product}" for product in PRODUCTS]


@pytest.fixture
def open_city(city: City) -> City:
    city.publish(*features(1, 2))
    return city


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_product_says_all_that_http_needs_not_to_send_it_again(open_city: City, address: str) -> None:
    answer = open_city.client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "no-cache" in answer.headers["Cache-Control"]
    again = {"If-None-Match": answer.headers["ETag"]}
    unchanged = open_city.client.get(address, headers=again)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == answer.headers["ETag"]
    open_city.publish(*features(1))
    changed = open_city.client.get(address, headers=again)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != answer.headers["ETag"]


@pytest.mark.parametrize(
    "sent",
    ['W/"{tag}"', '"something", "{tag}"', "*"],
)
def test_tags_match_in_all_their_forms(open_city: City, sent: str) -> None:
    tag = open_city.client.get(LIST).headers["ETag"].strip('"')
    assert open_city.client.get(LIST, headers={"If-None-Match": sent.format(tag=tag)}).status_code == 304


def test_a_date_is_answered_with_304_once_its_second_is_over(open_city: City) -> None:
    time.sleep(1.05)
    answer = open_city.client.get(LIST)
    date = answer.headers["Last-Modified"]
    assert open_city.client.get(LIST, headers={"If-Modified-Since": date}).status_code == 304
    before = http_date(datetime.now(UTC) - timedelta(days=1))
    assert open_city.client.get(LIST, headers={"If-Modified-Since": before}).status_code == 200
    other = {"If-Modified-Since": date, "If-None-Match": '"another"'}
    assert open_city.client.get(LIST, headers=other).status_code == 200


def test_a_second_publication_within_a_second_is_not_missed_by_date(city: City) -> None:
    for _ in range(3):
        city.publish(*features(1))
        date = city.client.get(LIST).headers["Last-Modified"]
        city.publish(*features(1, 2))
        time.sleep(1.05)
        answer = city.client.get(LIST, headers={"If-Modified-Since": date})
        assert answer.status_code == 200
        city.publish()


def test_a_second_is_not_named_before_it_is_over() -> None:
    published = datetime(2026, 3, 2, 7, 0, 5, 300_000, tzinfo=UTC)
    floor = published.replace(microsecond=0)
    assert modified(published, floor + timedelta(seconds=0.999)) == floor - timedelta(seconds=1)
    assert modified(published, floor + timedelta(seconds=1)) == floor


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_tells_the_same_without_the_body(open_city: City, address: str) -> None:
    get, head = open_city.client.get(address), open_city.client.head(address)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type", "Vary", "Cache-Control"):
        assert head.headers[name] == get.headers[name], name
    assert int(get.headers["Content-Length"]) == len(get.data)


@pytest.mark.parametrize("address", ADDRESSES)
def test_gzip_is_the_same_document_and_the_same_bytes_in_every_process(open_city: City, address: str) -> None:
    plain = open_city.client.get(address)
    zipped = open_city.client.get(address, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    elsewhere = open_city.new_app().test_client().get(address, headers={"Accept-Encoding": "gzip"})
    assert (elsewhere.data, elsewhere.headers["ETag"]) == (zipped.data, zipped.headers["ETag"])
    again = {"Accept-Encoding": "gzip", "If-None-Match": zipped.headers["ETag"]}
    assert open_city.client.get(address, headers=again).status_code == 304
    assert "Content-Encoding" not in open_city.client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_a_browser_may_ask_with_conditions_from_any_site(open_city: City) -> None:
    answer = open_city.client.options(
        LIST, headers={"Origin": "https://karte.example", "Access-Control-Request-Method": "GET"}
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]


def test_the_published_document_is_as_its_published_schema_says(open_city: City) -> None:
    answer = open_city.client.get("/feed/v1/roadworks.schema.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/schema+json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    schema = json.loads(answer.data)
    assert schema["$id"] == f"{open_city.settings.origin}/feed/v1/roadworks.schema.json"
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(open_city.client.get(LIST).json)
    again = {"If-None-Match": answer.headers["ETag"]}
    assert open_city.client.get("/feed/v1/roadworks.schema.json", headers=again).status_code == 304


def test_an_unchanged_product_is_served_without_asking_for_its_pieces(
    open_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_city.client.get(LIST).data

    def never(*_: object) -> None:
        raise AssertionError("the pieces were read again")

    monkeypatch.setattr(type(open_city.navfeed.ledger), "document", never)
    assert open_city.client.get(LIST).data == first


# --- time travel


def stamp(moment: datetime) -> str:
    return quote(moment.isoformat())


def last_at(city: City) -> datetime:
    position = city.navfeed.ledger.position()
    assert position is not None
    return position[1]


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_bytes_of_then_outlive_the_renderer(city: City, product: str, monkeypatch: pytest.MonkeyPatch) -> None:
    served = []
    for now in (features(1), features(1, 2), ()):
        city.publish(*now)
        served.append((last_at(city), city.client.get(f"/feed/v1/{product}").data))
    monkeypatch.setattr(rendering, "CODE", "2")
    monkeypatch.setattr(rendering.Rendering, "code", "2")
    monkeypatch.setattr(geojson, "piece", lambda feature: b'{"other":"%s"}' % feature.id.encode())
    monkeypatch.setattr(datex2, "situation", lambda *_: b"<other/>")
    city.publish(*features(2))
    assert b"other" in city.client.get(f"/feed/v1/{product}").data
    elsewhere = city.new_app().test_client()
    for at, data in served:
        assert elsewhere.get(f"/feed/v1/{product}?at={stamp(at)}").data == data


def test_an_instant_may_be_written_in_any_offset_even_with_an_unescaped_plus(open_city: City) -> None:
    at = last_at(open_city).astimezone(UTC) + timedelta(milliseconds=1)
    time.sleep(0.01)
    local = (at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%f")
    forms = [at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), f"{local}%2B01:00", f"{local}+01:00", f"{local.lower()}%2b01:00"]
    wanted = open_city.client.get(LIST).data
    for form in forms:
        answer = open_city.client.get(f"{LIST}?at={form}")
        assert (answer.status_code, answer.data) == (200, wanted), form


def test_an_instant_that_is_none_is_refused_in_german(open_city: City) -> None:
    for at in ("", "2026-03-02", "2026-03-02T07:00:00", "2026-13-02T07:00:00Z"):
        answer = open_city.client.get(f"{LIST}?at={at}")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), at
        assert said(answer)["detail"].startswith("at: ")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_future_is_not_served(open_city: City) -> None:
    answer = open_city.client.get(f"{LIST}?at={stamp(datetime.now(UTC) + timedelta(minutes=1))}")
    assert answer.status_code == 400
    assert said(answer)["detail"] == "at: Der Zeitpunkt liegt in der Zukunft."


def test_before_the_first_publication_there_was_nothing(open_city: City) -> None:
    answer = open_city.client.get(f"{LIST}?at={stamp(last_at(open_city) - timedelta(seconds=1))}")
    assert answer.status_code == 404
    assert said(answer)["detail"].startswith("Zu diesem Zeitpunkt war noch nichts veröffentlicht. Das Erste am 20")


def test_only_the_settled_past_may_be_cached_for_ever(open_city: City) -> None:
    with open_city.navfeed.database.connection() as connection:
        connection.execute("UPDATE publications SET published_at = published_at - interval '1 hour'")
    past = open_city.client.get(f"{LIST}?at={stamp(datetime.now(UTC) - timedelta(minutes=2))}")
    just_now = open_city.client.get(f"{LIST}?at={stamp(datetime.now(UTC) - timedelta(seconds=2))}")
    assert "immutable" in past.headers["Cache-Control"]
    assert "immutable" not in just_now.headers["Cache-Control"]


# --- before the first publication, and outages


@pytest.mark.parametrize("product", PRODUCTS)
def test_where_nothing_is_ordered_the_empty_feed_is_the_truth_and_the_same_everywhere(city: City, product: str) -> None:
    answer = city.client.get(f"/feed/v1/{product}")
    assert answer.status_code == 200
    if product.endswith(".geojson"):
        assert json.loads(answer.data)["features"] == []
    else:
        etree.fromstring(answer.data)
    assert city.new_app().test_client().get(f"/feed/v1/{product}").headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_while_orders_wait_to_be_published_an_empty_feed_would_be_a_lie(city: City, address: str) -> None:
    city.log.send([Message(PERMITS.name, approved())])
    answer = city.client.get(address)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.mimetype == "application/problem+json"


def test_without_a_database_the_last_good_document_is_served_and_else_503(
    open_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = open_city.client.get(LIST).data
    away = Database("postgresql://127.0.0.1:1/none", "navfeed", timeout_s=0.1)
    monkeypatch.setattr(open_city.navfeed.ledger, "_database", away)
    assert open_city.client.get(LIST).data == good
    answer = open_city.new_app().test_client().get(LIST)
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    away.close()
