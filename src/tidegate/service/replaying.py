"""What was refused, evaluated anew: does today's policy let it in?

Asks what `apply` would make of objects that the last evaluation refused, in whole or in part, from
the ledger, without a download. Refuses to store the answer: evaluations are kept as a whole, by
what plans with them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from tidegate.errors import UsageError
from tidegate.feed import FeedDefinition
from tidegate.ledger.ledger import Object
from tidegate.ledger.rejected import refused_objects, refusing
from tidegate.mapping.candidate import Outcome, Standing
from tidegate.service.evaluating import context_of, outcomes_of
from tidegate.service.workspace import Workspace, active_feeds


@dataclass(frozen=True, slots=True)
class Still:
    """Why something is still refused: how many values or objects, one of the details."""

    feed: str
    code: str
    count: int
    detail: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What refused objects come to now: objects = mapped + partly + refused + ended + gone.

    `partly` have values that are let in beside some that are not; `gone` are no more in the ledger.
    `values` are let in that were not at the last evaluation. `left_out` are feeds that are off.
    """

    objects: int
    mapped: int
    partly: int
    refused: int
    ended: int
    gone: int
    values: int
    still: tuple[Still, ...]
    left_out: tuple[str, ...]


_BATCH = 500
_MAPPED, _PARTLY, _REFUSED, _ENDED, _GONE = "mapped", "partly", "refused", "ended", "gone"


def replay(ws: Workspace, feed: str | None = None, code: str | None = None) -> Replay:
    """Evaluate what was refused under today's policy and guards, narrowed by feed or reason.

    Raises UsageError for a feed that is off, ConfigError for one that there is none of.
    """
    active = {each.id: each for each in active_feeds(ws)}
    if feed is not None and feed not in active:
        entry = ws.catalogue.get(feed)
        raise entry.error or UsageError(
            f"feed {feed} is switched off", f"`tidegate feeds enable {feed}`"
        )
    chosen = refusing(ws.ledger) if feed is None else (feed,)
    ends: Counter[str] = Counter()
    still: Counter[tuple[str, str]] = Counter()
    details: dict[tuple[str, str], str] = {}
    values = 0
    for ident in (each for each in chosen if each in active):
        for outcome, before in _outcomes(ws, active[ident], code):
            ends[_end(outcome)] += 1
            if outcome is None:
                continue
            values += max(len(outcome.candidates) - before, 0)
            for rejection in outcome.rejections:
                key = ident, rejection.code
                still[key] += 1
                details.setdefault(key, rejection.detail)
    return Replay(
        objects=ends.total(),
        mapped=ends[_MAPPED],
        partly=ends[_PARTLY],
        refused=ends[_REFUSED],
        ended=ends[_ENDED],
        gone=ends[_GONE],
        values=values,
        still=tuple(
            Still(*key, count, details[key])
            for key, count in sorted(still.items(), key=lambda pair: (-pair[1], pair[0]))
        ),
        left_out=tuple(each for each in chosen if each not in active),
    )


def _outcomes(
    ws: Workspace, feed: FeedDefinition, code: str | None
) -> Iterator[tuple[Outcome | None, int]]:
    """What each refused object comes to, and how many values of it were let in before."""
    state, context = ws.ledger.feed(feed.id), context_of(ws, feed)
    for batch in _batches(refused_objects(ws.ledger, feed.id, code)):
        known = [item for item, _ in batch if item is not None]
        outcomes = outcomes_of(ws, feed, known, state, context)
        for item, before in batch:
            yield (None if item is None else next(outcomes)), before


def _end(outcome: Outcome | None) -> str:
    if outcome is None:
        return _GONE
    if outcome.standing is Standing.MAPPED:
        return _PARTLY if outcome.rejections else _MAPPED
    return _ENDED if outcome.standing is Standing.ENDED else _REFUSED


def _batches(
    found: Iterable[tuple[Object | None, int]],
) -> Iterator[list[tuple[Object | None, int]]]:
    rest = iter(found)
    while batch := list(islice(rest, _BATCH)):
        yield batch
