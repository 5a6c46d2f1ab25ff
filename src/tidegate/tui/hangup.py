"""A terminal that is gone ends the program that drew on it.

The kernel tells only the processes of a terminal's own session, by SIGHUP; any other would go on
reading nothing from nowhere, as fast as it can. Owns the watch for that. Refuses to tidy up: edits
are in force as they are made, and there is no screen to restore.
"""

from __future__ import annotations

import os
import select
import signal
import threading


def end_with(terminal: int) -> None:
    """Send ourselves SIGHUP when the terminal of this file descriptor hangs up."""
    if hasattr(select, "poll"):  # POSIX
        threading.Thread(target=_watch, args=(terminal,), daemon=True).start()


def _watch(terminal: int) -> None:
    poller = select.poll()
    poller.register(terminal, 0)  # a hang-up is told unasked
    poller.poll()
    os.kill(os.getpid(), signal.SIGHUP)
