"""The objects behind rejections: each once, with what of it was let in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from strategies.builders import evaluated
from tidegate.ledger.judging import save_evaluation
from tidegate.ledger.ledger import Ledger
from tidegate.ledger.rejected import refused_objects, refusing, rejections_beside
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
            ledger, *evaluated(feed, outcomes), (Rejection(feed, "", "not_an_object", ""),)
        )
    assert refusing(ledger) == ("acme", "beta")
    known = {"id": "indicator--1", "type": "indicator", "n": "beta"}
    assert list(refused_objects(ledger, "beta", None)) == [(known, 0), (None, 0)]
    assert list(refused_objects(ledger, "beta", "like")) == [(known, 0)]
    assert list(refused_objects(ledger, "none", None)) == []
    ledger.close()


def test_a_value_finds_all_rejections_of_its_objects_in_whichever_feed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    for feed in ("beta", "acme"):
        run = ledger.start_run(feed, AT)
        ledger.add_page(feed, run, [], junk=0, cursor=None, whole=False, now=AT)
        refused = [
            Outcome(
                ident,
                Standing.REJECTED,
                rejections=tuple(
                    Rejection(feed, ident, code, "", value=value, atom=n)
                    for n, (code, value) in enumerate(pairs)
                ),
            )
            for ident, pairs in (
                ("indicator--2", [("cidr", "192.0.2.0/24"), ("like", "")]),
                ("indicator--1", [("bad", "EXAMPLE.com.")]),
                ("indicator--3", [("like", "other")]),
            )
        ]
        save_evaluation(ledger, *evaluated(feed, refused), ())
    found = [
        (each.feed, each.stix_id, each.code) for each in rejections_beside(ledger, "192.0.2.0/24")
    ]
    assert found == [
        (feed, "indicator--2", code) for feed in ("acme", "beta") for code in ("cidr", "like")
    ]
    assert [each.feed for each in rejections_beside(ledger, "example.com")] == ["acme", "beta"]
    assert rejections_beside(ledger, "nothing") == []
    ledger.close()
