"""A run in one line: for a journal, a mail, and whoever skims either.

Owns the words of that line. Refuses detail: feeds and rows have commands of their own.
"""

from __future__ import annotations

from tidegate.service.runs import Run


def changes(run: Run) -> str:
    """What a run's plan changes: added, updated, removed."""
    return "+{create:,} ~{update:,} -{remove:,}".format_map(run.plan) if run.plan else ""


def took(run: Run) -> str:
    """How long a run took; nothing for one without an end."""
    return "" if run.seconds is None else f"{run.seconds:,.1f}s"


def summary(run: Run) -> str:
    """The line of a run that came to a plan.

    sync: 3 feeds (1 failed), 1,234 fetched, +12 ~3 -1, 5 held, 14,998 of 15,000 slots, change 42,
    3.2s
    """
    feeds = f"{len(run.feeds):,} feed{'' if len(run.feeds) == 1 else 's'}"
    if run.failed:
        feeds += f" ({len(run.failed):,} failed)"
    parts = [feeds, f"{sum(feed.fetched for feed in run.feeds):,} fetched", changes(run)]
    if held := run.plan.get("held"):
        parts.append(f"{held:,} held")
    if run.used is not None and run.limit is not None:
        parts.append(f"{run.used:,} of {run.limit:,} slots")
    if run.change is not None:
        parts.append(f"change {run.change:,}")
    elif run.dry_run:
        parts.append("dry run")
    else:
        parts.append("nothing to change" if run.applied else "not applied")
    return f"{run.door}: " + ", ".join((*parts, took(run)))
