"""The facts behind ``/ops/`` and ``leitbake status``, on a real database with all schemas."""

import base64
import itertools
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from services.beacons.application.refusals import Refusals
from services.suite.city_services import build_all
from services.suite.cli import leitbake
from services.suite.commands.installed import console
from services.suite.ops.app import ops_app
from services.suite.ops.application import look, parked
from services.suite.ops.application.facts import Consumer, Facts
from services.suite.ops.application.rebuilding import Rebuilds
from services.suite.ops.application.verdict import findings
from services.suite.ops.application.watched import VIEWS, Watch, watch
from shared.clock import SECOND_US, WallClock
from shared.contracts.topics import PERMITS, SITES
from shared.db.pool import Database
from shared.eventlog.opening import open_log
from shared.eventlog.port import Chunk, EventLog, LogUnavailableError, Mark, Message, Partition
from shared.events.envelope import Event
from shared.settings import Settings
from shared.web.auth import role_matrix, undeclared
from shared.web.doors import Role
from shared.web.keys import ApiKeys
from tests.support.city import approved


class House(NamedTuple):
    settings: Settings
    watch: Watch
    app: Flask
    keys: ApiKeys
    parts: Callable[[], None]

    def facts(self) -> Facts:
        return look.look(self.watch, WallClock().now())

    def consumer(self, group: str) -> Consumer:
        return next(it for it in self.facts().consumers if it.group == group)

    def client(self, role: Role) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_X_API_KEY"] = self.keys.create(role, "Test").token
        return client


@pytest.fixture
def house(city_url: Callable[[], str], tmp_path: Path) -> Iterator[House]:
    url = city_url()
    settings = Settings(database_url=url, master_key=bytes(32), data_dir=tmp_path, requests_per_s=10_000)
    clock, web = WallClock(), Database(url, "web")
    services, log = build_all(settings, url), open_log(url, clock, settings)
    watched = watch(services, log)
    parts = [part for service in services for part in service.parts(log)]

    def work() -> None:
        """Everybody steps until nobody has anything to do, which takes some points of the grid."""
        end = time.monotonic() + 0.4
        for turn in itertools.count():
            if turn >= 20 and time.monotonic() > end:
                break
            for part in parts:
                part.step()

    yield House(settings, watched, ops_app(watched, settings, web, clock), ApiKeys(web, clock), work)
    for part in parts:
        part.close()
    for database in (*(service.database for service in services), web):
        database.close()
    log.close()


def poison(log: EventLog, site: str = "s1", version: int = 1) -> None:
    now = WallClock().now()
    kind = "de.leitbake.site.painted.v1"
    event = Event(
        id=str(uuid.uuid4()), type=kind, stream=f"site:{site}", version=version, time=now, recorded=now, data=b"{}"
    )
    log.send([Message(SITES.name, event)])


def test_lag_is_counted_per_consumer_and_is_gone_once_they_have_worked(house: House) -> None:
    house.parts()
    assert {it.group for it in house.facts().consumers} == {"lights", "sites", "publisher", *(f"{v}@1" for v in VIEWS)}
    assert house.consumer("publisher").behind == 0
    before = WallClock().now()
    house.watch.log.send([Message(PERMITS.name, approved())])
    behind = house.consumer("publisher")
    assert (behind.behind, behind.members) == (1, 1)
    assert behind.oldest is not None
    assert abs(behind.oldest - before) < 10 * SECOND_US
    assert house.consumer("lights").behind == 0
    house.parts()
    assert house.consumer("publisher").behind == 0
    assert house.consumer("publisher").oldest is None


def test_every_view_that_has_generations_can_be_rebuilt(house: House) -> None:
    house.parts()
    known = {name for service in house.watch.services.values() for name in service.views}
    assert {it.view for it in house.facts().views} == known == set(VIEWS)


def test_a_parked_stream_is_counted_shown_and_asked_for_again(house: House) -> None:
    house.parts()
    poison(house.watch.log)
    poison(house.watch.log, version=2)
    house.parts()
    stream = next(it for it in house.facts().parked if it.group == "publisher")
    assert (stream.service, stream.stream, stream.records) == ("navfeed", "site:s1", 2)
    assert "unknown type" in stream.reason
    where = parked.find(house.watch, "publisher", "site:s1")
    for left in (1, 0):
        parked.ask(house.watch, where, "drop", WallClock().now(), "nur ein Versuch")
        house.parts()
        assert sum(it.records for it in house.facts().parked if it.group == "publisher") == left
    with pytest.raises(parked.NothingParkedError):
        parked.records(house.watch, where)
    assert [it for it in house.facts().parked if it.group == "onsite@1"]  # a drop is one consumer's


