"""A sync or apply that is killed: the next command works, on the old list or the new one."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import Cli, FeedFolder, in_home, indicator
from running import Tidegate

OLD, NEW = 1_000, 1_900
"""Fewer than twice as many new rows as old ones: more would be a flood, which the brake holds."""
KILLS = 200 if os.environ.get("TIDEGATE_SOAK") else 8


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


_STORAGE = "tidegate.store.storage"
KILLED_AT = {
    "before the change is written": ("tidegate.store.journal", "Journal", "append", "before"),
    "between journal and checkpoint": (_STORAGE, "CheckpointStorage", "write", "before"),
    "after the checkpoint": (_STORAGE, "CheckpointStorage", "write", "after"),
}
"""Module, class and method at which the process ends itself, and on which side of its work."""

_SUICIDE = textwrap.dedent("""
    import importlib, os, signal, sys
    module, kind, name, side = sys.argv[1:5]
    target = getattr(importlib.import_module(module), kind)
    method = getattr(target, name)
    def ended(self, *args, **kwargs):
        if side == "after":
            method(self, *args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(target, name, ended)
    from tidegate.cli.main import main
    sys.exit(main(sys.argv[5:]))
""")


def die(cli: Cli, instant: str, *argv: str) -> None:
    """Run a command in a process that kills itself at an instant."""
    words = [sys.executable, "-c", _SUICIDE, *KILLED_AT[instant], *argv]
    done = subprocess.run(words, env=Tidegate(cli.home).env(), capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL; durability is not claimed there")
@pytest.mark.parametrize("instant", KILLED_AT)
def test_resume_after_an_interrupted_apply_makes_no_row_twice(
    cli: Cli, subscribe: Callable[..., FeedFolder], tmp_path: Path, instant: str
) -> None:
    cli("add", "mine.example.com")
    subscribe("acme", [indicator(n) for n in range(OLD)])
    cli("sync")
    plan = str(tmp_path / "p.json")
    assert cli("plan", "--out", plan).code == 0
    die(cli, instant, "apply", plan, "--yes")
    wanted = {"mine.example.com", *(f"h{n}.example.com" for n in range(OLD))}
    written = instant != "before the change is written"
    assert cli.values() == (wanted if written else {"mine.example.com"})
    ran = cli("apply", plan, "--yes")
    if written:
        # It was applied: said so, with the number of the change, and nothing is done again.
        assert ran.code == 6
        assert "since then: 2 " in ran.err
        assert "sync of acme" in ran.err
    else:
        assert ran.code == 0
    assert len(cli.rows()) == len(wanted)
    assert cli.values() == wanted
    assert [line["serial"] for line in cli("history", "--json").lines] == [2, 1]
    again = cli("apply", "--yes", "--json").json
    assert (again["serial"], again["plan"]["keep"]) == (None, OLD)
    assert cli("doctor").code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL; durability is not claimed there")
def test_resume_of_a_sync_that_ended_after_it_wrote_has_nothing_to_do(
    cli: Cli, subscribe: Callable[..., FeedFolder]
) -> None:
    cli("add", "mine.example.com")
    subscribe("acme", [indicator(n) for n in range(OLD)])
    die(cli, "between journal and checkpoint", "sync", "--yes")
    assert cli.sync()["plan"]["keep"] == OLD
    assert len(cli.rows()) == OLD + 1
    assert len(cli("history", "--json").lines) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL; durability is not claimed there")
@pytest.mark.parametrize("instant", KILLED_AT)
def test_a_part_of_a_plan_that_is_killed_is_there_whole_or_not_at_all(
    cli: Cli, subscribe: Callable[..., FeedFolder], instant: str
) -> None:
    subscribe("acme", [indicator(n) for n in range(40)])
    cli("sync")
    wanted = {f"h{n}.example.com" for n in range(40) if "3" in str(n)}
    die(cli, instant, "apply", "--only", "h3", "--only", "h13.example.com",
        "--only", "h23.example.com", "--yes")  # fmt: skip
    written = instant != "before the change is written"
    assert cli.values() == (wanted if written else set())
    assert cli("plan", "--json").json["plan"]["create"] == (40 - len(wanted) if written else 40)
    assert cli("apply", "--yes").code == 0
    assert len(cli.rows()) == 40
    assert cli("undo", "--yes").code == 0
    assert cli.values() == (wanted if written else set())
    assert cli("doctor").code == 0
