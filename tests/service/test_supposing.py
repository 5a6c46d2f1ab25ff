"""Another limit, reserve, floor or ceiling: what is told comes to pass, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from driving.homes import DOCUMENTATION, FeedFolder, Watch, indicator
from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.service import look
from tidegate.service.supposing import Supposed, suppose
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace

Subscribe = Callable[..., FeedFolder]
BRAKELESS = "[brake]\npercent = 100\n"


@pytest.fixture(name="full")
def _full(home: Home, watch: Watch, subscribe: Subscribe) -> Iterator[Workspace]:
    """Six slots: four of a strong feed and two of a weak one, whose floor that is."""
    home.config_file.write_text("limit = 6\n" + DOCUMENTATION + BRAKELESS)
    ws = Workspace.open(home, clock=watch)
    subscribe("strong", [indicator(n, confidence=90 - n) for n in range(8)], trust=90)
    weak = [indicator(n, confidence=90 - n) for n in range(20, 28)]
    subscribe("weak", weak, trust=10, rules="[share]\nfloor = 2\n")
    sync(ws)
    yield ws
    ws.close()


@pytest.mark.parametrize(
    ("supposed", "config", "then"),
    [
        (Supposed(limit=4), "limit = 4\n", {"strong": 2, "weak": 2}),
        (Supposed(limit=10), "limit = 10\n", {"strong": 8, "weak": 2}),
        (Supposed(reserve=3), "limit = 6\nreserve = 3\n", {"strong": 1, "weak": 2}),
        (Supposed(limit=4, reserve=3), "limit = 4\nreserve = 3\n", {"strong": 0, "weak": 1}),
        (Supposed(limit=6, reserve=6), "limit = 6\nreserve = 6\n", {"strong": 0, "weak": 0}),
    ],
)
def test_what_is_told_of_a_limit_and_a_reserve_comes_to_pass(
    full: Workspace, home: Home, watch: Watch, supposed: Supposed, config: str, then: dict[str, int]
) -> None:
    before = look.rows(full)
    found = suppose(full, supposed)
    assert (found.now, found.then) == ({"strong": 4, "weak": 2}, then)
    assert look.rows(full) == before
    home.config_file.write_text(config + DOCUMENTATION + BRAKELESS)
    after = Workspace.open(home, clock=watch)
    sync(after)
    held = {row.id for row in look.rows(after)}
    assert held - {row.id for row in before} == {row.id for row in found.entering}
    assert {row.id for row in before} - held == {row.id for row in found.leaving}
    after.close()


def test_floors_and_ceilings(full: Workspace) -> None:
    found = suppose(full, Supposed(floors={"weak": 4}))
    assert found.then == {"strong": 2, "weak": 4}
    assert [row.value for row in found.entering] == ["h22.example.com", "h23.example.com"]
    assert [row.value for row in found.leaving] == ["h2.example.com", "h3.example.com"]
    found = suppose(full, Supposed(ceilings={"strong": 0}))
    assert found.then == {"strong": 0, "weak": 6}
    assert (found.cutoff, found.waiting) == (min(r.score or 0 for r in found.entering), 10)


def test_what_the_brake_would_hold_is_counted(home: Home, watch: Watch, full: Workspace) -> None:
    full.close()
    home.config_file.write_text("limit = 6\n" + DOCUMENTATION)
    ws = Workspace.open(home, clock=watch)
    found = suppose(ws, Supposed(floors={"weak": 6}))
    assert (len(found.entering), len(found.leaving)) == (4, 4)
    assert found.held == 8
    ws.close()


@pytest.mark.parametrize(
    ("supposed", "message"),
    [
        (Supposed(limit=0), "--limit: 0 is not 1 to 15,000"),
        (Supposed(limit=15_001), "--limit: 15,001 is not 1 to 15,000"),
        (Supposed(limit=5, reserve=6), "a reserve of 6 is more than the limit of 5"),
        (Supposed(floors={"weka": 1}), 'no feed "weka" is on'),
        (Supposed(ceilings={"weak": 1}), "weak: a floor of 2 is above its ceiling of 1"),
    ],
)
def test_what_cannot_be_set_is_refused(full: Workspace, supposed: Supposed, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        suppose(full, supposed)
    assert str(raised.value).startswith(message)


def test_nothing_supposed_is_false() -> None:
    assert not Supposed()
    assert Supposed(limit=0)
    assert Supposed(floors={"a": 0})
