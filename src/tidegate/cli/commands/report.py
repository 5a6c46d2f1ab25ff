"""The report cards of feeds, as people read them: `feeds report`, and a part of `feeds show`."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json
from tidegate.errors import ExitCode
from tidegate.service.reporting import ReportCard, report_cards
from tidegate.service.workspace import Workspace


def show(ws: Workspace, args: argparse.Namespace) -> int:
    """Compare the feeds that are on."""
    cards = report_cards(ws)
    if wants_json(args):
        for card in cards:
            output.json_line(card.record())
    elif cards:
        now = ws.clock()
        output.table(
            (
                *("id", "trust", "held", "waiting", "values", "unique", "shares most with"),
                *("refused", "rejected", "median age", "newest", "seen", "slots/seen"),
            ),
            (_line(card, now) for card in cards),
            spare=(
                *("slots/seen", "seen", "newest", "rejected", "trust", "refused"),
                *("median age", "waiting"),
            ),
        )
    if not cards:
        diagnostics.note("no feed is on: `tidegate feeds list` shows what there is")
    return ExitCode.DONE


def _line(card: ReportCard, now: datetime) -> tuple[object, ...]:
    """The cells of a feed, in the order of the columns."""
    most = next(iter(card.overlap), None)
    return (
        card.id,
        card.trust,
        card.held,
        card.waiting,
        card.values,
        _percent(card.unique_share),
        None if most is None else f"{most} {card.share_of(most):.0%}",
        sum(card.guards.values()),
        _percent(card.rejected_share),
        _days(card.median, now),
        _days(card.newest, now),
        card.sightings,
        _cost(card),
    )


def words(card: ReportCard, now: datetime) -> dict[str, object]:
    """The card of one feed, by the names of its lines."""
    shared = {feed: f"{feed} {card.share_of(feed):.0%}" for feed in card.overlap}
    return {
        "values": f"{card.values:,}, of which {_percent(card.unique_share) or 'none'} no other "
        "feed has",
        "shares with": tuple(shared.values()),
        "slots held": card.held,
        "waiting": card.waiting,
        "refused by guards": output.counted(card.guards) or None,
        "rejected share": _percent(card.rejected_share),
        "news": None
        if card.newest is None
        else f"{_days(card.newest, now)} the newest, {_days(card.median, now)} the median",
        "sightings": f"{card.sightings:,}"
        + (f", {_cost(card)} slots for each" if card.sightings else ""),
    }


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.0%}"


def _days(when: datetime | None, now: datetime) -> str | None:
    """The age of evidence in whole days."""
    return None if when is None else f"{max(now - when, timedelta()).days}d"


def _cost(card: ReportCard) -> str | None:
    per = card.slots_per_sighting
    return None if per is None else f"{per:.2g}"
