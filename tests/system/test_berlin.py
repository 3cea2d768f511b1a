"""A real day of Berlin's roadworks through import, desk and publisher: every document is valid, and nothing is lost."""

import json
from datetime import datetime

import pytest
from lxml import etree

from services.navfeed.adapters import semantic
from services.navfeed.adapters.ledger_memory import MemoryLedger
from services.permits.adapters.geojson_import import Origin
from services.permits.adapters.mapping import load_format, read_foreign
from services.permits.application.desk import Desk, to_message
from services.permits.domain.case import NEW
from services.permits.domain.imports import steps
from services.permits.domain.measures import GERMANY
from services.permits.domain.people import Actor
from services.suite.backtest import Recording, replay
from shared.clock import DAY_US, HOUR_US, SteeredClock, to_micros
from shared.eventstore.memory import MemoryStore
from tests.conftest import data_folder
from tests.system.test_memory_city import IMPRINT

FILE = data_folder() / "roadworks" / "berlin_viz_2022.geojson"
SCHEMAS = data_folder() / "datex2" / "xsd-3.7"
DAY = "2022-06-10T08:00:00+02:00"
ACTOR = Actor("importer", "test")


@pytest.fixture(scope="module")
def berlin() -> tuple[MemoryLedger, set[str]]:
    """The ledger after the import, and the measures that are not over for longer than a day."""
    if not FILE.is_file():
        pytest.skip(f"no test data at {FILE}: set LEITBAKE_TESTDATA")
    start = to_micros(datetime.fromisoformat(DAY))
    store = MemoryStore()
    desk = Desk(store, SteeredClock(start), GERMANY)
    imported = read_foreign(FILE.read_bytes(), load_format("berlin_viz"), Origin("de-berlin"))
    for incoming in imported.permits:
        desk.execute(incoming.permit_id, *steps(NEW, incoming, ACTOR))
    permits = [to_message(stored.event).event for stored in store.after(0, store.last())]
    recording = Recording(permits, (), (), start, start + HOUR_US)
    measures = [measure for incoming in imported.permits for measure in incoming.content.permit.measures]
    shown = {m.id for m in measures if m.end is None or to_micros(m.end) + DAY_US > start}
    return replay(recording, namespace="de-berlin", imprint=IMPRINT).ledger, shown


def test_every_measure_that_is_not_over_is_served_once(berlin: tuple[MemoryLedger, set[str]]) -> None:
    ledger, shown = berlin
    document = ledger.document("roadworks.geojson")
    assert document is not None
    features = json.loads(document.data)["features"]
    assert sorted(feature["id"] for feature in features) == sorted(shown)
    assert len(features) > 150
    assert {feature["properties"]["on_site"] for feature in features} == {"unknown"}


@pytest.mark.parametrize(
    ("product", "root"),
    [
        ("datex2/payload.xml", "DATEXII_3_D2Payload.xsd"),
        ("datex2/container.xml", "DATEXII_3_MessageContainer.xsd"),
    ],
)
def test_both_datex_documents_are_valid_by_schema_and_by_meaning(
    berlin: tuple[MemoryLedger, set[str]], product: str, root: str
) -> None:
    document = berlin[0].document(product)
    assert document is not None
    schema = etree.XMLSchema(etree.parse(SCHEMAS / root))
    schema.assertValid(etree.fromstring(document.data))
    assert semantic.check(document.data) == []
