"""Arguments of the verbs for syncs that nobody starts by hand."""

from __future__ import annotations

from typing import Any

from tidegate.cli.verbs.shared import verb


def schedule_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add `schedule` and `watch`."""
    p = verb(
        verbs,
        "schedule",
        "have feeds synced by systemd or cron",
        "tidegate schedule print --systemd",
    )
    what = p.add_subparsers(dest="what", metavar="print", required=True)
    q = verb(
        what,
        "print",
        "print units for systemd or a line for crontab, installing nothing",
        "tidegate schedule print --cron",
    )
    kind = q.add_mutually_exclusive_group(required=True)
    for name, does in (
        ("systemd", "a service and its timer"),
        ("cron", "one line for `crontab -e`"),
    ):
        kind.add_argument(f"--{name}", dest="kind", action="store_const", const=name, help=does)
    verb(
        verbs,
        "watch",
        "sync each feed at its turn until SIGTERM or Ctrl-C, one line a run; for containers",
        "tidegate watch --json",
    )
