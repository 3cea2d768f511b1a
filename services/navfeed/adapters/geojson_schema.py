"""The JSON Schema (2020-12) of the GeoJSON product, from the struct that its features are written from."""

from typing import Any

import msgspec

from services.navfeed.domain.feature import NO_PROPERTIES, Feature

NAME = "roadworks.schema.json"
ROADWORKS = "Roadworks"
DEFS, OPENAPI = "#/$defs/{name}", "#/components/schemas/{name}"
TIMES = ("generated_at", "version_time", "start", "end", "observed_at")
ABOUT = {
    ROADWORKS: "Alle Maßnahmen, die gelten, kommen oder vor weniger als 24 Stunden endeten",
    "Feature": "Eine Maßnahme, wie sie nach Anordnung und Warnleuchten zurzeit gilt. Jede Angabe ist immer da; "
    "unbekannt heißt null.",
    "Properties": "Angaben zur Maßnahme",
    "Provenance": "Woher Ort und Zeiten kommen: ordered (Anordnung), reported (Meldung), measured (Warnleuchten)",
    "Claim": "Was eine Seite allein sagt, Anordnung oder Warnleuchten",
    "Schedule": "Tägliche Zeiten in Ortszeit (Europe/Berlin); ein Fenster über Mitternacht gehört zum Tag des Beginns",
    "Point": "Punkt nach RFC 7946: Länge, Breite (WGS 84)",
    "LineString": "Linie nach RFC 7946 in Fahrtrichtung: Länge, Breite (WGS 84)",
    "Polygon": "Fläche nach RFC 7946: Länge, Breite (WGS 84), jeder Ring geschlossen",
}
MEMBERS = {
    "id": "Kennung auf Dauer",
    "situation_id": "Kennung des Vorgangs im Feed, dieselbe wie in DATEX II",
    "permit_number": "Aktenzeichen der verkehrsrechtlichen Anordnung",
    "version": "zählt mit jeder veröffentlichten Änderung",
    "version_time": "wann diese Fassung entstand",
    "authority": "anordnende Behörde",
    "district": "Ortsteil",
    "measure": "Art der Maßnahme",
    "control": "wie der Verkehr geregelt wird",
    "works_kind": "Art der Arbeiten",
    "headline": "ein Satz für Menschen",
    "street": "Straße",
    "from_street": "von, in der gezeichneten Richtung",
    "to_street": "bis, in der gezeichneten Richtung",
    "road_number": "Nummer, etwa B 9",
    "road_class": "Straßenklasse",
    "direction": "betroffene Richtung entlang der gezeichneten Linie",
    "side": "betroffene Seite entlang der gezeichneten Linie",
    "lanes_total": "Fahrstreifen insgesamt",
    "lanes_closed": "davon gesperrt",
    "residual_width_m": "Restbreite in Metern",
    "speed_limit_kph": "zulässige Geschwindigkeit in km/h",
    "affects": "wen sie laut Anordnung betrifft; null: die Anordnung nennt niemanden eigens",
    "exempt": "wer ausgenommen ist",
    "detour": "Umleitung in Worten",
    "start": "Beginn (UTC)",
    "end": "Ende (UTC), selbst nicht mehr enthalten; null: offen. Bei overrunning rollt es um je 24 Stunden weiter",
    "schedule": "tägliche Zeiten; null: durchgehend",
    "status": "Stand",
    "provenance": "Herkunft von Ort und Zeiten",
    "ordered": "was die Anordnung sagt",
    "measured": "was die Warnleuchten sagen; null: nichts gemessen",
    "deviation_m": "Abstand zwischen gemessenem und angeordnetem Ort in Metern, wenn sie sich widersprechen",
    "place_kind": "Form des Ortes",
    "place_accuracy_m": "Genauigkeit des gemessenen Ortes in Metern (95 %)",
    "observed_at": "letzte Beobachtung durch Warnleuchten",
    "observed_lights": "wie viele Warnleuchten dort zuletzt standen",
    "on_site": "Lage vor Ort laut Warnleuchten",
    "place": "Ort insgesamt",
    "place_from": "erster Punkt der Linie",
    "place_to": "letzter Punkt der Linie",
    "geometry": "Ort",
    "daily_from": "täglich von, HH:MM",
    "daily_to": "täglich bis, HH:MM",
    "weekdays": "Wochentage nach ISO 8601, 1 ist Montag",
    "except": "Tage, an denen nicht gearbeitet wird",
    "publisher": "Herausgeber",
    "licence": "Adresse der Lizenz",
    "attribution": "Quellenvermerk, wörtlich zu nennen",
    "generated_at": "wann sich der Inhalt zuletzt geändert hat",
    "features": "die Maßnahmen",
}


def document(address: str) -> dict[str, Any]:
    """The schema as it is published at ``address``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": "Baustellen als GeoJSON",
        "$ref": DEFS.format(name=ROADWORKS),
        "$defs": shapes(DEFS),
    }


def shapes(refs: str) -> dict[str, Any]:
    """The product and what it is made of, by name; ``refs`` is the template of their references to each other."""
    _, found = msgspec.json.schema_components([Feature], ref_template=refs)
    plain: dict[str, Any] = found["Feature"]["properties"]
    geometry = plain["geometry"]
    text = {"type": "string"}
    found[ROADWORKS] = _object(
        {
            "type": {"const": "FeatureCollection"},
            "publisher": text,
            "licence": text,
            "attribution": text,
            "generated_at": text,
            "features": {"type": "array", "items": {"$ref": refs.format(name="Feature")}},
        }
    )
    found["Feature"] = _object(
        {
            "type": {"const": "Feature"},
            "id": text,
            "geometry": geometry,
            "properties": {"$ref": refs.format(name="Properties")},
        }
    )
    found["Properties"] = _object({name: shape for name, shape in plain.items() if name not in NO_PROPERTIES})
    return {name: _told(shape) | {"description": ABOUT[name]} for name, shape in sorted(found.items())}


def _object(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def _told(shape: dict[str, Any]) -> dict[str, Any]:
    """In the words of subscribers, and as a feature is written: every member there, times with their zone."""
    properties = {
        name: {key: value for key, value in _timed(name, member).items() if key != "default"} | _about(name)
        for name, member in shape["properties"].items()
    }
    return {"type": "object", "properties": properties, "required": shape["required"]}


def _about(name: str) -> dict[str, str]:
    return {"description": MEMBERS[name]} if name in MEMBERS else {}


def _timed(name: str, member: dict[str, Any]) -> dict[str, Any]:
    if name not in TIMES or "enum" in member:  # a provenance has a start, too
        return member
    text = {"type": "string", "format": "date-time"}
    return {"anyOf": [text, {"type": "null"}]} if "anyOf" in member else text
