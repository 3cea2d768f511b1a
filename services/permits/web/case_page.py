"""The facts of a case page: what is ordered, what may be done, what happened, and what the public sees."""

from datetime import datetime
from typing import Any

from services.permits.application.desk import Filed
from services.permits.domain.case import IN_FORCE, Case
from services.permits.domain.requirements import begin
from services.permits.web import map_data, onsite_words, preview
from services.permits.web.context import caller_now, office
from services.permits.web.form import Form
from services.permits.web.timeline import timeline
from services.permits.web.times import local_input, moment
from services.permits.web.words import COMMANDS, FORMS
from shared.clock import from_micros
from shared.privacy.vault import ERASED
from shared.web.auth import current_actor


def case_facts(filed: Filed, tried: str | None = None, form: Form | None = None) -> dict[str, Any]:
    """What ``case.html`` shows; ``tried`` and ``form``: the command that did not work, with its errors."""
    actor = caller_now()
    clerk = actor.role == "clerk"
    opened = office().people.open(filed.case.personal)  # for clerks and for whose case it is; others never come here
    now, offered = from_micros(office().clock.now()), office().offers(filed, actor)
    sites = office().onsite.of([filed.permit_id]).get(filed.permit_id, [])
    return {
        "filed": filed,
        "case": filed.case,
        "permit": filed.case.known.permit,
        "actions": offered,
        "labels": {**COMMANDS, **_labels(filed.case, clerk=clerk)},
        "steps": timeline(filed, clerk=clerk),
        "clerk": clerk,
        "personal": opened,
        "erased": opened is ERASED,
        "may_erase": current_actor().has("admin"),
        "publication": publication(filed.case, now),
        "headlines": preview.headlines(filed.case.known.permit, now, revoked=filed.case.status == "revoked"),
        "consequences": {name: preview.consequences(filed.case, name, clerk=clerk, now=now) for name in offered},
        "later": preview.later(filed.case, offered),
        "corrections": preview.corrections(filed.case, offered, clerk=clerk),
        "on_site": [onsite_words.sentence(site, now) for site in sites],
        "drawing": map_data.features(filed.case.known.permit, sites),
        "sketch": map_data.case_sketch(filed.case.known.permit, sites),
        "extension": extension(filed.case),
        "begun": next(iter(office().form_drafts.of(current_actor().id, filed.permit_id)), None),
        "prefilled": {
            "approve": Form(
                {
                    "conditions": "\n".join(filed.case.known.conditions),
                    "permit_number": filed.case.known.permit.permit_number,
                }
            ),
            "extend": Form({"end": local_input(asked_end(filed.case))}),
        },
        "tried": tried,
        "form": form or Form(),
    }


def _labels(case: Case, *, clerk: bool) -> dict[str, str]:
    """Commands that are called otherwise here."""
    if case.status == "submitted":
        return {"amend": FORMS["submitted"].send}
    if not clerk:
        return {"extend": "Verlängerung beantragen"}
    return {"extend": "Verlängerung genehmigen"} if case.extension else {}


def asked_end(case: Case) -> datetime | None:
    """The end that was asked for and not decided yet."""
    return max((end for end in case.extension.ends.values() if end), default=None) if case.extension else None


def extension(case: Case) -> str:
    end = asked_end(case)
    return f"Verlängerung beantragt bis {moment(end)}; noch nicht entschieden." if end else ""


def publication(case: Case, now: datetime) -> str:
    """One sentence: whether and from when the public sees the case."""
    start = begin(case)
    if case.status == "submitted":
        when = f"gültig ab {moment(start)}" if start > now else "gültig ab sofort"
        return f"Noch nicht öffentlich. Wird mit der Anordnung veröffentlicht, {when}."
    if case.status in IN_FORCE:
        return f"Öffentlich, gültig ab {moment(start)}."
    if case.status == "draft":
        return "Noch nicht eingereicht und nur für Sie sichtbar."
    if case.status in {"rejected", "withdrawn"}:
        return "Nicht öffentlich."
    how = "entfallen" if case.status == "revoked" else "beendet"
    return f"Als {how} veröffentlicht; verschwindet nach 24 Stunden aus den Karten."
