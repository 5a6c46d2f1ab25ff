"""`demo`: counts that add up, what the guards refused, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.homes import Cli, assert_adds_up

pytest.importorskip("medallion")


def test_headless_json_adds_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = Cli.bare("demo", "--headless", "--json")
    assert ran.code == 0, ran.err
    record = ran.json
    assert_adds_up(record)
    assert record["applied"] is True
    assert len(record["feeds"]) == 3
    assert not any(feed["error"] for feed in record["feeds"])
    quota = record["quota"]
    assert quota["used"] == record["plan"]["create"] == sum(quota["by_feed"].values())
    codes = {item["code"] for item in record["refused"]}
    assert {"guard_protected", "guard_special_purpose", "guard_public_suffix"} <= codes
    assert any(item["value"] == "microsoft.com" for item in record["refused"])
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_it_is_headless() -> None:
    ran = Cli.bare("demo")
    assert ran.code == 0
    assert "TAXII 2.1 server with 3 collections at http://127.0.0.1:" in ran.err
    assert "slots used" in ran.out
    assert "protected" in ran.out
