"""How much of what feeds name a short list still covers, beside other ways to choose.

For each group of real bundles all indicators compete for a tenth of their slots. Every candidate
value becomes an event that shows it (a file shows all hashes that are known of it); it counts, by
its score, where the three engines say the same as with the whole list. Chosen by: us; the order of
feeds, the operator's best first; their confidence; the latest first. Each file is a feed, trusted
the less the later its publisher comes in the alphabet. Figures are shares of what is lost, so that
less is better and the goal of ours is the least of the others.

The bundles are read where TIDEGATE_DATA says, or in ../shared/data/dev; without them there is no
figure.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figure import Figure
from tidegate.allocation.merge import Wanted, backed
from tidegate.config import Home
from tidegate.engines.event import Event
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import IndicatorType
from tidegate.ledger.evaluation import candidates_of
from tidegate.mapping.candidate import Candidate
from tidegate.service.judging import court, event_of, record_of
from tidegate.service.planning import Evaluation, evaluate
from tidegate.service.pulling import pull
from tidegate.service.workspace import Workspace, active_feeds

GROUPS = ("examples", "feeds", "idioms", "interop", "misp", "reports", "taxii")
PART = 10
"""The list has room for one in so many candidates."""

_FEED = """
id = "{id}"
title = "{id}"
trust = {trust}
[source]
kind = "bundle"
path = "feed.bundle.json"
[default]
action = "Alert and block"
severity = "Medium"
expires = "never"
"""


@dataclass(frozen=True)
class Named:
    """A row that would be wanted, and the event that shows its value."""

    wanted: Wanted
    row: Indicator
    lead: Candidate
    event: Event


def run() -> list[Figure]:
    """Compare the choices for each group."""
    data = Path(os.environ.get("TIDEGATE_DATA", Path(__file__).parents[3] / "shared/data/dev"))
    figures: list[Figure] = []
    for group in GROUPS:
        if (data / group).is_dir():
            with tempfile.TemporaryDirectory() as folder:
                figures += compare(group, data / group, Path(folder))
    return figures


def compare(group: str, data: Path, root: Path) -> list[Figure]:
    """What each choice loses of one group."""
    ws = opened(data, root)
    try:
        named = list(all_named(ws))
        if len(named) < PART:
            return []
        slots = len(named) // PART
        ours = chosen(ws, named, slots)
        others = {
            "feed order": sorted(named, key=lambda n: (n.lead.feed, n.lead.stix_id)),
            "confidence": sorted(named, key=lambda n: (-(n.lead.confidence or -1), n.wanted.key)),
            "newest": sorted(named, key=lambda n: (-n.lead.evidence.timestamp(), n.wanted.key)),
        }
        lost = {name: losing(ws, named, order[:slots]) for name, order in others.items()}
        best = min(lost.values())
        unit = f"of {len(named)}"
        return [
            Figure(f"{group}: lost by us, {slots} slots", losing(ws, named, ours), unit, best),
            *(Figure(f"{group}: by {name}", share, unit) for name, share in lost.items()),
        ]
    finally:
        ws.close()


def opened(data: Path, root: Path) -> Workspace:
    """A home with a feed for each file, as trusted as its publisher, pulled."""
    home = Home(root / "home")
    home.ensure()
    home.config_file.write_text('[guards]\ndocumentation = "warn"\n', "utf-8")
    files = sorted(data.iterdir())
    publishers = list(dict.fromkeys(path.name.split("__")[0] for path in files))
    for number, path in enumerate(files):
        ident = f"f{number:04}"
        folder = home.feeds_dir / ident
        folder.mkdir(parents=True)
        shutil.copy(path, folder / "feed.bundle.json")
        trust = max(80 - 5 * publishers.index(path.name.split("__")[0]), 10)
        (folder / "feed.toml").write_text(_FEED.format(id=ident, trust=trust), "utf-8")
    ws = Workspace.open(home)
    pull(ws, active_feeds(ws))
    return ws


def planned(ws: Workspace, limit: int) -> Evaluation:
    """The plan of a list of that length."""
    ws.settings = ws.settings.model_copy(update={"limit": limit})
    return evaluate(ws, active_feeds(ws))


def all_named(ws: Workspace) -> Iterator[Named]:
    """Every row that feeds want, whether there is room or not."""
    found = planned(ws, 15_000)
    rows = [*found.allocation.kept, *(each.wanted for each in found.late)]
    if found.allocation.waiting:
        raise AssertionError("the whole list does not fit")
    candidates = candidates_of(ws.ledger, ((row.key, row.feeds) for row in rows))
    for wanted, each in zip(rows, candidates, strict=True):
        row, lead = backed(each, ws.clock())
        yield Named(wanted, row, lead, shown(ws, row))


def shown(ws: Workspace, row: Indicator) -> Event:
    """An event that shows the row's value; a file shows all hashes that are known of it."""
    record = record_of(row.value)
    for alias in row.aliases:
        kind, _, value = alias.partition(":")
        if kind in {each.value for each in IndicatorType}:
            record |= record_of(value)
    return event_of(ws, record)[0]


def chosen(ws: Workspace, named: Sequence[Named], slots: int) -> list[Named]:
    """What we choose for so many slots."""
    kept = {row.key for row in planned(ws, slots).allocation.kept}
    return [each for each in named if each.wanted.key in kept]


def losing(ws: Workspace, named: Sequence[Named], some: Sequence[Named]) -> float:
    """The share of all scores whose events are judged otherwise by a list of some rows only."""
    whole = court(ws, [each.row for each in named])
    short = court(ws, [each.row for each in some])
    lost = 0.0
    for each in named:
        before = [(v.verdict, v.remediated, v.alert is None) for v in whole.judge(each.event)]
        after = [(v.verdict, v.remediated, v.alert is None) for v in short.judge(each.event)]
        if before != after:
            lost += each.wanted.score
    return lost / sum(each.wanted.score for each in named)
