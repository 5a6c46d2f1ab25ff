"""What every door for feeds looks like: pages of raw STIX objects, and a check in steps.

Owns the protocol and its page. Refuses to interpret: a source hands on decoded JSON objects as they
came, and counts what was none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from tidegate.errors import TidegateError

Progress = Callable[[str], None]
"""What hears, in a line for people, why a source waits."""


def unheard(_: str) -> None:
    """Tell nobody."""


Heard = Callable[[str, datetime], object]
"""What hears which host says that it is what time (UTC)."""


def untimed(_: str, __: datetime) -> None:
    """Tell nobody."""


class Pin(Protocol):
    """Where a source keeps, from one pull to the next, how its collection was found."""

    def recall(self) -> tuple[str, str, str] | None:
        """Return the TAXII version, API root and id that were kept; None when nothing was."""

    def keep(self, version: str, root: str, collection: str) -> None:
        """Keep these from now on."""


class Unpinned:
    """Keeps nothing: each pull finds its way anew."""

    def recall(self) -> None:
        """Return nothing."""

    def keep(self, version: str, root: str, collection: str) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One page of a feed.

    `junk` counts entries that are no objects. `cursor` is to be stored when this page is committed;
    None keeps the stored one. `published` is when the publication that this page belongs to was
    made, where that is known. `unchanged` says that the publication is, object for object, the one
    that the stored cursor came with, and is not sent again; `junk` is what it held beside objects.
    `note` says, in our words, that a source stopped here although more was announced; empty
    otherwise. `sure` says of the last page of a reading that nothing is known to be missing.
    `repairs` names what of the container was read leniently.
    """

    objects: tuple[dict[str, object], ...]
    junk: int
    cursor: str | None
    published: datetime | None
    note: str = ""
    repairs: tuple[str, ...] = ()
    unchanged: bool = False
    sure: bool = True


class CheckStep(NamedTuple):
    """One step of `feeds check`; `detail` may hold a feed's own text and is shown made safe."""

    step: str
    ok: bool
    detail: str


class FeedSource(Protocol):
    """A door that feeds come in by. To add one: implement this, add a line in opening.py."""

    @property
    def whole(self) -> bool:
        """Whether each read is the complete publication, so that what is missing has gone.

        The cursor of such a source names a publication, not a place in it, and is stored when all
        of it is here.
        """

    def pages(self, cursor: str | None) -> Iterator[FeedPage]:
        """Yield what is later than `cursor` (None: everything); raises FeedError.

        Pages yielded before an error stand.
        """

    def checks(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield named steps towards the first page; each gives a detail or raises."""


def check_steps(source: FeedSource) -> Iterator[CheckStep]:
    """Walk a source's checks up to the first that fails."""
    for step, run in source.checks():
        try:
            yield CheckStep(step, True, run())
        except TidegateError as error:
            yield CheckStep(step, False, str(error))
            return
