"""A program whose terminal is gone ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

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
