"""Who changed what, when and why: the steps, their filters, and one step field by field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from driving.homes import START, FeedFolder, Watch, indicator
from strategies.builders import LIMIT, create, edit, plan, row, suppression
from tidegate.errors import StoreDamaged, UsageError
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.plan import Change, Op
from tidegate.service import edit as by_hand
from tidegate.service import history as histories
from tidegate.service import look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.history import (
    FieldMove,
    Wanted,
    every_change,
    history,
    moves,
    read_time,
    step_record,
)
from tidegate.service.redo import plan_redo
from tidegate.service.suppressing import plan_suppress
from tidegate.service.sync import sync
from tidegate.service.trail import Span
from tidegate.service.undo import plan_undo
from tidegate.service.workspace import Workspace
from tidegate.store import entry as entries
from tidegate.store.records import read_indicator_record

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
Subscribe = Callable[..., FeedFolder]


def add(ws: Workspace, *values: str) -> None:
    apply(ws, by_hand.plan_add(ws, values, Fields()).plan)


def serials(ws: Workspace, text: str = "", limit: int | None = None, **wanted: object) -> list[int]:
    found = history(ws, text, limit, Wanted(**wanted))  # type: ignore[arg-type]  # Wanted's own
    return [step.head.serial for step in found]


def test_history_knows_what_was_taken_back_and_done_again(ws: Workspace) -> None:
    add(ws, "h1.example.com")
    add(ws, "h2.example.com")
    apply(ws, plan_undo(ws))
    marks = [(s.entry.serial, s.undone_by, s.redone_by) for s in history(ws)]
    assert marks == [(3, None, None), (2, 3, None), (1, None, None)]
    apply(ws, plan_redo(ws))
    marks = [(s.entry.serial, s.undone_by, s.redone_by) for s in history(ws)]
    assert marks == [(4, None, None), (3, 4, None), (2, None, 4), (1, None, None)]
    apply(ws, plan_undo(ws))
    marks = [(s.entry.serial, s.undone_by, s.redone_by) for s in history(ws)]
    assert marks[0] == (5, None, None)
    assert marks[1:4] == [(4, 5, None), (3, 4, None), (2, 5, None)]


def test_the_filter_goes_over_rows_before_and_after(ws: Workspace) -> None:
    add(ws, "h1.example.com")
    add(ws, "h2.example.com")
    apply(ws, by_hand.plan_edit(ws, look.rows(ws)[:1], Fields(title="quite new")).plan)
    apply(ws, by_hand.plan_remove(ws, look.rows(ws)[1:]).plan)
    assert serials(ws, "h1.example.com") == [3, 1]
    assert serials(ws, "hxxp://h2[.]example[.]com") == []
    assert serials(ws, "h2[.]example[.]com") == [4, 2]
    assert serials(ws, 'title:"quite new"') == [3]
    assert serials(ws, "/^h1[.]/") == [3, 1]
    assert serials(ws, "h2.example OR title:/^quite/") == [4, 3, 2]
    assert serials(ws, "-(h1.example OR /^h2/)") == []
    assert serials(ws, limit=2) == [4, 3]
    assert serials(ws, "h1.example.com", limit=1) == [3]
    assert serials(ws, limit=0) == []


def test_what_only_touches_suppressions_is_found_by_value(ws: Workspace) -> None:
    apply(ws, plan_suppress(ws, "203.0.113.7", (), "our scanner", None))
    add(ws, "h1.example.com")
    assert serials(ws, "203.0.113.7") == serials(ws, "type:ip") == serials(ws, "ip:203.0.113.0/24")
    assert serials(ws, "203.0.113.7") == [1]
    assert serials(ws, "scanner") == [1]
    # A suppression has no action and no origin, so it is no answer to questions about them.
    assert serials(ws, "action:alert") == [2]
    assert serials(ws, "-origin:manual") == []
    assert serials(ws, "origin:feed") == []


def test_steps_are_found_by_who_where_from_when_and_which(
    ws: Workspace, subscribe: Subscribe, watch: Watch
) -> None:
    add(ws, "h9.example.com")
    watch.turn(days=1)
    subscribe("acme", [indicator(1)])
    sync(ws)
    watch.turn(days=1)
    ws.actor = "cron"
    apply(ws, by_hand.plan_remove(ws, look.rows(ws)).plan)
    assert serials(ws, by="CRON") == [3]
    assert serials(ws, by="nobody") == []
    assert serials(ws, door="sync") == [2]
    assert serials(ws, feed="acme") == [3, 2]
    assert serials(ws, feed="acm") == []
    assert serials(ws, since=START + timedelta(days=1)) == [3, 2]
    assert serials(ws, until=START + timedelta(days=1)) == [1]
    assert serials(ws, span=Span(2, None)) == [3, 2]
    assert serials(ws, "h9.example.com", span=Span(1, 2), door="add") == [1]
    with pytest.raises(UsageError, match="there is no change 7"):
        serials(ws, span=Span(7, 7))
    assert serials(ws, span=Span(7, 9)) == []


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11-01", NOVEMBER, NOVEMBER + timedelta(days=1)),
        (
            "2026-11-01T08:30Z",
            NOVEMBER + timedelta(hours=8, minutes=30),
            NOVEMBER + timedelta(hours=8, minutes=30, microseconds=1),
        ),
        ("7d", START - timedelta(days=7), START - timedelta(days=7)),
        (" 90m", START - timedelta(minutes=90), START - timedelta(minutes=90)),
    ],
)
def test_times_are_moments_or_ages(text: str, start: datetime, end: datetime) -> None:
    assert read_time(text, START) == start
    assert read_time(text, START, end=True) == end


@pytest.mark.parametrize("text", ["", "never", "yesterday", "2026-13-01", "-7d"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 2026-\d\d-01"):
        read_time(text, START)


def test_a_record_has_both_sides_and_the_digest(ws: Workspace) -> None:
    add(ws, "h1.example.com")
    apply(ws, by_hand.plan_edit(ws, look.rows(ws), Fields(title="new")).plan)
    record = step_record(history(ws)[0])
    assert (record["created"], record["updated"], record["removed"]) == (0, 1, 0)
    assert isinstance(record["changes"], list)
    (change,) = record["changes"]
    assert change["before"]["title"] != change["after"]["title"] == "new"
    assert record["sum"] == history(ws)[0].entry.sum
    assert record["suppressions"] == []


def test_the_fields_of_an_update_of_a_new_row_and_of_a_suppression() -> None:
    before = row(1, title="old", groups=())
    (change,) = edit(before, title="new", groups=("servers",), pinned=True)
    assert moves(change) == (
        FieldMove("title", "old", "new"),
        FieldMove("groups", [], ["servers"]),
        FieldMove("pinned", before=False, after=True),
    )
    (new,) = create(before)
    told = {move.name: move.after for move in moves(new)}
    assert told["value"] == "h1.example.com"
    assert told["created"] == "2026-01-10T12:00:00Z"
    assert "note" not in told
    assert "pinned" not in told
    note: Change[Suppression] = Change(suppression(1), None, "released")
    assert FieldMove("reason", "seen in our own mail", None) in moves(note)


def test_counts_and_changes_are_those_of_the_step(ws: Workspace) -> None:
    add(ws, "h1.example.com", "h2.example.com")
    apply(ws, by_hand.plan_edit(ws, look.rows(ws)[:1], Fields(title="new")).plan)
    apply(ws, by_hand.plan_remove(ws, look.rows(ws)).plan)
    apply(ws, plan_suppress(ws, "203.0.113.7", (), "why", None))
    added, edited, removed, kept_out = reversed(history(ws))
    assert added.counts == {Op.CREATE: 2}
    assert (edited.counts, removed.counts) == ({Op.UPDATE: 1}, {Op.REMOVE: 2})
    assert kept_out.counts == {}
    assert len(every_change(added.entry)) == 2
    assert [change.op for change in every_change(kept_out.entry)] == [Op.CREATE]
    assert replace(added.head, changes=added.entry.changes) == added.entry


class Built:
    """Counts the rows that are made of the journal's records."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = 0
        for module in (entries, histories):
            monkeypatch.setattr(module, "read_indicator_record", self._read)

    def _read(self, record: dict[str, Any]) -> Indicator:
        self.rows += 1
        return read_indicator_record(record)


