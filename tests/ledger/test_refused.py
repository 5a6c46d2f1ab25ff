"""What was refused is kept, shown, bounded, and ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from strategies.builders import NOW, held_indicators
from tidegate.clock import stamp
from tidegate.ledger.ledger import Ledger, Object
from tidegate.ledger.refused import (
    contested,
    contested_contents,
    contested_outcome,
    refusals,
    refused_contents,
)


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def indicator(day: int, kind: str = "indicator", **fields: Any) -> Object:  # noqa: ANN401 - any STIX property
    modified = f"2026-01-0{day}T00:00:00Z"
    return {"type": kind, "id": f"{kind}--1", "modified": modified, **fields}


def pull(ledger: Ledger, *pages: Sequence[Object], feed: str = "f", whole: bool = False) -> None:
    run = ledger.start_run(feed, NOW)
    for page in pages:
        ledger.add_page(feed, run, page, junk=0, cursor=None, whole=whole, now=NOW)
    ledger.finish_run(feed, run, whole=whole, published=None, now=NOW)


def codes(ledger: Ledger) -> list[str]:
    return [r.code for r in refusals(ledger, "f")]


A, B = indicator(1, name="a"), indicator(1, name="b")


@pytest.mark.parametrize("pages", [[[A, B]], [[B], [A]], [[A], [B, B], [A]]])
def test_both_contents_of_a_conflict_are_there_to_look_at(
    ledger: Ledger, pages: list[list[Object]]
) -> None:
    pull(ledger, *pages)
    assert contested(ledger, "f") == {"indicator--1"}
    ((code, seen, raw),) = refused_contents(ledger, "f", "indicator--1")
    kept = [ledger.object("f", "indicator--1"), orjson.loads(raw)]
    assert sorted(each["name"] for each in kept if each) == ["a", "b"]
    assert (code, seen) == ("conflicting_versions", stamp(NOW))
    assert codes(ledger) == []  # its own outcome says so
    outcome = contested_outcome("f", "indicator--1")
    assert [(r.code, r.field, r.atom) for r in outcome.rejections] == [(code, "modified", None)]


def test_a_conflict_of_context_is_told_beside_the_outcomes(ledger: Ledger) -> None:
    pull(ledger, [indicator(1, "malware", name="a"), indicator(1, "malware", name="b")])
    assert codes(ledger) == ["conflicting_versions"]


def test_a_newer_version_or_a_revocation_ends_a_conflict(ledger: Ledger) -> None:
    for end in (indicator(2), indicator(1, revoked=True), indicator(3, revoked=True)):
        pull(ledger, [A, B])
        pull(ledger, [end])
        assert (contested(ledger, "f"), refused_contents(ledger, "f", "indicator--1")) == (
            frozenset(),
            [],
        )
        ledger.link.execute("DELETE FROM object")


@pytest.mark.parametrize("only", [A, B])
def test_a_publication_that_lists_one_content_ends_a_conflict(ledger: Ledger, only: Object) -> None:
    pull(ledger, [A, B], whole=True)
    pull(ledger, [A, B], whole=True)
    assert contested(ledger, "f") == {"indicator--1"}
    pull(ledger, [only], whole=True)
    assert contested(ledger, "f") == frozenset()
    assert ledger.object("f", "indicator--1") == only


def test_feeds_do_not_contradict_each_other(ledger: Ledger) -> None:
    pull(ledger, [indicator(1, created_by_ref="x")])
    pull(ledger, [indicator(1, created_by_ref="y", revoked=True)], feed="g")
    assert contested(ledger, "f") == contested(ledger, "g") == frozenset()
    assert [item.get("revoked") for item in held_indicators(ledger, "f")] == [None]


def test_another_creator_s_version_is_kept_and_not_used(ledger: Ledger) -> None:
    pull(ledger, [indicator(1, created_by_ref="x")])
    pull(ledger, [indicator(2, created_by_ref="y"), indicator(3, revoked=True)])
    assert [item["modified"][:10] for item in held_indicators(ledger, "f")] == ["2026-01-01"]
    assert codes(ledger) == ["other_creator"]
    assert len(refused_contents(ledger, "f", "indicator--1")) == 2
    pull(ledger, [indicator(4, created_by_ref="x")])
    assert codes(ledger) == []


def test_what_is_kept_of_one_object_is_bounded(ledger: Ledger) -> None:
    pull(ledger, [indicator(1, name=str(n), created_by_ref="x") for n in range(50)])
    pull(ledger, [indicator(2, name=str(n), created_by_ref="y") for n in range(50)])
    assert len(refused_contents(ledger, "f", "indicator--1")) == 6
    assert contested(ledger, "f") == {"indicator--1"}


def test_a_ledger_of_an_older_version_has_refused_nothing(ledger: Ledger) -> None:
    ledger.link.execute("DROP TABLE refused")
    assert (codes(ledger), contested(ledger, "f")) == ([], frozenset())
    assert refused_contents(ledger, "f", "indicator--1") == []


def test_the_contents_in_conflict_are_read_object_by_object(ledger: Ledger) -> None:
    pull(ledger, [A, B, {**A, "id": "indicator--0"}])
    assert [ident for ident, _ in contested_contents(ledger, "f", 10)] == ["indicator--1"]
    ((_, texts),) = contested_contents(ledger, "f", 10)
    assert sorted(orjson.loads(text)["name"] for text in texts) == ["a", "b"]
    assert [len(texts) for _, texts in contested_contents(ledger, "f", 1)] == [1]
    assert list(contested_contents(ledger, "g", 10)) == []
