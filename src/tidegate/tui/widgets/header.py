"""The top line: tenant, whether this session may only read, and how full the tenant is.

Refuses colour as the only sign: the words READ-ONLY and FULL stand beside it.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tidegate.service.quota import Quota
from tidegate.tui.safe import content

GAUGE = 10
"""Cells of the gauge."""

WIDE = 100
"""From this width on the line has room for what waits and what expires."""


def gauge(used: int, limit: int) -> str:
    """Draw `[####......]`; any use shows one mark, and only a full tenant shows all of them."""
    if used >= limit:
        filled = GAUGE
    else:
        filled = min(GAUGE - 1, max(used * GAUGE // limit, 1 if used else 0))
    return "[" + "#" * filled + "." * (GAUGE - filled) + "]"


def quota_text(quota: Quota, *, wide: bool) -> str:
    """Say the quota in one line."""
    full = " FULL" if quota.used >= quota.limit else ""
    text = f"quota {quota.used:,}/{quota.limit:,}{full} {gauge(quota.used, quota.limit)}"
    if quota.waiting:
        text += f" {quota.waiting:,} waiting"
    if wide and quota.expiring_7d:
        text += f" · {quota.expiring_7d:,} expire in 7 days"
    return text


class Header(Static):
    """The top line."""

    def show(self, tenant: str, quota: Quota, *, read_only: bool) -> None:
        """Draw the line anew."""
        mode = (("READ-ONLY", "bold reverse"),) if read_only else ()
        left = content(" ", (tenant, "bold"), "  ", *mode)
        right = content(quota_text(quota, wide=self.app.size.width >= WIDE), " ")
        space = self.app.size.width - left.cell_length - right.cell_length
        self.update(Content.assemble(left, " " * max(space, 2), right), layout=False)
