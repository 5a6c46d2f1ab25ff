"""Killed at any instant, the list is the old one or the new one, with every acknowledged change.

`TIDEGATE_SOAK=1` runs the campaign of 300 kills.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import pytest

from strategies.builders import LIMIT, NOW, create, history, history_step, plan, row
from strategies.writers import environment, script, writer
from tidegate.indicators.indicator import Indicator
from tidegate.store.tenant_store import TenantStore

KILLS = 300 if os.environ.get("TIDEGATE_SOAK") else 10

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL and fork")


class History:
    """The rows that the shared history holds at each change, computed once."""

    def __init__(self) -> None:
        self._states = history()
        self._known: list[Mapping[str, Indicator]] = []

    def __getitem__(self, serial: int) -> Mapping[str, Indicator]:
        self._known += islice(self._states, max(0, serial + 1 - len(self._known)))
        return self._known[serial]


@pytest.mark.timeout(900)
def test_sigkill_at_random_instants_loses_and_mixes_nothing(tmp_path: Path) -> None:
    dice = random.Random(20260110)  # noqa: S311 - instants, not secrets
    expected = History()
    acknowledged = mid_change = 0
    for number in range(KILLS):
        with writer("history", tmp_path) as process:
            time.sleep(dice.uniform(0, 0.1))
            process.kill()
            said = (process.stdout.read() if process.stdout else "").splitlines()
        acknowledged = int(said[-1]) if said else acknowledged
        store = TenantStore(tmp_path)
        state = store.state()
        assert acknowledged <= state.serial <= acknowledged + 1, f"kill {number}"
        assert state.rows == expected[state.serial], f"kill {number}, change {state.serial}"
        mid_change += state.serial - acknowledged
        acknowledged = state.serial
    entries = list(store.entries())
    assert [entry.serial for entry in entries] == list(range(1, acknowledged + 1))
    assert acknowledged > KILLS, "the writers hardly got to write"


@pytest.mark.parametrize("before", [0, 1, 3], ids=["first bulk", "edit", "bulk on a checkpoint"])
def test_sigkill_at_any_call_to_the_disk_leaves_old_or_new(tmp_path: Path, before: int) -> None:
    base = tmp_path / "list"
    store = TenantStore(base)
    for serial in range(before):
        changes = history_step(store.state().rows, serial)
        store.apply(plan(changes, serial=serial), limit=LIMIT, now=NOW, actor="test")
    base.mkdir(exist_ok=True)
    ran = subprocess.run(
        [sys.executable, script(), "steps", str(base)],
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
    )
    expected = History()
    serials = []
    for number in range(1, int(ran.stdout) + 1):
        folder = tmp_path / f"list-{number}"
        survivor = TenantStore(folder, lock_wait=0.5)
        state = survivor.state()
        serials.append(state.serial)
        assert state.rows == expected[state.serial], f"call {number}"
        # The next write works, repairs what the crash left, and is there for the one after.
        added = plan(create(row(-1)), serial=state.serial)
        assert survivor.apply(added, limit=LIMIT, now=NOW, actor="test")
        assert TenantStore(folder).state().rows == {
            **expected[serials[-1]],
            row(-1).id: row(-1),
        }
        shutil.rmtree(folder)
    assert set(serials) == {before, before + 1}, "some died before the change, some after"
    assert serials == sorted(serials), "once the change is there, it stays"