def test_a_rebuild_ends_in_the_next_generation_and_drops_the_old_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.suite.ops.application.rebuilding.KEEP_OLD_S", 0.0)
    house.watch.log.send([Message(PERMITS.name, approved())])
    house.parts()
    rebuilds = Rebuilds(house.watch)
    assert rebuilds.start("orders")
    rebuilds.join()
    orders = [it for it in house.facts().views if it.view == "orders"]
    assert [(it.number, it.live, it.done) for it in orders] == [(2, True, 1)]
    house.parts()
    assert house.consumer("orders@2").members == 1
    with pytest.raises(KeyError):
        rebuilds.start("nonsense")


def test_a_rebuild_that_stopped_says_why(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.watch.log.send([Message(PERMITS.name, approved())])
    house.parts()
    ops = house.client("ops")

    def away(*_: object) -> None:
        raise LogUnavailableError("no broker answers")

    with monkeypatch.context() as broken:
        broken.setattr(house.watch.log, "read", away)
        assert ops.post("/ops/sichten/orders").status_code == 303
        for thread in threading.enumerate():
            if thread.name == "rebuild orders":
                thread.join()
    assert "Stand 2 abgebrochen. Das Ereignisprotokoll antwortete nicht." in ops.get("/ops/").text


def test_the_terminal_shows_what_the_page_shows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEITBAKE_DATABASE_URL", house.settings.database_url)
    monkeypatch.setenv("LEITBAKE_MASTER_KEY", base64.b64encode(house.settings.master_key).decode())
    monkeypatch.setenv("LEITBAKE_DATA_DIR", str(house.settings.data_dir))
    house.parts()
    poison(house.watch.log)
    refusals = Refusals(house.watch.services["beacons"].database)
    refusals.note([("unknown device", b"{}")] * 3, WallClock().now())
    refusals.write()
    house.parts()
    monkeypatch.setattr(console, "width", 160)
    answer = CliRunner().invoke(leitbake, ["status"])
    assert isinstance(answer.exception, SystemExit), answer.exception
    assert answer.exit_code == 1
    first, *rest = [" ".join(line.split()) for line in answer.output.splitlines()]
    assert first.startswith("red parked")
    for line in (
        "navfeed publisher 1 ",
        "permits outbox 1 ",
        "publisher site:s1 1 de.leitbake.site.painted.v1 unknown type",
        "beacons door unknown device 3 ",
        "beacons fleet 1 live ",
        f"{SITES.name} {SITES.partitions} 1 20",
    ):
        assert any(found.startswith(line) for found in rest), (line, rest)


def test_a_log_that_is_away_is_said_and_hides_nothing_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.parts()
    poison(house.watch.log)
    house.parts()

    def away(*_: object) -> None:
        raise LogUnavailableError("no broker answers")

    monkeypatch.setattr(house.watch.log, "ends", away)
    kinds = [finding.kind for finding in findings(house.facts())]
    assert kinds[0] == "log_away"
    assert "parked" in kinds
    page = house.client("ops").get("/ops/")
    assert page.status_code == 200
    assert "Das Ereignisprotokoll antwortet nicht" in page.text


def test_a_database_that_is_away_is_said_and_hides_no_other_service(house: House) -> None:
    house.parts()
    nowhere = Database("postgresql://127.0.0.1:1/none", "navfeed", timeout_s=0.1)
    services = dict(house.watch.services)
    services["navfeed"] = services["navfeed"]._replace(database=nowhere)
    facts = look.look(house.watch._replace(services=services), WallClock().now())
    assert facts.away == ["navfeed"]
    assert {it.service for it in facts.outboxes} == {"permits", "beacons"}
    nowhere.close()


def test_the_log_is_searched_through_all_partitions(house: House) -> None:
    for number in range(60):
        house.watch.log.send([Message(PERMITS.name, approved(f"p{number}"))])
    ops, place = house.client("ops"), f"/ops/log/{PERMITS.name}"
    one = ops.get(f"{place}?suche=PERMIT:P42").text
    assert "Ein Treffer; gesucht in den letzten 60 Nachrichten." in one
    assert (one.count("lb-record__head"), "permit:p42" in one) == (1, True)
    many = ops.get(f"{place}?suche=RHEINSTRAßE").text
    assert "50 Treffer, der neueste zuerst; gesucht in den letzten 60 Nachrichten. Mehr werden nicht gezeigt." in many
    assert many.index("permit:p59") < many.index("permit:p10")
    assert "permit:p9<" not in many
    assert "Nichts gefunden; gesucht in den letzten 60 Nachrichten." in ops.get(f"{place}?suche=p60").text
    link = re.search(r'href="(/ops/log/[^"]*ab=\d+)">Stelle', one)
    assert link
    assert "permit:p42" in ops.get(link[1].replace("&amp;", "&")).text
    assert "Hier steht noch nichts." in ops.get("/ops/log/permits?suche=x").text
    poison(house.watch.log)
    assert "Ein Treffer; gesucht in der letzten Nachricht." in ops.get(f"/ops/log/{SITES.name}?suche=site:s1").text


def test_a_search_goes_on_where_a_log_hides_what_it_keeps_for_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        house.watch.log.send([Message(PERMITS.name, approved(f"p{number}"))])
    read, ends = house.watch.log.read, house.watch.log.ends(PERMITS.name)

    def hiding(marks: Mapping[Partition, Mark], _: int) -> list[Chunk]:
        """As on Kafka: a place a time, and every second one is a seal."""
        assert all(mark.next <= 2 * ends[it] for it, mark in marks.items())
        chunks = read({it: Mark(mark.next // 2) for it, mark in marks.items()}, 1)
        nexts = {chunk.partition: marks[chunk.partition].next + 1 for chunk in chunks}
        return [
            Chunk(it, chunk.records if nexts[it] % 2 == 0 else (), Mark(nexts[it]), chunk.complete)
            for chunk in chunks
            for it in [chunk.partition]
            if chunk.records
        ]

    with monkeypatch.context() as sealed:
        sealed.setattr(house.watch.log, "read", hiding)
        sealed.setattr(house.watch.log, "ends", lambda _: {it: 2 * end for it, end in ends.items()})
        hits = look.search(house.watch.log, PERMITS.name, "permit:p", 50)
    assert (len(hits.records), hits.searched) == (3, 3)


def test_a_page_says_what_is_refused_and_where_nothing_is(house: House) -> None:
    house.parts()
    ops = house.client("ops")
    assert "Die Technik läuft" in ops.get("/ops/").text
    for path in (
        "/ops/log/nonsense",
        "/ops/quarantaene/nobody/x/y",
        "/ops/geparkt/nobody/x/y",
        "/ops/log/permits?partition=3",
    ):
        assert ops.get(path).status_code == 404, path
    assert "Nicht mehr geparkt" in ops.get("/ops/geparkt/navfeed/publisher/site:s9").text
    assert ops.get("/ops/log/leitbake.pings.v1?partition=7&ab=x").status_code == 200
    assert ops.post("/ops/geparkt/navfeed/publisher/site:s9", data={"wunsch": "erase"}).status_code == 400
    assert ops.post("/ops/sichten/nonsense").status_code == 404


def test_what_the_door_refused_leads_to_who_sent_it(house: House) -> None:
    house.parts()
    refusals = Refusals(house.watch.services["beacons"].database)
    refusals.note([("unknown device", b'{"device_id": "LT-9", "lamp": "on"}')] * 3, WallClock().now())
    refusals.write()
    assert [(it.reason, it.amount) for it in house.facts().turned_away] == [("unknown device", 3)]
    ops = house.client("ops")
    overview = ops.get("/ops/").text
    assert "Gerät ist nicht angemeldet" in overview
    assert 'href="/ops/tuer/unknown%20device">3</a>' in overview
    page = ops.get("/ops/tuer/unknown%20device").text
    assert "<code>LT-9</code>" in page
    assert "3 Meldungen in 24 Stunden" in page
    assert "Keine in den letzten 24 Stunden" in ops.get("/ops/tuer/else").text


def test_a_database_that_is_away_never_says_that_nothing_is_wrong(house: House) -> None:
    nowhere = Database("postgresql://127.0.0.1:1/none", "beacons", timeout_s=0.1)
    services = {name: it._replace(database=nowhere) for name, it in house.watch.services.items()}
    clock, web = WallClock(), Database(house.watch.services["beacons"].database.url, "web")
    settings = Settings(master_key=bytes(32), requests_per_s=10_000)
    app = ops_app(house.watch._replace(services=services), settings, web, clock)
    page = app.test_client().get("/ops/", headers={"X-API-Key": house.keys.create("ops", "Test").token})
    assert page.status_code == 200
    assert "antwortet nicht" in page.text
    for calm in (
        "Nichts ist geparkt",
        "kam keine Meldung",
        "jede Meldung angenommen",
        "noch keine",
        "Die Technik läuft",
    ):
        assert calm not in page.text, calm
    nowhere.close()
    web.close()


def test_only_operators_and_administrators_come_in(house: House) -> None:
    assert undeclared(house.app) == []
    pages = {name: roles for name, roles in role_matrix(house.app).items() if " /ops/" in name}
    public = {"/ops/healthz", "/ops/readyz", "/ops/metrics", "/ops/openapi.json", "/ops/api"}
    for name, roles in pages.items():
        assert roles == (["public"] if name.partition(" ")[2] in public else ["admin", "ops"]), name
    others: tuple[Role, ...] = ("clerk", "contractor", "fleet", "device", "subscriber")
    assert {house.client(role).get("/ops/").status_code for role in others} == {403}
    assert house.app.test_client().get("/ops/", headers={"Accept": "text/html"}).status_code == 302
    assert house.client("admin").get("/ops/geparkt").status_code == 200
