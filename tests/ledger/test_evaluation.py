"""Evaluations: derived data, replaced whole, that answers `why`, `rejections` and `quota`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from strategies.builders import NOW, candidate, evaluated, row
from tidegate.indicators.indicator import RowKey
from tidegate.indicators.kinds import IndicatorType
from tidegate.ledger.evaluation import (
    Waiting,
    candidates_for,
    count_waiting,
    count_waiting_by_feeds,
    ended_naming,
    first_waiting,
    names_refused,
    refused_naming,
    rejections,
    save_waiting,
    waiting_for,
)
from tidegate.ledger.judging import save_evaluation
from tidegate.ledger.ledger import Ledger, Object
from tidegate.mapping.candidate import Candidate, Outcome, Rejection, Standing

SHA256, SHA1 = "a" * 64, "b" * 40


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    for feed in ("f", "g"):
        ledger.start_run(feed, NOW)
    yield ledger
    ledger.close()


def mapped(*candidates: Candidate, rejected: tuple[Rejection, ...] = ()) -> Outcome:
    return Outcome(candidates[0].stix_id, Standing.MAPPED, candidates, rejected)


def refusal(number: int, code: str = "cidr", feed: str = "f", atom: int | None = 0) -> Rejection:
    return Rejection(
        feed, f"indicator--{number}", code, "why", "pattern", f"v{number}", position=5, atom=atom
    )


def refused(*found: Rejection) -> Outcome:
    return Outcome(found[0].stix_id, Standing.REJECTED, (), found)


def test_the_counts_of_an_evaluation_are_kept_with_the_feed(ledger: Ledger) -> None:
    objects: list[Object] = [{"type": "indicator", "id": f"indicator--{n}"} for n in range(4)]
    objects.append({"type": "malware", "id": "malware--1"})
    ledger.add_page("f", 1, objects, junk=1, cursor=None, whole=True, now=NOW)
    outcomes = [
        mapped(candidate(0), candidate(10, stix_id="indicator--0000"), rejected=(refusal(0),)),
        refused(refusal(1), refusal(1, "like", atom=1)),
        refused(refusal(2, "no_pattern", atom=None)),
        Outcome("indicator--3", Standing.ENDED, detail="expired"),
    ]
    save_evaluation(ledger, *evaluated("f", outcomes), (refusal(9, "not_an_object", atom=None),))
    state = ledger.feed("f")
    assert (state.objects, state.indicators, state.junk) == (5, 4, 1)
    assert (state.mapped, state.rejected, state.ended) == (1, 2, 1)
    assert state.indicators == state.mapped + state.rejected + state.ended
    assert (state.candidates, state.rejected_atoms) == (2, 3)
    assert ledger.feed("g").indicators == 0


def test_an_evaluation_replaces_the_one_before_of_its_feed_alone(ledger: Ledger) -> None:
    save_evaluation(ledger, *evaluated("f", [mapped(candidate(1)), refused(refusal(2))]), ())
    save_evaluation(
        ledger, *evaluated("g", [mapped(candidate(1, feed="g")), refused(refusal(2, feed="g"))]), ()
    )
    save_evaluation(ledger, *evaluated("f", [mapped(candidate(3))]), ())
    assert [c.feed for c in candidates_for(ledger, "h1.example.com")] == ["g"]
    assert [c.feed for c in candidates_for(ledger, "h3.example.com")] == ["f"]
    assert [r.feed for r in rejections(ledger)] == ["g"]
    assert ledger.feed("f").rejected == 0


def test_an_evaluation_that_cannot_be_saved_leaves_the_one_before(ledger: Ledger) -> None:
    save_evaluation(ledger, *evaluated("f", [mapped(candidate(1))]), ())
    before = ledger.feed("f")

    broken = candidate(2, evidence=None)
    with pytest.raises(AttributeError):
        save_evaluation(ledger, *evaluated("f", [mapped(broken)]), ())
    assert ledger.feed("f") == before
    assert len(candidates_for(ledger, "h1.example.com")) == 1


def test_a_candidate_is_found_by_its_value_and_by_every_hash_of_its_file(ledger: Ledger) -> None:
    file = candidate(
        1,
        type=IndicatorType.FILE_SHA256,
        value=SHA256,
        aliases=(f"FileSha1:{SHA1}", f"FileMd5:{'c' * 32}"),
        groups=("servers",),
        confidence=70,
        tlp="amber",
        warnings=("documentation",),
    )
    weak = candidate(2, feed="g", type=IndicatorType.FILE_SHA1, value=SHA1, expires=None)
    save_evaluation(ledger, *evaluated("f", [mapped(file)]), ())
    save_evaluation(ledger, *evaluated("g", [mapped(weak)]), ())
    assert candidates_for(ledger, SHA256) == [file]
    assert candidates_for(ledger, "c" * 32) == [file]
    assert candidates_for(ledger, SHA1) == [file, weak]
    assert candidates_for(ledger, "nothing") == []


def test_rejections_are_narrowed_by_feed_code_and_value(ledger: Ledger) -> None:
    ours = [refusal(1), refusal(2, "like"), refusal(3, atom=None)]
    save_evaluation(ledger, *evaluated("f", [refused(r) for r in ours]), ())
    theirs = refusal(1, feed="g")
    save_evaluation(ledger, *evaluated("g", [refused(theirs)]), ())
    assert rejections(ledger) == [ours[0], ours[2], ours[1], theirs]
    assert rejections(ledger, feed="f", code="cidr") == [ours[0], ours[2]]
    assert rejections(ledger, value="v1") == [ours[0], theirs]
    assert rejections(ledger, feed="g", code="like") == []
    assert rejections(ledger, value="v1' OR '1'='1") == []


def test_the_waiting_room_is_replaced_whole_for_one_tenant(ledger: Ledger) -> None:
    def waits(number: int, place: int, groups: tuple[str, ...] = ()) -> Waiting:
        key = RowKey(IndicatorType.DOMAIN_NAME, row(number).value, groups)
        return Waiting(key, 51.5, place, ("f", "g"), "the list is full")

    save_waiting(ledger, "default", [waits(1, 2), waits(1, 1, ("servers", "laptops")), waits(2, 3)])
    save_waiting(ledger, "other", [waits(1, 1)])
    assert count_waiting(ledger, "default") == 3
    assert waiting_for(ledger, "default", {row(1).value}) == [
        waits(1, 1, ("servers", "laptops")),
        waits(1, 2),
    ]
    save_waiting(ledger, "default", [])
    assert (count_waiting(ledger, "default"), count_waiting(ledger, "other")) == (0, 1)


def test_the_first_that_wait_are_read_by_the_feeds_that_want_them(ledger: Ledger) -> None:
    rows = [
        Waiting(row(n).key, 90.0 - n, n + 1, feeds, "held" if n == 1 else "the list is full")
        for n, feeds in enumerate([("f",), ("g",), ("f", "g"), ("f",), ("g",), ("f",)])
    ]
    save_waiting(ledger, "default", rows)
    save_waiting(ledger, "other", rows[:1])
    counts = dict(count_waiting_by_feeds(ledger, "default"))
    assert counts == {("f",): 3, ("g",): 2, ("f", "g"): 1}
    first = list(first_waiting(ledger, "default", {("f",): 2, ("g",): 1, ("f", "g"): 0}, bool))
    assert [item.place for item in first] == [1, 2, 4]
    first = list(first_waiting(ledger, "default", {("g",): 9}, lambda reason: reason != "held"))
    assert [item.place for item in first] == [5]
    assert list(first_waiting(ledger, "default", {}, bool)) == []


def test_an_ended_object_is_found_by_exactly_the_values_that_it_named(ledger: Ledger) -> None:
    outcomes = [
        Outcome("indicator--a", Standing.ENDED, detail="revoked", values=(SHA256, SHA1)),
        Outcome("indicator--b", Standing.ENDED, detail="expired", values=("203.0.113.30",)),
        Outcome("indicator--c", Standing.ENDED, detail="expired"),
        mapped(candidate(2, stix_id="indicator--d")),
    ]
    save_evaluation(ledger, *evaluated("f", outcomes), ())
    for value in (SHA256, SHA1):
        assert ended_naming(ledger, value) == [("f", "indicator--a", "revoked")]
    assert ended_naming(ledger, "203.0.113.30") == [("f", "indicator--b", "expired")]
    for value in ("03.0.113.3", "h2.example.com", "indicator", "%", ""):
        assert ended_naming(ledger, value) == []
    save_evaluation(ledger, *evaluated("f", []), ())
    assert ended_naming(ledger, SHA1) == []


def test_a_rejection_is_found_as_written_and_in_canonical_form(ledger: Ledger) -> None:
    ours = dataclasses.replace(refusal(1), value="WWW.Example.com")
    ranged = dataclasses.replace(refusal(2), value="203.0.113.0/24")
    blank = dataclasses.replace(refusal(3, "no_pattern", atom=None), value="")
    save_evaluation(ledger, *evaluated("f", [refused(r) for r in (ours, ranged, blank)]), ())
    assert rejections(ledger, value="www.example.com") == [ours]
    assert rejections(ledger, value="WWW.Example.com") == [ours]
    assert rejections(ledger, value="203.0.113.0/24") == [ranged]
    assert rejections(ledger) == [ours, ranged, blank]


def test_what_came_after_an_evaluation_is_not_counted_as_judged(ledger: Ledger) -> None:
    def come(*numbers: int) -> None:
        said: list[Object] = [{"type": "indicator", "id": f"indicator--{n}"} for n in numbers]
        ledger.add_page("f", 1, said, junk=0, cursor=None, whole=False, now=NOW)

    come(0)
    ledger.add_page(
        "f", 1, [{"type": "tool", "id": "tool--1"}], junk=0, cursor=None, whole=False, now=NOW
    )
    found = evaluated("f", [mapped(candidate(0, stix_id="indicator--0"))])
    come(1)  # by another process
    save_evaluation(ledger, *found)
    state = ledger.feed("f")
    assert (state.objects, state.indicators, state.mapped) == (2, 1, 1)


def test_an_object_that_was_refused_whole_is_found_by_what_it_named(ledger: Ledger) -> None:
    benign = Rejection("f", "indicator--a", "benign", "it is harmless")
    outcomes = [
        Outcome("indicator--a", Standing.REJECTED, rejections=(benign,), values=(SHA256, SHA1)),
        Outcome("indicator--b", Standing.ENDED, detail="revoked", values=(SHA256,)),
    ]
    save_evaluation(ledger, *evaluated("f", outcomes), ())
    for value in (SHA256, SHA1):
        assert refused_naming(ledger, value) == [benign]
    assert refused_naming(ledger, "h1.example.com") == []
    assert ended_naming(ledger, SHA256) == [("f", "indicator--b", "revoked")]


@pytest.mark.parametrize(
    "asked",
    [{"value": "x"}, {"stix_id": "x"}, {"feed": "f"}, {"feed": "f", "stix_id": "x"}],
)
def test_rejections_are_looked_up_not_searched(ledger: Ledger, asked: dict[str, str]) -> None:
    steps: list[str] = []

    def explained(sql: str, values: Any) -> Any:  # noqa: ANN401 - as the link has it
        steps.extend(row[3] for row in ledger.link.execute(f"EXPLAIN QUERY PLAN {sql}", values))
        return ledger.link.execute(sql, values)

    link: Any = SimpleNamespace(link=SimpleNamespace(execute=explained))
    assert rejections(link, **asked) == []
    assert steps
    assert not [step for step in steps if step.startswith("SCAN rejection")]


def test_what_is_named_in_a_refusal_is_named_by_that_feed_alone(ledger: Ledger) -> None:
    whole = refused(refusal(2, "benign", atom=None))._replace(values=("h2.example.com",))
    ended = Outcome("indicator--3", Standing.ENDED, detail="revoked", values=("h3.example.com",))
    partly = mapped(candidate(4), rejected=(refusal(1, "policy_skip"),))
    save_evaluation(ledger, *evaluated("f", [partly, whole, ended]))
    for value, named in (("v1", True), ("h2.example.com", True), ("h3.example.com", False)):
        assert names_refused(ledger, "f", ("other", value)) is named
        assert not names_refused(ledger, "g", (value,))
    assert not names_refused(ledger, "f", ("h4.example.com",))
