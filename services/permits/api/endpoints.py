"""REST over cases: list, submit, read, command, export and import. The table at the end says who may do what."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from flask import Response, current_app, jsonify, request
from marshmallow import Schema

from services.permits.adapters.geojson_export import feature_collection
from services.permits.adapters.geojson_import import Imported, Origin, load, read
from services.permits.adapters.mapping import available, load_format, read_foreign
from services.permits.adapters.mapping_personal import is_organisation
from services.permits.api import schemas as s
from services.permits.api.answers import ERRORS, case_of, import_report
from services.permits.application.commanding import CONTRACTORS
from services.permits.application.desk import Filed
from services.permits.application.office import EXTENSION, Office, caller
from services.permits.application.queue import Wanted, statuses
from services.permits.domain.case import IN_FORCE
from services.permits.domain.people import Actor, Personal
from shared.web.api import ApiBlueprint, ProblemSchema
from shared.web.auth import Role, current_actor, limits, requires
from shared.web.doors import MIB
from shared.web.problems import ProblemError

URL_PREFIX = "/permits/api/v1"
IMPORT_BYTES = 64 * MIB
GEOJSON = "application/geo+json"
Json = dict[str, Any]


def _office() -> Office:
    office: Office = current_app.extensions[EXTENSION]
    return office


def _caller() -> Actor:
    actor = current_actor()
    return caller(actor.role, actor.id, actor.patterns("organisation"))


def list_permits(query: Json) -> Any:
    wanted = Wanted(**query | {"status": statuses(query["status"])})
    return _office().page(wanted, _caller())


def export_permits(query: Json) -> Response:
    """Importing the file approves what it holds, so by default only what is in force goes out."""
    wanted = Wanted(**query | {"status": statuses(query["status"]) or IN_FORCE})
    rows = _office().queue.everything(_office().seen_by(_caller(), wanted))
    answer = jsonify(feature_collection(row.case for row in rows))
    answer.mimetype = GEOJSON
    answer.headers["Content-Disposition"] = 'attachment; filename="permits.geojson"'
    return answer


def submit_permit(body: Json, headers: Json, query: Json) -> Any:
    values, personal = _split(body)
    key, as_draft = headers.get("idempotency_key"), query["draft"]
    filed = _office().submit(values, personal, _caller(), key, as_draft=as_draft)
    location = {"Location": f"{URL_PREFIX}/permits/{filed.permit_id}"}
    return _case(filed), 201, location | _etag(filed)


def read_permit(permit_id: str) -> Any:
    filed = _office().read(permit_id, _caller())
    if request.if_none_match.contains_weak(str(filed.version)):
        return Response(status=304, headers=_etag(filed))
    return _case(filed), 200, _etag(filed)


def command_permit(name: str) -> Callable[..., Any]:
    def carry_out(body: Json, headers: Json, permit_id: str) -> Any:
        filed = _office().read(permit_id, _caller())
        values, personal = _split(body)
        expected, key = _expected(filed), headers.get("idempotency_key")
        filed = _office().command(filed, name, values, _caller(), personal=personal, expected=expected, key=key)
        return _case(filed), 200, _etag(filed)

    carry_out.__name__ = f"{name.replace('-', '_')}_permit"
    return carry_out


def erase_personal_data(permit_id: str) -> Any:
    filed = _office().erase(_office().read(permit_id, _caller()), _caller())
    return _case(filed), 200, _etag(filed)


def import_permits(query: Json) -> Any:
    imported = _read_file(query["format"], request.get_data())
    taken = _office().take_in(imported.permits, _caller())
    ids = [incoming.permit_id for incoming in imported.permits]
    return import_report(imported.report, dict(zip(ids, taken, strict=True)))


def _read_file(name: str, data: bytes) -> Imported:
    house = _office().house
    origin = Origin(house.namespace, authority=house.authority, area=_office().area)
    if name == "geojson":
        return read(load(data), origin)
    if name not in available():
        detail = f"Möglich sind: geojson, {', '.join(available())}."
        raise ProblemError(422, errors=[{"pointer": "#/format", "detail": detail, "in": "query"}])
    return read_foreign(data, load_format(name), origin)


def _split(body: Json) -> tuple[Json, Personal | None]:
    """Public values and personal ones; an applicant that is not clearly an organisation counts as a person."""
    personal = {name: value for name, value in (body.pop("personal", None) or {}).items() if value}
    applicant = body.get("applicant")
    if applicant and not is_organisation(applicant):
        personal.setdefault("applicant_name", applicant)
        body["applicant"] = None
    return body, Personal(**personal) if personal else None


def _expected(filed: Filed) -> int | None:
    """The version in ``If-Match``: that of the case where it is named, else one that no case has."""
    if not request.if_match or request.if_match.star_tag:
        return None
    return filed.version if request.if_match.contains(str(filed.version)) else -1


def _case(filed: Filed) -> Json:
    return case_of(filed, _caller(), _office())


def _etag(filed: Filed) -> dict[str, str]:
    return {"ETag": f'"{filed.version}"'}


class Endpoint(NamedTuple):
    """``takes`` are schemas by place in the request, in the order of the view's arguments."""

    method: str
    rule: str
    view: Callable[..., Any]
    roles: tuple[Role, ...]
    summary: str
    takes: tuple[tuple[type[Schema], str], ...]
    gives: type[Schema] | None
    status: int = 200
    errors: tuple[int, ...] = ()
    body_bytes: int = MIB
    body_media_type: str | None = None


