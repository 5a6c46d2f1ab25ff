"""How the preview of a plan is written, for scripts and for people.

Refuses to count.
"""

from __future__ import annotations

from typing import Any

from tidegate.cli import diagnostics, output
from tidegate.cli.verdicts import SHORT
from tidegate.engines.verdict import Engine, Word
from tidegate.indicators.plan import Op
from tidegate.service.impact import Impact
from tidegate.service.matching import Counts
from tidegate.service.moves import SIGN

_WORDS = (Word.BLOCKED, Word.WARNED, Word.ALERTED, Word.ALLOWED)


def record(impact: Impact) -> dict[str, Any]:
    """One row of the plan, whether it would have met something or not."""
    row = impact.row
    return {
        "indicator": row.id,
        "op": impact.op,
        "held": impact.held,
        "type": row.type,
        "value": row.value,
        "action": row.action,
        "severity": row.severity,
        "title": row.title,
        "scope": row.groups,
        "feeds": row.feeds,
        "events": impact.events,
        **{word: impact.words[word] for word in _WORDS},
        "overruled": impact.overruled,
        "changed": {engine: impact.changed[engine] for engine in Engine},
        "alerts": impact.alerts,
        "devices": len(impact.devices),
        "groups": sorted(impact.groups),
        "first": impact.first,
        "last": impact.last,
        "flags": impact.flags,
        "reason": impact.reason,
    }


def table(impacts: list[Impact], counts: Counts, limit: int) -> None:
    """The rows that would have met something, heaviest first, and a word on common ones."""
    met = [impact for impact in impacts if impact.events]
    output.text(
        f"{counts.events:,} events; of {len(impacts):,} rows of the plan, "
        f"{len(met):,} would have met some"
    )
    if met:
        _by_feed(met)
        output.table(
            (
                "",
                "changed",
                "blocked",
                "warned",
                "alerted",
                "devices",
                "groups",
                "first",
                "last",
                "value",
                "flags",
            ),
            (
                (
                    SIGN[Op(it.op)],
                    max(it.changed.values(), default=0),
                    it.words[Word.BLOCKED],
                    it.words[Word.WARNED],
                    it.words[Word.ALERTED],
                    len(it.devices),
                    sorted(group or "(none)" for group in it.groups),
                    f"{it.first:%m-%d %H:%M}",
                    f"{it.last:%m-%d %H:%M}",
                    it.row.value,
                    it.flags or "",
                )
                for it in met[:limit]
            ),
            spare=("groups", "first", "last", "warned", "alerted"),
        )
    if len(met) > limit:
        diagnostics.note(f"{limit:,} of {len(met):,} shown; --limit shows more")
    common = sum(bool(it.flags) for it in met)
    if common:
        diagnostics.note(f"{common:,} of them would have met what is very common: look before use")


def _by_feed(met: list[Impact]) -> None:
    """How many rows of each feed met something, and what the engines would say otherwise."""
    feeds = sorted({feed for it in met for feed in it.row.feeds or ("",)})
    output.table(
        ("feed", "rows", *(f"{SHORT[engine]} otherwise" for engine in Engine)),
        (
            (
                feed or "(none)",
                len(mine),
                *(sum(it.changed[engine] for it in mine) for engine in Engine),
            )
            for feed in feeds
            for mine in [[it for it in met if feed in (it.row.feeds or ("",))]]
        ),
    )
    output.text()
