"""Exit codes, one-line errors, and the process around the command line."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import Cli, FeedFolder, indicator
from running import Tidegate
from tidegate import __version__
from tidegate.cli import main as entry
from tidegate.errors import ExitCode
from tidegate.service import look
from tidegate.store.lock import exclusive
from tidegate.store.tenant_store import TenantStore

Subscribe = Callable[..., FeedFolder]


def test_the_version_needs_no_home() -> None:
    ran = Cli.bare("--version")
    assert (ran.code, ran.out) == (0, f"tidegate {__version__}\n")


def test_every_verb_of_the_tree_has_a_module(cli: Cli) -> None:
    for module in set(entry._HOMES.values()):
        assert callable(__import__(f"tidegate.cli.commands.{module}", fromlist=["run"]).run)


def test_exit_2_for_what_cannot_be_carried_out(cli: Cli) -> None:
    for argv in (["frobnicate"], ["show", "none.example.com"], ["list", "colour:red"], ["undo"]):
        ran = cli(*argv)
        assert ran.code == ExitCode.USAGE
        assert ran.err.startswith("tidegate: ")
        assert "→" in ran.err
        assert ran.out == ""


def test_exit_2_for_a_broken_config(cli: Cli) -> None:
    cli.configure("limmit = 5\n")
    ran = cli("list")
    assert ran.code == ExitCode.USAGE
    assert "config.toml" in ran.err
    assert "did you mean `limit`?" in ran.err
    cli.configure("limit = [")
    ran = cli("list")
    assert ran.code == ExitCode.USAGE
    assert "line 1" in ran.err


def test_exit_2_for_a_home_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = Cli.bare("--home", str(tmp_path / "file"), "list")
    assert ran.code == ExitCode.USAGE
    assert "choose another with --home or TIDEGATE_HOME" in ran.err


def test_exit_4_for_a_damaged_journal(cli: Cli) -> None:
    cli("add", "h1.example.com")
    cli("add", "h2.example.com")
    journal = cli.home / "tenants" / "default" / "journal.jsonl"
    data = journal.read_bytes()
    journal.write_bytes(data.replace(b"h2.example.com", b"h9.example.com"))
    for argv in (["list"], ["add", "h3.example.com"], ["sync", "--yes"], ["quota"]):
        ran = cli(*argv)
        if argv[0] == "sync":
            continue  # no feed is on: that is said first
        assert ran.code == ExitCode.DAMAGED
        assert "journal.jsonl" in ran.err
    assert journal.read_bytes() == data.replace(b"h2.example.com", b"h9.example.com")


def test_exit_4_for_a_damaged_ledger(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    (cli.home / "ledger.sqlite").write_bytes(b"this is no database" * 500)
    ran = cli("sync", "--yes")
    assert ran.code == ExitCode.DAMAGED
    assert "ledger.sqlite" in ran.err


def test_exit_5_while_another_process_writes(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("add", "h1.example.com")
    monkeypatch.setattr(TenantStore.__init__, "__defaults__", (0.05,))
    with exclusive(cli.home / "tenants" / "default"):
        ran = cli("add", "h2.example.com")
        assert ran.code == ExitCode.BUSY
        assert f"process {os.getpid()}" in ran.err
        assert cli("list").code == 0
    assert cli("add", "h2.example.com").code == 0


def test_exit_1_for_a_fault_of_ours(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the moon")

    monkeypatch.setattr(look, "quota", fail)
    ran = cli("quota")
    assert ran.code == ExitCode.INTERNAL
    assert "internal fault: RuntimeError: the moon" in ran.err
    assert "--verbose" in ran.err
    with pytest.raises(RuntimeError, match="the moon"):
        cli("quota", "--verbose")


def test_a_full_disk_is_told_as_such(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/home/journal.jsonl")

    monkeypatch.setattr(look, "quota", full)
    ran = cli("quota")
    assert ran.code == ExitCode.INTERNAL
    assert "/home/journal.jsonl: No space left on device" in ran.err


@pytest.mark.parametrize("leaving", [KeyboardInterrupt, BrokenPipeError])
def test_an_interrupt_is_left_to_the_process(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, leaving: type[BaseException]
) -> None:
    def stop(*_: object) -> None:
        raise leaving

    monkeypatch.setattr(look, "quota", stop)
    with pytest.raises(leaving):
        cli("quota")


def test_the_home_comes_from_the_environment_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("add", "h1.example.com")
    monkeypatch.setenv("TIDEGATE_HOME", str(cli.home))
    assert "h1.example.com" in Cli.bare("list").out


def test_tenants_are_apart(cli: Cli) -> None:
    cli("add", "h1.example.com", "--tenant", "one")
    assert "h1.example.com" in cli("list", "--tenant", "one").out
    assert cli.rows() == []
    ran = cli("list", "--tenant", "../one")
    assert ran.code == ExitCode.USAGE
    assert "no tenant name" in ran.err


def test_as_a_process(cli: Cli) -> None:
    assert cli.process("add", "hxxp://h1[.]example[.]com/").code == 0
    ran = cli.process("list", "--json")
    assert ran.lines[0]["value"] == "http://h1.example.com/"
    ran = cli.process("show", "none.example.com")
    assert ran.code == ExitCode.USAGE
    assert ran.err.splitlines()[0].startswith("tidegate: nothing on the list is")
    assert "Traceback" not in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="sh")
def test_a_reader_that_leaves_early_is_no_fault(cli: Cli, tmp_path: Path) -> None:
    paste = "\n".join(f"h{n}.example.com" for n in range(3_000))
    assert cli("add", "--stdin", stdin=paste).code == 0
    runner = Tidegate(cli.home)
    command = " ".join(f"'{word}'" for word in runner.command("list", "--json"))
    done = subprocess.run(
        ["sh", "-c", f"{command} | head -n 1"],
        env=runner.env(), capture_output=True, check=False, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
