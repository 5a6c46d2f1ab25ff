"""A STIX indicator as a thin typed view, of version 2.0 or 2.1, read leniently.

Owns which properties matter to Tidegate and which deviations are read all the same; each of those
leaves its name in `repairs`. Refuses what it would have to guess, with a `Defect`, and never raises
for bad input. The strict library view costs a millisecond an object and refuses a fifth of what
public feeds publish; this one costs microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from tidegate.indicators.wire import MITRE_SOURCE
from tidegate.stix.repairs import (
    CONFIDENCE_IGNORED,
    ID_NOT_UUID,
    PATTERN_TYPE_MISSING,
    PATTERN_TYPE_SPELLING,
    SPEC_VERSION_INFERRED,
    TIMESTAMPS_INFERRED,
    TYPE_MISSING,
)

OTHER_LANGUAGES = frozenset(("pcre", "sigma", "snort", "suricata", "yara"))
"""pattern-type-ov of STIX 2.1 section 10.14, without `stix`; any other word is `other`."""

MAX_ID_LENGTH = 256

_ID = re.compile(
    r"[a-z][a-z0-9]*+(?:-[a-z0-9]++)*+--[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
).fullmatch
"""STIX 2.1 section 2.9: the type, two hyphens, a UUID."""

_TECHNIQUE = re.compile(r"T[0-9]{4}(?:\.[0-9]{3})?").fullmatch


class StixIndicator(NamedTuple):
    """What Tidegate reads of an indicator object. Times are UTC; texts are as published.

    `confidence` None means that the object gives none, which is not 0. `marking_refs` holds object
    markings and granular markings. `kill_chain` holds `chain:phase`, `techniques` the ids of ATT&CK
    that the object itself refers to, such as `T1071.001`.
    """

    id: str
    spec_version: str
    pattern: str
    pattern_type: str
    name: str
    description: str
    confidence: int | None
    indicator_types: tuple[str, ...]
    labels: tuple[str, ...]
    created: datetime
    modified: datetime
    valid_from: datetime
    valid_until: datetime | None
    revoked: bool
    created_by_ref: str
    marking_refs: tuple[str, ...]
    kill_chain: tuple[str, ...]
    techniques: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Defect:
    """Why an object cannot be read as an indicator: a stable code, the property, and a sentence."""

    code: str
    field: str
    detail: str


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 timestamp with any number of sub-second digits, as UTC.

    Digits beyond microseconds are cut; a leap second becomes the second after it. Raises
    ValueError, also when the zone is missing: guessing it would move an expiry.
    """
    return _known_time(text) if len(text) <= _TIME_LENGTH else _time(text)


def _time(text: str) -> datetime:
    if len(text) < 20 or text[4] != "-" or text[7] != "-" or text[10] not in "Tt ":  # noqa: PLR2004 - 2026-01-02T03:04:05Z
        raise ValueError(f"not an RFC 3339 timestamp: {text[:40]!a}")
    leap = text[16:19] == ":60"
    text = text.upper()  # RFC 3339 section 5.6 lets `t` and `z` be lower case
    try:
        found = datetime.fromisoformat(f"{text[:17]}59{text[19:]}" if leap else text)
        if found.tzinfo is None:
            raise ValueError(f"a timestamp without zone: {text[:40]!a}")
        if found.tzinfo is not UTC:
            found = found.astimezone(UTC)
        return found + timedelta(seconds=1) if leap else found
    except OverflowError as error:
        raise ValueError(f"a timestamp beyond the calendar: {text[:40]!a}") from error


_TIME_LENGTH = 32
"""Longer texts are not remembered: feeds choose how long they are."""

_known_time = lru_cache(4096)(_time)
"""Objects repeat their times: within one, and over all of a publication."""


def read_indicator(raw: Mapping[str, object]) -> StixIndicator | Defect:
    """Read one decoded JSON object; a `Defect` says why it cannot be an indicator."""
    repairs: list[str] = []
    stix_id = _identity(raw, repairs)
    if isinstance(stix_id, Defect):
        return stix_id
    pattern = raw.get("pattern")
    if not isinstance(pattern, str) or not pattern.strip():
        return Defect("no_pattern", "pattern", "the indicator has no pattern")
    version = _spec_version(raw, repairs)
    language = _pattern_type(raw, version, repairs)
    times = _times(raw, repairs)
    if isinstance(language, Defect):
        return language
    if isinstance(times, Defect):
        return times
    return StixIndicator(
        id=stix_id,
        spec_version=version,
        pattern=pattern,
        pattern_type=language,
        name=_text(raw.get("name")),
        description=_text(raw.get("description")),
        confidence=_confidence(raw.get("confidence"), repairs),
        indicator_types=_texts(raw.get("indicator_types")),
        labels=_texts(raw.get("labels")),
        created=times.created,
        modified=times.modified,
        valid_from=times.valid_from,
        valid_until=times.valid_until,
        revoked=raw.get("revoked") is True,
        created_by_ref=_text(raw.get("created_by_ref")),
        marking_refs=marking_refs(raw),
        kill_chain=kill_chain(raw.get("kill_chain_phases")),
        techniques=techniques(raw.get("external_references")),
        repairs=tuple(repairs),
    )


