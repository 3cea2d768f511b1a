"""Erasure: after it, no table of the service holds a word of the person, and the case still stands."""

from typing import Any

from psycopg import sql

from services.permits.domain.events import PersonalDataErased
from tests.integration.permits.desk import Caller, World, application

SECRETS = ("Xaver Unverwechselbar", "0171 99887766", "xaver@unverwechselbar.example")


def everything(world: World) -> bytes:
    """All text, bytea and json of all schemas of the service, live and older generations."""
    found = bytearray()
    with world.database.connection() as connection:
        columns = connection.execute(
            """SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
               WHERE table_schema = %s OR table_schema LIKE %s""",
            (world.database.schema, f"{world.database.schema}\\_%"),
        ).fetchall()
        for schema, table, column, kind in columns:
            if kind not in {"text", "bytea", "jsonb", "json", "ARRAY", "character varying"}:
                continue
            query = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(schema, table))
            for (value,) in connection.execute(query):
                found += value if isinstance(value, bytes) else str(value).encode()
    return bytes(found)


def handed_in(clerk: Caller) -> str:
    personal = {"responsible_name": SECRETS[0], "responsible_phone": SECRETS[1], "applicant_email": SECRETS[2]}
    body: dict[str, Any] = application(applicant=SECRETS[0], personal=personal, permit_number="61-1", title="Erkennbar")
    return str(clerk.post("/permits", body).get_json()["id"])


def test_erasing_leaves_no_plain_word_in_any_table_before_or_after(world: World, clerk: Caller) -> None:
    permit_id = handed_in(clerk)
    clerk.post(f"/permits/{permit_id}/approve")
    before = everything(world)
    assert b"Erkennbar" in before  # the scan sees what is there
    assert permit_id.encode() in before
    assert not [secret for secret in SECRETS if secret.encode() in before]
    filed = world.permits.office.desk.read(permit_id)
    assert world.permits.office.people.open(filed.case.personal).applicant_name == SECRETS[0]  # type: ignore[union-attr]

    browser = world.session("admin")
    assert SECRETS[1] in browser.get(f"/permits/{permit_id}").text
    page = f"/permits/{permit_id}"
    assert browser.post(f"{page}/personendaten-loeschen", {}, page=page).status_code == 422
    assert SECRETS[1] in browser.get(page).text
    assert browser.post(f"{page}/personendaten-loeschen", {"confirm": "ja"}, page=page).status_code == 303

    text = browser.get(page).text
    assert "gelöscht" in text
    assert "Personendaten gelöscht" in text
    assert browser.post(f"{page}/personendaten-loeschen", {"confirm": "ja"}, page="/permits/neu").status_code == 303
    [noted] = [entry for entry in world.permits.office.desk.read(permit_id).history if entry.version > 2]
    assert (type(noted.fact), noted.fact.actor.id) == (PersonalDataErased, browser.id)
    assert not [secret for secret in SECRETS if secret in text]
    seen = clerk.get(f"/permits/{permit_id}").get_json()
    assert seen["personal_erased"] is True
    assert "personal" not in seen
    assert seen["status"] == "approved"
    after = everything(world)
    assert not [secret for secret in SECRETS if secret.encode() in after]
    with world.database.connection() as connection:
        keys = connection.execute("SELECT wrapped_key FROM people_keys WHERE person_id = %s", [permit_id]).fetchall()
    assert keys == [(None,)]


def test_an_erased_case_takes_no_new_personal_data(world: World, clerk: Caller) -> None:
    permit_id = handed_in(clerk)
    clerk.post(f"/permits/{permit_id}/approve")
    world.permits.office.people.erase(permit_id)
    body = application(measure={"street": "Kaiserstraße"}, personal={"responsible_name": SECRETS[0]})
    assert clerk.post(f"/permits/{permit_id}/amend", body).status_code == 200
    seen = clerk.get(f"/permits/{permit_id}").get_json()
    assert (seen["measures"][0]["street"], seen["personal_erased"]) == ("Kaiserstraße", True)
    assert SECRETS[0].encode() not in everything(world)


def test_personal_data_of_an_imported_file_is_sealed_too(world: World, clerk: Caller) -> None:
    from tests.integration.permits.test_imports import collection, feature, taken  # noqa: PLC0415 - one use

    report = taken(clerk, collection(feature(applicant=SECRETS[0], bauleiter_telefon=SECRETS[1])))
    assert not [secret for secret in SECRETS if secret.encode() in everything(world)]
    seen = clerk.get(f"/permits/{report['features'][0]['permit_id']}").get_json()
    assert seen["personal"]["applicant_name"] == SECRETS[0]
