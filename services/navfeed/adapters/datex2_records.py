"""Records of a situation: one for the works, one per measure with its own effect (domain.md § 1, table of kinds)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from services.navfeed.adapters.datex2_location import add_itinerary, add_location
from services.navfeed.adapters.datex2_validity import add_period, add_validity
from services.navfeed.adapters.datex2_xml import Element, add, add_words, time
from services.navfeed.domain.feature import Feature, Status
from shared.contracts.permits import MeasureKind

Severity = Literal["high", "medium", "low"]

SEVERITIES: dict[MeasureKind, Severity] = {
    "road_closed": "high",
    "direction_closed": "high",
    "alternating": "medium",
    "lanes_closed": "medium",
    "contraflow": "medium",
    "narrowed": "medium",
    "lane_shift": "medium",
    "other": "medium",
}  # all others are low
OPERATOR_STATUS: dict[Status, str] = {
    "planned": "approved",
    "active": "implemented",
    "suspended": "implemented",
    "overrunning": "implemented",
    "ended": "beingTerminated",
    "cancelled": "rejected",
}
LANE_MANAGEMENT: dict[MeasureKind, str] = {
    "road_closed": "roadClosed",
    "direction_closed": "roadClosed",
    "alternating": "singleAlternateLineTraffic",
    "lanes_closed": "laneClosures",
    "contraflow": "contraflow",
    "lane_shift": "lanesDeviated",
    "narrowed": "narrowLanes",
    "footway_closed": "carriagewayClosures",
    "cycleway_closed": "carriagewayClosures",
    "no_stopping": "_extended",
}
CONSTRUCTION = {"building": "constructionWork", "crane": "constructionWork", "demolition": "demolitionWork"}
SUBJECTS = {
    "water": "waterMain",
    "gas": "gasMainWork",
    "electricity": "buriedCables",
    "telecoms": "buriedCables",
    "heating": "heatingPipe",
    "sewer": "sewer",
    "road": "road",
    "bridge": "bridge",
    "lighting": "lightingSystem",
    "signals": "trafficSignals",
}
VEHICLES = {"car": "car", "truck": "lorry", "bus": "bus", "bicycle": "bicycle"}
EXEMPTIONS = {"residents": "Anlieger", "bus": "Linienbusse", "bicycle": "Radverkehr", "emergency": "Einsatzfahrzeuge"}


class Works(NamedTuple):
    """The works record of a situation: its id and version, and when it was first and last published."""

    id: str
    version: int
    created: datetime
    version_time: datetime


def severity(features: Sequence[Feature]) -> Severity:
    found = {SEVERITIES.get(feature.measure, "low") for feature in features}
    return "high" if "high" in found else "medium" if "medium" in found else "low"


def main_feature(features: Sequence[Feature]) -> Feature:
    """The gravest measure, the first by id: it lends the works record its place and words."""
    rank = ("high", "medium", "low")
    return min(features, key=lambda feature: (rank.index(severity([feature])), feature.id))


def add_works(situation: Element, works: Works, features: Sequence[Feature]) -> None:
    """Append MaintenanceWorks or ConstructionWorks over all ``features``: what is done, and why."""
    main = main_feature(features)
    construction = CONSTRUCTION.get(main.works_kind or "")
    kind = "sit:ConstructionWorks" if construction else "sit:MaintenanceWorks"
    record = add(situation, "sit:situationRecord", kind=kind, id=works.id, version=str(works.version))
    _add_head(record, main, works.created, works.version_time, _observed(features))
    ends = [feature.end for feature in features if feature.end is not None]
    end = max(ends) if len(ends) == len(features) else None
    overrunning = any(feature.status == "overrunning" for feature in features)
    idle = all(feature.status in {"suspended", "cancelled"} for feature in features)
    status = "suspended" if idle else "definedByValidityTimeSpec"
    add_period(record, min(feature.start for feature in features), end, status=status, overrunning=overrunning)
    add(add(record, "sit:cause"), "sit:causeType", _cause(main))
    _add_comment(record, main.headline, "roadworksName")
    add_location(record, "sit:locationReference", main)
    add(record, "sit:operatorActionStatus", OPERATOR_STATUS[main.status])
    add(record, "sit:roadworksIdentifier", main.permit_number)
    add(record, "sit:underTraffic", "false" if main.measure == "road_closed" else "true")
    subject = SUBJECTS.get(main.works_kind or "")
    if subject:
        add(add(record, "sit:subjects"), "sit:subjectTypeOfWorks", subject)
    if construction:
        add(record, "sit:constructionWorkType", construction)
    else:
        add(record, "sit:roadMaintenanceType", "other" if main.works_kind == "event" else "roadworks")


def add_measure(situation: Element, feature: Feature, works: Works, created: datetime, main: Feature) -> None:
    """Append the record of one measure, caused by the works."""
    kind, add_effect = EFFECTS.get(feature.measure, LANE_EFFECT)
    version = str(feature.version)
    record = add(situation, "sit:situationRecord", kind=f"sit:{kind}", id=feature.id, version=version)
    _add_head(record, feature, created, feature.version_time or created, feature.observed_at)
    add_validity(record, feature)
    _add_impact(record, feature)
    cause = add(record, "sit:cause")
    add(cause, "sit:causeType", _cause(main))
    reference = {"targetClass": "sit:SituationRecord", "id": works.id, "version": str(works.version)}
    add(add(cause, "sit:managedCause"), "sit:objectReference", **reference)
    _add_comment(record, feature.headline, "description")
    if feature.exempt:
        who = ", ".join(EXEMPTIONS[name] for name in feature.exempt)
        _add_comment(record, f"Frei für {who}.", "other")
    add_location(record, "sit:locationReference", main if kind == "ReroutingManagement" else feature)
    add(record, "sit:operatorActionStatus", OPERATOR_STATUS[feature.status])
    add(record, "sit:complianceOption", "advisory" if kind == "ReroutingManagement" else "mandatory")
    # the line runs in the direction of traffic, so a single direction is always the aligned one
    add(record, "sit:applicableForTrafficDirection", "bothWays" if feature.direction == "both" else "aligned")
    _add_vehicles(record, feature)
    add_effect(record, feature)


def _add_head(
    record: Element, feature: Feature, created: datetime, version_time: datetime, observed: datetime | None
) -> None:
    add(record, "sit:situationRecordCreationTime", time(min(created, version_time)))
    if observed is not None:
        add(record, "sit:situationRecordObservationTime", time(observed))
    add(record, "sit:situationRecordVersionTime", time(version_time))
    add(record, "sit:probabilityOfOccurrence", _probability(feature))
    add(record, "sit:severity", severity([feature]))
    source = add(record, "sit:source")
    add(source, "com:sourceCountry", "de")
    add_words(source, "com:sourceName", feature.authority)
    add(source, "com:sourceType", "roadAuthorities")
    if observed is not None:
        add(source, "com:reliable", "true")


def _observed(features: Sequence[Feature]) -> datetime | None:
    return max((feature.observed_at for feature in features if feature.observed_at is not None), default=None)


def _probability(feature: Feature) -> str:
    """Measured or reported ``certain``, ordered only ``probable``, nobody there ``riskOf``."""
    if feature.on_site == "not_set_up":
        return "riskOf"
    told = {feature.provenance.start, feature.provenance.end} - {"ordered"}
    return "certain" if told or feature.on_site == "set_up" else "probable"


def _cause(feature: Feature) -> str:
    if feature.works_kind == "event":
        return "publicEvent"
    return "constructionWork" if feature.works_kind in CONSTRUCTION else "roadMaintenance"


def _add_impact(record: Element, feature: Feature) -> None:
    if feature.lanes_closed is None and feature.residual_width_m is None:
        return
    impact = add(record, "sit:impact")
    if feature.lanes_closed is not None:
        add(impact, "sit:numberOfLanesRestricted", str(max(0, feature.lanes_closed)))
        if feature.lanes_total is not None:
            add(impact, "sit:numberOfOperationalLanes", str(max(0, feature.lanes_total - max(0, feature.lanes_closed))))
    if feature.residual_width_m is not None:
        add(impact, "sit:residualRoadWidth", f"{feature.residual_width_m:.2f}")


def _add_comment(record: Element, text: str, kind: str) -> None:
    comment = add(record, "sit:generalPublicComment")
    add_words(comment, "sit:comment", text)
    add(comment, "sit:commentType", kind)


def _add_vehicles(record: Element, feature: Feature) -> None:
    vehicles = [VEHICLES[name] for name in feature.affects or () if name in VEHICLES]
    if vehicles:
        characteristics = add(record, "sit:forVehiclesWithCharacteristicsOf")
        for vehicle in vehicles:
            add(characteristics, "com:vehicleType", vehicle)


def _lane_effect(record: Element, feature: Feature) -> None:
    effect = add(record, "sit:roadOrCarriagewayOrLaneManagementType", LANE_MANAGEMENT[feature.measure])
    if feature.measure == "no_stopping":
        effect.set("_extendedValue", "parkingProhibitionInOperation")


def _speed_effect(record: Element, feature: Feature) -> None:
    add(record, "sit:speedManagementType", "speedRestrictionInOperation")
    if feature.speed_limit_kph is not None:
        add(record, "sit:temporarySpeedLimit", str(feature.speed_limit_kph))


def _detour_effect(record: Element, feature: Feature) -> None:
    add(record, "sit:reroutingManagementType", "followDiversionSigns")
    add_words(record, "sit:reroutingItineraryDescription", feature.headline)
    add(record, "sit:signedRerouting", "true")
    if feature.detour:
        add(record, "sit:alternativeRouteIdentifier", feature.detour)
    add_itinerary(record, "sit:alternativeRoute", feature)


def _words_effect(record: Element, feature: Feature) -> None:
    add(record, "sit:generalInstructionToRoadUsersType", "other" if feature.measure == "other" else "observeSigns")
    add_words(record, "sit:generalMessageToRoadUsers", feature.headline)


Effect = tuple[str, Callable[[Element, Feature], None]]

LANE_EFFECT: Effect = ("RoadOrCarriagewayOrLaneManagement", _lane_effect)
WORDS_EFFECT: Effect = ("GeneralInstructionOrMessageToRoadUsers", _words_effect)
EFFECTS: Mapping[MeasureKind, Effect] = {
    "speed_limit": ("SpeedManagement", _speed_effect),
    "detour": ("ReroutingManagement", _detour_effect),
    "turn_banned": WORDS_EFFECT,
    "stop_closed": WORDS_EFFECT,
    "other": WORDS_EFFECT,
}
