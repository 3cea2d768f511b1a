"""Who is at the door, and may they in: keys for machines, sessions for people, CSRF tokens for what sessions send.

A key comes as ``Authorization: Bearer lb_…`` or ``X-API-Key: lb_…`` and wins over a session. Public endpoints ask for
neither, so they answer while the database is away, unless they want to know who asks.
"""

import hmac
import secrets
from collections.abc import Collection
from urllib.parse import quote, urlsplit

import structlog
from flask import Flask, flash, g, redirect, request, session
from werkzeug.wrappers import Response

from shared.web.actor import ANYONE, Actor
from shared.web.buckets import subject_of
from shared.web.doors import Door, Role, embeddable, limits, public, requires, role_matrix, undeclared, without_csrf
from shared.web.problems import ExpiredFormError, ProblemError
from shared.web.role_words import ROLE_WORDS
from shared.web.shell import DESKS, shell

__all__ = [
    "ANYONE",
    "Actor",
    "Role",
    "csrf_token",
    "current_actor",
    "embeddable",
    "limits",
    "public",
    "requires",
    "role_matrix",
    "undeclared",
    "without_csrf",
]

SAFE = {"GET", "HEAD", "OPTIONS"}
SESSION_KEY = "sid"
CSRF_KEY = "csrf"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
LOGIN = "/login"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Leitbake"'}


def register_auth(app: Flask) -> None:
    app.before_request(_admit)


def current_actor() -> Actor:
    """Who asks; looked up once per request. Raises ``ProblemError`` (401) for a key that does not count."""
    if "actor" not in g:
        g.actor = _identify()
    actor: Actor | None = g.actor
    if actor is None:
        return ANYONE
    structlog.contextvars.bind_contextvars(actor=actor.id, role=actor.role)
    return actor


def csrf_token() -> str:
    """The token of this browser's session, for the hidden field ``csrf_token`` or the header ``X-CSRF-Token``."""
    if CSRF_KEY not in session:
        session[CSRF_KEY] = secrets.token_urlsafe(32)
    token: str = session[CSRF_KEY]
    return token


def _admit() -> Response | None:
    """Runs before each request: 401, 403 or a redirect to the log-in for those who may not in."""
    if request.endpoint is None:
        if _presented_key() is None:
            current_actor()  # the page that says "not found" greets those who are logged in
        return None
    if request.method == "OPTIONS" and _automatic_options():
        return None
    door: Door = g.door
    if door.roles is not None:
        actor = current_actor()
        if actor.role == "public":
            return _ask_to_log_in()
        if actor.role not in door.roles:
            return _turn_away(actor, door.roles)
    if request.method not in SAFE and door.csrf:
        _check_csrf()
    return None


def _turn_away(actor: Actor, roles: Collection[Role]) -> Response:
    """403 with the reason; whoever logged in just now lands at the own desk instead, and reads it there."""
    if actor.via != "session":
        raise ProblemError(403)
    own, who = ROLE_WORDS[actor.role], sorted(ROLE_WORDS[role] for role in roles if role != "admin")
    detail = (
        f"Sie sind als {actor.name} ({own}) angemeldet. Diese Seite ist nur für {' und '.join(who) or 'Verwaltung'}."
    )
    if request.method == "GET" and urlsplit(request.referrer or "").path == LOGIN:
        flash(detail)
        return redirect(DESKS.get(actor.role, "/"), 303)
    raise ProblemError(403, detail=detail)


def _automatic_options() -> bool:
    return getattr(request.url_rule, "provide_automatic_options", False) is True


def _ask_to_log_in() -> Response:
    """A browser that opens a page is sent to the log-in; everything else gets 401."""
    accepts_page = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
    if request.method in {"GET", "HEAD"} and accepts_page:
        return redirect(f"{LOGIN}?next={quote(request.full_path.rstrip('?'), safe='')}")
    raise ProblemError(401, headers=CHALLENGE)


def _identify() -> Actor:
    token = _presented_key()
    if token is not None:
        return _of_key(token)
    session_id = session.get(SESSION_KEY)
    return (shell().accounts.actor(session_id) if session_id else None) or ANYONE


def _presented_key() -> str | None:
    header: str = request.headers.get("Authorization", "")
    if header[:7].lower() == "bearer ":
        return header[7:].strip()
    return request.headers.get("X-API-Key")


def _of_key(token: str) -> Actor:
    """Unknown keys cost a query each, so an address that tries many of them is slowed down first."""
    here = shell()
    if not here.keys.remembers(token):
        taken = here.buckets.take(f"keys:{subject_of(request.remote_addr)}", here.rate)
        if taken.wait_s:
            raise ProblemError(429, headers={"Retry-After": str(taken.wait_s)})
    actor = here.keys.actor(token)
    if actor is None:
        raise ProblemError(401, detail="Dieser Schlüssel gilt nicht (mehr).", headers=CHALLENGE)
    return actor


def _check_csrf() -> None:
    """A key is no cookie: a foreign page cannot make a browser send it, so it needs no token."""
    if _presented_key() is not None and current_actor().via == "key":
        return
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not hmac.compare_digest(sent.encode(), session.get(CSRF_KEY, "").encode()) or not sent:
        detail = "Die Seite stammt aus einer früheren Sitzung. Bitte senden Sie das Formular noch einmal."
        raise ExpiredFormError(403, "Formular abgelaufen", detail)
