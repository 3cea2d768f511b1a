"""The roles in the words of those who give them out."""

from collections.abc import Mapping

ROLE_WORDS: Mapping[str, str] = {
    "public": "alle",
    "subscriber": "Datenbezieher",
    "device": "Geräte",
    "contractor": "Baufirma",
    "clerk": "Sachbearbeitung",
    "fleet": "Bauhof",
    "ops": "Betrieb",
    "admin": "Verwaltung",
}
