from typing import Any

import msgspec
import pytest

from services.navfeed.domain.feature import Feature, content
from services.navfeed.domain.publisher import Publisher, situation_id_of
from shared.clock import to_micros
from shared.contracts.base import LineString
from shared.contracts.permits import (
    EndReverted,
    PermitAmended,
    PermitApproved,
    PermitExtended,
    PermitProgressed,
    PermitRevoked,
    StartReverted,
    WorksEnded,
    WorksInterrupted,
    WorksResumed,
    WorksStarted,
)
from shared.contracts.sites import (
    ClearedDetected,
    DeviationDetected,
    ExtentChanged,
    ExtentMeasured,
    NotSetUp,
    Overrunning,
    SetUpDetected,
    SiteBecameSilent,
    SiteRecovered,
    UnpermittedSiteSuspected,
)
from shared.contracts.topics import PERMITS
from shared.eventlog.port import Partition, Record
from shared.events.codec import PoisonError, encode
from shared.events.envelope import Event
from tests.unit.services.navfeed.builders import LINE, Feed, at, extent, measure, permit, site


def approved(**changes: Any) -> Feed:
    feed = Feed()
    feed.tell("02-20 12:00", PermitApproved(permit(**changes)))
    return feed


def only(features: list[Feature]) -> Feature:
    assert len(features) == 1
    return features[0]


def standing(**changes: Any) -> Feed:
    feed = approved(**changes)
    feed.tell("03-02 07:10", site(SetUpDetected, "03-02 07:00"))
    return feed


def test_the_whole_life_of_a_measure_from_order_to_disappearance() -> None:
    feed = Feed()
    ordered = only(feed.tell("02-20 12:00", PermitApproved(permit())))
    assert (ordered.status, ordered.on_site, ordered.provenance.start) == ("planned", "unknown", "ordered")
    assert ordered.measured is None

    active = only(feed.at("03-02 08:00"))
    assert (active.status, active.start, active.provenance.start) == ("active", at("03-02 08:00"), "ordered")

    set_up = only(feed.tell("03-02 09:40", site(SetUpDetected, "03-02 09:30")))
    assert (set_up.on_site, set_up.start, set_up.provenance.start) == ("set_up", at("03-02 09:30"), "measured")
    assert (set_up.provenance.place, set_up.observed_lights, set_up.geometry) == ("ordered", 2, LINE)

    measured = only(feed.tell("03-02 10:00", site(ExtentMeasured, "03-02 09:55", extents=(extent(30),))))
    assert measured.provenance.place == measured.provenance.place_from == "measured"
    assert (measured.place_accuracy_m, measured.deviation_m) == (4.2, 30.0)
    assert measured.measured is not None
    assert measured.geometry == measured.measured.geometry != measured.ordered.geometry == LINE

    extended = only(feed.tell("03-05 10:00", PermitExtended({"de-mainz-m1": at("03-20 16:00")})))
    assert (extended.end, extended.ordered.end) == (at("03-20 16:00"), at("03-20 16:00"))

    silent = only(feed.tell("03-06 10:00", site(SiteBecameSilent, "03-06 10:00")))
    assert (silent.on_site, silent.geometry, silent.status) == ("silent", measured.geometry, "active")

    recovered = only(feed.tell("03-06 12:00", site(SiteRecovered, "03-06 12:00")))
    assert recovered.on_site == "set_up"

    cleared = only(feed.tell("03-18 15:30", site(ClearedDetected, "03-18 15:00", lights=())))
    assert (cleared.status, cleared.end, cleared.provenance.end) == ("ended", at("03-18 15:00"), "measured")
    assert (cleared.on_site, cleared.geometry) == ("cleared", measured.geometry)
    assert cleared.ordered.end == at("03-20 16:00")

    assert only(feed.at("03-19 15:29")).status == "ended"
    assert feed.at("03-19 15:30") == []
    assert feed.at("04-30 00:00") == []


