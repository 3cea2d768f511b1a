"""What in an imported feature may name a natural person: it is sealed, never published and never kept in clear.

A file does not say whether an applicant is a company. So only a name with a legal form or an institution's word is
public; a wrongly hidden company costs a line in the feed, a published person breaks the law.
"""

import re
from collections.abc import Mapping
from typing import Any

from services.permits.domain.people import Personal

_ORGANISATION = re.compile(
    r"\b(ag|gmbh|mbh|kg|kgaa|ohg|gbr|se|ug|eg|e\.?\s?v\.?|aör|gag|partg)(?!\w)|stadt|amt\b|netz|werk|betrieb|landkreis"
    r"|gemeinde|verband|ministerium|universität|gesellschaft|telekom|bahn\b|straßen\.nrw|landesbetrieb|hessen mobil",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"mail|phone|telefon|(^|_)tel($|_)|mobil(nummer|funk)|ansprech|kontakt|contact|verantwortlich|bauleiter|person"
    r"|responsible|auftraggeber|bauherr|(^|_)client($|_)|mvas",
    re.IGNORECASE,
)


def is_organisation(applicant: Any) -> bool:
    return isinstance(applicant, str) and bool(_ORGANISATION.search(applicant))


def personal_of(applicant: Any, unknown: Mapping[str, Mapping[str, Any]]) -> Personal | None:
    """What is to be sealed: an applicant that is no organisation, and personal properties by measure key."""
    name = None if applicant is None or is_organisation(applicant) else str(applicant)
    more = {
        f"{key}.{member}": str(value)
        for key, properties in unknown.items()
        for member, value in properties.items()
        if value is not None and _is_personal(member, value)
    }
    return Personal(applicant_name=name, more=more) if name or more else None


def without_personal(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if not _is_personal(name, value)}


def _is_personal(name: str, value: Any) -> bool:
    return bool(_PERSONAL.search(name)) or "@" in str(value)
