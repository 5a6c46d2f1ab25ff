"""A program whose terminal is gone ends; one that a signal ends leaves the terminal as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from running import Tidegate

_PROGRAM = """
import sys, time
from tidegate.tui.hangup import end_with
end_with(2)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
def test_a_terminal_that_hangs_up_ends_the_program_outside_its_session_too() -> None:
    leader, follower = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdout=subprocess.PIPE,
        stderr=follower,
        start_new_session=True,
    ) as program:
        os.close(follower)
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        assert program.poll() is None
        os.close(leader)
        assert program.wait(20) == -signal.SIGHUP


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_terminal_ui_as_a_key_does(tmp_path: Path, signum: int) -> None:
    from driving.pty_session import PtySession  # noqa: PLC0415 - it needs what POSIX alone has

    tidegate = Tidegate(tmp_path)
    env = {name: text for name, text in tidegate.env().items() if name not in ("COLUMNS", "LINES")}
    with PtySession(tidegate.command(), env, 80, 24) as session:
        session.started(b" help", quiet=0.5)
        last, code = session.end_by(signum)
    assert code == 128 + signum
    for restored in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"):
        assert restored in last
    assert b"Traceback" not in last


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
def test_a_throw_away_home_goes_with_its_terminal(tmp_path: Path) -> None:
    from driving.pty_session import PtySession  # noqa: PLC0415 - it needs what POSIX alone has

    folder = tmp_path / "t"
    folder.mkdir()
    env = {**os.environ, **Tidegate(tmp_path / "home").env(), "TMPDIR": str(folder)}
    command = Tidegate(tmp_path / "home").command("demo")
    with PtySession(command, env, 80, 24) as session:
        session.started(b" help", quiet=0.5)
        assert [path.name for path in folder.glob("tidegate-demo-*")]
        assert session.hang_up() == 128 + signal.SIGHUP
    assert not [path.name for path in folder.glob("tidegate-demo-*")]
