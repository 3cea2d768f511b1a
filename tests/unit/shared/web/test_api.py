from typing import Any

from flask import Flask
from marshmallow import Schema, fields
from openapi_spec_validator import validate

from shared.web.api import ApiBlueprint
from shared.web.app import api_of
from shared.web.auth import public, without_csrf


class ThingSchema(Schema):
    name = fields.String(required=True)


def test_the_document_is_valid_openapi_3_1_and_errors_are_problems(app: Flask) -> None:
    api = ApiBlueprint("things", __name__, url_prefix="/toy/api/v1/things")

    @api.route("/", methods=["POST"])
    @without_csrf
    @public
    @api.arguments(ThingSchema)
    @api.response(201, ThingSchema)
    def make(thing: Any) -> Any:
        return thing

    api_of(app).register_blueprint(api)
    document = app.test_client().get("/toy/openapi.json").get_json()
    validate(document)
    assert document["openapi"] == "3.1.0"
    answers = document["paths"]["/toy/api/v1/things/"]["post"]["responses"]
    wrong = document["components"]["responses"][answers["422"]["$ref"].rpartition("/")[2]]
    assert list(wrong["content"]) == ["application/problem+json"]
