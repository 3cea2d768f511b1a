"""What people call what the contracts name, where more than one service says it."""

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "road_closed": "Vollsperrung",
    "direction_closed": "Richtungssperrung",
    "alternating": "Halbseitige Sperrung",
    "lanes_closed": "Fahrstreifeneinschränkung",
    "contraflow": "Überleitung",
    "lane_shift": "Verschwenkung",
    "narrowed": "Einengung",
    "footway_closed": "Gehwegsperrung",
    "cycleway_closed": "Radwegsperrung",
    "no_stopping": "Haltverbot",
    "speed_limit": "Geschwindigkeitsbeschränkung",
    "turn_banned": "Abbiegeverbot",
    "stop_closed": "Haltestelle entfällt",
    "detour": "Umleitung",
    "other": "Sonstige",
}
