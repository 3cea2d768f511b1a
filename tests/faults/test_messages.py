"""Messages as they should not come, and workers that think they are still in office, on both logs, in real processes.

One city per log goes through all of it; after each fault the feed equals the fold of the events, and no light has an
effect twice.
"""

import itertools
import json
import random
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import psutil
import psycopg
import pytest
from confluent_kafka import Producer
from msgspec.structs import replace

from services.suite.ops.application import look, parked
from services.suite.ops.application.parked import Wish
from services.suite.ops.application.watched import watch
from services.suite.verify import verify
from shared.clock import MINUTE_US, SECOND_US, SteeredClock, WallClock, from_micros
from shared.contracts.permits import PermitApproved
from shared.contracts.pings import Tick
from shared.contracts.topics import DEVICES, PERMITS, PINGS, SITES, TOPICS
from shared.eventlog.opening import open_log
from shared.eventlog.port import Message
from shared.events import upcast
from shared.events.codec import encode
from shared.events.envelope import Event
from shared.projection.books import RETRY
from tests.faults import city as of_city
from tests.faults.city import ROUNDS, City, drained, end, go, held, permit_of, set_up, wait_for
from tests.faults.conftest import Recovered, settings_of
from tests.faults.dying import ANYBODY, HEALTHY, NEXT_VERSION, known_next

both = pytest.mark.parametrize("stand", ["embedded", "kafka"], indirect=True)
on_kafka = pytest.mark.parametrize("stand", ["kafka"], indirect=True)
HOT = 5_000


pytestmark = pytest.mark.long


class Town(NamedTuple):
    city: City
    numbers: "itertools.count[int]"

    def site(self) -> int:
        return next(self.numbers)

    def build(self, *numbers: int) -> None:
        """Ordered, and its lights say where they stand."""
        for number in numbers:
            self.city.order(number)
        for round_ in range(ROUNDS):
            for number in numbers:
                self.city.ping_all(number, round_)

    def handled(self, sites: int) -> float:
        """How long it took until nothing waits and so many sites are set up."""
        return wait_for(lambda: drained(self.city) and set_up(self.city) == sites and drained(self.city), 90)

    def settled(self, sites: int) -> float:
        """As ``handled``; then all that must hold is looked at."""
        seconds = self.handled(sites)
        assert held(self.city).features >= sites
        return seconds


@pytest.fixture(scope="module")
def stand(request: pytest.FixtureRequest, city_url: Callable[[], str]) -> Iterator[Town]:
    bootstrap = request.getfixturevalue("kafka") if request.param == "kafka" else ""
    city = City(settings_of(city_url(), bootstrap))
    go(city.work(HEALTHY, more={"PGAPPNAME": "first"}))
    yield Town(city, itertools.count())
    city.close()


def sites_of(stand: Town) -> int:
    """How many there are, those that the test is about to build not among them."""
    return set_up(stand.city)


@both
def test_a_worker_that_slept_through_its_replacement_does_nothing_twice_and_serves_again(
    stand: Town, recovered: Recovered
) -> None:
    [zombie] = stand.city.workers
    stand.build(stand.site())
    stand.handled(1)
    zombie.send_signal(signal.SIGSTOP)
    with psycopg.connect(stand.city.url, autocommit=True) as connection:  # as the server does when its line is cut
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'first'")
    heir = stand.city.work(HEALTHY)
    go(heir)
    stand.build(stand.site())
    recovered("worker frozen: another has taken over", stand.handled(2))
    zombie.send_signal(signal.SIGCONT)
    stand.build(stand.site())  # both share the partitions, and one relay of each service waits
    stand.handled(3)
    end(heir)
    stand.build(stand.site())
    recovered("heir ended: the first serves again", stand.settled(4))
    assert zombie.poll() is None


