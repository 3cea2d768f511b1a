"""The street register for pages and machines: names, places on a street, and the piece between two of them."""

from functools import cache
from typing import Any

import msgspec
from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.permits.api.schemas import GeometrySchema
from services.permits.application.office import EXTENSION, Office
from services.permits.application.street_names import NoSuchPlaceError
from services.permits.application.streets import Section, StreetRegister
from shared.contracts.base import LineString
from shared.web.api import ApiBlueprint, ProblemSchema
from shared.web.auth import requires
from shared.web.problems import ProblemError, problem

URL_PREFIX = "/permits/api/v1/streets"
NAME = validate.Length(max=200)
PROBLEM: dict[str, Any] = {"schema": ProblemSchema, "content_type": "application/problem+json"}
both = requires("clerk", "contractor")


class SearchSchema(Schema):
    q = fields.String(load_default="", validate=NAME, metadata={"description": "Teil des Namens"})


class StreetSchema(Schema):
    name = fields.String()
    district = fields.String(allow_none=True)
    label = fields.String(metadata={"description": "der Name, mit Ortsteil, wo es ihn mehrmals gibt"})


class FoundSchema(Schema):
    items = fields.List(fields.Nested(StreetSchema))


class WhichSchema(Schema):
    street = fields.String(required=True, validate=NAME, metadata={"description": "label einer Straße"})


class PlacesSchema(Schema):
    crossings = fields.List(fields.String(), metadata={"description": "in ihrer Reihenfolge entlang der Straße"})
    numbers = fields.List(fields.String(), metadata={"description": "bekannte Hausnummern"})


class BetweenSchema(WhichSchema):
    start = fields.String(data_key="from", load_default="", validate=NAME)
    end = fields.String(data_key="to", load_default="", validate=NAME)


class SectionSchema(Schema):
    """A piece of a street: what the members of a measure of these names say."""

    street = fields.String()
    district = fields.String(allow_none=True)
    from_street = fields.String(allow_none=True)
    to_street = fields.String(allow_none=True)
    house_numbers = fields.String(allow_none=True)
    geometry = fields.Nested(GeometrySchema)


class DrawnSchema(Schema):
    geometry = fields.Nested(GeometrySchema, required=True)
    street = fields.String(load_default="", validate=NAME, metadata={"description": "die gewählte, wird vorgezogen"})


def register() -> StreetRegister:
    """The register of this city; 404 where no streets were imported."""
    office: Office = current_app.extensions[EXTENSION]
    found = office.streets()
    if found is None:
        raise ProblemError(404, "Kein Straßenverzeichnis", "Für diese Stadt sind noch keine Straßen eingelesen.")
    return found


def told(section: Section) -> dict[str, Any]:
    """The section as ``SectionSchema`` dumps it."""
    line = {"type": "LineString", "coordinates": section.line.coordinates}
    return {name: value for name, value in section._asdict().items() if name != "line"} | {"geometry": line}


def _unknown(error: NoSuchPlaceError) -> Response:
    return problem(422, detail=error.sentence, errors=[{"pointer": f"#/{error.field}", "detail": error.sentence}])


@cache
def streets_blueprint() -> ApiBlueprint:
    """To be registered with ``api_of(app)``, in any app that knows the office."""
    api = ApiBlueprint("permits_streets", __name__, url_prefix=URL_PREFIX, description="Straßenverzeichnis")

    @api.route("", methods=["GET"])
    @both
    @api.arguments(SearchSchema, location="query")
    @api.alt_response(404, **PROBLEM)
    @api.response(200, FoundSchema)
    @api.doc(summary="Straßen nach ihrem Namen suchen")
    def search(query: dict[str, str]) -> Any:
        return {"items": [street._asdict() for street in register().search(query["q"])]}

    @api.route("/places", methods=["GET"])
    @both
    @api.arguments(WhichSchema, location="query")
    @api.alt_response(404, **PROBLEM)
    @api.response(200, PlacesSchema)
    @api.doc(summary="Kreuzungen und Hausnummern einer Straße")
    def places(query: dict[str, str]) -> Any:
        found = register()
        return {"crossings": found.crossings(query["street"]), "numbers": found.numbers(query["street"])}

    @api.route("/section", methods=["GET"])
    @both
    @api.arguments(BetweenSchema, location="query")
    @api.alt_response(404, **PROBLEM)
    @api.response(200, SectionSchema)
    @api.doc(summary="Der Abschnitt zwischen zwei Kreuzungen oder Hausnummern")
    def section(query: dict[str, str]) -> Any:
        return told(register().section(query["street"], query["start"], query["end"]))

    @api.route("/drawn", methods=["POST"])
    @both
    @api.arguments(DrawnSchema)
    @api.alt_response(404, **PROBLEM)
    @api.response(200, SectionSchema)
    @api.doc(summary="Der Abschnitt, den eine gezeichnete Linie meint")
    def drawn(body: dict[str, Any]) -> Any:
        try:
            line = msgspec.convert(body["geometry"], LineString)
        except msgspec.ValidationError as error:
            raise ProblemError(422, detail="Das ist keine Linie.") from error
        found = register().drawn(line.coordinates, body["street"])
        if found is None:
            raise ProblemError(422, detail="Die Linie folgt keiner Straße.")
        return told(found)

    api.register_error_handler(NoSuchPlaceError, _unknown)
    return api
