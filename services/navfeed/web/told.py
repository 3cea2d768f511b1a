"""What subscribers are told of each product: what it is, for whom, and by which published schema."""

from typing import NamedTuple


class Schema(NamedTuple):
    """A published description of a format; ``href`` leads to whoever publishes it."""

    name: str
    href: str


class Told(NamedTuple):
    """``entries``: the member or element that stands once per ``entry``, for cutting a sample; empty: none."""

    title: str
    audience: str
    about: str
    schemas: tuple[Schema, ...] = ()
    entries: str = ""
    entry: str = ""


DATEX = "https://docs.datex2.eu/"
SITUATION = Schema("DATEXII_3_Situation.xsd (3.7)", DATEX)
LOCATION = Schema("DATEXII_3_LocationReferencing.xsd (3.7)", DATEX)
ROADWORKS = Schema("JSON Schema", "/feed/v1/roadworks.schema.json")
RFC_7946 = Schema("RFC 7946", "https://www.rfc-editor.org/rfc/rfc7946")
SSE = Schema("HTML Standard, Server-sent events", "https://html.spec.whatwg.org/multipage/server-sent-events.html")

PRODUCT_NOTES = {
    "roadworks.geojson": Told(
        "GeoJSON",
        "Apps, Stadtportal, WebGIS",
        "Eine Linie, Fläche oder ein Punkt je Maßnahme, WGS 84 (Länge, Breite). Jede Angabe nennt ihre Herkunft: "
        "angeordnet, gemeldet oder gemessen.",
        (ROADWORKS, RFC_7946),
        "features",
        "Maßnahme",
    ),
    "datex2/payload.xml": Told(
        "DATEX II, Publikation",
        "Navigation, Verkehrszentrale",
        "SituationPublication nach dem Profil leitbake-roadworks 1.0: eine Situation je Vorgang.",
        (Schema("DATEXII_3_D2Payload.xsd (3.7)", DATEX), SITUATION, LOCATION),
        "situation",
        "Vorgang",
    ),
    "datex2/container.xml": Told(
        "DATEX II, Nachrichtencontainer",
        "Mobilithek (Snapshot Pull)",
        "Dieselbe Publikation im MessageContainer; beendete Maßnahmen stehen 24 Stunden als closed oder cancelled "
        "darin.",
        (Schema("DATEXII_3_MessageContainer.xsd (3.7)", DATEX), SITUATION, LOCATION),
        "situation",
        "Vorgang",
    ),
}


def told(product: str) -> Told:
    """What is told of ``product``; a product without a note is named by its address."""
    return PRODUCT_NOTES.get(product, Told(product, "", ""))
