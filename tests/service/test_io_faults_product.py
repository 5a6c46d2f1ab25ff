"""The disk fails under a whole command: one line for people, and the list is old or new.

A seeded slice of the calls; all of them with `TIDEGATE_SOAK=1`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from driving.homes import DOCUMENTATION, Cli, FeedFolder, indicator, write_feed
from strategies.disk import in_memory, quicken
from strategies.system_calls import SystemCalls
from strategies.trouble import Kind, TroubledDisk
from tidegate.errors import ExitCode
from tidegate.store import tenant_store
from tidegate.store.tenant_store import TenantStore

EACH = 1 if os.environ.get("TIDEGATE_SOAK") else 13
"""Every n-th call is tried."""

COMMANDS = {
    "add": ["add", "--yes", "h100.example.com"],
    "edit": ["edit", "--yes", "h1.example.com", "--note", "seen in our own mail"],
    "remove": ["remove", "--yes", *(f"h{n}.example.com" for n in range(7))],
    "sync": ["sync", "--yes"],
    "undo": ["undo", "--yes"],
}


@pytest.fixture(name="tmp_path")
def _tmp_path() -> Iterator[Path]:
    with in_memory() as folder:
        yield folder


@pytest.fixture(name="base")
def _base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a feed that has said something new since the last sync."""
    monkeypatch.setattr(tenant_store, "CHECKPOINT_EVERY", 6)
    quicken(monkeypatch)
    cli = Cli(tmp_path / "home", f"{DOCUMENTATION}[brake]\ncount = 100\npercent = 100\n")
    feed = write_feed(cli.home / "feeds" / "acme", [indicator(n) for n in range(8)])
    cli.sync()
    assert cli("add", "--yes", "h50.example.com").code == ExitCode.DONE
    FeedFolder(feed.folder).publish([indicator(n, name="said again") for n in range(2, 12)])
    return cli.home


def serial(home: Path) -> int:
    return TenantStore(home / "tenants" / "default").state().serial


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", [Kind.BROKEN, Kind.FULL])
@pytest.mark.parametrize("verb", COMMANDS)
def test_iofault_under_a_command_is_one_line_and_the_old_list_or_the_new_one(
    base: Path, verb: str, kind: Kind
) -> None:
    old = serial(base)
    codes = set()
    for number in count(1, EACH if kind is Kind.BROKEN else (EACH + 1) // 2):
        home = base.with_name("tried")
        shutil.copytree(base, home)
        cli = Cli(home, (base / "config.toml").read_text("utf-8"))
        disk = TroubledDisk(home / "tenants", kind=kind, number=number, for_ever=True)
        with SystemCalls(disk.root, disk)():
            ran = cli(*COMMANDS[verb])
        where = f"call {number}: {disk.struck}: {ran.err}"
        assert serial(home) in ({old + 1} if ran.code == ExitCode.DONE else {old, old + 1}), where
        assert ran.code == ExitCode.DONE or ran.err.strip(), where
        assert ran.code == ExitCode.DONE or "internal fault" not in ran.err, where
        assert disk.missed() == [], where
        assert cli("add", "--yes", "h99.example.com").code == ExitCode.DONE, where
        codes.add(ran.code)
        shutil.rmtree(home)
        if not disk.struck:
            break
    assert codes > {ExitCode.DONE}, "some runs fail, and the last one does not"
