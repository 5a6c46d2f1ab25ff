"""Lists and events in a small world, so that rows and events meet often and in every way.

The same few names, paths, hashes, groups and moments serve hypothesis and seeded campaigns.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import get_args, get_type_hints

from hypothesis import strategies as st

from strategies.builders import row
from tidegate.engines.choices import Choices
from tidegate.engines.event import Event, Observable, Role
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Severity

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MOMENTS = (NOW - SECOND, NOW, NOW + SECOND)
GROUPS = ("", "Servers", "Clients")
SCOPES = ((), (), ("Servers",), ("Clients",), ("Clients", "Servers"))
PROCESSES = ("", "msedge.exe", "MSEDGE.EXE", "chrome.exe")
CONTEXTS: tuple[Mapping[str, tuple[str, ...]], ...] = (
    {},
    {},
    {"file_name": ("invoice.pdf",)},
    {"file_name": ("invoice.exe",)},
)

HOSTS = ("example.com", "a.example.com", "b.a.example.com", "ba.example.com", "example.net")
AUTHORITIES = (*HOSTS, "example.com:8080", "192.0.2.1", "[2001:db8::1]")
PATHS = (
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/b/",
    "/ab",
    "/a//b",
    "/a//",
    "/?q=/a",
    "/a?q=1",
    "/a/b/c.exe?q=/",
)

_HASHES = {
    IndicatorType.FILE_SHA256: 64,
    IndicatorType.FILE_SHA1: 40,
    IndicatorType.FILE_MD5: 32,
    IndicatorType.CERTIFICATE: 40,
}
VALUES: Mapping[IndicatorType, tuple[str, ...]] = {
    **{kind: tuple(digit * length for digit in "ab") for kind, length in _HASHES.items()},
    IndicatorType.IP_ADDRESS: ("192.0.2.1", "192.0.2.2", "2001:db8:0:0:0:0:0:1"),
    IndicatorType.DOMAIN_NAME: HOSTS,
    IndicatorType.URL: tuple(
        f"{scheme}://{authority}{path}"
        for scheme, authority, path in itertools.product(("http", "https"), AUTHORITIES, PATHS)
    ),
}
ALIASES = tuple(
    f"{kind}:{value}"
    for kind in (IndicatorType.FILE_SHA1, IndicatorType.FILE_MD5)
    for value in VALUES[kind]
)
_KINDS = tuple(IndicatorType)
_ROLES = (
    *((role, kind) for role in (Role.FILE, Role.PROCESS) for kind in tuple(_HASHES)[:3]),
    (Role.CERTIFICATE, IndicatorType.CERTIFICATE),
    (Role.REMOTE_IP, IndicatorType.IP_ADDRESS),
    (Role.REMOTE_URL, IndicatorType.URL),
    (Role.REMOTE_URL, IndicatorType.DOMAIN_NAME),
)


def random_row(random: Random, number: int) -> Indicator:
    """A row of the small world."""
    kind = random.choice(_KINDS)
    return row(
        number,
        id=f"{number:012x}",
        type=kind,
        value=random.choice(VALUES[kind]),
        action=random.choice(tuple(Action)),
        severity=random.choice(tuple(Severity)),
        groups=random.choice(SCOPES),
        expires=random.choice((None, None, *MOMENTS)),
        created=random.choice(MOMENTS),
        aliases=tuple(random.sample(ALIASES, random.randrange(3)))
        if kind is IndicatorType.FILE_SHA256
        else (),
        context=random.choice(CONTEXTS),
    )


def random_event(random: Random, number: int) -> Event:
    """An event of the small world: up to four observables, one for each role and type."""
    seen = random.sample(_ROLES, random.randrange(5))
    return Event(
        id=f"e{number}",
        at=random.choice(MOMENTS),
        device=f"pc{number % 7}",
        group=random.choice(GROUPS),
        action="ConnectionSuccess",
        observables=tuple(
            Observable(role, kind, random.choice(VALUES[kind])) for role, kind in seen
        ),
        process=random.choice(PROCESSES),
    )


def options() -> dict[str, tuple[str, ...]]:
    """Every choice with its values, read off the class."""
    return {name: get_args(hint) for name, hint in get_type_hints(Choices).items()}


def random_choices(random: Random) -> Choices:
    """Any combination of choices."""
    return Choices(**{name: random.choice(values) for name, values in options().items()})  # type: ignore[arg-type]


def each_choice() -> Iterator[Choices]:
    """The defaults, and every choice turned away from its default alone."""
    yield Choices()
    for name, values in options().items():
        for value in values[1:]:
            yield replace(Choices(), **{name: value})  # type: ignore[arg-type]


randoms = st.randoms(use_true_random=False)
choices = st.builds(random_choices, randoms)
events = st.builds(random_event, randoms, st.integers(0, 99))


@st.composite
def lists(draw: st.DrawFn, size: int = 30) -> list[Indicator]:
    """A list of the small world."""
    random = draw(randoms)
    return [random_row(random, number) for number in range(draw(st.integers(0, size)))]
