"""The top line: tenant, mode, whether this session may only read, what runs, how full it is.

Refuses colour as the only sign: it says READ-ONLY and FULL, and has a `>` before the mode.
"""

from __future__ import annotations

from enum import Enum

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from tidegate.service.quota import Quota
from tidegate.tui.modes import PLACES, Mode
from tidegate.tui.safe import Part, content, fit, plain

GAUGE = 10
"""Cells of the gauge."""

WIDE = 100
"""From this width on the line has room for what waits and what expires."""

ALL_MODES = 140
"""From this width on every mode is named in full; below, in short, or by its key alone."""

_TENANT = 20
_JOB = 44
"""Cells that a name of a tenant may take, and that what runs must have to say anything."""


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


def quota_briefly(quota: Quota) -> tuple[str, ...]:
    """Say it in fewer cells and ever fewer."""
    used = f"{quota.used:,}/{quota.limit:,}"
    if quota.used >= quota.limit:
        return f"quota {used} FULL", f"FULL {quota.used:,}"
    return f"quota {used} {gauge(quota.used, quota.limit)}", f"quota {used}", used


class Named(Enum):
    """How the modes beside the own one are named."""

    FULL = "full"
    SHORT = "short"
    KEY = "key"


def mode_parts(mode: Mode, named: Named) -> list[Part]:
    """Name the mode, with a sign before it, among the others."""
    gap = "  " if named is Named.FULL else " "
    parts: list[Part] = []
    for place in PLACES:
        title = place.short if named is Named.SHORT else place.title
        if place.mode is mode:
            parts += [(f">{place.key} {title}", "bold reverse"), gap]
        else:
            parts += [place.key if named is Named.KEY else f"{place.key} {title}", gap]
    return parts


class Header(Static):
    """The top line."""

    def show(
        self, tenant: str, mode: Mode, quota: Quota | None, *, read_only: bool, job: str = ""
    ) -> None:
        """Draw the line anew. What runs takes the place of the quota where both do not fit."""
        width = self.app.size.width
        signs: list[Part] = [("READ-ONLY", "bold reverse"), "  "] if read_only else []
        name = fit(tenant, _TENANT).rstrip()
        told = "" if quota is None else quota_text(quota, wide=width >= WIDE)
        brief = () if quota is None else quota_briefly(quota)
        job = plain(job)
        needed = min(cell_len(job), _JOB) + bool(job)  # and a blank behind it
        if width >= ALL_MODES:
            ways = [(Named.FULL, text) for text in (told, *brief, "")]
        elif job:  # what runs is worth more than names
            ways = [(Named.KEY, text) for text in (told, *brief, "")]
        else:  # names are worth more than a gauge
            ways = [(how, text) for how in (Named.SHORT, Named.KEY) for text in (told, *brief)]
            ways.append((Named.KEY, ""))
        for how, text in ways:
            left = content(" ", (name, "bold"), "  ", *signs, *mode_parts(mode, how))
            right = content(text, " ")
            room = width - left.cell_length - right.cell_length
            if needed <= room:
                break
        if job:
            running = content((fit(job, max(room, 0)).rstrip(), "bold"))
            left, room = Content.assemble(left, running), room - running.cell_length
        self.update(Content.assemble(left, " " * max(room, 0), right), layout=False)
