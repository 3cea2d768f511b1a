"""Two people, two clicks, two requests at once: nobody overwrites what they have not seen, nothing happens twice."""

import threading
from typing import Any

import pytest

from services.permits.domain.people import Actor
from shared.clock import DAY_US
from tests.integration.permits.desk import Caller, World, application
from tests.integration.permits.test_cases import submitted


def test_a_stale_if_match_changes_nothing_and_says_the_present_version(clerk: Caller) -> None:
    permit_id = submitted(clerk, permit_number="61-1")
    etag = clerk.get(f"/permits/{permit_id}").headers["ETag"]
    assert clerk.post(f"/permits/{permit_id}/approve", If_Match=etag).headers["ETag"] == '"2"'
    answer = clerk.post(f"/permits/{permit_id}/revoke", {"reason": "x"}, If_Match=etag)
    assert (answer.status_code, answer.get_json()["version"]) == (412, 2)
    for header in ('W/"2"', '"zwei"', '"1", "3"'):
        assert clerk.post(f"/permits/{permit_id}/revoke", {"reason": "x"}, If_Match=header).status_code == 412
    assert clerk.post(f"/permits/{permit_id}/revoke", {"reason": "x"}, If_Match='"1", "2"').status_code == 200


def test_without_if_match_or_with_a_star_the_last_word_counts(clerk: Caller) -> None:
    permit_id = submitted(clerk, permit_number="61-1")
    assert clerk.post(f"/permits/{permit_id}/approve").status_code == 200
    assert clerk.post(f"/permits/{permit_id}/interrupt", If_Match="*").status_code in {200, 422}


def test_an_unchanged_case_is_not_sent_again(clerk: Caller) -> None:
    permit_id = submitted(clerk)
    answer = clerk.get(f"/permits/{permit_id}", If_None_Match='"1"')
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"1"')
    assert clerk.get(f"/permits/{permit_id}", If_None_Match='"0"').status_code == 200


def test_the_same_idempotency_key_makes_one_case_and_one_event(world: World, clerk: Caller) -> None:
    first = clerk.post("/permits", application(), Idempotency_Key="k1").get_json()
    again = clerk.post("/permits", application(), Idempotency_Key="k1").get_json()
    other = clerk.post("/permits", application(), Idempotency_Key="k2").get_json()
    assert first == again
    assert other["id"] != first["id"]
    foreign = world.key("clerk").post("/permits", application(), Idempotency_Key="k1").get_json()
    assert foreign["id"] not in {first["id"], other["id"]}
    path, body = f"/permits/{first['id']}/approve", {"permit_number": "61-1"}
    for _ in range(2):  # the retry still carries the version that its first attempt saw
        answer = clerk.post(path, body, Idempotency_Key="k1", If_Match='"1"')
        assert (answer.status_code, answer.get_json()["version"]) == (200, 2), answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Fernwärme Nord"},
        {"measure": {"end": "2026-03-21T17:00:00+01:00"}},
        {"personal": {"responsible_phone": "0131 999"}},
        {"conditions": ["Gehweg frei halten"]},
        {"received_via": "paper"},
        {"measure": {"end": "2026-03-01T17:00:00+01:00"}},
    ],
)
def test_the_same_key_with_another_body_is_refused_and_answers_no_other_case(
    clerk: Caller, changes: dict[str, Any]
) -> None:
    body = application(personal={"responsible_phone": "0131 123"})
    first = clerk.post("/permits", body, Idempotency_Key="k1")
    assert first.status_code == 201
    answer = clerk.post("/permits", {**body, **application(**changes)} | changes_of(changes), Idempotency_Key="k1")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "key_reused"), answer.text
    assert first.get_json()["id"] not in answer.text
    assert clerk.post("/permits?draft=true", body, Idempotency_Key="k1").status_code == 422
    assert clerk.post("/permits", body, Idempotency_Key="k1").get_json() == first.get_json()


def changes_of(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name != "measure"}


def test_a_command_with_a_used_key_and_another_body_is_refused(world: World, clerk: Caller) -> None:
    permit_id = submitted(clerk, permit_number="61-1")
    approve = {"conditions": ["Gehweg frei halten"]}
    assert clerk.post(f"/permits/{permit_id}/approve", approve, Idempotency_Key="a").status_code == 200
    world.clock.advance(DAY_US)
    path = f"/permits/{permit_id}/extend"
    assert clerk.post(path, {"end": "2026-04-01T00:00:00Z"}, Idempotency_Key="k").status_code == 200
    answer = clerk.post(path, {"end": "2026-05-01T00:00:00Z"}, Idempotency_Key="k")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "key_reused")
    body = application(title="Neuer Titel")
    assert clerk.post(f"/permits/{permit_id}/amend", body, Idempotency_Key="m").status_code == 200
    for _ in range(2):  # after all that happened since, the first requests made again are still themselves
        assert clerk.post(path, {"end": "2026-04-01T00:00:00+00:00"}, Idempotency_Key="k").status_code == 200
        assert clerk.post(f"/permits/{permit_id}/approve", approve, Idempotency_Key="a").status_code == 200
        assert clerk.post(f"/permits/{permit_id}/amend", body, Idempotency_Key="m").get_json()["version"] == 4
    assert clerk.post(f"/permits/{permit_id}/amend", application(), Idempotency_Key="m").status_code == 422


def test_a_key_counts_on_once_the_personal_data_is_erased(world: World, clerk: Caller) -> None:
    body = application(personal={"responsible_phone": "0131 123"})
    permit_id = clerk.post("/permits", body, Idempotency_Key="k1").get_json()["id"]
    world.permits.office.erase(world.permits.office.desk.read(permit_id), Actor("clerk", "u"))
    assert clerk.post("/permits", body, Idempotency_Key="k1").get_json()["id"] == permit_id


def test_two_callers_may_use_the_same_key_without_swallowing_each_others_command(world: World, clerk: Caller) -> None:
    permit_id = submitted(clerk, permit_number="61-1")
    clerk.post(f"/permits/{permit_id}/approve")
    other = world.key("clerk")
    for someone, end in ((clerk, "2026-04-01T00:00:00Z"), (other, "2026-05-01T00:00:00Z")):
        answer = someone.post(f"/permits/{permit_id}/extend", {"end": end}, Idempotency_Key="k")
        assert answer.get_json()["measures"][0]["end"] == end.replace("Z", "+00:00")


def test_of_two_decisions_at_once_one_is_told_that_it_came_late(world: World, clerk: Caller) -> None:
    permit_id = submitted(clerk, permit_number="61-1")
    begun, answers = threading.Barrier(2), []

    def decide(command: str) -> None:
        begun.wait()
        someone = Caller(world.app.test_client(), clerk.token)
        answers.append(someone.post(f"/permits/{permit_id}/{command}", {"reason": "x"}, If_Match='"1"').status_code)

    threads = [threading.Thread(target=decide, args=(name,)) for name in ("approve", "reject")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) == 1
    assert set(answers) <= {200, 409, 412}
    assert clerk.get(f"/permits/{permit_id}").get_json()["version"] == 2
