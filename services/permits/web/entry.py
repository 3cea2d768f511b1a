"""The form for applications and changes: what was typed stays until it is right, and is saved as one goes."""

from collections.abc import Collection
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from flask import flash, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from services.permits.application.commanding import may
from services.permits.application.desk import Filed, StaleError
from services.permits.domain.errors import RefusedError
from services.permits.domain.people import Personal
from services.permits.web import map_data, place, preview
from services.permits.web.context import caller_now, office
from services.permits.web.form import Form, of_content, of_request
from services.permits.web.timeline import timeline
from services.permits.web.times import clock_time
from services.permits.web.words import AUTHORISATIONS, DONE, FORMS, typed_words
from shared.eventstore.port import ConcurrencyError
from shared.web.auth import current_actor
from shared.web.problems import ProblemError

Answer = str | Response | tuple[str, int]
WHOLE_FORM = ("amend", "submit")  # the commands that it stands for
BEGUN = "neu-"  # so begin the names of forms about no case yet
# Fields that say something before anybody has typed.
PRESET = (
    "attempt", "applicant_kind", "authorisation", "occupation", "mobility", "received_via", "-direction", "-place",
)  # fmt: skip
UNSHOWN = {"version", "attempt", "permit_id"}  # fields that nobody typed


def allowed(name: str) -> bool:
    return may(caller_now(), name)


def expected(form: Form) -> int:
    """The version that the page showed; a form without one is refused as stale."""
    text = form.fields.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


def new() -> str:
    """An empty form, one that was begun (``?entwurf=``), or one like a case that there is (``?wie=``)."""
    drafts, chosen, like = office().form_drafts, request.args.get("entwurf", ""), request.args.get("wie", "")
    found = drafts.of(current_actor().id, f"{BEGUN}{chosen}") if chosen else []
    if found:
        return _page(Form(found[0].fields), saved=found[0].saved_at)
    if like:
        filed = office().read(like, caller_now())
        form = of_content(filed.case.known)
        _for_eyes(form, filed)
        own = caller_now().role != "clerk"
        if own:  # a clerk may take a case as a pattern for somebody else's
            _show_people(form, filed)
        for name in [name for name in form.fields if name.endswith("-key")]:
            form.fields[name] = ""
        return _page(_applying(form), nobody=not own)
    begun = [draft for draft in drafts.of(current_actor().id) if draft.form.startswith(BEGUN)]
    form = _applying(Form({"applicant_kind": "organisation"}))
    return _page(form, begun=[(d.form.removeprefix(BEGUN), d.saved_at, preview.outline(d.fields)) for d in begun])


def _applying(form: Form) -> Form:
    """A contractor applies in the account's name; it is public only where the account is an organisation's."""
    actor = current_actor()
    if caller_now().role != "clerk" and not form.fields.get("applicant", "").strip():
        kind = "organisation" if actor.patterns("organisation") else "person"
        form.fields |= {"applicant_kind": kind, "applicant": actor.name}
    return form


def submit() -> Answer:
    form = of_request(request.form.items(multi=True))
    if _edited(form):
        return _page(form)
    if request.form.get("do") == "save":
        saved = _save(form, f"{BEGUN}{form.attempt}")
        return redirect(f"/permits/neu?entwurf={form.attempt}" if saved else "/permits/neu", HTTPStatus.SEE_OTHER)
    place.resolve(form, office().streets())
    if request.form.get("do") == "preview":
        headlines = preview.headlines_of(form)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return _page(form, headlines=headlines), status
    values, personal = form.values(), form.personal()
    headlines = _check_applicant(form)
    if not form.errors:
        try:
            filed = office().submit(values, personal, caller_now(), key=form.attempt)
            office().form_drafts.drop(current_actor().id, f"{BEGUN}{form.attempt}")
            return done(filed.permit_id, "submit")
        except RefusedError as refused:
            form.refuse(refused)
        except ConcurrencyError:
            form.errors["form"] = "Bitte senden Sie das Formular noch einmal."
    return _page(form, headlines=headlines), HTTPStatus.UNPROCESSABLE_ENTITY


