from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from services.navfeed.adapters.datex2 import (
    History,
    Managed,
    Supplier,
    container,
    join,
    managed,
    payload,
    payload_frame,
    situation,
)
from services.navfeed.adapters.datex2_xml import NAMESPACES
from services.navfeed.adapters.semantic import check
from services.navfeed.domain.feature import Feature
from shared.contracts.base import LineString
from shared.contracts.permits import Measure, PermitApproved, PermitRevoked, WorksEnded, WorksInterrupted, WorksStarted
from shared.contracts.sites import ClearedDetected, ExtentMeasured, NotSetUp, SetUpDetected, SiteBecameSilent
from tests.unit.services.navfeed.builders import (
    AREA,
    KINDS,
    POINT,
    Feed,
    at,
    extent,
    features_of,
    measure,
    measures,
    permit,
    published,
    site,
)

SUPPLIER = Supplier("DE-NAP-LandeshauptstadtMainz")
NOW = at("03-05 12:00")
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def document(*features: Feature) -> etree._Element:
    return etree.fromstring(payload(NOW, [situation(features)] if features else [], SUPPLIER))


def texts(element: etree._Element, path: str) -> list[str]:
    found = element.xpath(path, namespaces=NAMESPACES)
    assert isinstance(found, list)
    return [item if isinstance(item, str) else (item.text or "") for item in found]  # type: ignore[union-attr]  # only strings and elements are asked for


def record(*features: Feature, kind: str | None = None) -> etree._Element:
    """The record of the first measure."""
    root = document(*features)
    found = [r for r in root.iter("{*}situationRecord") if r.get("id") == features[0].id]
    assert len(found) == 1
    assert kind is None or found[0].get(XSI_TYPE) == f"sit:{kind}"
    return found[0]


def states() -> dict[str, list[Feature]]:
    """A measure in every status, and with every word of the lights."""

    def told(*facts: Any, until: str = "03-05 13:00", occupation: str = "whole") -> list[Feature]:
        feed = Feed()
        feed.tell("02-20 12:00", PermitApproved(permit(occupation=occupation)))
        for fact in facts:
            feed.tell("03-05 12:00", fact)
        return [published(feature) for feature in feed.at(until)]

    set_up = site(SetUpDetected, "03-05 11:00")
    place = site(ExtentMeasured, "03-05 11:30", extents=(extent(30),))
    return {
        "planned": told(until="02-28 12:00"),
        "within": told(occupation="within"),
        "active": told(),
        "measured": told(set_up, place),
        "silent": told(set_up, place, site(SiteBecameSilent, "03-05 11:40")),
        "not_set_up": told(site(NotSetUp, "03-05 11:00")),
        "suspended": told(WorksInterrupted(at("03-05 12:00"))),
        "overrunning": told(set_up, place, until="03-14 12:00"),
        "ended": told(set_up, site(ClearedDetected, "03-05 11:50")),
        "reported": told(WorksStarted(at("03-04 12:00")), WorksEnded(at("03-05 12:00"))),
        "cancelled": told(PermitRevoked(at("03-05 12:00"))),
    }


STATES = states()


def assert_valid(schema: etree.XMLSchema, xml: bytes) -> None:
    assert schema.validate(etree.fromstring(xml)), schema.error_log
    assert check(xml) == []


@pytest.mark.parametrize("state", STATES)
def test_every_status_is_valid(state: str, payload_schema: etree.XMLSchema) -> None:
    assert_valid(payload_schema, payload(NOW, [situation(STATES[state])], SUPPLIER))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [None, AREA, POINT], ids=["line", "area", "point"])
def test_every_kind_is_valid_at_every_kind_of_place(kind: str, place: Any, payload_schema: etree.XMLSchema) -> None:
    some = features_of(measure(kind=kind, detour="U5", speed_limit_kph=30, **({"geometry": place} if place else {})))
    assert_valid(payload_schema, payload(NOW, [situation(some)], SUPPLIER))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(measures(1), measures(2), st.sampled_from([None, "water", "building", "event", "\x00"]), st.text(max_size=8))
def test_any_permit_is_valid_and_free_of_semantic_defects(
    payload_schema: etree.XMLSchema, one: Measure, two: Measure, works_kind: str | None, number: str
) -> None:
    some = features_of(one, two, now="06-15 12:00", works_kind=works_kind, permit_number=number)
    if some:
        assert_valid(payload_schema, payload(NOW, [situation(some)], SUPPLIER))


