"""From global options to an opened home."""

from __future__ import annotations

import argparse
import sqlite3
from pathlib import Path

import pytest

from driving.homes import Cli
from tidegate.cli import opening
from tidegate.cli.opening import outside, wants_json, workspace
from tidegate.errors import UsageError
from tidegate.service.workspace import Workspace


def test_options_that_were_not_given_have_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEGATE_HOME", str(tmp_path / "home"))
    args = argparse.Namespace()
    assert not wants_json(args)
    with workspace(args) as ws:
        assert (ws.home.root, ws.tenant, ws.read_only) == (tmp_path / "home", "default", False)


def test_options_choose_home_tenant_and_mode(tmp_path: Path) -> None:
    args = argparse.Namespace(home=str(tmp_path / "h"), tenant="two", read_only=True, json=True)
    assert wants_json(args)
    with workspace(args) as ws:
        assert (ws.home.root, ws.tenant, ws.read_only) == (tmp_path / "h", "two", True)


def test_the_ledger_is_closed_whatever_happens(tmp_path: Path) -> None:
    args = argparse.Namespace(home=str(tmp_path))
    opened = []

    def fail() -> None:
        with workspace(args) as ws:
            opened.append(ws.ledger)
            raise UsageError("stop")

    with pytest.raises(UsageError):
        fail()
    with pytest.raises(sqlite3.ProgrammingError):
        opened[0].count_objects("acme")


@pytest.mark.parametrize(
    "name", ["config.toml", "tenants/default/tenant.json", "feeds/new", "ledger.sqlite-wal"]
)
def test_nothing_is_written_over_what_the_home_lives_on(tmp_path: Path, name: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "h")
    with workspace(argparse.Namespace(home=str(tmp_path / "h"))) as ws:
        for way in ("h", "link", "h/feeds/.."):
            with pytest.raises(UsageError, match="belongs to the home"):
                outside(ws, str(tmp_path / way / name))
        assert outside(ws, str(tmp_path / "h" / "mine.json")) == tmp_path / "h" / "mine.json"
        assert outside(ws, str(tmp_path / "elsewhere" / name)) == tmp_path / "elsewhere" / name


def test_a_read_only_session_writes_nothing_into_the_home(tmp_path: Path) -> None:
    with workspace(argparse.Namespace(home=str(tmp_path / "h"), read_only=True)) as ws:
        with pytest.raises(UsageError, match="read-only"):
            outside(ws, str(tmp_path / "h" / "mine.json"))
        assert outside(ws, str(tmp_path / "mine.json")) == tmp_path / "mine.json"


def test_an_unfinished_change_is_reported_then_repaired_and_then_forgotten(cli: Cli) -> None:
    cli("add", "h1.example.com")
    journal = cli.home / "tenants" / "default" / "journal.jsonl"
    with journal.open("ab") as stream:
        stream.write(b'{"sum":"00')
    ran = cli("list")
    assert ran.code == 0
    assert "the journal ends in 10 bytes of a change that was never finished" in ran.err
    ran = cli("add", "h2.example.com")
    assert ran.code == 0
    assert "repaired: 10 bytes of a change that was never finished were removed" in ran.err
    ran = cli("list")
    assert "never finished" not in ran.err
    assert cli.values() == {"h1.example.com", "h2.example.com"}


def test_a_change_that_another_process_is_writing_is_not_reported(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("add", "h1.example.com")
    journal = cli.home / "tenants" / "default" / "journal.jsonl"
    before = journal.read_bytes()
    cli("add", "h2.example.com")
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-20])
    assert len(before) < len(whole) - 20
    reported = opening._report_repair

    def once_it_is_written(ws: Workspace) -> None:
        with journal.open("ab") as stream:
            stream.write(whole[-20:])
        reported(ws)

    monkeypatch.setattr(opening, "_report_repair", once_it_is_written)
    ran = cli("list")
    assert ran.code == 0
    assert "never finished" not in ran.err
