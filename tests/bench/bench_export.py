"""What a full list costs as a STIX bundle, beside building it from stix2 objects.

The rows are of all types, with two hashes or one, a third with a scope, half with an expiry. stix2
builds the same objects from the same values, but not all of them, at a millisecond each: its time
is that of a sample, per object, and nothing is extrapolated, since both are compared per object.
What it serialises is compared with the export, object by object; it spells whole seconds shorter,
and writes the default of pattern_version. `tidegate export` has stix2 read one object of each shape
besides, which is told apart: a look at the result is no part of building it. The floor is orjson
writing the finished dictionaries. All take turns; the medians count.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha512
from statistics import median
from time import process_time
from typing import Any

import orjson
import stix2

from bench.figure import Figure
from strategies.builders import LIMIT, NOW, row
from tidegate.export import stix_bundle
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType
from tidegate.stix.markings import LEVELS
from tidegate.stix.objects import parse_time

ROUNDS = 5
SAMPLE = 1_000
SPEAKER = "Example Corp SOC"
GOAL = 1 / 50

_TIMES = ("created", "modified", "valid_from", "valid_until")
_CLASSES = {
    "identity": stix2.v21.Identity,
    "extension-definition": stix2.v21.ExtensionDefinition,
    "indicator": stix2.v21.Indicator,
}
_DIGITS = {
    IndicatorType.FILE_SHA256: 64,
    IndicatorType.FILE_SHA1: 40,
    IndicatorType.FILE_MD5: 32,
    IndicatorType.CERTIFICATE: 40,
}


def run() -> list[Figure]:
    """Make a list, export it and build it in turn, compare."""
    rows = [listed(number) for number in range(LIMIT)]
    objects: list[dict[str, Any]] = orjson.loads(exported(rows))["objects"]
    fixed, indicators = objects[: len(objects) - LIMIT], objects[len(objects) - LIMIT :]
    sample = [*fixed, *indicators[:: LIMIT // SAMPLE]]
    theirs = orjson.loads(built(sample))["objects"]
    differing = sum(content(a) != content(b) for a, b in zip(sample, theirs, strict=True))
    whole = exported(rows)
    exports, builds, floors, checks = [], [], [], []
    for _ in range(ROUNDS):
        exports.append(seconds(lambda: exported(rows)) / len(objects))
        builds.append(seconds(lambda: built(sample)) / len(sample))
        checks.append(seconds(lambda: stix_bundle.check(whole)))
        floors.append(seconds(lambda: orjson.dumps(objects)) / len(objects))
    export, build, floor = median(exports), median(builds), median(floors)
    return [
        Figure("export of 15,000 rows", export * len(objects) * 1e3, "ms"),
        Figure("stix2's look at one object of each shape", median(checks) * 1e3, "ms"),
        Figure("orjson alone, finished dictionaries", floor * len(objects) * 1e3, "ms"),
        Figure("stix2 objects, sample of 1,000, per object", build * 1e6, "µs"),
        Figure("export, per object", export * 1e6, "µs"),
        Figure("stix2 / export, per object", build / export, "times"),
        Figure("export / stix2, per object", export / build, "", GOAL),
        Figure("objects of the sample that differ", differing, "", 0),
    ]


def exported(rows: list[Indicator]) -> bytes:
    """The bundle as the product writes it."""
    return stix_bundle.render(rows, NOW, SPEAKER, "red").files[0][1]


def built(objects: list[dict[str, Any]]) -> str:
    """The bundle as stix2 writes it, from the same values."""
    made = [
        _CLASSES[item["type"]](**{k: v for k, v in item.items() if k != "type"}) for item in objects
    ]
    text: str = stix2.v21.Bundle(objects=made).serialize()
    return text


def content(item: dict[str, Any]) -> dict[str, Any]:
    """An object with its times as moments and the default of its grammar spelled out."""
    default = {"pattern_version": "2.1"} if item["type"] == "indicator" else {}
    return default | {k: parse_time(v) if k in _TIMES else v for k, v in item.items()}


def seconds(act: Callable[[], object]) -> float:
    """CPU time, with nothing left over from before."""
    gc.collect()
    began = process_time()
    act()
    return process_time() - began


def listed(number: int) -> Indicator:
    """A row whose kind, scope and marking follow from its number."""
    kind = list(IndicatorType)[number % len(IndicatorType)]
    aliases = (f"FileMd5:{digest(number, 32)}",) if kind is IndicatorType.FILE_SHA256 else ()
    return row(
        number,
        type=kind,
        value=value(number, kind),
        action=list(Action)[number % len(Action)],
        title=f"Loader {number}",
        description='Seen in mails with an "invoice" attached; drops C:\\temp\\a.exe.',
        groups=("Servers", "Workstations") if number % 3 == 0 else (),
        expires=NOW + timedelta(days=30) if number % 2 else None,
        updated=NOW + timedelta(minutes=number),
        confidence=number % 101,
        tlp=LEVELS[number % len(LEVELS)],
        aliases=aliases,
        category="Malware",
        mitre=("T1105", "T1059.001"),
    )


def value(number: int, kind: IndicatorType) -> str:
    """A value of a kind, another one for each number."""
    if kind is IndicatorType.IP_ADDRESS:
        return f"198.{18 + number % 2}.{number // 256 % 256}.{number % 256}"
    if kind is IndicatorType.URL:
        return f"https://h{number}.example.com/a'b/{number}"
    return digest(number, _DIGITS[kind]) if kind in _DIGITS else f"h{number}.example.com"


def digest(number: int, digits: int) -> str:
    """Hex digits that look like a hash."""
    return sha512(str(number).encode()).hexdigest()[:digits]
