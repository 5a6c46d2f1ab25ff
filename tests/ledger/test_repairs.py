"""Counts of repairs: each stage replaces its own, old ledgers have none."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tidegate.ledger.ledger import Ledger
from tidegate.ledger.repairs import Stage, put_repairs, repairs_of, save_pull_repairs


def test_each_stage_replaces_its_own_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    assert repairs_of(ledger, "f") == {}
    save_pull_repairs(ledger, "f", {"not_a_bundle": 2})
    with ledger.transaction() as link:
        put_repairs(link, "f", Stage.EVALUATION, {"refanged": 5, "id_not_uuid": 1, "none": 0})
        put_repairs(link, "g", Stage.EVALUATION, {"refanged": 7})
    assert repairs_of(ledger, "f") == {"id_not_uuid": 1, "not_a_bundle": 2, "refanged": 5}
    save_pull_repairs(ledger, "f", {})
    with ledger.transaction() as link:
        put_repairs(link, "f", Stage.EVALUATION, {"refanged": 1})
    assert repairs_of(ledger, "f") == {"refanged": 1}
    assert repairs_of(ledger, "g") == {"refanged": 7}


def test_a_ledger_of_an_older_version_is_read_and_then_completed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with sqlite3.connect(path) as link:
        link.execute("DROP TABLE repair")
    link.close()
    old = Ledger(path, read_only=True)
    assert repairs_of(old, "f") == {}
    old.close()
    save_pull_repairs(Ledger(path), "f", {"not_a_bundle": 1})
    assert repairs_of(Ledger(path, read_only=True), "f") == {"not_a_bundle": 1}
