"""An OpenAPI document turned into what a page shows: operations with who may call them, shapes, examples. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from shared.web.doors import Role
from shared.web.german import words
from shared.web.role_words import ROLE_WORDS

METHODS = ("get", "post", "put", "patch", "delete")
REF = "#/components/"
DEPTH = 6
TYPES = {
    "string": "Text",
    "integer": "ganze Zahl",
    "number": "Zahl",
    "boolean": "true oder false",
    "object": "Objekt",
    "array": "Liste",
    "null": "leer",
}
FORMATS = {
    "date-time": "Zeitpunkt",
    "date": "Tag",
    "time": "Uhrzeit",
    "uuid": "UUID",
    "uri": "Adresse",
    "email": "E-Mail",
}
PLACES = {"path": "in der Adresse", "query": "Abfrage", "header": "Kopfzeile", "cookie": "Cookie"}
EXAMPLES = {
    "date-time": "2026-03-02T07:00:00+01:00",
    "date": "2026-03-02",
    "time": "07:00:00",
    "uuid": "0547e7ff-44f7-59bb-bc44-61f343c20028",
    "uri": "https://stadt.example/",
    "email": "stelle@stadt.example",
}
PHRASES = {status.phrase for status in HTTPStatus}
DONE = {201: "angelegt", 202: "angenommen", 204: "erledigt, ohne Inhalt"}
Json = Mapping[str, Any]


class Form(NamedTuple):
    """A shape in words; ``ref`` names the component that it is or is made of, if it is one."""

    text: str
    ref: str = ""


class Parameter(NamedTuple):
    name: str
    place: str
    form: Form
    required: bool
    about: str


class Content(NamedTuple):
    """A body: its media type, its shape, and an example laid out as JSON (empty: none)."""

    media_type: str
    form: Form
    example: str


class Answer(NamedTuple):
    status: str
    about: str
    contents: Sequence[Content]


class Operation(NamedTuple):
    """``roles``: who may call it, in German; ``curl``: a line to try it."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    roles: str
    parameters: Sequence[Parameter]
    bodies: Sequence[Content]
    answers: Sequence[Answer]
    curl: str


class Group(NamedTuple):
    name: str
    operations: Sequence[Operation]


class Shape(NamedTuple):
    name: str
    members: Sequence[Parameter]


