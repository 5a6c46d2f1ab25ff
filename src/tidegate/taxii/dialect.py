"""What TAXII 2.1 and 2.0 call things on the wire; everything else about them is the same here.

Owns the media types that are asked for and that tell which version an answer is in, the filters
that a version knows, and which of taxii2client's classes and which paging go with it. Refuses to
decide which version a server speaks: discovery.py asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from taxii2client import MEDIA_TYPE_STIX_V20, MEDIA_TYPE_TAXII_V20, MEDIA_TYPE_TAXII_V21, v20, v21

from tidegate.taxii.paging import ByRange, ByToken, Paging

_PLAIN = ("application/stix+json", "application/json")
"""What servers of either version answer in, although neither asks for it."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version of TAXII. `resource` and `objects` are sent as Accept.

    `filters` are the names that `match[...]` may hold; `paging` makes the way through a collection
    from the stored cursor and the page size.
    """

    version: str
    resource: str
    objects: str
    filters: frozenset[str]
    collection: Callable[..., Any]
    api_root: Callable[..., Any]
    paging: Callable[[str | None, int], Paging]

    @property
    def kind(self) -> str:
        """The kind of source in feed.toml that stands for this version alone."""
        return f"taxii{self.version.replace('.', '')}"


V21 = Dialect(
    "2.1",
    MEDIA_TYPE_TAXII_V21,
    MEDIA_TYPE_TAXII_V21,
    frozenset({"id", "spec_version", "type", "version"}),  # TAXII 2.1 §3.4
    v21.Collection,
    v21.ApiRoot,
    ByToken,
)
V20 = Dialect(
    "2.0",
    MEDIA_TYPE_TAXII_V20,
    MEDIA_TYPE_STIX_V20,
    frozenset({"id", "type", "version"}),  # TAXII 2.0 §3.5
    v20.Collection,
    v20.ApiRoot,
    ByRange,
)

DIALECTS = {"taxii21": (V21,), "taxii20": (V20,), "taxii": (V21, V20)}
"""By the kind of source, what is tried, in this order."""


def spoken(content_type: str) -> str | None:
    """Return the version that an answer is in; "" when its media type fits both, None for neither.

    Whatever the case, the quotes and the other parameters. A type without version is the one whose
    name it has.
    """
    kind, _, parameters = content_type.lower().partition(";")
    kind = kind.strip()
    named = re.search(r'version\s*=\s*"?([0-9.]{1,8})', parameters)
    if kind.startswith("application/vnd.oasis."):
        return V20.version
    if kind == "application/taxii+json":
        return V21.version if named is None or named[1].startswith("2.1") else named[1]
    return "" if kind in _PLAIN else None
