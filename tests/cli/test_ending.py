"""Signals are noted and asked about; the second one ends the process."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from tidegate.cli.ending import Ending

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def test_sleep_ends_with_a_signal_and_is_not_entered_after_one() -> None:
    ending = Ending()
    begun = time.monotonic()
    with ending.listening():
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        ending.sleep(30)
    assert ending()
    assert time.monotonic() - begun < 10
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@POSIX
def test_a_second_signal_does_not_wait() -> None:
    twice = (
        "from tidegate.cli.ending import Ending\n"
        "ending = Ending()\nending.ask(15)\nprint(ending(), flush=True)\nending.ask(15)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", twice], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, "True\n")


def test_the_code_is_that_of_the_first_signal() -> None:
    ending = Ending()
    assert not ending()
    ending.ask(signal.SIGTERM)
    assert ending()
    assert (ending.signum, ending.code) == (signal.SIGTERM, 143)
