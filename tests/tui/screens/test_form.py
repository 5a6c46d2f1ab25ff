from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Select

from driving.homes import DOCUMENTATION, indicator, write_feed
from tidegate.config import Home
from tidegate.errors import StalePlan
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_edit
from tidegate.service.groups import KnownGroups
from tidegate.service.look import find
from tidegate.service.preview import Line, Preview
from tidegate.service.sync import sync
from tidegate.tui.app import TidegateApp
from tidegate.tui.screens.confirm import ConfirmScreen
from tidegate.tui.screens.form import FormScreen
from tidegate.tui.widgets.editors import SafeInput
from tui.stage import (
    NOW,
    FakeGate,
    gate_of,
    make_row,
    opened,
    play,
    screen_text,
    toasts,
)

ROW = make_row(1)


def put(app: TidegateApp, name: str, text: str) -> None:
    app.screen.query_one(f"#field-{name}", SafeInput).value = text


def test_every_field_can_be_changed_in_one_go() -> None:
    gate = FakeGate([ROW])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one("#field-action", Select).value = "Allow"
        app.screen.query_one("#field-severity", Select).value = "Low"
        for name, text in (
            ("title", "New title"),
            ("description", "New text"),
            ("groups", "lab, servers"),
            ("expires", "30d"),
            ("category", "Malware"),
            ("recommended_actions", "isolate"),
            ("note", "ask Ana"),
        ):
            put(app, name, text)
        await pilot.pause()
        assert "= 2026-07-01 12:00 UTC, in 30 days" in screen_text(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert toasts(app) == ["1 changed · u undo"]

    play(gate, scene)
    after = gate.held[ROW.id]
    assert after.action is Action.ALLOW
    assert after.severity is Severity.LOW
    assert (after.title, after.description, after.note) == ("New title", "New text", "ask Ana")
    assert after.groups == ("lab", "servers")
    assert after.expires == NOW + timedelta(days=30)
    assert (after.category, after.recommended_actions) == ("Malware", "isolate")


def test_only_what_was_touched_is_planned() -> None:
    gate = FakeGate([ROW])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("enter")
        await pilot.pause()
        put(app, "note", "x")
        await pilot.pause()
        fields = app.screen.query_one("FieldsForm").reading()  # type: ignore[attr-defined]
        assert fields.values == {"note": "x"}
        await pilot.press("escape")

    play(gate, scene)
    assert gate.held[ROW.id] == ROW


def test_an_untouched_form_closes_without_a_change() -> None:
    gate = FakeGate([ROW])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert len(app.screen_stack) == 1

    play(gate, scene)
    assert gate.journal == []


def test_a_bad_expiry_is_said_as_it_is_typed_and_nothing_is_saved() -> None:
    gate = FakeGate([ROW])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        put(app, "expires", "soonish")
        await pilot.pause()
        assert "'soonish' is not an expiry" in screen_text(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, FormScreen)
        put(app, "expires", "2026-12-31")
        await pilot.pause()
        assert "= 2026-12-31 00:00 UTC" in screen_text(app)
        await pilot.press("ctrl+s")

    play(gate, scene)
    assert gate.held[ROW.id].expires == datetime(2026, 12, 31, tzinfo=UTC)


def test_the_services_refusal_is_shown_and_the_form_stays() -> None:
    gate = FakeGate([ROW])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one("#field-action", Select).value = "Warn"
        await pilot.pause(0.4)
        assert "✗ no Warn here" in screen_text(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, FormScreen)

    play(gate, scene)
    assert gate.held[ROW.id] == ROW


def test_a_refusal_that_a_reason_would_answer_names_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = FakeGate([ROW])
    way = "add --override public_resolver --reason TEXT"
    line = Line("h", None, "h", "refused", "guard public_resolver refuses h", hint=way)
    refused = Preview(gate.plan_add(["bad"], Fields()).plan, (line,))
    monkeypatch.setattr(gate, "plan_add", lambda *_: refused)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("a", "h")
        await pilot.pause(0.4)
        text = screen_text(app)
        assert "✗ guard public_resolver refuses h" in text
        assert "→ command line: --override public_resolver --reason TEXT" in text

    play(gate, scene)


def test_an_error_while_applying_keeps_what_was_typed() -> None:
    gate = FakeGate([ROW])
    gate.broken = StalePlan("the list changed meanwhile", "look again")

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        put(app, "title", "kept")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert toasts(app) == ["the list changed meanwhile (look again)"]
        assert app.screen.query_one("#field-title", SafeInput).value == "kept"

    play(gate, scene)


def test_only_actions_that_the_type_takes_are_offered() -> None:
    row = make_row(1, type=IndicatorType.CERTIFICATE, value="a" * 40)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        select = app.screen.query_one("#field-action", Select)
        assert [value for _, value in select._options] == ["Allow", "Alert and block"]

    play(FakeGate([row]), scene)


def test_adding_previews_warns_and_adds() -> None:
    gate = FakeGate()

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("a")
        await pilot.pause()
        value = app.screen.query_one("#value", SafeInput)
        assert app.focused is value
        assert "90d" in screen_text(app)
        value.value = "bad"
        await pilot.pause(0.4)
        assert "✗ no value: bad" in screen_text(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, FormScreen)
        value.value = "new.example.com"
        await pilot.pause(0.4)
        assert "! documentation" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert toasts(app)[-1] == "1 added · u undo"

    play(gate, scene)
    assert [row.value for row in gate.held.values()] == ["new.example.com"]


def test_a_long_reason_is_cut_with_an_ellipsis() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("a")
        await pilot.pause()
        app.screen.query_one("#value", SafeInput).value = "bad" + " word" * 200
        await pilot.pause(0.4)
        text = screen_text(app)
        assert "refused" in text or "✗ no value" in text
        assert any("word" in line and "…" in line for line in text.splitlines())
        assert "Save ^S" in text

    play(FakeGate(), scene)


def colleague_edits(folder: Path, fields: Fields, value: str = "h1.example.com") -> None:
    """Another process changes a row."""
    ws = opened(folder)
    apply(ws, plan_edit(ws, [find(ws, value)], fields).plan)
    ws.close()


def title_of(folder: Path) -> str:
    ws = opened(folder)
    row = find(ws, "h1.example.com")
    ws.close()
    return row.title


@pytest.mark.parametrize(
    ("keys", "title"), [(("ctrl+s",), "Mine"), (("ctrl+t", "ctrl+s"), "Theirs")]
)
def test_what_a_colleague_wrote_is_shown_before_it_is_written_over(
    worked: Path, keys: tuple[str, ...], title: str
) -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        put(app, "title", "Mine")
        colleague_edits(worked, Fields(title="Theirs", severity=Severity.MEDIUM))
        await pilot.press("ctrl+s")
        await pilot.pause(0.4)
        text = screen_text(app)
        assert "! theirs, since you opened it: Theirs" in text  # beside the field
        assert "! changed meanwhile: Title yours 'Mine', theirs 'Theirs'" in text
        assert "^S writes yours over theirs, ^T takes theirs" in text
        assert app.screen.query_one("#field-severity", Select).value == "Medium"
        assert "! changed meanwhile, was: Low" in text
        assert title_of(worked) == "Theirs"
        # The toast is whole, its last line not behind the footer.
        assert "title (look, then do it again)" in text.replace("\u258c", "")
        await pilot.press(*keys)
        await pilot.pause()
        assert len(app.screen_stack) == 1

    play(gate_of(worked), scene)
    assert title_of(worked) == title


def test_leaving_asks_once_something_was_typed() -> None:
    gate = FakeGate([ROW])

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("e", "escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1  # nothing was typed
        await pilot.press("e")
        await pilot.pause()
        put(app, "title", "kept")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        assert "Discard what you typed?" in screen_text(app)
        assert "Title" in screen_text(app)
        await pilot.press("n")
        await pilot.pause()
        assert app.screen.query_one("#field-title", SafeInput).value == "kept"
        await pilot.press("escape", "y")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        await pilot.press("a", "x", "escape")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)

    play(gate, scene)
    assert gate.journal == []


def test_a_full_list_says_which_row_leaves_before_and_after_saving(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.ensure()
    home.config_file.write_text("limit = 3\n" + DOCUMENTATION, "utf-8")
    said = [indicator(number, confidence=90 - 10 * number) for number in range(3)]
    ws = opened(home.root)
    ws.catalogue.add(write_feed(tmp_path / "acme-c2", said).folder)
    sync(ws, ["acme-c2"])
    ws.close()

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("a")
        await pilot.pause()
        app.screen.query_one("#value", SafeInput).value = "y.badsite.info"
        await pilot.pause(0.4)
        assert "! the list is full: h2.example.com of acme-c2 leaves" in screen_text(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert toasts(app)[-1] == "1 added; the list is full: h2.example.com left · u undo"

    play(gate_of(home.root), scene)


@pytest.mark.parametrize("closed", [True, False])
def test_groups_are_offered_and_unknown_ones_told_as_the_command_line_does(*, closed: bool) -> None:
    gate = FakeGate([ROW])
    gate.known = KnownGroups(("Servers", "Workstations"), closed=closed)

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        field = app.screen.query_one("#field-groups", SafeInput)
        field.value = ""
        field.focus()
        await pilot.pause()
        assert "known: Servers, Workstations; → completes" in screen_text(app)
        await pilot.press("S", "e", "r", "v")
        await pilot.pause(0.2)
        text = screen_text(app)
        assert "unknown device group 'Serv' – did you mean 'Servers'?" in text
        assert ("✗ unknown device group" in text) is closed
        if closed:
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert isinstance(app.screen, FormScreen)
        await pilot.press("right", "comma", "space", "W", "o")
        await pilot.pause(0.2)
        await pilot.press("right", "ctrl+s")
        await pilot.pause()
        assert len(app.screen_stack) == 1

    play(gate, scene)
    assert gate.held[ROW.id].groups == ("Servers", "Workstations")
