"""Hypothesis: sets of candidates as feeds propose them, and permutations of them."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from strategies.builders import NOW
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.mapping.candidate import Candidate

FEEDS = ("alpha", "beta", "gamma")
TRUST = {"alpha": 50, "beta": 50, "gamma": 80}


def _candidate(
    feed: str,
    number: int,
    action: Action,
    severity: Severity,
    confidence: int | None,
    days: int | None,
) -> Candidate:
    return Candidate(
        feed=feed,
        stix_id="",
        rule="default",
        type=IndicatorType.DOMAIN_NAME,
        value=f"h{number}.example.com",
        action=action,
        severity=severity,
        title=f"{feed} {number}",
        evidence=NOW,
        trust=TRUST[feed],
        confidence=confidence,
        expires=None if days is None else NOW + timedelta(days=days),
        groups=("servers",) if number % 5 == 0 else (),
        tlp=("clear", "amber", None)[number % 3],
        aliases=(f"FileMd5:{number % 4:032x}",) if number % 4 else (),
    )


def _numbered(found: list[Candidate]) -> list[Candidate]:
    """Give each candidate an object id of its own."""
    return [
        candidate._replace(stix_id=f"indicator--{number:04}")
        for number, candidate in enumerate(found)
    ]


candidate_sets = st.lists(
    st.builds(
        _candidate,
        feed=st.sampled_from(FEEDS),
        number=st.integers(0, 15),
        action=st.sampled_from([Action.ALERT_ONLY, Action.ALERT_AND_BLOCK, Action.WARN]),
        severity=st.sampled_from(Severity),
        confidence=st.none() | st.sampled_from([0, 50, 100]),
        days=st.none() | st.integers(1, 40),
    ),
    max_size=30,
).map(_numbered)


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[Candidate], list[Candidate]]:
    """One set of candidates in two orders."""
    found = draw(candidate_sets)
    return found, draw(st.permutations(found))
