import pytest

from shared.web.actor import ANYONE, Actor
from shared.web.doors import Role


@pytest.mark.parametrize(
    ("role", "scopes", "device", "allowed"),
    [
        ("device", ("devices:LT-0042",), "LT-0042", True),
        ("device", ("devices:LT-0042",), "LT-00421", False),
        ("device", ("devices:LT-*",), "LT-0042", True),
        ("device", ("devices:LT-*",), "XX-0042", False),
        ("device", ("devices:A", "devices:B"), "B", True),
        ("device", ("organisation:*",), "LT-0042", False),
        ("device", (), "LT-0042", False),
        ("contractor", (), "LT-0042", False),
        ("fleet", (), "LT-0042", True),
        ("fleet", ("devices:A*",), "LT-0042", False),
    ],
)
def test_scopes_say_which_devices_an_actor_reaches(
    role: Role, scopes: tuple[str, ...], device: str, allowed: bool
) -> None:
    assert Actor(role, "x", scopes).allows("devices", device) is allowed


def test_values_of_a_scope_may_hold_colons() -> None:
    assert Actor("contractor", "x", ("organisation:a:b",)).allows("organisation", "a:b")


def test_nobody_has_no_role_and_admin_has_every() -> None:
    assert not ANYONE.has("clerk", "ops")
    assert Actor("admin", "x").has("clerk")
