"""The objects behind rejections: each once, with what of it was let in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from strategies.builders import evaluated
from tidegate.ledger.evaluation import save_evaluation
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.rejected import refused_objects, refusing
from tidegate.mapping.candidate import Outcome, Rejection, Standing

AT = datetime(2026, 6, 1, tzinfo=UTC)


def test_each_object_once_and_only_of_its_feed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    for feed in ("acme", "beta"):
        run = ledger.start_run(feed, AT)
        objects = [{"id": f"indicator--{n}", "type": "indicator", "n": feed} for n in range(3)]
        ledger.add_page(feed, run, objects, junk=0, cursor=None, whole=False, now=AT)
        outcomes = [
            Outcome(
                "indicator--1",
                Standing.REJECTED,
                rejections=tuple(
                    Rejection(feed, "indicator--1", code, "", atom=n)
                    for n, code in enumerate(("cidr", "like", "like"))
                ),
            ),
            Outcome(
                "indicator--9",
                Standing.REJECTED,
                rejections=(Rejection(feed, "indicator--9", "cidr", ""),),
            ),
        ]
        save_evaluation(
            ledger, evaluated(feed, outcomes), (Rejection(feed, "", "not_an_object", ""),)
        )
    assert refusing(ledger) == ("acme", "beta")
    known = {"id": "indicator--1", "type": "indicator", "n": "beta"}
    assert list(refused_objects(ledger, "beta", None)) == [(known, 0), (None, 0)]
    assert list(refused_objects(ledger, "beta", "like")) == [(known, 0)]
    assert list(refused_objects(ledger, "none", None)) == []
    ledger.close()
