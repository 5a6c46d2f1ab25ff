"""What feeds propose now beside what they proposed before, for the brake.

"Before" is when a feed's part of a plan was last applied, or approved where it was held. There is
no such thing at a feed's first sync, while its first reading has not come to an end, and since the
operator changed its policy or source, or the guards: the fingerprint of what feed.toml and
config.toml say of them was another then. Warninglists are not in it: a broken one is no word of the
operator's. Refuses to judge; allocation.brake does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256

from tidegate.allocation.brake import FeedNumbers
from tidegate.feed import FeedDefinition
from tidegate.ledger.measures import Measure, measures, read_to_its_end, save_measures
from tidegate.service.workspace import Workspace

_ASIDE = {"title", "licence", "every", "enabled"}
"""What a feed.toml says that changes nothing about how much a feed proposes."""


def basis_of(ws: Workspace, feed: FeedDefinition) -> str:
    """Return what tells a feed's policy, source and guards from all others, as 64 hex digits."""
    said = (
        feed.model_dump_json(exclude=_ASIDE),
        repr(ws.settings.guard_settings()),
        repr(sorted(ws.settings.lists.items())),
    )
    return sha256("\0".join(said).encode()).hexdigest()


def numbers_of(
    ws: Workspace, feeds: Iterable[FeedDefinition], counts: Mapping[str, int]
) -> tuple[FeedNumbers, ...]:
    """Compare how many candidates feeds have (`counts`) with before; those without are left out."""
    known = measures(ws.ledger, ws.tenant)
    found = []
    for feed in feeds:
        if feed.id in counts:
            then = known.get(feed.id)
            now = counts[feed.id]
            same = then is not None and then.basis == basis_of(ws, feed)
            before = then.candidates if then is not None and same else None
            ruled_out = not now and then is not None and not before and _lists(ws, feed.id)
            found.append(FeedNumbers(feed.id, now, before, ruled_out))
    return tuple(found)


def _lists(ws: Workspace, feed: str) -> bool:
    """Whether a feed lists any indicator that is neither revoked nor over."""
    state = ws.ledger.feed(feed)
    return state.indicators > state.ended


def let_through(
    ws: Workspace,
    feeds: Iterable[FeedDefinition],
    numbers: Iterable[FeedNumbers],
    waits: Collection[str] = (),
) -> None:
    """Note what feeds propose as ordinary from now on, but for those whose part waits.

    To be called when the plan of these numbers was applied.
    """
    counts = {each.feed: each.now for each in numbers if each.feed not in waits}
    found = {
        feed.id: Measure(basis_of(ws, feed), counts[feed.id])
        for feed in feeds
        if feed.id in counts and read_to_its_end(ws.ledger, feed.id)
    }
    if any(measures(ws.ledger, ws.tenant).get(feed) != found[feed] for feed in found):
        save_measures(ws.ledger, ws.tenant, found)


def approved(ws: Workspace, feeds: Iterable[FeedDefinition], which: Collection[str]) -> None:
    """Note what these feeds proposed at their last evaluation as ordinary: a person said so."""
    found = {
        feed.id: Measure(basis_of(ws, feed), ws.ledger.feed(feed.id).candidates)
        for feed in feeds
        if feed.id in which
    }
    if found:
        save_measures(ws.ledger, ws.tenant, found)
