"""What the beacon service's doors take and give, in the words of the public interface."""

from typing import get_args

from marshmallow import EXCLUDE, Schema, fields
from marshmallow.validate import Length, OneOf, Range

from services.beacons.application.fleet_alarms import NOTE_LENGTH
from services.beacons.application.fleet_search import STATES
from services.beacons.application.registry import MAX_INTERVAL_S
from shared.contracts.devices import DeviceKind

LIMIT, MAX_LIMIT = 100, 1_000
MAX_NAME = 64
ALARM_KINDS = (
    "moved_away", "became_silent", "fell", "battery_low", "lamp_failed", "recovered", "not_set_up",
    "unpermitted_site_suspected", "overrunning", "deviation",
)  # fmt: skip
SITE_STATES = ("set_up", "silent", "cleared", "not_set_up", "suspected")


class LimitSchema(Schema):
    limit = fields.Integer(load_default=LIMIT, validate=Range(1, MAX_LIMIT))


class PageSchema(LimitSchema):
    after = fields.String(
        load_default="", validate=Length(max=128), metadata={"description": "`next` der vorigen Seite"}
    )


class DeviceQuerySchema(PageSchema):
    kind = fields.String(load_default=None, validate=OneOf(get_args(DeviceKind)))
    site_id = fields.String(load_default=None, validate=Length(max=128))
    permit_number = fields.String(load_default=None, validate=Length(max=128))
    search = fields.String(
        load_default=None, validate=Length(max=MAX_NAME), metadata={"description": "Teil der Kennung"}
    )


class AlarmQuerySchema(LimitSchema):
    after = fields.UUID(load_default=None, metadata={"description": "`next` der vorigen Seite"})
    open = fields.Boolean(load_default=None, metadata={"description": "nur offene (true) oder nur erledigte (false)"})
    kind = fields.String(load_default=None, validate=OneOf(ALARM_KINDS))
    acknowledged = fields.Boolean(load_default=None)
    device_id = fields.String(load_default=None, validate=Length(max=MAX_NAME))


class SiteQuerySchema(PageSchema):
    state = fields.String(load_default=None, validate=OneOf(SITE_STATES))


class SearchSchema(Schema):
    """The filters of the fleet page; empty ones do not count."""

    class Meta:  # noqa: D106  # marshmallow names it
        unknown = EXCLUDE

    suche = fields.String(load_default="", validate=Length(max=MAX_NAME))
    zustand = fields.String(load_default="", validate=OneOf(("", *STATES)))
    hersteller = fields.String(load_default="", validate=Length(max=MAX_NAME))
    vorgang = fields.String(load_default="", validate=Length(max=128))


class HoursSchema(Schema):
    stunden = fields.Integer(load_default=24, validate=Range(1, 72))


class EntrySchema(Schema):
    """A device's entry in the registry; an empty ``permit_number``: not bound by hand."""

    kind = fields.String(required=True, validate=OneOf(get_args(DeviceKind)))
    vendor = fields.String(load_default=None, allow_none=True, validate=Length(max=MAX_NAME))
    profile = fields.String(load_default=None, allow_none=True, validate=Length(max=MAX_NAME))
    expected_interval_s = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=Range(1, MAX_INTERVAL_S)
    )
    permit_number = fields.String(load_default=None, allow_none=True, validate=Length(max=128))


class RegisteredSchema(Schema):
    device_id = fields.String()
    changed = fields.Boolean()


class StateSchema(Schema):
    """What the lights' events say; times with offset, place WGS 84 lon-lat, ``sigma_m`` per axis."""

    lonlat = fields.List(fields.Float(), allow_none=True)
    sigma_m = fields.Float(allow_none=True)
    fixes = fields.Integer(allow_none=True)
    standing_since = fields.AwareDateTime(allow_none=True)
    observed_at = fields.AwareDateTime(allow_none=True)
    moved_at = fields.AwareDateTime(allow_none=True)
    lamp = fields.String()
    silent_since = fields.AwareDateTime(allow_none=True)
    fallen = fields.Boolean()
    battery_low = fields.Boolean()
    battery_pct = fields.Float(allow_none=True)
    lamp_failed = fields.Boolean()
    site_id = fields.String(allow_none=True)
    permit_number = fields.String(allow_none=True)


