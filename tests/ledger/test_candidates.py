"""A candidate is kept and read back with all that `why` tells of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.ledger.candidates import (
    COLUMNS,
    body_of,
    names_text,
    proposal_keys,
    proposal_row,
    read_candidates,
    read_names,
    read_proposal,
)
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


_NAMES = (
    "feed", "kind", "value", "groups", "stix_id", "place", "action", "severity", "trust",
    "confidence", "evidence", "sightings", "expires", "aliases", "passed_over",
    "rule",
)  # fmt: skip
PLAIN = KEPT._replace(groups=(), expires=None, confidence=None, tlp=None, aliases=(), context={})


def test_the_candidates_of_an_object_come_back_as_they_were() -> None:
    body = body_of([KEPT, PLAIN])
    assert read_candidates("acme", "indicator--1", body) == [KEPT, PLAIN]


@pytest.mark.parametrize("candidate", [KEPT, PLAIN])
def test_ranking_reads_of_a_candidate_what_it_says(candidate: Candidate) -> None:
    row = dict(zip(_NAMES, proposal_row(candidate, 3), strict=True))
    found = read_proposal(tuple(row[name] for name in COLUMNS.split(", ")))
    assert found._asdict() == {name: getattr(candidate, name) for name in found._fields}
    assert row["rule"] == "r"


def test_the_rows_of_an_object_are_found_by_its_body() -> None:
    keys = proposal_keys("acme", "indicator--1", body_of([KEPT, PLAIN]))
    assert keys == [proposal_row(each, place)[:6] for place, each in enumerate((KEPT, PLAIN))]


def test_no_names_are_an_empty_text() -> None:
    assert names_text(()) == ""
    assert read_names("") == ()
    assert read_names(names_text(("a", 'b"'))) == ("a", 'b"')
