"""Pages of the fleet: all lights, one light, alarms, and setting lights up on the street."""

from uuid import UUID

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.application.staff import staff
from services.beacons.web import alarm_page, fleet_page, light_page, measure_page, setup_page
from shared.web.auth import public, requires

Answer = str | Response | tuple[str, int]

acting = requires("fleet", "clerk")
on_the_street = requires("contractor", "fleet", "clerk")


def blueprint(fleet: FleetDoors) -> Blueprint:
    pages = Blueprint("beacons_pages", __name__, url_prefix="/beacons", template_folder="templates")
    _of_lights(pages, fleet)
    _of_alarms(pages, fleet)
    _of_setting_up(pages, fleet)
    return pages


def _of_lights(pages: Blueprint, fleet: FleetDoors) -> None:
    @pages.get("/")
    @staff
    def lights() -> Answer:
        return fleet_page.show(fleet)

    @pages.get("/lichter/<device_id>")
    @staff
    def light(device_id: str) -> Answer:
        return light_page.show(fleet, device_id)

    @pages.get("/baustellen/<measure_id>")
    @public
    def of_measure(measure_id: str) -> Answer:
        return measure_page.show(fleet, measure_id)

    @pages.get("/devices/<device_id>")
    @staff
    def device(device_id: str) -> Answer:
        return redirect(url_for("beacons_pages.light", device_id=device_id), code=301)


def _of_alarms(pages: Blueprint, fleet: FleetDoors) -> None:
    @pages.get("/alarme")
    @staff
    def alarms() -> Answer:
        return alarm_page.show(fleet)

    @pages.get("/alarme/<uuid:alarm_id>")
    @staff
    def alarm(alarm_id: UUID) -> Answer:
        return alarm_page.one(fleet, alarm_id)

    @pages.post("/alarme/<uuid:alarm_id>")
    @acting
    def acknowledge(alarm_id: UUID) -> Answer:
        return alarm_page.acknowledge(fleet, alarm_id)


def _of_setting_up(pages: Blueprint, fleet: FleetDoors) -> None:
    @pages.get("/setup")
    @on_the_street
    def setup() -> Answer:
        return setup_page.index(fleet)

    @pages.get("/setup/<device_id>")
    @on_the_street
    def setup_light(device_id: str) -> Answer:
        return setup_page.light(fleet, device_id)

    @pages.post("/setup/<device_id>")
    @on_the_street
    def bind(device_id: str) -> Answer:
        return setup_page.bind(fleet, device_id)

    @pages.get("/codes")
    @acting
    def codes() -> Answer:
        return setup_page.codes(fleet)
