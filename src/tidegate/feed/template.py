"""Texts of a policy with places for what the feed says: `title = "{threat|name}: {value}"`.

Owns the places, what may stand in them, and filling them in. `{a|b}` is the first of the two that
is not empty; `{{` and `}}` are braces. Refuses any expression: a place is a word of the table, so
neither a policy nor a feed can reach anything else through it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tidegate.toml_errors import plain, suggestion

PLACES = MappingProxyType(
    {
        "value": "the indicator's value",
        "type": "its type, such as FileSha256",
        "name": "the STIX object's name",
        "description": "the STIX object's description",
        "threat": "names of the malware, actors and the like that it indicates, techniques last",
        "technique": "ids of ATT&CK techniques",
        "report": "titles of reports that list it",
        "labels": "the object's labels",
        "confidence": "its confidence",
        "tlp": "its TLP level",
        "feed": "the feed's title",
    }
)
"""What may stand in braces, and what it becomes; several are joined by commas."""

_PAIR = MappingProxyType(
    {
        "{": 'close the place with "}", or write "{{" for a brace',
        "}": 'open the place with "{", or write "}}" for a brace',
    }
)
_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def check_template(text: str) -> str:
    """Return a text whose places are all known; raises ValueError naming the nearest known one."""
    for found in _PART.finditer(text):
        if found[0] in ("{{", "}}"):
            continue
        if found[1] is None:
            raise ValueError(f'"{plain(text)}" has a lone "{found[0]}"; {_PAIR[found[0]]}')
        for name in found[1].split("|"):
            if name not in PLACES:
                raise ValueError(f'unknown place "{{{plain(name)}}}"{suggestion(name, PLACES)}')
    return text


@cache  # asked once for each indicator, and a policy has few texts
def _parts(text: str) -> tuple[str | tuple[str, ...], ...]:
    parts: list[str | tuple[str, ...]] = []
    end = 0
    for found in _PART.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        parts.append(found[0][0] if found[1] is None else tuple(found[1].split("|")))
    return (*parts, text[end:])


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its places filled in; a place that nothing is known for is empty."""
    return "".join(
        part if isinstance(part, str) else next(filter(None, map(values.get, part)), "")
        for part in _parts(text)
    )
