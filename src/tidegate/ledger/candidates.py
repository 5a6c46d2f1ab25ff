"""How candidates are kept in the ledger: those of one object together, as JSON.

Owns every field that a row, `why` or an export needs again, and the short form that ranking reads.
Refuses to be read by anybody else than this version: evaluations are made anew when it changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from tidegate.clock import read_stamp, stamp
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.mapping.candidate import Candidate, Proposal

TYPES = tuple(IndicatorType)
ACTIONS = tuple(Action)
SEVERITIES = tuple(Severity)
KIND = {kind: place for place, kind in enumerate(TYPES)}
_ACTION = {action: place for place, action in enumerate(ACTIONS)}
_SEVERITY = {severity: place for place, severity in enumerate(SEVERITIES)}


def names_text(names: Sequence[str]) -> str:
    """Write a list of names, so that no names are an empty text."""
    return orjson.dumps(names).decode() if names else ""


def read_names(text: str) -> tuple[str, ...]:
    """Read what `names_text` wrote."""
    return tuple(orjson.loads(text)) if text else ()


def body_of(candidates: Sequence[Candidate]) -> bytes:
    """Write what the candidates of one object say besides its feed and id."""
    return orjson.dumps(
        [
            {
                "rule": c.rule,
                "type": c.type.value,
                "value": c.value,
                "action": c.action.value,
                "severity": c.severity.value,
                "title": c.title,
                "description": c.description,
                "evidence": stamp(c.evidence),
                "trust": c.trust,
                "groups": c.groups,
                "expires": None if c.expires is None else stamp(c.expires),
                "confidence": c.confidence,
                "tlp": c.tlp,
                "category": c.category,
                "mitre": c.mitre,
                "recommended_actions": c.recommended_actions,
                "aliases": c.aliases,
                "warnings": c.warnings,
                "repairs": c.repairs,
                "widening": c.widening,
                "context": dict(c.context),
                "sightings": c.sightings,
            }
            for c in candidates
        ]
    )


def read_candidates(
    feed: str, stix_id: str, body: bytes, places: Iterable[int] | None = None
) -> list[Candidate]:
    """Read the candidates of one object: those at these places, or all."""
    records = orjson.loads(body)
    chosen = records if places is None else (records[place] for place in places)
    return [_candidate(feed, stix_id, record) for record in chosen]


def _candidate(feed: str, stix_id: str, record: dict[str, Any]) -> Candidate:
    return Candidate(
        feed=feed,
        stix_id=stix_id,
        rule=record["rule"],
        type=IndicatorType(record["type"]),
        value=record["value"],
        action=Action(record["action"]),
        severity=Severity(record["severity"]),
        title=record["title"],
        evidence=read_stamp(record["evidence"]),
        trust=record["trust"],
        description=record["description"],
        groups=tuple(record["groups"]),
        expires=None if record["expires"] is None else read_stamp(record["expires"]),
        confidence=record["confidence"],
        tlp=record["tlp"],
        category=record["category"],
        mitre=tuple(record["mitre"]),
        recommended_actions=record["recommended_actions"],
        aliases=tuple(record["aliases"]),
        warnings=tuple(record["warnings"]),
        repairs=tuple(record["repairs"]),
        widening=tuple(record["widening"]),
        context={name: tuple(texts) for name, texts in record["context"].items()},
        sightings=record["sightings"],
    )


def proposal_row(candidate: Candidate, place: int) -> tuple[object, ...]:
    """The row that ranking reads of an object's candidate number `place`."""
    c = candidate
    return (
        c.feed,
        KIND[c.type],
        c.value,
        names_text(c.groups),
        c.stix_id,
        place,
        _ACTION[c.action],
        _SEVERITY[c.severity],
        c.trust,
        c.confidence,
        c.vouched,
        c.sightings,
        c.ends,
        names_text(c.aliases),
        bool(c.context) and c.passed_over,
        c.rule,
    )


def proposal_keys(feed: str, stix_id: str, body: bytes) -> list[tuple[object, ...]]:
    """The primary keys of the rows of an object's candidates."""
    return [
        (feed, KIND[IndicatorType(r["type"])], r["value"], names_text(r["groups"]), stix_id, place)
        for place, r in enumerate(orjson.loads(body))
    ]


COLUMNS = (
    "kind, value, groups, feed, action, severity, trust, confidence, evidence, sightings, expires, "
    "aliases, passed_over"
)
"""What `read_proposal` reads, in its order."""


def read_proposal(row: tuple[Any, ...]) -> Proposal:
    """Read a row of proposals: of a million at each plan, so the tuple is made without ado."""
    (kind, value, groups, feed, action, severity, trust, confidence, evidence, sightings, expires,
     aliases, passed_over) = row  # fmt: skip
    return _new(
        Proposal,
        (
            TYPES[kind],
            value,
            read_names(groups) if groups else (),
            feed,
            ACTIONS[action],
            SEVERITIES[severity],
            trust,
            confidence,
            evidence,
            sightings,
            expires,
            read_names(aliases) if aliases else (),
            passed_over == 1,
        ),
    )


_new = tuple.__new__
