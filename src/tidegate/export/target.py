"""The formats that `export` writes, by name: the command line reads its choices from here.

A new format is a module with a render function and one line in `TARGETS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tidegate.export import portal_csv, stix_bundle
from tidegate.export.rendered import DEFAULT_CEILING, Rendered, Request, Skipped
from tidegate.indicators.indicator import Indicator

__all__ = ["DEFAULT_CEILING", "TARGETS", "Rendered", "Request", "Skipped", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """One format: its name at the command line, what it is, its files' suffix, how to write it.

    `portal`: it is for the Defender portal, which only ever adds what it is given.
    """

    name: str
    title: str
    extension: str
    render: Callable[[Sequence[Indicator], Request], Rendered]
    portal: bool = False


def _stix(rows: Sequence[Indicator], request: Request) -> Rendered:
    rendered = stix_bundle.render(rows, request.now, request.identity, request.tlp_max)
    for _, data in rendered.files:
        stix_bundle.check(data)
    return rendered


def _portal_csv(rows: Sequence[Indicator], request: Request) -> Rendered:
    return portal_csv.render(rows, request.now, request.dialect, request.tlp_max)


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        target.name: target
        for target in (
            Target("stix", "STIX 2.1 bundle", ".json", _stix),
            Target("portal-csv", "CSV for the Defender portal", ".csv", _portal_csv, portal=True),
        )
    }
)
