"""The rules of STIX 2.1 §3.6, one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.ledger.versions import Reading, Verdict, Version, comparable, judge
from tidegate.stix.objects import parse_time

PART, SWEEP, PUBLICATION = Reading.PART, Reading.SWEEP, Reading.PUBLICATION


def version(day: int | None, *, revoked: bool = False, **fields: Any) -> Version:  # noqa: ANN401 - any STIX property
    if day is not None:
        fields["modified"] = f"2026-01-0{day}T00:00:00Z"
    return Version(comparable(fields.get("modified")), revoked, fields | {"revoked": revoked})


KNOWN = version(2, name="known")


@pytest.mark.parametrize(
    ("known", "came", "verdict"),
    [
        (None, KNOWN, Verdict.NEW),
        (KNOWN, version(2, name="known"), Verdict.SAME),
        (version(2, a=1, b=2), version(2, b=2, a=1), Verdict.SAME),
        (KNOWN, version(3), Verdict.NEWER),
        (KNOWN, version(1), Verdict.OLDER),
        (KNOWN, version(2, name="other"), Verdict.CONFLICTING),
        (version(2), version(3, created_by_ref="a"), Verdict.NEWER),
        (version(2, created_by_ref="a"), version(3, created_by_ref="a"), Verdict.NEWER),
        (version(2, created_by_ref="a"), version(3, created_by_ref="b"), Verdict.OTHER_CREATOR),
        (version(2, created_by_ref="a"), version(3), Verdict.OTHER_CREATOR),
        (
            version(2, created_by_ref="a"),
            version(3, created_by_ref="b", revoked=True),
            Verdict.OTHER_CREATOR,
        ),
        (KNOWN, version(3, revoked=True), Verdict.NEWER),
        (KNOWN, version(2, revoked=True), Verdict.NEWER),
        (KNOWN, version(1, revoked=True), Verdict.NEWER),
        (version(2, revoked=True), version(3), Verdict.WITHDRAWN),
        (version(2, revoked=True), version(2, name="x"), Verdict.OLDER),
        (version(2, revoked=True), version(1), Verdict.OLDER),
        (version(2, revoked=True), version(3, revoked=True), Verdict.NEWER),
        (version(2, revoked=True), version(2, revoked=True, name="x"), Verdict.OLDER),
        (version(None, name="an SCO"), version(None, name="richer"), Verdict.NEWER),
    ],
)
def test_an_incremental_reading(known: Version | None, came: Version, verdict: Verdict) -> None:
    assert judge(known, came, PART, again=False) is verdict
    assert judge(known, came, PART, again=True) is verdict


@pytest.mark.parametrize(
    ("reading", "again", "came", "verdict"),
    [
        (SWEEP, False, version(2, name="rewritten"), Verdict.NEWER),
        (SWEEP, True, version(2, name="rewritten"), Verdict.CONFLICTING),
        (SWEEP, False, version(1), Verdict.OLDER),
        (PUBLICATION, False, version(2, name="edited in place"), Verdict.NEWER),
        (PUBLICATION, False, version(1), Verdict.NEWER),
        (PUBLICATION, True, version(2, name="twice"), Verdict.CONFLICTING),
        (PUBLICATION, True, version(1), Verdict.OLDER),
        (PUBLICATION, True, version(3), Verdict.NEWER),
    ],
)
def test_a_complete_reading_replaces_what_another_said(
    reading: Reading,
    again: bool,  # noqa: FBT001 - parametrised
    came: Version,
    verdict: Verdict,
) -> None:
    assert judge(KNOWN, came, reading, again=again) is verdict


@pytest.mark.parametrize("day", [1, 2, 3])
def test_no_publication_brings_back_what_was_revoked(day: int) -> None:
    known = version(2, revoked=True)
    assert judge(known, version(day), PUBLICATION, again=False) is Verdict.WITHDRAWN


def test_a_creator_is_a_text_that_says_something() -> None:
    for nobody in (None, "", 7):
        assert version(1, created_by_ref=nobody).creator is None


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), st.integers(0, 9))  # noqa: DTZ001 - the text says Z
def test_usual_times_are_rewritten_as_they_are_read(when: datetime, digits: int) -> None:
    fraction = f".{when.microsecond:06}000"[: digits + 1] if digits else ""
    text = f"{when.year:04}-{when:%m-%dT%H:%M:%S}{fraction}Z"
    assert comparable(text) == parse_time(text).isoformat(timespec="microseconds")