class Document:
    """``roles`` is a ``role_matrix``: ``{"GET /path/<id>": ["clerk"]}``; ``origin`` is where the API is served."""

    def __init__(self, spec: Json, roles: Mapping[str, Sequence[Role]], origin: str = "") -> None:
        self._spec, self._origin = spec, origin
        self._roles = {re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", name): found for name, found in roles.items()}

    def groups(self) -> list[Group]:
        """Operations in the order of the document, under the words of their tag."""
        titles = {tag["name"]: tag.get("description") or tag["name"] for tag in self._spec.get("tags", ())}
        found: dict[str, list[Operation]] = {}
        for path, methods in self._spec["paths"].items():
            for method in METHODS:
                if method in methods:
                    tag = next(iter(methods[method].get("tags", ())), "")
                    found.setdefault(titles.get(tag, tag), []).append(self._operation(method, path, methods))
        return [Group(name, operations) for name, operations in found.items()]

    def shapes(self) -> list[Shape]:
        schemas = self._spec.get("components", {}).get("schemas", {})
        return [Shape(name, self._members(schema)) for name, schema in sorted(schemas.items())]

    def _operation(self, method: str, path: str, methods: Json) -> Operation:
        operation = methods[method]
        named = [self._resolved(it) for it in (*methods.get("parameters", ()), *operation.get("parameters", ()))]
        body = self._resolved(operation.get("requestBody", {}))
        answers = [(str(status), self._resolved(it)) for status, it in operation["responses"].items()]
        roles = self._roles.get(f"{method.upper()} {path}", ())
        bodies = self._contents(body)
        return Operation(
            anchor=re.sub(r"[^a-z0-9]+", "-", f"{method}-{path}".lower()).strip("-"),
            method=method.upper(),
            path=path,
            summary=operation.get("summary", "").rstrip("."),
            about=operation.get("description", ""),
            roles=_who(roles),
            parameters=[self._parameter(it) for it in named if "name" in it],
            bodies=bodies,
            answers=[self._answer(*it) for it in sorted(answers) if it[0] != "default"],
            curl=self._curl(method, path, keyed="public" not in roles, bodies=bodies),
        )

    def _curl(self, method: str, path: str, *, keyed: bool, bodies: Sequence[Content]) -> str:
        """Names in capitals stand for what the caller puts in; a body comes from a file."""
        words = ["curl"] if method == "get" else ["curl", "-X", method.upper()]
        words += ["-H 'Authorization: Bearer lb_…'"] if keyed else []
        words += [f"-H 'Content-Type: {bodies[0].media_type}' --data-binary @DATEI"] if bodies else []
        return " ".join([*words, self._origin + re.sub(r"\{(\w+)\}", lambda match: match[1].upper(), path)])

    def _parameter(self, it: Json) -> Parameter:
        place = PLACES.get(it["in"], "")
        return Parameter(
            it["name"], place, self.form(it.get("schema", {})), it.get("required", False), it.get("description", "")
        )

    def _answer(self, status: str, answer: Json) -> Answer:
        """HTTP's English phrases are said in German, words of our own stand as they are."""
        about: str = answer.get("description", "")
        if about in PHRASES:
            about = DONE.get(int(status), "in Ordnung") if int(status) < 400 else words(int(status)).title
        return Answer(status, about, self._contents(answer))

    def _contents(self, holder: Json) -> list[Content]:
        return [
            Content(media_type, self.form(it.get("schema", {})), self._example(media_type, it))
            for media_type, it in holder.get("content", {}).items()
            if media_type != "application/problem+json"
        ]

    def _example(self, media_type: str, content: Json) -> str:
        """The document's own example, else one made from the shape."""
        if "example" in content:
            given = content["example"]
            return given if isinstance(given, str) else _laid_out(given)
        if not media_type.endswith("json") or not content.get("schema"):
            return ""
        made = self.example(content["schema"])
        return _laid_out(made) if made not in ({}, [], [{}]) else ""

    def _members(self, schema: Json) -> list[Parameter]:
        required = schema.get("required", ())
        return [
            Parameter(name, "", self.form(inner), name in required, self._resolved(inner).get("description", ""))
            for name, inner in schema.get("properties", {}).items()
        ]

    def form(self, schema: Json) -> Form:
        """A shape in a few words; what stands in a component of its own is named and linked."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return Form(name, name)
        choices = schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf")
        if choices:
            forms = [self.form(choice) for choice in choices]
            return Form(" oder ".join(form.text for form in forms), next((f.ref for f in forms if f.ref), ""))
        if "prefixItems" in schema:
            return Form(" und ".join(self.form(item).text for item in schema["prefixItems"]))
        if schema.get("type") == "array":
            inner = self.form(schema.get("items", {}))
            return Form(f"Liste von {inner.text}" if inner.text else "Liste", inner.ref)
        return Form(_simple(schema))

    def example(self, schema: Json, depth: int = 0) -> Any:
        """A value of this shape: the schema's own example, default or first choice, else a typical one."""
        schema = self._resolved(schema)
        for key in ("example", "default", "const"):
            if schema.get(key) not in (None, ""):
                return schema[key]
        if "examples" in schema:
            return schema["examples"][0]
        if "enum" in schema:
            return next((choice for choice in schema["enum"] if choice is not None), None)
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices:
            return self.example(choices[0], depth)
        return self._typical(schema, depth)

    def _typical(self, schema: Json, depth: int) -> Any:
        kind = _kinds(schema)[0] if _kinds(schema) else ""
        if kind == "object" and depth < DEPTH:
            return {name: self.example(inner, depth + 1) for name, inner in schema.get("properties", {}).items()}
        if "prefixItems" in schema:
            return [self.example(inner, depth + 1) for inner in schema["prefixItems"]]
        if kind == "array" and depth < DEPTH:
            inner = self.example(schema.get("items", {}), depth + 1)
            return [] if inner is None else [inner]
        if kind == "string":
            return EXAMPLES.get(schema.get("format", ""), "…")
        typical = {
            "integer": int(schema.get("minimum", 1)),
            "number": float(schema.get("minimum", 1.0)),
            "boolean": True,
        }
        return typical.get(kind)

    def _resolved(self, node: Json) -> Json:
        while "$ref" in node:
            kind, name = node["$ref"].removeprefix(REF).split("/")
            node = self._spec["components"][kind][name]
        return node


def _who(roles: Sequence[Role]) -> str:
    return ", ".join(said for role, said in ROLE_WORDS.items() if role in roles) or "nicht festgelegt"


def _kinds(schema: Json) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _simple(schema: Json) -> str:
    if "enum" in schema:
        return ", ".join(str(choice) for choice in schema["enum"] if choice is not None)
    if "const" in schema:
        return str(schema["const"])
    kinds = _kinds(schema)
    said = [TYPES.get(kind, kind) for kind in kinds]
    if schema.get("format") in FORMATS:
        said = [FORMATS[schema["format"]] if kind == "string" else TYPES.get(kind, kind) for kind in kinds]
    return " oder ".join(said) + _bounds(schema)


def _bounds(schema: Json) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" von {low} bis {high}"
    if low is not None:
        return f" ab {low}"
    if high is not None:
        return f" bis {high}"
    return f", höchstens {schema['maxLength']} Zeichen" if "maxLength" in schema else ""


def _laid_out(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
