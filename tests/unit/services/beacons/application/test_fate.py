"""What a vendor reads beside a raw ping: every one has its verdict."""

import pytest

from services.beacons.application.fleet_light import Fate, SeenFix, fate, known
from services.beacons.web import words
from shared.contracts.pings import Ping
from tests.unit.services.beacons.domain.lights import Light, ping

LONG_AGO = ping(-50)
STANDING = [ping(minute) for minute in range(0, 30, 3)]
FAR = ping(30, east_m=80)
SAME_SLOT = ping(30.5)


@pytest.fixture(scope="module")
def light() -> Light:
    light = Light()
    light.hear_all([*STANDING, FAR, SAME_SLOT])
    return light


def of(light: Light, said: Ping, refused: str | None = None) -> Fate:
    return fate(said, known(light.state), refused)


def test_what_counts_and_what_lies_too_far_is_told_as_in_the_table(light: Light) -> None:
    good, far = of(light, STANDING[2]), of(light, FAR)
    assert isinstance(good, SeenFix)
    assert isinstance(far, SeenFix)
    assert (good.verdict, far.verdict) == ("used", "outlier")
    assert words.fate(good) == "verwendet"
    assert words.tally(known(light.state).fixes) == "10 verwendet und 1 Ausreißer"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (SAME_SLOT, "thinned"),
        (ping(40), "pending"),
        (LONG_AGO, "forgotten"),
        (ping(12.9, fix="none"), "no_fix"),
        (ping(11.5), "pending"),  # of a time that is past, and not read yet
        (ping(6, east_m=80), "thinned"),  # of the same second as one that counts
    ],
)
def test_what_is_no_fix_has_its_reason(light: Light, said: Ping, expected: Fate) -> None:
    became = of(light, said)
    assert became == expected
    assert words.fate(became)


def test_what_was_refused_has_that_reason_whatever_else_lies_there(light: Light) -> None:
    assert of(light, STANDING[2], "too_late") == "too_late"
    assert words.fate("too_late").startswith("Die Meldung kam mehr als eine Stunde")
    assert words.fate(of(light, STANDING[2], "a reason of tomorrow")) == "a reason of tomorrow"
