"""What is wrong, the worst first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.suite.ops.application.facts import Built, Consumer, Facts, Lag, Outbox, ParkedStream
from services.suite.ops.application.verdict import Finding, findings
from services.suite.ops.web import words
from shared.clock import HOUR_US, MINUTE_US, SECOND_US, Micros
from shared.contracts.topics import PERMITS, PINGS
from shared.eventlog.port import Partition

NOW = 100 * HOUR_US
CALM = Facts(NOW, (), (), (), (), (), (), (), (), "")


def consumer(
    *, age: Micros | None = None, members: int = 1, topic: str = PERMITS.name, handled: Micros = NOW
) -> Consumer:
    return Consumer("beacons", "sites", members, None if age is None else NOW - age, [_lag(topic, age, handled)])


def _lag(topic: str, age: Micros | None, handled: Micros) -> Lag:
    return Lag(Partition(topic, 0), 7, 0 if age is None else 3, handled)


def outbox(*, age: Micros | None = None, relaying: bool = True) -> Outbox:
    return Outbox("permits", 9, 0 if age is None else 2, None if age is None else NOW - age, relaying)


def said(facts: Facts) -> list[tuple[str, str]]:
    return [(finding.level, finding.kind) for finding in findings(facts)]


def test_a_quiet_night_has_no_findings() -> None:
    assert said(CALM._replace(consumers=[consumer()], outboxes=[outbox()])) == []


@pytest.mark.parametrize(("age_s", "level"), [(9, []), (11, ["yellow"]), (59, ["yellow"]), (61, ["red"])])
def test_a_consumer_that_falls_behind_turns_yellow_then_red(age_s: int, level: list[str]) -> None:
    found = findings(CALM._replace(consumers=[consumer(age=age_s * SECOND_US)]))
    assert [finding.level for finding in found] == level


def test_nobody_at_work_is_red_even_where_nothing_waits() -> None:
    facts = CALM._replace(consumers=[consumer(members=0)], outboxes=[outbox(relaying=False)])
    assert said(facts) == [("red", "nobody_consumes"), ("red", "nobody_relays")]


def test_an_outbox_that_waits_is_red_after_half_a_minute() -> None:
    assert said(CALM._replace(outboxes=[outbox(age=20 * SECOND_US)])) == [("yellow", "outbox_waits")]
    assert said(CALM._replace(outboxes=[outbox(age=31 * SECOND_US)])) == [("red", "outbox_waits")]


def test_without_ticks_the_door_is_shut_unless_the_consumer_itself_is_behind() -> None:
    long_ago = NOW - 2 * MINUTE_US
    silent = consumer(topic=PINGS.name, handled=long_ago)
    assert said(CALM._replace(consumers=[silent])) == [("red", "door_silent")]
    assert said(CALM._replace(consumers=[consumer(topic=PERMITS.name, handled=long_ago)])) == []
    assert said(CALM._replace(consumers=[consumer(topic=PINGS.name, handled=0)])) == []
    behind = consumer(topic=PINGS.name, handled=long_ago, age=2 * MINUTE_US)
    assert said(CALM._replace(consumers=[behind])) == [("red", "consumer_behind")]


def test_a_consumer_that_waits_for_the_clock_is_red_though_nothing_is_old() -> None:
    hours = 20 * HOUR_US
    assert said(CALM._replace(consumers=[consumer(handled=NOW + MINUTE_US)])) == []
    assert said(CALM._replace(consumers=[consumer(handled=NOW + hours)])) == [("red", "clock_jumped")]
    [finding] = findings(CALM._replace(consumers=[consumer(age=-hours)]))
    assert words.sentence(finding, NOW) == (
        "„Arbeitsstellen bestimmen“ wartet auf die Uhr, noch 20 h: Sie war vorgesprungen. 3 Nachrichten warten."
    )


def test_parked_streams_are_counted_per_consumer() -> None:
    parked = [ParkedStream("navfeed", "publisher", f"site:{n}", 2, "t", "x", "why", NOW - n) for n in (1, 5, 3)]
    assert findings(CALM._replace(parked=parked)) == [Finding("red", "parked", "navfeed", "publisher", 3, NOW - 5)]


@pytest.mark.parametrize(
    ("working", "age_s", "stopped"), [(False, 31, True), (True, 31, False), (False, 30, False), (False, 0, False)]
)
def test_a_generation_that_nobody_works_on_is_a_stopped_rebuild_unless_it_has_only_just_begun(
    working: bool, age_s: int, stopped: bool
) -> None:
    created = NOW - age_s * SECOND_US
    views = [
        Built("permits", "cases", 1, live=True, working=True, created=NOW, done=5, total=5),
        Built("permits", "cases", 2, live=False, working=working, created=created, done=1, total=5),
    ]
    assert said(CALM._replace(views=views)) == ([("yellow", "rebuild_stopped")] if stopped else [])


def test_what_cannot_be_reached_comes_first() -> None:
    facts = CALM._replace(log_away="refused", away=["navfeed"], outboxes=[outbox(age=20 * SECOND_US)])
    assert [kind for _, kind in said(facts)] == ["log_away", "database_away", "outbox_waits"]


AGES = st.none() | st.integers(-HOUR_US, HOUR_US)


@given(st.lists(st.builds(lambda age, members: consumer(age=age, members=members), AGES, st.integers(0, 2))))
def test_red_stands_before_yellow_and_every_finding_has_its_words(consumers: list[Consumer]) -> None:
    found = findings(CALM._replace(consumers=consumers))
    levels = [finding.level for finding in found]
    assert levels == sorted(levels)
    for finding in found:
        assert "{" not in words.sentence(finding, NOW) + words.remedy(finding)
        assert words.href(finding).startswith("/ops/")


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (119 * SECOND_US, "119 s"),
        (2 * MINUTE_US, "2 min"),
        (2 * HOUR_US, "2 h"),
        (49 * HOUR_US, "2 Tagen"),
    ],
)
def test_durations_are_said_in_the_unit_that_matters(micros: Micros, text: str) -> None:
    assert words.duration(micros) == text
