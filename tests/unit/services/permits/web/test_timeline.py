from hypothesis import given
from hypothesis import strategies as st

from services.permits.web.timeline import differences
from shared.contracts.base import Point
from tests.unit.services.permits.makers import at, content, measure


def test_a_change_is_told_with_what_was_before() -> None:
    before = content(measure(kind="alternating", end=None, affects=("car",)))
    after = content(measure(kind="road_closed", end=at(20), affects=("car", "foot"), geometry=Point((8.27, 50.0))))
    assert list(differences(before, after)) == [
        "Maßnahme 1: Art der Maßnahme: Vollsperrung (bisher Halbseitige Sperrung)",
        "Maßnahme 1: Ende: 20. März 2026, 08:00 Uhr (bisher offen)",
        "Maßnahme 1: Ort geändert",
        "Maßnahme 1: betrifft: Auto und zu Fuß (bisher Auto)",
    ]


def test_a_measure_that_comes_or_goes_is_told_once_and_moves_no_other() -> None:
    one, two = measure("1"), measure("2", street="Umweg")
    assert list(differences(content(one), content(one, two))) == ["Maßnahme 2 hinzugefügt"]
    assert list(differences(content(one, two), content(two))) == ["Maßnahme 1 entfernt"]


def test_what_was_never_said_is_told_as_such() -> None:
    assert list(differences(content(measure()), content(measure(speed_limit_kph=30)))) == [
        "Maßnahme 1: Geschwindigkeit in km/h: 30 (bisher ohne Angabe)"
    ]


@given(st.lists(st.sampled_from("12345"), unique=True, min_size=1))
def test_the_same_content_differs_in_nothing(keys: list[str]) -> None:
    same = content(*(measure(key) for key in keys))
    assert list(differences(same, same)) == []