def test_observations_and_instants_that_change_nothing_are_no_versions() -> None:
    feed = standing()
    before = only(feed.features)
    started = only(feed.at("03-02 08:00"))
    assert feed.updates[-1][0] == to_micros(at("03-02 08:00")), "the timer woke it"
    deviating = site(DeviationDetected, "03-02 08:29", deviation_m=30.0, lights=("LT-9",))
    observed = only(feed.tell("03-02 08:30", deviating))
    assert observed.observed_at != before.observed_at
    assert observed.observed_lights == 1
    assert content(observed) == content(before) == content(started)


@pytest.mark.parametrize(
    "fact",
    [
        site(SiteBecameSilent, "03-05 12:00"),
        site(ClearedDetected, "03-05 12:00"),
        site(ExtentMeasured, "03-05 12:00", extents=(extent(),)),
        WorksInterrupted(at("03-05 12:00")),
        PermitExtended({"de-mainz-m1": None}),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_each_of_these_makes_a_version(fact: Any) -> None:
    feed = standing()
    before = only(feed.at("03-05 12:00"))
    assert content(only(feed.tell("03-05 12:01", fact))) != content(before)


def test_a_place_that_moved_less_than_ten_metres_is_no_version() -> None:
    feed = standing()
    first = only(feed.tell("03-02 09:00", site(ExtentMeasured, "03-02 09:00", extents=(extent(30),))))
    near = only(feed.tell("03-03 09:00", site(ExtentChanged, "03-03 09:00", extents=(extent(37, accuracy_m=3.0),))))
    crept = only(feed.tell("03-04 09:00", site(ExtentChanged, "03-04 09:00", extents=(extent(41),))))
    assert content(near) == content(first)
    assert content(crept) != content(first), "two small steps are measured from what was published"


def test_a_neighbour_of_a_measure_that_moved_stays_where_it_was() -> None:
    both = (measure(), measure(id="de-mainz-m2", key="2"))
    feed = Feed()
    feed.tell("02-20 12:00", PermitApproved(permit(*both)))
    ids = ("de-mainz-m1", "de-mainz-m2")
    feed.tell("03-02 08:00", site(SetUpDetected, "03-02 08:00", measure_ids=ids))
    start = (extent(0), extent(0, measure_id="de-mainz-m2"))
    one, two = feed.tell("03-02 08:10", site(ExtentMeasured, "03-02 08:10", measure_ids=ids, extents=start))
    moved = (extent(3), extent(30, measure_id="de-mainz-m2"))
    one_later, two_later = feed.tell("03-03 08:10", site(ExtentChanged, "03-03 08:10", measure_ids=ids, extents=moved))
    assert content(one) == content(one_later)
    assert content(two) != content(two_later)


def test_a_changed_road_between_the_same_ends_is_a_new_place() -> None:
    feed = standing()
    first = only(feed.tell("03-02 09:00", site(ExtentMeasured, "03-02 09:00", extents=(extent(),))))
    detour = LineString((LINE.coordinates[0], (8.261, 50.001), LINE.coordinates[-1]))
    later = only(feed.tell("03-02 10:00", site(ExtentChanged, "03-02 10:00", extents=(extent(line=detour),))))
    assert content(first) != content(later)


def test_a_measure_without_lights_ends_with_its_order_and_stays_for_a_day() -> None:
    feed = approved()
    assert only(feed.at("03-13 15:59")).status == "active"
    ended = only(feed.at("03-13 16:00"))
    assert (ended.status, ended.end, ended.provenance.end) == ("ended", at("03-13 16:00"), "ordered")
    assert only(feed.at("03-14 15:59")) == ended
    assert feed.at("03-14 16:00") == []


def test_lights_that_still_stand_make_it_overrun_with_a_rolling_end() -> None:
    feed = standing()
    late = only(feed.at("03-13 16:00"))
    assert (late.status, late.end, late.provenance.end) == ("overrunning", at("03-14 16:00"), "measured")
    assert late.ordered.end == at("03-13 16:00")
    assert only(feed.at("03-14 15:59")).end == at("03-14 16:00")
    assert only(feed.at("03-14 16:00")).end == at("03-15 16:00")
    same = only(feed.tell("03-14 17:00", site(Overrunning, "03-14 17:00")))
    assert same.status == "overrunning"
    cleared = only(feed.tell("03-15 20:00", site(ClearedDetected, "03-15 19:30")))
    assert (cleared.status, cleared.end, cleared.provenance.end) == ("ended", at("03-15 19:30"), "measured")
    assert feed.at("03-16 20:00") == []


def test_lights_silent_before_the_end_prove_nothing_and_it_ends_as_ordered() -> None:
    feed = standing()
    feed.tell("03-10 08:00", site(SiteBecameSilent, "03-10 08:00"))
    ended = only(feed.at("03-13 16:00"))
    assert (ended.status, ended.on_site, ended.provenance.end) == ("ended", "silent", "ordered")
    back = only(feed.tell("03-14 08:00", site(SiteRecovered, "03-14 08:00")))
    assert back.status == "overrunning"


def test_lights_that_fall_silent_while_overrunning_end_it_a_day_later_with_their_last_word() -> None:
    feed = standing()
    feed.at("03-13 17:00")
    assert only(feed.tell("03-13 18:00", site(SiteBecameSilent, "03-13 18:00"))).status == "overrunning"
    assert only(feed.at("03-14 17:59")).status == "overrunning"
    ended = only(feed.at("03-14 18:00"))
    assert (ended.status, ended.end, ended.provenance.end) == ("ended", at("03-13 18:00"), "measured")
    assert feed.at("03-15 18:00") == []


def test_lights_cleared_after_a_silence_do_not_bring_back_what_is_gone() -> None:
    feed = standing()
    feed.tell("03-10 08:00", site(SiteBecameSilent, "03-10 08:00"))
    assert feed.at("03-14 16:00") == []
    assert feed.tell("03-20 12:00", site(ClearedDetected, "03-20 11:00")) == []


def test_a_report_ends_it_for_all_measures_whatever_the_lights_say() -> None:
    feed = standing()
    ended = only(feed.tell("03-09 12:00", WorksEnded(at("03-09 11:00"))))
    assert (ended.status, ended.end, ended.provenance.end) == ("ended", at("03-09 11:00"), "reported")
    assert ended.on_site == "set_up"
    assert feed.at("03-10 12:00") == []


def test_an_end_told_days_late_is_published_before_the_measure_disappears() -> None:
    feed = approved()
    ended = only(feed.tell("03-09 12:00", WorksEnded(at("03-04 11:00"))))
    assert (ended.status, ended.end) == ("ended", at("03-04 11:00"))
    assert only(feed.at("03-10 11:59")).status == "ended"
    assert feed.at("03-10 12:00") == []


def test_an_end_told_after_the_measure_is_gone_does_not_bring_it_back() -> None:
    feed = approved()
    assert feed.tell("03-20 12:00", WorksEnded(at("03-13 18:00"))) == []


def test_a_report_ends_what_overran_for_days() -> None:
    feed = standing()
    assert only(feed.at("03-16 12:00")).status == "overrunning"
    ended = only(feed.tell("03-16 12:01", WorksEnded(at("03-16 12:00"))))
    assert (ended.status, ended.end, ended.provenance.end) == ("ended", at("03-16 12:00"), "reported")


def test_a_late_report_brings_nothing_back_that_was_cleared_on_its_last_evening() -> None:
    feed = Feed()
    feed.tell("02-20 12:00", PermitApproved(permit(measure(daily_from="08:00", daily_to="16:00"))))
    feed.tell("03-02 08:10", site(SetUpDetected, "03-02 08:00"))
    feed.tell("03-13 15:30", site(ClearedDetected, "03-13 15:00"))
    assert only(feed.at("03-13 16:00")).status == "ended"
    assert feed.tell("03-20 12:00", WorksEnded(at("03-13 18:00"))) == []


def test_the_first_end_that_came_into_force_stays() -> None:
    feed = standing()
    feed.tell("03-09 12:30", site(ClearedDetected, "03-09 12:00"))
    ended = only(feed.tell("03-09 15:00", WorksEnded(at("03-09 11:00"))))
    assert (ended.end, ended.provenance.end) == (at("03-09 12:00"), "measured")


def test_an_end_reported_ahead_counts_when_it_comes() -> None:
    feed = approved()
    ahead = only(feed.tell("03-09 12:00", WorksEnded(at("03-10 18:00"))))
    assert (ahead.status, ahead.end, ahead.provenance.end) == ("active", at("03-10 18:00"), "reported")
    assert only(feed.at("03-10 18:00")).status == "ended"


def test_a_start_reported_after_an_end_takes_the_end_back() -> None:
    feed = approved()
    feed.tell("03-09 12:00", WorksEnded(at("03-09 11:00")))
    again = only(feed.tell("03-09 13:00", WorksStarted(at("03-02 08:00"))))
    assert (again.status, again.end, again.provenance.start) == ("active", at("03-13 16:00"), "reported")


def test_a_start_reported_ahead_counts_when_it_comes() -> None:
    feed = approved(occupation="within")
    assert only(feed.tell("03-05 12:00", WorksStarted(at("03-06 07:00")))).status == "planned"
    started = only(feed.at("03-06 07:00"))
    assert (started.status, started.start, started.provenance.start) == ("active", at("03-06 07:00"), "reported")


def test_a_start_after_the_reported_end_is_drawn_back_to_it() -> None:
    feed = approved()
    feed.tell("03-02 09:40", site(SetUpDetected, "03-02 09:30"))
    ended = only(feed.tell("03-02 12:00", WorksEnded(at("03-02 09:00"))))
    assert (ended.status, ended.start, ended.end) == ("ended", at("03-02 09:00"), at("03-02 09:00"))


def test_the_earliest_evidence_is_the_start() -> None:
    feed = approved()
    early = only(feed.tell("03-02 07:10", site(SetUpDetected, "03-02 07:00")))
    assert (early.status, early.start) == ("active", at("03-02 07:00"))
    earlier = only(feed.tell("03-02 07:30", WorksStarted(at("03-02 06:30"))))
    assert (earlier.start, earlier.provenance.start) == (at("03-02 06:30"), "reported")


def test_interrupted_works_are_suspended_until_they_are_resumed() -> None:
    feed = approved()
    assert only(feed.tell("02-25 12:00", WorksInterrupted(at("02-25 12:00")))).status == "planned"
    assert only(feed.at("03-02 08:00")).status == "suspended"
    assert only(feed.tell("03-03 08:00", WorksResumed(at("03-03 08:00")))).status == "active"
    assert only(feed.tell("03-04 08:00", WorksInterrupted(at("03-04 08:00")))).status == "suspended"
    assert only(feed.tell("03-05 08:00", WorksStarted(at("03-05 08:00")))).status == "active"


def test_a_start_that_is_taken_back_leaves_what_was_ordered() -> None:
    feed = approved(occupation="within", expected_days=2)
    feed.tell("03-03 08:00", WorksStarted(at("03-03 07:30")))
    feed.tell("03-03 09:00", WorksInterrupted(at("03-03 09:00")))
    back = only(feed.tell("03-03 12:00", StartReverted(at("03-03 12:00"))))
    assert (back.status, back.provenance.start) == ("planned", "ordered")


@pytest.mark.parametrize(("interrupted", "status"), [(False, "active"), (True, "suspended")])
def test_an_end_that_is_taken_back_lets_the_works_go_on(interrupted: bool, status: str) -> None:
    feed = approved()
    assert only(feed.tell("03-03 08:00", WorksEnded(at("03-03 08:00")))).status == "ended"
    back = only(feed.tell("03-03 12:00", EndReverted(at("03-03 12:00"), interrupted=interrupted)))
    assert (back.status, back.provenance.end) == (status, "ordered")
    assert back.end == only(approved().at("03-03 12:00")).end


def test_an_end_that_is_taken_back_after_it_left_the_feed_brings_the_same_id_again() -> None:
    feed = approved()
    before = only(feed.tell("03-03 08:00", WorksEnded(at("03-03 08:00"))))
    assert feed.at("03-05 08:00") == []
    assert only(feed.tell("03-05 12:00", EndReverted(at("03-05 12:00")))).id == before.id


def test_within_is_planned_until_the_lights_or_people_tell() -> None:
    reported, detected, never = (approved(occupation="within", expected_days=2) for _ in range(3))
    assert only(reported.at("03-05 08:00")).status == "planned"
    assert only(reported.tell("03-06 08:00", WorksStarted(at("03-06 07:30")))).status == "active"
    assert only(detected.tell("03-06 08:00", site(SetUpDetected, "03-06 07:30"))).status == "active"
    assert only(detected.tell("03-07 18:00", site(ClearedDetected, "03-07 17:30"))).status == "ended"
    assert only(never.at("03-13 15:59")).status == "planned"
    assert only(never.at("03-13 16:00")).status == "ended"


def test_daily_windows_do_not_toggle_and_lights_cleared_at_night_end_nothing() -> None:
    daily = measure(daily_from="08:00", daily_to="16:00", weekdays=(1, 2, 3, 4, 5))
    feed = Feed()
    feed.tell("02-20 12:00", PermitApproved(permit(daily)))
    feed.tell("03-02 08:10", site(SetUpDetected, "03-02 08:00"))
    night = only(feed.tell("03-02 16:30", site(ClearedDetected, "03-02 16:00")))
    assert (night.status, night.on_site, night.end) == ("active", "cleared", at("03-13 16:00"))
    morning = only(feed.tell("03-03 08:10", site(SetUpDetected, "03-03 08:00")))
    assert (morning.status, morning.start) == ("active", at("03-02 08:00"))
    assert morning.schedule is not None
    assert (morning.schedule.daily_from, morning.schedule.weekdays) == ("08:00", (1, 2, 3, 4, 5))
    assert only(feed.at("03-13 16:00")).status == "overrunning"
    assert only(feed.tell("03-13 17:30", site(ClearedDetected, "03-13 17:00"))).end == at("03-13 17:00")


def test_equipment_brought_and_taken_away_before_the_start_ends_nothing() -> None:
    feed = approved()
    feed.tell("03-01 10:10", site(SetUpDetected, "03-01 10:00"))
    away = only(feed.tell("03-01 12:30", site(ClearedDetected, "03-01 12:00")))
    assert (away.status, away.start, away.on_site) == ("planned", at("03-02 08:00"), "cleared")
    assert only(feed.at("03-02 08:00")).status == "active"


def test_lights_that_come_back_after_clearing_make_it_active_again() -> None:
    feed = standing()
    assert only(feed.tell("03-04 12:00", site(ClearedDetected, "03-04 11:30"))).status == "ended"
    back = only(feed.tell("03-05 08:10", site(SetUpDetected, "03-05 08:00")))
    assert (back.status, back.start, back.on_site) == ("active", at("03-05 08:00"), "set_up")


def test_a_silence_is_over_when_the_site_is_set_up_again() -> None:
    feed = standing()
    feed.tell("03-03 08:00", site(SiteBecameSilent, "03-03 08:00"))
    feed.tell("03-04 12:00", site(ClearedDetected, "03-04 11:30"))
    feed.tell("03-05 08:10", site(SetUpDetected, "03-05 08:00"))
    assert only(feed.at("03-13 16:00")).status == "overrunning"


def test_a_place_that_lights_carry_at_one_end_only_is_news_when_they_carry_both() -> None:
    feed = standing()
    half = extent(0, place_to="ordered")
    first = only(feed.tell("03-02 09:00", site(ExtentMeasured, "03-02 09:00", extents=(half,))))
    both = only(feed.tell("03-02 10:00", site(ExtentChanged, "03-02 10:00", extents=(extent(1),))))
    assert (first.provenance.place_to, both.provenance.place_to) == ("ordered", "measured")


def test_nobody_there_is_said_and_changes_nothing_else() -> None:
    feed = approved()
    ghost = only(feed.tell("03-02 12:00", site(NotSetUp, "03-02 12:00", lights=())))
    assert (ghost.status, ghost.on_site, ghost.observed_at) == ("active", "not_set_up", None)


def test_a_revoked_permit_is_cancelled_and_gone_after_a_day() -> None:
    before, during, after = approved(), approved(), approved()
    cancelled = only(before.tell("02-25 12:00", PermitRevoked(at("02-25 12:00"))))
    assert (cancelled.status, cancelled.start, cancelled.end) == ("cancelled", at("03-02 08:00"), at("03-13 16:00"))
    assert before.at("02-26 12:00") == []
    stopped = only(during.tell("03-04 12:00", PermitRevoked(at("03-04 11:00"))))
    assert (stopped.status, stopped.end) == ("cancelled", at("03-04 11:00"))
    assert only(after.at("03-13 16:00")).status == "ended"
    assert only(after.tell("03-13 17:00", PermitRevoked(at("03-13 17:00")))).status == "ended"


def test_a_permit_approved_again_is_no_longer_cancelled() -> None:
    feed = approved()
    feed.tell("02-25 12:00", PermitRevoked(at("02-25 12:00")))
    assert only(feed.tell("02-27 12:00", PermitApproved(permit()))).status == "planned"


def test_a_measure_left_out_by_an_amendment_is_ended_by_it() -> None:
    second = measure(id="de-mainz-m2", key="2", kind="footway_closed")
    feed = Feed()
    feed.tell("02-20 12:00", PermitApproved(permit(measure(), second)))
    one, two = feed.tell("03-05 12:00", PermitAmended(permit(measure())))
    assert (one.status, two.status, two.provenance.end) == ("active", "ended", "ordered")
    assert two.end is not None
    assert to_micros(two.end) == to_micros(at("03-05 12:00")) - 1_000_000, "the event's own time"
    assert [feature.id for feature in feed.at("03-06 12:00")] == ["de-mainz-m1"]


def test_a_measure_left_out_before_it_began_is_cancelled_and_may_come_back() -> None:
    second = measure(id="de-mainz-m2", key="2")
    feed = Feed()
    feed.tell("02-20 12:00", PermitApproved(permit(measure(), second)))
    assert feed.tell("02-21 12:00", PermitAmended(permit(measure())))[1].status == "cancelled"
    assert feed.tell("02-21 13:00", PermitAmended(permit(measure(), second)))[1].status == "planned"


def test_a_period_shortened_into_the_past_is_still_published_as_an_end() -> None:
    for shorter in (
        PermitExtended({"de-mainz-m1": at("03-04 16:00")}),
        PermitAmended(permit(measure(end=at("03-04 16:00")))),
    ):
        feed = approved()
        ended = only(feed.tell("03-08 12:00", shorter))
        assert (ended.status, ended.end) == ("ended", at("03-04 16:00"))
        assert feed.at("03-09 12:00") == []


def test_an_amendment_that_keeps_the_end_does_not_prolong_the_grace() -> None:
    feed = approved()
    feed.at("03-13 16:00")
    feed.tell("03-14 10:00", PermitAmended(permit(title="anders")))
    assert feed.at("03-14 16:00") == []


def test_a_permit_that_was_over_before_it_was_imported_never_appears() -> None:
    feed = Feed()
    assert feed.tell("05-01 12:00", PermitApproved(permit())) == []


def test_an_open_end_stays_open() -> None:
    feed = Feed()
    feed.tell("02-20 12:00", PermitApproved(permit(measure(end=None))))
    later = only(feed.at("12-31 12:00"))
    assert (later.status, later.end, later.headline) == ("active", None, "Rheinstraße: Vollsperrung bis auf Weiteres.")


def test_a_backward_line_is_turned_round_with_the_provenance_of_its_ends() -> None:
    feed = Feed()
    feed.tell("02-20 12:00", PermitApproved(permit(measure(direction="backward"))))
    feed.tell("03-02 09:00", site(SetUpDetected, "03-02 09:00"))
    half = extent(0, place_from="measured", place_to="ordered")
    turned = only(feed.tell("03-02 09:10", site(ExtentMeasured, "03-02 09:10", extents=(half,))))
    assert isinstance(turned.geometry, LineString)
    assert turned.geometry.coordinates == LINE.coordinates[::-1]
    assert turned.ordered.geometry == turned.geometry
    assert (turned.provenance.place_from, turned.provenance.place_to) == ("ordered", "measured")


def test_a_site_heard_of_before_its_permit_waits_for_it() -> None:
    feed = Feed()
    assert feed.tell("02-19 12:00", site(NotSetUp, "02-19 12:00")) == []
    assert feed.updates == []
    assert only(feed.tell("02-20 12:00", PermitApproved(permit()))).on_site == "not_set_up"


def test_suspected_sites_and_steps_without_content_are_no_facts() -> None:
    feed = approved()
    before = len(feed.updates)
    suspected = UnpermittedSiteSuspected(site_id="x", at=at("03-02 08:00"), centre=(8.0, 50.0))
    feed.tell("02-21 08:00", suspected)
    feed.tell("02-21 08:00", PermitProgressed())
    assert len(feed.updates) == before


def test_an_update_names_the_permit_its_situation_and_the_last_event() -> None:
    feed = standing()
    _, update = feed.updates[-1]
    assert (update.situation_id, update.permit_id, update.cause) == ("de-mainz-s-p1", "p1", "site:p1-a/1")
    feed.at("03-02 08:00")
    assert feed.updates[-1][1].cause == "site:p1-a/1", "a timer names the event that set it"


@pytest.mark.parametrize(
    ("permit_id", "situation_id"),
    [("0f3a-77", "de-mainz-s-0f3a-77"), ("A/1", "de-mainz-s-a-1-"), ("x" * 80, "de-mainz-s-xxxxx")],
)
def test_situation_ids_are_safe_and_stay_apart(permit_id: str, situation_id: str) -> None:
    made = situation_id_of("de-mainz", permit_id)
    assert made.startswith(situation_id)
    assert len(made) <= 64
    assert made != situation_id_of("de-mainz", permit_id + "-")
    assert situation_id_of("de-mainz", "A/1") != situation_id_of("de-mainz", "a-1")


@pytest.mark.parametrize(
    "fact",
    [PermitRevoked(at("03-01 08:00")), PermitApproved(permit()), PermitExtended({"de-mainz-m1": at("03-01 08:00")})],
)
def test_a_time_without_offset_is_poison(fact: Any) -> None:
    data = encode(fact).replace(b'Z"', b'"')
    event = Event(id="1", type=fact.TYPE, stream="permit:p1", version=1, time=0, recorded=0, data=data)
    with pytest.raises(PoisonError, match="without offset"):
        Publisher("de-mainz").decode(event)


def test_a_measure_of_another_permit_is_poison_and_changes_nothing() -> None:
    feed = approved()
    fact = PermitApproved(msgspec.structs.replace(permit(), permit_id="another"))
    now = to_micros(at("02-21 12:00"))
    event = Event(
        id="e", type=PermitApproved.TYPE, stream="permit:another", version=1, time=now, recorded=now, data=encode(fact)
    )
    before = dict(feed.rows)
    with pytest.raises(PoisonError, match="belongs to another permit"):
        feed.publisher.fold(feed.rows, fact, Record(Partition(PERMITS.name, 0), 1, now, event))
    assert dict(feed.rows) == before


def test_a_permit_keeps_its_measures_through_amendments() -> None:
    feed = approved()
    feed.tell("02-21 12:00", PermitAmended(permit()))
    assert only(feed.features).status == "planned"


def test_one_id_for_two_measures_is_poison() -> None:
    with pytest.raises(PoisonError, match="one id"):
        Feed().tell("02-20 12:00", PermitApproved(permit(measure(), measure())))
