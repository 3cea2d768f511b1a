import pytest

from services.beacons.application.fleet_setup import owns
from shared.web.actor import Actor


@pytest.mark.parametrize(
    ("name", "scopes", "owner"),
    [
        ("Müller Tiefbau GmbH", ("organisation:mueller",), True),  # it applied in its own name
        ("Bauleitung Nord", ("organisation:mueller-tiefbau-gmbh",), True),
        ("Bauleitung Nord", ("organisation:mueller-*",), True),
        ("Bauleitung Nord", ("organisation:hochbau-ag",), False),
        ("Müller Tiefbau GmbH", (), False),
        ("Müller Tiefbau GmbH", ("devices:LT-*",), False),
    ],
)
def test_a_firm_owns_what_it_applied_for(name: str, scopes: tuple[str, ...], owner: bool) -> None:
    actor = Actor("contractor", "a-1", scopes, name)
    assert owns(actor, "Müller Tiefbau GmbH") is owner
    assert not owns(actor, None)


def test_staff_reaches_every_order() -> None:
    assert owns(Actor("fleet", "a-2"), None)
