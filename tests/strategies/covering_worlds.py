"""Lists in which rows often name what others name as well, and events that tell them apart.

Unlike `engine_worlds`, events are as telemetry has them: a file shows the hashes of one file, and a
connection is one, spelled as RemoteUrl is, with one address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from strategies.builders import row
from strategies.engine_worlds import GROUPS, MOMENTS, PROCESSES, SCOPES
from tidegate.allocation.merge import Wanted
from tidegate.engines.choices import Choices
from tidegate.engines.event import Event, Observable, Role
from tidegate.engines.matcher import Matcher
from tidegate.engines.observing import address, connection
from tidegate.engines.registry import ENGINES
from tidegate.engines.verdict import Engine, Verdict
from tidegate.indicators.indicator import EMPTY, Indicator, row_id
from tidegate.indicators.kinds import FILE_TYPES, Action, IndicatorType, Origin, Severity
from tidegate.indicators.value import canonical

T = IndicatorType
NAMES = ("example.com", "a.example.com", "b.a.example.com", "c.b.a.example.com", "ba.example.com")
PORTS = ("", "", "", "", ":8080", ":443")
PATHS = ("", "/", "/", "/a", "/a", "/a/", "/a/b", "/a/b/", "/a/b/c", "/ab", "/a//b", "/a//")
QUERIES = ("", "", "", "?q=1", "?r=2")
ADDRESSES = ("192.0.2.1", "192.0.2.2")
THUMBPRINT = "f" * 40
FILES = tuple({T.FILE_SHA256: x * 64, T.FILE_SHA1: x * 40, T.FILE_MD5: x * 32} for x in ("a", "b"))
_KINDS = (
    *(T.DOMAIN_NAME,) * 4,
    *(T.URL,) * 6,
    *FILE_TYPES,
    *FILE_TYPES,
    T.IP_ADDRESS,
    T.CERTIFICATE,
)


class Palette(NamedTuple):
    """What a list's rows and events have to choose from: few things, so that they often meet."""

    actions: Sequence[Action]
    severities: Sequence[Severity]
    scopes: Sequence[tuple[str, ...]]
    kinds: Sequence[IndicatorType]
    hosts: Sequence[str]
    ports: Sequence[str]
    paths: Sequence[str]
    queries: Sequence[str]

    @classmethod
    def drawn(cls, random: Random) -> Palette:
        """A palette; most have one action, or another one that is rare."""
        usual, rare = random.choices(tuple(Action), k=2)
        mild, severe = random.choices(tuple(Severity), k=2)
        return cls(
            (usual,) * random.choice((1, 4, 8)) + (rare,),
            (mild,) * random.choice((1, 4)) + (severe,),
            random.choice((((),), SCOPES)),
            random.choice((_KINDS, (T.URL,) * 4 + (T.DOMAIN_NAME,), FILE_TYPES)),
            random.choices((*NAMES[:3], ADDRESSES[0]), k=random.choice((1, 3))),
            random.choice((("",), PORTS)),
            random.choices(PATHS, k=random.choice((1, 2, 6))),
            random.choice((("",), QUERIES)),
        )

    def url(self, random: Random) -> str:
        """A URL as somebody may write it."""
        scheme, host = random.choice(("http", "https")), random.choice(self.hosts)
        where = host + random.choice(self.ports) + random.choice(self.paths)
        return f"{scheme}://{where}{random.choice(self.queries)}"


class World(NamedTuple):
    """What feeds want, what holds its slot, and what else is on the list."""

    wanted: list[Indicator]
    standing: list[Indicator]
    witnesses: list[Indicator]
    palette: Palette


def _value(random: Random, palette: Palette) -> tuple[IndicatorType, str, tuple[str, ...]]:
    """A value, and what a row with it says of its other hashes."""
    kind = random.choice(palette.kinds)
    if kind is T.URL:
        return kind, canonical(kind, palette.url(random)), ()
    if kind is T.DOMAIN_NAME:
        return kind, random.choice(NAMES), ()
    if kind is T.IP_ADDRESS:
        return kind, random.choice(ADDRESSES), ()
    if kind is T.CERTIFICATE:
        return kind, THUMBPRINT, ()
    file = random.choice(FILES)
    others = [f"{other}:{file[other]}" for other in FILE_TYPES if other is not kind]
    weaker = others[FILE_TYPES.index(kind) :]
    return kind, file[kind], tuple(random.choice((weaker, weaker, others, [])))


