"""``<prefix>/api``: a service's OpenAPI document as a page of our own, without a script of anybody else's."""

from flask import Blueprint, current_app, render_template

from shared.web.api import ProblemApi
from shared.web.api_document import Document
from shared.web.auth import public, role_matrix
from shared.web.shell import shell


def api_page(api: ProblemApi, title: str) -> Blueprint:
    """To be registered under the service's prefix, beside its ``openapi.json``."""
    blueprint = Blueprint("api_page", __name__)

    @blueprint.get("/api")
    @public
    def show() -> str:
        spec = api.spec.to_dict()
        document = Document(spec, role_matrix(current_app), shell().settings.origin)
        groups = document.groups()
        return render_template(
            "api.html", title=title, openapi=spec["openapi"], groups=groups, shapes=document.shapes()
        )

    return blueprint