@pytest.mark.parametrize(
    ("kind", "record_type", "path", "value"),
    [
        ("road_closed", "RoadOrCarriagewayOrLaneManagement", "sit:roadOrCarriagewayOrLaneManagementType", "roadClosed"),
        ("direction_closed", "RoadOrCarriagewayOrLaneManagement", "sit:applicableForTrafficDirection", "aligned"),
        ("alternating", "RoadOrCarriagewayOrLaneManagement", "*[last()]", "singleAlternateLineTraffic"),
        ("lanes_closed", "RoadOrCarriagewayOrLaneManagement", "*[last()]", "laneClosures"),
        ("contraflow", "RoadOrCarriagewayOrLaneManagement", "*[last()]", "contraflow"),
        ("lane_shift", "RoadOrCarriagewayOrLaneManagement", "*[last()]", "lanesDeviated"),
        ("narrowed", "RoadOrCarriagewayOrLaneManagement", "sit:impact/sit:residualRoadWidth", "3.25"),
        ("footway_closed", "RoadOrCarriagewayOrLaneManagement", ".//loc:carriageway/loc:carriageway", "footpath"),
        ("cycleway_closed", "RoadOrCarriagewayOrLaneManagement", ".//loc:carriageway/loc:carriageway", "cycleTrack"),
        ("no_stopping", "RoadOrCarriagewayOrLaneManagement", "*/@_extendedValue", "parkingProhibitionInOperation"),
        ("speed_limit", "SpeedManagement", "sit:temporarySpeedLimit", "30"),
        (
            "turn_banned",
            "GeneralInstructionOrMessageToRoadUsers",
            "sit:generalInstructionToRoadUsersType",
            "observeSigns",
        ),
        ("stop_closed", "GeneralInstructionOrMessageToRoadUsers", "*/com:values/com:value", None),
        ("detour", "ReroutingManagement", "sit:alternativeRouteIdentifier", "U5"),
        ("other", "GeneralInstructionOrMessageToRoadUsers", "sit:generalInstructionToRoadUsersType", "other"),
    ],
)
def test_every_kind_becomes_the_record_of_the_domains_table(
    kind: str, record_type: str, path: str, value: str | None
) -> None:
    some = features_of(
        measure(kind=kind, direction="forward", residual_width_m=3.25, speed_limit_kph=30, detour="U5", lanes_closed=1)
    )
    found = texts(record(*some, kind=record_type), path)
    assert found == [some[0].headline if value is None else value]


def test_a_measure_is_caused_by_the_works_that_carry_the_number() -> None:
    root = document(*features_of(measure(), measure(id="de-mainz-m2", kind="detour"), works_kind="water"))
    works, *others = root.iter("{*}situationRecord")
    assert works.get(XSI_TYPE) == "sit:MaintenanceWorks"
    assert texts(works, "sit:roadworksIdentifier | sit:subjects/sit:subjectTypeOfWorks") == ["AO-2026-17", "waterMain"]
    for other in others:
        assert texts(other, "sit:cause/sit:managedCause/sit:objectReference/@id") == [works.get("id")]
    assert [one.get("id") for one in others] == ["de-mainz-m1", "de-mainz-m2"]
    assert texts(root, "//sit:situation/@id") == ["de-mainz-s-p1"]


def test_a_detour_applies_where_the_street_is_closed_and_leads_along_its_own_route() -> None:
    away = LineString(((8.27, 50.01), (8.28, 50.01)))
    one = record(*features_of(measure(id="de-mainz-m0", kind="detour", geometry=away), measure()))
    assert texts(one, "sit:locationReference//loc:posList")[0].startswith("50.0000000 8.2600000 ")
    assert texts(one, "sit:alternativeRoute//loc:posList") == ["50.0100000 8.2700000 50.0100000 8.2800000"]


def test_texts_longer_than_the_schema_allows_are_cut(payload_schema: etree.XMLSchema) -> None:
    long = features_of(measure(street="ß" * 1100), permit_number="7" * 1100)
    assert_valid(payload_schema, payload(NOW, [situation(long)], SUPPLIER))


