"""Terms of life (`30d`, `12h`, `never`) and moments, as people write them.

Owns the spelling used by feed.toml, the command line and the filter language. Refuses calendar
units (months and years have no fixed length), zero and negative terms, and moments in the past.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

NEVER = "never"

_TERM = re.compile(r"([0-9]{1,5})([mhdw])")
_UNIT = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
# Weeks are read but not written: a feed.toml that says 14d should not be shown as 2w.
_WRITTEN = ("d", "h", "m")
# fromisoformat also takes week dates and forms without separators; nobody types those on purpose.
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}.{0,22})?")


def parse_term(text: str) -> timedelta | None:
    """Read a term: a whole number and `m`, `h`, `d` or `w`; `never` gives None.

    Raises:
        ValueError: the text is no term, or the term is zero.
    """
    folded = text.strip().lower()
    if folded == NEVER:
        return None
    found = _TERM.fullmatch(folded)
    if found is None:
        raise ValueError(
            f"{text[:40]!r} is not a term: write a number and m, h, d or w "
            "(90m, 12h, 30d, 2w), or never"
        )
    term = int(found[1]) * _UNIT[found[2]]
    if not term:
        raise ValueError(f"{text[:40]!r} is a term of no length: write at least 1m, or never")
    return term


def format_term(term: timedelta | None) -> str:
    """Write a term so that `parse_term` reads it back; fractions of a minute are dropped."""
    if term is None:
        return NEVER
    for unit in _WRITTEN:
        count, rest = divmod(term, _UNIT[unit])
        if not rest:
            return f"{count}{unit}"
    return f"{term // _UNIT['m']}m"


def parse_moment(text: str) -> datetime:
    """Read `2026-12-01` (its first second) or `2026-12-01T08:30[:00][Z|+01:00]`; UTC if unsaid.

    Raises:
        ValueError: the text is no date or no moment that exists.
    """
    stripped = text.strip()
    try:
        if _MOMENT.fullmatch(stripped) is None:
            raise ValueError(stripped)  # noqa: TRY301 - one message for both ways of being wrong
        moment = datetime.fromisoformat(stripped)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise ValueError(
            f"{text[:40]!r} is not a date: write 2026-12-01 or 2026-12-01T08:30Z"
        ) from wrong


def parse_expiry(text: str, now: datetime) -> datetime | None:
    """Read when a row expires: a term counted from `now`, a date or date and time, or `never`.

    Raises:
        ValueError: neither of these, or not after `now`.
    """
    stripped = text.strip()
    if stripped[4:5] == "-":
        moment = parse_moment(stripped)
        if moment <= now:
            raise ValueError(f"{text[:40]!r} is in the past: an expired row matches nothing")
        return moment
    try:
        term = parse_term(stripped)
        return None if term is None else now + term
    except OverflowError as wrong:
        raise ValueError(f"{text[:40]!r} reaches past the year 9999: write never") from wrong
    except ValueError as wrong:
        raise ValueError(
            f"{text[:40]!r} is not an expiry: write a term (30d, 12h), "
            "a date (2026-12-01, 2026-12-01T08:30Z) or never"
        ) from wrong
