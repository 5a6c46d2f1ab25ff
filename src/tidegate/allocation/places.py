"""Where rows stand: which value is beneath which, and what stands at one place together.

Owns the places that rows name, as `engines.matcher` has them, and the ways from each to all that is
wider: a URL up to its query and closing slashes, the paths above it, the name of its host, the
names above that. Refuses judgement: what a row may do to another is told by `coverage`.

Rows are numbers here. Nearly every place has one row and is kept as that number, so that a million
rows cost one dictionary entry each; a hostile crowd at one place is summed up once.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from math import inf
from typing import Protocol

from tidegate.indicators.enforceability import edge_only
from tidegate.indicators.indicator import RowKey
from tidegate.indicators.kinds import FILE_TYPES, Action, IndicatorType, Severity
from tidegate.indicators.url import host_of

DEEPEST = 64
"""Openings of a path that are looked at; no row of a deeper URL is covered."""

PICKS = 4
"""Rows of one place and scope that are remembered as possible parents."""

_REMEMBERED = 1 << 16
"""Names above others that are remembered."""

_DOMAIN, _URL = IndicatorType.DOMAIN_NAME, IndicatorType.URL
_FILES = frozenset(FILE_TYPES)


class Row(Protocol):
    """What is asked of a row; a wanted one and one of the list have it."""

    @property
    def key(self) -> RowKey:
        """The row's identity."""

    @property
    def type(self) -> IndicatorType:
        """The type of the value."""

    @property
    def value(self) -> str:
        """The canonical value."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The device groups, sorted; none are all devices."""

    @property
    def action(self) -> Action:
        """What Defender would do."""

    @property
    def severity(self) -> Severity:
        """How bad it is."""

    @property
    def expires(self) -> datetime | None:
        """When the row ends, UTC; None is never."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other hashes of the same file, each as `FileSha1:<hex>`."""

    @property
    def score(self) -> float | None:
        """What it is worth; None where nobody ranked it."""

    @property
    def feeds(self) -> tuple[str, ...]:
        """Whose it is."""


Pick = tuple[bool, float, RowKey, int]
"""A row's number with what it is sorted by: the sure first, then the longer-lived."""


class Share:
    """The rows of one scope at one place, summed up.

    `plain` and `rest` are the first few: those that name the whole place, and those that leave out
    a part of it.
    """

    __slots__ = ("action", "high", "low", "plain", "rest")

    def __init__(self, action: Action, level: int) -> None:
        self.action: Action | None = action
        """The one action of all; None where there are several."""
        self.low = self.high = level
        """The mildest and the worst severity."""
        self.plain: list[Pick] = []
        self.rest: list[Pick] = []


class Crowd:
    """Several rows at one place, by their scope; scopes are few, as only policies set them."""

    __slots__ = ("shares",)

    def __init__(self) -> None:
        self.shares: dict[tuple[str, ...], Share] = {}


Entry = int | Crowd


