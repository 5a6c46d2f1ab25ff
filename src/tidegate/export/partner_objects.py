"""A row as the STIX objects that one partner gets, before they have ids and versions. Pure.

Owns what a profile does to an object: masks, extension, marking, references to whose word it is.
What we publish is our own object under our own id: STIX 2.1 §3.5 demands a new id for whatever is
republished with changes or omissions, and a partner's copy always has some. So ids belong to one
tenant's deliveries to one partner: two partners may be shown different things of one row.

Where the extension does not tell them apart, rows of one value in several scopes are one object:
the one with the strictest action speaks, then the oldest. Ranks have no say in it, since they move
with every sync and each new speaker is a new version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from tidegate.allocation.merge import STRICTNESS
from tidegate.export.eligible import Feeds, Shared
from tidegate.export.stix_objects import (
    TLP_IDS,
    StixObject,
    extension_of,
    indicator_types,
    pattern_of,
    stamp,
)
from tidegate.indicators import wire
from tidegate.indicators.indicator import Indicator
from tidegate.partner import Partner

MOST_REFERENCES = 16
"""References to whose word it is, and phases of a kill chain, in one object."""

_PHASE = re.compile(r"[a-z0-9][a-z0-9-]{0,99}").fullmatch
_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_STIX_ID = re.compile(rf"[a-z][a-z0-9-]{{2,249}}--{_UUID}").fullmatch
_INDICATOR_ID = re.compile(rf"indicator--{_UUID}").fullmatch
_TELLING_SCHEMES = ("cve", "capec")
"""Names of sources whose ids have a form of their own; a feed may be called so."""


class Thing(NamedTuple):
    """What the partner is to have: the content of one object.

    `content` lacks id, times and creator. `about` is the key of the indicator that a relationship
    starts from, empty for an indicator. `created` and `updated` are those of the row.
    """

    key: str
    content: StixObject
    created: str
    updated: str
    row: Indicator
    about: str = ""


def things_of(shared: Iterable[Shared], partner: Partner, feeds: Feeds) -> list[Thing]:
    """The objects of what may be shared, by type and value, each before what names it."""
    found: dict[str, Thing] = {}
    scoped = partner.extension and "groups" not in partner.mask
    for item in sorted(shared, key=_order):
        row = item.row
        key = "\n".join((row.type.value, row.value, *(row.groups if scoped else ())))
        if key in found:
            continue
        times = stamp(row.created), stamp(max(row.updated, row.created))
        found[key] = Thing(key, _content(item, partner, feeds), *times, row)
        if partner.derived_from:
            for target in sorted({source.stix_id for source in item.told}):
                if _INDICATOR_ID(target):
                    link = f"{key}\n\n{target}"
                    content = _derived(target, item.tlp)
                    found[link] = Thing(link, content, *times, row, about=key)
    return list(found.values())


def _order(item: Shared) -> tuple[object, ...]:
    row = item.row
    strictness = -STRICTNESS.index(row.action)
    return row.type.value, row.value, strictness, row.created, row.groups


def _content(item: Shared, partner: Partner, feeds: Feeds) -> StixObject:
    row, mask = item.row, partner.mask
    result: StixObject = {
        "type": "indicator",
        "name": _name(item, mask, feeds),
        "description": (row.description if "description" not in mask else "")
        or wire.NO_DESCRIPTION,
        "indicator_types": ["unknown"] if "action" in mask else indicator_types(row.action),
        "pattern": pattern_of(row),
        "pattern_type": "stix",
        "object_marking_refs": [TLP_IDS[item.tlp], *item.markings],
    }
    if row.expires is not None:
        result["valid_until"] = stamp(row.expires)
    if row.confidence is not None and "confidence" not in mask:
        result["confidence"] = row.confidence
    if "kill_chain" not in mask and (phases := _phases(item.raws)):
        result["kill_chain_phases"] = phases
    references: list[dict[str, str]] = []
    if "mitre" not in mask:
        references = [{"source_name": wire.MITRE_SOURCE, "external_id": name} for name in row.mitre]
    if "source" not in mask:
        references += _sources(item, feeds)
    if references:
        result["external_references"] = references
    if partner.extension:
        result["extensions"] = {wire.EXTENSION_ID: extension_of(row, mask)}
    return result


def _name(item: Shared, mask: Iterable[str], feeds: Feeds) -> str:
    """The title; the value where it is masked, or where it names a feed that is."""
    row = item.row
    if "title" in mask or not row.title:
        return row.value
    if "source" in mask:
        folded = row.title.casefold()
        titles = (feeds.titles[s.feed] for s in item.told if s.feed in feeds.titles)
        if any(title.casefold() in folded for title in titles):
            return row.value
    return row.title


def _sources(item: Shared, feeds: Feeds) -> list[dict[str, str]]:
    return [
        {"source_name": _telling(feeds.titles[source.feed]), "external_id": source.stix_id}
        for source in item.told[:MOST_REFERENCES]
        if _STIX_ID(source.stix_id)  # feeds also publish ids that are none
    ]


@lru_cache(maxsize=256)
def _telling(title: str) -> str:
    """The name of a source, which must not look like one whose ids have a form of their own."""
    return f"feed {title}" if title.casefold() in _TELLING_SCHEMES else title


def _phases(raws: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The phases that the speaking objects name, spelled as STIX 2.1 §2.11 wants them."""
    found: dict[tuple[str, str], None] = {}
    for raw in raws:
        phases = raw.get("kill_chain_phases")
        if not isinstance(phases, list):
            continue
        for phase in phases:
            if isinstance(phase, dict):
                chain, name = phase.get("kill_chain_name"), phase.get("phase_name")
                if isinstance(chain, str) and isinstance(name, str):
                    chain, name = _word(chain), _word(name)
                    if chain and name:
                        found[chain, name] = None
    return [
        {"kill_chain_name": chain, "phase_name": name}
        for chain, name in list(found)[:MOST_REFERENCES]
    ]


@lru_cache(maxsize=4096)
def _word(text: str) -> str:
    """A phase as STIX spells it, or nothing; feeds have few of them, again and again."""
    word = "-".join(text.casefold().replace("_", " ").split())
    return word if _PHASE(word) else ""


def _derived(target: str, tlp: str) -> StixObject:
    return {
        "type": "relationship",
        "relationship_type": "derived-from",
        "target_ref": target,
        "object_marking_refs": [TLP_IDS[tlp]],
    }
