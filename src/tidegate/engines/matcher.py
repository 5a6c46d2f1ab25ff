"""The list, made ready for events by the million.

Owns what a row names: a file or certificate by its hash, an address by itself, a domain with all
below it, a URL with what lies beneath its path, whatever the query. A host alone is named by a URL
row that covers all of it on the usual port, whatever the scheme, as the event shows neither. An
address row names addresses, never the text of a URL. Microsoft, "Create indicators for IPs
and URLs/domains"; `mapping.widening` says the same of rows. Refuses judgement: scope, expiry and
precedence come after.

Most events are named by nothing, so a miss costs one look-up for each value: whether any row has
it, and for a name, whether any row is at or below its last two labels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tidegate.engines.choices import DEFAULTS, Choices
from tidegate.engines.contest import Match
from tidegate.engines.event import Event, Observable
from tidegate.engines.precedence import Effective, effective
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType
from tidegate.indicators.url import host_of

Rows = tuple[Indicator, ...]

_URL = IndicatorType.URL
_DOMAIN = IndicatorType.DOMAIN_NAME


class Matcher:
    """An index over rows with canonical values. It never changes; a changed list needs another.

    `aliases` lets a file row be found by the weaker hashes of the same file that it carries.
    """

    def __init__(
        self,
        rows: Iterable[Indicator],
        choices: Choices = DEFAULTS,
        aliases: bool = True,  # noqa: FBT001, FBT002 - contract
    ) -> None:
        self.choices = choices
        exact: dict[str, dict[str, Rows]] = {kind: {} for kind in IndicatorType}
        beneath: dict[str, dict[str, Rows]] = defaultdict(dict)
        whole_hosts: dict[str, Rows] = {}
        for row in rows:
            if row.type is _URL:
                _add_url(beneath, whole_hosts, row)
                continue
            _add(exact[row.type], row.value, row)
            if aliases:
                for alias in row.aliases:
                    kind, _, value = alias.partition(":")
                    if kind in FILE_TYPES:
                        _add(exact[kind], value, row)
        self._domains = exact.pop(_DOMAIN)
        self._ends = frozenset(_end(name) for name in self._domains)
        self._exact = exact
        self._values = frozenset(value for index in exact.values() for value in index)
        self._beneath = dict(beneath)
        self._whole_hosts = whole_hosts

    def matches(self, event: Event) -> list[Match]:
        """Return everything on the list that names something of an event.

        Whatever the scope and expiry. A row stands once for each observable that it names.
        """
        found: list[Match] = []
        values = self._values
        for seen in event.observables:
            _, kind, value = seen
            if kind is _URL:
                self._url(seen, value, found)
            elif kind is _DOMAIN:
                if value in self._whole_hosts:
                    found += [(seen, row) for row in self._whole_hosts[value]]
                self._name(seen, value, found)
            elif value in values:
                found += [(seen, row) for row in self._exact[kind].get(value, ())]
        return found

    def decide(self, event: Event) -> Effective:
        """Return the row that decides about an event, with scope and expiry at its time."""
        return effective(self.matches(event), event.group, event.at, self.choices)

    def _url(self, seen: Observable, url: str, found: list[Match]) -> None:
        """Find rows on the URL, and on the name of its host."""
        start = url.find("://") + 3
        end = url.find("/", start)
        if end < 0:
            end = len(url)
        paths = self._beneath.get(url[:end])
        if paths is not None:
            for path in _openings(url[end:]):
                found += [(seen, row) for row in paths.get(path, ())]
        host = url[start:end]
        if ":" in host:
            host = host_of(url)
        self._name(seen, host, found)

    def _name(self, seen: Observable, name: str, found: list[Match]) -> None:
        """Find rows on a name and on each name above it."""
        if _end(name) not in self._ends:
            return
        domains = self._domains
        while name:
            if name in domains:
                found += [(seen, row) for row in domains[name]]
            name = name.partition(".")[2]


def _end(name: str) -> str:
    """Return the last two labels of a name; no row names fewer (`indicators.domain`)."""
    return name[name.rfind(".", 0, name.rfind(".")) + 1 :]


def _add(index: dict[str, Rows], value: str, row: Indicator) -> None:
    held = index.get(value, ())
    if all(other is not row for other in held):
        index[value] = (*held, row)


def _add_url(
    beneath: dict[str, dict[str, Rows]], whole_hosts: dict[str, Rows], row: Indicator
) -> None:
    """File a URL row under its origin, by the openings of a path that it covers.

    A path that ends in a slash covers what begins with it; one that does not covers itself as well.
    """
    scheme, _, rest = row.value.partition("?")[0].partition("://")
    authority, slash, tail = rest.partition("/")
    path = slash + tail
    paths = beneath[f"{scheme}://{authority}"]
    bare = path.rstrip("/")
    _add(paths, f"{bare}/", row)
    if bare == path and path:
        _add(paths, path, row)
    if not bare:
        _add(whole_hosts, authority, row)


def _openings(path: str) -> list[str]:
    """Return a path without its query, if it ends in no slash, and each opening that does."""
    path = path.partition("?")[0]
    openings = [] if path.endswith("/") else [path]
    place = path.find("/")
    while place >= 0:
        openings.append(path[: place + 1])
        place = path.find("/", place + 1)
    return openings
