"""What feeds want beside people's rows: replaced whole, renewed one by one, absent in old files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from strategies.builders import row
from tidegate.indicators.indicator import Indicator
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.wishes import Wish, renew_wishes, save_wishes, wishes
from tidegate.store.records import indicator_record, read_indicator_record

ONE, TWO, SCOPED = row(1), row(2), row(1, groups=("lab", "office"))


def wish(wanted: Indicator) -> Wish:
    return Wish(wanted.key, indicator_record(wanted))


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def kept(ledger: Ledger, tenant: str = "default") -> list[Indicator]:
    found = wishes(ledger, tenant)
    rows = [read_indicator_record(item.record) for item in found]
    assert [item.key for item in found] == [item.key for item in rows]
    return rows


def test_each_tenant_has_its_own_and_the_last_plans_only(ledger: Ledger) -> None:
    save_wishes(ledger, "default", [wish(TWO), wish(SCOPED), wish(ONE)])
    save_wishes(ledger, "other", [wish(ONE)])
    assert kept(ledger) == [SCOPED, ONE, TWO]
    save_wishes(ledger, "default", [wish(TWO)])
    assert (kept(ledger), kept(ledger, "other")) == ([TWO], [ONE])


def test_a_changed_policy_moves_a_wish(ledger: Ledger) -> None:
    save_wishes(ledger, "default", [wish(ONE), wish(TWO)])
    save_wishes(ledger, "other", [wish(ONE)])
    renew_wishes(ledger, "default", [ONE.key], [wish(SCOPED)])
    assert (kept(ledger), kept(ledger, "other")) == ([SCOPED, TWO], [ONE])


def test_a_ledger_of_an_older_version_has_none_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with closing(Ledger(path)) as ledger:
        ledger.link.execute("DROP TABLE wish")
    before = path.read_bytes()
    with closing(Ledger(path, read_only=True)) as looking:
        assert wishes(looking, "default") == []
    assert path.read_bytes() == before
    with closing(Ledger(tmp_path / "none.sqlite", read_only=True)) as looking:
        assert wishes(looking, "default") == []
