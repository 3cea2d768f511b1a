"""Pages of the permit service: the works queue, a case, and its commands."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from services.permits.application.commanding import NAMES
from services.permits.application.desk import Filed, StaleError, UnknownCaseError
from services.permits.domain.errors import RefusedError
from services.permits.web import entry, queue_page
from services.permits.web.case_page import case_facts
from services.permits.web.context import FOLDER, caller_now, office, words
from services.permits.web.form import Form, of_request, parse_moment
from services.permits.web.words import named
from shared.eventstore.port import ConcurrencyError
from shared.web.auth import requires
from shared.web.problems import ProblemError, problem

Answer = str | Response | tuple[str, int]


def case(permit_id: str) -> Answer:
    return render_template("permits/case.html", **case_facts(office().read(permit_id, caller_now())))


def command(permit_id: str, name: str) -> Answer:
    """Carry out what one of the case page's forms asks for; the page again with the reason where it cannot be."""
    if name not in NAMES or name == "amend":
        raise ProblemError(404)
    filed, form = office().read(permit_id, caller_now()), of_request(request.form.items(multi=True))
    if not entry.allowed(name):
        raise ProblemError(403)
    if request.form.get("do") == "again":  # from the page about a conflict: look once more, then send
        return render_template("permits/case.html", **case_facts(filed, tried=name, form=form))
    values = _values(name, form)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if not form.errors:
        try:
            office().command(filed, name, values, caller_now(), expected=entry.expected(form))
        except RefusedError as refused:
            form.errors[refused.field or "command"] = refused.sentence
            status = status if refused.field else HTTPStatus.CONFLICT
        except (StaleError, ConcurrencyError):
            return entry.conflict(office().read(permit_id, caller_now()), form, [name])
        else:
            return entry.done(permit_id, name)
    return render_template("permits/case.html", **case_facts(filed, tried=name, form=form)), status


def _values(name: str, form: Form) -> dict[str, Any]:
    values: dict[str, Any] = {key: text for key in ("reason", "permit_number") if (text := form.fields.get(key))}
    if name == "approve" and "conditions" in form.fields:
        values["conditions"] = [line.strip() for line in form.fields["conditions"].splitlines() if line.strip()]
    for key in ("at", "end"):
        moment = parse_moment(form, key)
        if moment is not None:
            values[key] = moment
    if name == "approve" and "permit_number" in form.fields and not form.fields["permit_number"].strip():
        form.errors["permit_number"] = "Das Aktenzeichen fehlt."
    if name == "extend" and "end" not in values:
        form.errors.setdefault("end", "Bitte geben Sie das neue Ende an.")
    return values


def erase(permit_id: str) -> Answer:
    """Destroy the personal data of the case, once that was confirmed."""
    filed: Filed = office().read(permit_id, caller_now())
    if request.form.get("confirm") != "ja":
        form = Form(errors={"confirm": "Bitte bestätigen Sie, dass die Daten endgültig gelöscht werden sollen."})
        facts = case_facts(filed, tried="erase", form=form)
        return render_template("permits/case.html", **facts), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        office().erase(filed, caller_now())
    except ConcurrencyError:
        return entry.conflict(office().read(permit_id, caller_now()), Form())
    return redirect(f"/permits/{permit_id}#personendaten", HTTPStatus.SEE_OTHER)


def _unknown(_: UnknownCaseError) -> Response:
    return problem(404, detail="Diesen Vorgang gibt es nicht.")


def pages_blueprint() -> Blueprint:
    """To be registered under ``/permits``, in an app that knows the office."""
    blueprint = Blueprint("permits_pages", __name__, template_folder=str(FOLDER))
    both, admin = requires("clerk", "contractor"), requires("admin")
    for rule, methods, view, door in (
        ("/", ["GET"], queue_page.queue, both),
        ("/ansichten", ["POST"], queue_page.save_filter, both),
        ("/ansichten/entfernen", ["POST"], queue_page.drop_filter, both),
        ("/neu", ["GET"], entry.new, both),
        ("/neu", ["POST"], entry.submit, both),
        ("/entwurf", ["POST"], entry.keep, both),
        ("/entwurf/verwerfen", ["POST"], entry.discard, both),
        ("/<permit_id>", ["GET"], case, both),
        ("/<permit_id>/aendern", ["GET"], entry.change, both),
        ("/<permit_id>/aendern", ["POST"], entry.amend, both),
        ("/<permit_id>/personendaten-loeschen", ["POST"], erase, admin),
        ("/<permit_id>/<name>", ["POST"], command, both),
    ):
        blueprint.add_url_rule(rule, view_func=door(view), methods=methods)
    blueprint.register_error_handler(UnknownCaseError, _unknown)
    blueprint.context_processor(words)
    blueprint.app_template_filter("named")(named)
    return blueprint
