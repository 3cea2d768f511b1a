"""What an endpoint declares about itself: who may come in, how much, how often. Undeclared endpoints stay shut.

Decorators only leave a note on the view; the app's ``before_request`` reads it before a body is parsed. They may stand
in any order below ``route``, on functions, on methods of a ``MethodView``, or on its class.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

from flask import Flask

from shared.web.buckets import Rate

Role: TypeAlias = Literal["public", "device", "contractor", "clerk", "fleet", "ops", "admin", "subscriber"]
ViewT = TypeVar("ViewT", bound=Callable[..., Any])

NOTE = "__door__"
MIB = 1024 * 1024
AUTOMATIC = {"HEAD", "OPTIONS"}


@dataclass(frozen=True)
class Door:
    """``roles`` None: everybody. ``rate`` None: the setting ``requests_per_s``."""

    roles: frozenset[Role] | None
    csrf: bool = True
    body_bytes: int = MIB
    rate: Rate | None = None
    embed: bool = False


def public(view: ViewT) -> ViewT:
    """Everybody may come in; ``current_actor`` still tells who it is, if they say so."""
    return _note(view, roles=None)


def requires(*roles: Role) -> Callable[[ViewT], ViewT]:
    """One of ``roles`` may come in; ``admin`` always may."""
    if not roles or "public" in roles:
        raise ValueError("name roles, or use @public")
    return lambda view: _note(view, roles=frozenset((*roles, "admin")))


def limits(*, body_bytes: int = MIB, rate: Rate | None = None) -> Callable[[ViewT], ViewT]:
    """Other limits than the usual ones: the body in bytes, requests per key or address."""
    return lambda view: _note(view, body_bytes=body_bytes, rate=rate)


def embeddable(view: ViewT) -> ViewT:
    """The setting ``embed_origins`` says who may show ``?embed=…`` of this page in a frame."""
    return _note(view, embed=True)


def without_csrf(view: ViewT) -> ViewT:
    """For public POSTs of machines that prove themselves otherwise, such as signed webhooks."""
    return _note(view, csrf=False)


def door_of(app: Flask, endpoint: str, method: str) -> Door | None:
    """The door of an endpoint, or None where nobody declared who may come in."""
    view: Any = app.view_functions[endpoint]
    of_class = getattr(view, "view_class", None)
    name = method.lower()
    handler = getattr(of_class, name, None) or (getattr(of_class, "get", None) if name == "head" else None)
    notes: dict[str, Any] = {}
    for place in (of_class, view, handler):
        notes |= getattr(place, NOTE, {})
    return Door(**notes) if "roles" in notes else None


def undeclared(app: Flask) -> list[str]:
    """Endpoints that forgot to say who may come in, as ``GET /path``; a test holds this empty."""
    return [name for name, door in _doors(app) if door is None]


def role_matrix(app: Flask) -> dict[str, list[Role]]:
    """Who may come in where, for the docs and a test that holds it fixed: ``{"GET /path": ["admin", "clerk"]}``."""
    return {name: sorted(door.roles) if door.roles is not None else ["public"] for name, door in _doors(app) if door}


def _doors(app: Flask) -> list[tuple[str, Door | None]]:
    found = {
        f"{method} {rule.rule}": door_of(app, rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - AUTOMATIC
    }
    return sorted(found.items(), key=lambda item: item[0])


def _note(view: ViewT, **notes: Any) -> ViewT:
    setattr(view, NOTE, getattr(view, NOTE, {}) | notes)
    return view
