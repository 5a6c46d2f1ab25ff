"""What a scan of collected events costs, beside reading them and asking a bare dictionary.

The file holds connections, half of them to URLs and half to hosts, with the columns of a hunting
table (some 900 bytes a line), 1 % of which one of 15,000 rows names; half of the rows have a scope
and all an expiry. Processes and hosts repeat as in telemetry (2,000 and 20,000 of them), while
addresses and the paths of URLs do not. The floor decodes each line with orjson and looks each
observable up in a dictionary of the rows' values; it reads the same file, in turn with the scans.
The fastest round of each counts: whatever else the machine does only adds.

Making the list ready is part of a scan. Memory is that of a process that scans a file five times as
large.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha512
from pathlib import Path
from random import Random
from time import process_time

import orjson

from bench.figure import Figure
from strategies.builders import NOW, create, plan, row
from tidegate.config import Home
from tidegate.engines.verdict import Engine
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import IndicatorType
from tidegate.service.matching import Asked, Counts, match
from tidegate.service.workspace import Workspace

EVENTS = 200_000
ROWS = 15_000
ROUNDS = 5
LARGER = 5
GROUP = "Workstations"
COLUMNS = (
    "InitiatingProcessSHA256",
    "InitiatingProcessSHA1",
    "InitiatingProcessMD5",
    "RemoteIP",
    "RemoteUrl",
)
_MEMORY = """
import sys, pathlib
from bench import bench_scan
from hostile.measured import peak
ws = bench_scan.opened(pathlib.Path(sys.argv[1]))
assert bench_scan.scan(ws, sys.argv[2]) > 0
print(peak() / 1024)
"""


def run() -> list[Figure]:
    """Write the file, read it in both ways in turn, scan a larger one."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        home = root / "home"
        home.mkdir()
        ws = opened(home)
        rows = list(listed())
        ws.store.apply(plan(create(*rows), serial=0), limit=ROWS, now=NOW, actor="bench")
        small, large = root / "events.jsonl", root / "large.jsonl"
        with small.open("wb") as stream:
            stream.writelines(_lines(rows))
        with large.open("wb") as stream:
            for _ in range(LARGER):
                shutil.copyfileobj(small.open("rb"), stream)
        values = {it.value: it for it in rows}
        floors, scans, hits = [], [], 0
        for _ in range(ROUNDS):
            began = process_time()
            floor(small, values)
            floors.append(process_time() - began)
            began = process_time()
            hits = scan(ws, str(small))
            scans.append(process_time() - began)
        ws.close()
        if hits != EVENTS // 100:
            raise AssertionError(f"{hits} hits")
        done = subprocess.run(
            [sys.executable, "-c", _MEMORY, str(home), str(large)],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[1],
        )
    return [
        Figure("orjson and a dictionary", min(floors) / EVENTS * 1e6, "µs"),
        Figure("scan of an event", min(scans) / EVENTS * 1e6, "µs"),
        Figure("scan / orjson and a dictionary", min(scans) / min(floors), "times", 2.5),
        Figure(f"memory of a scan of {EVENTS * LARGER:,} events", float(done.stdout), "MiB", 200),
    ]


def opened(home: Path) -> Workspace:
    """The home of the list, on the day of the events."""
    return Workspace.open(Home(home), clock=lambda: NOW)


def scan(ws: Workspace, file: str) -> int:
    """Let cloud detection judge a file; return the hits."""
    counts = Counts()
    for _ in match(ws, Asked((file,), (Engine.CLOUD_DETECTION,)), counts):
        pass
    return counts.hits


def floor(file: Path, values: dict[str, Indicator]) -> int:
    """Decode, look up: what no scan can do without."""
    hits = 0
    with file.open("rb") as stream:
        for line in stream:
            record = orjson.loads(line)
            for column in COLUMNS:
                hits += record.get(column) in values
    return hits


def listed() -> Iterator[Indicator]:
    """A full list, half names and half URLs."""
    for number in range(ROWS):
        groups = (GROUP,) if number % 4 < 2 else ()
        fields = {"groups": groups, "expires": NOW + timedelta(days=30)}
        if number % 2:
            url = f"https://u{number}.bad.example/gate/{number}"
            yield row(number, type=IndicatorType.URL, value=url, **fields)
        else:
            yield row(number, value=f"d{number}.bad.example", **fields)


def _lines(rows: list[Indicator]) -> Iterator[bytes]:
    random = Random(7)  # noqa: S311 - the same file each time
    for number in range(EVENTS):
        host = f"w{random.randrange(20)}.site{random.randrange(1_000)}.example"
        url = f"https://{host}/{number}/index?item={number}" if number % 2 else host
        if number % 100 == 0:
            named = rows[random.randrange(ROWS)].value
            url = f"{named}/stage?x={number}" if "//" in named else f"x{number}.{named}"
        process = random.randrange(2_000)
        record = {
            "Timestamp": f"2026-01-10T{number % 12:02}:{number % 60:02}:12.1234567Z",
            "DeviceId": _digest(number % 500, 40),
            "DeviceName": f"ws-{number % 500}.corp.example",
            "ActionType": "ConnectionSuccess",
            "RemoteIP": f"198.51.{number % 250}.{number // 250 % 250}",
            "RemotePort": 443,
            "RemoteUrl": url,
            "LocalIP": "192.0.2.4",
            "LocalPort": 50_000 + number % 10_000,
            "Protocol": "Tcp",
            "InitiatingProcessSHA1": _digest(process, 40),
            "InitiatingProcessSHA256": _digest(process, 64),
            "InitiatingProcessMD5": _digest(process, 32),
            "InitiatingProcessFileName": "msedge.exe",
            "InitiatingProcessFolderPath": r"c:\program files\microsoft\edge\msedge.exe",
            "InitiatingProcessCommandLine": '"msedge.exe" --type=utility --lang=en-GB '
            "--utility-sub-type=network.mojom.NetworkService",
            "InitiatingProcessParentFileName": "explorer.exe",
            "InitiatingProcessAccountName": "ana",
            "ReportId": number,
            "MachineGroup": GROUP,
        }
        yield orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def _digest(number: int, digits: int) -> str:
    return sha512(f"{digits}:{number}".encode()).hexdigest()[:digits]
