"""Real feeds, compressed: events made from their own values tell no difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from strategies.builders import wanted_from
from strategies.covering_worlds import listed, lost
from strategies.engine_worlds import each_choice
from tidegate.allocation.compress import compress, known_of
from tidegate.allocation.merge import Wanted
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.observing import connection
from tidegate.feed import parse_feed
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, Dialect, IndicatorType
from tidegate.mapping.candidate import Candidate
from tidegate.mapping.guard import Guards, GuardSettings
from tidegate.mapping.translate import translate
from tidegate.stix.container import objects_in
from tidegate.stix.lenient_json import decode
from tidegate.stix.objects import Defect, read_indicator

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LOOKED_AT = 200
"""Covered rows that events are made of, besides rows that are not."""

POLICIES = (
    {"action": "Alert and block", "severity": "High", "expires": "never"},
    {"action": "Alert and block", "severity": "High", "groups": ["Servers"], "expires": "never"},
    {"action": "Alert only", "severity": "Low", "expires": "never"},
)


def candidates(folder: Path) -> Iterator[Candidate]:
    """What each of the feeds comes to under one of the policies in turn."""
    guards = Guards(GuardSettings())
    for number, path in enumerate(sorted(folder.iterdir())):
        policy = POLICIES[0] if number % 4 else POLICIES[number // 4 % 3]
        source = {"kind": "bundle", "path": "f.json"}
        head = {"id": f"f{number}", "source": source, "default": policy}
        feed = parse_feed(head, "feed.toml")
        for raw in objects_in(decode(path.read_bytes()))[0]:
            if raw.get("type") == "indicator" and not isinstance(
                read := read_indicator(raw), Defect
            ):
                yield from translate(read, feed, guards, Dialect.TODAY, None, NOW).candidates


def around(item: Wanted) -> Iterator[tuple[Observable, ...]]:
    """What shows a value, something beneath it, and something beside it."""
    kind, value = item.type, item.value
    if kind is IndicatorType.URL:
        base = value.partition("?")[0].rstrip("/")
        for text in (value, f"{base}/deeper/x.exe?q=1", f"{base}x", base.rpartition("/")[0] + "/z"):
            yield connection(text)
    elif kind is IndicatorType.DOMAIN_NAME:
        for text in (value, f"x.y.{value}", f"https://{value}/a", f"x{value}"):
            yield connection(text)
        yield connection("z." + value.partition(".")[2])
    elif kind in FILE_TYPES:
        hashes = [(kind.value, value), *(alias.split(":") for alias in item.aliases)]
        yield tuple(Observable(Role.FILE, IndicatorType(k), v) for k, v in hashes)
    else:
        yield (Observable(Role.REMOTE_IP, IndicatorType.IP_ADDRESS, value),)


def test_real_feeds_protect_exactly_as_much(real_data: Path) -> None:
    proposed = list(candidates(real_data / "feeds"))
    contexts = {item.key: item.context for item in proposed}
    wanted = wanted_from(proposed, NOW)

    def row_of(item: Wanted) -> Indicator:
        return listed(item, contexts[item.key])

    known = known_of(wanted, (), ())
    for room in (len(wanted), len(wanted) // 10):
        found = compress(wanted, room, {}, known)
        assert found.covered
        assert 0 < found.saved <= len(found.covered)
        after = [row_of(item) for item in found.allocation.kept]
        before = after + [row_of(item.wanted) for item in found.covered]
        step = max(len(found.covered) // LOOKED_AT, 1)
        some = [item.wanted for item in found.covered[::step]]
        some += found.allocation.kept[:: max(len(after) // 100, 1)]
        events = [
            Event("e", NOW, "pc1", group, "ConnectionSuccess", seen, process)
            for item in some
            for seen in around(item)
            for group, process in (("", ""), ("Servers", "chrome.exe"))
        ]
        for choices in islice(each_choice(), 0, None, 3):
            assert not lost(before, after, events, choices, aliases=True)
        assert not lost(
            before, after, events, replace(choices, hash_order="strictest"), aliases=True
        )
