"""A process that writes to a tenant's list, to be raced and killed. No test in itself.

adds FOLDER PREFIX COUNT   add that many rows, each by its own plan
history FOLDER             apply the shared history for ever; print each serial once it is safe
hold FOLDER                hold the lock for ever
churn FOLDER               edit for ever, with a checkpoint and a new journal every few changes
stall FOLDER               add a row, and stop (SIGSTOP) in the middle of writing it
steps FOLDER               apply one plan in copies of FOLDER, dying at each call that changes them
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from strategies.builders import LIMIT, NOW, create, edit, history_step, plan, row
from strategies.disk import Disk
from strategies.system_calls import Call
from tidegate.errors import StalePlan
from tidegate.store import journal, tenant_store
from tidegate.store.lock import exclusive
from tidegate.store.tenant_store import TenantStore

DIED = 9


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def adds(folder: Path, first: int, number: int) -> None:
    store = TenantStore(folder)
    say("ready")
    sys.stdin.readline()
    for n in range(first, first + number):
        while True:
            state = store.state()
            try:
                wanted = plan(create(row(n)), serial=state.serial, lineage=state.lineage)
                store.apply(wanted, limit=LIMIT, now=NOW, actor=f"writer {first}")
            except StalePlan:
                continue
            break


def advance(store: TenantStore) -> int:
    state = store.state()
    wanted = plan(history_step(state.rows, state.serial), serial=state.serial)
    entry = store.apply(wanted, limit=LIMIT, now=NOW, actor="writer")
    if entry is None:
        raise AssertionError("a step of the history changes something")
    return entry.serial


def history(folder: Path) -> None:
    store = TenantStore(folder)
    store.state()
    say("ready")
    while True:
        say(str(advance(store)))


def hold(folder: Path) -> None:
    with exclusive(folder):
        say("ready")
        while True:
            time.sleep(60)


def churn(folder: Path) -> None:
    tenant_store.CHECKPOINT_EVERY, tenant_store.BULK, journal.ROTATE_AT = 4, 4, 2_000
    store = TenantStore(folder)
    say("ready")
    for number in count(1):
        state = store.state()
        held = [*state.rows.values()][: number % 5]
        changes = [change for each in held for change in edit(each, note=str(number))]
        wanted = plan(changes or create(row(number)), serial=state.serial, lineage=state.lineage)
        store.apply(wanted, limit=LIMIT, now=NOW, actor="churn")
        time.sleep(0.005)  # inode numbers return, and file times have ticks of 4 ms


def stall(folder: Path) -> None:
    store = TenantStore(folder)
    state = store.state()
    wanted = plan(create(row(0)), serial=state.serial, lineage=state.lineage)
    say("ready")
    sys.stdin.readline()
    real, patch = os.fsync, pytest.MonkeyPatch()

    def stopping(descriptor: int) -> None:
        patch.undo()
        os.kill(os.getpid(), signal.SIGSTOP)
        real(descriptor)

    patch.setattr(os, "fsync", stopping)
    entry = store.apply(wanted, limit=LIMIT, now=NOW, actor="stalled")
    say("nothing" if entry is None else str(entry.serial))


def steps(folder: Path) -> None:
    for number in count(1):
        copy = folder.with_name(f"{folder.name}-{number}")
        shutil.copytree(folder, copy)
        child = os.fork()
        if child == 0:
            store = TenantStore(copy)
            store.state()
            with DeadlyDisk(copy, number).watching():
                advance(store)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == 0:
            say(str(number - 1))
            return
        if code != DIED:
            raise AssertionError(f"step {number}: exit {code}")


class DeadlyDisk(Disk):
    """Ends the process, with nothing cleaned up, in place of its n-th call that changes a disk.

    A write is half done.
    """

    def __init__(self, root: Path, number: int) -> None:
        super().__init__(root)
        self._left = number
        self._dying = False

    def before(self, call: Call) -> int | None:
        self._left -= call.changes
        if self._dying or (self._left == 0 and call.changes and call.size <= 1):
            os._exit(DIED)
        self._dying = self._left == 0 and call.changes
        return call.size // 2 if self._dying else None


if __name__ == "__main__":
    verb, where, *numbers = sys.argv[1:]
    verbs: dict[str, Callable[..., None]] = {
        "adds": adds,
        "history": history,
        "hold": hold,
        "churn": churn,
        "stall": stall,
        "steps": steps,
    }
    verbs[verb](Path(where), *map(int, numbers))
