"""The JSON of the API as marshmallow schemas: the vocabulary of "Permits, as GeoJSON", and what the document says."""

from typing import Any, get_args

from marshmallow import Schema, fields, validate

from services.permits.domain.case import Status
from shared.contracts import permits as p

NAME = validate.Length(max=200)
TEXT = validate.Length(max=4_000)
KEY = validate.Regexp(r"^[A-Za-z0-9._:-]{1,64}\Z")
TIME_OF_DAY = validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d\Z")
MEASURES_MAX = 200
PAGE_MAX = 200


def _one_of(literal: Any) -> validate.OneOf:
    return validate.OneOf(get_args(literal))


def _text(words: str = "", **more: Any) -> fields.String:
    return fields.String(**{"validate": NAME, "allow_none": True, "metadata": {"description": words}, **more})


def _number(words: str, low: float, high: float, *, whole: bool = True) -> Any:
    limits, metadata = validate.Range(low, high), {"description": words}
    if whole:
        return fields.Integer(strict=True, allow_none=True, validate=limits, metadata=metadata)
    return fields.Float(allow_none=True, validate=limits, metadata=metadata)


class FeatureCollectionSchema(Schema):
    type = fields.String()
    features = fields.List(fields.Dict())


class GeometrySchema(Schema):
    """RFC 7946: LineString, Polygon or Point, WGS 84 lon-lat."""

    type = fields.String(required=True, validate=validate.OneOf(["LineString", "Polygon", "Point"]))
    coordinates = fields.List(
        fields.Raw(), required=True, validate=validate.Length(min=1, max=10_000), metadata={"description": "lon, lat"}
    )


class MeasureSchema(Schema):
    """One effect on traffic with its own place and time."""

    key = fields.String(
        data_key="measure_id",
        validate=KEY,
        metadata={"description": "eindeutig im Vorgang; fehlt sie: die Reihenfolge"},
    )
    kind = fields.String(data_key="measure", required=True, validate=_one_of(p.MeasureKind))
    geometry = fields.Nested(GeometrySchema, required=True)
    street = fields.String(required=True, validate=NAME)
    direction = fields.String(validate=_one_of(p.Direction), metadata={"description": "entlang der gezeichneten Linie"})
    start = fields.AwareDateTime(required=True, format="iso")
    end = fields.AwareDateTime(allow_none=True, format="iso", metadata={"description": "fehlt oder null: offen"})
    daily_from = fields.String(allow_none=True, validate=TIME_OF_DAY, metadata={"description": "Ortszeit in Berlin"})
    daily_to = fields.String(allow_none=True, validate=TIME_OF_DAY)
    weekdays = fields.List(fields.Integer(strict=True, validate=validate.Range(1, 7)), allow_none=True)
    except_dates = fields.List(fields.Date(), data_key="except", validate=validate.Length(max=366))
    control = fields.String(allow_none=True, validate=_one_of(p.Control))
    lanes_total = _number("Fahrstreifen", 1, 20)
    lanes_closed = _number("davon gesperrt", 0, 20)
    residual_width_m = _number("Meter", 0, 100, whole=False)
    speed_limit_kph = _number("km/h", 3, 130)
    side = fields.String(allow_none=True, validate=validate.OneOf(["left", "right", "both"]))
    house_numbers = _text()
    from_street = _text()
    to_street = _text()
    affects = fields.List(fields.String(validate=_one_of(p.Traveller)))
    exempt = fields.List(fields.String(validate=_one_of(p.Exemption)))
    detour = _text(validate=TEXT)
    standard_plan = _text("Nummer des Regelplans")
    note = _text("Bemerkung, nicht öffentlich", validate=TEXT)


class MeasureOutSchema(MeasureSchema):
    id = fields.String(metadata={"description": "öffentliche Kennung, fürs Leben"})


class PersonalSchema(Schema):
    """Never published, kept encrypted, shown to clerks only."""

    applicant_name = _text()
    applicant_email = _text()
    applicant_phone = _text()
    responsible_name = _text()
    responsible_phone = _text("24 Stunden erreichbar")
    responsible_proof = _text("Nachweis der Fachkunde nach MVAS 99")
    client = _text("Auftraggeber")


class ContentSchema(Schema):
    """What a case orders."""

    measures = fields.List(
        fields.Nested(MeasureSchema), required=True, validate=validate.Length(min=1, max=MEASURES_MAX)
    )
    title = _text()
    works_kind = _text("Art der Arbeiten")
    applicant = _text("Organisation; was keiner gleicht, wird als Name einer Person verschlüsselt")
    district = _text("Ortsteil")
    phase = _text()
    authorisation = fields.String(validate=_one_of(p.Authorisation))
    occupation = fields.String(validate=_one_of(p.Occupation))
    expected_days = _number("bei occupation=within", 1, 10_000)
    mobility = fields.String(validate=_one_of(p.Mobility))
    conditions = fields.List(fields.String(validate=TEXT), validate=validate.Length(max=100))
    personal = fields.Nested(PersonalSchema)


class SubmitSchema(ContentSchema):
    permit_number = _text("nur für Behörden; der Antragsteller hat noch keines")
    received_via = fields.String(validate=NAME)
    received_at = fields.AwareDateTime(format="iso")


class HandInSchema(SubmitSchema):
    """Without measures: the content of the draft."""

    measures = fields.List(fields.Nested(MeasureSchema), validate=validate.Length(min=1, max=MEASURES_MAX))


class SubmitQuerySchema(Schema):
    draft = fields.Boolean(load_default=False, metadata={"description": "ablegen; eingereicht wird mit …/submit"})


