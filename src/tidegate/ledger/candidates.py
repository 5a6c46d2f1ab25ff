"""How a candidate is kept in the ledger: its columns, and the rest as JSON.

Owns the fields that `why` needs again. Refuses the texts that only a row needs, such as the
description: the next evaluation makes them anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from tidegate.clock import read_stamp, stamp
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.mapping.candidate import Candidate


def body_of(candidate: Candidate) -> bytes:
    """Write what a candidate says besides its feed, object, type and value."""
    return orjson.dumps(
        {
            "rule": candidate.rule,
            "action": candidate.action.value,
            "severity": candidate.severity.value,
            "title": candidate.title,
            "evidence": stamp(candidate.evidence),
            "trust": candidate.trust,
            "groups": candidate.groups,
            "expires": None if candidate.expires is None else stamp(candidate.expires),
            "confidence": candidate.confidence,
            "tlp": candidate.tlp,
            "aliases": candidate.aliases,
            "warnings": candidate.warnings,
            "repairs": candidate.repairs,
            "widening": candidate.widening,
            "category": candidate.category,
            "mitre": candidate.mitre,
            "context": dict(candidate.context),
            "sightings": candidate.sightings,
        }
    )


def read_candidate(feed: str, stix_id: str, kind: str, value: str, body: bytes) -> Candidate:
    """Read a row of the table of candidates."""
    record: dict[str, Any] = orjson.loads(body)
    expires: datetime | None = read_stamp(record["expires"]) if record["expires"] else None
    return Candidate(
        feed=feed,
        stix_id=stix_id,
        rule=record["rule"],
        type=IndicatorType(kind),
        value=value,
        action=Action(record["action"]),
        severity=Severity(record["severity"]),
        title=record["title"],
        evidence=read_stamp(record["evidence"]),
        trust=record["trust"],
        groups=tuple(record["groups"]),
        expires=expires,
        confidence=record["confidence"],
        tlp=record["tlp"],
        aliases=tuple(record["aliases"]),
        warnings=tuple(record["warnings"]),
        # Absent from what an older version evaluated.
        repairs=tuple(record.get("repairs", ())),
        widening=tuple(record.get("widening", ())),
        category=record.get("category", ""),
        mitre=tuple(record.get("mitre", ())),
        context={name: tuple(texts) for name, texts in record.get("context", {}).items()},
        sightings=record.get("sightings", 0),
    )
