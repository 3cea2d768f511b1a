"""One line per endpoint: its address, its view, and the schemas that make its part of the OpenAPI document."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from shared.web.api import ApiBlueprint


def add(
    doors: ApiBlueprint,
    rule: str,
    view: Callable[..., Any],
    *,
    method: str = "GET",
    status: int = 200,
    query: type[Schema] | None = None,
    takes: type[Schema] | None = None,
    gives: type[Schema] | None = None,
    body: str | None = None,
) -> None:
    """``takes`` (JSON) or ``query`` comes as the view's first argument; ``body``: the media type of a raw body."""
    wrapped = doors.response(status, gives)(view)
    for schema, location in ((query, "query"), (takes, "json")):
        if schema is not None:
            wrapped = doors.arguments(schema, location=location)(wrapped)
    if body:
        content = {body: {"schema": {"type": "string"}}}
        wrapped = doors.doc(requestBody={"required": True, "content": content})(wrapped)
    doors.add_url_rule(rule, view.__name__, wrapped, methods=[method])
