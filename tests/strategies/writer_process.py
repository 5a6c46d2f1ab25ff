"""A process that writes to a tenant's list, to be raced and killed. No test in itself.

adds FOLDER PREFIX COUNT   add that many rows, each by its own plan
history FOLDER             apply the shared history for ever; print each serial once it is safe
hold FOLDER                hold the lock for ever
stall FOLDER               add a row, and stop (SIGSTOP) in the middle of writing it
steps FOLDER               apply one plan in copies of FOLDER, dying before each system call
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
from typing import Any

import pytest

from strategies.builders import LIMIT, NOW, create, history_step, plan, row
from tidegate.errors import StalePlan
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
            die_before(number)
            advance(store)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == 0:
            say(str(number - 1))
            return
        if code != DIED:
            raise AssertionError(f"step {number}: exit {code}")


def die_before(number: int) -> None:
    """End the process, with nothing cleaned up, in place of its n-th call that touches a disk."""
    calls = count(1)

    def deadly(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever `real` takes
            if next(calls) == number:
                if name == "write" and len(args[1]) > 1:
                    real(args[0], args[1][: len(args[1]) // 2])
                os._exit(DIED)
            return real(*args, **options)

        return call

    for name in ("open", "write", "fsync", "ftruncate", "replace", "rename"):
        setattr(os, name, deadly(name, getattr(os, name)))


if __name__ == "__main__":
    verb, where, *numbers = sys.argv[1:]
    verbs: dict[str, Callable[..., None]] = {
        "adds": adds,
        "history": history,
        "hold": hold,
        "stall": stall,
        "steps": steps,
    }
    verbs[verb](Path(where), *map(int, numbers))
