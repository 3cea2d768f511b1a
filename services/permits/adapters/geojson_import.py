"""Permits, as GeoJSON: reading. A feature per measure; features with one ``permit_number`` are one permit.

Nothing is dropped in silence: every feature has a report saying whether it was taken, repaired or refused, in German.
Reading the same file again gives the same ids and digests.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from services.permits.adapters.mapping_fields import (
    MEASURE_TYPES,
    PERMIT_TYPES,
    RENAMED,
    TIMES,
    Findings,
    read_time,
    read_values,
)
from services.permits.adapters.mapping_geometry import read_geometry
from services.permits.adapters.mapping_personal import is_organisation, personal_of, without_personal
from services.permits.domain import ids
from services.permits.domain.content import Content
from services.permits.domain.imports import Incoming
from services.permits.domain.measures import GERMANY, ServiceArea, check, lacking
from shared.clock import BERLIN
from shared.contracts.base import Point
from shared.contracts.permits import Measure, Permit

OWN = {
    *MEASURE_TYPES,
    *PERMIT_TYPES,
    *TIMES,
    "permit_number",
    "measure_id",
    "applicant",
    "source",
    "received_via",
    "note",
}
ESSENTIAL = {"geometry", "street", "start", "end"}
WINDOW = ("daily_from", "daily_to")
NO_DAYS = {"except_dates": ()}
IN_FILE = {member: name for name, member in RENAMED.items()}
NUMBER_MAX = 200
NO_ORGANISATION = "Der Antragsteller ist nicht als Organisation erkennbar; der Name bleibt verschlüsselt im Vorgang."
_WGS84 = re.compile(r"CRS:?84$|EPSG:+(\d*:)?4326$", re.IGNORECASE)


class UnreadableError(ValueError):
    """The file as a whole is no FeatureCollection in WGS 84; the message is German."""


class FeatureReport(NamedTuple):
    """What became of the feature number ``feature`` (from 0) of the file, in sentences for the clerk.

    ``permit_id``: the permit it belongs to by number and source; None where it has no number.
    """

    feature: int
    permit_number: str | None
    measure_id: str | None
    outcome: Literal["taken", "repaired", "refused"]
    sentences: tuple[str, ...]
    permit_id: str | None


class Imported(NamedTuple):
    """Permits in the order of the file, and a report per feature in its order."""

    permits: tuple[Incoming, ...]
    report: tuple[FeatureReport, ...]


class Origin(NamedTuple):
    """Where a file comes from: ``namespace`` of this city, and what features do not say themselves."""

    namespace: str
    source: str = "import"
    authority: str = "Straßenverkehrsbehörde"
    area: ServiceArea = GERMANY


class _Draft(NamedTuple):
    """One feature on its way: ``measure`` is None when it was refused."""

    feature: int
    number: str
    permit_id: str
    key: str
    properties: Mapping[str, Any]
    measure: Measure | None
    findings: Findings


def load(data: bytes | str | Mapping[str, Any]) -> list[Any]:
    """The features of a FeatureCollection; raises ``UnreadableError``."""
    try:
        document = data if isinstance(data, Mapping) else msgspec.json.decode(_text(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError("Die Datei ist kein lesbares JSON.") from error
    features = document.get("features") if isinstance(document, Mapping) else None
    if not isinstance(features, list):
        raise UnreadableError("Die Datei ist keine GeoJSON-FeatureCollection.")
    crs = document.get("crs")
    if crs is not None and not _WGS84.search(_crs_name(crs)):
        raise UnreadableError(f"Das Koordinatensystem {_crs_name(crs)} wird nicht gelesen; GeoJSON ist WGS 84.")
    return features


def _text(data: bytes | str) -> str:
    return (data.decode() if isinstance(data, bytes) else data).removeprefix("\ufeff")


def _crs_name(crs: Any) -> str:
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return str(properties.get("name") if isinstance(properties, dict) else crs)


def read(features: Sequence[Any], origin: Origin, found: Mapping[int, Findings] | None = None) -> Imported:
    """Permits out of features; ``found`` are findings of an earlier step (a mapping) by index.

    Never raises for what a feature says: it is refused in the report instead.
    """
    groups: dict[tuple[str, str], list[_Draft]] = {}
    drafts = []
    for index, feature in enumerate(features):
        findings = (found or {}).get(index, Findings())
        draft, source = _draft(index, feature, findings, origin, groups)
        drafts.append(draft)
        if draft.number:
            groups.setdefault((source, draft.number), []).append(draft)
    permits = [_permit(source, group, origin) for (source, _), group in groups.items()]
    return Imported(tuple(p for p in permits if p), tuple(_report(draft) for draft in drafts))


def _draft(
    index: int, feature: Any, findings: Findings, origin: Origin, groups: Mapping[tuple[str, str], Sequence[_Draft]]
) -> tuple[_Draft, str]:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    if not isinstance(properties, Mapping):
        findings.refuse("Das Merkmal hat keine Eigenschaften.")
        return _Draft(index, "", "", "", {}, None, findings), ""
    number, source = _plain(properties.get("permit_number")), _plain(properties.get("source")) or origin.source
    if len(number) > NUMBER_MAX or not number.isprintable():
        findings.refuse(f"Das Aktenzeichen hat mehr als {NUMBER_MAX} Zeichen oder solche, die man nicht sieht.")
        number = ""
    elif not number:
        findings.refuse("Das Aktenzeichen (permit_number) fehlt.")
    group = groups.get((source, number), ())
    key = _plain(properties.get("measure_id")) or str(len(group) + 1)
    if any(other.key == key for other in group):
        findings.refuse(f"Die Maßnahme {key} kommt in diesem Vorgang doppelt vor.")
    permit_id = ids.permit_id(origin.namespace, source, number)
    measure = _measure(feature, key, permit_id, origin, findings)
    return _Draft(index, number, permit_id, key, properties, None if findings.refused else measure, findings), source


def _plain(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _measure(
    feature: Mapping[str, Any], key: str, permit_id: str, origin: Origin, findings: Findings
) -> Measure | None:
    properties = feature["properties"]
    geometry = read_geometry(feature.get("geometry"), origin.area, findings)
    values = read_values(properties, MEASURE_TYPES, findings)
    if "kind" not in values:
        findings.repaired.append("Die Art der Maßnahme fehlt; sie wurde als „other“ übernommen.")
    times = {name: read_time(name, given, BERLIN, findings)
             for name in ("start", "end") if (given := properties.get(name)) is not None}  # fmt: skip
    if "start" not in times:
        findings.refuse("Der Beginn (start) fehlt.")
    if "street" not in values:
        findings.refuse("Die Straße (street) fehlt.")
    if "end" not in properties:
        findings.repaired.append("Ein Ende ist nicht angegeben; der Zeitraum ist offen.")
    if findings.refused:
        return None
    members = {"kind": "other", **values, **times, "geometry": geometry, "key": key}
    measure = Measure(id=ids.measure_id(origin.namespace, permit_id, key), **members)
    measure = _without_nonsense(measure, properties, origin.area, findings)
    findings.hints += [problem.sentence for problem in lacking(measure, _plain(properties.get("note")))]
    if isinstance(geometry, Point) and measure.direction != "both":
        findings.hints.append("Ein Punkt hat keine Linie: bekannt ist nur, dass eine der Richtungen betroffen ist.")
    return measure


def _without_nonsense(
    measure: Measure, properties: Mapping[str, Any], area: ServiceArea, findings: Findings
) -> Measure:
    """Refuse for place and period; a wrong figure or window is set aside, since a closure is worth more than it."""
    for field, sentence in check(measure, area):
        if field in ESSENTIAL:
            findings.refuse(sentence)
            continue
        names = WINDOW if field in WINDOW else (field,)
        said = [IN_FILE.get(name, name) for name in names]
        findings.unread |= {name: properties[name] for name in said if properties.get(name) is not None}
        findings.repaired.append(f"{sentence} Die Angabe bleibt unberücksichtigt ({', '.join(said)}).")
        measure = msgspec.structs.replace(measure, **{name: NO_DAYS.get(name) for name in names})
    return measure


def _permit(source: str, group: Sequence[_Draft], origin: Origin) -> Incoming | None:
    """The permit of a group of features; None when all of them were refused."""
    drafts = [draft for draft in group if draft.measure is not None]
    if not drafts:
        return None
    common = _common(drafts)
    applicant = common.get("applicant")
    unknown = {draft.key: _unknown(draft) for draft in drafts}
    personal = personal_of(applicant, unknown)
    if personal is not None and personal.applicant_name is not None:
        drafts[0].findings.repaired.append(NO_ORGANISATION)
    content = _content(ids.permit_id(origin.namespace, source, group[0].number), common, drafts, origin)
    refused = tuple(sorted({draft.key for draft in group} - {draft.key for draft in drafts}))
    return Incoming(
        content=content,
        digest=_digest(content, refused),
        source=source,
        received_via=_plain(common.get("received_via")) or "import",
        received_at=_received_at(common.get("received_at"), drafts[0].findings),
        personal=personal,
        refused=refused,
    )


def _content(permit_id: str, common: Mapping[str, Any], drafts: Sequence[_Draft], origin: Origin) -> Content:
    values = {"authority": origin.authority, **read_values(common, PERMIT_TYPES, drafts[0].findings)}
    permit = Permit(
        permit_id=permit_id,
        permit_number=drafts[0].number,
        applicant=" ".join(common["applicant"].split()) if is_organisation(common.get("applicant")) else None,
        measures=tuple(draft.measure for draft in drafts if draft.measure is not None),
        **values,
    )
    return Content(
        permit=permit,
        notes={draft.key: note for draft in drafts if (note := _plain(draft.properties.get("note")))},
        extra={draft.key: extra for draft in drafts if (extra := _extra(draft))},
    )


def _received_at(given: Any, findings: Findings) -> datetime | None:
    """When the application came in; one that cannot be read is no reason to refuse what it orders."""
    if given is None:
        return None
    aside = Findings()
    received = read_time("received_at", given, BERLIN, aside)
    findings.repaired += [*aside.refused, *aside.repaired]
    return received


def _common(drafts: Sequence[_Draft]) -> dict[str, Any]:
    """Properties of the permit: the first feature that says one is right, the others are told."""
    common: dict[str, Any] = {}
    for draft in drafts:
        for name in (*PERMIT_TYPES, "applicant", "received_via", "received_at"):
            given = draft.properties.get(name)
            if given is not None and common.setdefault(name, given) != given:
                draft.findings.repaired.append(f"{name} widerspricht dem Vorgang; es gilt die erste Angabe.")
    return common


def _extra(draft: _Draft) -> dict[str, Any]:
    """What we do not know and what could not be read, so that nothing of the file is lost."""
    return dict(sorted({**without_personal(_unknown(draft)), **draft.findings.unread}.items()))


def _unknown(draft: _Draft) -> dict[str, Any]:
    return {name: value for name, value in draft.properties.items() if name not in OWN}


def _digest(content: Content, refused: tuple[str, ...]) -> str:
    order = msgspec.structs.replace(
        content.permit, measures=tuple(sorted(content.permit.measures, key=lambda measure: measure.key))
    )
    ordered = msgspec.structs.replace(content, permit=order)
    return hashlib.sha256(msgspec.json.encode((ordered, refused), order="sorted")).hexdigest()


def _report(draft: _Draft) -> FeatureReport:
    findings = draft.findings
    sentences = findings.refused or [*findings.repaired, *findings.hints]
    outcome: Literal["taken", "repaired", "refused"] = (
        "refused" if findings.refused else "repaired" if findings.repaired else "taken"
    )
    return FeatureReport(
        draft.feature,
        draft.number or None,
        draft.key or None,
        outcome,
        tuple(dict.fromkeys(sentences)),
        draft.permit_id if draft.number else None,
    )
