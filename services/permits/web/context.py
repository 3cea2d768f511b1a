"""What every page of this service knows: the office, who looks, and the words."""

from pathlib import Path
from typing import Any

from flask import current_app

from services.permits.application.office import EXTENSION, Office, caller
from services.permits.domain.people import Actor
from services.permits.web import words as w
from services.permits.web.form import Form
from services.permits.web.onsite_words import BADGES
from services.permits.web.times import clock_time, day, days_text, moment
from shared.web.auth import current_actor

FOLDER = Path(__file__).parent / "templates"


def office() -> Office:
    found: Office = current_app.extensions[EXTENSION]
    return found


def caller_now() -> Actor:
    actor = current_actor()
    return caller(actor.role, actor.id, actor.patterns("organisation"))


def words() -> dict[str, Any]:
    """Tables of words and ways to write times, for all templates."""
    tables = {name: getattr(w, name) for name in dir(w) if name.isupper()}
    times = {"moment": moment, "clock_time": clock_time, "day": day, "days_text": days_text}
    return tables | times | {"empty_form": Form(), "ON_SITE": BADGES}
