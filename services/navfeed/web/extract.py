"""A drawing of where a measure is, for readers without a map and for paper."""

from markupsafe import Markup

from services.navfeed.adapters.ground import Ground
from services.navfeed.web.listing import Listed
from shared.web.sketch import Mark, sketch


def extract(listed: Listed, ground: Ground) -> Markup:
    """The same language as the map's; where order and lights disagree, both places."""
    item = listed.properties
    ordered = [] if item.ghost is None else [Mark(item.ghost, item.group, "ordered")]
    found = Mark(listed.geometry, item.group, item.look, item.ends)
    return sketch(f"Lageskizze: {item.place}", [*ordered, found], ground.around)
