"""What feeds propose now beside what they proposed before, for the brake.

"Before" is when a feed's part of a plan was last applied, or approved where it was held. There is
no such thing at a feed's first sync, while its first reading has not come to an end, and since the
operator changed its policy or source: the fingerprint of what its feed.toml says was another then.
Refuses to judge; allocation.brake does.
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


def basis_of(feed: FeedDefinition) -> str:
    """Return what tells a feed's policy and source from every other, as 64 hex digits."""
    return sha256(feed.model_dump_json(exclude=_ASIDE).encode()).hexdigest()


def numbers_of(
    ws: Workspace, feeds: Iterable[FeedDefinition], counts: Mapping[str, int]
) -> tuple[FeedNumbers, ...]:
    """Compare how many candidates feeds have (`counts`) with before; those without are left out."""
    known = measures(ws.ledger, ws.tenant)
    found = []
    for feed in feeds:
        if feed.id in counts:
            then = known.get(feed.id)
            same = then is not None and then.basis == basis_of(feed)
            before = then.candidates if then is not None and same else None
            found.append(FeedNumbers(feed.id, counts[feed.id], before))
    return tuple(found)


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
        feed.id: Measure(basis_of(feed), counts[feed.id])
        for feed in feeds
        if feed.id in counts and read_to_its_end(ws.ledger, feed.id)
    }
    if any(measures(ws.ledger, ws.tenant).get(feed) != found[feed] for feed in found):
        save_measures(ws.ledger, ws.tenant, found)


def approved(ws: Workspace, feeds: Iterable[FeedDefinition], which: Collection[str]) -> None:
    """Note what these feeds proposed at their last evaluation as ordinary: a person said so."""
    found = {
        feed.id: Measure(basis_of(feed), ws.ledger.feed(feed.id).candidates)
        for feed in feeds
        if feed.id in which
    }
    if found:
        save_measures(ws.ledger, ws.tenant, found)
