"""Arguments of the verbs for feeds, plans and what the brake withheld."""

from __future__ import annotations

import argparse
from typing import Any

from tidegate.cli.verbs.shared import dry_run, path, screen_options, verb, yes


def feed_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add `feeds`."""
    p = verb(verbs, "feeds", "manage feeds and see how they do", "tidegate feeds list")
    what = p.add_subparsers(
        dest="what", metavar="list|show|report|add|enable|disable|check|rewind", required=True
    )
    verb(what, "list", "list the feeds of this home and those shipped", "tidegate feeds list")
    verb(
        what,
        "report",
        "compare the feeds that are on: what each adds, what it holds, what becomes of it",
        "tidegate feeds report",
    )
    for name, does in (
        ("show", "show a feed's definition, policy, health and report card"),
        ("enable", "switch a feed on; a shipped one is copied into the home first"),
        ("disable", "switch a feed off; its rows age out"),
        (
            "check",
            "look for rules that never decide, walk to the feed's first page, say where it fails",
        ),
    ):
        q = verb(what, name, does, f"tidegate feeds {name} acme-c2")
        q.add_argument("id", metavar="ID", help="as `tidegate feeds list` shows it")
    q = verb(what, "add", "copy a feed folder into the home", "tidegate feeds add ./acme-c2")
    q.add_argument(
        "folder",
        type=path,
        metavar="DIR",
        help="a folder with a feed.toml; for one to start from, `tidegate feeds enable "
        "taxii-community` copies a template into the home",
    )
    q.add_argument("--replace", action="store_true", help="replace the feed of the same id")
    q = verb(
        what,
        "rewind",
        "pull a feed again from its beginning, or from a time",
        "tidegate feeds rewind acme-c2 --to 2026-11-01",
    )
    q.add_argument("id", metavar="ID", help="as `tidegate feeds list` shows it")
    q.add_argument("--to", metavar="TIME", help="earlier than what is read: 2026-11-01T08:30Z")


def sync_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add `sync`, `plan`, `apply`, `held` and `demo`."""
    p = verb(
        verbs,
        "sync",
        "pull feeds, plan and apply",
        "tidegate sync --yes\n  tidegate sync --only feed:acme-c2 --op create --yes",
    )
    p.add_argument("feeds", nargs="*", metavar="FEED", help="only these feeds")
    p.add_argument("--due", action="store_true", help="only feeds whose `every` has passed")
    _part(p)
    dry_run(p)
    yes(p)
    p = verb(
        verbs,
        "plan",
        "plan the list from what feeds said last, without a download",
        "tidegate plan --out monday.plan.json",
    )
    p.add_argument("--out", type=path, metavar="FILE", help="write the plan for a later apply")
    p.add_argument(
        "--policy",
        type=path,
        metavar="FILE",
        help="plan as if this feed.toml were saved, and compare with today's; writes nothing",
    )
    p = verb(
        verbs,
        "apply",
        "apply a plan file, or plan and apply",
        "tidegate apply monday.plan.json\n"
        "  tidegate apply monday.plan.json --only feed:acme-c2 --only c2.example.com",
    )
    p.add_argument("file", nargs="?", type=path, metavar="FILE", help="from `tidegate plan --out`")
    p.add_argument(
        "--rebase",
        action="store_true",
        help="apply FILE although the list changed since, if nothing done since is about its rows",
    )
    _part(p)
    yes(p)
    p = verb(verbs, "held", "see and approve what the brake withheld", "tidegate held list")
    what = p.add_subparsers(dest="what", metavar="list|approve", required=True)
    verb(what, "list", "list what the last sync withheld", "tidegate held list")
    q = verb(what, "approve", "apply what was withheld", "tidegate held approve 3f2a9c01d4e7")
    q.add_argument("plan", metavar="PLAN_ID", help="as `tidegate held list` shows it")
    q.add_argument("--feed", metavar="ID", help="only the rows of this feed")
    p = verb(
        verbs,
        "demo",
        "run the whole journey on a real TAXII server, in a throw-away home",
        "tidegate demo --headless",
    )
    p.add_argument("--headless", action="store_true", help="print the result, open no terminal UI")
    screen_options(p)


def _part(parser: argparse.ArgumentParser) -> None:
    """Add what accepts some of a plan."""
    group = parser.add_argument_group(
        "some of the plan", "the rest waits, and the next plan brings it again"
    )
    group.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WHAT",
        help="apply only changes of this row, an id or a value, or of the rows of a FILTER, as "
        "they will be or were; repeat for more",
    )
    group.add_argument(
        "--op",
        action="append",
        default=[],
        choices=("create", "update", "remove"),
        metavar="OP",
        help="and of those only create, update or remove; repeat for more",
    )