def _identity(raw: Mapping[str, object], repairs: list[str]) -> str | Defect:
    """Return the id; any text will do, a quarter of public ids are no UUIDs."""
    kind, stix_id = raw.get("type"), raw.get("id")
    if not isinstance(stix_id, str) or not 0 < len(stix_id) <= MAX_ID_LENGTH:
        return Defect("no_id", "id", f"no id, or one over {MAX_ID_LENGTH} characters")
    if kind != "indicator" and not (kind is None and stix_id.startswith("indicator--")):
        return Defect("not_an_indicator", "type", f"type is {str(kind)[:40]!a}")
    if kind is None:
        repairs.append(TYPE_MISSING)
    if _ID(stix_id) is None:
        repairs.append(ID_NOT_UUID)
    return stix_id


class _Times(NamedTuple):
    """The four times of an indicator."""

    created: datetime
    modified: datetime
    valid_from: datetime
    valid_until: datetime | None


def _times(raw: Mapping[str, object], repairs: list[str]) -> _Times | Defect:
    """Read the times; one of the first three stands in for those that are missing."""
    found: list[datetime | None] = []
    key = ""
    try:
        for key in _Times._fields:
            value = raw.get(key)
            found.append(None if value is None else parse_time(_text(value)))
    except ValueError as error:
        return Defect("bad_timestamp", key, str(error))
    created, modified, valid_from, valid_until = found
    if created is None or modified is None or valid_from is None:
        repairs.append(TIMESTAMPS_INFERRED)
        modified = modified or created or valid_from
        if modified is None:
            return Defect("no_timestamp", "modified", "none of modified, created and valid_from")
        created = created or modified
        valid_from = valid_from or created
    return _Times(created, modified, valid_from, valid_until)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return (value,) if isinstance(value, str) else ()
    return tuple(item for item in value if isinstance(item, str))


def _spec_version(raw: Mapping[str, object], repairs: list[str]) -> str:
    """Return 2.0 or 2.1; an object without the property is 2.0 (STIX 2.1 section 3.2)."""
    version = raw.get("spec_version")
    if version in ("2.1", "2.0"):
        return str(version)
    modern = "indicator_types" in raw or "confidence" in raw
    if version is not None or modern:
        # ESET writes "indicator" there; such objects are 2.1 in all other respects.
        repairs.append(SPEC_VERSION_INFERRED)
        return "2.1"
    return "2.0"


def _pattern_type(raw: Mapping[str, object], version: str, repairs: list[str]) -> str | Defect:
    language = raw.get("pattern_type")
    if language == "stix":
        return "stix"
    if language is None:
        if version == "2.1":
            repairs.append(PATTERN_TYPE_MISSING)
        return "stix"
    folded = _text(language).strip().casefold()
    if folded in ("stix", "stix2"):
        repairs.append(PATTERN_TYPE_SPELLING)
        return "stix"
    # The word goes into a code, so only words we know; the rest is hostile text.
    name = folded if folded in OTHER_LANGUAGES else "other"
    return Defect(
        f"pattern_type_{name}", "pattern_type", f"written in {folded[:40]!a}, not in stix"
    )


def _confidence(value: object, repairs: list[str]) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:  # noqa: PLR2004 - STIX 2.1 section 3.2
        repairs.append(CONFIDENCE_IGNORED)
        return None
    return value


UNREADABLE_MARKING = "a marking that cannot be read"
"""Stands among an object's markings where something does that is no id: what it demands is not
known, and to take the object for unmarked could pass on what is not to be."""


def marking_refs(raw: Mapping[str, object]) -> tuple[str, ...]:
    """The ids of an object's markings, those of its single properties among them.

    What names a language marks nothing (STIX 2.1 §7.2.3).
    """
    refs = raw.get("object_marking_refs")
    granular = raw.get("granular_markings")
    if refs is None and granular is None:
        return ()
    found: list[object] = list(refs) if isinstance(refs, list) else [] if refs is None else [refs]
    for marking in granular if isinstance(granular, list) else [] if granular is None else [0]:
        if not isinstance(marking, dict):
            found.append(None)
        elif "marking_ref" in marking or "lang" not in marking:
            found.append(marking.get("marking_ref"))
    return tuple(ref if isinstance(ref, str) else UNREADABLE_MARKING for ref in found)


def kill_chain(value: object) -> tuple[str, ...]:
    """The phases of `kill_chain_phases`, each as `chain:phase`."""
    if not isinstance(value, list):
        return ()
    return tuple(
        f"{_text(phase.get('kill_chain_name'))}:{_text(phase.get('phase_name'))}"
        for phase in value
        if isinstance(phase, dict)
    )


def techniques(references: object) -> tuple[str, ...]:
    """The ATT&CK ids among `external_references`, each once, in order."""
    if not isinstance(references, list):
        return ()
    named = (
        reference.get("external_id")
        for reference in references
        if isinstance(reference, Mapping) and reference.get("source_name") == MITRE_SOURCE
    )
    return tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name))


def only_techniques(names: Iterable[str]) -> tuple[str, ...]:
    """Those of some ATT&CK ids that name techniques: S0154 is a tool, G0016 a group."""
    return tuple(name for name in names if _TECHNIQUE(name))
