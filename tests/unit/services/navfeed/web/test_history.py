"""What was published, told as a story."""

from typing import Any

from services.navfeed.application.ledger import Change, Entry
from services.navfeed.domain.feature import Provenance
from services.navfeed.web.history import steps
from services.navfeed.web.shown import Roadwork
from shared.contracts.base import LineString
from tests.unit.services.navfeed.builders import at
from tests.unit.services.navfeed.web.works import NOW, data, told, work

FIRST = work()
MEASURED = Provenance(place="measured", place_from="measured", place_to="measured", start="measured", end="ordered")


def story(*versions: Roadwork | None) -> list[str]:
    history: list[tuple[Entry, Any, str]] = []
    for number, one in enumerate(versions, start=1):
        change: Change = "updated" if one else "removed"
        entry = Entry(number, change, FIRST.id, number, data(one) if one else b"{}")
        history.append((entry, at("03-05 09:00"), "cause"))
    return [step.words for step in steps(history, NOW)]


def test_the_newest_comes_first_and_the_first_says_what_was_known() -> None:
    assert story(FIRST, told(FIRST, provenance=MEASURED)) == ["Gemessen.", "Erstmals veröffentlicht: Angeordnet."]


def test_changes_of_time_and_place_are_named() -> None:
    later = told(FIRST, end=at("03-20 16:00"))
    moved = Roadwork(id=FIRST.id, geometry=LineString(((8.26, 50.0), (8.27, 50.0))), properties=later.properties)
    assert story(FIRST, later, moved)[:2] == ["Lage geändert.", "Ende jetzt 20. März, 17 Uhr."]


def test_what_left_the_feed_ends_the_story_and_may_come_back() -> None:
    assert story(FIRST, told(FIRST, status="ended"), None, FIRST)[:3] == [
        "Angeordnet.",
        "Nach 24 Stunden aus der Karte genommen.",
        "Beendet.",
    ]


def test_a_change_that_no_reader_would_see_is_not_made_up() -> None:
    assert story(FIRST, told(FIRST, exempt=("bus",)))[0] == "Angaben ergänzt."
    assert story(FIRST, told(FIRST, detour="über die Kaiserstraße"))[0] == "Umleitung geändert."
