"""Who holds the slots, in words: a line each, the edges of the list, a feed's report card.

Pure, from the service's account to strings. Refuses widgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from textual.content import Content

from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.service.outlook import DAYS, FeedShare, Outlook, Place
from tidegate.service.reporting import ReportCard
from tidegate.tui.desks.quota import Account
from tidegate.tui.forecast_plot import LEFT, TAKEN, plot
from tidegate.tui.grid_layout import Column
from tidegate.tui.preview import counted
from tidegate.tui.safe import content, fit, stacked
from tidegate.tui.slot_bar import FOREIGN, FREE, HAND, PINNED, RESERVE, bar, letters

LOWEST, HIGHEST = 4, 12
"""Lines of the plot, without its dates."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds slots, or what is free. `share` is of a feed, `card` of one that is on."""

    id: str
    letter: str
    name: str
    held: int
    what: str
    share: FeedShare | None = None
    card: ReportCard | None = None


def holders(account: Account) -> list[Holder]:
    """Feeds by id, then people, others, and what is free; all but the pinned add up."""
    quota, feeds = account.quota, account.ahead.feeds
    signs = letters(feed.id for feed in feeds)
    kept = min(quota.reserve, quota.free)
    return [
        *(
            Holder(
                f"feed {feed.id}", signs[feed.id], feed.id, feed.held,
                "" if feed.id in account.cards else "off: its rows stay until they expire",
                feed, account.cards.get(feed.id),
            )
            for feed in feeds
        ),
        Holder("hand", HAND, "by hand", quota.manual, "rows that people added: no feed takes them"),
        Holder("foreign", FOREIGN, "foreign", quota.foreign, "made by others in the tenant"),
        Holder("reserve", RESERVE, "reserve", kept, "free, and kept from feeds for people"),
        Holder("free", FREE, "free", quota.free - kept, "free for anybody"),
        Holder("pinned", PINNED, "pinned", quota.pinned, "of those above: every sync keeps them"),
    ]  # fmt: skip


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _days(when: datetime | None, now: datetime) -> str:
    return "" if when is None else f"{max(now - when, timedelta()).days}d"


def _unique(it: Holder, _now: datetime) -> str:
    return "" if it.card is None else _percent(it.card.unique_share)


def _guards(it: Holder, _now: datetime) -> str:
    return "" if it.card is None else f"{sum(it.card.guards.values()):,}"


def _news(it: Holder, now: datetime) -> str:
    return "" if it.card is None else _days(it.card.newest, now)


def _floor(it: Holder, _now: datetime) -> str:
    return "" if it.share is None else f"{it.share.floor:,}"


def _waiting(it: Holder, _now: datetime) -> str:
    return "" if it.share is None else f"{it.share.waiting:,}"


def _ceiling(it: Holder, _now: datetime) -> str:
    if it.share is None:
        return ""
    return "none" if it.share.ceiling is None else f"{it.share.ceiling:,}"


COLUMNS: tuple[Column[Holder], ...] = (
    Column("letter", "", 1, lambda it, _: it.letter),
    Column("name", "HOLDER", 0, lambda it, _: it.name, least=12),
    Column("held", "HELD", 7, lambda it, _: f"{it.held:,}", right=True),
    Column("floor", "FLOOR", 7, _floor, right=True),
    Column("ceiling", "CEILING", 7, _ceiling, right=True),
    Column("waiting", "WAITING", 9, _waiting, right=True),
    Column("unique", "UNIQUE", 6, _unique, right=True),
    Column("guards", "GUARDS", 6, _guards, right=True),
    Column("news", "NEWS", 5, _news, right=True),
)
SPARE = ("guards", "news", "unique")
"""Columns that a narrow table goes without, the first of them first."""


def slots(account: Account, width: int) -> Content:
    """The bar, how full it is, where the list ends and who is next to cross its end."""
    quota, ahead = account.quota, account.ahead
    found = holders(account)
    full = " FULL" if quota.used >= quota.limit else ""
    told = f" {quota.used:,} of {quota.limit:,}{full}"
    room = max(width - len(told) - 4, 10)
    parts = [(it.letter, it.held) for it in found if it.id != "pinned"]
    lines = [content(" [", (bar(parts, room), "bold"), "]", told)]
    if quota.pinned:
        others = max(quota.used, quota.limit) - quota.pinned
        pinned = bar([(PINNED, quota.pinned), (" ", others)], room)
        lines.append(content("  ", pinned, f"  {quota.pinned:,} pinned"))
    edge = f"cut-off {quota.cutoff:g}" if quota.cutoff is not None else _edge(account)
    waiting = f"{quota.waiting:,} waiting" if quota.waiting else "nothing waits"
    lines += [
        content(f" {edge} · {waiting} · {quota.expiring_7d:,} end within 7 days"),
        content(" next in   ", _place(ahead.next_in) or _none_in(account)),
        content(" next out  ", _next_out(ahead)),
    ]
    return stacked(lines)


