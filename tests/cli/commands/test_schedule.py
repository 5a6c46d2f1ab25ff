"""`schedule print`, and `sync --due` as systemd and cron run it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import Cli, FeedFolder, indicator
from tidegate.cli.commands.schedule import program

Subscribe = Callable[..., FeedFolder]
HOURLY = 'every = "1h"'


def test_what_is_printed_is_the_files_and_nothing_else(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)], head=HOURLY)
    for kind, names in (
        ("systemd", ["tidegate-sync.service", "tidegate-sync.timer"]),
        ("cron", ["crontab"]),
    ):
        ran = cli("schedule", "print", f"--{kind}")
        assert (ran.code, ran.err) == (0, "")
        record = cli("schedule", "print", f"--{kind}", "--json").json
        assert record["kind"] == kind
        assert [file["name"] for file in record["files"]] == names
        assert "\n".join(file["text"] for file in record["files"]) == ran.out
        assert str(cli.home) in ran.out


def test_a_line_is_not_wrapped_however_narrow_the_terminal(
    cli: Cli, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe("acme", [indicator(1)], head=HOURLY)
    wide = cli("schedule", "print", "--cron").out
    monkeypatch.setattr("tidegate.cli.output._width", lambda: 40)
    assert cli("schedule", "print", "--cron").out == wide


def test_without_a_rhythm_it_says_what_to_write(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("acme", [indicator(1)])
    ran = cli("schedule", "print", "--cron")
    assert (ran.code, ran.out) == (2, "")
    assert 'every = "1h"' in ran.err
    assert cli("schedule", "print").code == 2
    assert cli("schedule", "print", "--cron", "--systemd").code == 2


def test_the_program_is_the_script_that_runs_or_lies_beside_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "tidegate"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3"))
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "__main__.py")])
    assert program() == (str(tmp_path / "python3"), "-m", "tidegate")
    script.write_text("")
    assert program() == (str(script),)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tidegate").write_text("")
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "bin" / "tidegate")])
    assert program() == (str(tmp_path / "bin" / "tidegate"),)


def test_what_is_not_due_is_left_alone_and_that_is_no_fault(cli: Cli, subscribe: Subscribe) -> None:
    feed = subscribe("acme", [indicator(1)], head=HOURLY)
    subscribe("demand", [indicator(2)])
    report = cli.sync("--due")
    assert report["pulled"] == ["acme"]
    assert cli.values() == {"h1.example.com"}
    feed.publish([indicator(1), indicator(3)])
    before = cli("feeds", "show", "acme", "--json").json
    ran = cli("sync", "--due")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("nothing is due; next is acme at 2")
    nothing = cli.sync("--due")
    assert (nothing["pulled"], nothing["feeds"], nothing["applied"]) == ([], [], False)
    assert nothing["next"].endswith("Z")
    assert cli("feeds", "show", "acme", "--json").json == before
    assert cli.values() == {"h1.example.com"}
    assert cli("sync", "--due", "demand").code == 0
    assert cli("sync", "--due", "nobody").code == 2
    assert cli.sync()["plan"]["create"] == 2


def test_feeds_on_demand_alone_are_told_so(cli: Cli, subscribe: Subscribe) -> None:
    subscribe("demand", [indicator(2)])
    ran = cli("sync", "--due", "--yes")
    assert (ran.code, cli.rows()) == (0, [])
    assert "no feed that is on says how often" in ran.out
    assert cli("sync", "--due", "--json").json["next"] is None
