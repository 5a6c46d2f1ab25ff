from __future__ import annotations

import asyncio
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tidegate.config import Home
from tidegate.errors import StoreDamaged, UsageError
from tidegate.service.apply import apply
from tidegate.service.edit import Fields, plan_add
from tidegate.service.workspace import Workspace
from tidegate.tui.app import TidegateApp, run
from tidegate.tui.widgets.editors import SafeInput, SafeTextArea
from tidegate.tui.widgets.grid import Grid
from tui.stage import FakeGate, gate_of, make_row, play, toasts

SOURCE = Path(__file__).resolve().parents[2] / "src"

CRASH = """
import sys
from tidegate.tui.app import TidegateApp
sys.path[:0] = [{tests!r}]
from tui.stage import FakeGate

class Broken(FakeGate):
    def rows(self):
        token = "planted-secret"
        raise ValueError(token + "\\x1b[2J")

app = TidegateApp(Broken())
app.run()
sys.exit(app.return_code or 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_crash_is_one_line_without_values_and_exit_code_1() -> None:
    leader, follower = pty.openpty()
    tests = str(Path(__file__).resolve().parents[1])
    with subprocess.Popen(
        [sys.executable, "-c", CRASH.format(tests=tests)],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "TERM": "xterm-256color"},
        start_new_session=True,
    ) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                chunk = os.read(leader, 65_536)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
        code = process.wait(30)
    os.close(leader)
    assert code == 1
    assert b"tidegate: internal fault: ValueError in tidegate.tui" in shown
    assert b"planted-secret" not in shown
    assert b"Traceback" not in shown


def test_without_a_terminal_on_stderr_it_refuses_instead_of_drawing_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = Workspace.open(Home(tmp_path / "home"))
    monkeypatch.setattr(sys, "__stderr__", io.StringIO())
    with pytest.raises(UsageError, match="draws on stderr"):
        run(ws)


def test_ctrl_c_says_how_to_leave_and_ctrl_q_leaves() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert toasts(app) == ["Ctrl+Q leaves; q does too, outside of text fields"]
        await pilot.press("a")
        await pilot.pause()
        await pilot.press("ctrl+q")
        await pilot.pause()

    assert play(FakeGate([make_row(1)]), scene).return_code == 0


@pytest.mark.parametrize("mode", ["indicators", "history", "bench"])
def test_keys_pressed_in_one_go_after_the_filters_key_are_its_text(
    made_home: Path, mode: str
) -> None:
    """A slow line sends `/pd` at once: neither a paste nor a removal is meant."""
    gate = gate_of(made_home)
    rows = len(gate.rows())

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        await app.switch_mode(mode)
        await pilot.press("escape")
        await pilot.pause(0.4)
        for char in "/pd u":
            key = {"/": "slash", " ": "space"}.get(char, char)
            app.post_message(events.Key(key, char))
        await pilot.pause(0.4)
        field = app.focused
        assert isinstance(field, SafeInput | SafeTextArea)
        assert (field.value if isinstance(field, SafeInput) else field.text) == "pd u"
        assert len(app.screen_stack) == 1

    play(gate, scene)
    assert len(gate.rows()) == rows


def test_what_went_well_is_told_one_at_a_time_and_faults_stay() -> None:
    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        app.notify("one went well")
        app.notify("this failed", severity="error")
        app.notify("two went well")
        await pilot.pause()
        assert toasts(app) == ["this failed", "two went well"]
        assert [said.text for said in app.said] == ["one went well", "this failed", "two went well"]

    play(FakeGate(), scene)


def test_ctrl_z_asks_for_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(TidegateApp, "action_suspend_process", lambda _: asked.append(True))

    async def scene(_app: TidegateApp, pilot: Pilot[int]) -> None:
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert asked == [True]

    play(FakeGate(), scene)


def test_a_damaged_list_is_refused_where_a_shell_can_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = Workspace.open(Home(tmp_path / "home"))
    apply(ws, plan_add(ws, ["h1.badsite.com"], Fields()).plan)
    ws.close()
    (journal,) = ws.home.root.rglob("journal.jsonl")
    journal.write_bytes(journal.read_bytes().replace(b"badsite", b"bandsit"))
    monkeypatch.setattr("sys.__stderr__", _Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(StoreDamaged, match="checksum"):
        run(Workspace.open(ws.home))


class _Terminal:
    def isatty(self) -> bool:
        return True


def test_a_terminal_that_cannot_draw_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.__stderr__", _Terminal())
    monkeypatch.setenv("TERM", "dumb")
    with pytest.raises(UsageError, match="cannot draw"):
        run(None)  # type: ignore[arg-type]  # it is refused before it is looked at


def test_keys_that_come_in_several_chunks_keep_their_order(made_home: Path) -> None:
    """A slow line cuts what is typed anywhere: here with some turns of the loop between."""
    typed = "type:ip OR h1"

    async def scene(app: TidegateApp, pilot: Pilot[int]) -> None:
        for turns in (1, 2, 5, 9):
            for place, char in enumerate("j/" + typed):
                key = {"/": "slash", " ": "space", ":": "colon"}.get(char, char)
                app.post_message(events.Key(key, char))
                if place % 3 == 2:
                    for _ in range(turns):
                        await asyncio.sleep(0)
            await pilot.pause(0.1)
            field = app.focused
            assert isinstance(field, SafeInput)
            assert field.value == typed, turns
            await pilot.press("escape", "escape")
            assert isinstance(app.focused, Grid)

    play(gate_of(made_home), scene)
