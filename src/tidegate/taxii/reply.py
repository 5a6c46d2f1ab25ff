"""What a TAXII server answers to a request for objects, before anybody reads it.

Owns the shape, and how its times are read: pager and paging work on it without HTTP. Refuses to
know more of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tidegate.stix.objects import parse_time

Version = tuple[str, datetime | None]
"""A STIX id and `modified`: what tells one version of an object from another (STIX 2.1 §3.6).

Objects without it, such as marking definitions, have one version only: None."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One decoded answer and the headers that position it (TAXII 2.1 §3.3-§3.5), verbatim.

    `served_twice`: an earlier attempt may have been served, too, and its answer got lost. `partial`
    and `content_range` are TAXII 2.0's: status 206 and what the page says that it is. `asked` is
    what Retry-After asks for, in seconds.
    """

    document: dict[str, Any]
    added_first: str | None
    added_last: str | None
    served_twice: bool = False
    partial: bool = False
    content_range: str | None = None
    media_type: str = ""
    asked: float | None = None


def moment(text: str | None) -> datetime | None:
    """Return the time in a header or a cursor, in UTC; None for text that is none."""
    try:
        return parse_time(text) if text else None
    except ValueError:
        return None
