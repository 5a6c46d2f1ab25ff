"""Counts for report cards, checked against counting by hand."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategies.builders import NOW, candidate, evaluated
from tidegate.indicators.kinds import IndicatorType
from tidegate.ledger.judging import save_evaluation
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.report import tallies, unique_shares
from tidegate.mapping.candidate import Candidate, Outcome, Rejection, Standing

FEEDS = ("a", "b", "off")


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger.sqlite")
    yield made
    made.close()


proposed = st.lists(
    st.builds(
        lambda feed, value, kind, groups, days, seen: candidate(
            value,
            feed=feed,
            type=kind,
            groups=groups,
            evidence=NOW - timedelta(days=days),
            sightings=seen,
        ),
        st.sampled_from(FEEDS),
        st.integers(0, 5),
        st.sampled_from([IndicatorType.DOMAIN_NAME, IndicatorType.URL]),
        st.sampled_from([(), ("servers",)]),
        st.integers(0, 400),
        st.integers(0, 3),
    ),
    max_size=25,
)


def numbered(found: list[Candidate]) -> list[Candidate]:
    return [c._replace(stix_id=f"indicator--{n:04}") for n, c in enumerate(found)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(proposed.map(numbered))
def test_tallies_are_what_counting_by_hand_finds(ledger: Ledger, found: list[Candidate]) -> None:
    for feed in FEEDS:
        outcomes = [Outcome(c.stix_id, Standing.MAPPED, (c,)) for c in found if c.feed == feed]
        save_evaluation(ledger, *evaluated(feed, outcomes))
    said = {feed: [c for c in found if c.feed == feed] for feed in ("a", "b")}
    values = {feed: {(c.type, c.value) for c in mine} for feed, mine in said.items()}
    for feed, tally in tallies(ledger, ("a", "b"), ("a", "b")).items():
        mine, other = said[feed], "b" if feed == "a" else "a"
        both = values[feed] & values[other]
        assert tally.values == len(values[feed])
        assert tally.alone == len(values[feed] - both)
        assert tally.shared == Counter({other: len(both)} if both else {})
        assert tally.newest == max((c.evidence for c in mine), default=None)
        assert tally.sightings == sum(c.sightings for c in mine)
        days = [c.evidence.date() for c in mine]
        assert (tally.median.date() if tally.median else None) == (
            statistics.median_high(days) if days else None
        )
    shares = unique_shares(ledger, ("a", "b"))
    assert shares == {
        feed: len(values[feed] - values["b" if feed == "a" else "a"]) / len(values[feed])
        for feed in ("a", "b")
        if values[feed]
    }


def test_guards_are_counted_apart_from_other_refusals(ledger: Ledger) -> None:
    codes = ("guard_own", "guard_own", "guard_protected", "cidr", "guardian", "policy_skip")
    refused = [Rejection("a", f"i--{n}", code, "why", atom=0) for n, code in enumerate(codes)]
    outcomes = [Outcome(r.stix_id, Standing.REJECTED, rejections=(r,)) for r in refused]
    save_evaluation(ledger, *evaluated("a", outcomes))
    save_evaluation(ledger, *evaluated("b", []))
    found = tallies(ledger, ("a", "b"), ("a",))
    assert found["a"].guards == {"own": 2, "protected": 1}
    assert set(found) == {"a"}


def test_sightings_of_an_object_with_many_values_count_once(ledger: Ledger) -> None:
    made = tuple(candidate(n, feed="a", stix_id="indicator--1", sightings=7) for n in range(3))
    save_evaluation(ledger, *evaluated("a", [Outcome("indicator--1", Standing.MAPPED, made)]))
    assert tallies(ledger, ("a",), ("a",))["a"].sightings == 7
