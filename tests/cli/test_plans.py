from __future__ import annotations

import pytest

from strategies.builders import create, remove, row
from tidegate.cli.plans import plan_record, plan_sizes, show_plan
from tidegate.indicators.plan import Change, SyncPlan


def plan(*changes: Change) -> SyncPlan:  # type: ignore[type-arg]  # of rows
    return SyncPlan("x", 3, "sync", "sync of acme", changes)


def test_a_short_plan_is_shown_whole_and_a_long_one_by_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_plan(plan(*create(row(1)), *remove(row(2))))
    text = capsys.readouterr().out
    assert "h1.example.com" in text
    assert "h2.example.com" in text
    show_plan(plan(*create(*map(row, range(40)))), limit=5)
    text = capsys.readouterr().out
    assert "and 35 more" in text
    assert " 40 " in text
    show_plan(plan())
    assert capsys.readouterr().out == ""


def test_its_sizes_and_its_record_name_every_change() -> None:
    made = plan(*create(row(1)), *remove(row(2)))
    assert plan_sizes(made) == "create 1  update 0  remove 1  keep 0"
    record = plan_record(made)
    assert (record["serial"], [c["op"] for c in record["changes"]]) == (3, ["create", "remove"])
