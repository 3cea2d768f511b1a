"""The OpenAPI 3.1 document of a service, made by flask-smorest from blueprints and schemas; errors are problems."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Flask, Request
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response
from marshmallow import INCLUDE, Schema, fields
from webargs.flaskparser import FlaskParser

from shared.web.doors import ViewT, public
from shared.web.problems import PROBLEM_JSON, ProblemError

VERSION = "1"


class FieldErrorSchema(Schema):
    pointer = fields.String(metadata={"description": "JSON pointer as URI fragment: #/lon"})
    detail = fields.String()
    location = fields.String(data_key="in", metadata={"description": "query, path or headers; absent: the body"})


class ProblemSchema(Schema):
    """RFC 9457; further members may stand beside these."""

    class Meta:  # noqa: D106  # marshmallow names it
        unknown = INCLUDE

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    request_id = fields.String()
    errors = fields.List(fields.Nested(FieldErrorSchema))


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """``Api`` that leaves errors to ``register_problems`` and documents them as problem+json."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        named = [(status.name, status.phrase) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST]
        for name, phrase in [*named, ("DEFAULT_ERROR", "Problem")]:
            response: dict[str, Any] = {"description": phrase, "schema": self.ERROR_SCHEMA}
            prepare_response(response, self.spec, PROBLEM_JSON)
            self.spec.components.response(name, response, lazy=True)

    @public
    def _openapi_json(self) -> Any:
        return super()._openapi_json()


class JsonParser(FlaskParser):
    """webargs takes a body of another type for none, and then misses its members: said at once, with 415."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        if not req.is_json and req.get_data():
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail="Erwartet wird JSON (application/json).")
        return super().load_json(req, schema)


class ApiBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's blueprint, strict about media types, with types for what services use of it."""

    ARGUMENTS_PARSER = JsonParser()

    def route(self, rule: str, **options: Any) -> Callable[[ViewT], ViewT]:
        decorate: Callable[[ViewT], ViewT] = super().route(rule, **options)
        return decorate

    def arguments(
        self, schema: type[Schema] | Schema, *, location: str = "json", **options: Any
    ) -> Callable[[ViewT], ViewT]:
        decorate: Callable[[ViewT], ViewT] = super().arguments(schema, location=location, **options)
        return decorate

    def response(
        self, status: int, schema: type[Schema] | Schema | None = None, **more: Any
    ) -> Callable[[ViewT], ViewT]:
        decorate: Callable[[ViewT], ViewT] = super().response(status, schema, **more)
        return decorate

    def alt_response(self, status: int, **more: Any) -> Callable[[ViewT], ViewT]:
        decorate: Callable[[ViewT], ViewT] = super().alt_response(status, **more)
        return decorate

    def doc(self, **more: Any) -> Callable[[ViewT], ViewT]:
        decorate: Callable[[ViewT], ViewT] = super().doc(**more)
        return decorate


def make_api(app: Flask, title: str, url_prefix: str) -> ProblemApi:
    """Serve the document at ``<url_prefix>/openapi.json``; blueprints are added with ``register_blueprint``."""
    app.config.update(
        API_TITLE=title,
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=url_prefix or "/",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = ProblemApi(app)
    schemes = api.spec.components
    schemes.security_scheme("bearer", {"type": "http", "scheme": "bearer", "description": "API key lb_…"})
    schemes.security_scheme("key", {"type": "apiKey", "in": "header", "name": "X-API-Key"})
    api.spec.options["security"] = [{}, {"bearer": []}, {"key": []}]
    return api
