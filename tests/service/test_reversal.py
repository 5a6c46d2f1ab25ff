"""Several steps turned round: what is asked about, and all of them or none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from driving.homes import FeedFolder
from strategies.builders import create, edit, plan, remove, row
from tidegate.errors import ExitCode, StalePlan, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import SyncPlan
from tidegate.service import apply as applying
from tidegate.service import look, reversal
from tidegate.service.apply import Applied, apply
from tidegate.service.draft import Draft
from tidegate.service.history import history
from tidegate.service.redo import plan_redos
from tidegate.service.reversal import Halfway, carry_out, enough, inverse, notable, story, weighty
from tidegate.service.undo import plan_undos
from tidegate.service.workspace import Workspace
from tidegate.store import entry as entries
from tidegate.store.entry import Entry
from tidegate.store.records import read_indicator_record

Subscribe = Callable[..., FeedFolder]
ROWS = [row(number) for number in range(6)]


@pytest.fixture
def made(ws: Workspace) -> Workspace:
    """Five steps: a row each."""
    for number in range(5):
        apply(ws, plan(create(ROWS[number]), serial=number))
    return ws


def somebody_else(ws: Workspace, change: SyncPlan) -> None:
    other = Workspace.open(ws.home, clock=ws.clock)
    state = other.store.state()
    apply(other, dataclasses.replace(change, lineage=state.lineage, serial=state.serial))


def interrupted(
    monkeypatch: pytest.MonkeyPatch, ws: Workspace, change: SyncPlan, before: tuple[int, ...]
) -> None:
    """Let somebody else make a change before the calls of apply with these numbers."""
    real, calls = applying.apply, iter(range(100))

    def slow(ws: Workspace, plan: SyncPlan) -> Applied:
        if next(calls) in before:
            somebody_else(ws, change)
        return real(ws, plan)

    monkeypatch.setattr(reversal, "apply", slow)


def test_each_step_is_an_entry_of_its_own(made: Workspace) -> None:
    done = carry_out(made, plan_undos(made, 3))
    assert [it.serial for it in done] == [6, 7, 8]
    assert [entry.undoes for entry in made.store.entries()][5:] == [5, 4, 3]
    assert {item.value for item in look.rows(made)} == {"h0.example.com", "h1.example.com"}


@pytest.mark.parametrize("steps", [2, 3])
def test_steps_are_turned_back_when_somebody_gets_in_between(
    made: Workspace, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    found = plan_undos(made, steps)
    touched = ROWS[5 - steps]
    interrupted(monkeypatch, made, plan(edit(touched, note="theirs"), serial=0), (steps - 1,))
    with pytest.raises(StalePlan):
        carry_out(made, found)
    assert dict(made.store.state().rows) == {
        item.id: dataclasses.replace(item, note="theirs") if item == touched else item
        for item in ROWS[:5]
    }
    # Nothing counts as taken back, and everything can be.
    assert all(step.undone_by is None for step in history(made) if step.entry.serial <= 5)
    assert len(plan_undos(made, 6)) == 6


def test_redone_steps_are_turned_back_too(made: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    carry_out(made, plan_undos(made, 2))
    found = plan_redos(made, 2)
    interrupted(monkeypatch, made, plan(create(ROWS[4]), serial=0), (1,))
    with pytest.raises(StalePlan):
        carry_out(made, found)
    assert {item.value for item in look.rows(made)} == {f"h{n}.example.com" for n in (0, 1, 2, 4)}
    undone = {step.entry.serial for step in history(made) if step.undone_by}
    assert {4, 5} <= undone


def test_when_that_fails_too_it_says_how_far_it_came(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = plan_undos(made, 2)
    theirs = plan(edit(ROWS[3], note="theirs"), serial=0)
    interrupted(monkeypatch, made, theirs, (1,))
    held = reversal._turn_back

    def too_late(*args: object) -> None:
        somebody_else(made, plan(create(ROWS[4]), serial=0))
        held(*args)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(reversal, "_turn_back", too_late)
    with pytest.raises(Halfway, match=r"1 of 2 steps are done, then: ") as caught:
        carry_out(made, found)
    assert caught.value.exit_code is ExitCode.STALE


def test_many_rows_that_moved_on_are_counted(made: Workspace) -> None:
    state = made.store.state()
    state_plan = plan(remove(*ROWS[:5]), serial=state.serial, lineage=state.lineage)
    apply(made, state_plan)
    entry = Entry(1, made.clock(), "ana", "add", "", create(*ROWS[:5]))
    with pytest.raises(StalePlan) as caught:
        inverse(made, Draft(made), entry, "undo")
    assert caught.value.message.endswith(
        " and 2 more were changed again after change 1, by change 6 (because the test says so)"
    )


def test_the_story_of_a_row_builds_no_other(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def read(record: dict[str, Any]) -> Indicator:
        built.append(record["id"])
        return read_indicator_record(record)

    apply(made, plan(remove(ROWS[2]), serial=5))
    monkeypatch.setattr(entries, "read_indicator_record", read)
    told = [*story(made, Draft(made), {ROWS[2].id})]
    assert [len(done.changes) for done in told] == [0, 0, 1, 0, 0, 1]
    assert set(built) == {ROWS[2].id}
    built.clear()
    entry = Entry(3, made.clock(), "ana", "add", "", create(ROWS[2]))
    with pytest.raises(StalePlan, match="by change 6"):
        inverse(made, Draft(made), entry, "undo")
    assert built == []


def as_foreign(item: Indicator) -> Indicator:
    return dataclasses.replace(item, origin=Origin.FOREIGN)


def test_much_is_a_bulk_of_rows_or_rows_of_others() -> None:
    few = plan(create(*ROWS), serial=0)
    assert not weighty([few])
    assert weighty([plan(create(*(row(n) for n in range(1_001))), serial=0)])
    assert weighty([plan(create(*(row(n) for n in range(501))), serial=0)] * 2)
    assert weighty([few, plan(create(as_foreign(ROWS[0])), serial=0)])


@pytest.mark.parametrize(
    ("rows", "actor", "door", "asks"),
    [
        (20, "ana", "remove", False),
        (21, "ana", "remove", True),
        (1, "cron", "remove", True),
        (1, "ana", "sync", True),
        (1, "ana", "held", True),
        (1, "ana", "undo", False),
    ],
)
def test_it_asks_when_the_step_is_big_or_not_of_this_person(
    ws: Workspace,
    rows: int,
    actor: str,
    door: str,
    asks: bool,  # noqa: FBT001 - a case of the table
) -> None:
    changes = create(*(row(number) for number in range(rows)))
    entry = Entry(7, ws.clock(), actor, door, "", changes)
    assert notable(plan(changes, serial=0), entry, "ana") is asks
    assert notable(plan(create(as_foreign(ROWS[0])), serial=0), entry, actor)


def test_fewer_steps_than_asked_for_are_refused() -> None:
    entry = Entry(1, row(1).created, "ana", "add", "")
    one = (reversal.Reversal(plan(create(ROWS[0]), serial=0), entry),)
    assert enough(one, 1, "undo") == one
    with pytest.raises(UsageError, match="nothing to undo"):
        enough((), 1, "undo")
    with pytest.raises(UsageError, match="only 1 change can be undone, not 2"):
        enough(one, 2, "undo")
