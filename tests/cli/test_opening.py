"""From global options to an opened home."""

from __future__ import annotations

import argparse
import sqlite3
from pathlib import Path

import pytest

from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import UsageError


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
