"""TLP levels, recognised by the ids of the marking definitions and by nothing else.

Owns the order of the levels and the table of ids. Refuses to read a marking object's text: anybody
can publish an object that calls itself TLP:CLEAR, only the id is agreed upon.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

LEVELS = ("clear", "green", "amber", "amber+strict", "red")
"""From the freest to the strictest (TLP 2.0, FIRST, section 2)."""

_PREFIX = "marking-definition--"

# TLP 1.0: STIX 2.1 section 7.2.1.4. TLP 2.0: the OASIS extension definition
# 60a3c5c5-0d10-413e-aab3-9e08dde9e88d. The last one is what OpenCTI gave AMBER+STRICT before that.
_LEVEL_OF = MappingProxyType(
    {
        _PREFIX + "613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
        _PREFIX + "34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
        _PREFIX + "f88d31f6-486f-44da-b317-01333bde0b82": "amber",
        _PREFIX + "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
        _PREFIX + "94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
        _PREFIX + "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
        _PREFIX + "55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
        _PREFIX + "939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
        _PREFIX + "e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
        _PREFIX + "826578e1-40ad-459f-bc73-ede076f81f37": "amber+strict",
    }
)

_RANK = MappingProxyType({level: rank for rank, level in enumerate(LEVELS)})


def strictest(*levels: str | None) -> str | None:
    """Return the strictest of the levels, leaving None out; None when nothing is left.

    Raises ValueError for a word that is no level: guessing low would leak.
    """
    strict: str | None = None
    for level in levels:
        if level is None:
            continue
        if level not in _RANK:
            raise ValueError(f"not a TLP level: {level!r}")
        if strict is None or _RANK[level] > _RANK[strict]:
            strict = level
    return strict


def tlp_of(marking_refs: Iterable[str]) -> str | None:
    """Return the strictest TLP level among marking ids; None when none of them is TLP."""
    return strictest(*(_LEVEL_OF.get(ref) for ref in marking_refs))


def others_of(marking_refs: Iterable[str]) -> tuple[str, ...]:
    """Return the marking ids that are no TLP level, each once.

    What such a marking demands only a person can read: a statement, a scheme of somebody's own, or
    an object that merely calls itself TLP.
    """
    return tuple(dict.fromkeys(ref for ref in marking_refs if ref not in _LEVEL_OF))
