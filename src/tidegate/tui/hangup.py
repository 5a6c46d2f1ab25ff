"""Ends that come from outside: a terminal that is gone, and signals.

A terminal that is gone ends the program that drew on it. The kernel tells only the processes of a
terminal's own session, by SIGHUP; any other would go on reading nothing from nowhere, as fast as it
can. Owns the watch for that. Refuses to end anything half: the application leaves, so that screens
are restored and throw-away homes thrown away; only one that cannot is ended where it stands.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable

_PATIENCE = 10.0
"""Seconds in which the application leaves by itself, or never."""


def end_with(terminal: int) -> None:
    """Send ourselves SIGHUP when the terminal of this file descriptor hangs up."""
    if hasattr(select, "poll"):  # POSIX
        threading.Thread(target=_watch, args=(terminal,), daemon=True).start()


def leave_on_signals(leave: Callable[[int], None]) -> None:
    """Call `leave` with 128 and the signal's number, as shells do, on SIGTERM, SIGINT and SIGHUP.

    To be called by what runs in the event loop. Without this the process would end where it stands
    and leave the shell a hidden cursor, the other screen and reports of the mouse.
    """
    if sys.platform != "win32" and threading.current_thread() is threading.main_thread():
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(signum, leave, 128 + signum)


def _watch(terminal: int) -> None:
    poller = select.poll()
    poller.register(terminal, 0)  # a hang-up is told unasked
    poller.poll()
    os.kill(os.getpid(), signal.SIGHUP)
    time.sleep(_PATIENCE)
    os._exit(128 + signal.SIGHUP)
