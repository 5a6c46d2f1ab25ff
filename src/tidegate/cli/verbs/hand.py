"""Arguments of the verbs for changes by hand."""

from __future__ import annotations

from typing import Any

from tidegate.cli.verbs.shared import dry_run, fields, verb, yes


def hand_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add the verbs that change rows by hand, `undo` and `redo`."""
    p = verb(
        verbs,
        "add",
        "add indicators by hand, defanged or not",
        "tidegate add 'hxxp://bad[.]example/x' --action block --severity High --expires 30d",
    )
    p.add_argument("values", nargs="*", metavar="VALUE", help="hash, address, domain or URL")
    p.add_argument("--stdin", action="store_true", help="find the indicators in a text on stdin")
    p.add_argument("--type", help="FileSha256, IpAddress, … (or sha256, ip, …); guessed if absent")
    fields(p)
    dry_run(p)
    yes(p)
    p = verb(
        verbs,
        "edit",
        "change fields of indicators; on a feed's row they are yours from then on",
        "tidegate edit 203.0.113.7 --severity High --expires never",
    )
    p.add_argument("items", nargs="*", metavar="ITEM", help="an id, id prefix or value")
    p.add_argument("--filter", metavar="FILTER", help="every row that the filter matches")
    p.add_argument(
        "--editor", action="store_true", help="edit their fields as a text in $EDITOR instead"
    )
    fields(p)
    dry_run(p)
    yes(p)
    p = verb(
        verbs,
        "remove",
        "remove indicators; a feed's row stays away",
        "tidegate remove 203.0.113.7 bad.example.com",
    )
    p.add_argument("items", nargs="*", metavar="ITEM", help="an id, id prefix or value")
    p.add_argument("--filter", metavar="FILTER", help="every row that the filter matches")
    p.add_argument("--reason", default="", help="kept in the history and the suppression")
    dry_run(p)
    yes(p)
    for name, does in (
        ("pin", "keep an indicator's slot whatever its rank"),
        ("unpin", "let an indicator compete again"),
    ):
        p = verb(verbs, name, does, f"tidegate {name} 203.0.113.7")
        p.add_argument("items", nargs="+", metavar="ITEM", help="an id, id prefix or value")
    p = verb(
        verbs,
        "check",
        "ask the guards about values, and show their canonical form",
        "tidegate check microsoft.com 'hxxp://bad[.]example.com/'",
    )
    p.add_argument("values", nargs="*", metavar="VALUE", help="hash, address, domain or URL")
    p.add_argument("--stdin", action="store_true", help="read values from stdin, one a line")
    for name, does, which in (
        (
            "undo",
            "take back the last change, the last N, or any that still fit",
            "of these changes",
        ),
        ("redo", "do again what an undo took back, if it still fits", "these changes or undos"),
    ):
        p = verb(verbs, name, does, f"tidegate {name} --change 12..15")
        p.add_argument("steps", nargs="?", type=int, metavar="N", help="default: 1")
        p.add_argument("--change", metavar="SPAN", help=f"{which}: 12, 12..15, or 12.. to the last")
        dry_run(p)
        yes(p)


def suppress_verbs(verbs: Any) -> None:  # noqa: ANN401 - see shared.verb
    """Add `suppress`."""
    p = verb(
        verbs,
        "suppress",
        "manage what feeds may not bring back",
        "tidegate suppress add 203.0.113.7 --reason 'our scanner'",
    )
    what = p.add_subparsers(dest="what", metavar="list|add|remove", required=True)
    verb(what, "list", "list suppressions", "tidegate suppress list")
    q = verb(what, "add", "keep a value out", "tidegate suppress add 203.0.113.7 --until 30d")
    q.add_argument("value", metavar="VALUE")
    q.add_argument("--reason", default="suppressed by hand")
    q.add_argument("--group", action="append", metavar="NAME", help="only for this scope")
    q.add_argument("--until", metavar="WHEN", default="never", help="30d, a date or never")
    q = verb(what, "remove", "let feeds bring it back", "tidegate suppress remove 203.0.113.7")
    q.add_argument("values", nargs="*", metavar="VALUE")
    q.add_argument("--all", action="store_true", help="every value that is suppressed")