@both
def test_what_is_published_twice_has_its_effect_once(stand: Town, recovered: Recovered) -> None:
    stand.build(stand.site())
    there = sites_of(stand) + 1
    stand.handled(there)
    before = [service.store.last() for service in stand.city.services]
    for topic in TOPICS:
        again = [Message(topic.name, it.event, it.partition.number) for it in stand.city.records(topic)]
        stand.city.log.send(again)
    recovered("all published twice: all skipped", stand.settled(there))
    assert [service.store.last() for service in stand.city.services] == before


@both
def test_late_and_reordered_pings_end_in_a_site_that_is_set_up(stand: Town, recovered: Recovered) -> None:
    there, number, now = sites_of(stand), stand.site(), WallClock().now()
    stand.city.order(number)
    said = [it for round_ in range(ROUNDS) for it in of_city.pings(number, round_, now - (ROUNDS - round_) * MINUTE_US)]
    random.Random(7).shuffle(said)
    for ping in said:
        stand.city.log.send(stand.city.messages([encode(ping)], now))
    stand.city.acknowledged += [(ping.device_id, ping.sequence or 0) for ping in said]
    recovered("pings late and in any order: all decided", stand.settled(there + 1))


@both
def test_a_poisoned_event_is_parked_with_its_reason_and_the_others_flow_on(stand: Town, recovered: Recovered) -> None:
    there = sites_of(stand)
    stand.city.log.send(
        [
            Message(PERMITS.name, approved("broken", 1, b'{"no":1}')),
            Message(PERMITS.name, approved("broken", 2, encode(PermitApproved(permit_of(stand.site()))))),
            Message(PERMITS.name, replace(approved("x", 0, b'{"no":1}'), type=RETRY, stream="permit:x")),
            Message(PINGS.name, replace(approved("0", 0, b"[]"), type=Tick.TYPE, stream="tick:0"), 0),
        ]
    )
    stand.build(stand.site())
    stand.handled(there + 1)
    found = of_city.parked(stand.city)
    for group in ("sites", "publisher"):
        assert "permit" in found[group, "permit:broken"]
    assert {group for group, stream in found if stream == "permit:x"} >= {"sites", "publisher"}
    for stream in ("permit:broken", "permit:x"):  # the first of each; what came behind it is applied then
        ask(stand.city, "drop", stream)
    seconds = wait_for(lambda: not of_city.parked(stand.city), 30)
    recovered("poison dropped by ops: all handled", seconds + stand.settled(there + 1))


@on_kafka
def test_a_foreign_record_on_a_topic_is_parked_and_seen_by_ops(stand: Town, recovered: Recovered) -> None:
    there = sites_of(stand)
    producer = Producer({"bootstrap.servers": stand.city.settings.kafka_bootstrap})
    for topic in (PERMITS, PINGS, DEVICES, SITES):
        producer.produce(stand.city.settings.kafka_prefix + topic.name, b"hello")
    producer.flush()
    stand.build(stand.site())
    stand.settled(there + 1)
    watched = watch(stand.city.services, stand.city.log)
    seen = [it for service in watched.services.values() for it in look.parked_streams(service)]
    assert {it.type for it in seen} == {"unreadable"}
    assert {it.reason for it in seen} == {"unknown type unreadable"}
    assert {it.group for it in seen} >= {"lights", "sites", "publisher", "fleet@1"}
    for stream in {it.stream for it in seen}:
        ask(stand.city, "drop", stream)
    recovered("foreign records dropped by ops", wait_for(lambda: not of_city.parked(stand.city), 30))


@both
def test_one_light_that_talks_all_the_time_holds_nobody_up(stand: Town, recovered: Recovered) -> None:
    there, hot, number, now = sites_of(stand), stand.site(), stand.site(), WallClock().now()
    stand.city.register(hot)
    [worker] = [it for it in stand.city.workers if it.poll() is None]
    memory = psutil.Process(worker.pid).memory_info().rss
    one = of_city.pings(hot, 0, now)[0]
    said = [replace(one, sequence=n, event_time=at, fix_time=at) for n, at in enumerate(moments(now, HOT))]
    stand.city.log.send(stand.city.messages([encode(ping) for ping in said], now))
    stand.city.acknowledged += [(ping.device_id, ping.sequence or 0) for ping in said]
    stand.build(number)
    recovered(f"{HOT} pings of one light: all handled", stand.settled(there + 1))
    assert psutil.Process(worker.pid).memory_info().rss - memory < 100 << 20


