"""Arguments of the verbs that look and change nothing."""

from __future__ import annotations

import argparse
from typing import Any

from tidegate.cli.verbs.shared import FILTER_HELP, count, verb


def _share(text: str) -> str:
    """Refuse what is not FEED=N."""
    feed, equals, rows = text.partition("=")
    if not feed or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form FEED=N")
    count(rows)
    return text


def _quota(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    p = verb(
        verbs,
        "quota",
        "show who holds the tenant's slots, who is next, and what frees up when",
        "tidegate quota --limit 12000 --ceiling acme-c2=4000",
    )
    group = p.add_argument_group("what if", "plan as if it were so, and change nothing")
    group.add_argument("--limit", type=count, metavar="N", help="another limit")
    group.add_argument("--reserve", type=count, metavar="N", help="slots that feeds leave free")
    for name, does in (("--floor", "slots kept for a feed"), ("--ceiling", "the most of a feed")):
        group.add_argument(
            name,
            type=_share,
            action="append",
            default=[],
            metavar="FEED=N",
            help=f"{does}; repeat for more",
        )


def _shown(parser: argparse.ArgumentParser) -> None:
    """Order and columns."""
    parser.add_argument(
        "--sort", metavar="FIELD", help="by expires, severity, feed, …; -FIELD from the end"
    )
    parser.add_argument(
        "--columns", metavar="LIST", help="such as value,action,title; a script takes --json"
    )


def _views(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    p = verb(
        verbs,
        "views",
        "keep filter, order and columns under a name",
        "tidegate views save soon 'expires<7d' --sort expires",
    )
    what = p.add_subparsers(dest="what", metavar="list|save|delete", required=True)
    verb(what, "list", "list the saved views", "tidegate views list")
    q = verb(what, "save", "save a view, or replace it", "tidegate views save soon 'expires<7d'")
    q.add_argument("name", metavar="NAME", help="a-z, 0-9 and the hyphen")
    q.add_argument("filter", nargs="*", metavar="FILTER", help=FILTER_HELP)
    _shown(q)
    q = verb(what, "delete", "forget a view", "tidegate views delete soon")
    q.add_argument("name", metavar="NAME")


def look_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add the verbs that look."""
    p = verb(verbs, "list", "list indicators in rank order", "tidegate list type:ip action:block")
    p.add_argument("filter", nargs="*", metavar="FILTER", help=FILTER_HELP)
    p.add_argument("--limit", type=count, metavar="N", help="show at most N rows")
    p.add_argument("--view", metavar="NAME", help="a saved view; FILTER narrows it further")
    p.add_argument(
        "--facets", action="store_true", help="how many there are by type, feed, expiry, …"
    )
    _shown(p)
    _views(verbs)
    p = verb(verbs, "show", "show every field of one indicator", "tidegate show 203.0.113.7")
    p.add_argument("item", metavar="ITEM", help="an id, a unique id prefix, or a value")
    p = verb(
        verbs, "why", "tell why a value is on the list, or why not", "tidegate why 203.0.113.7"
    )
    p.add_argument("value", metavar="VALUE", help="a value, an id or its prefix, a STIX id")
    _quota(verbs)
    p = verb(
        verbs,
        "rejections",
        "show what feeds said that did not become a candidate, grouped by reason",
        "tidegate rejections --feed acme-c2 --code cidr",
    )
    p.add_argument("--feed", metavar="ID", help="of one feed")
    p.add_argument("--code", metavar="CODE", help="list the single rejections of one reason")
    how = p.add_mutually_exclusive_group()
    how.add_argument(
        "--id",
        metavar="ID",
        help="one object, by its id or a refused value: as delivered, who refused it, and what "
        "would change that",
    )
    how.add_argument(
        "--replay",
        action="store_true",
        help="evaluate what was refused anew, under today's policy and guards; stores nothing",
    )
    p = verb(
        verbs,
        "runs",
        "list what each sync came to, newest first, the last 500 of them",
        "tidegate runs --limit 5",
    )
    p.add_argument("--limit", type=count, metavar="N", default=20, help="at most N (default: 20)")
    p = verb(
        verbs,
        "history",
        "show what was changed, by whom and why, newest first",
        "tidegate history 203.0.113.7 --since 7d",
    )
    p.add_argument(
        "filter", nargs="*", metavar="FILTER", help="changes of a matching row: " + FILTER_HELP
    )
    p.add_argument("--change", metavar="SPAN", help="in full: 12, 12..15, or 12.. to the last")
    p.add_argument("--by", metavar="ACTOR", help="made by this person")
    p.add_argument("--door", metavar="NAME", help="made through add, edit, sync, undo, import, …")
    p.add_argument("--feed", metavar="ID", help="of a row that this feed lists")
    p.add_argument("--since", metavar="TIME", help="2026-11-01, 2026-11-01T08:30Z, or an age: 7d")
    p.add_argument("--until", metavar="TIME", help="such a time; a day counts to its end")
    p.add_argument("--limit", type=count, metavar="N", default=None, help="show at most N steps")
