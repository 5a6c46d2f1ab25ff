"""What is supposed of the slots, as people type it, and what would follow, in words.

Pure. Refuses to judge whether a share can be: the service does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import SHORT_TYPE
from tidegate.service.supposing import Outcome, Supposed
from tidegate.tui.preview import counted

_NUMBER = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2}")
_SHARE = re.compile(r"([a-z0-9-]{1,40})=([0-9,]{1,11})")


def number(text: str) -> int | None:
    """Read a number of slots; nothing typed is None. Raises UsageError."""
    if not text.strip():
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise UsageError(f"{text.strip()[:20]!r} is no number of slots", "such as 14000")
    return int(text.replace(",", ""))


def shares(text: str, feed: str) -> dict[str, int]:
    """Read `acme-c2=100 noisy=20`, or a number alone for one feed. Raises UsageError."""
    if feed and _NUMBER.fullmatch(text.strip()):
        return {feed: int(text.replace(",", ""))}
    found: dict[str, int] = {}
    for word in text.split():
        match = _SHARE.fullmatch(word)
        count = number(match[2]) if match else None
        if match is None or count is None:
            raise UsageError(f"{word[:40]!r} is no FEED=NUMBER", "such as acme-c2=100")
        found[match[1]] = count
    return found


def supposed(texts: Mapping[str, str], feed: str) -> Supposed:
    """What four fields amount to. Raises UsageError for one that cannot be read."""
    return Supposed(
        number(texts["limit"]),
        number(texts["reserve"]),
        shares(texts["floor"], feed),
        shares(texts["ceiling"], feed),
    )


def outcome_lines(found: Outcome) -> list[tuple[str, str]]:
    """What would follow: the sum, each feed's slots, then every row that enters or leaves."""
    coming, going = len(found.entering), len(found.leaving)
    lines = [
        (
            "plain",
            (
                f"{counted(coming, 'row')} would come in and {going:,} go, compared with the list "
                "as it is. Nothing was changed."
            ),
        )
    ]
    if found.held:
        lines.append(
            ("warn", f"! the brake would hold {found.held:,} of the changes for a person's word")
        )
    edge = "" if found.cutoff is None else f"cut-off {found.cutoff:g}, "
    lines.append(
        (
            "quiet",
            (f"limit {found.limit:,}, reserve {found.reserve:,}, {edge}{found.waiting:,} waiting"),
        )
    )
    lines += (
        ("plain", f"  {feed}: {found.now.get(feed, 0):,} → {count:,}")
        for feed, count in sorted(found.then.items())
    )
    lines.append(("quiet", ""))
    lines += (("good", f"+ {_row(row)}") for row in found.entering)
    lines += (("bad", f"- {_row(row)}") for row in reversed(found.leaving))
    return lines


def _row(row: Indicator) -> str:
    feeds = ", ".join(row.feeds)
    return f"{SHORT_TYPE[row.type]:<6} {row.value}  score {row.score or 0:g}  {feeds}"
