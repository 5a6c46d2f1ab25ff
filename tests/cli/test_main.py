"""Exit codes, one-line errors, and the process around the command line."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import Cli, FeedFolder, indicator, write_feed
from running import Tidegate
from tidegate import __version__
from tidegate.cli import diagnostics
from tidegate.cli import main as entry
from tidegate.errors import ExitCode
from tidegate.store.lock import exclusive
from tidegate.store.tenant_store import TenantStore

Subscribe = Callable[..., FeedFolder]


def test_the_version_needs_no_home() -> None:
    ran = Cli.bare("--version")
    assert (ran.code, ran.out) == (0, f"tidegate {__version__}\n")
    for argv in (["--json", "--version"], ["--version", "--json"]):
        assert Cli.bare(*argv).json == {"version": __version__}


def test_an_interrupt_takes_the_progress_line_away(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(shown, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", shown)

    def run(_: object) -> int:
        diagnostics.progress("acme: 5,000 objects")
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "_run", run)
    with pytest.raises(KeyboardInterrupt):
        entry.main(["sync"])
    assert shown.getvalue() == "\r\x1b[Kacme: 5,000 objects\r\x1b[K"


LOOKS = [
    ["list"],
    ["quota"],
    ["rejections"],
    ["history"],
    ["why", "h1.example.com"],
    ["feeds", "list"],
    ["feeds", "show", "sample-c2"],
    ["held", "list"],
    ["suppress", "list"],
    ["check", "h1.example.com"],
    ["plan"],
    ["add", "h1.example.com", "--dry-run"],
]


@pytest.mark.parametrize("argv", LOOKS, ids=" ".join)
def test_read_only_makes_nothing_of_a_missing_home(tmp_path: Path, argv: list[str]) -> None:
    home = tmp_path / "home"
    ran = Cli.bare("--home", str(home), "--read-only", *argv)
    assert ran.code == 0 or (argv[0] == "add" and ran.code == 2), ran.err
    assert not home.exists()


def test_read_only_leaves_a_home_as_it_is(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(n) for n in range(3)])
    cli.sync()
    before = {path: path.stat().st_mtime_ns for path in cli.home.rglob("*")}
    for argv in LOOKS:
        ran = cli("--read-only", *argv)
        assert ran.code == 0, ran.err
        assert {path: path.stat().st_mtime_ns for path in cli.home.rglob("*")} == before, argv
    assert "acme says so" in cli("why", "h1.example.com", "--read-only").out
    other = cli("list", "--tenant", "other", "--read-only")
    assert (other.code, other.out) == (0, "")
    assert not (cli.home / "tenants" / "other").exists()


@pytest.mark.parametrize(
    "argv", [["--home", "", "list"], ["export", "--out", ""], ["plan", "--out", ""],
             ["apply", ""], ["import", ""], ["feeds", "add", ""]],
)  # fmt: skip
def test_a_file_without_a_name_is_refused(cli: Cli, argv: list[str]) -> None:
    ran = cli(*argv)
    assert ran.code == ExitCode.USAGE
    assert "it is empty" in ran.err


def test_every_change_answers_in_json(cli: Cli, tmp_path: Path) -> None:
    made = write_feed(tmp_path / "acme", [indicator(n) for n in range(30)])
    ran = cli("feeds", "add", str(made.folder), "--json")
    assert (ran.json["id"], ran.json["state"]) == ("acme", "on")
    assert cli("feeds", "disable", "acme", "--json").json["state"] == "off"
    assert cli("feeds", "enable", "acme", "--json").json["state"] == "on"
    ran = cli("suppress", "add", "h99.example.com", "--json")
    assert (ran.json["applied"], ran.json["serial"]) == (True, 1)
    assert ran.json["suppressions"][0]["value"] == "h99.example.com"
    ran = cli("suppress", "remove", "h99.example.com", "--json")
    assert (ran.json["op"], len(ran.json["suppressions"])) == ("remove", 1)
    cli.sync()
    FeedFolder(cli.home / "feeds" / "acme").publish([indicator(n) for n in range(20, 30)])
    ident = cli.sync(code=3)["held_id"]
    ran = cli("held", "approve", ident, "--json")
    assert (ran.json["plan"], ran.json["remove"], ran.json["applied"]) == (ident, 20, True)


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

    monkeypatch.setattr("tidegate.cli.commands.quota.quota", fail)
    ran = cli("quota")
    assert ran.code == ExitCode.INTERNAL
    assert "internal fault: RuntimeError: the moon" in ran.err
    assert "--verbose" in ran.err
    with pytest.raises(RuntimeError, match="the moon"):
        cli("quota", "--verbose")


def test_a_full_disk_is_told_as_such(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/home/journal.jsonl")

    monkeypatch.setattr("tidegate.cli.commands.quota.quota", full)
    ran = cli("quota")
    assert ran.code == ExitCode.INTERNAL
    assert "/home/journal.jsonl: No space left on device" in ran.err


@pytest.mark.parametrize("leaving", [KeyboardInterrupt, BrokenPipeError])
def test_an_interrupt_is_left_to_the_process(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, leaving: type[BaseException]
) -> None:
    def stop(*_: object) -> None:
        raise leaving

    monkeypatch.setattr("tidegate.cli.commands.quota.quota", stop)
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
