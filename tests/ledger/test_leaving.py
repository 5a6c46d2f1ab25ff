"""What a feed no longer lists: told, bounded, and forgotten when it comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from strategies.builders import NOW, candidate, evaluated, held_indicators
from tidegate.ledger import leaving
from tidegate.ledger.judging import Outstanding, save_evaluation
from tidegate.ledger.leaving import settle_leaving, unlisted
from tidegate.ledger.ledger import Ledger, Object
from tidegate.mapping.candidate import Outcome, Standing

LATER = NOW + timedelta(days=1)


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def indicator(number: int, **fields: object) -> Object:
    return {"type": "indicator", "id": f"indicator--{number}", **fields}


def publish(ledger: Ledger, *items: Object, source: str = "", feed: str = "f") -> None:
    """Pull a publication and evaluate it: each indicator names one value, by its number."""
    run = ledger.start_run(feed, NOW, source=source)
    ledger.add_page(feed, run, items, junk=0, cursor=None, whole=True, now=NOW)
    ledger.finish_run(feed, run, whole=True, published=None, now=LATER)
    outcomes = [
        Outcome(
            each["id"],
            Standing.MAPPED,
            (
                candidate(
                    0,
                    feed=feed,
                    stix_id=each["id"],
                    value=str(each.get("value", each["id"])),
                    aliases=tuple(f"FileMd5:{name}" for name in each.get("aliases", ())),
                ),
            ),
        )
        for each in items
    ]
    save_evaluation(ledger, *evaluated(feed, outcomes))
    settle_leaving(ledger, feed)


def test_a_value_that_left_is_told_with_its_object_and_since_when(ledger: Ledger) -> None:
    publish(ledger, indicator(1, value="a"), indicator(2, value="b"))
    publish(ledger, indicator(2, value="b"))
    assert unlisted(ledger, "a") == [("f", "indicator--1", LATER)]
    assert unlisted(ledger, "indicator--1") == [("f", "indicator--1", LATER)]
    assert unlisted(ledger, "b") == []
    publish(ledger, indicator(2, value="b"), indicator(1, value="a"))
    publish(ledger, indicator(1, value="a"))
    assert unlisted(ledger, "a") == []
    assert unlisted(ledger, "b") != []


def test_new_ids_for_the_same_values_leave_nothing_behind(ledger: Ledger) -> None:
    for release in range(5):
        publish(ledger, *(indicator(release * 10 + n, value=f"v{n}") for n in range(10)))
    assert ledger.link.execute("SELECT COUNT(*) FROM gone").fetchone() == (0,)


def test_another_hash_of_a_file_left_with_it(ledger: Ledger) -> None:
    publish(ledger, indicator(1, value="sha256", aliases=["md5"]))
    publish(ledger, indicator(1, value="sha256", aliases=["other"]), feed="g")
    over = Outcome("indicator--2", Standing.ENDED, detail="revoked", values=("over",))
    run = ledger.start_run("f", NOW)
    ledger.add_page("f", run, [indicator(2)], junk=0, cursor=None, whole=False, now=NOW)
    todo = Outstanding(frozenset({"indicator--2"}))
    save_evaluation(ledger, *evaluated("f", [over]), outstanding=todo)
    publish(ledger, indicator(3, value="new", aliases=["md5"]))
    assert unlisted(ledger, "md5") == []  # still a hash of something that it lists
    publish(ledger)
    assert [text for text in ("md5", "sha256", "over", "other") if unlisted(ledger, text)] == [
        "md5",
        "sha256",
        "over",
    ]


def test_what_is_remembered_is_bounded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "_KEPT", 5)
    monkeypatch.setattr(leaving, "_REVOKED_KEPT", 7)
    for release in range(3):
        publish(ledger, *(indicator(release * 10 + n, revoked=True) for n in range(10)))
    assert ledger.link.execute("SELECT COUNT(*) FROM gone").fetchone() == (5,)
    assert ledger.link.execute("SELECT COUNT(*) FROM withdrawn").fetchone() == (7,)


def test_what_was_revoked_stays_so_when_it_comes_back(ledger: Ledger) -> None:
    publish(ledger, indicator(1, revoked=True), indicator(2))
    publish(ledger)
    publish(ledger, indicator(1), indicator(2))
    assert [each.get("revoked") for each in held_indicators(ledger, "f")] == [True, None]


def test_no_feed_crowds_out_what_another_s_revocations_left(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "_REVOKED_KEPT", 3)
    publish(ledger, indicator(1, revoked=True), indicator(2, revoked=True))
    publish(ledger, indicator(2, revoked=True))
    publish(ledger, *(indicator(n, revoked=True) for n in range(9)), feed="loud")
    publish(ledger, feed="loud")
    publish(ledger)
    publish(ledger, indicator(1), indicator(2))
    assert [each.get("revoked") for each in held_indicators(ledger, "f")] == [True, True]


def test_revocations_of_another_source_are_not_remembered(ledger: Ledger) -> None:
    publish(ledger, indicator(1, revoked=True), source="a")
    publish(ledger, source="a")
    publish(ledger, indicator(1), indicator(2, revoked=True), source="b")
    publish(ledger, indicator(2), source="c")
    assert [each.get("revoked") for each in held_indicators(ledger, "f")] == [None]
    publish(ledger, indicator(1), indicator(2), source="c")
    assert [each.get("revoked") for each in held_indicators(ledger, "f")] == [None, None]


def test_a_ledger_of_an_older_version_remembers_nothing(ledger: Ledger) -> None:
    ledger.link.execute("DROP TABLE gone")
    assert unlisted(ledger, "a") == []
