"""One client of a volume server in a process of its own, so that its memory is its alone.

    python -m bench.sync_client (fetch|insert|library|pull|sync) URL PAGE

Prints CPU seconds, the peak of its memory in MB, and how many objects it read. Loading libraries
does not count: it costs the same whatever the size of the feed.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import requests
import stix2
from taxii2client.v21 import Collection, as_pages

from driving.homes import DOCUMENTATION
from servers.loopback_taxii import COLLECTION, MEDIA_TYPE
from tidegate.config import Home
from tidegate.service.pulling import pull
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace, active_feeds

_FEED = f"""
id = "volume"
title = "Volume"
licence = "CC0-1.0"
trust = 70
tlp_default = "green"
[source]
kind = "taxii21"
url = "{{url}}"
collection = "{COLLECTION}"
page_size = {{page}}
[[rule]]
name = "confident"
when = {{{{ type = ["DomainName", "IpAddress"], confidence = ">=80" }}}}
then = {{{{ action = "Alert and block", severity = "High", expires = "never" }}}}
[default]
action = "Alert only"
severity = "Medium"
expires = "never"
"""


def fetched(url: str, page: int) -> Iterator[list[dict[str, Any]]]:
    """Fetch every page and decode it: what nobody can do without."""
    query = {"limit": str(page)}
    with requests.Session() as session:
        session.headers["Accept"] = MEDIA_TYPE
        while True:
            answer = session.get(f"{url}collections/{COLLECTION}/objects/", params=query)
            envelope = orjson.loads(answer.content)
            yield envelope["objects"]
            if not envelope["more"]:
                return
            query["next"] = envelope["next"]


def fetch(url: str, page: int) -> int:
    """Fetch and decode, and nothing else."""
    return sum(len(objects) for objects in fetched(url, page))


def insert(url: str, page: int, path: Path) -> int:
    """Fetch, and keep each object by its id as it came: what a ledger cannot do without."""
    read = 0
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as link:
        link.execute("PRAGMA journal_mode = WAL")
        link.execute("PRAGMA synchronous = NORMAL")
        link.execute("CREATE TABLE object (id TEXT PRIMARY KEY, raw BLOB)")
        for objects in fetched(url, page):
            link.execute("BEGIN")
            rows = [(each["id"], orjson.dumps(each)) for each in objects]
            link.executemany("INSERT INTO object VALUES (?, ?)", rows)
            link.execute("COMMIT")
            read += len(objects)
    return read


def library(url: str, page: int) -> int:
    """The obvious way, for the first page: taxii2-client pages through, stix2 parses."""
    collection = Collection(f"{url}collections/{COLLECTION}/")
    read = 0
    for envelope in islice(as_pages(collection.get_objects, per_request=page), 1):
        for each in envelope["objects"]:
            stix2.parse(each, allow_custom=True)
            read += 1
    collection.close()
    return read


def _home(folder: str, url: str, page: int) -> Workspace:
    home = Home(Path(folder) / "home")
    home.ensure()
    home.config_file.write_text(DOCUMENTATION, "utf-8")
    feed = home.feeds_dir / "volume"
    feed.mkdir(parents=True)
    (feed / "feed.toml").write_text(_FEED.format(url=url, page=page), "utf-8")
    return Workspace.open(home)


def main(what: str, url: str, page: str) -> None:
    """Run one client."""
    with tempfile.TemporaryDirectory() as folder:
        ws = _home(folder, url, int(page))

        def pulled() -> int:
            pull(ws, active_feeds(ws))
            return ws.ledger.feed("volume").fetched

        clients: dict[str, Callable[[], int]] = {
            "fetch": lambda: fetch(url, int(page)),
            "insert": lambda: insert(url, int(page), Path(folder) / "bare.sqlite"),
            "library": lambda: library(url, int(page)),
            "pull": pulled,
            "sync": lambda: sync(ws).feeds[0].fetched,
        }
        began = time.process_time()
        read = clients[what]()
        cpu = time.process_time() - began
        ws.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"cpu": cpu, "peak": peak, "read": read}))


if __name__ == "__main__":
    main(*sys.argv[1:])