@cache
def api_blueprint() -> ApiBlueprint:
    """To be registered with ``api_of(app)``, in any app that knows the office as ``EXTENSION``."""
    blueprint = ApiBlueprint("permits_api", __name__, url_prefix=URL_PREFIX, description="Vorgänge")
    for endpoint in ENDPOINTS:
        _add(blueprint, endpoint)
    for error, answer in ERRORS.items():
        blueprint.register_error_handler(error, answer)
    return blueprint


def _add(blueprint: ApiBlueprint, endpoint: Endpoint) -> None:
    view = endpoint.view
    for schema, place in reversed(endpoint.takes):
        view = blueprint.arguments(schema, location=place)(view)
    for status in (401, 403, *endpoint.errors):
        view = blueprint.alt_response(status, schema=ProblemSchema, content_type="application/problem+json")(view)
    if endpoint.gives is None:
        view = blueprint.alt_response(200, schema=s.FeatureCollectionSchema, content_type=GEOJSON)(view)
    else:
        view = blueprint.response(endpoint.status, endpoint.gives)(view)
    more: Json = {"summary": endpoint.summary}
    if endpoint.body_media_type:
        media = {endpoint.body_media_type: {"schema": {"type": "object"}}}
        more["requestBody"] = {"required": True, "content": media}
    view = blueprint.doc(**more)(view)
    view = limits(body_bytes=endpoint.body_bytes)(requires(*endpoint.roles)(view))
    blueprint.route(endpoint.rule, methods=[endpoint.method])(view)


CLERK: tuple[Role, ...] = ("clerk",)
BOTH: tuple[Role, ...] = ("clerk", "contractor")
ADMIN: tuple[Role, ...] = ("admin",)

COMMANDS: Mapping[str, tuple[type[Schema], str]] = {
    "submit": (s.HandInSchema, "Einen Entwurf einreichen, wie er ist oder mit neuem Inhalt"),
    "approve": (s.ApproveSchema, "Anordnung erteilen"),
    "reject": (s.ReasonSchema, "Antrag ablehnen"),
    "withdraw": (s.MaybeReasonSchema, "Antrag zurückziehen"),
    "start": (s.ReportSchema, "Beginn der Arbeiten melden"),
    "end": (s.ReportSchema, "Ende der Arbeiten melden"),
    "extend": (s.ExtendSchema, "Verlängern; von einer Baufirma: eine Verlängerung beantragen"),
    "refuse-extension": (s.ReasonSchema, "Beantragte Verlängerung ablehnen"),
    "interrupt": (s.InterruptSchema, "Unterbrechung melden"),
    "resume": (s.ReportSchema, "Fortsetzung melden"),
    "revert-start": (s.MaybeReasonSchema, "Falsche Meldung des Beginns zurücknehmen"),
    "revert-end": (s.MaybeReasonSchema, "Falsche Meldung des Endes zurücknehmen"),
    "amend": (s.AmendSchema, "Anordnung oder noch nicht entschiedenen Antrag ändern (der ganze Inhalt)"),
    "revoke": (s.ReasonSchema, "Anordnung aufheben (Rücknahme oder Widerruf)"),
}


def _command(name: str) -> Endpoint:
    schema, summary = COMMANDS[name]
    return Endpoint(
        "POST",
        f"/permits/<string:permit_id>/{name}",
        command_permit(name),
        BOTH if name in CONTRACTORS else CLERK,
        summary,
        ((schema, "json"), (s.CommandHeadersSchema, "headers")),
        s.CaseSchema,
        errors=(404, 409, 412, 422),
    )


ENDPOINTS = (
    Endpoint(
        "GET", "/permits", list_permits, BOTH, "Vorgänge, was drängt zuerst", ((s.ListSchema, "query"),), s.PageSchema
    ),
    Endpoint(
        "POST",
        "/permits",
        submit_permit,
        BOTH,
        "Beantragen, oder einen Entwurf ablegen",
        ((s.SubmitSchema, "json"), (s.SubmitHeadersSchema, "headers"), (s.SubmitQuerySchema, "query")),
        s.CaseSchema,
        201,
        (409, 422),
    ),
    Endpoint(
        "GET", "/permits.geojson", export_permits, BOTH, "Ausgeben als GeoJSON", ((s.ExportSchema, "query"),), None
    ),
    Endpoint("GET", "/permits/<string:permit_id>", read_permit, BOTH, "Ein Vorgang", (), s.CaseSchema, errors=(404,)),
    *(_command(name) for name in COMMANDS),
    Endpoint(
        "POST",
        "/permits/<string:permit_id>/erase-personal-data",
        erase_personal_data,
        ADMIN,
        "Personendaten endgültig löschen",
        (),
        s.CaseSchema,
        errors=(404, 409),
    ),
    Endpoint(
        "POST",
        "/imports",
        import_permits,
        CLERK,
        "Einlesen; dieselbe Datei noch einmal ändert nichts",
        ((s.ImportSchema, "query"),),
        s.ImportReportSchema,
        errors=(413, 422),
        body_bytes=IMPORT_BYTES,
        body_media_type=GEOJSON,
    ),
)