def done(permit_id: str, name: str) -> Response:
    """To the case, which says that the command was carried out."""
    asked = name == "extend" and caller_now().role == "contractor"
    flash(DONE["ask-extension" if asked else name], "success")
    return redirect(f"/permits/{permit_id}", HTTPStatus.SEE_OTHER)


def _check_applicant(form: Form, filed: Filed | None = None) -> list[str]:
    """What the public would read, and in ``errors`` all that is wrong, where nobody is said to apply.

    What the authority orders for itself nobody applied for; who may say so, the office decides. An order has its
    applicant, and who was erased is not asked for again.
    """
    if filed is not None and (_stage(filed) == "order" or filed.case.erased_at):
        return []
    if form.fields.get("applicant", "").strip() or form.fields.get("authorisation") == "own":
        return []
    headlines = preview.headlines_of(form, filed)
    form.errors["applicant"] = "Bitte geben Sie an, wer den Antrag stellt."
    return headlines


def change(permit_id: str) -> Answer:
    """The form for an order or application that is to be changed, or for a draft; with what was typed and not sent."""
    filed = office().read(permit_id, caller_now())
    _command(filed)
    found = office().form_drafts.of(current_actor().id, permit_id)
    if not found:
        return _page(_form_of(filed), filed=filed)
    form = Form(found[0].fields)
    if expected(form) != filed.version:
        return conflict(filed, form)  # better now than after an hour of typing
    return _page(form, filed=filed, saved=found[0].saved_at)


def _for_eyes(form: Form, filed: Filed) -> None:
    """Notes on what was handed in are the authority's; whoever does not read them leaves them as they are."""
    if caller_now().role != "clerk" and filed.case.status != "draft":
        for name in [name for name in form.fields if name.endswith("-note")]:
            form.fields[name] = ""


def _form_of(filed: Filed) -> Form:
    form = of_content(filed.case.known)
    _for_eyes(form, filed)
    form.fields["version"] = str(filed.version)
    if _stage(filed) != "order":
        _show_people(form, filed)
    return form


def _show_people(form: Form, filed: Filed) -> None:
    """Clerks read them anyway, and whose case it is."""
    opened = office().people.open(filed.case.personal)
    if isinstance(opened, Personal):
        form.show(opened)


def amend(permit_id: str) -> Answer:
    """Change the order, or the application that nobody has decided yet; of a draft: hand it in."""
    filed, form = office().read(permit_id, caller_now()), of_request(request.form.items(multi=True))
    if expected(form) != filed.version:
        return conflict(filed, form)
    name = _command(filed)
    if _edited(form):
        return _page(form, filed=filed)
    place.resolve(form, office().streets())
    values, personal = form.merged(filed.case.known), form.personal(shown=_stage(filed) != "order")
    values["reason"] = form.fields.get("reason", "")
    _check_applicant(form, filed)
    if not form.errors:
        try:
            office().command(filed, name, values, caller_now(), personal=personal, expected=expected(form))
            office().form_drafts.drop(current_actor().id, permit_id)
            return done(permit_id, "correct" if _stage(filed) == "submitted" else name)
        except RefusedError as refused:
            form.refuse(refused)
        except (StaleError, ConcurrencyError):
            return conflict(office().read(permit_id, caller_now()), form)
    return _page(form, filed=filed), HTTPStatus.UNPROCESSABLE_ENTITY


def _command(filed: Filed) -> str:
    """What sending the form does to a case that there is; raises ``ProblemError`` where it does nothing any more."""
    offered = [name for name in office().offers(filed, caller_now()) if name in WHOLE_FORM]
    if not offered:
        detail = "Ändern lässt sich, worüber noch nicht entschieden ist, und was gültig angeordnet ist."
        raise ProblemError(409, "Stand des Vorgangs", detail)
    return offered[0]


