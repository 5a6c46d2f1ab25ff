"""The shape of a case: what a server does once it turns hostile, and what the pull comes to then.

A case is played in `test_cases.py`: an honest pull first, so that list, ledger and cursor hold
something; then the server turns, and the next `sync` must end as the case says, in bounds, with
what was there before untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from servers.certificates import Authority
from servers.loopback_taxii import LoopbackTaxii, Malice, indicators

HONEST = tuple(indicators(10))
"""What a collection holds before its server turns."""

MORE = tuple(indicators(20)[10:])
"""What is published as it turns, where something is."""

ROBUST = 'action = "Alert and block"\nseverity = "High"\nexpires = "never"\n'


@dataclass(frozen=True)
class Stage:
    """The servers of a case: the one that is pulled, and one that nobody may be led to."""

    server: LoopbackTaxii
    other: LoopbackTaxii
    authority: Authority | None = None


Turn = Callable[[Stage], None]


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What a pull from a hostile server comes to.

    `code` is the exit code and `says` a part of what stderr says. `arrived`, `changed` and `gone`
    count objects in the ledger, `listed` new rows (None: as many as arrived), `withdrawn` rows that
    rightly went, `rejected` counts the rejections by code. `values` are rows that must be there,
    with some of their fields. `advances` says that the cursor rightly moves. The rest are bounds:
    `requests` and `kilobytes` as the server counts them, `seconds`, `waits` in seconds that the
    pull would have slept, `megabytes` of memory for a process of its own.
    """

    code: int = 0
    says: str = ""
    arrived: int = 0
    changed: int = 0
    gone: int = 0
    withdrawn: int = 0
    listed: int | None = None
    rejected: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    advances: bool = False
    requests: int = 2
    kilobytes: int = 64
    seconds: float = 10
    waits: float = 0
    megabytes: int = 0


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to play a case.

    `source` are keys of feed.toml's `[source]` over the usual ones, `policy` its `[default]`.
    `manner` is how the server speaks while it is honest, where that is not plain TAXII 2.1. `caps`
    are fields of `Limits` in place of the shipped ones. `honest` is what the collection holds at
    first, `neighbour` what another feed of the home does. `first` is a command before the pull.
    `names` are the addresses that the resolver gives for the feed's host, one after the other, once
    the server turns, `days` how much later that is. `heals` says that a later pull from an honest
    server brings all that it holds. `floods` says that it brings so much that the brake would hold
    it, had the operator not raised its thresholds.
    """

    turn: Turn
    ending: Ending
    name: str = ""
    source: Mapping[str, object] = field(default_factory=dict)
    manner: Malice | None = None
    policy: str = ROBUST
    caps: Mapping[str, Any] = field(default_factory=dict)
    honest: tuple[dict[str, Any], ...] = HONEST
    neighbour: tuple[dict[str, Any], ...] = ()
    first: tuple[str, ...] = ()
    tls: bool = False
    names: tuple[str, ...] = ()
    days: int = 0
    heals: bool = True
    floods: bool = False


@dataclass(frozen=True)
class Case:
    """One hostile input or fault of the catalogue, and the ways in which it comes."""

    number: int
    name: str
    ways: tuple[Way, ...]


def turns(malice: Malice | None = None, *, more: bool = False, **state: object) -> Turn:
    """A server that behaves as `malice` from now on, with more objects, or in another state."""

    def turn(stage: Stage) -> None:
        if more:
            stage.server.publish(MORE)
        stage.server.malice = malice
        for name, value in state.items():
            setattr(stage.server, name, value)

    return turn


def publishes(*objects: Mapping[str, Any], at: str = "") -> Turn:
    """An honest server that publishes more, which is where the malice lies."""
    return lambda stage: stage.server.publish([dict(each) for each in objects], at)
