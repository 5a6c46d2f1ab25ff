"""Judging what the ledger holds of the feeds, under their policies, the guards and the context.

What was judged before stands as long as it rests on the same basis: the feed's policy and
publication, the guards' settings and lists, the dialect, and this very code. Then only objects that
are new, changed or due are judged. Owns the basis. Refuses to pull, to rank, and to write to a
ledger that is only looked at: there it works aside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import tidegate
from tidegate.feed import FeedDefinition
from tidegate.ledger.judging import Judged, Sight, outstanding, save_evaluation, sights
from tidegate.ledger.ledger import FeedState, Object
from tidegate.ledger.refused import contested, contested_outcome, refusals
from tidegate.mapping.candidate import Outcome, Rejection
from tidegate.mapping.translate import reject_object, translate
from tidegate.service.collecting import uncollected
from tidegate.service.workspace import Workspace
from tidegate.stix.context import TYPES, FeedContext
from tidegate.stix.objects import Defect, read_indicator

_CODE = (
    "feed/*.py",
    "indicators/*.py",
    "mapping/*.py",
    "stix/*.py",
    "ledger/candidates.py",
    "ledger/judging.py",
    "ledger/refused.py",
)
"""Modules that decide what an object comes to, and in which form that is kept."""

_LIBRARIES = ("ada-url", "idna", "publicsuffixlist")
"""Libraries that do, too: canonical forms and the guards rest on them."""

_NO_MATTER = {"description", "homepage", "licence", "every", "enabled", "source", "share"}
"""Keys of a feed.toml that change no object's end."""


@dataclass(frozen=True, slots=True)
class FeedEvaluation:
    """A feed whose objects are judged; `state` has the counts."""

    feed: str
    state: FeedState


def context_of(ws: Workspace, feed: FeedDefinition) -> FeedContext:
    """What a feed says around its indicators, but for what it contradicts itself in."""
    unused = contested(ws.ledger, feed.id)
    around = ws.ledger.objects_of(feed.id, TYPES)
    return FeedContext((raw for raw in around if raw["id"] not in unused), feed.tlp_default)


def outcomes_of(
    ws: Workspace,
    feed: FeedDefinition,
    objects: Iterable[Object],
    state: FeedState,
    context: FeedContext,
) -> Iterator[Outcome]:
    """Translate a feed's indicators under its policy, each as it is asked for, in their order.

    One bad object never sinks the rest.
    """
    now, guards, dialect = ws.clock(), ws.guards, ws.dialect
    heard, published = _heard(state), _published(state)
    unused = contested(ws.ledger, feed.id)
    for raw in objects:
        if unused and raw.get("id") in unused:
            yield contested_outcome(feed.id, str(raw["id"]))
            continue
        indicator = read_indicator(raw)
        if isinstance(indicator, Defect):
            yield reject_object(indicator, str(raw["id"]), feed.id)
        else:
            around = context.of(indicator.id)
            yield translate(indicator, feed, guards, dialect, published, now, heard, around)


def _heard(state: FeedState) -> datetime | None:
    """When the feed was last asked, which tells best what time it was; later is the future."""
    return state.last_attempt or state.last_success


def _published(state: FeedState) -> datetime | None:
    """When the publication was made, no later than it was asked for.

    Some servers date it by a clock that is a second ahead, or by the end of the answer. As evidence
    from the future it would have each object judged again at each plan.
    """
    known = [when for when in (state.published, _heard(state)) if when is not None]
    return None if state.published is None else min(known)


def evaluate_feeds(
    ws: Workspace,
    feeds: Sequence[FeedDefinition],
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[FeedEvaluation, ...]:
    """Judge what is to be judged of these feeds."""
    with uncollected():
        return tuple(evaluate_feed(ws, feed, progress) for feed in feeds)


def evaluate_feed(
    ws: Workspace, feed: FeedDefinition, progress: Callable[[str], None] = lambda _: None
) -> FeedEvaluation:
    """Judge what is to be judged of one feed."""
    ledger = ws.ledger
    if ws.read_only:
        ledger.go_aside()
    while True:
        state = ledger.feed(feed.id)
        basis = basis_of(ws, feed, state)
        todo = outstanding(ledger, feed.id, basis, state.junk, ws.clock(), TYPES)
        if todo is None:
            return FeedEvaluation(feed.id, state)
        progress(f"reading what {feed.id} said")
        context = context_of(ws, feed)
        extra = (*_unread(state), *refusals(ledger, feed.id))
        found = _judged(ws, feed, sights(ledger, feed.id, todo.ids), state, context)
        # Where another process was quicker, its evaluation leaves less to do, or is made anew.
        if save_evaluation(ledger, feed.id, found, extra, outstanding=todo, basis=basis):
            return FeedEvaluation(feed.id, ledger.feed(feed.id))


def _judged(
    ws: Workspace,
    feed: FeedDefinition,
    seen: Iterable[Sight],
    state: FeedState,
    context: FeedContext,
) -> Iterator[Judged]:
    versions: list[Sight] = []

    def objects() -> Iterator[Object]:
        for sight in seen:
            versions.append(sight)
            yield sight.object

    for outcome in outcomes_of(ws, feed, objects(), state, context):
        sight = versions.pop()
        yield Judged(outcome, sight.digest, sight.revoked)


def _unread(state: FeedState) -> tuple[Rejection, ...]:
    """Entries of the feed's pages that were no STIX objects at all."""
    if not state.junk:
        return ()
    detail = f"{state.junk} entries in this feed's pages are not JSON objects"
    return (Rejection(state.id, "", "not_an_object", detail),)


def basis_of(ws: Workspace, feed: FeedDefinition, state: FeedState) -> bytes:
    """A fingerprint of all that decides what a feed's objects come to, but for them and time."""
    parts = (
        _code(),
        feed.model_dump_json(exclude=_NO_MATTER),
        ws.settings.dialect,
        repr(ws.settings.guard_settings()),
        repr(sorted(ws.settings.lists.items())),
        ws.lists_mark,
        repr(_published(state)),
    )
    return hashlib.sha256("\0".join(parts).encode()).digest()


@cache
def _code() -> str:
    """What judges: its own source, and the libraries that it rests on."""
    digest = hashlib.sha256()
    root = Path(tidegate.__file__).parent
    for pattern in _CODE:
        for path in sorted(root.glob(pattern)):
            digest.update(path.read_bytes())
    return " ".join([digest.hexdigest(), *(version(name) for name in _LIBRARIES)])
