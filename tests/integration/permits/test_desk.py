"""What the desk keeps and learns: views of the queue, forms that were begun, and what the lights say of a case."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.permits.application.onsite import OnSiteReads, OnSiteView
from shared.clock import DAY_US
from shared.contracts import sites as s
from shared.contracts.base import Contract, LineString
from shared.contracts.topics import SITES
from shared.db.migrate import KERNEL
from shared.db.pool import Database
from shared.eventlog.port import Message
from shared.eventlog.postgres import PostgresLog
from shared.events.codec import follow_up
from shared.projection.live import LiveView
from tests.integration.permits.desk import Browser, Caller, World
from tests.integration.permits.pages import FORM, checked, made
from tests.integration.permits.test_cases import submitted
from tests.integration.permits.test_imports import collection, feature, taken

AT = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)
EXTENT = s.MeasuredExtent(
    measure_id="m1",
    line=LineString(((8.27, 50.0), (8.271, 50.0))),
    accuracy_m=4,
    deviation_m=3,
    place_from="measured",
    place_to="ordered",
)


Tell = Callable[..., None]


@pytest.fixture
def told(new_database: Callable[..., Database], postgres_log: PostgresLog) -> tuple[Tell, OnSiteReads]:
    """Site events go onto a real log; the view follows it."""
    postgres_log.ensure([SITES])
    database, versions = new_database(KERNEL), dict[str, int]()
    view = LiveView(OnSiteView(), postgres_log, database)

    def tell(*facts: Contract) -> None:
        for fact in facts:
            site: Any = fact
            version = versions[site.site_id] = versions.get(site.site_id, 0) + 1
            event = follow_up(
                fact, decider="sites", stream=f"site:{site.site_id}", version=version, decided=1, cause=None
            )
            postgres_log.send([Message(SITES.name, event)])
        while view.step():
            pass

    return tell, OnSiteReads(database)


def site(kind: type[s.SiteEvent], **more: Any) -> s.SiteEvent:
    return kind(**{"site_id": "s1", "permit_id": "p1", "at": AT, "lights": ("a", "b"), **more})


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        ([site(s.SetUpDetected)], "set_up"),
        ([site(s.SetUpDetected), site(s.SiteBecameSilent, lights=())], "silent"),
        ([site(s.SetUpDetected), site(s.SiteBecameSilent), site(s.SiteRecovered)], "set_up"),
        ([site(s.SetUpDetected), site(s.DeviationDetected, deviation_m=40.0)], "deviates"),
        (
            [
                site(s.SetUpDetected),
                site(s.DeviationDetected, deviation_m=40.0),
                site(s.ExtentChanged, extents=(EXTENT,)),
            ],
            "set_up",
        ),
        (
            [
                site(s.SetUpDetected),
                site(s.DeviationDetected, deviation_m=40.0),
                site(s.SiteBecameSilent),
                site(s.SiteRecovered),
            ],
            "deviates",
        ),
        (
            [
                site(s.SetUpDetected),
                site(s.DeviationDetected, deviation_m=40.0),
                site(s.ClearedDetected),
                site(s.SetUpDetected),
            ],
            "set_up",
        ),
        ([site(s.SetUpDetected), site(s.Overrunning)], "overrunning"),
        ([site(s.NotSetUp, lights=())], "not_set_up"),
        ([site(s.SetUpDetected), site(s.ClearedDetected)], "cleared"),
    ],
)
def test_a_case_learns_from_the_log_what_stands_on_site(
    told: tuple[Tell, OnSiteReads], happened: list[s.SiteEvent], state: str
) -> None:
    tell, reads = told
    tell(*happened)
    [found] = reads.of(["p1"])["p1"]
    assert found.state == state
    assert reads.in_state(state) == ["p1"]
    if any(isinstance(fact, s.ExtentChanged) for fact in happened):
        assert found.extents == [EXTENT]


def test_of_several_sites_the_one_to_look_at_comes_first_and_a_suspect_belongs_to_no_case(
    told: tuple[Tell, OnSiteReads],
) -> None:
    tell, reads = told
    tell(site(s.SetUpDetected), site(s.NotSetUp, site_id="s2"))
    suspect = s.UnpermittedSiteSuspected(site_id="s3", at=AT, centre=(8.27, 50.0), street="Rheinallee")
    tell(suspect, s.UnpermittedSiteSuspected(site_id="s4", at=AT - timedelta(hours=1), centre=(8.2, 50.0)))
    assert reads.suspected() == ["Rheinallee", None]
    assert [found.state for found in reads.of(["p1", "p2"])["p1"]] == ["not_set_up", "set_up"]
    assert list(reads.of(["p1", "p2"])) == ["p1"]
    tell(s.ClearedDetected(site_id="s3", at=AT), site(s.ClearedDetected))
    assert reads.suspected() == [None]
    tell(suspect)
    assert reads.suspected() == ["Rheinallee", None]


def test_a_view_of_the_queue_is_kept_for_its_owner_alone(world: World, browser: Browser) -> None:
    kept = {"name": "Rhein, offen", "q": "rhein", "status": "open", "dichte": "kompakt"}
    assert browser.post("/permits/ansichten", kept, page="/permits/neu").status_code == 303
    page = browser.get("/permits/?q=rhein&status=open&dichte=kompakt").text
    assert re.search(r'aria-current="page">Rhein, offen</a>', page)
    assert "Rhein, offen" not in world.session("clerk").get("/permits/").text
    browser.post("/permits/ansichten/entfernen", {"name": "Rhein, offen"}, page="/permits/neu")
    assert "Rhein, offen" not in browser.get("/permits/").text


def test_a_view_without_a_name_is_refused_at_its_field(browser: Browser) -> None:
    answer = browser.post("/permits/ansichten", {"name": " ", "q": "rhein"}, page="/permits/neu")
    assert answer.status_code == 422
    checked(answer.text)
    assert "Bitte geben Sie der Ansicht einen Namen" in answer.text


def test_a_clerk_sees_the_own_districts_first_and_what_nobody_has_assigned(world: World, clerk: Caller) -> None:
    taken(clerk, collection(feature("A-1"), feature("A-2"), feature("A-3")))
    with world.database.transaction() as tx:
        tx.execute("SET LOCAL search_path TO " + live_schema(world))
        tx.execute("UPDATE cases SET district = 'Altstadt' WHERE permit_number = 'A-1'")
        tx.execute("UPDATE cases SET district = 'Neustadt' WHERE permit_number = 'A-2'")
    own = world.session("clerk", "district:Altstadt")
    assert set(re.findall(r"A-\d", own.get("/permits/").text)) == {"A-1", "A-3"}
    assert set(re.findall(r"A-\d", own.get("/permits/?ortsteil=alle").text)) == {"A-1", "A-2", "A-3"}
    assert set(re.findall(r"A-\d", own.get("/permits/?ortsteil=Neustadt").text)) == {"A-2"}
    assert set(re.findall(r"A-\d", own.get("/permits/?ortsteil=ohne").text)) == {"A-3"}
    left_out = '<a class="kern-link" href="/permits/?ortsteil=ohne">Dazu 1 ohne Ortsteil</a>'
    shown = {query: left_out in own.get(f"/permits/?ortsteil={query}").text for query in ("Neustadt", "alle", "ohne")}
    assert shown == {"Neustadt": True, "alle": False, "ohne": False}


def live_schema(world: World) -> str:
    with world.database.connection() as connection:
        row = connection.execute("SELECT generation FROM generations WHERE view = 'cases' AND live").fetchone()
    assert row
    return f"{world.database.schema}_cases_{row[0]}"


def test_ten_thousand_cases_are_paged_without_a_double_or_a_gap(world: World, clerk: Caller) -> None:
    taken(clerk, collection(feature("A-0")))
    with world.database.transaction() as tx:
        tx.execute("SET LOCAL search_path TO " + live_schema(world))
        tx.execute("CREATE TEMP TABLE many ON COMMIT DROP AS SELECT * FROM cases")
        tx.execute("ALTER TABLE many DROP COLUMN is_open, DROP COLUMN due_at")
        columns = "version, status, permit_number, owner, district, streets, kinds, starts_at, ends_at, source,"
        columns += " received_via, received_at, submitted_at, changed_at, content, search"
        query = "INSERT INTO cases (permit_id, {0}) SELECT 'x' || n, {0} FROM many, generate_series(1, 9999) AS n"
        tx.execute(query.format(columns).encode())
    seen: list[str] = []
    for number in (1, 2, 100, 199, 200):
        page = clerk.get(f"/permits?page={number}&page_size=50").get_json()
        assert page["total"] == 10_000
        seen += [item["id"] for item in page["items"]]
    assert len(set(seen)) == 250


def extension_asked(world: World, clerk: Caller, number: str) -> str:
    """The path of a case in force whose contractor wants until 27 March, 18:00."""
    firm = world.key("contractor")
    permit_id = submitted(firm)
    clerk.post(f"/permits/{permit_id}/approve", {"permit_number": number})
    assert firm.post(f"/permits/{permit_id}/extend", {"end": "2026-03-27T17:00:00Z"}).status_code == 200
    return f"/permits/{permit_id}"


def test_a_requested_extension_shows_in_the_queue_until_it_is_decided(
    world: World, browser: Browser, clerk: Caller
) -> None:
    taken(clerk, collection(feature("A-1")))
    case = extension_asked(world, clerk, "B-1")
    asked = browser.get("/permits/?status=extension").text
    assert 'queue__asked">Verlängerung beantragt' in asked
    assert set(re.findall(r"[AB]-\d", asked)) == {"B-1"}
    assert 'value="2026-03-27T18:00"' in browser.get(case).text
    clerk.post(f"{case}/extend")
    assert "Keine Vorgänge gefunden." in browser.get("/permits/?status=extension").text
    clerk_free = extension_asked(world, clerk, "B-2")
    clerk.post(f"{clerk_free}/refuse-extension", {"reason": "Messe"})
    assert "queue__asked" not in browser.get("/permits/").text


def test_what_wants_work_burns_before_quiet_cases_whatever_their_date(
    world: World, clerk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(clerk, collection(feature("A-1"), feature("A-2"), feature("A-3")))
    extension_asked(world, clerk, "A-4")
    submitted(clerk, permit_number="A-5")
    with world.database.transaction() as tx:
        tx.execute("SET LOCAL search_path TO " + live_schema(world))
        tx.execute("UPDATE cases SET ends_at = '2026-03-03 06:00Z' WHERE permit_number = 'A-1'")
        tx.execute("UPDATE cases SET ends_at = '2026-03-01 06:00Z' WHERE permit_number = 'A-2'")
        tx.execute("UPDATE cases SET ends_at = '2030-01-01 06:00Z' WHERE permit_number = 'A-3'")
        [(wrong,)] = tx.execute("SELECT permit_id FROM cases WHERE permit_number = 'A-3'").fetchall()
    monkeypatch.setattr(OnSiteReads, "in_state", lambda _, *states: [wrong] if "not_set_up" in states else [])
    numbers = [row["permit_number"] for row in clerk.get("/permits").get_json()["items"]]
    # Past its end, undecided, extension asked for, nothing set up; and only then what ends tomorrow and is quiet.
    assert numbers == ["A-2", "A-5", "A-4", "A-3", "A-1"]


@pytest.mark.parametrize(
    ("streets", "said"),
    [
        ([None], ">Eine Arbeitsstelle ohne Anordnung vermutet</a></p>"),
        (["Am Markt", None, "Am Markt"], ">3 Arbeitsstellen ohne Anordnung vermutet</a>: Am Markt</p>"),
        (["A", "B", "C", "D"], ">4 Arbeitsstellen ohne Anordnung vermutet</a>: A, B, C und weitere</p>"),
    ],
)
def test_the_queue_tells_clerks_what_stands_without_an_order(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, streets: list[str | None], said: str
) -> None:
    monkeypatch.setattr(OnSiteReads, "suspected", lambda _: streets)
    assert f'href="/beacons/alarme?art=unpermitted_site_suspected"{said}' in browser.get("/permits/").text
    assert "ohne Anordnung vermutet" not in world.session("contractor").get("/permits/").text


def test_a_contractor_applies_in_the_accounts_name_and_never_without_one(world: World) -> None:
    firm, person = world.session("contractor", "organisation:musterfirma"), world.session("contractor")
    for one, kind in ((firm, "organisation"), (person, "person")):
        page = one.get("/permits/neu").text
        assert re.search(r'name="applicant" type="text"\s+value="Erika contractor"', page)
        assert f'value="{kind}" checked' in page
        assert "eigene Anordnung der Behörde" not in page
    assert "eigene Anordnung der Behörde" in world.session("clerk").get("/permits/neu").text
    refused = firm.post("/permits/neu", FORM | {"applicant": " "})
    assert refused.status_code == 422
    assert "applicant-fehler" in checked(refused.text).ids
    assert refused.text.count("Bitte geben Sie an, wer den Antrag stellt.") == 2
    assert "Rheinstraße: Vollsperrung" in refused.text
    made(world.session("clerk"), applicant="", authorisation="own")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"measures-0-end": "2026-03-01T07:00"}, "Noch keine Vorschau: Das Ende muss nach dem Beginn liegen."),
        ({"measures-0-end": "bald"}, "Noch keine Vorschau: Bitte geben Sie Datum und Uhrzeit an"),
        ({"measures-0-start": ""}, "Die Vorschau erscheint, sobald Art, Ort und Beginn angegeben sind."),
    ],
)
def test_a_preview_that_cannot_be_says_why(browser: Browser, changes: dict[str, str], sentence: str) -> None:
    kept = browser.post("/permits/entwurf", FORM | changes, page="/permits/neu").get_json()
    assert kept["public"] == []
    assert kept["waiting"].startswith(sentence)
    assert sentence in browser.post("/permits/neu", FORM | changes | {"do": "preview"}).text


def test_a_form_that_was_begun_is_kept_sealed_for_its_author_and_gone_once_sent(world: World, browser: Browser) -> None:
    typed = {"attempt": "a" * 32, "applicant_phone": "0171 9", "title": "Kanal"}
    saved = browser.post("/permits/entwurf", typed, page="/permits/neu").get_json()
    assert saved["saved"] == "07:00 Uhr"
    assert "0171 9" in browser.get(f"/permits/neu?entwurf={'a' * 32}").text
    assert "0171 9" not in world.session("clerk").get(f"/permits/neu?entwurf={'a' * 32}").text
    with world.database.connection() as connection:
        [(row,)] = connection.execute("SELECT form_drafts::text FROM form_drafts").fetchall()
    assert "0171" not in row
    assert "Kanal" not in row
    assert "Angefangene Anträge (1)" in browser.get("/permits/neu").text
    made(browser, attempt="a" * 32)
    assert "Angefangene Anträge" not in browser.get("/permits/neu").text


def test_a_form_into_which_nobody_typed_is_none_that_was_begun(world: World) -> None:
    firm = world.session("contractor")
    empty = {
        "attempt": "a" * 32, "applicant_kind": "person", "applicant": "Erika contractor", "mobility": "stationary",
        "measures-0-direction": "both", "measures-0-place": "section", "measures-0-street": " ",
    }  # fmt: skip
    firm.post("/permits/entwurf", empty, page="/permits/neu")
    assert "Angefangene Anträge" not in firm.get("/permits/neu").text
    firm.post("/permits/entwurf", empty | {"measures-0-street": "Rhein"}, page="/permits/neu")
    assert "Angefangene Anträge (1)" in firm.get("/permits/neu").text
    firm.post("/permits/entwurf", empty, page="/permits/neu")
    assert "Angefangene Anträge" not in firm.get("/permits/neu").text, "what was taken out again"


def test_a_form_that_nobody_sent_for_a_month_is_forgotten(world: World, browser: Browser) -> None:
    browser.post("/permits/entwurf", {"attempt": "a" * 32, "title": "alt"}, page="/permits/neu")
    world.clock.advance(31 * DAY_US)
    browser = world.session("clerk")
    browser.post("/permits/entwurf", {"attempt": "b" * 32, "title": "neu"}, page="/permits/neu")
    with world.database.connection() as connection:
        assert connection.execute("SELECT form FROM form_drafts").fetchall() == [(f"neu-{'b' * 32}",)]


def test_the_form_says_what_would_be_public_as_the_feed_does(browser: Browser) -> None:
    said = browser.post("/permits/entwurf", FORM | {"attempt": "a" * 32}, page="/permits/neu").get_json()
    assert said["public"] == ["Rheinstraße: Vollsperrung vom 5. bis 20. März 2026."]
    said = browser.post("/permits/entwurf", {"attempt": "a" * 32, "title": "x"}, page="/permits/neu").get_json()
    assert said["public"] == []
