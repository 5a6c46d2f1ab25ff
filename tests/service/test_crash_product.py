"""Killed at any instant of any work, a home holds all that was acknowledged, and no mixture.

`TIDEGATE_SOAK=1` runs the campaign of 300 kills.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from strategies.product_process import digest, prepare, replay
from strategies.writers import hear, tell, writer
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.store.recovery import Recovery
from tidegate.store.tenant_store import TenantStore

ROUNDS, KILLS = (15, 20) if os.environ.get("TIDEGATE_SOAK") else (1, 20)
"""Kills of one round, which has a home of its own: a long history would slow it down."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL and fork")


Said = list[tuple[str, int, str]]
"""What a worker announced (going) or acknowledged (done): serial and digest of the list."""


def killed(forge: subprocess.Popen[str], seed: int, dice: random.Random) -> Said:
    """Let a worker with this seed be killed, at any time or soon after it went for a change."""
    tell(forge, str(seed))
    word, pid = hear(forge).split()
    assert word == "worker"
    lines = []
    if seed % 2:
        for _ in range(dice.randint(1, 8)):
            lines.append(hear(forge))
            while not lines[-1].startswith("going"):
                assert lines[-1] not in ("died", ""), lines
                lines.append(hear(forge))
        time.sleep(dice.uniform(0, 0.004))
    else:
        time.sleep(dice.uniform(0.01, 0.25))
    os.kill(int(pid), signal.SIGKILL)
    while (line := hear(forge)) != "died":
        assert line, "the worker's parent is gone"
        lines.append(line)
    return understood(lines)


def understood(lines: list[str]) -> Said:
    """The lines, without announcements of what was then refused."""
    said: Said = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "refused":
            said = [told for told in said if told[0] == "done"]
        else:
            serial, _, text = rest.partition(" ")
            said.append((word, int(serial), text))
    return said


class Retold:
    """The list as history alone tells it, followed from kill to kill."""

    def __init__(self) -> None:
        self.rows: dict[str, Indicator] = {}
        self.suppressions: dict[str, Suppression] = {}
        self.at = [digest((), ())]
        self.doors: Counter[str] = Counter()

    def follow(self, store: TenantStore) -> None:
        """Read the whole history; replay what is new. It is one chain without a gap."""
        entries = list(store.entries())
        assert [entry.serial for entry in entries] == list(range(1, len(entries) + 1))
        for entry in entries[len(self.at) - 1 :]:
            self.rows = replay(self.rows, entry.changes)
            self.suppressions = replay(self.suppressions, entry.suppressions)
            self.at.append(digest(self.rows.values(), self.suppressions.values()))
            self.doors[entry.door] += 1


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", range(ROUNDS))
def test_sigkill_at_random_instants_of_all_work_loses_and_mixes_nothing(
    tmp_path: Path, number: int
) -> None:
    home = prepare(tmp_path / "home")
    dice = random.Random(number)  # noqa: S311 - instants, not secrets
    history = Retold()
    serial, name = 0, history.at[0]
    with writer("work", home.root, program="product_process") as forge:
        for kill in range(KILLS):
            said = killed(forge, number * KILLS + kill, dice)
            done = [(serial, name), *((at, text) for word, at, text in said if word == "done")]
            going = said[-1][1:] if said and said[-1][0] == "going" else done[-1]
            store = TenantStore(home.tenant_dir("default"))
            state = store.state()
            serial = state.serial
            name = digest(state.rows.values(), state.suppressions.values())
            assert (serial, name) in (done[-1], going), f"kill {kill}: {done[-1]} or {going}"
            history.follow(store)
            assert len(history.at) == serial + 1
            assert [history.at[at] for at, _ in done] == [text for _, text in done], f"kill {kill}"
            assert history.at[serial] == name, f"kill {kill}: history tells another list"
            assert Recovery(store.folder).fault() is None
            assert [snapshot.fault for snapshot in store.snapshots.all() if snapshot.fault] == []
    assert history.doors.keys() >= {"add", "edit", "sync", "undo"}
    assert serial > KILLS, "the workers hardly got to work"
