"""``/schluessel``: an administrator lists, makes and revokes API keys; a new one is shown once, in the answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from shared.clock import BERLIN, DAY_US, Micros, from_micros, to_micros
from shared.text import UnfitTextError
from shared.web.actor import UnknownScopeError
from shared.web.auth import requires
from shared.web.doors import Role
from shared.web.keys import KeyRow, NewKey
from shared.web.problems import ProblemError
from shared.web.role_words import ROLE_WORDS
from shared.web.shell import shell

key_pages = Blueprint("key_pages", __name__)
admin = requires("admin")

GIVEN: tuple[Role, ...] = ("subscriber", "device", "fleet", "contractor", "clerk", "ops", "admin")
EXPLAINED: dict[Role, str] = {
    "subscriber": "liest den Feed unter eigener Zählung",
    "device": "meldet für die genannten Geräte",
    "fleet": "meldet für alle Geräte, führt das Geräteverzeichnis",
    "contractor": "beantragt und meldet für die genannte Firma",
    "clerk": "bearbeitet alle Vorgänge",
    "ops": "sieht den Betrieb",
    "admin": "darf alles",
}
# Without a scope of that kind, a key of that role reaches nothing.
NEEDED: dict[str, tuple[str, str]] = {
    "device": ("devices:", "Bitte geben Sie an, für welche Geräte, etwa devices:LT-*."),
    "contractor": ("organisation:", "Bitte geben Sie an, für welche Firma, etwa organisation:tiefbau-gmbh."),
}
MAX_LABEL = 200
SOON_US = 30 * DAY_US


@key_pages.get("/schluessel")
@admin
def keys() -> str:
    return _page()


@key_pages.post("/schluessel")
@admin
def make() -> tuple[str, int]:
    """The page with the new key in it, not to be kept by anybody; again with the faults where it cannot be made."""
    values, errors = dict(request.form), {}
    label, role = values.get("label", "").strip(), values.get("role", "")
    if not label or len(label) > MAX_LABEL:
        errors["label"] = "Bitte geben Sie an, wofür der Schlüssel ist."
    if role not in GIVEN:
        errors["role"] = "Bitte wählen Sie eine Rolle."
    scopes = values.get("scopes", "").split()
    kind, asked = NEEDED.get(role, ("", ""))
    if kind and not any(scope.startswith(kind) for scope in scopes):
        errors["scopes"] = asked
    until = _end_of_day(values.get("until", ""), errors)
    if not errors:
        try:
            made = shell().keys.create(cast("Role", role), label, scopes, until)
        except UnknownScopeError as error:
            errors["scopes"] = f"„{error}“ ist kein Geltungsbereich. Möglich sind devices:… und organisation:…."
        except UnfitTextError:
            errors["label"] = "Die Bezeichnung enthält Zeichen, die nicht gespeichert werden können."
        else:
            return _page(made=made), 201
    return _page(values, errors), 422


@key_pages.post("/schluessel/<key_id>/widerrufen")
@admin
def revoke(key_id: str) -> Response:
    if not shell().keys.revoke(key_id):
        raise ProblemError(404, detail="Diesen Schlüssel gibt es nicht, oder er gilt schon nicht mehr.")
    return redirect("/schluessel?widerrufen=1", 303)


def _page(
    values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None, made: NewKey | None = None
) -> str:
    now = shell().clock.now()
    rows = [_row(row, now) for row in shell().keys.all()]
    return render_template(
        "keys.html",
        active=[row for row in rows if row["counts"]],
        ended=[row for row in rows if not row["counts"]],
        made=made,
        values=values or {},
        errors=errors or {},
        roles=[(role, ROLE_WORDS[role], EXPLAINED[role]) for role in GIVEN],
        revoked="widerrufen" in request.args,
    )


def _row(row: KeyRow, now: Micros) -> dict[str, Any]:
    expired = row.expires_at is not None and row.expires_at <= now
    return {
        "id": row.id,
        "label": row.label,
        "role": ROLE_WORDS[row.role],
        "scopes": row.scopes,
        "created": _day(row.created_at),
        "used": _day(row.last_used_at) if row.last_used_at else "nie",
        "until": _last_day(row.expires_at) if row.expires_at else "unbefristet",
        "soon": row.expires_at is not None and now < row.expires_at <= now + SOON_US,
        "ended": f"widerrufen am {_day(row.revoked_at)}" if row.revoked_at else "abgelaufen",
        "counts": row.revoked_at is None and not expired,
    }


def _end_of_day(text: str, errors: dict[str, str]) -> Micros | None:
    """The end of that day here; empty: never."""
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=BERLIN)
        until = to_micros(day + timedelta(days=1))
    except (ValueError, OverflowError):
        errors["until"] = "Bitte geben Sie einen Tag an."
        return None
    if until <= shell().clock.now():
        errors["until"] = "Der Tag liegt in der Vergangenheit."
    return until


def _day(instant: Micros) -> str:
    local = from_micros(instant).astimezone(BERLIN)
    return f"{local.day}.{local.month}.{local.year}"


def _last_day(end: Micros) -> str:
    """The last day on which it counts: the end is exclusive."""
    return f"bis {_day(end - 1)}"
