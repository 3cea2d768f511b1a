"""Who may call what: every role at every endpoint."""

from collections.abc import Iterator

import pytest

from services.permits.api.endpoints import ENDPOINTS
from shared.web.auth import undeclared
from shared.web.doors import Role
from tests.integration.permits.desk import API, Caller, World, world

OPEN_TO_CONTRACTORS = {
    "GET /permits", "POST /permits", "GET /permits.geojson", "GET /permits/{}", "POST /permits/{}/withdraw",
    "POST /permits/{}/start", "POST /permits/{}/end", "POST /permits/{}/extend", "POST /permits/{}/submit",
    "POST /permits/{}/revert-start", "POST /permits/{}/revert-end", "POST /permits/{}/amend",
}  # fmt: skip
ROLES: list[Role] = ["public", "device", "contractor", "clerk", "fleet", "ops", "admin", "subscriber"]
PAGES = ["/permits/", "/permits/neu", "/permits/nowhere"]


@pytest.fixture(scope="module")
def here(postgres_url: str) -> Iterator[World]:
    with world(postgres_url) as made:
        yield made


def caller(here: World, role: Role) -> Caller:
    return Caller(here.app.test_client()) if role == "public" else here.key(role)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_exactly_what_is_meant_for_it(here: World, role: Role) -> None:
    let_in = set()
    someone = caller(here, role)
    for endpoint in ENDPOINTS:
        name = f"{endpoint.method} {endpoint.rule.replace('<string:permit_id>', '{}')}"
        path = endpoint.rule.replace("<string:permit_id>", "nowhere")
        answer = someone.get(path) if endpoint.method == "GET" else someone.post(path, b"")
        if answer.status_code not in {401, 403}:
            let_in.add(name)
        else:
            assert answer.status_code == (401 if role == "public" else 403)
    everything = {f"{e.method} {e.rule.replace('<string:permit_id>', '{}')}" for e in ENDPOINTS}
    for_clerks = everything - {"POST /permits/{}/erase-personal-data"}
    expected = {"clerk": for_clerks, "admin": everything, "contractor": OPEN_TO_CONTRACTORS}
    assert let_in == expected.get(role, set())


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["public", "contractor", "clerk", "fleet"])
def test_pages_are_for_clerks_and_contractors(here: World, role: Role, page: str) -> None:
    if role == "public":
        answer = here.app.test_client().get(page, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["Location"][:7]) == (302, "/login?")
    else:
        status = here.session(role).get(page).status_code
        assert status == 403 if role == "fleet" else status in {200, 404}


def test_only_admins_erase_and_others_cases_are_not_there(here: World) -> None:
    for path, role, status in [
        ("/permits/nowhere/personendaten-loeschen", "clerk", 403),
        ("/permits/nowhere/personendaten-loeschen", "admin", 404),
        ("/permits/nowhere/aendern", "contractor", 404),
        ("/permits/nowhere/aendern", "clerk", 404),
        ("/permits/nowhere/approve", "contractor", 404),
    ]:
        answer = here.session(role).post(path, {}, page="/permits/neu")  # type: ignore[arg-type]  # roles of a list
        assert answer.status_code == status, (path, role)


def test_no_endpoint_forgot_to_say_who_may_come_in(here: World) -> None:
    assert undeclared(here.app) == []


def test_a_form_without_its_token_changes_nothing(here: World) -> None:
    browser = here.session("clerk")
    answer = browser.client.post("/permits/neu", data={"do": "submit"}, headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert here.app.test_client().post(f"{API}/permits", json={}).status_code == 401
