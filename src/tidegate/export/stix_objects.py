"""A row as a STIX 2.1 indicator object, and the fixed objects that go with it. Pure.

Owns ids, patterns and properties of what we publish. Objects are plain dictionaries: building
15,000 through stix2 takes 19 s, so `stix_bundle.check` has stix2 read the result instead.
Refuses `note`, `pinned`, `origin`, feed names and ranks: they are ours, not the reader's.

Ids. STIX 2.1 §2.9 wants SDO ids to be version 4, and the validator warns (103) about version 5;
yet a second export must name the same objects by the same ids. So an id is SHA-256 over who
speaks, the row's key and the time of the row's creation, with the version and variant bits of a
version 4 UUID. Who speaks is part of it because only the creator may version an object (§3.6) and
two organisations may hold the same row. The creation time is part of it because `created` may
never change under an id, and because a withdrawn id can never come back: a row that was removed
and made anew is a new object.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv6Address
from types import MappingProxyType

from tidegate.indicators import wire
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType
from tidegate.mapping.context import MARKING

TLP_IDS = MappingProxyType(
    {
        level: f"marking-definition--{uuid}"
        for level, uuid in (
            ("clear", "94868c89-83c2-464b-929b-a1a8aa3c8487"),
            ("green", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"),
            ("amber", "55d920b0-5e8b-4f79-9ee9-91f868d9b421"),
            ("amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003"),
            ("red", "e828b379-4e03-4974-9ac4-e53a884c97c1"),
        )
    }
)
"""The TLP 2.0 marking of each level; we never write TLP 1.0, whose `white` is not `clear`."""

StixObject = dict[str, object]

TIDEGATE_ID = "identity--99703f40-ce7d-4df3-a852-8ba101dbae8a"
_FIXED_TIME = "2026-01-01T00:00:00.000Z"

_HASH_PATHS = {kind.value: f"file:hashes.{key}" for kind, key in wire.HASH_KEYS.items()}
_PATHS: dict[str, str] = {
    **_HASH_PATHS,
    IndicatorType.DOMAIN_NAME: "domain-name:value",
    IndicatorType.URL: "url:value",
    IndicatorType.CERTIFICATE: "x509-certificate:hashes.'SHA-1'",
}

# The vocabulary says what the thing is, the action what we do about it. `benign` is what Allow
# asserts. Alert only claims no malice: a partner who blocks `malicious-activity` must not block
# what we ourselves only watch.
_INDICATOR_TYPES = {
    Action.ALLOW: ["benign"],
    Action.ALERT_ONLY: ["anomalous-activity"],
    Action.ALERT_AND_BLOCK: ["malicious-activity"],
    Action.WARN: ["malicious-activity"],
    Action.BLOCK: ["malicious-activity"],
}

_SCHEMA = (
    "Property extension of indicator: edr_type, the Defender indicatorType; edr_action, one of"
    " Allow, Alert only, Alert and block, Warn, Block; edr_severity, one of Informational, Low,"
    " Medium, High; edr_scope, list of device group names, absent for all devices; edr_category,"
    " the alert category; edr_recommended_actions, free text. Only edr_type, edr_action and"
    " edr_severity are always present."
)


def indicator_types(action: Action) -> list[str]:
    """The words of `indicator-type-ov` (STIX 2.1 §10.12) for what we do about a value."""
    return list(_INDICATOR_TYPES[action])


def uuid4_from(text: str) -> str:
    """Derive a UUID with the version 4 bits from SHA-256 of `text`; the same text, the same id."""
    return uuid4_of(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def uuid4_of(digits: str) -> str:
    """Shape the first 32 of a digest's hex digits as a version 4 UUID."""
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


@lru_cache(maxsize=4096)
def stamp(time: datetime) -> str:
    """Write a UTC time as STIX wants it: milliseconds (cut, not rounded) and `Z`.

    Rows that came together have their times in common, so that most are written once.
    """
    return time.isoformat(timespec="milliseconds")[:-6] + "Z"


def fixed_objects(identity: str) -> list[StixObject]:
    """The identity that speaks, and our extension with its own author."""
    return [identity_object(identity), *extension_objects()]


def identity_object(name: str) -> StixObject:
    """The organisation of that name."""
    return _identity(identity_id(name), name, "organization")


def extension_objects() -> list[StixObject]:
    """Our extension with its own author.

    The extension is Tidegate's, not the operator's: the same id must carry the same content
    wherever it is published (STIX 2.1 §3.6).
    """
    return [
        _identity(TIDEGATE_ID, "Tidegate", "system"),
        {
            "type": "extension-definition",
            "spec_version": "2.1",
            "id": wire.EXTENSION_ID,
            "created_by_ref": TIDEGATE_ID,
            "created": _FIXED_TIME,
            "modified": _FIXED_TIME,
            "name": "Endpoint response",
            "description": "What an endpoint protection product does when the indicator matches.",
            "schema": _SCHEMA,
            "version": "1.0.0",
            "extension_types": ["property-extension"],
        },
    ]