def moments(now: int, count: int) -> Iterator[datetime]:
    return (from_micros(now - (count - n) * SECOND_US // 2) for n in range(count))


@both
def test_a_clock_that_jumps_moves_no_log_time_back_and_nothing_stays_stuck(stand: Town, recovered: Recovered) -> None:
    there, city, clock = sites_of(stand), stand.city, SteeredClock()
    jumping = open_log(city.url, clock, city.settings)
    city.order(number := stand.site())
    for round_, offset_s in enumerate([0, 3, -3_600, 2, -1, 0, 3, 0]):
        now = WallClock().now()
        clock.set(now + offset_s * SECOND_US)
        said = of_city.pings(number, round_, now - (ROUNDS - round_) * MINUTE_US)
        jumping.send(city.messages([encode(ping) for ping in said], now))
        city.acknowledged += [(ping.device_id, round_) for ping in said]
    jumping.close()
    recovered("clock 3 s ahead and an hour behind: all decided", stand.settled(there + 1))
    for partition in city.log.partitions(PINGS.name):
        times = [record.time for record in city.records(PINGS) if record.partition == partition]
        assert times == sorted(times)


@both
def test_a_newer_contract_waits_for_the_upgrade_and_new_members_need_none(
    stand: Town, monkeypatch: pytest.MonkeyPatch, recovered: Recovered
) -> None:
    there, member, newer = sites_of(stand), stand.site(), stand.site()
    payload = json.loads(encode(PermitApproved(permit_of(member)))) | {"a_new_member": 1}
    body = json.loads(encode(PermitApproved(permit_of(newer))))
    stand.city.log.send(
        [
            Message(PERMITS.name, approved(f"p{member}", 1, json.dumps(payload).encode())),
            Message(
                PERMITS.name,
                replace(approved(f"p{newer}", 1, json.dumps({"order": body["permit"]}).encode()), type=NEXT_VERSION),
            ),
        ]
    )
    for number in (member, newer):
        stand.city.register(number)
        for round_ in range(ROUNDS):
            stand.city.ping_all(number, round_)
    stand.handled(there + 1)
    assert b"a_new_member" in next(it.event.data for it in stand.city.records(PERMITS) if it.event.key == f"p{member}")
    assert {stream for _, stream in of_city.parked(stand.city)} == {f"permit:p{newer}"}
    for worker in stand.city.workers:
        if worker.poll() is None:
            end(worker)
    go(stand.city.work(HEALTHY, ANYBODY, "1", "upgraded"))
    monkeypatch.setattr(upcast, "STEPS", dict(upcast.STEPS))
    known_next()
    ask(stand.city, "retry", f"permit:p{newer}")
    seconds = wait_for(lambda: not of_city.parked(stand.city), 60)
    recovered("upgraded: what waited for it is handled", seconds + stand.handled(there + 2))
    of_city.nothing_lost_or_twice(stand.city)
    # Rows remember when they learned of it, which is later than the event's place on the log; the feed is the same.
    differences = verify(stand.city.services, stand.city.log).differences
    assert [it for it in differences if it.startswith("feed ")] == []


def approved(key: str, version: int, data: bytes) -> Event:
    now = WallClock().now()
    return Event(
        id=f"{key}-{version}-{time.time_ns()}",
        type=PermitApproved.TYPE,
        stream=f"permit:{key}",
        version=version,
        time=now,
        recorded=now,
        data=data,
    )


def ask(city: City, wish: Wish, stream: str) -> None:
    """As ops would, in every group where it is parked."""
    watched = watch(city.services, city.log)
    for group, name in of_city.parked(city):
        if name == stream:
            parked.ask(watched, parked.find(watched, group, stream), wish, WallClock().now())
