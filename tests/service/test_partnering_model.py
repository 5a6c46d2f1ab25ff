"""A partner after any series of changes and accidents: what a good delivery leaves them with.

The list changes at random, doors refuse objects, tear a delivery off or take it without a word.
The partner keeps the latest version of each object, as STIX demands. After each delivery that went
well they hold exactly what they may have; nothing was ever versioned backwards, brought back from
the dead, or sent to no purpose.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidegate.export.delta import Speaker, Step, Version, delta
from tidegate.export.eligible import Feeds, Shared
from tidegate.export.partner_objects import Thing, things_of
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.partner import parse_partner
from tidegate.partner.sent import Bundle, Sent

SOAK = os.environ.get("TIDEGATE_SOAK") == "1"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
PARTNER = parse_partner(
    {
        "id": "isac",
        "tlp_max": "green",
        "identity": "Example Corp",
        "delivery": {"kind": "file", "path": "out.json"},
    },
    "isac.toml",
)
SPEAKER = Speaker("Example Corp", "default", "isac")

# A list: for each of a few values, which of a few contents it has, or none.
lists = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(("x", "y")), max_size=4)
# What becomes of a delivery: it goes well, some is refused, or the outcome never comes, whether
# all of it, the first half or nothing had arrived.
outcomes = st.sampled_from(("well", "well", "refused", "lost", "half lost", "arrived and lost"))


def things(held: dict[str, str], now: datetime) -> list[Thing]:
    rows = [
        Indicator(
            id=name,
            type=IndicatorType.DOMAIN_NAME,
            value=f"{name}.example.com",
            action=Action.ALERT_ONLY,
            severity=Severity.LOW,
            title=title,
            created=NOW,
            updated=now,
            origin=Origin.MANUAL,
        )
        for name, title in sorted(held.items())
    ]
    return things_of([Shared(row, "green") for row in rows], PARTNER, Feeds())


class Other:
    """The partner's side."""

    def __init__(self) -> None:
        self.holds: dict[str, dict[str, object]] = {}
        self.dead: set[str] = set()

    def take(self, version: Version) -> None:
        item, ident = version.item, version.entry.id
        before = self.holds.get(ident)
        if before is not None:
            assert str(before["modified"]) <= str(item["modified"])
            assert before["created"] == item["created"]
            same = before["modified"] == item["modified"]
            assert not same or before == item, "one version with two contents"
        if item.get("revoked"):
            self.dead.add(ident)
        else:
            assert ident not in self.dead, "back from the dead"
        self.holds[ident] = dict(item)

    @property
    def live(self) -> dict[str, object]:
        return {
            str(item["pattern"]).split("'")[1][0]: item["name"]
            for item in self.holds.values()
            if not item.get("revoked")
        }


@settings(
    max_examples=2_000 if SOAK else 100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.tuples(lists, outcomes, st.booleans()), max_size=8))
def test_whatever_happens_the_partner_ends_with_what_they_may_have(
    story: list[tuple[dict[str, str], str, bool]],
) -> None:
    sent, other, now = Sent(), Other(), NOW
    for held, outcome, touched in [*story, (story[-1][0] if story else {}, "well", False)]:
        now += timedelta(hours=1)
        # A profile may change what an object shows while its row stays as it was.
        wanted = things(held, now if touched else NOW)
        due = [v for v in delta(sent, wanted, SPEAKER, now) if v.step is not Step.SAME]
        entries = [version.entry for version in due]
        sent = sent.attempting(entries)
        bundle = Bundle(sent.number, "bundle--1", "", now, len(due), 0, "")
        arrives = {"well": 1.0, "refused": 0.5, "lost": 0.0, "half lost": 0.5}.get(outcome, 1.0)
        there = due[: int(len(due) * arrives)]
        for version in there:
            other.take(version)
        if outcome in ("well", "refused"):
            ids = {version.entry.id for version in there}
            no = {entry.id for entry in entries} - ids
            sent = sent.settled(entries, ids, no, bundle)
        if outcome == "well":
            assert other.live == held
            again = delta(sent, wanted, SPEAKER, now + timedelta(hours=1))
            assert {version.step for version in again} <= {Step.SAME}
    values = [str(item["pattern"]) for item in other.holds.values() if not item.get("revoked")]
    assert len(values) == len(set(values)), "two live objects for one row"
