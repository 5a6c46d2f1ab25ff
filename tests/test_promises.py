"""What Tidegate promises about the list, each in one line, and the tests that hold it to that.

The campaigns stand beside the code that they are about; here they are found by name, and what a
person would type to see a promise kept is typed.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from driving.homes import Cli, FeedFolder, indicator, write_feed

TESTS = Path(__file__).resolve().parent

PROMISES = {
    "sigkill": "killed at any instant: the old list or the new one",
    "iofault": "a call of the file system that fails, the disk being full: the same",
    "power_loss": "what was acknowledged survives a power cut",
    "damage": "a damaged store is refused, unchanged, exit 4, the snapshot named",
    "two_writers": "two processes lose no update of each other",
    "lock": "a dead holder never blocks, a live one is named, exit 5 in time",
    "identical": "a plan writes nothing; the same inputs give the same bytes",
    "stale": "a stale plan is refused",
    "resume": "an interrupted apply goes on without duplicates",
    "canary": "secrets appear nowhere",
    "perms": "files 0600, folders 0700, links refused",
    "inert": "no control or bidi byte in any output",
    "schema": "an upgrade takes a snapshot first; older versions refuse newer files",
    "mass_delete": "more removals than pass, or those of an emptied feed, wait for a person",
    "clock": "a clock that jumped expires nothing and moves no cursor",
    "anchor": "an edited, cut or rewritten history shows",
    "draw_no_remark": "exports draw no remark from the OASIS validator",
    "above_the_ceiling": "nothing above a partner's TLP ceiling leaves, in whatever it might hide",
    "partner_ends": "whatever becomes of deliveries, a partner ends with what they may have",
    "verify_all": "every snapshot comes back to a list on which nothing is wrong",
}


def names() -> set[str]:
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(f"{path.stem}.{node.name}")
    return found


def test_every_promise_is_found_by_its_word() -> None:
    known = names()
    missing = {word: what for word, what in PROMISES.items() if not any(word in n for n in known)}
    assert missing == {}


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path / "home")


@pytest.fixture(name="feed")
def _feed(tmp_path: Path, cli: Cli) -> FeedFolder:
    made = write_feed(tmp_path / "acme", [indicator(n) for n in range(12)])
    cli.subscribe(made.folder)
    cli.sync()
    made.publish([indicator(n) for n in range(4, 20)])
    cli.subscribe(made.folder)
    assert cli("sync", "--dry-run").code in (0, 3)
    return made


def test_two_plans_are_identical_to_the_byte_and_change_nothing(
    cli: Cli, feed: FeedFolder, tmp_path: Path
) -> None:
    rows = cli.rows()
    files = [tmp_path / name for name in ("one.json", "two.json")]
    for file in files:
        assert cli("plan", "--out", str(file)).code in (0, 3)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert cli("plan", "--json").out == cli("plan", "--json").out
    assert cli.rows() == rows


def test_verify_all_finds_every_snapshot_good_and_names_the_one_that_is_not(
    cli: Cli, feed: FeedFolder
) -> None:
    cli.sync(code=3 if cli("plan").code else 0)
    snapshots = [line["id"] for line in cli("snapshots", "--json").lines]
    assert snapshots
    ran = cli("restore", "--verify-all")
    assert ran.code == 0, ran.err
    assert all(ident in ran.out for ident in snapshots)
    (damaged,) = (cli.home / "tenants" / "default" / "snapshots").glob(f"{snapshots[0]}.json")
    damaged.write_bytes(damaged.read_bytes().replace(b"example", b"exempla", 1))
    ran = cli("restore", "--verify-all")
    assert ran.code == 4
    assert snapshots[0] in ran.out
