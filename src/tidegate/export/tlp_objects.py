"""The marking definitions of TLP as objects, for partners who must find them in the bundle. Pure.

The objects are those that OASIS published, to the letter: the same id must carry the same content
(STIX 2.1 §3.6). TLP 2.0: the extension definition 60a3c5c5-0d10-413e-aab3-9e08dde9e88d. TLP 1.0,
which STIX 2.0 knows: STIX 2.0 part 1, section 4.1.4; AMBER+STRICT has no object there and is only
referred to.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from tidegate.export.stix_objects import TLP_IDS, StixObject

_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

TLP_1 = MappingProxyType(
    {
        TLP_IDS["clear"]: "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
        TLP_IDS["green"]: "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
        TLP_IDS["amber"]: "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        TLP_IDS["red"]: "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
    }
)
"""The TLP 1.0 marking for a TLP 2.0 one, as far as there is one."""


def tlp_definitions(refs: Iterable[str], spec: str) -> list[StixObject]:
    """The definitions of the levels among these TLP 2.0 ids, the freest first.

    For STIX 2.0 they are those of TLP 1.0.
    """
    wanted = set(refs)
    levels = [(level, ref) for level, ref in TLP_IDS.items() if ref in wanted]
    if spec == "2.0":
        return [_first(level, TLP_1[ref]) for level, ref in levels if ref in TLP_1]
    return [_second(level, ref) for level, ref in levels]


def _second(level: str, ref: str) -> StixObject:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": ref,
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{level.upper()}",
        "extensions": {_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": level}},
    }


def _first(level: str, ref: str) -> StixObject:
    return {
        "type": "marking-definition",
        "id": ref,
        "created": "2017-01-20T00:00:00.000Z",
        "definition_type": "tlp",
        "definition": {"tlp": "white" if level == "clear" else level},
    }
