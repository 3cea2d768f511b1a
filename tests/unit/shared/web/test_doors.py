from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView

from shared.web.api import ApiBlueprint
from shared.web.app import api_of
from shared.web.auth import embeddable, limits, public, requires, role_matrix, undeclared, without_csrf
from shared.web.buckets import Rate
from shared.web.doors import Door, door_of


def test_the_house_itself_declares_every_door(app: Flask) -> None:
    assert undeclared(app) == []
    assert set(map(tuple, role_matrix(app).values())) == {("public",)}


def test_an_endpoint_that_forgets_is_found_and_stays_shut(app: Flask) -> None:
    app.add_url_rule("/toy/forgotten", "forgotten", lambda: "open", methods=["GET", "POST"])
    assert undeclared(app) == ["GET /toy/forgotten", "POST /toy/forgotten"]
    client = app.test_client()
    assert client.get("/toy/forgotten").status_code == 401
    assert client.post("/toy/forgotten").status_code == 401


def test_decorators_may_stand_in_any_order(app: Flask) -> None:
    rate = Rate(1, 2)
    rest: list[Callable[[Any], Any]] = [requires("clerk"), limits(body_bytes=7, rate=rate), embeddable, without_csrf]
    for number, order in enumerate([rest, rest[::-1]]):

        def view() -> str:
            return ""

        decorated: Any = view
        for decorate in order:
            decorated = decorate(decorated)
        app.add_url_rule(f"/toy/{number}", str(number), decorated)
        wanted = Door(frozenset({"clerk", "admin"}), csrf=False, body_bytes=7, rate=rate, embed=True)
        assert door_of(app, str(number), "GET") == wanted


def test_methods_of_a_class_have_doors_of_their_own(app: Flask) -> None:
    api = ApiBlueprint("things", __name__, url_prefix="/toy/things")

    @api.route("/")
    class Things(MethodView):
        @public
        def get(self) -> str:
            return ""

        @requires("clerk")
        @api.response(204)
        def post(self) -> None:
            return None

        @api.response(204)
        def delete(self) -> None:
            return None

    api_of(app).register_blueprint(api)
    assert undeclared(app) == ["DELETE /toy/things/"]
    matrix = role_matrix(app)
    assert matrix["GET /toy/things/"] == ["public"]
    assert matrix["POST /toy/things/"] == ["admin", "clerk"]
    client = app.test_client()
    assert client.head("/toy/things/").status_code == 200
    assert client.options("/toy/things/").status_code == 200
    assert client.post("/toy/things/").status_code == 401


@pytest.mark.parametrize("roles", [(), ("public", "clerk")])
def test_requires_names_real_roles(roles: Any) -> None:
    with pytest.raises(ValueError, match="@public"):
        requires(*roles)
