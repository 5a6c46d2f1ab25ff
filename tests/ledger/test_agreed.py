"""Marks of rows: other ones when an object behind them is judged anew or joins them."""

from __future__ import annotations

from pathlib import Path

import pytest

from strategies.builders import NOW, candidate, evaluated
from tidegate.ledger.agreed import agreed, marks_of, place_of, save_agreed
from tidegate.ledger.judging import Outstanding, save_evaluation
from tidegate.ledger.ledger import Ledger
from tidegate.mapping.candidate import Outcome, Standing

KEY = candidate(1).key


@pytest.fixture(name="ledger")
def _ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    for feed in ("f", "g"):
        ledger.start_run(feed, NOW)
    return ledger


def judged(ledger: Ledger, feed: str, *numbers: int, idents: str = "") -> None:
    outcomes = [
        Outcome(ident, Standing.MAPPED, (candidate(1, feed=feed, stix_id=ident),))
        for ident in (f"indicator--{n:04}" for n in numbers)
    ]
    asked = frozenset(f"indicator--{n:04}" for n in numbers) if idents else None
    save_evaluation(ledger, *evaluated(feed, outcomes), outstanding=Outstanding(asked))


def mark(ledger: Ledger, *feeds: str) -> str:
    (found,) = marks_of(ledger, [(KEY, feeds)])
    return found


def test_a_mark_is_another_after_each_judgement(ledger: Ledger) -> None:
    seen = [mark(ledger, "f")]
    assert seen == [""]
    for numbers in ((1,), (1,), (1, 2)):
        judged(ledger, "f", *numbers)
        seen.append(mark(ledger, "f"))
    judged(ledger, "f", 2, idents="these")
    seen.append(mark(ledger, "f"))
    judged(ledger, "g", 1)
    seen.append(mark(ledger, "f", "g"))
    assert len(set(seen)) == len(seen)
    assert mark(ledger, "f") == seen[-2]


def test_numbers_are_not_given_twice(ledger: Ledger) -> None:
    judged(ledger, "f", 1)
    first = mark(ledger, "f")
    judged(ledger, "f")
    judged(ledger, "f", 1)
    assert mark(ledger, "f") != first


def test_what_was_agreed_is_replaced_for_its_tenant(ledger: Ledger) -> None:
    other = candidate(2, groups=("lab",)).key
    nothing = KEY._replace(value="x")
    save_agreed(ledger, "t", [(KEY, "1 2", NOW), (other, "3", NOW), (nothing, "", NOW)])
    save_agreed(ledger, "u", [(KEY, "4", NOW)])
    when = NOW.timestamp()
    assert agreed(ledger, "t") == {place_of(KEY): ("1 2", when), place_of(other): ("3", when)}
    save_agreed(ledger, "t", [])
    assert agreed(ledger, "t") == {}
    assert len(agreed(ledger, "u")) == 1
