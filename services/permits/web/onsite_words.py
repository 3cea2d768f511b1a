"""What the lights say of a case, in the words of the visual language: a badge for the queue, a sentence per site."""

from collections.abc import Sequence
from datetime import datetime

from services.permits.application.onsite import OnSite, Site
from services.permits.web.times import moment
from shared.clock import BERLIN

BADGES: dict[OnSite, str] = {
    "overrunning": "Steht noch",
    "not_set_up": "Nicht eingerichtet",
    "deviates": "Lage weicht ab",
    "silent": "Ohne Signal",
    "set_up": "Gemessen",
    "cleared": "Abgebaut",
}


def badge(sites: Sequence[Site]) -> str:
    """Of several sites the one that wants a look first, and how many there are; empty where nothing is known."""
    if not sites:
        return ""
    words = BADGES[sites[0].state]
    return words if len(sites) == 1 else f"{words} (eine von {len(sites)} Arbeitsstellen)"


def sentence(site: Site, now: datetime) -> str:
    """What the lights say of a site and since when, without a full stop."""
    since = _since(site.since, now)
    lights = f", {site.lights} Warnleuchte{'' if site.lights == 1 else 'n'}" if site.lights else ""
    match site.state:
        case "overrunning":
            return f"Die Frist ist vorbei, die Arbeitsstelle steht noch{lights}"
        case "not_set_up":
            return "Angeordnet, vor Ort noch keine Warnleuchten erkannt"
        case "deviates":
            return f"Steht etwa {round((site.deviation_m or 0) / 10) * 10} m neben der angeordneten Stelle{lights}"
        case "silent":
            return f"{since} ohne Signal; die letzte gemessene Lage bleibt"
        case "set_up":
            return f"{since} eingerichtet{lights}, zuletzt gemessen {_at(site.observed_at, now)}"
        case "cleared":
            return f"Laut Warnleuchten s{since[1:]} abgebaut"


def _since(instant: datetime, now: datetime) -> str:
    return f"Seit {_at(instant, now).removeprefix('um ')}"


def _at(instant: datetime, now: datetime) -> str:
    local = instant.astimezone(BERLIN)
    same_day = local.date() == now.astimezone(BERLIN).date()
    return f"um {local:%H:%M} Uhr" if same_day else moment(instant)
