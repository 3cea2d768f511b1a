"""``/ops/``: what is wrong, the worst first, then every figure with a way to what it counts. Roles: ops, admin."""

import json
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from services.suite.ops.application import look, parked, verdict
from services.suite.ops.application.facts import Built, Facts
from services.suite.ops.application.rebuilding import Rebuilds
from services.suite.ops.application.watched import BEACONS, Watch, Watched
from services.suite.ops.web import words
from shared.clock import DAY_US, Clock
from shared.contracts.topics import TOPICS
from shared.eventlog.port import Readable, Record
from shared.eventstore.as_log import OWN_STORE
from shared.web.auth import requires
from shared.web.problems import ProblemError
from shared.web.shell import shell

PAGE_SIZE = 50
MAX_REASON = 300
MAX_SEARCH = 100
Answer = str | Response | tuple[str, int]
staff = requires("ops")


@dataclass(frozen=True)
class Ops:
    watch: Watch
    rebuilds: Rebuilds
    clock: Clock

    def service(self, name: str) -> Watched:
        try:
            return self.watch.services[name]
        except KeyError:
            raise ProblemError(404) from None


def blueprint(ops: Ops) -> Blueprint:
    pages = Blueprint("ops_pages", __name__, url_prefix="/ops", template_folder="templates")

    @pages.get("/")
    @staff
    def overview() -> str:
        facts = look.look(ops.watch, ops.clock.now())
        return render_template(
            "ops/overview.html", facts=facts, findings=verdict.findings(facts), views=_views(ops, facts), days=_days()
        )

    @pages.get("/geparkt")
    @staff
    def parked_list() -> str:
        facts = look.look(ops.watch, ops.clock.now())
        return render_template("ops/parked.html", facts=facts, asked=request.args.get("verlangt", ""))

    @pages.get("/geparkt/<service>/<group>/<path:stream>")
    @staff
    def parked_stream(service: str, group: str, stream: str) -> Answer:
        return _parked_page(ops, _where(ops, service, group, stream))

    @pages.post("/geparkt/<service>/<group>/<path:stream>")
    @staff
    def ask(service: str, group: str, stream: str) -> Answer:
        return _ask(ops, _where(ops, service, group, stream))

    @pages.get("/quarantaene/<service>/<group>/<reason>")
    @staff
    def quarantine(service: str, group: str, reason: str) -> str:
        found = look.refused(ops.service(service), group, reason, PAGE_SIZE)
        return render_template("ops/quarantine.html", reason=reason, records=[_shown(it) for it in found])

    @pages.get("/tuer/<path:reason>")
    @staff
    def door(reason: str) -> str:
        found = look.senders(ops.service(BEACONS), reason, ops.clock.now() - DAY_US, PAGE_SIZE)
        return render_template("ops/door.html", reason=reason, senders=found)

    @pages.get("/log/<name>")
    @staff
    def log(name: str) -> str:
        return _log_page(ops, name)

    @pages.post("/sichten/<name>")
    @staff
    def rebuild(name: str) -> Response:
        try:
            ops.rebuilds.start(name)
        except KeyError:
            raise ProblemError(404) from None
        return redirect("/ops/#sichten", 303)

    pages.context_processor(lambda: {"words": words, "now": ops.clock.now()})
    return pages


def _views(ops: Ops, facts: Facts) -> list[dict[str, Any]]:
    """Each view with its live generation and the one that is being built, if there is one."""
    found = []
    for service in ops.watch.services.values():
        for name in service.views:
            generations = [it for it in facts.views if (it.service, it.view) == (service.name, name)]
            live = next((it for it in generations if it.live), None)
            newer = [it for it in generations if live is None or it.number > live.number]
            building: Built | None = newer[-1] if newer else None
            busy = ops.rebuilds.running(name) or (building is not None and building.working)
            view = {"service": service.name, "name": name, "live": live, "building": building, "busy": busy}
            found.append(view | {"stopped": ops.rebuilds.stopped(name)})
    return found


def _days() -> int:
    return shell().settings.pings_days


def _where(ops: Ops, service: str, group: str, stream: str) -> parked.Where:
    return parked.Where(ops.service(service).name, group, stream)


def _parked_page(ops: Ops, where: parked.Where, error: str = "") -> Answer:
    try:
        refused = parked.records(ops.watch, where)
    except parked.NothingParkedError:
        return render_template("ops/settled.html", **where._asdict()), 404
    page = render_template(
        "ops/parked_stream.html",
        **where._asdict(),
        records=[_shown(it.record) | {"reason": it.reason} for it in refused[:PAGE_SIZE]],
        total=len(refused),
        can_ask=parked.can_ask(refused[0]),
        error=error,
        given=request.form.get("grund", ""),
        max_reason=MAX_REASON,
    )
    return (page, 422) if error else page


def _ask(ops: Ops, where: parked.Where) -> Answer:
    """Carry out the form's wish. A drop needs a reason: it can never be taken back."""
    wish, reason = request.form.get("wunsch"), request.form.get("grund", "").strip()[:MAX_REASON]
    if wish not in ("retry", "drop"):
        raise ProblemError(400)
    if wish == "drop" and not reason:
        return _parked_page(ops, where, "Bitte geben Sie an, warum dieses Ereignis nie gelten soll.")
    try:
        parked.ask(ops.watch, where, "retry" if wish == "retry" else "drop", ops.clock.now(), reason)
    except (parked.NothingParkedError, parked.NotOnTheLogError):
        return _parked_page(ops, where)
    return redirect(f"/ops/geparkt?verlangt={wish}", 303)


def _log_page(ops: Ops, name: str) -> str:
    """Records of a topic, or of a service's own store, from an offset on, or those that have a text."""
    source, topic = _source(ops, name)
    partitions = source.partitions(topic)
    number, offset, wanted = _whole("partition"), _whole("ab"), request.args.get("suche", "").strip()[:MAX_SEARCH]
    if number >= len(partitions):
        raise ProblemError(404)
    end, hits = source.ends(topic)[partitions[number]], None
    if wanted:
        hits = look.search(source, topic, wanted, PAGE_SIZE)
        records, following = hits.records, end
    else:
        records, following = look.records_from(source, partitions[number], offset, PAGE_SIZE)
    return render_template(
        "ops/log.html",
        name=name,
        own=topic == OWN_STORE,
        partitions=partitions,
        number=number,
        offset=offset,
        end=end,
        records=[_shown(it) for it in records],
        wanted=wanted,
        hits=hits,
        most=PAGE_SIZE,
        following=following if following < end else None,
    )


def _source(ops: Ops, name: str) -> tuple[Readable, str]:
    if name in ops.watch.services:
        return ops.watch.source(name, OWN_STORE), OWN_STORE
    if name in {topic.name for topic in TOPICS}:
        return ops.watch.log, name
    raise ProblemError(404)


def _whole(name: str) -> int:
    text = request.args.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _shown(record: Record) -> dict[str, Any]:
    """A record with its payload laid out; what is no JSON is shown as text."""
    try:
        data = json.dumps(msgspec.json.decode(record.event.data), ensure_ascii=False, indent=2)
    except msgspec.DecodeError:
        data = record.event.data.decode(errors="replace")
    return {"record": record, "event": record.event, "data": data}
