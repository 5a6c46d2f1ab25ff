"""A TAXII collection in memory, what happens to it between polls, and what fails during them.

The server keeps to TAXII 2.1 in one of the ways seen in the field: a fresh `next` for each page,
one for the whole pull that it moves on behind (medallion), or none; `added_after` strict or
inclusive. Of an object with several versions it shows the latest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from tidegate.errors import FeedUnavailable
from tidegate.taxii.faults import StatusRefused
from tidegate.taxii.paging import Query
from tidegate.taxii.reply import Reply

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_IDS = 12


class Tokens(StrEnum):
    """What a server writes into `next`."""

    FRESH = "fresh"
    ONE = "one"
    NONE = "none"


class Fault(StrEnum):
    """What goes wrong at one request, or with the page that it brought."""

    REFUSED = "refused"
    """The server fails for good before it does anything."""
    LOST = "lost"
    """It serves, and the answer is lost for good."""
    LOST_ONCE = "lost once"
    """It serves, the answer is lost, and the request is sent again."""
    RESTART = "restart"
    """It forgets its tokens."""
    KILLED_BEFORE = "killed before the commit"
    KILLED_AFTER = "killed after the commit"


def moment(number: int) -> str:
    """Return a time as this server writes it."""
    return f"{_EPOCH + timedelta(milliseconds=number):%Y-%m-%dT%H:%M:%S.%f}Z"


@dataclass(frozen=True)
class Addition:
    """One version of an object, added so many milliseconds after the one before."""

    step: int
    ident: int


@dataclass(frozen=True)
class Poll:
    """What is added before a poll, and what fails during it, by the number of the request."""

    batch: tuple[Addition, ...]
    faults: Mapping[int, Fault]


@dataclass(frozen=True)
class Story:
    """A server and the polls of it, the last of which nothing disturbs."""

    tokens: Tokens
    inclusive: bool
    size: int
    polls: tuple[Poll, ...]


@dataclass
class Collection:
    """The server; `asked` counts requests, `most` is the largest page that it gives."""

    tokens: Tokens
    inclusive: bool
    asked: int = 0
    most: int = 1000
    entries: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _left: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)

    @property
    def latest(self) -> dict[str, str]:
        """What anybody who polls should end up with: the time of each object's last version."""
        last: dict[str, str] = {}
        for _, each in self.entries:
            last[each["id"]] = max(last.get(each["id"], ""), each["modified"])
        return last

    @property
    def shown(self) -> list[tuple[str, dict[str, Any]]]:
        """The last version of each object, in the order of addition."""
        last = self.latest
        return [entry for entry in self.entries if last[entry[1]["id"]] == entry[1]["modified"]]

    def add(self, time: int, ident: int) -> None:
        """Add a version of an object, later than all there are of it, at a time, late or not."""
        number = len(self.entries)
        version = {
            "type": "indicator",
            "id": f"indicator--{ident}",
            "modified": moment(1_000_000 + number),
            "pattern": f"[domain-name:value = 'h{ident}.example.com']",
        }
        self.entries.append((moment(time), version))
        self.entries.sort(key=lambda entry: entry[0])

    def restart(self) -> None:
        """Forget all tokens."""
        self._left.clear()

    def answer(self, filters: Query) -> Reply:
        """Answer a request for objects; raises StatusRefused for a token that is not known."""
        self.asked += 1
        token = str(filters.get("next", ""))
        if token and token not in self._left:
            raise StatusRefused("x answered 400", "", 400)
        after = str(filters.get("added_after", ""))
        rest = self._left[token] if token else self.shown
        found = [e for e in rest if e[0] > after or (self.inclusive and e[0] == after)]
        size = min(int(filters["limit"]), self.most)
        page, rest = found[:size], found[size:]
        document: dict[str, Any] = {"more": bool(rest), "objects": [each for _, each in page]}
        if rest and self.tokens is not Tokens.NONE:
            document["next"] = self._token(token, rest)
        return Reply(document, page[0][0] if page else None, page[-1][0] if page else None)

    def _token(self, current: str, rest: list[tuple[str, dict[str, Any]]]) -> str:
        fresh = f"t{self.asked}"
        name = current if current and self.tokens is Tokens.ONE else fresh
        self._left[name] = rest
        return name


def disturbed(collection: Collection, faults: Mapping[int, Fault]) -> Callable[[Query], Reply]:
    """Ask a collection, where some requests of a poll fail."""
    first = collection.asked

    def fetch(filters: Query) -> Reply:
        fault = faults.get(collection.asked - first)
        if fault is Fault.REFUSED:
            collection.asked += 1
            raise FeedUnavailable("x answered 500", "")
        if fault is Fault.RESTART:
            collection.restart()
        reply = collection.answer(filters)
        if fault is Fault.LOST:
            raise FeedUnavailable("x broke off", "")
        if fault is Fault.LOST_ONCE:
            again = collection.answer(filters)
            return Reply(again.document, again.added_first, again.added_last, served_twice=True)
        return reply

    return fetch


def told(story: Story, collection: Collection, batch: Sequence[Addition], start: int) -> int:
    """Add a batch, later than `start`, at times that no more objects share than polls can see.

    Returns the last time.
    """
    time = start + 1
    for number, addition in enumerate(batch):
        time += addition.step if number else 0
        collection.add(time, addition.ident)
    return time


ADDITIONS = st.builds(Addition, step=st.integers(0, 1), ident=st.integers(0, _IDS - 1))
FAULTS = st.dictionaries(st.integers(0, 5), st.sampled_from(list(Fault)), max_size=2)
POLLS = st.builds(Poll, st.lists(ADDITIONS, max_size=8).map(tuple), FAULTS)
STORIES = st.builds(
    Story,
    tokens=st.sampled_from(list(Tokens)),
    inclusive=st.booleans(),
    size=st.integers(2, 4),
    polls=st.lists(POLLS, min_size=1, max_size=4).map(tuple),
)
