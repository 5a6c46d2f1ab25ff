"""A running terminal shows what cron did within a second, and the analyst loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from tidegate.config import Home
from tidegate.indicators.kinds import Action, Severity
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add, plan_edit, plan_remove
from tidegate.service.workspace import Workspace
from tidegate.tui.app import TidegateApp
from tidegate.tui.gate import WorkspaceGate
from tidegate.tui.screens.form import FormScreen
from tidegate.tui.screens.indicators import IndicatorsScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import toasts

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
A_SECOND = 1.0


def opened(folder: Path) -> Workspace:
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text('[guards]\ndocumentation = "warn"\n')
    return Workspace.open(Home(folder), clock=lambda: NOW)


def add(ws: Workspace, *values: str) -> None:
    apply(ws, plan_add(ws, values, Fields(severity=Severity.HIGH)).plan)


def follow(
    folder: Path, scene: Callable[[TidegateApp, Pilot[int], Workspace], Awaitable[None]]
) -> None:
    """Run a scene over a list of forty rows, with a workspace of another process beside it."""
    cron = opened(folder)
    add(cron, *(f"192.0.2.{n}" for n in range(40)))
    app = TidegateApp(WorkspaceGate(opened(folder)))

    async def play() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await scene(app, pilot, cron)

    asyncio.run(play())


def home(app: TidegateApp) -> IndicatorsScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, IndicatorsScreen)
    return screen


def test_cursor_marks_filter_and_order_stay_when_others_write(tmp_path: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int], cron: Workspace) -> None:
        listing = home(app).listing
        home(app).query_one("#filter", SafeInput).value = "192.0.2"
        await pilot.pause()
        await pilot.press("j", "j", "space", "j", "space", "j")
        cursor, marks = listing.cursor, set(listing.marks)
        assert cursor is not None
        assert len(marks) == 2
        add(cron, "192.0.2.200", "198.51.100.7")
        first = next(row for row in home(app).gate.rows() if row.id not in (cursor, *marks))
        apply(cron, plan_remove(cron, [first]).plan)
        await pilot.pause(A_SECOND)
        assert len(listing.rows) == 41
        assert len(listing.ids) == 40, "the filter stands"
        assert (listing.cursor, set(listing.marks)) == (cursor, marks)
        assert listing.filter.text == "192.0.2"
        assert first.id not in listing.rows

    follow(tmp_path / "home", scene)


def test_an_open_form_keeps_what_was_typed_and_saves_over_others_changes(tmp_path: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int], cron: Workspace) -> None:
        row = home(app).listing.current
        assert row is not None
        await pilot.press("e")
        form = app.screen
        assert isinstance(form, FormScreen)
        title = form.query_one("#field-title", SafeInput)
        title.value = "typed by hand"
        await pilot.pause(0.3)
        other = next(r for r in home(app).gate.rows() if r.id != row.id)
        apply(cron, plan_edit(cron, [other], Fields(action=Action.ALERT_AND_BLOCK)).plan)
        add(cron, "198.51.100.7")
        # The form judges what is typed, and reads the list for it: that must not hide the change.
        form._judge()
        await pilot.pause(A_SECOND)
        assert app.screen is form
        assert title.value == "typed by hand"
        assert len(home(app).listing.rows) == 41
        await pilot.press("ctrl+s")
        await pilot.pause(A_SECOND)
        assert app.screen is not form
        rows = {r.id: r for r in cron.store.active(NOW)}
        assert rows[row.id].title == "typed by hand"
        assert rows[other.id].action is Action.ALERT_AND_BLOCK
        assert home(app).listing.rows[row.id].title == "typed by hand"

    follow(tmp_path / "home", scene)


def test_what_a_colleague_changed_under_an_open_form_is_said_before_it_is_overwritten(
    tmp_path: Path,
) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int], cron: Workspace) -> None:
        row = home(app).listing.current
        assert row is not None
        await pilot.press("e")
        form = app.screen
        form.query_one("#field-title", SafeInput).value = "typed by hand"
        await pilot.pause(0.3)
        apply(cron, plan_edit(cron, [row], Fields(title="by a colleague")).plan)
        await pilot.press("ctrl+s")
        await pilot.pause(0.3)
        assert app.screen is form, "not saved over the colleague's words unseen"
        assert "was changed meanwhile: title" in toasts(app)[-1]
        assert {r.id: r.title for r in cron.store.active(NOW)}[row.id] == "by a colleague"
        await pilot.press("ctrl+s")
        await pilot.pause(0.3)
        assert {r.id: r.title for r in cron.store.active(NOW)}[row.id] == "typed by hand"

    follow(tmp_path / "home", scene)


def test_the_same_goes_for_a_bulk_change(tmp_path: Path) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int], cron: Workspace) -> None:
        await pilot.press("space", "j", "space", "b")
        row = next(r for r in home(app).gate.rows() if r.id in home(app).listing.marks)
        bulk = app.screen
        bulk.query_one("#field-title", SafeInput).value = "typed by hand"
        await pilot.pause(0.3)
        apply(cron, plan_edit(cron, [row], Fields(title="by a colleague")).plan)
        await pilot.press("ctrl+s")
        await pilot.pause(0.3)
        assert app.screen is bulk
        assert "was changed meanwhile: title" in toasts(app)[-1]
        await pilot.press("ctrl+s")
        await pilot.pause(0.3)
        assert app.screen is home(app)
        titles = [r.title for r in cron.store.active(NOW)]
        assert titles.count("typed by hand") == 2

    follow(tmp_path / "home", scene)
