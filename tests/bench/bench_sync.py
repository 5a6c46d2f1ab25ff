"""What a large collection costs, against fetching and decoding the same pages and nothing else.

Every client is a process of its own; the server is another. A pull brings the objects into the
ledger, checked and durable; a sync goes on to rules, guards, ranking and a full list of 15,000 on
disk. The obvious way, taxii2-client with stix2.parse, is measured on one page and multiplied.

A bare INSERT of each object by its id, a page in a transaction, is the floor of any ledger that can
be asked for one object: with it, fetching and decoding alone cost several times as much.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from bench.figure import Figure
from servers.volume import volume

OBJECTS = 100_000
PAGE = 1000
SMALL_PAGE = 100
ROUNDS = 5


def run() -> list[Figure]:
    """Measure in turn, so that a busy moment hits all; compare medians."""
    cpu: dict[str, list[float]] = {
        what: [] for what in ("fetch", "insert", "pull", "sync", "library")
    }
    peaks: list[float] = []
    with volume(OBJECTS, PAGE) as url:
        for _ in range(ROUNDS):
            for what, seconds in cpu.items():
                used, peak, read = _client(what, url, PAGE)
                seconds.append(used * OBJECTS / read)
                if what == "sync":
                    peaks.append(peak)
    with volume(OBJECTS, SMALL_PAGE) as url:
        _, many_pages, _ = _client("sync", url, SMALL_PAGE)
    fetch, insert, pull, sync, library = (median(seconds) for seconds in cpu.values())
    return [
        Figure("100,000 objects: fetch and decode", fetch, "s"),
        Figure("100,000 objects: fetch, decode and INSERT", insert, "s"),
        Figure("100,000 objects: pull", pull, "s"),
        Figure("100,000 objects: sync", sync, "s"),
        Figure("100,000 objects: taxii2-client, stix2.parse", library, "s"),
        Figure("fetch, decode and INSERT / fetch and decode", insert / fetch, "times"),
        Figure("pull / fetch and decode", pull / fetch, "times", 5),
        Figure("pull / fetch, decode and INSERT", pull / insert, "times", 1.5),
        Figure("sync / fetch and decode", sync / fetch, "times", 30),
        Figure("pull / taxii2-client, stix2.parse", pull / library, "times", 1 / 25),
        Figure("sync / taxii2-client, stix2.parse", sync / library, "times", 1 / 3),
        Figure("sync, peak of memory", max(peaks), "MB", 300),
        Figure("sync, 1,000 pages / 100 pages, memory", many_pages / max(peaks), "times", 1.1),
    ]


def _client(what: str, url: str, page: int) -> tuple[float, float, int]:
    command = [sys.executable, "-m", "bench.sync_client", what, url, str(page)]
    here = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=here)
    found = json.loads(done.stdout)
    return found["cpu"], found["peak"], found["read"]
