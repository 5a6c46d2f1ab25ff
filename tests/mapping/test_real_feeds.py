"""Real feeds and reports: most of what they say maps, and all else says why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tidegate.feed import parse_feed
from tidegate.indicators.kinds import Dialect
from tidegate.mapping.candidate import Outcome, Standing
from tidegate.mapping.guard import Guards, GuardSettings
from tidegate.mapping.translate import reject_object, translate
from tidegate.stix.container import objects_in
from tidegate.stix.context import FeedContext
from tidegate.stix.lenient_json import decode
from tidegate.stix.objects import Defect, read_indicator
from tidegate.stix.repairs import REPAIRS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LEAST = 0.85
"""The share of indicators with a STIX pattern that has to map."""

FEED = parse_feed(
    {
        "id": "f",
        "source": {"kind": "bundle", "path": "f.json"},
        "default": {"action": "Alert only", "expires": "never"},
    },
    "feed.toml",
)


def outcomes(folders: Iterator[Path]) -> Iterator[Outcome]:
    guards = Guards(GuardSettings())
    for folder in folders:
        for path in sorted(path for path in folder.iterdir() if path.is_file()):
            objects, _ = objects_in(decode(path.read_bytes()))
            context = FeedContext(objects)
            for raw in objects:
                if raw.get("type") != "indicator":
                    continue
                read = read_indicator(raw)
                if isinstance(read, Defect):
                    yield reject_object(read, str(raw.get("id")), "f")
                    continue
                around = context.of(read.id)
                yield translate(read, FEED, guards, Dialect.TODAY, None, NOW, NOW, around)


def test_most_of_feeds_and_reports_maps_and_the_rest_says_why_not(real_data: Path) -> None:
    found = Counter[str]()
    for outcome in outcomes(real_data / name for name in ("feeds", "reports")):
        if any(r.code.startswith("pattern_type_") for r in outcome.rejections):
            continue
        found[outcome.standing] += 1
        assert all(r.code and r.detail and r.field for r in outcome.rejections)
        assert all(r.position is not None for r in outcome.rejections if r.field == "pattern")
        assert outcome.repairs <= set(REPAIRS)
    assert found.total() > 8_000
    assert found[Standing.MAPPED] / found.total() >= LEAST


def test_every_bundle_ends_in_candidates_or_codes(real_data: Path) -> None:
    folders = (f for f in sorted(real_data.iterdir()) if f.is_dir() and f.name != "broken")
    for outcome in outcomes(folders):
        atoms = len(outcome.candidates) + outcome.rejected_atoms
        match outcome.standing:
            case Standing.MAPPED:
                assert outcome.candidates
            case Standing.REJECTED:
                assert not outcome.candidates
                assert outcome.rejections
            case Standing.ENDED:
                assert (atoms, bool(outcome.detail)) == (0, True)
