"""What the samples and real feeds become for a partner, as the OASIS validator sees it.

The validator takes 6 ms an object, so of each shape a few are shown to it; all of them with
TIDEGATE_SOAK=1. How many rows arrive in the bundle is counted over all.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from stix2validator import ValidationOptions, validate_string

from tidegate.allocation.merge import backed, in_order
from tidegate.export.delta import Speaker, Step, Version, delta
from tidegate.export.eligible import Feeds, Raws, Shared, Withheld, judge
from tidegate.export.partner_bundle import pack
from tidegate.export.partner_objects import things_of
from tidegate.feed import FeedDefinition, parse_feed
from tidegate.indicators.kinds import Dialect
from tidegate.mapping.candidate import Candidate
from tidegate.mapping.context import MARKING
from tidegate.mapping.guard import Guards, GuardSettings, Verdict
from tidegate.mapping.translate import translate
from tidegate.partner import Partner, parse_partner
from tidegate.partner.sent import Sent
from tidegate.sources.catalogue import Catalogue, sample_of, shipped_folder
from tidegate.stix.container import objects_in
from tidegate.stix.context import FeedContext
from tidegate.stix.lenient_json import decode
from tidegate.stix.markings import others_of
from tidegate.stix.objects import Defect, marking_refs, read_indicator

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SOAK = os.environ.get("TIDEGATE_SOAK") == "1"
FOLDERS = (
    "examples",
    "interop",
    "misp",
    "idioms",
    "taxii",
    *(("feeds", "reports") if SOAK else ()),
)
LEAST_ROWS = 5_000 if SOAK else 300
OF_EACH_SHAPE = 10_000_000 if SOAK else 1
GUARDS = Guards(GuardSettings(documentation=Verdict.WARN))
LEAST = 0.95
"""The share of rows that a partner may have and that must be in the bundle."""


def partner(**more: object) -> Partner:
    base = {
        "id": "isac",
        "tlp_max": "red",
        "identity": "Example Corp SOC",
        "mask": ["note"],
        "delivery": {"kind": "file", "path": "out.json"},
    }
    return parse_partner({**base, **more}, "isac.toml")


class World:
    """Feeds, what they say, and the rows that come of it."""

    def __init__(self) -> None:
        self.feeds: dict[str, str] = {}
        self.candidates: list[Candidate] = []
        self.raws: dict[tuple[str, str], dict[str, Any]] = {}

    def hear(self, feed: FeedDefinition, objects: list[dict[str, Any]]) -> None:
        self.feeds[feed.id] = feed.title
        context = FeedContext(objects, feed.tlp_default)
        for raw in objects:
            if raw.get("type") != "indicator":
                continue
            read = read_indicator(raw)
            if isinstance(read, Defect):
                continue
            around = context.of(read.id)
            found = translate(read, feed, GUARDS, Dialect.TODAY, NOW, NOW, NOW, around)
            self.candidates += found.candidates
            self.raws[feed.id, read.id] = raw

    def judged(self, to: Partner) -> Iterator[Shared | Withheld]:
        said: dict[str, list[Candidate]] = {}
        for candidate in self.candidates:
            said.setdefault(candidate.value, []).append(candidate)
        # As an operator would who has read them all.
        read = {ref for c in self.candidates for ref in c.context.get(MARKING, ())}
        read.update(ref for raw in self.raws.values() for ref in others_of(marking_refs(raw)))
        feeds = Feeds(self.feeds, accepted=dict.fromkeys(self.feeds, frozenset(read)))
        raws: Raws = self.raws
        for group in in_order(self.candidates):
            row = backed(group, NOW).row
            yield judge(row, said[row.value], raws, to, feeds, NOW)

    def versions(self, to: Partner, shared: Iterable[Shared]) -> list[Version]:
        things = things_of(shared, to, Feeds(self.feeds))
        return delta(Sent(), things, Speaker(to.identity, "default", to.id), NOW)


def some_of_each_shape(versions: Iterable[Version]) -> list[Version]:
    """The first of those that look alike to a validator, and the longest texts of all."""
    found: list[Version] = []
    seen = Counter[tuple[object, ...]]()
    for version in versions:
        item = version.item
        pattern = str(item.get("pattern"))
        shape = (*item, pattern.partition("=")[0], pattern.count(" OR "), "\\" in pattern,
                 len(str(item.get("external_references"))) // 200)  # fmt: skip
        seen[shape] += 1
        if seen[shape] <= OF_EACH_SHAPE:
            found.append(version)
    return found


def remarks(data: bytes, **options: bool) -> list[str]:
    result = validate_string(
        data.decode(), ValidationOptions(version="2.1", strict=True, **options)
    )
    return [str(remark) for remark in (*(result.warnings or ()), *(result.errors or ()))]


def assert_content(world: World, to: Partner) -> int:
    """What may go is in the bundle, and the validator has no remark; returns how many rows went."""
    judged = list(world.judged(to))
    shared = [item for item in judged if isinstance(item, Shared)]
    assert {w.code for w in judged if isinstance(w, Withheld)} <= {"expired"}
    versions = world.versions(to, shared)
    rows = [version for version in versions if version.is_row and version.step is Step.NEW]
    assert len(rows) >= LEAST * len(shared) > 0
    data = pack(to, some_of_each_shape(versions), 1, NOW, full=True).files[0].data
    assert remarks(data, enforce_refs=not to.derived_from) == []
    if to.markings == "reference":
        assert remarks(data, interop=True) == []
    return len(rows)


@pytest.fixture(scope="module", name="samples")
def _samples() -> World:
    world = World()
    for entry in Catalogue(Path("nowhere"), shipped_folder()).entries():
        if entry.id.startswith("sample-"):
            assert entry.definition is not None
            objects, _ = objects_in(decode(sample_of(entry).read_bytes()))
            world.hear(entry.definition, list(objects))
    return world


@pytest.mark.parametrize(
    "profile",
    [
        {},
        {"extension": True},
        {"markings": "embedded", "extension": True},
        {"derived_from": True, "markings": "embedded"},
        {"mask": ["title", "description", "source", "mitre", "kill_chain", "confidence", "action"]},
    ],
    ids=str,
)
def test_the_samples_draw_no_remark(samples: World, profile: dict[str, object]) -> None:
    assert_content(samples, partner(**profile))


def test_real_feeds_and_reports_draw_no_remark(real_data: Path) -> None:
    world = World()
    for folder in FOLDERS:
        feed = parse_feed(
            {
                "id": folder,
                "title": f"Real {folder}",
                "source": {"kind": "folder", "path": "x"},
                "default": {"action": "Alert only", "expires": "never"},
            },
            "feed.toml",
        )
        objects: list[dict[str, Any]] = []
        for path in sorted(path for path in (real_data / folder).iterdir() if path.is_file()):
            try:
                objects += objects_in(decode(path.read_bytes()))[0]
            except ValueError:
                continue  # the folder holds a few that are no JSON
        world.hear(feed, objects)
    assert assert_content(world, partner(extension=True)) > LEAST_ROWS
