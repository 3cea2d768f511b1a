"""What the API says: cases as JSON for one caller, import reports, and refusals as problems."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from flask import Response

from services.permits.adapters.geojson_import import FeatureReport, UnreadableError
from services.permits.application.desk import Filed, StaleError, UnknownCaseError
from services.permits.application.intake import TakenIn
from services.permits.application.office import Office
from services.permits.domain.case import IN_FORCE
from services.permits.domain.content import Content
from services.permits.domain.errors import OtherRequestError, Problem, RefusedError
from services.permits.domain.people import Actor, Personal
from shared.contracts.permits import Measure
from shared.eventstore.port import ConcurrencyError
from shared.privacy.vault import ERASED
from shared.web.problems import problem

# The names of the published vocabulary where ours differ; schemas load and dump them by ``data_key``.
PUBLIC_NAMES = {"kind": "measure", "except_dates": "except", "key": "measure_id"}
SAID_ALWAYS = ("authorisation", "occupation", "mobility")
EFFECTS = ("created", "changed", "unchanged")


def case_of(filed: Filed, actor: Actor, office: Office) -> dict[str, Any]:
    """The case as ``CaseSchema`` dumps it; personal fields and notes for clerks only."""
    case, content = filed.case, filed.case.known
    clerk = actor.role == "clerk"
    said = _builtins(content.permit) | {name: getattr(content.permit, name) for name in SAID_ALWAYS}
    said |= {
        "id": filed.permit_id,
        "version": filed.version,
        "status": case.status,
        "conditions": content.conditions,
        "measures": [_measure(measure, content, clerk=clerk) for measure in content.permit.measures],
        "commands": office.offers(filed, actor),
    }
    if case.extension is not None and case.status in IN_FORCE:
        said["extension"] = _builtins(case.extension)
    for name in ("reason", "received_via", "received_at", "source", "started_at", "ended_at"):
        if getattr(case, name) is not None:
            said[name] = getattr(case, name)
    return said | (_personal(office.people.open(case.personal)) if clerk else {})


def _measure(measure: Measure, content: Content, *, clerk: bool) -> dict[str, Any]:
    note = {"note": content.notes[measure.key]} if clerk and measure.key in content.notes else {}
    return _builtins(measure) | {"direction": measure.direction, "end": measure.end} | note


def _personal(opened: Personal | Any | None) -> dict[str, Any]:
    if opened is None:
        return {}
    if opened is ERASED:
        return {"personal_erased": True}
    return {"personal": _builtins(opened), "personal_erased": False}


def _builtins(struct: msgspec.Struct) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(struct, builtin_types=(datetime, date))
    return members


def import_report(features: Sequence[FeatureReport], taken: Mapping[str, TakenIn]) -> Any:
    """``taken``: what became of each permit, by the id its features lead to. What was refused counts by feature."""
    lines = [_line(report, taken.get(report.permit_id or "")) for report in features]
    counts = {effect: sum(one.effect == effect for one in taken.values()) for effect in EFFECTS}
    return {**counts, "refused": sum(line["effect"] == "refused" for line in lines), "features": lines}


def _line(report: FeatureReport, taken: TakenIn | None) -> dict[str, Any]:
    line = {name: value for name, value in report._asdict().items() if value is not None and name != "permit_id"}
    if report.outcome == "refused" or taken is None:
        return line | {"effect": "refused"}
    told = tuple(dict.fromkeys((*report.sentences, *taken.sentences)))
    known = {} if taken.effect == "refused" else {"permit_id": taken.permit_id}
    return line | {"effect": taken.effect, "sentences": told} | known


def pointer(field: str) -> str:
    """``measures[0].kind`` as ``#/measures/0/measure``."""
    parts = [part for part in re.split(r"[.\[\]]+", field) if part]
    return "".join(["#", *(f"/{PUBLIC_NAMES.get(part, part)}" for part in parts)])


def refused(error: RefusedError) -> Response:
    """422 with pointers where the input is wrong, 409 where the case's state forbids it."""
    found = error.problems or ((Problem(error.field, error.sentence),) if error.field else ())
    if not found:
        return problem(409, "Stand des Vorgangs", error.sentence, code=error.code)
    errors = [{"pointer": pointer(field), "detail": sentence} for field, sentence in found]
    return problem(422, detail=error.sentence, code=error.code, errors=errors)


def _reused(error: OtherRequestError) -> Response:
    """draft-ietf-httpapi-idempotency-key-header § 2.7."""
    return problem(422, "Schlüssel schon verwendet", error.sentence, code=error.code)


def _stale(error: StaleError) -> Response:
    return problem(412, version=error.version)


def _unknown(_: UnknownCaseError) -> Response:
    return problem(404, detail="Diesen Vorgang gibt es nicht.")


def _raced(_: ConcurrencyError) -> Response:
    detail = "Jemand war im selben Augenblick schneller. Bitte senden Sie die Anfrage noch einmal."
    answer = problem(409, "Gleichzeitig geändert", detail, code="concurrent")
    answer.headers["Retry-After"] = "1"
    return answer


def _unreadable(error: UnreadableError) -> Response:
    return problem(422, "Datei nicht lesbar", str(error), errors=[{"pointer": "#", "detail": str(error)}])


ERRORS: Mapping[type[Exception], Any] = {
    RefusedError: refused,
    OtherRequestError: _reused,
    StaleError: _stale,
    UnknownCaseError: _unknown,
    ConcurrencyError: _raced,
    UnreadableError: _unreadable,
}
