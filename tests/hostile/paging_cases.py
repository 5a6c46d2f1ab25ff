"""Cases 1 to 11, 24 and 25: pages, positions and times that do not add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from driving.homes import bundle
from hostile.case import HONEST, MORE, Case, Ending, Stage, Turn, Way, publishes, turns
from servers import malice
from servers.loopback_taxii import added, indicators
from servers.loopback_taxii20 import beyond, range_ignored, said
from servers.publisher import Publisher

SWEEPS = "a sweep of the whole collection from time to time"

SAME_TIME = tuple(indicators(1010)[10:])
OLDER = tuple({**each, "modified": "2025-06-01T00:00:00.000Z", "name": "old"} for each in HONEST)
REWIND = ("feeds", "rewind", "acme")
_REPEATS = "repeats a page instead of going on"
_NO_WAY_ON = "says that there is more, but not how to ask for it"


def emptied(stage: Stage) -> None:
    """Withdraw everything at once."""
    server = stage.server
    server.objects, server.raw, server.times = [], [], []


def published(objects: Sequence[dict[str, Any]]) -> Turn:
    """One document in place of the one before."""
    return turns(Publisher(bundle(list(objects)), etag='"another"'))


CASES = (
    Case(
        1,
        "more without next",
        (
            Way(
                turn=turns(malice.more_without_next, more=True),
                ending=Ending(arrived=10, advances=True, requests=3),
            ),
            Way(
                name="and without times",
                turn=turns(malice.more_without_next, more=True, dated=False),
                ending=Ending(says=_NO_WAY_ON, arrived=5),
            ),
        ),
    ),
    Case(
        2,
        "repeated next",
        (Way(turn=turns(malice.repeated_next), ending=Ending(says=_REPEATS, requests=3)),),
    ),
    Case(
        3,
        "alternating next",
        (
            Way(
                turn=turns(malice.alternating_next(), more=True),
                ending=Ending(says=_REPEATS, arrived=10, requests=4),
            ),
        ),
    ),
    Case(
        4,
        "empty pages with more",
        (
            Way(
                turn=turns(malice.empty_pages()),
                ending=Ending(says="sent an empty page and says that there is more", requests=3),
            ),
        ),
    ),
    Case(
        5,
        "endless fresh tokens",
        (
            Way(
                name="new versions for ever",
                turn=turns(malice.endless_pages(fresh_objects=True)),
                caps={"pages": 40},
                # The times rise, and all up to the last page is committed.
                ending=Ending(
                    code=7,
                    says="did not end within 40 pages",
                    changed=2,
                    advances=True,
                    requests=41,
                ),
            ),
            Way(
                name="more objects than may be",
                turn=turns(malice.endless_pages(fresh_objects=True)),
                caps={"objects": 10},
                ending=Ending(code=7, says="more than 10 objects", changed=2, requests=7),
            ),
            Way(
                name="the same for ever",
                turn=turns(malice.endless_pages(fresh_objects=False)),
                ending=Ending(says=_REPEATS, requests=3),
            ),
        ),
    ),
    Case(
        6,
        "inclusive added_after",
        (
            Way(
                name="without next",
                turn=turns(malice.more_without_next, more=True, inclusive=True),
                ending=Ending(arrived=10, advances=True, requests=4),
            ),
            Way(
                name="with more for ever",
                turn=turns(malice.always_more, more=True, inclusive=True),
                ending=Ending(says=_REPEATS, arrived=10, advances=True, requests=5),
            ),
            Way(name="nothing new", turn=turns(inclusive=True), ending=Ending()),
        ),
    ),
    Case(
        7,
        "a thousand objects at one time",
        tuple(
            Way(
                name=name,
                source={"page_size": 100},
                turn=turn,
                floods=True,
                ending=Ending(
                    arrived=1000, listed=1000, advances=True, requests=11, kilobytes=1000
                ),
            )
            for name, turn in (
                ("fresh tokens", publishes(*SAME_TIME, at=added(10))),
                (
                    "one token",
                    lambda stage: (
                        publishes(*SAME_TIME, at=added(10))(stage),
                        turns(one_token=True)(stage),
                    )[1],
                ),
            )
        ),
    ),
    Case(
        8,
        "late insert with an early time",
        (
            Way(
                name="a poll sees it near its position",
                turn=publishes(MORE[0], at=added(3)),
                ending=Ending(arrived=1),
            ),
            Way(
                name="a read from the beginning does",
                turn=publishes(MORE[0], at=added(3)),
                first=REWIND,
                ending=Ending(arrived=1, requests=4),
            ),
            Way(
                name="a sweep does",
                days=8,
                turn=publishes(MORE[0], at=added(3)),
                ending=Ending(arrived=1, requests=8),
            ),
        ),
    ),
    Case(
        9,
        "times that are none",
        tuple(
            Way(
                name=text,
                turn=turns(malice.stamped(text), more=True),
                ending=Ending(arrived=10, requests=3),
            )
            for text in ("undefined", "Tue, 01 Nov 2026 00:00:00 GMT", "2020-01-01T00:00:00Z")
        ),
    ),
    Case(
        10,
        "2.0 without Content-Range",
        (
            Way(
                name="all at once",
                source={"kind": "taxii20"},
                turn=turns(range_ignored, more=True),
                ending=Ending(arrived=10, advances=True),
            ),
            Way(
                name="page by page",
                source={"kind": "taxii20"},
                turn=turns(said(None), more=True),
                ending=Ending(arrived=10, advances=True, requests=4),
            ),
            Way(
                # Nothing tells this from all that there is; the next poll goes on behind it.
                name="one page for all",
                source={"kind": "taxii20"},
                turn=turns(said(None, 200), more=True),
                ending=Ending(arrived=5, advances=True),
            ),
        ),
    ),
    Case(
        11,
        "416 on page one",
        (
            Way(
                source={"kind": "taxii20"},
                turn=turns(beyond(None, always=True)),
                ending=Ending(code=7, says="answered 416", requests=4),
            ),
            Way(
                name="of nothing new",
                source={"kind": "taxii20"},
                turn=turns(beyond("items */0")),
                ending=Ending(),
            ),
        ),
    ),
    Case(
        24,
        "feed suddenly empty",
        (
            Way(name="polls take nothing away", turn=emptied, ending=Ending()),
            Way(
                name="publication",
                source={"kind": "https"},
                heals=False,
                turn=published(()),
                ending=Ending(
                    code=3, says="the brake holds 10 changes", gone=10, advances=True, requests=1
                ),
            ),
            Way(
                name="sweep",
                days=8,
                heals=False,
                turn=emptied,
                ending=Ending(code=3, says="the brake holds 10 changes", gone=10),
            ),
        ),
    ),
    Case(
        25,
        "older snapshot replayed",
        (
            Way(
                name="older versions",
                turn=publishes(*OLDER),
                ending=Ending(advances=True, requests=3),
            ),
            Way(
                name="older publication",
                source={"kind": "https"},
                heals=False,
                turn=published(HONEST[:5]),
                ending=Ending(
                    code=3, says="the brake holds 5 changes", gone=5, advances=True, requests=1
                ),
            ),
        ),
    ),
)