@lru_cache(maxsize=64)
def identity_id(name: str) -> str:
    """The STIX id of the organisation of that name."""
    return "identity--" + uuid4_from(f"identity\n{name}")


def indicator_object(row: Indicator, speaker: str) -> StixObject:
    """Write one row as an indicator by the identity with id `speaker`.

    `valid_until` is the row's expiry and must lie after `valid_from` (STIX 2.1 §4.7), which is the
    row's creation unless the expiry came first. Both texts are always there, since consumers drop
    indicators without a name and the validator asks for both (303).
    """
    created = stamp(row.created)
    result: StixObject = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--" + uuid4_from(f"{speaker}\n{created}\n{row.key.text}"),
        "created_by_ref": speaker,
        "created": created,
        "modified": created if row.updated <= row.created else stamp(row.updated),
        "name": row.title or row.value,
        "description": row.description or wire.NO_DESCRIPTION,
        "indicator_types": indicator_types(row.action),
        "pattern": pattern_of(row),
        "pattern_type": "stix",
        "valid_from": created,
    }
    if row.expires is not None:
        until = stamp(row.expires)
        if until <= created:
            result["valid_from"] = stamp(row.expires - timedelta(milliseconds=1))
        result["valid_until"] = until
    if row.confidence is not None:
        result["confidence"] = row.confidence
    markings = [] if row.tlp is None else [TLP_IDS[row.tlp]]
    if markings := [*markings, *row.context.get(MARKING, ())]:
        result["object_marking_refs"] = markings
    if row.mitre:
        result["external_references"] = [
            {"source_name": wire.MITRE_SOURCE, "external_id": name} for name in row.mitre
        ]
    result["extensions"] = {wire.EXTENSION_ID: extension_of(row)}
    return result


def pattern_of(row: Indicator) -> str:
    """The STIX pattern of a row: one equality, or the hashes of one file joined by OR.

    OR, because whoever computes only one of the algorithms shall match too. IPv6 is compressed
    (RFC 5952): that is what observations carry, while Defender wants all eight groups.
    """
    kind = row.type
    if kind is IndicatorType.IP_ADDRESS:
        if ":" in row.value:
            return f"[ipv6-addr:value = '{IPv6Address(row.value).compressed}']"
        return f"[ipv4-addr:value = '{row.value}']"
    terms = [f"{_PATHS[kind]} = '{_escaped(row.value)}'"]
    for alias in row.aliases:
        name, _, value = alias.partition(":")
        path = _HASH_PATHS.get(name)
        if path is not None:
            terms.append(f"{path} = '{_escaped(value)}'")
    return f"[{' OR '.join(terms)}]"


def writable(item: object) -> object:
    """A copy of a JSON value with lone surrogates replaced: UTF-8 has no bytes for them."""
    if isinstance(item, str):
        return item.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(item, dict):
        return {key: writable(value) for key, value in item.items()}
    return [writable(value) for value in item] if isinstance(item, list) else item


def _escaped(value: str) -> str:
    """STIX 2.1 §9.2: a string literal escapes the apostrophe and the backslash, nothing else."""
    return value.replace("\\", "\\\\").replace("'", "\\'")


def extension_of(row: Indicator, mask: Container[str] = ()) -> StixObject:
    """Our properties but for those that `mask` names by the names of the row's fields.

    Empty lists and texts are left out, as STIX 2.1 §2.8 demands of lists.
    """
    result: StixObject = {
        "extension_type": "property-extension",
        wire.EDR_TYPE: row.type.value,
        wire.EDR_ACTION: row.action.value,
        wire.EDR_SEVERITY: row.severity.value,
    }
    if row.groups and "groups" not in mask:
        result[wire.EDR_SCOPE] = list(row.groups)
    if row.category and "category" not in mask:
        result[wire.EDR_CATEGORY] = row.category
    if row.recommended_actions and "recommended_actions" not in mask:
        result[wire.EDR_RECOMMENDED_ACTIONS] = row.recommended_actions
    return result


def _identity(identifier: str, name: str, kind: str) -> StixObject:
    """An identity that speaks for itself; its time is fixed, so it is the same in every export."""
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": identifier,
        "created_by_ref": identifier,
        "created": _FIXED_TIME,
        "modified": _FIXED_TIME,
        "name": name,
        "identity_class": kind,
    }
