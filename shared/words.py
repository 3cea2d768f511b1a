"""What people call what the contracts name, where more than one service says it."""

from collections.abc import Mapping, Sequence

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


def thousands(number: int) -> str:
    """``10.000``."""
    return f"{number:,}".replace(",", ".")


def listed(names: Sequence[str]) -> str:
    """``Auto, Lkw und Bus``."""
    return " und ".join(part for part in (", ".join(names[:-1]), names[-1] if names else "") if part)
