"""Whatever was done, undo goes back to the empty list and redo to where one was."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from driving.homes import DOCUMENTATION, Watch, in_home, indicator, write_feed
from tidegate.config import Home
from tidegate.errors import StalePlan, UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import SyncPlan
from tidegate.service import edit, look
from tidegate.service.apply import apply
from tidegate.service.edit import Fields
from tidegate.service.redo import plan_redo, plan_redo_of, plan_redos
from tidegate.service.reversal import Reversal, carry_out
from tidegate.service.suppressing import plan_release, plan_suppress
from tidegate.service.sync import sync
from tidegate.service.trail import Span
from tidegate.service.undo import plan_undo, plan_undo_of, plan_undos
from tidegate.service.workspace import Workspace

SEEDS = 400 if os.environ.get("TIDEGATE_SOAK") else 8
STEPS = 14


class Analyst:
    """Somebody who does one thing after another, by a seed."""

    def __init__(self, root: Path, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a test that can be repeated
        self.watch = Watch()
        home = Home(root / "home")
        home.ensure()
        home.config_file.write_text(DOCUMENTATION + "[brake]\ncount = 100\npercent = 100\n")
        write_feed(home.feeds_dir / "acme")
        self.feed = in_home(home.root, "acme")
        self.ws = Workspace.open(home, clock=self.watch)

    def picture(self) -> tuple[dict[str, Indicator], object]:
        state = self.ws.store.state()
        return dict(state.rows), dict(state.suppressions)

    def some(self) -> list[Indicator]:
        rows = look.rows(self.ws)
        return self.chance.sample(rows, min(len(rows), self.chance.randint(1, 2)))

    def name(self) -> str:
        return f"h{self.chance.randint(0, 4)}.example.com"

    def act(self) -> None:
        """Do one thing, if it can be done."""
        self.watch.turn(minutes=1)
        ws, chance = self.ws, self.chance
        deeds: list[Callable[[], object]] = [
            lambda: apply(ws, edit.plan_add(ws, [self.name()], Fields()).plan),
            lambda: apply(
                ws, edit.plan_edit(ws, self.some(), Fields(title=f"t{chance.random()}")).plan
            ),
            lambda: apply(ws, edit.plan_remove(ws, self.some()).plan),
            lambda: apply(ws, edit.plan_pin(ws, self.some(), pinned=chance.random() < 0.5).plan),
            lambda: apply(ws, plan_suppress(ws, self.name(), (), "why", None)),
            lambda: apply(ws, plan_release(ws, [self.name()])),
            self.sync,
            self.sync,
            lambda: carry_out(ws, plan_undos(ws, chance.randint(1, 3))),
            lambda: carry_out(ws, plan_undos(ws)),
            lambda: carry_out(ws, plan_redos(ws)),
            lambda: carry_out(ws, plan_redos(ws, chance.randint(1, 2))),
        ]
        before = self.picture()
        try:
            chance.choice(deeds)()
        except (UsageError, StalePlan):
            assert self.picture() == before

    def sync(self) -> None:
        numbers = self.chance.sample(range(5), self.chance.randint(1, 5))
        names = [indicator(n, name=f"from acme {self.chance.randint(0, 2)}") for n in numbers]
        self.feed.publish(names, self.watch.now)
        sync(self.ws)


@pytest.fixture(params=range(SEEDS))
def analyst(request: pytest.FixtureRequest, tmp_path: Path) -> Analyst:
    made = Analyst(tmp_path, request.param)
    for _ in range(STEPS):
        made.act()
    return made


def exhausted(ws: Workspace, plan: Callable[[Workspace], SyncPlan]) -> list[int | None]:
    """Apply until there is nothing left."""
    done: list[int | None] = []
    while True:
        try:
            made = plan(ws)
        except UsageError:
            return done
        apply(ws, made)
        done.append(made.undoes)


def test_all_the_way_back_and_forth_again(analyst: Analyst) -> None:
    ws = analyst.ws
    before = analyst.picture()
    undone = exhausted(ws, plan_undo)
    assert analyst.picture()[0] == {}
    for _ in undone:
        apply(ws, plan_redo(ws))
    assert analyst.picture() == before
    if undone:
        at_once = plan_undos(ws, len(undone))
        assert [found.plan.undoes for found in at_once] == undone
        carry_out(ws, at_once)
        assert analyst.picture()[0] == {}
        carry_out(ws, plan_redos(ws, len(undone)))
        assert analyst.picture() == before
    ws.close()


def test_any_range_that_fits_comes_back_the_same(analyst: Analyst) -> None:
    ws = analyst.ws
    last = ws.store.state().serial
    spans = [Span(first, first + length) for first in range(1, last + 1) for length in (0, 1, 4)]
    for span in analyst.chance.sample(spans, min(len(spans), 6)):
        before = analyst.picture()
        found: tuple[Reversal, ...] = ()
        try:
            found = plan_undo_of(ws, span)
        except (UsageError, StalePlan):
            assert analyst.picture() == before
            continue
        done = carry_out(ws, found)
        first, end = done[0].serial, done[-1].serial
        assert first is not None
        carry_out(ws, plan_redo_of(ws, Span(first, end)))
        assert analyst.picture() == before
    ws.close()
