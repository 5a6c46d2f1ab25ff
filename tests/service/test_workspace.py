"""One opened home."""

from __future__ import annotations

import getpass
import sqlite3
from pathlib import Path

import pytest

from tidegate.config import Home
from tidegate.errors import ConfigError, UsageError
from tidegate.indicators.kinds import Dialect
from tidegate.service import workspace
from tidegate.service.workspace import Workspace


def test_opening_makes_private_folders_and_no_ledger(tmp_path: Path) -> None:
    home = Home(tmp_path / "a" / "home")
    ws = Workspace.open(home)
    assert home.feeds_dir.is_dir()
    assert home.root.stat().st_mode & 0o777 == 0o700
    assert not home.ledger_file.exists()
    assert (ws.tenant, ws.dialect, ws.read_only) == ("default", Dialect.TODAY, False)
    ws.close()  # nothing to close yet


def test_the_ledger_opens_once_and_closes(ws: Workspace) -> None:
    ledger = ws.ledger
    assert ws.ledger is ledger
    ws.close()
    with pytest.raises(sqlite3.ProgrammingError):
        ledger.count_objects("acme")


@pytest.mark.parametrize("name", ["", "..", "a/b", "Upper", "x" * 41, "a b"])
def test_a_tenant_name_is_a_plain_word(home: Home, name: str) -> None:
    with pytest.raises(UsageError, match="is no tenant name"):
        Workspace.open(home, name)


def test_a_broken_config_is_named(home: Home) -> None:
    home.config_file.write_text("limit = 0\n")
    with pytest.raises(ConfigError, match=r"config\.toml"):
        Workspace.open(home)


def test_read_only_refuses(home: Home) -> None:
    Workspace.open(home).writable()
    with pytest.raises(UsageError, match="read-only"):
        Workspace.open(home, read_only=True).writable()


def test_a_process_without_a_user_still_has_an_actor(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert Workspace.open(home).actor == "unknown"
    assert workspace._actor() == "unknown"


def test_read_only_makes_nothing_and_sees_what_others_write(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    looker = Workspace.open(home, read_only=True)
    assert looker.ledger.count_objects("acme") == (0, 0)
    assert list(looker.store.active(looker.clock())) == []
    assert not home.root.exists()
    writer = Workspace.open(home)
    for page in range(2):  # the second time it looks, too, while the writer has the file open
        run = writer.ledger.start_run("acme", writer.clock())
        writer.ledger.add_page(
            "acme", run, [{"type": "indicator", "id": f"indicator--{page}"}],
            junk=0, cursor=None, whole=False, now=writer.clock(),
        )  # fmt: skip
        assert looker.ledger.count_objects("acme") == (page + 1, page + 1)
    writer.close()
    before = sorted(home.root.rglob("*"))
    assert looker.ledger.count_objects("acme") == (2, 2)
    looker.close()
    assert sorted(home.root.rglob("*")) == before


def test_read_only_names_a_home_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="not a folder"):
        Workspace.open(Home(tmp_path / "file"), read_only=True)


def test_clock_of_the_system_has_witnesses_and_a_tests_own_has_none(
    home: Home, ws: Workspace
) -> None:
    ws.trusted_now()
    assert not ws.timekeeper.path.exists()
    real = Workspace.open(home)
    real.trusted_now()
    assert real.timekeeper.path.exists()
