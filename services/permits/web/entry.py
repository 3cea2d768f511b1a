"""The form for applications and changes: what was typed stays until it is right."""

from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from services.permits.application.commanding import may, offers
from services.permits.application.desk import StaleError
from services.permits.domain.content import Content
from services.permits.domain.errors import RefusedError
from services.permits.domain.people import Personal
from services.permits.web.case_page import timeline
from services.permits.web.context import caller_now, office
from services.permits.web.form import Form, of_content, of_request
from shared.eventstore.port import ConcurrencyError
from shared.web.problems import ProblemError

Answer = str | Response | tuple[str, int]


def allowed(name: str) -> bool:
    return may(caller_now(), name)


def expected(form: Form) -> int:
    """The version that the page showed; a form without one is refused as stale."""
    text = form.fields.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


def new() -> str:
    return _page(Form({"applicant_kind": "organisation"}))


def submit() -> Answer:
    form = of_request(request.form.items(multi=True))
    if _edited(form):
        return _page(form)
    values, personal = form.values(), form.personal()
    preview: Content | None = None
    if not form.errors:
        try:
            if request.form.get("do") != "preview":
                filed = office().submit(values, personal, caller_now(), key=form.attempt)
                return redirect(f"/permits/{filed.permit_id}", HTTPStatus.SEE_OTHER)
            preview = office().preview(values, caller_now())
        except RefusedError as refused:
            form.refuse(refused)
        except ConcurrencyError:
            form.errors["form"] = "Bitte senden Sie das Formular noch einmal."
    return _page(form, preview=preview), HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def change(permit_id: str) -> Answer:
    filed = office().read(permit_id, caller_now())
    if "amend" not in offers(filed.case, caller_now()):
        raise ProblemError(409, "Stand des Vorgangs", "Nur eine gültige Anordnung lässt sich ändern.")
    form = of_content(filed.case.known)
    form.fields["version"] = str(filed.version)
    return _page(form, permit_id=permit_id)


def amend(permit_id: str) -> Answer:
    filed, form = office().read(permit_id, caller_now()), of_request(request.form.items(multi=True))
    if _edited(form):
        return _page(form, permit_id=permit_id)
    opened = office().people.open(filed.case.personal)
    values, personal = form.merged(filed.case.known), form.personal(opened if isinstance(opened, Personal) else None)
    values["reason"] = form.fields.get("reason", "")
    if not form.errors:
        try:
            office().command(filed, "amend", values, caller_now(), personal=personal, expected=expected(form))
            return redirect(f"/permits/{permit_id}", HTTPStatus.SEE_OTHER)
        except RefusedError as refused:
            form.refuse(refused)
        except (StaleError, ConcurrencyError):
            return conflict(permit_id, form)
    return _page(form, permit_id=permit_id), HTTPStatus.UNPROCESSABLE_ENTITY


def conflict(permit_id: str, form: Form) -> Answer:
    """Somebody was faster: what happened since, and what was typed, so that nothing is lost."""
    filed = office().read(permit_id, caller_now())
    steps = [s for s in timeline(filed, clerk=caller_now().role == "clerk") if s.version > max(expected(form), 0)]
    kept = {name: text for name, text in form.fields.items() if text.strip() and name not in {"version", "attempt"}}
    return render_template("permits/conflict.html", filed=filed, steps=steps, kept=kept), HTTPStatus.CONFLICT


def _edited(form: Form) -> bool:
    """The buttons that change the form itself."""
    action, _, number = request.form.get("do", "").partition("-")
    if action == "add":
        form.add_measure()
    elif action == "remove" and number.isdecimal():
        form.remove_measure(int(number))
    return action in {"add", "remove"}


def _page(form: Form, **more: Any) -> str:
    return render_template("permits/form.html", form=form, clerk=caller_now().role == "clerk", **more)
