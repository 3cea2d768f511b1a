import json
from typing import Any

from flask import Flask
from marshmallow import Schema, fields, validate

from shared.web.api import ApiBlueprint
from shared.web.api_document import Document
from shared.web.app import api_of
from shared.web.auth import public, requires


class PartSchema(Schema):
    name = fields.String()


class ThingSchema(Schema):
    name = fields.String(required=True, validate=validate.Length(max=40), metadata={"description": "wie es heißt"})
    at = fields.AwareDateTime()
    kind = fields.String(validate=validate.OneOf(["gross", "klein"]))
    parts = fields.List(fields.Nested(PartSchema))


def with_things(app: Flask) -> Flask:
    things = ApiBlueprint("things", __name__, url_prefix="/toy/api", description="Dinge")

    @things.route("/things/<thing_id>", methods=["PUT"])
    @requires("clerk", "fleet")
    @things.arguments(ThingSchema)
    @things.response(201, ThingSchema)
    @things.doc(summary="Ein Ding ablegen.")
    def put(thing: dict[str, Any], thing_id: str) -> dict[str, Any]:  # noqa: ARG001  # as the address has it
        return thing

    @things.route("/things")
    @public
    @things.response(200, ThingSchema(many=True))
    def every() -> list[Any]:
        return []

    api_of(app).register_blueprint(things)
    return app


def document(app: Flask) -> Document:
    roles: Any = {
        "PUT /toy/api/things/<string:thing_id>": ["clerk", "fleet", "admin"],
        "GET /toy/api/things": ["public"],
    }
    return Document(api_of(app).spec.to_dict(), roles, "https://stadt.example")


def test_an_operation_says_who_may_call_it_what_it_takes_and_what_it_gives(app: Flask) -> None:
    [group] = document(with_things(app)).groups()
    assert group.name == "Dinge"
    [put] = [it for it in group.operations if it.method == "PUT"]
    assert (put.anchor, put.summary) == ("put-toy-api-things-thing-id", "Ein Ding ablegen")
    assert put.roles == "Sachbearbeitung, Bauhof, Verwaltung"
    assert [(it.name, it.place, it.required) for it in put.parameters] == [("thing_id", "in der Adresse", True)]
    [body] = put.bodies
    assert body.form.ref in {shape.name for shape in document(app).shapes()}
    assert [(it.status, it.about) for it in put.answers] == [("201", "angelegt"), ("422", "Angaben fehlerhaft")]


def test_an_operation_has_a_line_to_try_it(app: Flask) -> None:
    [group] = document(with_things(app)).groups()
    assert {it.curl for it in group.operations} == {
        (
            "curl -X PUT -H 'Authorization: Bearer lb_…' -H 'Content-Type: application/json' --data-binary @DATEI"
            " https://stadt.example/toy/api/things/THING_ID"
        ),
        "curl https://stadt.example/toy/api/things",
    }


def test_a_shape_of_plain_json_schema_is_told_too(app: Flask) -> None:
    pair = {"type": "array", "prefixItems": [{"type": "number", "minimum": -180}, {"type": "number"}], "items": False}
    line = {"type": "array", "items": pair}
    thing = {"type": "object", "properties": {"type": {"const": "Line"}, "coordinates": line}}
    spec = api_of(app).spec.to_dict() | {"components": {"schemas": {"Thing": thing}}}
    document = Document(spec, {})
    assert document.example(thing) == {"type": "Line", "coordinates": [[-180.0, 1.0]]}
    [shape] = document.shapes()
    assert [member.form.text for member in shape.members] == ["Line", "Liste von Zahl ab -180 und Zahl"]


def test_an_example_follows_its_shape(app: Flask) -> None:
    [group] = document(with_things(app)).groups()
    [put] = [it for it in group.operations if it.method == "PUT"]
    wanted = {"name": "…", "at": "2026-03-02T07:00:00+01:00", "kind": "gross", "parts": [{"name": "…"}]}
    assert json.loads(put.bodies[0].example) == wanted


def test_a_shape_names_its_members_in_german(app: Flask) -> None:
    shapes = {shape.name: shape.members for shape in document(with_things(app)).shapes()}
    said = {member.name: (member.form.text, member.required, member.about) for member in shapes["Thing"]}
    assert said["name"] == ("Text, höchstens 40 Zeichen", True, "wie es heißt")
    assert said["at"] == ("Zeitpunkt", False, "")
    assert said["kind"] == ("gross, klein", False, "")
    assert said["parts"] == ("Liste von Part", False, "")


def test_a_shape_that_holds_itself_ends() -> None:
    spec = {
        "paths": {},
        "components": {
            "schemas": {"Tree": {"type": "object", "properties": {"in": {"$ref": "#/components/schemas/Tree"}}}}
        },
    }
    deep = Document(spec, {}).example({"$ref": "#/components/schemas/Tree"})
    assert json.dumps(deep).count("in") == 6


def test_the_page_has_an_anchor_for_every_link_into_it(app: Flask) -> None:
    page = with_things(app).test_client().get("/toy/api").text
    for anchor in {part.partition('"')[0] for part in page.split('href="#')[1:]}:
        assert f'id="{anchor}"' in page
