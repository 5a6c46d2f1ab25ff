"""Hypothesis: any row, suppression, change and plan that the program could hold."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

from hypothesis import strategies as st

from tidegate.indicators.indicator import (
    OWNABLE,
    Indicator,
    RowKey,
    Source,
    Suppression,
    row_id,
    scope,
)
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.plan import Change, PlanCounts, SyncPlan

# Whatever a feed or a person can write, but no lone surrogates: JSON cannot carry them.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
times = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)
groups = st.lists(texts, max_size=3).map(scope)
names = st.lists(texts, max_size=2).map(tuple)
sources = st.lists(st.builds(Source, texts, texts, texts), max_size=2).map(tuple)
scores = st.none() | st.floats(-200, 200).map(lambda number: round(number, 3))

_BY_FEED = {
    "action": st.sampled_from(Action),
    "severity": st.sampled_from(Severity),
    "title": texts,
    "description": texts,
    "groups": groups,
    "expires": st.none() | times,
    "feeds": names,
    "sources": sources,
    "aliases": names,
    "confidence": st.none() | st.integers(0, 100),
    "tlp": st.none() | st.sampled_from(["clear", "green", "amber", "amber+strict", "red"]),
    "score": scores,
    "category": texts,
    "mitre": names,
    "recommended_actions": texts,
}
FIELDS = {
    **_BY_FEED,
    "id": texts,
    "type": st.sampled_from(IndicatorType),
    "value": texts,
    "created": times,
    "updated": times,
    "origin": st.sampled_from(Origin),
    "pinned": st.booleans(),
    "rank": st.none() | st.integers(0, 15_000),
    "note": texts,
    "owned": st.fixed_dictionaries({}, optional=_BY_FEED).map(MappingProxyType),
    "settled": st.fixed_dictionaries({}, optional=_BY_FEED).map(MappingProxyType),
    "context": st.dictionaries(texts, names, max_size=2).map(MappingProxyType),
    "overrides": st.dictionaries(texts, texts, max_size=2).map(MappingProxyType),
}
"""One strategy for each field of a row."""

indicators = st.builds(Indicator, **FIELDS)


def _suppression(
    kind: IndicatorType,
    value: str,
    scoped: tuple[str, ...],
    created: datetime,
    until: datetime | None,
) -> Suppression:
    key = RowKey(kind, value, scoped)
    return Suppression(row_id(key), *key, value, "ana", created, until)


suppressions = st.builds(
    _suppression,
    st.sampled_from(IndicatorType),
    texts,
    groups,
    times,
    st.none() | times,
)


def _change(before: Indicator | None, after: Indicator | None, why: str) -> Change[Indicator]:
    return Change(before, after, why)


def _kept_out(row: Suppression, why: str) -> Change[Suppression]:
    return Change(None, row, why)


changes = st.one_of(
    st.builds(_change, st.none(), indicators, texts),
    st.builds(_change, indicators, indicators, texts),
    st.builds(_change, indicators, st.none(), texts),
)

# What a plan file may hold: a checked part of what the program could.
lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=6)
_owned = st.fixed_dictionaries({}, optional={name: _BY_FEED[name] for name in OWNABLE})
planned = st.builds(
    Indicator,
    **{
        **FIELDS,
        "id": st.text("0123456789abcdef", min_size=12, max_size=12),
        "value": lines.filter(bool),
        "origin": st.sampled_from([Origin.FEED, Origin.MANUAL]),
        "owned": _owned.map(MappingProxyType),
        "settled": _owned.map(MappingProxyType),
    },
)


def _new_row(after: Indicator, why: str) -> Change[Indicator]:
    return Change(None, dataclasses.replace(after, overrides={}), why)


def _same_row(before: Indicator, after: Indicator, why: str) -> Change[Indicator]:
    same = ("id", "type", "value", "groups", "overrides")
    after = dataclasses.replace(after, **{name: getattr(before, name) for name in same})
    if after.action is not before.action:
        after = dataclasses.replace(after, overrides={})
    return Change(before, after, why)


_planned_changes = st.one_of(
    st.builds(_new_row, planned, lines),
    st.builds(_same_row, planned, planned, lines),
    st.builds(_change, planned, st.none(), lines),
)


def _plan(changes: list[Change[Indicator]], held: int, made: SyncPlan) -> SyncPlan:
    return dataclasses.replace(made, changes=tuple(changes[held:]), held=tuple(changes[:held]))


plans = st.builds(
    _plan,
    st.lists(_planned_changes, max_size=3, unique_by=lambda change: change.row.id),
    st.integers(0, 2),
    st.builds(
        SyncPlan,
        lineage=st.sampled_from(["", "0123456789abcdef" * 2]),
        serial=st.integers(0, 10**6),
        door=st.just("sync"),
        reason=lines,
        suppressions=st.lists(
            st.builds(
                _kept_out,
                suppressions.filter(lambda note: note.value.isprintable() and note.value != ""),
                lines,
            ),
            max_size=1,
        ).map(tuple),
        counts=st.builds(PlanCounts, *[st.integers(0, 9)] * 5),
        held_reason=lines,
    ),
)
