"""Cases through the API: their life, who sees them, in which order they come."""

from typing import Any

import pytest

from services.permits.application.desk import TOO_LARGE, StaleError
from services.permits.domain.people import Actor
from shared.clock import DAY_US
from tests.integration.permits.desk import Caller, World, application


def submitted(caller: Caller, **changes: Any) -> str:
    answer = caller.post("/permits", application(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def test_a_case_goes_from_application_to_its_end(world: World, clerk: Caller) -> None:
    permit_id = submitted(clerk)
    world.clock.advance(4 * DAY_US)
    for command, body, status in [
        ("approve", {"permit_number": "61-2026-0815", "conditions": ["Gehweg frei halten"]}, "approved"),
        ("start", {}, "active"),
        ("interrupt", {"reason": "Frost"}, "interrupted"),
        ("resume", {}, "active"),
        ("extend", {"end": "2026-03-27T17:00:00+01:00"}, "active"),
        ("end", {}, "ended"),
    ]:
        answer = clerk.post(f"/permits/{permit_id}/{command}", body)
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["status"] == status
    case = clerk.get(f"/permits/{permit_id}").get_json()
    assert case["permit_number"] == "61-2026-0815"
    assert case["conditions"] == ["Gehweg frei halten"]
    assert case["measures"][0]["end"] == "2026-03-27T16:00:00+00:00"
    assert case["version"] == 7
    assert case["commands"] == ["revert-end"]
    [row] = clerk.get("/permits?status=ended").get_json()["items"]
    assert (row["end"], row["due_at"], row["version"]) == ("2026-03-27T16:00:00+00:00", None, 7)


def test_an_amended_measure_keeps_its_public_id_and_others_get_their_own(clerk: Caller) -> None:
    permit_id = submitted(clerk, permit_number="61-1")
    before = clerk.post(f"/permits/{permit_id}/approve").get_json()["measures"][0]
    body = application(measure={"street": "Kaiserstraße"})
    body["measures"].append({**body["measures"][0], "measure_id": "umleitung", "measure": "detour"})
    answer = clerk.post(f"/permits/{permit_id}/amend", {**body, "reason": "Bauablauf"})
    assert answer.status_code == 200, answer.text
    first, second = answer.get_json()["measures"]
    assert (first["id"], first["street"]) == (before["id"], "Kaiserstraße")
    assert second["id"].startswith("de-mainz-")
    assert second["id"] != first["id"]
    assert clerk.get("/permits?street=kaiser").get_json()["total"] == 1


def test_a_case_that_no_log_would_take_is_refused_in_words(clerk: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    body = application(permit_number="61-1")
    monkeypatch.setattr("services.permits.application.desk.MOST_BYTES", 200)
    refused = clerk.post("/permits", body)
    assert (refused.status_code, refused.get_json()["detail"]) == (409, TOO_LARGE)
    assert clerk.get("/permits").get_json()["total"] == 0
    monkeypatch.undo()
    assert clerk.post("/permits", body).status_code == 201


def test_what_burns_comes_first_and_pages_never_overlap(clerk: Caller) -> None:
    ids = [submitted(clerk, measure={"start": f"2026-03-{day:02}T07:00:00+01:00"}) for day in (12, 6, 9, 6, 15)]
    closed = submitted(clerk, measure={"start": "2026-03-03T07:00:00+01:00"})
    assert clerk.post(f"/permits/{closed}/reject", {"reason": "Konflikt"}).status_code == 200
    pages = [clerk.get(f"/permits?page={page}&page_size=2").get_json() for page in (1, 2, 3)]
    listed = [row["id"] for page in pages for row in page["items"]]
    assert pages[0]["total"] == 6
    assert listed[2:] == [ids[2], ids[0], ids[4], closed]
    assert set(listed[:2]) == {ids[1], ids[3]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("?status=submitted", 1),
        ("?status=open", 2),
        ("?status=approved&status=rejected", 1),
        ("?street=BLEICHE", 1),
        ("?street=%25", 0),
        ("?q=61-77", 1),
        ("?q=fernwärme", 2),
        ("?q=_", 0),
        ("?district=altstadt", 1),
        ("?district=alt", 0),
    ],
)
def test_the_list_filters_by_what_people_mean(clerk: Caller, query: str, found: int) -> None:
    submitted(clerk, district="Altstadt")
    other = submitted(clerk, permit_number="61-77", measure={"street": "Rheinallee"})
    clerk.post(f"/permits/{other}/approve")
    answer = clerk.get(f"/permits{query}")
    assert answer.get_json()["total"] == found, answer.text


def test_a_contractor_sees_and_moves_only_its_own_cases(world: World, clerk: Caller, contractor: Caller) -> None:
    own, foreign = submitted(contractor), submitted(clerk)
    assert [row["id"] for row in contractor.get("/permits").get_json()["items"]] == [own]
    assert contractor.get(f"/permits/{own}").get_json()["commands"] == ["amend", "withdraw"]
    assert contractor.get(f"/permits/{foreign}").status_code == 404
    assert contractor.post(f"/permits/{foreign}/withdraw").status_code == 404
    assert clerk.post(f"/permits/{own}/approve", {"permit_number": "61-2"}).status_code == 200
    world.clock.advance(4 * DAY_US)
    assert contractor.post(f"/permits/{own}/start").status_code == 200


def test_a_contractor_asks_for_an_extension_and_a_clerk_decides(
    world: World, clerk: Caller, contractor: Caller
) -> None:
    permit_id = submitted(contractor)
    clerk.post(f"/permits/{permit_id}/approve", {"permit_number": "61-3"})
    before = clerk.get(f"/permits/{permit_id}").get_json()["measures"]
    asked = contractor.post(f"/permits/{permit_id}/extend", {"end": "2026-03-27T17:00:00Z", "reason": "Frost"})
    assert (asked.status_code, asked.get_json()["measures"]) == (200, before)
    assert asked.get_json()["extension"] == {
        "ends": {before[0]["id"]: "2026-03-27T17:00:00+00:00"}, "reason": "Frost", "at": "2026-03-02T06:00:00+00:00",
    }  # fmt: skip
    assert "refuse-extension" in clerk.get(f"/permits/{permit_id}").get_json()["commands"]
    assert contractor.post(f"/permits/{permit_id}/refuse-extension", {"reason": "x"}).status_code == 403
    refused = clerk.post(f"/permits/{permit_id}/refuse-extension", {"reason": "Stadtfest"}).get_json()
    assert ("extension" in refused, refused["reason"], refused["measures"]) == (False, "Stadtfest", before)
    contractor.post(f"/permits/{permit_id}/extend", {"end": "2026-03-26T17:00:00Z"})
    granted = clerk.post(f"/permits/{permit_id}/extend").get_json()
    assert (granted["measures"][0]["end"], granted["version"]) == ("2026-03-26T17:00:00+00:00", 6)
    [row] = clerk.get("/permits").get_json()["items"]
    assert (row["end"], row["version"]) == ("2026-03-26T17:00:00+00:00", 6)
    page = world.session("clerk").get(f"/permits/{permit_id}").text
    assert "Verlängerung beantragt" in page
    assert "Verlängerung abgelehnt" in page


def test_an_applicant_changes_what_is_not_decided_yet(clerk: Caller, contractor: Caller) -> None:
    permit_id = submitted(contractor, personal={"responsible_phone": "0131 123"})
    body = application(measure={"street": "Kaiserstraße"}, reason="Falsche Straße")
    changed = contractor.post(f"/permits/{permit_id}/amend", body, If_Match='"1"')
    assert (changed.status_code, changed.get_json()["measures"][0]["street"]) == (200, "Kaiserstraße")
    assert changed.get_json()["status"] == "submitted"
    assert contractor.post(f"/permits/{permit_id}/amend", body, If_Match='"1"').status_code == 412
    assert clerk.get("/permits?street=kaiser").get_json()["items"][0]["version"] == 2
    assert clerk.get(f"/permits/{permit_id}").get_json()["personal"] == {"responsible_phone": "0131 123"}
    clerk.post(f"/permits/{permit_id}/approve", {"permit_number": "61-4"})
    assert contractor.post(f"/permits/{permit_id}/amend", application()).status_code == 409


def test_a_correction_keeps_what_its_applicant_does_not_read(clerk: Caller, contractor: Caller) -> None:
    person = {"applicant_email": "e@example.org", "responsible_phone": "0131 1"}
    permit_id = submitted(contractor, applicant="Erika Muster", personal=person)
    noted = application(measure={"note": "Firma säumig"}, conditions=["Gehweg freihalten"], applicant="Erika Muster")
    assert clerk.post(f"/permits/{permit_id}/amend", noted).status_code == 200
    body = application(measure={"street": "Kaiserstraße"}, applicant="Erika Muster", conditions=[])
    seen = contractor.post(f"/permits/{permit_id}/amend", body)
    assert seen.get_json()["conditions"] == ["Gehweg freihalten"]
    case = clerk.get(f"/permits/{permit_id}").get_json()
    assert (case["measures"][0]["note"], case["measures"][0]["street"]) == ("Firma säumig", "Kaiserstraße")
    assert case["personal"] == person | {"applicant_name": "Erika Muster"}
    again = contractor.post(f"/permits/{permit_id}/amend", body)
    assert again.get_json()["version"] == case["version"], "nothing new is no event"
    firm = contractor.post(f"/permits/{permit_id}/amend", body | {"applicant": "Bau GmbH"})
    assert firm.get_json()["applicant"] == "Bau GmbH"
    assert clerk.get(f"/permits/{permit_id}").get_json()["personal"] == person


def test_nobody_orders_what_was_corrected_since_it_was_read(world: World, contractor: Caller) -> None:
    permit_id, office = submitted(contractor), world.permits.office
    actor = Actor("clerk", "u-1")
    read = office.read(permit_id, actor)
    contractor.post(f"/permits/{permit_id}/amend", application(measure={"street": "Kaiserstraße"}))
    with pytest.raises(StaleError):
        office.command(read, "approve", {"permit_number": "61-5", "conditions": ["x"]}, actor)


def test_a_draft_is_its_authors_alone_until_it_is_handed_in(clerk: Caller, contractor: Caller) -> None:
    body = application(personal={"responsible_phone": "0131 123"})
    answer = contractor.post("/permits?draft=true", body)
    assert answer.status_code == 201
    draft = answer.get_json()
    assert (draft["status"], draft["commands"]) == ("draft", ["submit", "withdraw"])
    assert clerk.get(f"/permits/{draft['id']}").status_code == 404
    assert [clerk.get(f"/permits{query}").get_json()["total"] for query in ("", "?status=draft")] == [0, 0]
    assert contractor.get("/permits").get_json()["total"] == 1
    handed_in = contractor.post(f"/permits/{draft['id']}/submit").get_json()
    assert (handed_in["status"], handed_in["version"], handed_in["measures"]) == ("submitted", 2, draft["measures"])
    assert clerk.get("/permits").get_json()["total"] == 1
    assert clerk.get(f"/permits/{draft['id']}").get_json()["personal"] == {"responsible_phone": "0131 123"}
    assert contractor.get("/permits").get_json()["total"] == 1
    assert contractor.post(f"/permits/{draft['id']}/submit").status_code == 409


def test_a_draft_is_handed_in_with_what_it_lacked(contractor: Caller) -> None:
    wrong = application(measure={"end": "2026-03-01T07:00:00+01:00"})
    draft = contractor.post("/permits?draft=true", wrong).get_json()["id"]
    assert contractor.post(f"/permits/{draft}/submit").status_code == 422
    handed_in = contractor.post(f"/permits/{draft}/submit", application(title="Fernwärme Süd"))
    assert (handed_in.status_code, handed_in.get_json()["title"]) == (200, "Fernwärme Süd")
    assert contractor.get("/permits?q=süd").get_json()["total"] == 1


def test_a_draft_may_be_thrown_away(contractor: Caller) -> None:
    draft = contractor.post("/permits?draft=true", application()).get_json()["id"]
    assert contractor.post(f"/permits/{draft}/withdraw").get_json()["status"] == "withdrawn"


def test_colleagues_of_one_organisation_share_their_cases(world: World) -> None:
    one, other = world.key("contractor", "organisation:tiefbau"), world.key("contractor", "organisation:tiefbau")
    permit_id = submitted(one)
    assert other.get(f"/permits/{permit_id}").status_code == 200
    assert world.key("contractor", "organisation:hochbau").get(f"/permits/{permit_id}").status_code == 404


def test_personal_fields_and_notes_are_for_clerks_only(clerk: Caller, contractor: Caller) -> None:
    body = application(measure={"note": "Schlüssel beim Pförtner"}, personal={"responsible_phone": "0171 2345678"})
    answer = contractor.post("/permits", {**body, "applicant": "Max Mustermann"})
    assert answer.status_code == 201
    assert "0171" not in answer.text
    assert "Mustermann" not in answer.text
    assert "Pförtner" not in answer.text
    seen = clerk.get(f"/permits/{answer.get_json()['id']}").get_json()
    assert seen["personal"] == {"applicant_name": "Max Mustermann", "responsible_phone": "0171 2345678"}
    assert seen["measures"][0]["note"] == "Schlüssel beim Pförtner"
    assert "applicant" not in seen


def test_an_organisation_is_named_in_public(clerk: Caller) -> None:
    seen = clerk.get(f"/permits/{submitted(clerk)}").get_json()
    assert seen["applicant"] == "Stadtwerke Mainz AG"
    assert "personal" not in seen


def test_wrong_reports_of_start_and_end_are_taken_back(world: World, clerk: Caller) -> None:
    permit_id = clerk.post("/permits", application(permit_number="61-9")).get_json()["id"]
    world.clock.advance(5 * DAY_US)
    for command, status in [
        ("approve", "approved"),
        ("start", "active"),
        ("interrupt", "interrupted"),
        ("end", "ended"),
        ("revert-end", "interrupted"),
        ("revert-start", "approved"),
    ]:
        answer = clerk.post(f"/permits/{permit_id}/{command}", {})
        assert (answer.status_code, answer.get_json()["status"]) == (200, status)
        [row] = clerk.get("/permits?q=61-9").get_json()["items"]
        assert row["status"] == status
    assert "started_at" not in answer.get_json()
    refused = clerk.post(f"/permits/{permit_id}/revert-end", {})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "case_approved")
    page = world.session("clerk").get(f"/permits/{permit_id}").text
    assert "Meldung des Beginns zurückgenommen" in page
    assert "Meldung des Endes zurückgenommen" in page
