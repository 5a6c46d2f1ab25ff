"""The filter of the history: the list's own language, and words for who, when and how.

`by:ana door:sync since:7d until:2026-11-01 change:12..15 type:ip` – the first five are taken out
here, the rest is the filter of rows. Pure. Refuses to filter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from tidegate.indicators.filter import FilterError
from tidegate.service.history import Wanted, read_time
from tidegate.service.trail import Span

WORDS = (
    ("by:ana", "who did it"),
    ("door:sync", "how: sync, add, edit, remove, undo, import …"),
    ("since:7d until:2026-11-01", "when; an age or a time"),
    ("change:12..15", "the number, or a range of them"),
)
"""For the help: an example and what it means."""

_WORD = re.compile(r"(?:(?<=\s)|^)(by|door|since|until|change):(\S*)")

_READ: dict[str, tuple[str, Callable[[str, datetime], Any]]] = {
    "by": ("by", lambda text, _: text or None),
    "door": ("door", lambda text, _: text or None),
    "since": ("since", lambda text, now: read_time(text, now) if text else None),
    "until": ("until", lambda text, now: read_time(text, now, end=True) if text else None),
    "change": ("span", lambda text, _: Span.read(text) if text else None),
}


def asked(text: str, now: datetime) -> tuple[str, Wanted]:
    """Split a text into the filter of rows and what else is wanted. Raises FilterError.

    Blanks take the place of the words, so that positions in the rest stay true.
    """
    wanted: dict[str, Any] = {}
    for found in _WORD.finditer(text):
        name, read = _READ[found[1]]
        try:
            wanted[name] = read(found[2], now)
        except ValueError as fault:
            raise FilterError(str(fault), found.start(), len(found[0])) from fault
    rest = _WORD.sub(lambda found: " " * len(found[0]), text)
    return (rest if rest.strip() else ""), Wanted(**wanted)
