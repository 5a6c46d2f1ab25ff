"""A sync that is killed: the next command works, and shows the old list or the new one."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import Cli, FeedFolder, in_home, indicator
from running import Tidegate

OLD, NEW, KILLS = 40, 3_000, 20


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL; durability is not claimed there")
def test_a_killed_sync_leaves_the_old_list_or_the_new_one(
    cli: Cli, subscribe: Callable[..., FeedFolder], tmp_path: Path
) -> None:
    subscribe("acme", [indicator(n) for n in range(OLD)])
    cli.sync()
    old = {f"h{n}.example.com" for n in range(OLD)}
    new = {f"h{n}.example.com" for n in range(NEW)}
    in_home(cli.home, "acme").publish([indicator(n) for n in range(NEW)])
    whole = tmp_path / "whole"
    shutil.copytree(cli.home, whole)
    begun = time.monotonic()
    Tidegate(whole).run("sync", "--yes", check=True)
    took = time.monotonic() - begun
    instants = random.Random(20261123)  # noqa: S311 - a seed, so that a failure comes again
    seen = set()
    for number in range(KILLS):
        home = tmp_path / f"killed-{number}"
        shutil.copytree(cli.home, home)
        process = Tidegate(home).start("sync", "--yes")
        # The first quarter is Python loading; the writes lie behind it.
        try:
            process.wait(took * instants.uniform(0.25, 1.1))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        survivor = Cli(home)
        values = survivor.values()
        assert values in (old, new), (number, len(values))
        seen.add(len(values))
        if number % 10 == 0:
            survivor.sync()
            assert survivor.values() == new
        shutil.rmtree(home)
    assert OLD in seen