def test_no_record_is_created_after_its_version() -> None:
    history = History(version=1, created={"de-mainz-m1": at("03-09 12:00")})
    root = etree.fromstring(payload(NOW, [situation(features_of(), history)], SUPPLIER))
    assert set(texts(root, "//sit:situationRecordCreationTime")) == {"2026-03-01T12:00:00Z"}


def test_a_building_is_construction() -> None:
    works = next(document(*features_of(works_kind="building")).iter("{*}situationRecord"))
    assert works.get(XSI_TYPE) == "sit:ConstructionWorks"
    assert texts(works, "sit:constructionWorkType | sit:cause/sit:causeType") == [
        "constructionWork",
        "constructionWork",
    ]


@pytest.mark.parametrize(
    ("state", "status", "overrunning", "operator", "probability"),
    [
        ("planned", "definedByValidityTimeSpec", "false", "approved", "probable"),
        ("within", "planned", "false", "approved", "probable"),
        ("active", "definedByValidityTimeSpec", "false", "implemented", "probable"),
        ("measured", "definedByValidityTimeSpec", "false", "implemented", "certain"),
        ("not_set_up", "definedByValidityTimeSpec", "false", "implemented", "riskOf"),
        ("suspended", "suspended", "false", "implemented", "probable"),
        ("overrunning", "definedByValidityTimeSpec", "true", "implemented", "certain"),
        ("ended", "definedByValidityTimeSpec", "false", "beingTerminated", "certain"),
        ("cancelled", "suspended", "false", "rejected", "probable"),
    ],
)
def test_the_state_is_told_in_the_words_of_datex(
    state: str, status: str, overrunning: str, operator: str, probability: str
) -> None:
    one = record(*STATES[state])
    assert texts(one, "sit:validity/com:validityStatus | sit:validity/com:overrunning") == [status, overrunning]
    assert texts(one, "sit:operatorActionStatus | sit:probabilityOfOccurrence") == [probability, operator]


def test_the_actual_end_is_published_and_a_late_one_rolls() -> None:
    end = "sit:validity/com:validityTimeSpecification/com:overallEndTime"
    assert texts(record(*STATES["ended"]), end) == ["2026-03-05T11:50:00Z"]
    assert texts(record(*STATES["overrunning"]), end) == ["2026-03-14T16:00:00Z"]
    assert texts(record(*features_of(measure(end=None))), end) == []


def test_lights_give_the_time_of_observation_a_reliable_source_and_the_precision_of_the_line() -> None:
    measured, ordered = record(*STATES["measured"]), record(*STATES["active"])
    paths = "sit:situationRecordObservationTime | sit:source/com:reliable | .//@locationPrecision"
    assert texts(measured, paths) == ["2026-03-05T11:30:00Z", "true", "5"]
    assert texts(ordered, paths) == []


def test_positions_are_latitude_first_with_fixed_decimals() -> None:
    one = record(*features_of())
    assert texts(one, ".//loc:posList") == [
        "50.0000000 8.2600000 50.0000000 8.2610000 50.0000000 8.2620000",
    ]


def test_an_area_is_given_with_a_line() -> None:
    one = record(*features_of(measure(geometry=AREA)))
    kinds = texts(one, "sit:locationReference/loc:locationContainedInGroup/@*[name()='xsi:type']")
    assert kinds == ["loc:SingleRoadLinearLocation", "loc:AreaLocation"]
    assert len(texts(one, ".//loc:gmlLineString/loc:posList")) == 1


def test_lanes_are_numbered_from_the_verge_and_only_where_the_side_is_known() -> None:
    for side, numbers in (("right", ["1", "2"]), ("left", ["2", "3"]), (None, []), ("both", [])):
        lanes = measure(kind="lanes_closed", lanes_total=3, lanes_closed=2, side=side)
        assert texts(record(*features_of(lanes)), ".//loc:laneNumber") == numbers


PERIODS = ".//com:validPeriod"


def test_a_daily_window_on_weekdays_is_one_recurring_period() -> None:
    one = record(*features_of(measure(daily_from="08:00", daily_to="16:00", weekdays=(1, 7))))
    assert texts(one, f"{PERIODS}//com:startTimeOfPeriod | {PERIODS}//com:endTimeOfPeriod") == ["08:00:00", "16:00:00"]
    assert texts(one, f"{PERIODS}//com:applicableDay") == ["monday", "sunday"]


