"""Rows, plans and candidates with few words, without hypothesis: writer processes import this."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tidegate.allocation.merge import Backed, Wanted, backed, in_order, merge
from tidegate.indicators.indicator import Indicator, RowKey, Suppression, row_id
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.ledger.judging import Judged, sights
from tidegate.ledger.ledger import Ledger
from tidegate.mapping.candidate import Candidate, Outcome

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
LIMIT = 15_000


def row(number: int, **fields: Any) -> Indicator:  # noqa: ANN401 - any field of a row
    """A manual domain row; its id follows from its key."""
    made = Indicator(
        id="",
        type=IndicatorType.DOMAIN_NAME,
        value=f"h{number}.example.com",
        action=Action.ALERT_AND_BLOCK,
        severity=Severity.MEDIUM,
        title=f"row {number}",
        created=NOW,
        updated=NOW,
        origin=Origin.MANUAL,
    )
    made = dataclasses.replace(made, **fields)
    return made if made.id else dataclasses.replace(made, id=row_id(made.key))


def suppression(number: int, until: datetime | None = None) -> Suppression:
    key = row(number).key
    return Suppression(row_id(key), *key, "seen in our own mail", "ana", NOW, until)


def candidate(number: int, **fields: Any) -> Candidate:  # noqa: ANN401 - any of its fields
    """A candidate of feed `f` whose object and value carry the number."""
    made = Candidate(
        feed="f",
        stix_id=f"indicator--{number:04}",
        rule="default",
        type=IndicatorType.DOMAIN_NAME,
        value=f"h{number}.example.com",
        action=Action.ALERT_AND_BLOCK,
        severity=Severity.MEDIUM,
        title=f"candidate {number}",
        evidence=NOW,
        trust=50,
        expires=NOW + timedelta(days=30),
    )
    return made._replace(**fields)


def evaluated(feed: str, outcomes: Iterable[Outcome]) -> tuple[str, list[Judged]]:
    """What the ledger is given when these are the outcomes of a feed."""
    return feed, [Judged(outcome) for outcome in outcomes]


def held_indicators(ledger: Ledger, feed: str) -> Iterator[dict[str, Any]]:
    """The indicators that the ledger holds of a feed, as they would be judged."""
    return (sight.object for sight in sights(ledger, feed, None))


def wanted_from(candidates: Iterable[Candidate], moment: datetime = NOW) -> list[Wanted]:
    """The rows that candidates in any order want."""
    ordered: list[Candidate] = sorted(
        candidates, key=lambda found: (found.key, found.feed, found.stix_id)
    )
    return merge(ordered, moment)


def backing(candidates: Iterable[Candidate], moment: datetime = NOW) -> Callable[[Wanted], Backed]:
    """Makes the rows that these candidates want."""
    groups = {group[0].key: group for group in in_order(candidates)}
    return lambda wanted: backed(groups[wanted.key], moment)


def stix_indicator(**fields: object) -> dict[str, object]:
    """A sound STIX 2.1 indicator object for a.example.com; a field that is None is left out."""
    raw = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--0620a60f-a7f0-48ed-8fa9-5cb881136f55",
        "created": "2026-01-05T00:00:00Z",
        "modified": "2026-01-05T00:00:00Z",
        "valid_from": "2026-01-05T00:00:00Z",
        "pattern": "[domain-name:value = 'a.example.com']",
        "pattern_type": "stix",
        **fields,
    }
    return {key: value for key, value in raw.items() if value is not None}


def plan(
    changes: Iterable[Change[Indicator]] = (),
    *,
    serial: int,
    lineage: str = "",
    suppressions: Iterable[Change[Suppression]] = (),
    door: str = "test",
) -> SyncPlan:
    return SyncPlan(
        lineage=lineage,
        serial=serial,
        door=door,
        reason="because the test says so",
        changes=tuple(changes),
        suppressions=tuple(suppressions),
    )


def create(*rows: Indicator) -> tuple[Change[Indicator], ...]:
    return tuple(Change(None, item, "new") for item in rows)


def remove(*rows: Indicator) -> tuple[Change[Indicator], ...]:
    return tuple(Change(item, None, "gone") for item in rows)


def edit(
    before: Indicator,
    **fields: Any,  # noqa: ANN401 - any field of a row
) -> tuple[Change[Indicator], ...]:
    return (Change(before, dataclasses.replace(before, **fields), "edited"),)


def keys(rows: Iterable[Indicator]) -> set[RowKey]:
    return {item.key for item in rows}


BULK = 300
"""Rows of the history below: enough that a bulk change writes the checkpoint, too."""


def history_step(rows: Mapping[str, Indicator], serial: int) -> tuple[Change[Indicator], ...]:
    """The change after `serial` in a history that everybody can compute: bulk, then two edits."""
    numbers = sorted(rows)
    if serial % 3:
        held = rows[numbers[serial * 7 % len(numbers)]]
        return edit(held, note=f"edit {serial}")
    leaving, staying = numbers[:40], numbers[40:]
    arriving = [row(serial * 1000 + n) for n in range(BULK - len(staying))]
    updates = [c for ident in staying for c in edit(rows[ident], title=f"generation {serial}")]
    return (*remove(*(rows[ident] for ident in leaving)), *updates, *create(*arriving))


def history() -> Iterator[dict[str, Indicator]]:
    """The rows of that history at change 0, 1, 2 and so on, without end."""
    rows: dict[str, Indicator] = {}
    serial = 0
    while True:
        yield dict(rows)
        for change in history_step(rows, serial):
            if change.before is not None:
                del rows[change.before.id]
            if change.after is not None:
                rows[change.after.id] = change.after
        serial += 1
