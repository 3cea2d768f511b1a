"""Foreign roadworks to "Permits, as GeoJSON", by a declarative mapping per source.

A mapping is a TOML file beside this module: which field of theirs is which of ours, and rules in order of weight.
A rule searches one field; what it sets stands unless an earlier rule set it. Adding a source needs no code.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from services.permits.adapters.geojson_import import Imported, Origin, load, read
from services.permits.adapters.mapping_fields import Findings


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where ``pattern`` (a regular expression, any case) is found in ``field`` (a path), set or refuse.

    Named groups set the property of their name. ``refuse``: the German reason.
    """

    field: str
    pattern: str
    set: dict[str, Any] = {}
    refuse: str | None = None


class ForeignFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"rules": "rule"}):
    """A mapping file. ``fields``: ours = path in their feature; ``time_format`` as of ``strptime``, else RFC 3339.

    ``remove``: noise in their texts.
    """

    source: str
    authority: str
    fields: dict[str, str]
    timezone: str = "Europe/Berlin"
    time_format: str | None = None
    remove: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


class Translated(NamedTuple):
    """Features in our own form, and findings by index."""

    features: list[dict[str, Any]]
    found: dict[int, Findings]


def available() -> list[str]:
    """The names of all mappings that come with the service."""
    return sorted(p.name.removesuffix(".toml") for p in _folder().iterdir() if p.name.endswith(".toml"))


def load_format(name: str) -> ForeignFormat:
    """The mapping ``name``; raises ``KeyError`` if there is none."""
    if name not in available():
        raise KeyError(name)
    return msgspec.toml.decode(_folder().joinpath(f"{name}.toml").read_bytes(), type=ForeignFormat)


def _folder() -> Any:
    return resources.files(__package__) / "mappings"


def read_foreign(data: bytes | str | Mapping[str, Any], foreign: ForeignFormat, origin: Origin) -> Imported:
    """Permits out of a foreign FeatureCollection; raises ``UnreadableError`` if it is none."""
    translated = translate(load(data), foreign)
    named = origin._replace(source=foreign.source, authority=foreign.authority)
    return read(translated.features, named, translated.found)


def translate(features: Sequence[Any], foreign: ForeignFormat) -> Translated:
    """Their features in our form; what a rule refuses is refused in ``found``. Unmapped properties stay."""
    found = {index: Findings() for index in range(len(features))}
    return Translated([_translate(feature, foreign, found[i]) for i, feature in enumerate(features)], found)


def _translate(feature: Any, foreign: ForeignFormat, findings: Findings) -> dict[str, Any]:
    if foreign.remove and isinstance(feature, Mapping):
        feature = {**feature, "properties": _cleaned(feature.get("properties"), foreign.remove)}
    ours = {name: _at(feature, path) for name, path in foreign.fields.items()}
    for name in ("start", "end"):
        if isinstance(ours.get(name), str) and foreign.time_format is not None:
            ours[name] = _instant(ours[name], foreign)
    told = _apply(feature, foreign.rules, findings)
    properties = _at(feature, "properties")
    theirs = {path.partition(".")[2].partition(".")[0] for path in foreign.fields.values()}
    kept = {k: v for k, v in properties.items() if k not in theirs} if isinstance(properties, dict) else {}
    return {"geometry": _at(feature, "geometry"), "properties": {**_aside(kept), **ours, **told}}


def _cleaned(value: Any, noise: Sequence[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _cleaned(inner, noise) for name, inner in value.items()}
    if isinstance(value, str):
        for text in noise:
            value = value.replace(text, " ")
        return value.strip()
    return value


def _aside(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Their own words under names that mean nothing to us, so that their ``direction`` is never read as ours."""
    return {f"source:{name}": value for name, value in kept.items() if value is not None}


def _at(feature: Any, path: str) -> Any:
    for name in path.split("."):
        feature = feature.get(name) if isinstance(feature, Mapping) else None
    return feature


def _instant(text: str, foreign: ForeignFormat) -> str:
    """Wall time in their format as RFC 3339; text of another shape stays, for the import to refuse."""
    try:
        moment = datetime.strptime(text.strip(), foreign.time_format or "")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return text
    if moment.utcoffset() is None:
        moment = moment.replace(tzinfo=ZoneInfo(foreign.timezone))
    return moment.isoformat()


def _apply(feature: Any, rules: Sequence[Rule], findings: Findings) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for rule in rules:
        text = _at(feature, rule.field)
        match = re.search(rule.pattern, " ".join(str(text or "").split()), re.IGNORECASE)
        if match is None:
            continue
        if rule.refuse is not None:
            findings.refuse(rule.refuse)
            return told
        for name, value in {**rule.set, **match.groupdict()}.items():
            if value is not None:
                told.setdefault(name, value)
    return told
