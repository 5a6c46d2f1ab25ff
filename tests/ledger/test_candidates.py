"""A candidate is kept and read back with all that `why` tells of it."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.ledger.candidates import body_of, read_candidate
from tidegate.mapping.candidate import Candidate

KEPT = Candidate(
    feed="acme",
    stix_id="indicator--1",
    rule="r",
    type=IndicatorType.FILE_SHA256,
    value="ab" * 32,
    action=Action.ALERT_AND_BLOCK,
    severity=Severity.HIGH,
    title="T",
    evidence=datetime(2026, 1, 1, tzinfo=UTC),
    trust=70,
    groups=("servers",),
    expires=datetime(2026, 2, 1, tzinfo=UTC),
    confidence=0,
    tlp="amber",
    category="Malware",
    mitre=("T1486",),
    aliases=(f"FileMd5:{'cd' * 16}",),
    warnings=("guard_documentation: x",),
    repairs=("refanged",),
    widening=("other_names",),
    context={"file_name": ("a.pdf", "b.pdf")},
    sightings=12,
)


def test_a_candidate_comes_back_as_it_was() -> None:
    assert read_candidate("acme", "indicator--1", KEPT.type.value, KEPT.value, body_of(KEPT)) == (
        KEPT
    )


def test_what_an_older_version_kept_is_read() -> None:
    record = orjson.loads(body_of(KEPT))
    for name in ("repairs", "widening", "category", "mitre", "context", "sightings"):
        del record[name]
    found = read_candidate(
        "acme", "indicator--1", KEPT.type.value, KEPT.value, orjson.dumps(record)
    )
    assert found == KEPT._replace(
        repairs=(), widening=(), category="", mitre=(), context={}, sightings=0
    )