class DeviceSchema(Schema):
    device_id = fields.String()
    kind = fields.String(allow_none=True)
    vendor = fields.String(allow_none=True)
    profile = fields.String(allow_none=True)
    expected_interval_s = fields.Integer(allow_none=True)
    permit_number = fields.String(allow_none=True)
    registered = fields.Boolean()
    state = fields.Nested(StateSchema)


class DevicesSchema(Schema):
    devices = fields.List(fields.Nested(DeviceSchema))
    next = fields.String(allow_none=True)


class SeenFixSchema(Schema):
    """``allowed_m`` is how far from the stay's centre the fix may lie; ``verdict`` what the stay made of it."""

    time = fields.AwareDateTime()
    lonlat = fields.List(fields.Float())
    accuracy_m = fields.Float()
    distance_m = fields.Float()
    allowed_m = fields.Float()
    verdict = fields.String(metadata={"description": "used, replaced, earlier, outlier, moving oder too_fast"})


class StaySchema(Schema):
    """The robust centre (WGS 84 lon-lat), one standard deviation of it and of a fix per axis."""

    lonlat = fields.List(fields.Float())
    sigma_m = fields.Float()
    scatter_m = fields.Float()
    since = fields.AwareDateTime()
    seen = fields.AwareDateTime()
    used = fields.Integer()


class FixesSchema(Schema):
    device_id = fields.String()
    stay = fields.Nested(StaySchema, allow_none=True)
    fixes = fields.List(fields.Nested(SeenFixSchema))


class LineSchema(Schema):
    number = fields.Integer()
    device_id = fields.String()
    outcome = fields.String(metadata={"description": "entered, unchanged oder refused"})
    reason = fields.String()


class ReportSchema(Schema):
    entered = fields.Integer(metadata={"description": "neu oder geändert"})
    unchanged = fields.Integer()
    refused = fields.Integer()
    report = fields.List(fields.Nested(LineSchema))


class RefusedSchema(Schema):
    reason = fields.String()
    words = fields.String(metadata={"description": "der Grund auf Deutsch"})
    at = fields.AwareDateTime()
    ping = fields.Raw(metadata={"description": "die Meldung, wie sie kam; null: nicht lesbar"})


class QuarantineSchema(Schema):
    device_id = fields.String()
    refused = fields.List(fields.Nested(RefusedSchema))


class AcknowledgementSchema(Schema):
    at = fields.AwareDateTime()
    role = fields.String()
    by = fields.String(metadata={"description": "Kennung eines Zugangs oder Schlüssels, nie ein Name"})
    note = fields.String()


class NoteSchema(Schema):
    note = fields.String(required=True, validate=Length(1, NOTE_LENGTH), metadata={"description": "was veranlasst ist"})


class AlarmSchema(Schema):
    id = fields.String()
    kind = fields.String()
    at = fields.AwareDateTime()
    device_id = fields.String(allow_none=True)
    site_id = fields.String(allow_none=True)
    permit_number = fields.String(allow_none=True)
    lonlat = fields.List(fields.Float(), allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    detail = fields.Dict()
    acknowledged = fields.Nested(AcknowledgementSchema, allow_none=True)


class AlarmsSchema(Schema):
    alarms = fields.List(fields.Nested(AlarmSchema))
    next = fields.String(allow_none=True)


class SiteSchema(Schema):
    site_id = fields.String()
    permit_id = fields.String(allow_none=True)
    permit_number = fields.String(allow_none=True)
    state = fields.String()
    at = fields.AwareDateTime()
    measure_ids = fields.List(fields.String())
    lights = fields.List(fields.String())
    extents = fields.Raw(allow_none=True)


class SitesSchema(Schema):
    sites = fields.List(fields.Nested(SiteSchema))
    next = fields.String(allow_none=True)
