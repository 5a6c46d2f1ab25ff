"""What a feed proposed is kept for each list apart, and an older ledger knows nothing."""

from __future__ import annotations

from pathlib import Path

from tidegate.ledger.ledger import Ledger
from tidegate.ledger.measures import Measure, measures, read_to_its_end, save_measures


def test_measures_are_kept_by_tenant_and_replaced_one_by_one(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    save_measures(ledger, "one", {"a": Measure("x", 1), "b": Measure("y", 2)})
    save_measures(ledger, "one", {"b": Measure("z", 3)})
    save_measures(ledger, "two", {"a": Measure("x", 9)})
    assert measures(ledger, "one") == {"a": ("x", 1), "b": ("z", 3)}
    assert measures(ledger, "two") == {"a": ("x", 9)}
    ledger.close()


def test_an_older_ledger_that_is_only_looked_at_knows_none(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    assert read_to_its_end(ledger, "a")
    for table in ("measure", "pull"):
        ledger.link.execute(f"DROP TABLE {table}")
    ledger.close()
    reader = Ledger(path, read_only=True)
    assert measures(reader, "one") == {}
    assert read_to_its_end(reader, "a")
    reader.close()
