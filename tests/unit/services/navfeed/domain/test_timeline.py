"""Laws of time over any history that people and lights could make."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.navfeed.domain.feature import Feature, content
from services.navfeed.domain.folding import fold_permit, fold_site
from services.navfeed.domain.fuse import due, fuse
from services.navfeed.domain.rows import PermitRow, SiteRow
from shared.clock import HOUR_US, Micros, from_micros, to_micros
from shared.contracts.base import Contract
from shared.contracts.permits import (
    EndReverted,
    PermitAmended,
    PermitApproved,
    PermitExtended,
    PermitRevoked,
    StartReverted,
    WorksEnded,
    WorksInterrupted,
    WorksResumed,
    WorksStarted,
)
from shared.contracts.sites import ClearedDetected, NotSetUp, SetUpDetected, SiteBecameSilent, SiteEvent, SiteRecovered
from tests.unit.services.navfeed.builders import PERMIT_ID, SITE_ID, at, measure, permit

BEGIN = to_micros(at("03-01 00:00"))

hours = st.integers(0, 24 * 12)
schedules = st.sampled_from([{}, {"daily_from": "08:00", "daily_to": "16:00"}])
permits = st.builds(
    lambda start, length, schedule, occupation: permit(
        measure(
            start=from_micros(BEGIN + start * HOUR_US),
            end=None if length is None else from_micros(BEGIN + (start + length) * HOUR_US),
            **schedule,
        ),
        occupation=occupation,
    ),
    st.integers(0, 72),
    st.none() | st.integers(1, 120),
    schedules,
    st.sampled_from(["whole", "within"]),
)


State = tuple[PermitRow, SiteRow, Micros]


@st.composite
def histories(draw: st.DrawFn) -> list[State]:
    """Rows after each of any facts, told up to two days late or one early, and the log time of that fact."""
    content = draw(permits)
    row, site, now = (
        fold_permit(PermitRow(), PermitApproved(content), BEGIN, BEGIN),
        SiteRow(permit_id=PERMIT_ID),
        BEGIN,
    )
    states = [(row, site, now)]
    for gap in draw(st.lists(st.integers(0, 40), max_size=6)):
        now += gap * HOUR_US
        moment = from_micros(now + draw(st.integers(-48, 24)) * HOUR_US)
        fact = draw(facts(moment, content))
        if isinstance(fact, SiteEvent):
            site = fold_site(site, fact, to_micros(moment), now)
        else:
            row = fold_permit(row, fact, to_micros(moment), now)
        states.append((row, site, now))
    return states


def shown(state: State, now: Micros) -> list[Feature]:
    return fuse(state[0], [state[1]], now, situation_id="s")


def facts(moment: Any, content: Any) -> st.SearchStrategy[Contract]:
    site = {"site_id": SITE_ID, "permit_id": PERMIT_ID, "measure_ids": ("de-mainz-m1",), "at": moment}
    lights = [kind(**site) for kind in (SetUpDetected, ClearedDetected, SiteBecameSilent, SiteRecovered, NotSetUp)]
    reports = (WorksStarted, WorksEnded, WorksInterrupted, WorksResumed, StartReverted, EndReverted, PermitRevoked)
    people = [kind(moment) for kind in reports]
    orders = [
        PermitAmended(content),
        PermitAmended(permit(measure(id="de-mainz-m2"))),
        # The desk lets no measure end before it begins.
        PermitExtended({"de-mainz-m1": max(moment, content.measures[0].start + timedelta(hours=1))}),
        PermitExtended({"de-mainz-m1": None}),
    ]
    return st.sampled_from([*lights, *people, *orders])


@settings(max_examples=300, deadline=None)
@given(histories(), st.integers(0, 24 * 12 * 60))
def test_nothing_changes_by_time_alone_before_it_is_due(history: list[State], later: int) -> None:
    row, site, now = state = history[-1]
    instant = due(row, [site], now)
    assert instant is None or instant > now
    then = now + later * HOUR_US // 60
    if instant is not None:
        then = min(then, instant - 1)
    assert [content(f) for f in shown(state, then)] == [content(f) for f in shown(state, now)]


@settings(max_examples=300, deadline=None)
@given(histories())
def test_what_disappears_by_time_was_shown_as_over(history: list[State]) -> None:
    row, site, now = state = history[-1]
    before = shown(state, now)
    while (instant := due(row, [site], now)) is not None and instant < BEGIN + 60 * 24 * HOUR_US:
        after = shown(state, instant)
        assert_over(before, after)
        before, now = after, instant


@settings(max_examples=300, deadline=None)
@given(histories())
def test_no_fact_makes_anything_disappear_that_was_not_shown_as_over(history: list[State]) -> None:
    for earlier, state in pairwise(history):
        assert_over(shown(earlier, state[2]), shown(state, state[2]))


def assert_over(before: list[Feature], after: list[Feature]) -> None:
    gone = {feature.id for feature in before} - {feature.id for feature in after}
    assert all(feature.status in {"ended", "cancelled"} for feature in before if feature.id in gone)


@settings(max_examples=300, deadline=None)
@given(histories(), hours)
def test_no_period_ends_before_it_begins(history: list[State], later: int) -> None:
    for feature in shown(history[-1], history[-1][2] + later * HOUR_US):
        assert feature.end is None or feature.start <= feature.end
