"""Where each feed's slots end."""

from __future__ import annotations

from pathlib import Path

from strategies.builders import row
from tidegate.allocation.allocate import Edge
from tidegate.ledger.edges import edges, save_edges
from tidegate.ledger.ledger import Ledger


def test_the_last_plan_replaces_what_another_left_for_the_same_tenant(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    one = Edge("acme", 3, row(1, groups=("lab",)).key, 83.5)
    two = Edge("bolt", 1, row(2).key, 10.0)
    save_edges(ledger, "default", [two, one])
    save_edges(ledger, "other", [two])
    assert edges(ledger, "default") == [one, two]
    save_edges(ledger, "default", [two])
    assert edges(ledger, "default") == edges(ledger, "other") == [two]
    ledger.close()


def test_an_older_ledger_that_is_only_looked_at_has_none(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.link.execute("DROP TABLE edge")
    ledger.close()
    looking = Ledger(tmp_path / "ledger.sqlite", read_only=True)
    assert edges(looking, "default") == []
    looking.close()