class Places:
    """An index over rows.

    `sure` are the numbers of rows that hold a slot whatever happens, `mute` of those that are
    nobody's parents.
    """

    def __init__(self, rows: Sequence[Row], sure: Collection[int], mute: Collection[int]) -> None:
        self.rows = rows
        self.sure = sure
        self.mute = mute
        self.names: dict[str, Entry] = {}
        self.urls: dict[str, Entry] = {}
        self.files: dict[str, Entry] = {}
        self.others: dict[str, Entry] = {}
        self.claims: dict[str, Entry] = {}
        """Files by the other hashes that rows say they have, where somebody may ask for them."""
        self._crowds = self._settle()
        self._claim(self._crowds)

    def _settle(self) -> list[int]:
        """Put every row in its place; return the numbers of those that are not alone."""
        tables = dict.fromkeys(IndicatorType, self.others)
        tables |= dict.fromkeys(FILE_TYPES, self.files) | {_DOMAIN: self.names}
        crowded: list[tuple[dict[str, Entry], str, int]] = []
        for number, row in enumerate(self.rows):
            kind, place = row.type, row.value
            if kind is _URL:
                table, place = self.urls, place_of(place)
            else:
                table = tables[kind]
            if table.setdefault(place, number) != number:
                crowded.append((table, place, number))
        return self._gather(crowded)

    def _gather(self, crowded: list[tuple[dict[str, Entry], str, int]]) -> list[int]:
        several = []
        for table, place, number in crowded:
            entry = table[place]
            if isinstance(entry, int):
                several.append(entry)
                crowd = table[place] = Crowd()
                self._join(crowd, entry)
                entry = crowd
            several.append(number)
            self._join(entry, number)
        return several

    def _join(self, crowd: Crowd, number: int) -> None:
        row = self.rows[number]
        level = row.severity.level
        share = crowd.shares.get(row.groups)
        if share is None:
            share = crowd.shares[row.groups] = Share(row.action, level)
        if share.action is not row.action:
            share.action = None
        share.low, share.high = min(share.low, level), max(share.high, level)
        if number not in self.mute:
            picks = share.plain if plain(row) else share.rest
            insort(picks, self.pick(number))
            del picks[PICKS:]

    def _claim(self, crowds: list[int]) -> None:
        """File rows by the aliases that are rows themselves, or those of rows that may be covered.

        Nobody asks for the others, of which there may be two for each of a million files.
        """
        rows, files = self.rows, self.files
        if not files:
            return
        asked = {
            digest
            for digest, entry in files.items()
            if isinstance(entry, int) and rows[entry].type is not FILE_TYPES[0]
            for digest in digests(rows[entry])
        }
        asked.update(*(digests(rows[n]) for n in crowds if rows[n].type in _FILES))
        crowded: list[tuple[dict[str, Entry], str, int]] = []
        for number, row in enumerate(rows):
            if row.type in _FILES:
                for alias in row.aliases:
                    digest = alias.partition(":")[2]
                    if (
                        (digest in files or digest in asked)
                        and digest != row.value
                        and self.claims.setdefault(digest, number) != number
                    ):
                        crowded.append((self.claims, digest, number))
        self._gather(crowded)

    def pick(self, number: int) -> Pick:
        """A row as a possible parent; of two at one place and scope the first covers the other."""
        row = self.rows[number]
        ends = inf if row.expires is None else row.expires.timestamp()
        return number not in self.sure, -ends, row.key, number

    def accompanied(self) -> set[int]:
        """The rows at whose place another one stands, or at a wider one."""
        rows, names, urls, files = self.rows, self.names, self.urls, self.files
        found = {n for n in self._crowds if not _deep(rows[n])}
        entries = [entry for digest in self.claims if (entry := files.get(digest)) is not None]
        below = _Below(names)
        entries += [entry for name, entry in names.items() if below(name)]
        entries += [entry for place, entry in urls.items() if self._url_below(place, below)]
        # Of those that are several all are found already.
        found.update(entry for entry in entries if isinstance(entry, int))
        return found

    def _url_below(self, place: str, below: _Below) -> bool:
        root = place.index("://") + 3
        end = place.find("/", root)
        if end > 0:
            if place.count("/") > DEEPEST:
                return False
            above = place
            while len(above) > end:
                above = above[: above.rindex("/", end)].rstrip("/")
                if above in self.urls:
                    return True
        host = place[root:end] if end > 0 else place[root:]
        if ":" in host:
            host = host_of(place)
        return host in self.names or below(host)

    def way(self, row: Row) -> Iterator[Entry]:
        """What stands at the place of a row that is no file, then all that is wider, in turn."""
        if row.type is _URL:
            yield from _known(self.urls, openings(row.value))
            yield from _known(self.names, names_above(host_of(row.value)))
        elif row.type is _DOMAIN:
            yield from _known(self.names, names_above(row.value))
        else:
            yield self.others[row.value]


def place_of(url: str) -> str:
    """A URL up to what narrows nothing: its query, and closing slashes."""
    return (url.partition("?")[0] if "?" in url else url).rstrip("/")


def openings(url: str) -> Iterator[str]:
    """The place of a URL and those above it on its host, down to `scheme://host`."""
    place = place_of(url)
    root = place.index("://") + 3
    while True:
        yield place
        cut = place.rfind("/", root)
        if cut < 0:
            return
        place = place[:cut].rstrip("/")


def names_above(name: str) -> Iterator[str]:
    """A name and those above it."""
    while name:
        yield name
        name = name.partition(".")[2]


def plain(row: Row) -> bool:
    """Whether a row names the whole of its place, and is enforced wherever others there are.

    `http://example.com/a/` leaves out `/a` itself, and `https://example.com/?q` is a path, which
    only Edge sees, where `https://example.com/` is a host.
    """
    if row.type is not _URL:
        return True
    bare = row.value.partition("?")[0]
    if bare.count("/") == _HOST_SLASHES:
        return not edge_only(row.value)
    return not bare.endswith("/")


_HOST_SLASHES = 3
"""Slashes of `scheme://host/`."""


def digests(row: Row) -> tuple[str, ...]:
    """The hashes under which a file row is found, its own first."""
    return (row.value, *(alias.partition(":")[2] for alias in row.aliases))


def named(rows: Iterable[Row], keys: Collection[RowKey]) -> list[tuple[int, RowKey]]:
    """Where rows of these keys are: few of a million, so that all others cost a look-up only."""
    if not keys:
        return []
    values = {key.value for key in keys}
    hits = [(place, row) for place, row in enumerate(rows) if row.value in values]
    return [(place, key) for place, row in hits if (key := row.key) in keys]


def _deep(row: Row) -> bool:
    return row.type is _URL and place_of(row.value).count("/") > DEEPEST


class _Below:
    """Whether a name is below one of these; most have the same few names above them."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._last: dict[str, bool] = {"": False}

    def __call__(self, name: str) -> bool:
        above = name.partition(".")[2]
        known = self._last.get(above)
        if known is None:
            known = above in self._names or self(above)
            if len(self._last) < _REMEMBERED:
                self._last[above] = known
        return known


def _known(table: dict[str, Entry], keys: Iterator[str]) -> Iterator[Entry]:
    return (entry for key in keys if (entry := table.get(key)) is not None)
