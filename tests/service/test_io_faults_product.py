"""The disk fails under a whole command: one line for people, and the list is old or new.

A seeded slice of the calls; all of them with `TIDEGATE_SOAK=1`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import orjson
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


PROFILE = """id = "isac"
tlp_max = "green"
identity = "Example Corp"
delivery = {{ kind = "{kind}", path = "{path}" }}
"""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("kind", "ending", "trouble"),
    [("file", "/isac.json", Kind.FULL), ("folder", "", Kind.BROKEN)],
)
def test_iofault_under_a_delivery_loses_nothing_and_tells_nothing_twice(
    base: Path, kind: str, ending: str, trouble: Kind
) -> None:
    """The partner has what they may have once the disk is well again, in whole bundles only."""
    wanted = {f"[domain-name:value = 'h{n}.example.com']" for n in (*range(8), 50)}
    codes = set()
    for number in count(1, EACH if EACH == 1 else 29):
        root = base.with_name("tried")
        home, out = root / "home", root / "out"
        out.mkdir(parents=True)
        shutil.copytree(base, home)
        cli = Cli(home, (base / "config.toml").read_text("utf-8"))
        profile = 'unmarked_as = "green"\n' + PROFILE.format(kind=kind, path=f"{out}{ending}")
        (home / "partners" / "isac.toml").write_text(profile, "utf-8")
        disk = TroubledDisk(root, kind=trouble, number=number, for_ever=True)
        with SystemCalls(disk.root, disk)():
            ran = cli("export", "--partner", "isac", "--send")
        where = f"call {number}: {disk.struck}: {ran.err}"
        held: dict[str, dict[str, Any]] = {}
        take_in(held, out)
        assert ran.code in (ExitCode.DONE, ExitCode.EXPORT_REFUSED, ExitCode.USAGE) or (
            ran.err.strip() and "internal fault" not in ran.err
        ), where
        if ran.code == ExitCode.DONE:
            assert {each["pattern"] for each in held.values()} == wanted, where
        again = cli("export", "--partner", "isac", "--send")
        assert again.code == ExitCode.DONE, where + again.err
        take_in(held, out)
        assert {each["pattern"] for each in held.values()} == wanted, where
        assert cli("export", "--partner", "isac", "--send", "--json").json["delivery"] is None
        codes.add(ran.code)
        shutil.rmtree(root)
        if not disk.struck:
            break
    assert {ExitCode.DONE, ExitCode.EXPORT_REFUSED} <= codes


def take_in(held: dict[str, dict[str, Any]], out: Path) -> None:
    """Take in every bundle that is there, each of them whole; a version never changes."""
    for path in sorted(out.glob("*.json")):
        if path.name.endswith(".manifest.json"):
            continue
        for each in orjson.loads(path.read_bytes())["objects"]:
            if each["type"] == "indicator":
                known = held.get(each["id"], each)
                assert known["modified"] < each["modified"] or known == each
                held[each["id"]] = each