def _edge(account: Account) -> str:
    """Why there is no score at which the list ends."""
    quota = account.quota
    if quota.used < quota.limit - quota.reserve:
        return "the list is not full"
    return "no cut-off between feeds (floors, pins, people)"


def _next_out(ahead: Outlook) -> str:
    """Who goes first: by rank, and where that is another one, for a row that a person adds."""
    first, gives_way = ahead.next_out, ahead.gives_way
    if gives_way is None or gives_way == first:
        return _place(first) or "no row of a feed could go"
    if first is None:
        return f"none between feeds; for one by hand {gives_way.value} of {gives_way.feed}"
    return f"{_place(first)}; for one by hand {gives_way.value}"


def _none_in(account: Account) -> str:
    """Why nothing that waits could come in, in short."""
    waiting = account.quota.waiting
    if waiting and account.ahead.covered >= waiting:
        return "none: rows of the list protect against what waits already"
    return "nothing that waits could come in"


def _place(place: Place | None) -> str:
    if place is None:
        return ""
    return f"{place.value}  {SHORT_TYPE[place.type]} of {place.feed}, score {place.score:g}"


def forecast(account: Account, now: datetime, width: int, height: int = LOWEST) -> Content:
    """What frees up and comes in, if feeds say nothing new, in a plot as high as there is room."""
    days = account.ahead.forecast
    if not days:
        return content(f"Forecast: no row ends within {DAYS} days")
    lines = max(LOWEST, min(height, HIGHEST))
    freed, promoted = sum(day.freed for day in days), sum(day.promoted for day in days)
    head = (
        f"Forecast of {DAYS} days: {counted(freed, 'row')} {'ends' if freed == 1 else 'end'}"
        f" ({promoted:,} taken by what waits: {TAKEN}; {freed - promoted:,} left free: {LEFT})"
    )
    return stacked((content(head), *map(content, plot(days, now.date(), width, lines))))


def one_line(it: Holder, now: datetime) -> Content:
    """A holder in one line."""
    return content(" ", (it.name, "bold"), f"  {_brief(it, now)}")


def few_lines(it: Holder, now: datetime) -> Content:
    """A holder in three lines."""
    return stacked(
        (
            content(" ", (it.name, "bold"), f"  {counted(it.held, 'slot')}"),
            content(f" {_brief(it, now)}"),
            content(f" {_shared(it.card)}" if it.card is not None else ""),
        )
    )


def _brief(it: Holder, now: datetime) -> str:
    if it.card is None:
        return it.what
    alone = _percent(it.card.unique_share) or "none"
    news = _days(it.card.newest, now)
    aged = f", newest evidence {news} old" if news else ""
    return f"{it.card.values:,} values, {alone} of them no other feed has{aged}"


def _shared(card: ReportCard) -> str:
    shared = ", ".join(f"{feed} {card.share_of(feed):.0%}" for feed in card.overlap)
    return f"shares with {shared}" if shared else "shares nothing with other feeds"


def whole(it: Holder, now: datetime) -> Content:
    """All about a holder: of a feed its report card."""
    lines = [content((f"{it.letter} {it.name}", "bold")), content("")]
    pairs = [("holds", counted(it.held, "slot"))]
    if it.what:
        pairs.append(("", it.what))
    if it.share is not None:
        ceiling = "none" if it.share.ceiling is None else f"{it.share.ceiling:,}"
        pairs += [
            ("floor", f"{it.share.floor:,}"),
            ("ceiling", ceiling),
            ("waiting", counted(it.share.waiting, "row")),
        ]
    lines += (content((f"{name:<10} ", "dim"), text) for name, text in pairs)
    if it.card is not None:
        lines += [content(""), content(("REPORT CARD", "bold"))]
        lines += (content((f"{name:<10} ", "dim"), text) for name, text in _card(it.card, now))
        lines += [content(""), content("t tries another floor or ceiling; E in Feeds saves it")]
    return stacked(lines)


def _card(card: ReportCard, now: datetime) -> list[tuple[str, str]]:
    per = card.slots_per_sighting
    cost = "" if per is None else f", {per:.2g} slots for each"
    pairs = [
        ("trust", f"{card.trust}"),
        ("values", f"{card.values:,}, of {card.candidates:,} candidates"),
        ("unique", f"{_percent(card.unique_share) or 'none'}: no other feed has them"),
    ]
    pairs += (
        ("shares" if not place else "", f"{fit(feed, 20)} {count:>7,}  {card.share_of(feed):.0%}")
        for place, (feed, count) in enumerate(card.overlap.items())
    )
    pairs += (
        ("guards" if not place else "", f"{guard} refused {count:,}")
        for place, (guard, count) in enumerate(card.guards.items())
    )
    rejected = _percent(card.rejected_share)
    pairs.append(("rejected", f"{rejected} of its indicators" if rejected else "nothing read yet"))
    if card.newest is not None:
        aged = f"{_days(card.newest, now)} old the newest, {_days(card.median, now)} the median"
        pairs.append(("news", aged))
    pairs.append(("sightings", f"{card.sightings:,}{cost}"))
    return pairs
