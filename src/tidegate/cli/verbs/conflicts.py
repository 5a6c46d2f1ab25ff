"""Arguments of `conflicts`: what people and feeds want differently, rows that overlap."""

from __future__ import annotations

from typing import Any

from tidegate.cli.verbs.shared import FILTER_HELP, dry_run, verb, yes


def conflict_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add `conflicts`."""
    p = verb(
        verbs,
        "conflicts",
        "see and settle where people and feeds differ",
        "tidegate conflicts list feed:acme-c2",
    )
    what = p.add_subparsers(dest="what", metavar="list|resolve", required=True)
    q = verb(what, "list", "list what nobody has decided yet", "tidegate conflicts list type:ip")
    q.add_argument("filter", nargs="*", metavar="FILTER", help=FILTER_HELP)
    q.add_argument("--settled", action="store_true", help="also what was kept against a feed")
    q = verb(
        what,
        "resolve",
        "keep mine, take theirs, or make mine the feed's policy",
        "tidegate conflicts resolve 203.0.113.7 --mine",
    )
    q.add_argument("ids", nargs="*", metavar="ID", help="a conflict, or a row or value with some")
    q.add_argument("--filter", metavar="FILTER", help="every conflict of rows that match")
    q.add_argument("--all", action="store_true", help="every conflict that is listed")
    choice = q.add_mutually_exclusive_group(required=True)
    for name, does in (
        ("mine", "what a person set stays; listed again when the feed wants something else"),
        ("theirs", "the feed has its way, and the field or row is the feed's again"),
        ("rule", "what a person set becomes a rule in feed.toml, and so the feed's own wish"),
    ):
        choice.add_argument(f"--{name}", dest="choice", action="store_const", const=name, help=does)
    choice.add_argument(
        "--pick", type=int, metavar="N", help="the side that is to decide, as they are listed: 1, 2"
    )
    dry_run(q)
    yes(q)
