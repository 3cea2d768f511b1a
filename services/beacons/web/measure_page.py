"""The lights of one measure, for everybody: the list beside the dots of the public map."""

from flask import render_template

from services.beacons.application.fleet_doors import FleetDoors
from services.beacons.web import words
from services.beacons.web.people import now_of


def show(fleet: FleetDoors, measure_id: str) -> str:
    now = now_of(fleet)
    lights = [
        (row["device_id"], words.shown(row), words.stamp(row["observed_at"], now))
        for row in fleet.reads.shown(measure_id)
    ]
    return render_template("measure_lights.html", measure_id=measure_id, lights=lights)
