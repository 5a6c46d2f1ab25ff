"""The terms under which feeds let their word be passed on, as their feed.toml says them.

Owns what an export asks of the feeds: titles, `redistribute`, `shareable_markings`. Refuses to
guess: a feed.toml that cannot be read stops everything that needs its terms, since to take them for
stricter than they are would withdraw rows for good, for a slip of the pen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tidegate.errors import ExportError
from tidegate.export.eligible import Feeds
from tidegate.export.target import Skipped
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Origin
from tidegate.mapping.context import MARKING
from tidegate.service.workspace import Workspace


def terms_of(ws: Workspace, named: Collection[str]) -> Feeds:
    """What the home knows of its feeds. Raises ExportError: one of `named` cannot be read."""
    titles, forbidding, accepted = {}, set(), {}
    for entry in ws.catalogue.entries():
        if entry.definition is not None:
            titles[entry.id] = entry.definition.title
            if not entry.definition.redistribute:
                forbidding.add(entry.id)
            if entry.definition.shareable_markings:
                accepted[entry.id] = frozenset(entry.definition.shareable_markings)
        elif entry.id in named:
            raise ExportError(
                f"the terms of feed {entry.id} cannot be read: {entry.error}",
                "mend its feed.toml first: nothing is shared or withdrawn until then",
            )
    return Feeds(titles, frozenset(forbidding), accepted)


def within_terms(
    ws: Workspace, rows: Sequence[Indicator]
) -> tuple[tuple[Indicator, ...], list[Skipped]]:
    """Part the rows that anybody may have from those that a feed of theirs keeps back.

    One such feed is enough: a free export tells a row as it stands, with the words of all of its
    feeds. Codes: `redistribution_forbidden`, `marking_unknown`. Raises ExportError.
    """
    named = {feed for row in rows if row.origin is Origin.FEED for feed in row.feeds}
    feeds = terms_of(ws, named) if named else Feeds()
    kept: list[Indicator] = []
    skipped: list[Skipped] = []
    for row in rows:
        why = _kept_back(row, feeds) if row.origin is Origin.FEED else None
        if why is None:
            kept.append(row)
        else:
            skipped.append(Skipped(row, *why))
    return tuple(kept), skipped


def _kept_back(row: Indicator, feeds: Feeds) -> tuple[str, str] | None:
    for feed in row.feeds:
        if feed in feeds.forbidding:
            return "redistribution_forbidden", f"feed {feed} has redistribute = false"
        for ref in row.context.get(MARKING, ()):
            if ref not in feeds.accepted.get(feed, frozenset()):
                way = "which is no TLP level; see `shareable_markings` of feed.toml"
                return "marking_unknown", f"it carries {ref[:80]}, {way}"
    return None
