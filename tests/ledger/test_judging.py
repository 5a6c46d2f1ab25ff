"""Keeping what objects came to: what is outstanding, and that all or nothing of it is in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from strategies.builders import NOW, candidate, evaluated
from tidegate.ledger.evaluation import proposals, rejections
from tidegate.ledger.judging import Outstanding, outstanding, save_evaluation, sights
from tidegate.ledger.ledger import Ledger, Object
from tidegate.ledger.repairs import repairs_of
from tidegate.mapping.candidate import Outcome, Rejection, Standing

AROUND = ("relationship",)


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.start_run("f", NOW)
    return ledger


def come(ledger: Ledger, *items: Object) -> None:
    ledger.add_page("f", 1, items, junk=0, cursor=None, whole=False, now=NOW)


def indicator(number: int, **more: object) -> Object:
    return {"type": "indicator", "id": f"indicator--{number:04}", **more}


def mapped(number: int, **more: object) -> Outcome:
    made = candidate(number, **more)
    return Outcome(made.stix_id, Standing.MAPPED, (made,))


def todo(ledger: Ledger, basis: bytes = b"b", junk: int = 0) -> Outstanding | None:
    return outstanding(ledger, "f", basis, junk, NOW, AROUND)


def test_all_is_outstanding_at_first_and_for_another_basis(ledger: Ledger) -> None:
    come(ledger, indicator(1))
    assert todo(ledger) == Outstanding(None)
    come(ledger, indicator(2))  # while the first one is judged
    save_evaluation(ledger, *evaluated("f", [mapped(1)]), outstanding=Outstanding(None), basis=b"b")
    found = todo(ledger)
    assert found is not None
    assert found.ids == frozenset({"indicator--0002"})
    again = todo(ledger, b"other")
    assert again is not None
    assert again.ids is None
    save_evaluation(ledger, *evaluated("f", [mapped(2)]), outstanding=found, basis=b"b")
    assert todo(ledger) is None
    assert [p.value for p in proposals(ledger, ["f"])] == ["h1.example.com", "h2.example.com"]


def test_entries_that_are_no_objects_are_told_anew(ledger: Ledger) -> None:
    save_evaluation(ledger, *evaluated("f", []), basis=b"b")
    assert todo(ledger, junk=2) == Outstanding(frozenset())


def test_what_stands_around_concerns_all(ledger: Ledger) -> None:
    save_evaluation(ledger, *evaluated("f", []), basis=b"b")
    come(ledger, {"type": "relationship", "id": "relationship--1"})
    found = todo(ledger)
    assert found is not None
    assert found.ids is None
    save_evaluation(ledger, *evaluated("f", []), outstanding=found, basis=b"b")
    come(ledger, {"type": "tool", "id": "tool--1"})
    found = todo(ledger)
    assert found is not None
    assert found.ids == frozenset({"tool--1"})


def test_the_objects_that_are_asked_for_come(ledger: Ledger) -> None:
    come(ledger, *(indicator(n) for n in range(4)), {"type": "tool", "id": "tool--1"})
    assert len(list(sights(ledger, "f", None))) == 4
    asked = {"indicator--0001", "indicator--0003", "indicator--9999", "tool--1"}
    assert {s.object["id"] for s in sights(ledger, "f", asked)} == {
        "indicator--0001",
        "indicator--0003",
    }


def test_an_object_takes_all_of_its_former_ends_along(ledger: Ledger) -> None:
    told = Rejection("f", "indicator--0001", "cidr", "why", atom=1)
    both = mapped(1, repairs=("refanged",))._replace(rejections=(told,))
    save_evaluation(ledger, *evaluated("f", [both, mapped(2, repairs=("refanged",))]))
    assert repairs_of(ledger, "f") == {"refanged": 2}
    over = Outcome("indicator--0001", Standing.ENDED, detail="revoked", values=("x",))
    asked = Outstanding(frozenset({"indicator--0001"}))
    save_evaluation(ledger, *evaluated("f", [over]), outstanding=asked)
    assert [p.value for p in proposals(ledger, ["f"])] == ["h2.example.com"]
    assert rejections(ledger) == []
    state = ledger.feed("f")
    assert (state.mapped, state.ended, state.candidates, state.rejected_atoms) == (1, 1, 1, 0)
    assert repairs_of(ledger, "f") == {"refanged": 1}
    save_evaluation(ledger, *evaluated("f", []), outstanding=asked)  # it is gone
    assert ledger.feed("f").indicators == 1


def test_rejections_beside_are_replaced_as_a_whole(ledger: Ledger) -> None:
    beside = [Rejection("f", "", "not_an_object", "2 entries")]
    save_evaluation(ledger, *evaluated("f", [mapped(1)]), beside)
    asked = Outstanding(frozenset())
    save_evaluation(ledger, *evaluated("f", []), beside, outstanding=asked)
    assert rejections(ledger) == beside
    save_evaluation(ledger, *evaluated("f", []), outstanding=asked)
    assert rejections(ledger) == []


def test_proposals_of_several_feeds_come_in_one_order(ledger: Ledger) -> None:
    ledger.start_run("g", NOW)
    numbers = {"f": (5, 1, 3), "g": (3, 2, 5)}
    for feed, named in numbers.items():
        found = [
            Outcome(
                f"indicator--{n:04}",
                Standing.MAPPED,
                tuple(candidate(n, feed=feed, groups=groups) for groups in (("lab",), ())),
            )
            for n in named
        ]
        save_evaluation(ledger, *evaluated(feed, found))
    order = [(p.type, p.value, p.groups) for p in proposals(ledger, ["f", "g"])]
    assert order == sorted(order)
    assert len(order) == 12
    assert {p.feed for p in proposals(ledger, ["g"])} == {"g"}
    assert list(proposals(ledger, [])) == []