def conflict(filed: Filed, form: Form, names: Collection[str] = WHOLE_FORM) -> Answer:
    """Somebody was faster: what happened since, and what was typed, so that nothing is lost.

    ``names``: the commands that the form stands for; is none of them possible any more, the page says so.
    """
    steps = [s for s in timeline(filed, clerk=caller_now().role == "clerk") if s.version > max(expected(form), 0)]
    kept = {name: text for name, text in form.fields.items() if text.strip() and name not in UNSHOWN}
    page = render_template(
        "permits/conflict.html",
        filed=filed,
        steps=steps,
        kept=kept,
        typed=typed_words(kept),
        again=request.path,
        whole=names is WHOLE_FORM,
        possible=not set(names).isdisjoint(office().offers(filed, caller_now())),
    )
    return page, HTTPStatus.CONFLICT


def keep() -> Response:
    """Save what is typed so far, and judge it, for the script of the form: what would be public, what is wrong."""
    form = of_request(request.form.items(multi=True))
    permit_id = request.form.get("permit_id", "")
    filed = office().read(permit_id, caller_now()) if permit_id else None
    try:
        saved = _save(form, permit_id or f"{BEGUN}{form.attempt}")
    except RefusedError as refused:
        raise ProblemError(422, detail=refused.sentence) from refused
    place.resolve(form, office().streets())
    public, waiting = preview.headlines_of(form, filed), preview.waiting(form)
    _check_applicant(form, filed)
    return jsonify(
        saved=clock_time(saved) if saved else "",
        attempt=form.attempt,
        public=public,
        waiting=waiting,
        named=f"In der Anordnung steht: {form.named}." if form.named else "",
        errors=form.errors,
    )


def discard() -> Answer:
    """Forget what was typed and not sent."""
    permit_id, attempt = request.form.get("permit_id", ""), request.form.get("attempt", "")
    office().form_drafts.drop(current_actor().id, permit_id or f"{BEGUN}{attempt}")
    return redirect(f"/permits/{permit_id}" if permit_id else "/permits/neu", HTTPStatus.SEE_OTHER)


def _save(form: Form, name: str) -> datetime | None:
    """Keep what was typed, and when; a new form into which nobody has typed anything is no form that was begun."""
    if name.startswith(BEGUN) and not _typed(form):
        office().form_drafts.drop(current_actor().id, name)
        return None
    fields = {name: text for name, text in form.fields.items() if name != "permit_id"}
    return office().form_drafts.save(current_actor().id, name, fields)


def _typed(form: Form) -> bool:
    own = {"applicant": current_actor().name}
    return any(
        text.strip() and not name.endswith(PRESET) and text != own.get(name) for name, text in form.fields.items()
    )


def _edited(form: Form) -> bool:
    """The buttons that change the form itself, or look up its streets."""
    action, _, number = request.form.get("do", "").partition("-")
    if action == "add":
        form.add_measure()
    elif action == "remove" and number.isdecimal():
        form.remove_measure(int(number))
    elif action == "place":
        place.resolve(form, office().streets())
    return action in {"add", "remove", "place", "again"}


def _stage(filed: Filed | None) -> Literal["new", "draft", "submitted", "order"]:
    """What the form is about; it applies for something until that is ordered."""
    if filed is None:
        return "new"
    return "draft" if filed.case.status == "draft" else "submitted" if filed.case.status == "submitted" else "order"


def _page(form: Form, filed: Filed | None = None, **more: Any) -> str:
    """``filed``: the case that the form is about, None for a new one."""
    register = office().streets()
    place.default_ways(form, register)
    clerk, stage = caller_now().role == "clerk", _stage(filed)
    if filed and "headlines" not in more:
        # On a copy: what is wrong is told when it is sent.
        more["headlines"] = preview.headlines_of(Form(dict(form.fields)), filed)
    return render_template(
        "permits/form.html",
        form=form,
        clerk=clerk,
        permit_id=filed.permit_id if filed else "",
        words=FORMS[stage],
        applying=stage != "order",
        changing=stage in {"submitted", "order"},
        authorisations={name: words for name, words in AUTHORISATIONS.items() if clerk or name != "own"},
        named=form.named,
        waiting="" if more.get("headlines") else preview.waiting(form),
        register=register is not None,
        districts=register.names.districts() if register else (),
        crossings=place.suggestions(form, register),
        sketch=map_data.form_sketch(form),
        **more,
    )
