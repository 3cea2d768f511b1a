"""Log-in and log-out pages. Every service has them at the same address; any of them may answer."""

import secrets

import structlog
from flask import Blueprint, redirect, render_template, request, session
from werkzeug.wrappers import Response

from shared.web.auth import CSRF_KEY, SESSION_KEY, public
from shared.web.buckets import Rate, subject_of
from shared.web.kept import unpacked
from shared.web.problems import ProblemError
from shared.web.shell import DESKS, shell

log = structlog.get_logger()
login = Blueprint("login", __name__)

PER_NAME = Rate(per_s=1 / 20, burst=5)
PER_ADDRESS = Rate(per_s=1 / 2, burst=30)


@login.get("/login")
@public
def form() -> str:
    return render_template("login.html", target=_target(request.args.get("next", "")), name="")


@login.post("/login")
@public
def enter() -> Response | str | tuple[str, int]:
    """A new session under a new id and a new token: nothing planted in the browser before survives the log-in.

    Whose session had ended while a form was sent (``kept``) gets the form back, to be sent once more.
    """
    name, target = request.form.get("login", ""), _target(request.form.get("next", ""))
    kept = request.form.get("kept", "")
    _slow_down(name)
    session_id = shell().accounts.log_in(name, request.form.get("password", ""))
    if session_id is None:
        shell().metrics.count("log_ins_total", outcome="failed")
        log.warning("login_failed")
        return render_template("login.html", target=target, failed=True, name=name, kept=kept), 422
    if SESSION_KEY in session:
        shell().accounts.log_out(session[SESSION_KEY])
    session.clear()
    session.permanent = True
    session[SESSION_KEY], session[CSRF_KEY] = session_id, secrets.token_urlsafe(32)
    shell().metrics.count("log_ins_total", outcome="succeeded")
    log.info("login_succeeded")
    fields = unpacked(kept)
    if fields and target:
        return render_template("back.html", target=target, kept=fields)
    return redirect(target or _desk(session_id), 303)


@login.post("/logout")
@public
def leave() -> Response:
    if SESSION_KEY in session:
        shell().accounts.log_out(session[SESSION_KEY])
    session.clear()
    return redirect("/", 303)


def _slow_down(name: str) -> None:
    """Five tries a name and address, then one every 20 s; another address with the right password still gets in."""
    address = subject_of(request.remote_addr)
    folded = name.strip().casefold()[:100]
    for subject, rate in ((f"login:{address}", PER_ADDRESS), (f"login:{address}:{folded}", PER_NAME)):
        taken = shell().buckets.take(subject, rate)
        if taken.wait_s:
            detail = f"Zu viele Versuche. Bitte warten Sie {taken.wait_s} Sekunden."
            raise ProblemError(429, detail=detail, headers={"Retry-After": str(taken.wait_s)})


def _target(wanted: str) -> str:
    """Where to go after the log-in: an address of this site; empty: to the desk of who logs in."""
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if local else ""


def _desk(session_id: str) -> str:
    actor = shell().accounts.actor(session_id)
    return DESKS.get(actor.role, "/") if actor else "/"
