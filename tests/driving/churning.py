"""Thirty days of slowly changing feeds on a full list: the story, and what the list made of it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from driving.homes import DOCUMENTATION, Watch, indicator, write_feed
from tidegate.clock import stamp
from tidegate.config import Home
from tidegate.indicators.plan import Op
from tidegate.service.planning import Evaluation, evaluate
from tidegate.service.sync import keep, settle
from tidegate.service.workspace import Workspace, active_feeds

LIMIT, DAYS, WEEK = 60, 30, 7
PATTERNS = (
    "[domain-name:value = 'h{n}.example.com']",
    "[ipv4-addr:value = '192.0.2.{n}']",
    "[url:value = 'http://h{n}.example.net/p']",
    "[file:hashes.'SHA-256' = '{n:064x}']",
)


@dataclass
class Publisher:
    """A feed that adds a little every day, sees a little again, and takes a little back."""

    feed: str
    seed: int
    listed: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - a repeatable story, no secret
        self.next = 100 * self.seed

    def day(self, now: str, news: int) -> list[dict[str, Any]]:
        """What it says today."""
        said = []
        for _ in range(news):
            self.next += 1
            n = self.next % 200
            pattern = PATTERNS[n % len(PATTERNS)].format(n=n)
            said.append(indicator(self.next, pattern, confidence=self.chance.randrange(101)))
        known = sorted(self.listed)
        said += [self.listed[n] for n in self.chance.sample(known, min(2, len(known)))]
        if len(known) > 20:
            over = self.listed.pop(self.chance.choice(known))
            said = [each for each in said if each["id"] != over["id"]]
            said.append({**over, "revoked": True})
        told = [{**each, "created": now, "modified": now, "valid_from": now} for each in said]
        for each in told:
            if not each.get("revoked"):
                self.listed[int(each["name"].rpartition(" ")[2])] = each
        return told


@dataclass
class Story:
    """What became of the list: churn per day, and the rows that flapped.

    Values age, and so the order changes by itself now and then; but a row that leaves for want of a
    slot, comes back without being named anew, and leaves again, all within a week, flaps.
    """

    churn: list[Counter[Op]] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    flaps: list[tuple[int, str]] = field(default_factory=list)

    @property
    def moved(self) -> list[int]:
        """How many rows came or went, day by day."""
        return [day[Op.CREATE] + day[Op.REMOVE] for day in self.churn]

    def note(self, day: int, evaluation: Evaluation, named: set[str]) -> None:
        """Take in one plan, of a day on which feeds named these values."""
        changes = evaluation.plan.changes
        self.churn.append(Counter(change.op for change in changes))
        for change in changes:
            value = change.row.value
            if value in named:
                self.left.pop(value, None)
                self.back.pop(value, None)
            elif change.op is Op.CREATE and value in self.left:
                self.back[value] = self.left.pop(value)
            elif change.op is Op.REMOVE and change.reason.startswith("waits"):
                self.left[value] = day
                if day - self.back.pop(value, -WEEK) <= WEEK:
                    self.flaps.append((day, value))


def say(ws: Workspace, feed: str, objects: list[dict[str, Any]]) -> None:
    run = ws.ledger.start_run(feed, ws.clock())
    ws.ledger.add_page(feed, run, objects, junk=0, cursor="c", whole=False, now=ws.clock())
    ws.ledger.finish_run(feed, run, whole=False, published=None, now=ws.clock())


def step(ws: Workspace) -> Evaluation:
    evaluation = evaluate(ws, active_feeds(ws))
    keep(ws, evaluation)
    settle(ws, evaluation)
    return evaluation


def live(root: Path, seed: int) -> Story:
    """Live through the days in a new home and tell what the list did."""
    home, watch = Home(root), Watch()
    home.ensure()
    head = f"limit = {LIMIT}\n[brake]\ncount = 1000\npercent = 100\nshrink = 100\n"
    home.config_file.write_text(head + DOCUMENTATION, "utf-8")
    forever = 'action = "Alert and block"\nexpires = "never"\n'
    feeds = [Publisher("acme", seed), Publisher("beta", seed + 1)]
    for publisher, trust in zip(feeds, (70, 66), strict=True):
        write_feed(home.feeds_dir / publisher.feed, trust=trust, default=forever)
    story = Story()
    ws = Workspace.open(home, clock=watch)
    for day in range(DAYS + 1):
        patterns = ""
        for publisher in feeds:
            said = publisher.day(stamp(watch.now), 3 if day else 45)
            say(ws, publisher.feed, said)
            patterns += " ".join(str(each["pattern"]) for each in said)
        evaluation = step(ws)
        if day:
            named = {c.row.value for c in evaluation.plan.changes if f"'{c.row.value}'" in patterns}
            story.note(day, evaluation, named)
        again = step(ws)  # the second sync of the day has nothing to do
        assert again.plan.changes == ()
        assert len(again.allocation.kept) == LIMIT
        watch.turn(days=1)
    ws.close()
    return story