def _row(random: Random, number: int, palette: Palette, origin: Origin) -> Indicator:
    kind, value, aliases = _value(random, palette)
    named = random.choice(({}, {}, {}, {"file_name": ("invoice.pdf",)}))
    return row(
        number,
        id=f"{random.randrange(1 << 32):08x}{number:04x}",
        type=kind,
        value=value,
        action=random.choice(palette.actions),
        severity=random.choice(palette.severities),
        groups=random.choice(palette.scopes),
        expires=random.choice((None, None, None, *MOMENTS)),
        created=random.choice(MOMENTS),
        aliases=aliases,
        context=named if kind in FILE_TYPES else {},
        origin=origin,
        score=float(random.randrange(3)) if origin is Origin.FEED else None,
        feeds=(random.choice("fg"),) if origin is Origin.FEED else (),
    )


def random_world(random: Random, most: int = 12) -> World:
    """A list with each key once."""
    palette = Palette.drawn(random)
    seen = set()
    parts: tuple[list[Indicator], ...] = ([], [], [])
    for number in range(random.randrange(2, most)):
        part = random.choice((0, 0, 0, 0, 0, 1, 2))
        made = _row(random, number, palette, (Origin.FEED, Origin.MANUAL, Origin.FOREIGN)[part])
        if made.key not in seen:
            seen.add(made.key)
            parts[part].append(made)
    return World(parts[0], parts[1], parts[2], palette)


def _file(random: Random, role: Role, *, whole: bool) -> list[Observable]:
    file = random.choice(FILES)
    kinds = FILE_TYPES if whole else random.sample(FILE_TYPES, random.randrange(1, 4))
    return [Observable(role, kind, file[kind]) for kind in kinds]


def _visit(random: Random, palette: Palette) -> list[Observable]:
    url = palette.url(random)
    host = url.partition("://")[2].partition("/")[0].partition("?")[0].partition(":")[0]
    text = random.choice((url, url, url + "/d", url.partition("://")[2], host))
    text = random.choice((text, text, text.replace("example.com", "x.example.com")))
    seen = list(connection(text))
    at = host if host[0].isdigit() else random.choice(ADDRESSES)
    return [*seen, *(address(at) if random.random() < 0.5 else ())]


def random_event(random: Random, palette: Palette, number: int, *, whole: bool) -> Event:
    """An event; `whole`: its files show every hash."""
    seen: list[Observable] = []
    if random.random() < 0.7:
        seen += _visit(random, palette)
    if random.random() < 0.5:
        seen += _file(random, Role.FILE, whole=whole)
        if random.random() < 0.3:
            seen.append(Observable(Role.CERTIFICATE, T.CERTIFICATE, THUMBPRINT))
    if random.random() < 0.2:
        seen += _file(random, Role.PROCESS, whole=whole)
    return Event(
        id=f"e{number}",
        at=random.choice(MOMENTS),
        device="pc1",
        group=random.choice(GROUPS),
        action="ConnectionSuccess",
        observables=tuple(dict.fromkeys(seen)),
        process=random.choice(PROCESSES),
    )


def listed(wanted: Wanted, context: Mapping[str, tuple[str, ...]] = EMPTY) -> Indicator:
    """The row of a wanted one, as far as engines ask."""
    return row(
        0,
        id=row_id(wanted.key),
        type=wanted.type,
        value=wanted.value,
        groups=wanted.groups,
        action=wanted.action,
        severity=wanted.severity,
        expires=wanted.expires,
        feeds=wanted.feeds,
        aliases=wanted.aliases,
        origin=Origin.FEED,
        context=context,
    )


def verdicts(event: Event, matcher: Matcher) -> list[Verdict]:
    """What all three engines say."""
    return [
        engine(event, matcher, event.at)
        if name is Engine.CLOUD_DETECTION
        else engine(event, matcher)
        for name, engine in ENGINES.items()
    ]


def weaker(before: Verdict, after: Verdict) -> bool:
    """Whether a verdict is another, or without its alert, or has a milder one."""
    if before[1:4] != after[1:4] or (before.alert is None) is not (after.alert is None):
        return True
    return (
        before.alert is not None
        and after.alert is not None
        and after.alert.severity.level < before.alert.severity.level
    )


def lost(
    before: Sequence[Indicator],
    after: Sequence[Indicator],
    events: Sequence[Event],
    choices: Choices,
    *,
    aliases: bool,
) -> list[tuple[Verdict, Verdict]]:
    """The verdicts that the second list makes weaker than the first."""
    one, two = (Matcher(rows, choices, aliases) for rows in (before, after))
    return [
        (was, now)
        for event in events
        for was, now in zip(verdicts(event, one), verdicts(event, two), strict=True)
        if weaker(was, now)
    ]
