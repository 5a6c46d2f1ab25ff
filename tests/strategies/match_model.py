"""What a list says about an event, by looking at every row: slow, and written from the pages.

Uses nothing of tidegate.engines but its shapes. "Create indicators for IPs and URLs/domains": a
domain covers itself and its subdomains, a URL what is beneath its path. "Create indicators for
files": a hash names its file.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from tidegate.engines.event import Event, Observable
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import FILE_TYPES, IndicatorType


def all_matches(
    rows: Iterable[Indicator], event: Event, *, aliases: bool = True
) -> list[tuple[Observable, Indicator]]:
    """Compare every observable with every row."""
    rows = list(rows)
    return [
        (seen, row)
        for seen in event.observables
        for row in rows
        if names(row, seen) or (aliases and alias_names(row, seen))
    ]


def names(row: Indicator, seen: Observable) -> bool:
    """Say whether a row names an observable by its own value."""
    match row.type:
        case IndicatorType.DOMAIN_NAME:
            return _below(_host(seen), row.value)
        case IndicatorType.URL if seen.type is IndicatorType.DOMAIN_NAME:
            whole = urlsplit(row.value)
            return whole.netloc == seen.value and whole.path in ("", "/")
        case IndicatorType.URL if seen.type is IndicatorType.URL:
            return _beneath(seen.value, row.value)
    return (row.type, row.value) == (seen.type, seen.value)


def alias_names(row: Indicator, seen: Observable) -> bool:
    """Say whether a file row names an observable by another hash of its file."""
    pairs = [alias.split(":") for alias in row.aliases]
    return seen.type in FILE_TYPES and [seen.type.value, seen.value] in pairs


def _host(seen: Observable) -> str:
    if seen.type is IndicatorType.URL:
        return urlsplit(seen.value).hostname or ""
    return seen.value if seen.type is IndicatorType.DOMAIN_NAME else ""


def _below(name: str, top: str) -> bool:
    labels, wanted = name.split("."), top.split(".")
    return labels[-len(wanted) :] == wanted


def _beneath(url: str, top: str) -> bool:
    """A path is its own, and above all that continue it after a slash."""
    one, other = urlsplit(url), urlsplit(top)
    if (one.scheme, one.netloc) != (other.scheme, other.netloc):
        return False
    if one.path == other.path:
        return True
    steps, wanted = one.path.split("/"), other.path.split("/")
    while wanted[-1] == "":
        wanted.pop()
        if not wanted:
            return True
    return len(steps) > len(wanted) and steps[: len(wanted)] == wanted
