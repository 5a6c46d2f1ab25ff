"""What a plan costs: from a ledger of a million candidates, and with nothing new on a full list.

The million come from four feeds, a tenth of them from all of these; a third are hashes with other
hashes of their file, a third names (a part of them below each other), the rest URLs and addresses.
They are put into the ledger as an evaluation leaves them. Each plan runs in a process of its own,
whose peak of memory is told, and the processor time from opening the home on; to come so far costs
what `bench_startup` tells.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from bench.figure import Figure
from tidegate.config import Home
from tidegate.indicators.address import canonical_ip
from tidegate.indicators.kinds import Action, IndicatorType, Severity
from tidegate.ledger.judging import Judged, save_evaluation
from tidegate.mapping.candidate import Candidate, Outcome, Standing
from tidegate.service.evaluating import basis_of
from tidegate.service.workspace import Workspace, active_feeds

MANY, SOME = 1_000_000, 20_000
FEEDS = 4
ROUNDS = 3

_FEED = """
id = "feed-{n}"
title = "Feed {n}"
trust = {trust}
[source]
kind = "taxii21"
url = "https://taxii.example.com/api1/"
collection = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
[default]
action = "Alert and block"
severity = "Medium"
expires = "90d"
"""

_PLAN = """
import sys, time, pathlib
from hostile.measured import peak
from tidegate.config import Home
from tidegate.service.planning import evaluate
from tidegate.service.workspace import Workspace, active_feeds
started = time.process_time()
ws = Workspace.open(Home(pathlib.Path(sys.argv[1])))
found = evaluate(ws, active_feeds(ws))
took = time.process_time() - started
if len(sys.argv) > 2:
    from tidegate.service.sync import keep, settle
    keep(ws, found)
    settle(ws, found)
print(took, peak() / 1024, len(found.plan.changes), len(found.allocation.kept))
"""


def run() -> list[Figure]:
    """Plan, apply, and plan again."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        filled(root / "many", MANY)
        plans = [planned(root / "many") for _ in range(ROUNDS)]
        if plans[0][2:] != (15_000, 15_000):
            raise AssertionError(plans)
        name = f"plan from {MANY:,} candidates"
        figures.append(Figure(f"{name}, processor", min(p[0] for p in plans), "s", 10))
        figures.append(Figure(f"{name}, peak", max(p[1] for p in plans), "MB", 600))
        filled(root / "some", SOME)
        planned(root / "some", "apply")
        again = [planned(root / "some") for _ in range(ROUNDS)]
        if again[0][2:] != (0, 15_000):
            raise AssertionError(again)
        name = "plan with nothing new, 15,000 held"
        figures.append(Figure(f"{name}, processor", min(p[0] for p in again), "s", 1))
        figures.append(Figure(f"{name}, peak", max(p[1] for p in again), "MB"))
    return figures


def planned(home: Path, *more: str) -> tuple[float, float, int, int]:
    """Plan in a process: seconds, megabytes, changes, rows with a slot."""
    done = subprocess.run(
        [sys.executable, "-c", _PLAN, str(home), *more],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    took, peak, changes, kept = done.stdout.split()
    return float(took), float(peak), int(changes), int(kept)


def filled(root: Path, number: int) -> None:
    """Make a home whose ledger holds so many candidates, judged."""
    home = Home(root)
    home.ensure()
    home.config_file.write_text('[guards]\ndocumentation = "warn"\n', "utf-8")
    for n in range(FEEDS):
        folder = home.feeds_dir / f"feed-{n}"
        folder.mkdir()
        (folder / "feed.toml").write_text(_FEED.format(n=n, trust=40 + 10 * n), "utf-8")
    ws = Workspace.open(home)
    now = ws.clock()
    for feed in active_feeds(ws):
        run = ws.ledger.start_run(feed.id, now)
        ws.ledger.finish_run(feed.id, run, whole=False, published=None, now=now)
        found = _judged(feed.id, feed.trust, number // FEEDS, ws)
        basis = basis_of(ws, feed, ws.ledger.feed(feed.id))
        save_evaluation(ws.ledger, feed.id, found, basis=basis)
    ws.close()


def _judged(feed: str, trust: int, number: int, ws: Workspace) -> Iterator[Judged]:
    chance, common = Random(feed), Random("common")  # noqa: S311 - a repeatable load, no secret
    now = ws.clock()
    for n in range(number):
        source = common if n % 10 == 0 else chance
        kind, value, aliases = _value(source, n)
        evidence = now - timedelta(hours=chance.randrange(24 * 60))
        made = Candidate(
            feed=feed,
            stix_id=f"indicator--{chance.getrandbits(128):032x}",
            rule="default",
            type=kind,
            value=value,
            action=Action.ALERT_AND_BLOCK,
            severity=Severity.MEDIUM,
            title=f"Sample {n}",
            evidence=evidence,
            trust=trust,
            description="What the feed says of it, in a sentence of usual length.",
            expires=evidence + timedelta(days=90),
            confidence=chance.randrange(101),
            tlp="amber",
            aliases=aliases,
        )
        yield Judged(Outcome(made.stix_id, Standing.MAPPED, (made,), due=made.expires))


def _value(chance: Random, n: int) -> tuple[IndicatorType, str, tuple[str, ...]]:
    match n % 6:
        case 0 | 1:
            digest = f"{chance.getrandbits(256):064x}"
            return IndicatorType.FILE_SHA256, digest, (f"FileMd5:{digest[:32]}",)
        case 2 | 3:
            below = f"h{chance.getrandbits(12):x}." if chance.random() < 0.3 else ""
            name = f"{below}zone{chance.getrandbits(19):x}.example.com"
            return IndicatorType.DOMAIN_NAME, name, ()
        case 4:
            host = f"h{chance.getrandbits(20):x}.zone{chance.getrandbits(19):x}.example.com"
            return IndicatorType.URL, f"http://{host}/p/{chance.getrandbits(20):x}", ()
        case _:
            address = f"2001:db8:{chance.getrandbits(16):x}::{chance.getrandbits(16):x}"
            return IndicatorType.IP_ADDRESS, canonical_ip(address), ()