def test_a_window_past_midnight_belongs_to_the_day_it_began() -> None:
    one = record(*features_of(measure(daily_from="22:00", daily_to="05:00", weekdays=(5, 7))))
    evening, morning = (one.xpath(f"({PERIODS})[{n}]", namespaces=NAMESPACES)[0] for n in (1, 2))  # type: ignore[index]  # elements are asked for
    assert texts(evening, ".//com:startTimeOfPeriod | .//com:endTimeOfPeriod") == ["22:00:00", "23:59:59"]  # type: ignore[arg-type]  # an element
    assert texts(evening, ".//com:applicableDay") == ["friday", "sunday"]  # type: ignore[arg-type]  # an element
    assert texts(morning, ".//com:startTimeOfPeriod | .//com:endTimeOfPeriod") == ["00:00:00", "05:00:00"]  # type: ignore[arg-type]  # an element
    assert texts(morning, ".//com:applicableDay") == ["monday", "saturday"]  # type: ignore[arg-type]  # an element


def test_a_day_off_takes_out_the_window_that_begins_on_it() -> None:
    off = {"except_dates": (date(2026, 3, 6),)}
    edges = ".//com:exceptionPeriod/com:startOfPeriod | .//com:exceptionPeriod/com:endOfPeriod"
    whole, night = measure(**off), measure(daily_from="22:00", daily_to="05:00", **off)
    assert texts(record(*features_of(whole)), edges) == ["2026-03-05T23:00:00Z", "2026-03-06T23:00:00Z"]
    assert texts(record(*features_of(night)), edges) == ["2026-03-06T21:00:00Z", "2026-03-07T04:00:00Z"]
    day = measure(daily_from="08:00", daily_to="16:00", **off)
    assert texts(record(*features_of(day)), edges) == ["2026-03-06T07:00:00Z", "2026-03-06T15:00:00Z"]
    assert texts(record(*features_of(whole)), PERIODS) == []
    never = measure(except_dates=(date.min, date.max))
    assert texts(record(*features_of(never)), edges) == [], "a day without a moment in UTC stops no feed"


def test_history_gives_the_works_their_version_and_records_their_birth() -> None:
    history = History(version=7, created={"de-mainz-m1": at("02-20 12:00")})
    root = etree.fromstring(payload(NOW, [situation(features_of(), history)], SUPPLIER))
    assert texts(root, "//sit:situationRecordCreationTime") == ["2026-02-20T12:00:00Z"] * 2
    assert texts(root, "//sit:situationRecord/@version") == ["7", "1"]
    assert texts(root, "//sit:objectReference/@version") == ["7"]


def test_a_situation_needs_published_features() -> None:
    feed = Feed()
    unpublished = feed.tell("02-20 12:00", PermitApproved(permit()))
    for features in ([], unpublished):
        with pytest.raises(ValueError, match="needs features"):
            situation(features)


def test_documents_are_stored_bytes_put_together() -> None:
    pieces = [situation(STATES["active"]), situation(STATES["measured"])]
    opening, closing = payload_frame(NOW, SUPPLIER)
    assert payload(NOW, pieces, SUPPLIER) == opening + pieces[0] + b"\n" + pieces[1] + closing
    assert join((opening, closing), []) == opening + closing
    assert etree.fromstring(pieces[0]).get("id") == "de-mainz-s-p1", "a piece stands alone"


def test_a_container_lists_what_is_over(container_schema: etree.XMLSchema) -> None:
    one, two = STATES["ended"][0], published(STATES["cancelled"][0], 4)
    over = managed([one, two, STATES["active"][0]])
    assert over == [Managed(one.id, 1, "closed"), Managed(two.id, 4, "cancelled")]
    xml = container(NOW, [situation([one])], Supplier("Mainz & Co <1>"), over)
    assert container_schema.validate(etree.fromstring(xml)), container_schema.error_log
    assert check(xml) == []
    assert b"<inf:managementStatus>closed" in xml
    assert b"snapshotPull" in xml


def test_an_empty_container_is_valid(container_schema: etree.XMLSchema) -> None:
    xml = container(NOW, [], SUPPLIER)
    assert container_schema.validate(etree.fromstring(xml)), container_schema.error_log
    assert b"informationManagement>" not in xml
