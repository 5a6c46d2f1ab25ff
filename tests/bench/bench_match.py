"""What a verdict of endpoint prevention costs at a full list.

Half of the events name URLs and domains, half files and addresses; one in a hundred is on the list.
Each verdict is whole: reason, scope and expiry. The floor is a bare dict look-up for each
observable of the same events, in turn with the verdicts. Beside it stix2-matcher matches one
compiled pattern with one event: a sample, as 15,000 patterns would take it a second for each event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from random import Random
from statistics import median, quantiles
from time import perf_counter

from stix2matcher.matcher import Pattern

from bench.figure import Figure
from strategies.builders import LIMIT, NOW, row
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.prevention import prevention
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType

EVENTS = 20_000
ROUNDS = 7
HITS = 100
"""One event in so many is on the list."""

_HASHED = (
    (IndicatorType.FILE_SHA256, 64),
    (IndicatorType.FILE_SHA1, 40),
    (IndicatorType.FILE_MD5, 32),
)
_LISTED = (*IndicatorType,)


def run() -> list[Figure]:
    """Fill a list, make events, measure verdicts and floor in turn."""
    random = Random(8)  # noqa: S311 - the same events every time
    rows = [_row(random, number) for number in range(LIMIT)]
    events = [_event(random, number, rows) for number in range(EVENTS)]
    began = perf_counter()
    matcher = Matcher(rows)
    built = perf_counter() - began
    hits = sum(matcher.matches(event) != [] for event in events)
    known = {row.value: row for row in rows}
    single = [_seconds(partial(prevention, event, matcher)) for event in events]
    verdicts, floors = [], []
    for _ in range(ROUNDS):
        verdicts.append(_seconds(lambda: _judge(events, matcher)) / EVENTS)
        floors.append(_seconds(lambda: _look_up(events, known)) / EVENTS)
    verdict, floor = median(verdicts), median(floors)
    return [
        Figure("events on the list", 100 * hits / EVENTS, "%"),
        Figure("index of 15,000 rows", built * 1000, "ms"),
        Figure("bare look-up of each observable, per event", floor * 1e6, "µs"),
        Figure("prevention, median event, timer included", median(single) * 1e6, "µs", 5),
        Figure("prevention, 99th percentile", quantiles(single, n=100)[98] * 1e6, "µs"),
        Figure("prevention, mean in a stream", verdict * 1e6, "µs"),
        Figure("prevention / bare look-up", verdict / floor, "times", 6),
        *_library(verdict),
    ]


def _library(verdict: float) -> list[Figure]:
    """Measure stix2-matcher."""
    compiled = Pattern("[domain-name:value = 'c2.example.com']", stix_version="2.1")
    name = {"type": "domain-name", "id": "domain-name--1", "value": "www.example.org"}
    at = NOW.isoformat().replace("+00:00", "Z")
    observed = {
        "type": "observed-data",
        "spec_version": "2.1",
        "id": "observed-data--1",
        **dict.fromkeys(("created", "modified", "first_observed", "last_observed"), at),
        "number_observed": 1,
        "object_refs": [name["id"]],
    }
    bundle = {"type": "bundle", "id": "bundle--1", "objects": [observed, name]}
    taken = median(_seconds(partial(compiled.match, [bundle])) for _ in range(200))
    return [
        Figure("stix2-matcher, one pattern and one event", taken * 1e6, "µs"),
        Figure("stix2-matcher, 15,000 patterns / prevention", taken * LIMIT / verdict, "times"),
    ]


def _judge(events: Sequence[Event], matcher: Matcher) -> None:
    for event in events:
        prevention(event, matcher)


def _look_up(events: Sequence[Event], known: dict[str, Indicator]) -> None:
    get = known.get
    for event in events:
        for seen in event.observables:
            get(seen[2])


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _row(random: Random, number: int) -> Indicator:
    kind = _LISTED[number % len(_LISTED)]
    return row(
        number,
        type=kind,
        value=_value(random, kind, f"listed{number}"),
        action=random.choice((*Action, Action.ALERT_AND_BLOCK)),
        groups=random.choice(((), (), (), ("Servers",), ("Clients", "Servers"))),
        expires=random.choice((None, NOW + timedelta(days=30), NOW - timedelta(days=1))),
    )


def _value(random: Random, kind: IndicatorType, word: str) -> str:
    match kind:
        case IndicatorType.IP_ADDRESS:
            return f"{random.randrange(1, 224)}.{random.randrange(256)}.{random.randrange(256)}.7"
        case IndicatorType.DOMAIN_NAME:
            return f"{word}.example.com"
        case IndicatorType.URL:
            return f"https://{word}.cdn.example.net/gate/{random.randrange(99)}"
    digits = 64 if kind is IndicatorType.FILE_SHA256 else 40
    digits = 32 if kind is IndicatorType.FILE_MD5 else digits
    return f"{random.getrandbits(4 * digits):0{digits}x}"


def _event(random: Random, number: int, rows: Sequence[Indicator]) -> Event:
    """Quarter URLs with their address, quarter hosts, quarter files, quarter bare connections."""
    quarter = number % 4
    process = _hashes(random, Role.PROCESS)[:2]
    address = Observable(
        Role.REMOTE_IP,
        IndicatorType.IP_ADDRESS,
        _value(random, IndicatorType.IP_ADDRESS, "")[:-1] + "8",
    )
    host = f"s{random.randrange(9999)}.cdn{random.randrange(99)}.example.org"
    seen = {
        0: (
            Observable(
                Role.REMOTE_URL,
                IndicatorType.URL,
                f"https://{host}/js/{number}/main.js?v={number}",
            ),
            address,
            *process,
        ),
        1: (Observable(Role.REMOTE_URL, IndicatorType.DOMAIN_NAME, host), address, *process),
        2: (*_hashes(random, Role.FILE), *process),
        3: (address, *process),
    }[quarter]
    if random.randrange(HITS) == 0:
        listed = random.choice(rows)
        seen = (Observable(seen[0].role, listed.type, listed.value), *seen[1:])
    return Event(
        id=f"events.jsonl:{number}",
        at=NOW,
        device=f"pc{number % 999}",
        group=random.choice(("", "Clients", "Servers")),
        action="ConnectionSuccess",
        observables=seen,
        process="msedge.exe",
    )


def _hashes(random: Random, role: Role) -> tuple[Observable, ...]:
    return tuple(
        Observable(role, kind, f"{random.getrandbits(4 * digits):0{digits}x}")
        for kind, digits in _HASHED
    )
