"""The one way in: what every door meets."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from driving.homes import Watch
from tidegate.config import Home
from tidegate.errors import (
    ActionNotSupported,
    HeldBack,
    InvalidValue,
    StalePlan,
    UsageError,
)
from tidegate.indicators.indicator import Indicator, RowKey, row_id
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service import edit, look
from tidegate.service.apply import apply, check_row, load_plan, save_plan
from tidegate.service.edit import Fields
from tidegate.service.workspace import Workspace


def row(ws: Workspace, value: str, kind: IndicatorType = IndicatorType.DOMAIN_NAME) -> Indicator:
    return Indicator(
        id=row_id(RowKey(kind, value, ())), type=kind, value=value,
        action=Action.ALERT_AND_BLOCK, severity=Severity.HIGH, title="t",
        created=ws.clock(), updated=ws.clock(), origin=Origin.MANUAL,
    )  # fmt: skip


def plan(ws: Workspace, *changes: Change[Indicator]) -> SyncPlan:
    state = ws.store.state()
    return SyncPlan(state.lineage, state.serial, "test", "a test", changes)


def test_what_was_done_is_counted(ws: Workspace) -> None:
    one, two = row(ws, "h1.example.com"), row(ws, "h2.example.com")
    done = apply(ws, plan(ws, Change(None, one, "x"), Change(None, two, "x")))
    assert (done.serial, done.created, done.updated, done.removed) == (1, 2, 0, 0)
    new = dataclasses.replace(one, title="new")
    done = apply(ws, plan(ws, Change(one, new, "x"), Change(two, None, "x")))
    assert (done.serial, done.created, done.updated, done.removed) == (2, 0, 1, 1)
    assert apply(ws, plan(ws)).serial is None


@pytest.mark.parametrize("value", ["microsoft.com", "co.uk", "printer.local"])
def test_no_plan_gets_past_a_guard(ws: Workspace, value: str) -> None:
    good = Change(None, row(ws, "h1.example.com"), "x")
    with pytest.raises(HeldBack, match="guard "):
        apply(ws, plan(ws, good, Change(None, row(ws, value), "x")))
    assert look.rows(ws) == ()


def test_no_plan_gets_past_the_dialect_or_the_canonical_form(ws: Workspace) -> None:
    cert = row(ws, "4" * 40, IndicatorType.CERTIFICATE)
    with pytest.raises(ActionNotSupported):
        apply(ws, plan(ws, Change(None, dataclasses.replace(cert, action=Action.WARN), "x")))
    for value in ("not a name", "MICROSOFT.com", "h1.example.com."):
        with pytest.raises(InvalidValue):
            apply(ws, plan(ws, Change(None, row(ws, value), "x")))
    assert look.rows(ws) == ()


def test_a_downgrade_lets_alerts_in_and_no_blocks(home: Home, watch: Watch) -> None:
    home.config_file.write_text('[guards]\ndocumentation = "downgrade"\n')
    ws = Workspace.open(home, clock=watch)
    block = row(ws, "h1.example.com")
    for action in (Action.ALERT_AND_BLOCK, Action.BLOCK, Action.WARN):
        with pytest.raises(HeldBack):
            apply(ws, plan(ws, Change(None, dataclasses.replace(block, action=action), "x")))
    alert = dataclasses.replace(block, action=Action.ALERT_ONLY)
    apply(ws, plan(ws, Change(None, alert, "x")))
    with pytest.raises(HeldBack):
        apply(ws, plan(ws, Change(alert, block, "x")))


ALERT_AND_BLOCK, ALERT_ONLY, ALLOW = Action.ALERT_AND_BLOCK, Action.ALERT_ONLY, Action.ALLOW


@pytest.mark.parametrize(
    ("level", "refused"),
    [
        ("warn", ()),
        ("downgrade", (ALERT_AND_BLOCK,)),
        ("refuse", (ALERT_AND_BLOCK, ALERT_ONLY, ALLOW)),
    ],
)
def test_an_impostor_is_as_welcome_as_the_operator_says(
    home: Home, watch: Watch, level: str, refused: tuple[Action, ...]
) -> None:
    home.config_file.write_text(f'[guards]\nhomoglyph = "{level}"\n')
    ws = Workspace.open(home, clock=watch)
    for action in (ALERT_AND_BLOCK, ALERT_ONLY, ALLOW):
        impostor = dataclasses.replace(row(ws, "rnicrosoft.com"), action=action)
        if action in refused:
            with pytest.raises(HeldBack, match=r"guard homoglyph refuses rnicrosoft\.com"):
                check_row(ws, impostor)
        else:
            check_row(ws, impostor)


def test_a_row_that_a_stricter_guard_dislikes_can_still_be_edited_and_removed(
    home: Home, watch: Watch
) -> None:
    lenient = Workspace.open(home, clock=watch)
    apply(lenient, edit.plan_add(lenient, ["h1.example.com"], Fields()).plan)
    home.config_file.write_text("")
    strict = Workspace.open(home, clock=watch)
    held = look.rows(strict)[0]
    apply(strict, plan(strict, Change(strict.store.state().rows[held.id], None, "x")))
    assert look.rows(strict) == ()


def test_rows_of_others_are_facts(ws: Workspace) -> None:
    theirs = dataclasses.replace(row(ws, "microsoft.com"), origin=Origin.FOREIGN)
    apply(ws, plan(ws, Change(None, theirs, "x")))
    assert len(look.rows(ws)) == 1


def test_read_only_comes_first(home: Home, ws: Workspace, watch: Watch) -> None:
    closed = Workspace.open(home, read_only=True, clock=watch)
    with pytest.raises(UsageError, match="read-only"):
        apply(closed, plan(closed, Change(None, row(ws, "h1.example.com"), "x")))
    assert look.rows(ws) == ()


def test_a_saved_plan_fits_only_the_list_it_was_made_from(ws: Workspace, tmp_path: Path) -> None:
    made = dataclasses.replace(plan(ws, Change(None, row(ws, "h1.example.com"), "x")), door="sync")
    save_plan(tmp_path / "plan", made)
    read = load_plan(tmp_path / "plan")
    assert read == made
    assert apply(ws, read).serial == 1
    with pytest.raises(StalePlan):
        apply(ws, read)