def test_rows_are_built_of_what_is_looked_at_and_nothing_else(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.store.apply(
        plan(create(*map(row, range(50))), serial=0), limit=LIMIT, now=START, actor="ana"
    )
    add(ws, "later.example.com")
    apply(ws, plan_undo(ws))
    built = Built(monkeypatch)
    assert serials(ws) == [3, 2, 1]
    assert serials(ws, limit=1) == [3]
    assert serials(ws, by="ana", since=START, until=ws.clock() + timedelta(1)) == [1]
    assert serials(ws, door="add", span=Span(1, 2)) == [2]
    assert serials(ws, feed="acme") == []
    assert serials(ws, "later.example.com") == [3, 2]
    assert serials(ws, "h7.example.com row") == [1]
    assert [step.counts[Op.CREATE] for step in history(ws)] == [0, 1, 50]
    assert built.rows == 0
    assert serials(ws, "title:row") == [1]
    assert built.rows < 5
    steps, built.rows = history(ws), 0
    assert [len(step.entry.changes) for step in steps] == [1, 1, 50]
    assert built.rows == 52


def test_a_record_that_cannot_be_read_is_damage(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(ws, "h1.example.com")
    (record,) = ws.store.records()
    monkeypatch.setattr(ws.store, "records", lambda: iter([{**record, "changes": [{}]}]))
    with pytest.raises(StoreDamaged, match="change 1 cannot be read"):
        _ = history(ws)[0].entry
    for ask in ({"feed": "acme"}, {"text": "h1"}):
        with pytest.raises(StoreDamaged, match="change 1 cannot be read"):
            serials(ws, **ask)  # type: ignore[arg-type]
    monkeypatch.setattr(ws.store, "records", lambda: iter([{"serial": 1}]))
    with pytest.raises(StoreDamaged, match="change 1 cannot be read"):
        history(ws)
