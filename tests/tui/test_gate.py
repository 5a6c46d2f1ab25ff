"""The real gate: the journeys of the list on a real workspace, journal and undo included."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.indicators.kinds import Action, Dialect
from tidegate.service.edit import Fields
from tidegate.service.workspace import Workspace
from tidegate.tui.gate import Gate, WorkspaceGate

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return WorkspaceGate(Workspace.open(Home(tmp_path / "home"), "contoso", clock=lambda: NOW))


def test_a_day_at_the_gate(gate: Gate) -> None:
    assert (gate.tenant, gate.read_only, gate.dialect) == ("contoso", False, Dialect.TODAY)
    assert gate.now() == NOW
    assert gate.rows() == ()
    added = gate.plan_add(["hxxps://evil[.]badsite[.]com/x", "45.9.148.108"], Fields())
    assert gate.apply(added.plan).created == 2
    assert gate.quota().used == 2
    rows = gate.rows()
    bulk = gate.plan_edit(rows, Fields(action=Action.ALERT_AND_BLOCK))
    assert gate.apply(bulk.plan).updated == 2
    assert {row.action for row in gate.rows()} == {Action.ALERT_AND_BLOCK}
    undo = gate.plan_undo()
    assert undo.undoes is not None
    assert gate.step(undo.undoes).actor == gate.actor
    gate.apply(undo)
    assert {row.action for row in gate.rows()} == {Action.ALERT_ONLY}
    redo = gate.plan_redo()
    assert redo.undoes is not None
    assert gate.step(redo.undoes).undoes == undo.undoes
    gate.apply(redo)
    assert {row.action for row in gate.rows()} == {Action.ALERT_AND_BLOCK}
    gate.apply(gate.plan_undo())
    assert {row.action for row in gate.rows()} == {Action.ALERT_ONLY}
    assert gate.explain(gate.rows()[0].id).present
    pasted = gate.plan_paste("seen: 45.9.148[.]108 and 45[.]9[.]148[.]109", Fields())
    assert [str(line.verdict) for line in pasted.lines] == ["unchanged", "add"]
    gate.apply(pasted.plan)
    gate.apply(gate.plan_remove(gate.rows()).plan)
    assert gate.rows() == ()
    assert gate.changed() is False


def test_another_process_is_noticed(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    mine, theirs = (WorkspaceGate(Workspace.open(home, clock=lambda: NOW)) for _ in range(2))
    assert mine.rows() == ()
    theirs.apply(theirs.plan_add(["45.9.148.108"], Fields()).plan)
    assert mine.changed() is True
    assert len(mine.rows()) == 1
    assert mine.changed() is False


def test_a_read_only_gate_refuses(tmp_path: Path) -> None:
    ws = Workspace.open(Home(tmp_path / "home"), read_only=True, clock=lambda: NOW)
    gate = WorkspaceGate(ws)
    assert gate.read_only
    with pytest.raises(UsageError, match="read-only"):
        gate.apply(gate.plan_add(["45.9.148.108"], Fields()).plan)