class AmendSchema(ContentSchema):
    reason = _text(validate=TEXT)


class ApproveSchema(Schema):
    permit_number = _text("Aktenzeichen, falls noch keines vergeben ist")
    conditions = fields.List(fields.String(validate=TEXT), validate=validate.Length(max=100))
    reason = _text(validate=TEXT)


class ReasonSchema(Schema):
    reason = fields.String(required=True, validate=TEXT)


class MaybeReasonSchema(Schema):
    reason = _text(validate=TEXT)


class ReportSchema(Schema):
    at = fields.AwareDateTime(format="iso", metadata={"description": "wann es so war; fehlt: jetzt"})


class InterruptSchema(ReportSchema):
    reason = _text(validate=TEXT)


class ExtendSchema(Schema):
    end = fields.AwareDateTime(format="iso", metadata={"description": "fehlt: wie beantragt"})
    measures = fields.List(
        fields.String(validate=KEY), metadata={"description": "öffentliche Kennungen; fehlen sie: die zuletzt enden"}
    )
    reason = _text(validate=TEXT)


class ExportSchema(Schema):
    status = fields.List(fields.String(validate=validate.OneOf(["open", *get_args(Status)[1:]])), load_default=list)
    street = fields.String(validate=NAME, load_default="")
    district = fields.String(validate=NAME, load_default="")
    q = fields.String(validate=NAME, load_default="")


class ListSchema(ExportSchema):
    """Query of the list; the order is that of what burns, ties by id."""

    page = fields.Integer(validate=validate.Range(1, 1_000_000), load_default=1)
    size = fields.Integer(data_key="page_size", validate=validate.Range(1, PAGE_MAX), load_default=50)


class SubmitHeadersSchema(Schema):
    idempotency_key = fields.String(
        data_key="Idempotency-Key",
        validate=validate.Length(1, 200),
        metadata={"description": "dieselbe Anfrage noch einmal ändert nichts"},
    )


class CommandHeadersSchema(SubmitHeadersSchema):
    if_match = fields.String(data_key="If-Match", metadata={"description": "ETag des Standes, den Sie kennen"})


class ImportSchema(Schema):
    format = fields.String(
        load_default="geojson",
        metadata={"description": "geojson oder der Name einer Zuordnung: berlin_viz, bw_roadworks"},
    )


class ExtensionSchema(Schema):
    """New ends that the applicant asks for, until a clerk decides."""

    ends = fields.Dict(keys=fields.String(), values=fields.AwareDateTime(format="iso"))
    reason = fields.String(allow_none=True)
    at = fields.AwareDateTime(format="iso")


class CaseSchema(Schema):
    """A case as one caller may see it; ``personal`` for clerks only, ``erased`` once it is gone."""

    id = fields.String()
    version = fields.Integer()
    status = fields.String(validate=_one_of(Status))
    permit_number = fields.String()
    authority = fields.String()
    title = fields.String()
    works_kind = fields.String()
    applicant = fields.String()
    district = fields.String()
    phase = fields.String()
    authorisation = fields.String()
    occupation = fields.String()
    expected_days = fields.Integer()
    mobility = fields.String()
    conditions = fields.List(fields.String())
    measures = fields.List(fields.Nested(MeasureOutSchema))
    reason = fields.String(metadata={"description": "Begründung der letzten Entscheidung"})
    received_via = fields.String()
    received_at = fields.AwareDateTime(format="iso")
    source = fields.String()
    started_at = fields.AwareDateTime(format="iso")
    ended_at = fields.AwareDateTime(format="iso")
    extension = fields.Nested(ExtensionSchema, metadata={"description": "beantragte Verlängerung"})
    commands = fields.List(fields.String(), metadata={"description": "was Sie jetzt tun können"})
    personal = fields.Nested(PersonalSchema)
    personal_erased = fields.Boolean()


class RowSchema(Schema):
    id = fields.String(attribute="permit_id")
    version = fields.Integer()
    status = fields.String()
    permit_number = fields.String()
    district = fields.String()
    streets = fields.List(fields.String())
    measures = fields.List(fields.String(), attribute="kinds")
    start = fields.AwareDateTime(attribute="starts_at", format="iso")
    end = fields.AwareDateTime(attribute="ends_at", format="iso")
    due_at = fields.AwareDateTime(format="iso", metadata={"description": "wann der Vorgang drängt"})
    submitted_at = fields.AwareDateTime(format="iso")
    changed_at = fields.AwareDateTime(format="iso")


class PageSchema(Schema):
    items = fields.List(fields.Nested(RowSchema), attribute="rows")
    total = fields.Integer()
    page = fields.Integer()
    page_size = fields.Integer(attribute="size")


class FeatureReportSchema(Schema):
    feature = fields.Integer(metadata={"description": "Nummer in der Datei, ab 0"})
    permit_number = fields.String()
    measure_id = fields.String()
    outcome = fields.String(validate=validate.OneOf(["taken", "repaired", "refused"]))
    effect = fields.String(validate=validate.OneOf(["created", "changed", "unchanged", "refused"]))
    permit_id = fields.String()
    sentences = fields.List(fields.String())


class ImportReportSchema(Schema):
    """How many permits came in, how many features did not, and what became of every feature of the file."""

    created = fields.Integer(metadata={"description": "neue Vorgänge"})
    changed = fields.Integer(metadata={"description": "geänderte Vorgänge"})
    unchanged = fields.Integer(metadata={"description": "Vorgänge, die schon so sind"})
    refused = fields.Integer(metadata={"description": "abgelehnte Features"})
    features = fields.List(fields.Nested(FeatureReportSchema))
