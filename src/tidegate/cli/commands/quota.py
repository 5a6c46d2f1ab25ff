"""`quota`: who holds the tenant's slots, what comes next, and what other shares would change."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterable, Sequence

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.service.outlook import DAYS, Outlook, Place, outlook
from tidegate.service.quota import Quota, quota
from tidegate.service.supposing import Outcome, Supposed, suppose
from tidegate.service.workspace import Workspace

_DAYS = 7
"""Days of the forecast that are shown one by one; --json has them all."""
_FIRST = 5
"""Rows of those that would enter or leave that are named."""


def run(args: argparse.Namespace) -> int:
    """Show the account, or what would become of it."""
    supposed = Supposed(args.limit, args.reserve, _shares(args.floor), _shares(args.ceiling))
    with workspace(args) as ws:
        if supposed:
            _suppose(ws, args, supposed)
        else:
            _show(ws, args)
    return ExitCode.DONE


def _shares(given: Sequence[str]) -> dict[str, int]:
    """Read FEED=N, as the parser let it pass; the last word on a feed counts."""
    return {feed: int(rows) for feed, _, rows in (text.partition("=") for text in given)}


def _show(ws: Workspace, args: argparse.Namespace) -> None:
    account, ahead = quota(ws), outlook(ws)
    if wants_json(args):
        risk = {"at_risk": ahead.at_risk._asdict()}
        output.json_line(dataclasses.asdict(account) | dataclasses.asdict(ahead) | risk)
        return
    output.text(_headline(account, ahead))
    output.text()
    output.pairs(
        [
            ("limit", account.limit),
            ("used", account.used),
            ("  by feeds", sum(account.by_feed.values())),
            ("  by hand", account.manual),
            ("  foreign", account.foreign),
            ("free", _free(account)),
            ("pinned", account.pinned),
            ("waiting", account.waiting),
            ("  covered", ahead.covered),
            ("at risk", _at_risk(ahead)),
            ("expiring in 7 days", account.expiring_7d),
            (
                "cut-off score",
                _edge(account.cutoff, full=account.used >= account.limit - account.reserve),
            ),
            ("next in", _place(ahead.next_in) or "nothing that waits could come in"),
            ("next out", _place(ahead.next_out) or _none_out(ahead)),
            *_for_people(ahead),
        ]
    )
    if ahead.feeds:
        output.text()
        output.table(
            ("feed", "held", "floor", "ceiling", "waiting"),
            ((f.id, f.held, f.floor, f.ceiling, f.waiting) for f in ahead.feeds),
        )
    _forecast(ahead)


def _headline(account: Quota, ahead: Outlook) -> str:
    """How things stand, in a sentence or two."""
    size = account.limit - account.reserve
    over = account.used - account.limit
    others = account.used - sum(account.by_feed.values())
    if over > 0 and others > account.limit:
        return (
            f"The list is {over:,} over its limit by people's and foreign rows alone: a sync takes "
            "off every other row, and some of these must go by hand."
        )
    if over > 0:
        return f"The list is {over:,} over its limit: the next sync takes off the weakest rows."
    if account.used >= size:
        kept = f" but for its reserve of {account.reserve:,}" if account.reserve else ""
        return f"The list is full{kept}: what comes in displaces the weakest."
    empty = "The list is empty" if not account.used else "The list is not full"
    if ahead.next_in is not None:
        return f"{empty}, and rows wait that could come in: `tidegate sync`, or `plan` to see them."
    if account.waiting:
        covered = ahead.covered >= account.waiting
        why = "is covered by rows of the list" if covered else "does so at the ceiling of its feed"
        return f"{empty}: what waits {why}."
    begin = ": `tidegate sync` fills it from feeds, `tidegate add` by hand" * (not account.used)
    return f"{empty}; nothing waits{begin}."


def _edge(cutoff: float | None, *, full: bool) -> str:
    """The score to beat, or why there is none."""
    if cutoff is not None:
        return f"{cutoff:g}"
    return "none between feeds (floors, pins, people)" if full else "the list is not full"


def _none_out(ahead: Outlook) -> str:
    return "none between feeds" if ahead.gives_way is not None else "no row of a feed could go"


def _for_people(ahead: Outlook) -> list[tuple[str, str]]:
    """Who gives way to a row by hand, where that is not the next out."""
    if ahead.gives_way in (None, ahead.next_out):
        return []
    return [("  for one by hand", _place(ahead.gives_way))]


def _free(account: Quota) -> str:
    if not account.reserve or not account.free:
        return f"{account.free:,}"
    return f"{account.free:,}, of which feeds leave {min(account.reserve, account.free):,}"


def _at_risk(ahead: Outlook) -> str:
    rows, hashes = ahead.at_risk
    if not rows:
        return "none: every hash has a row"
    return f"{rows:,}: {hashes:,} weaker hashes have no row (`aliases` in feed.toml)"


def _place(place: Place | None) -> str:
    if place is None:
        return ""
    return f"{place.value} ({SHORT_TYPE[place.type]} of {place.feed}), score {place.score:g}"


def _forecast(ahead: Outlook) -> None:
    output.text()
    if not ahead.forecast:
        output.text(f"No row ends within {DAYS} days.")
        return
    freed = sum(day.freed for day in ahead.forecast)
    promoted = sum(day.promoted for day in ahead.forecast)
    output.text(
        f"If feeds say nothing new, {_rows(freed)} will end within {DAYS} days, and {promoted:,} "
        "of those that wait come in:"
    )
    output.table(
        ("day", "end", "come in", "first"),
        ((f"{d.day:%Y-%m-%d}", d.freed, d.promoted, d.first) for d in ahead.forecast[:_DAYS]),
    )
    if len(ahead.forecast) > _DAYS:
        output.text(f"and {len(ahead.forecast) - _DAYS} more days, see --json")


def _suppose(ws: Workspace, args: argparse.Namespace, supposed: Supposed) -> None:
    found = suppose(ws, supposed, diagnostics.progress)
    if wants_json(args):
        output.json_line(_record(found))
        return
    output.text(
        f"{_rows(len(found.entering))} would come in and {len(found.leaving):,} go, compared with "
        "the list as it is. Nothing was changed."
    )
    if found.held:
        output.text(f"The brake would hold {found.held:,} of the changes for a person's word.")
    output.text()
    output.pairs(
        [
            ("limit", found.limit),
            ("reserve", found.reserve),
            ("waiting", found.waiting),
            ("cut-off score", _edge(found.cutoff, full=bool(found.waiting))),
            *(("first in" if not n else "", _row(r)) for n, r in _few(found.entering)),
            *(("first out" if not n else "", _row(r)) for n, r in _few(found.leaving[::-1])),
        ]
    )
    if found.then:
        output.text()
        output.table(
            ("feed", "now", "then"),
            ((feed, found.now.get(feed, 0), found.then[feed]) for feed in sorted(found.then)),
        )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _few(rows: Sequence[Indicator]) -> Iterable[tuple[int, Indicator]]:
    return enumerate(rows[:_FIRST])


def _row(row: Indicator) -> str:
    return f"{row.value} ({SHORT_TYPE[row.type]}), score {row.score or 0:g}"


def _record(found: Outcome) -> dict[str, object]:
    record = dataclasses.asdict(dataclasses.replace(found, entering=(), leaving=()))
    for name, rows in (("entering", found.entering), ("leaving", found.leaving[::-1])):
        record[name] = {
            "count": len(rows),
            "first": [
                {"value": r.value, "type": r.type, "score": r.score, "feeds": r.feeds}
                for _, r in _few(rows)
            ],
        }
    return record
