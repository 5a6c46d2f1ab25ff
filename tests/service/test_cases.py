"""Cases tell when a verdict is no longer what somebody found right."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.homes import DOCUMENTATION
from strategies.builders import NOW, create, edit, plan, row
from tidegate.config import Home
from tidegate.errors import StoreDamaged, UsageError
from tidegate.indicators.kinds import Action
from tidegate.service.cases import replay, save
from tidegate.service.workspace import Workspace

RECORD = {"RemoteUrl": "h1.example.com"}


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    (tmp_path / "config.toml").write_text(DOCUMENTATION)
    ws = Workspace.open(Home(tmp_path), clock=lambda: NOW)
    ws.store.apply(plan(create(row(1)), serial=0), limit=9, now=NOW, actor="a")
    return ws


def change(ws: Workspace, **fields: object) -> None:
    state = ws.store.state()
    before = next(iter(state.rows.values()))
    made = plan(edit(before, **fields), serial=state.serial, lineage=state.lineage)
    ws.store.apply(made, limit=9, now=NOW, actor="a")


def test_a_case_stays_as_it_is_while_verdicts_do(ws: Workspace) -> None:
    assert not save(ws, "c2", RECORD, "malicious")
    assert [case.changed for case in replay(ws)] == [()]
    change(ws, note="looked at again")
    assert [case.changed for case in replay(ws)] == [()]
    path = ws.home.tenant_dir("default") / "cases.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_changed_verdict_is_named_by_engine(ws: Workspace) -> None:
    save(ws, "c2", RECORD, "malicious")
    change(ws, action=Action.ALERT_ONLY)
    (case,) = replay(ws)
    assert case.changed == ("endpoint_prevention", "automated_investigation")
    assert case.then["endpoint_prevention"]["verdict"] == "blocked"
    assert case.now["endpoint_prevention"]["verdict"] == "alerted"


def test_another_title_is_another_alert(ws: Workspace) -> None:
    save(ws, "c2", RECORD, "malicious")
    change(ws, title="renamed")
    assert replay(ws)[0].changed == ("cloud_detection", "endpoint_prevention")


def test_a_row_that_expires_is_noticed(ws: Workspace) -> None:
    save(ws, "c2", {**RECORD, "Timestamp": "2020-01-01T00:00:00Z"}, "malicious")
    change(ws, expires=NOW.replace(hour=13))
    ws.clock = lambda: NOW.replace(hour=14)
    assert len(replay(ws)[0].changed) == 3


def test_a_name_is_used_once(ws: Workspace) -> None:
    save(ws, "c2", RECORD, "malicious")
    change(ws, action=Action.ALLOW)
    assert save(ws, "c2", RECORD, "malicious")
    assert [case.changed for case in replay(ws)] == [()]
    for name in ("", "../x", "A", "x" * 61):
        with pytest.raises(UsageError, match="no name for a case"):
            save(ws, name, RECORD, "malicious")


def test_a_damaged_file_is_refused(ws: Workspace) -> None:
    save(ws, "c2", RECORD, "malicious")
    path = ws.home.tenant_dir("default") / "cases.jsonl"
    path.write_bytes(path.read_bytes() + b"{}\n")
    with pytest.raises(StoreDamaged, match="line 2 is no case"):
        replay(ws)
