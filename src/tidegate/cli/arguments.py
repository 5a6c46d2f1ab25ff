"""Every verb, option and example of the command line, as one argparse tree.

Owns names, help and the shape of arguments. Refuses to import what carries them out: `--help` and
shell completion must not pay for it.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from tidegate.errors import UsageError

FILTER_VERBS = ("list", "history", "export", "remove", "edit")
"""Verbs that take a FILTER, which may begin with `-`."""

_FILTER_HELP = (
    "fields such as type:ip,domain action:block sev>=medium expires<7d feed:ID is:pinned; "
    "a leading - or NOT negates"
)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are ours: one line, with the fix, exit 2."""

    def error(self, message: str) -> NoReturn:
        if found := re.match(r"argument VERB: invalid choice: '([^']*)'", message):
            near = difflib.get_close_matches(found[1], _names(self), n=1)
            meant = f"did you mean `tidegate {near[0]}`? " if near else ""
            raise UsageError(f"no verb is called {found[1]!r}", f"{meant}see `tidegate --help`")
        # argparse quotes the words it was given, marks of ours included.
        plain = message.replace(_MARK, "").replace(repr(_MARK)[1:-1], "")
        raise UsageError(plain, f"see `{self.prog} --help`")


def _names(parser: argparse.ArgumentParser) -> list[str]:
    """The verbs of a parser, as its usage line knows them."""
    verbs = (action.choices for action in parser._actions if action.dest == "verb")  # noqa: SLF001 - argparse has no public way to ask
    return [name for choices in verbs for name in choices or ()]


def _path(text: str) -> str:
    """Refuse a file without a name: an empty variable in a script, most likely."""
    if not text.removeprefix(_MARK):
        raise argparse.ArgumentTypeError("it is empty")
    return text


def _count(text: str) -> int:
    plain = text.removeprefix(_MARK)
    try:
        number = int(plain)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{plain!r} is no number") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{plain} is negative")
    return number


def _globals(parser: argparse.ArgumentParser) -> None:
    """Options that stand before or after the verb; absent ones leave no trace to override."""
    group = parser.add_argument_group("global options")
    add = group.add_argument
    absent = argparse.SUPPRESS
    add(
        "--home",
        type=_path,
        metavar="DIR",
        default=absent,
        help="home directory (or TIDEGATE_HOME)",
    )
    add("--tenant", metavar="NAME", default=absent, help="which tenant's list (default: default)")
    add("--json", action="store_true", default=absent, help="write JSON to stdout")
    add("--read-only", action="store_true", default=absent, help="change nothing")
    add("--verbose", action="store_true", default=absent, help="say more on stderr")


def _verb(
    verbs: Any,  # noqa: ANN401 - argparse keeps the type of its subparsers private
    name: str,
    does: str,
    example: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=does,
        description=does[:1].upper() + does[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _globals(parser)
    return parser


def _fields(parser: argparse.ArgumentParser) -> None:
    """The fields that an add or edit sets."""
    group = parser.add_argument_group("fields")
    add = group.add_argument
    add("--action", help='Allow, "Alert only", "Alert and block", Warn, Block (or allow, alert, …)')
    add("--severity", help="Informational, Low, Medium or High")
    add("--title", help="title of the alert")
    add("--description", help="description of the alert")
    add("--group", action="append", metavar="NAME", help="a device group; repeat for more")
    add("--all-devices", action="store_true", help="every device, whatever groups were set")
    add("--expires", metavar="WHEN", help="30d, 12h, 2026-12-31 or never")
    add("--note", help="a note for your own team; never exported")
    add("--category", help="alert category, such as CommandAndControl")
    add("--recommended-actions", metavar="TEXT", help="what a responder should do")


def _dry_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show what would happen, only")


def _yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="answer ordinary questions with yes")


def _look_verbs(verbs: Any) -> None:  # noqa: ANN401 - see _verb
    p = _verb(verbs, "list", "list indicators in rank order", "tidegate list type:ip action:block")
    p.add_argument("filter", nargs="*", metavar="FILTER", help=_FILTER_HELP)
    p.add_argument("--limit", type=_count, metavar="N", help="show at most N rows")
    p = _verb(verbs, "show", "show every field of one indicator", "tidegate show 203.0.113.7")
    p.add_argument("item", metavar="ITEM", help="an id, a unique id prefix, or a value")
    p = _verb(
        verbs, "why", "tell why a value is on the list, or why not", "tidegate why 203.0.113.7"
    )
    p.add_argument("value", metavar="VALUE", help="a value, an id or an id prefix")
    _verb(verbs, "quota", "show who holds the tenant's slots", "tidegate quota --json")
    p = _verb(
        verbs,
        "rejections",
        "show what feeds said that did not become a candidate, grouped by reason",
        "tidegate rejections --feed acme-c2 --code cidr",
    )
    p.add_argument("--feed", metavar="ID", help="of one feed")
    p.add_argument("--code", metavar="CODE", help="list the single rejections of one reason")
    p = _verb(
        verbs,
        "history",
        "show what was changed, by whom and why, newest first",
        "tidegate history feed:acme-c2 --limit 5",
    )
    p.add_argument("filter", nargs="*", metavar="FILTER", help=_FILTER_HELP)
    p.add_argument("--limit", type=_count, metavar="N", default=None, help="show at most N steps")


def _hand_verbs(verbs: Any) -> None:  # noqa: ANN401 - see _verb
    p = _verb(
        verbs,
        "add",
        "add indicators by hand, defanged or not",
        "tidegate add 'hxxp://bad[.]example/x' --action block --severity High --expires 30d",
    )
    p.add_argument("values", nargs="*", metavar="VALUE", help="hash, address, domain or URL")
    p.add_argument("--stdin", action="store_true", help="find the indicators in a text on stdin")
    p.add_argument("--type", help="FileSha256, IpAddress, … (or sha256, ip, …); guessed if absent")
    _fields(p)
    _dry_run(p)
    _yes(p)
    p = _verb(
        verbs,
        "edit",
        "change fields of indicators; on a feed's row they are yours from then on",
        "tidegate edit 203.0.113.7 --severity High --expires never",
    )
    p.add_argument("items", nargs="*", metavar="ITEM", help="an id, id prefix or value")
    p.add_argument("--filter", metavar="FILTER", help="every row that the filter matches")
    _fields(p)
    _dry_run(p)
    _yes(p)
    p = _verb(
        verbs,
        "remove",
        "remove indicators; a feed's row stays away",
        "tidegate remove 203.0.113.7 bad.example.com",
    )
    p.add_argument("items", nargs="*", metavar="ITEM", help="an id, id prefix or value")
    p.add_argument("--filter", metavar="FILTER", help="every row that the filter matches")
    p.add_argument("--reason", default="", help="kept in the history and the suppression")
    _dry_run(p)
    _yes(p)
    for name, does in (
        ("pin", "keep an indicator's slot whatever its rank"),
        ("unpin", "let an indicator compete again"),
    ):
        p = _verb(verbs, name, does, f"tidegate {name} 203.0.113.7")
        p.add_argument("items", nargs="+", metavar="ITEM", help="an id, id prefix or value")
    p = _verb(
        verbs,
        "check",
        "ask the guards about values, and show their canonical form",
        "tidegate check microsoft.com 'hxxp://bad[.]example.com/'",
    )
    p.add_argument("values", nargs="*", metavar="VALUE", help="hash, address, domain or URL")
    p.add_argument("--stdin", action="store_true", help="read values from stdin, one a line")
    p = _verb(verbs, "undo", "take back the last change, or the last N", "tidegate undo 2")
    p.add_argument("steps", nargs="?", type=int, default=1, metavar="N", help="default: 1")


def _suppress_verbs(verbs: Any) -> None:  # noqa: ANN401 - see _verb
    p = _verb(
        verbs,
        "suppress",
        "manage what feeds may not bring back",
        "tidegate suppress add 203.0.113.7 --reason 'our scanner'",
    )
    what = p.add_subparsers(dest="what", metavar="list|add|remove", required=True)
    _verb(what, "list", "list suppressions", "tidegate suppress list")
    q = _verb(what, "add", "keep a value out", "tidegate suppress add 203.0.113.7 --until 30d")
    q.add_argument("value", metavar="VALUE")
    q.add_argument("--reason", default="suppressed by hand")
    q.add_argument("--group", action="append", metavar="NAME", help="only for this scope")
    q.add_argument("--until", metavar="WHEN", default="never", help="30d, a date or never")
    q = _verb(what, "remove", "let feeds bring it back", "tidegate suppress remove 203.0.113.7")
    q.add_argument("values", nargs="*", metavar="VALUE")
    q.add_argument("--all", action="store_true", help="every value that is suppressed")


def _feed_verbs(verbs: Any) -> None:  # noqa: ANN401 - see _verb
    p = _verb(verbs, "feeds", "manage feeds and see how they do", "tidegate feeds list")
    what = p.add_subparsers(
        dest="what", metavar="list|show|add|enable|disable|check|rewind", required=True
    )
    _verb(what, "list", "list the feeds of this home and those shipped", "tidegate feeds list")
    for name, does in (
        ("show", "show a feed's definition, policy and health"),
        ("enable", "switch a feed on; a shipped one is copied into the home first"),
        ("disable", "switch a feed off; its rows age out"),
        ("check", "walk to the feed's first page and say where it fails"),
    ):
        q = _verb(what, name, does, f"tidegate feeds {name} acme-c2")
        q.add_argument("id", metavar="ID")
    q = _verb(what, "add", "copy a feed folder into the home", "tidegate feeds add ./acme-c2")
    q.add_argument("folder", type=_path, metavar="DIR", help="a folder with a feed.toml")
    q.add_argument("--replace", action="store_true", help="replace the feed of the same id")
    q = _verb(
        what,
        "rewind",
        "pull a feed again from its beginning, or from a time",
        "tidegate feeds rewind acme-c2 --to 2026-11-01",
    )
    q.add_argument("id", metavar="ID")
    q.add_argument("--to", metavar="TIME", help="such as 2026-11-01 or 2026-11-01T08:30Z")


def _sync_verbs(verbs: Any) -> None:  # noqa: ANN401 - see _verb
    p = _verb(verbs, "sync", "pull feeds, plan and apply", "tidegate sync --yes")
    p.add_argument("feeds", nargs="*", metavar="FEED", help="only these feeds")
    _dry_run(p)
    _yes(p)
    p = _verb(
        verbs,
        "plan",
        "plan the list from what feeds said last, without a download",
        "tidegate plan --out monday.plan.json",
    )
    p.add_argument("--out", type=_path, metavar="FILE", help="write the plan for a later apply")
    p = _verb(
        verbs, "apply", "apply a plan file, or plan and apply", "tidegate apply monday.plan.json"
    )
    p.add_argument("file", nargs="?", type=_path, metavar="FILE", help="from `tidegate plan --out`")
    _yes(p)
    p = _verb(verbs, "held", "see and approve what the brake withheld", "tidegate held list")
    what = p.add_subparsers(dest="what", metavar="list|approve", required=True)
    _verb(what, "list", "list what the last sync withheld", "tidegate held list")
    q = _verb(what, "approve", "apply what was withheld", "tidegate held approve 3f2a9c01d4e7")
    q.add_argument("plan", metavar="PLAN_ID", help="as `tidegate held list` shows it")
    q.add_argument("--feed", metavar="ID", help="only the rows of this feed")
    p = _verb(
        verbs,
        "demo",
        "run the whole journey on a real TAXII server, in a throw-away home",
        "tidegate demo --headless",
    )
    p.add_argument("--headless", action="store_true", help="print the result, open no terminal UI")


def _share_verbs(verbs: Any) -> None:  # noqa: ANN401 - see _verb
    p = _verb(
        verbs,
        "export",
        "write indicators as a STIX 2.1 bundle or as the portal's CSV",
        "tidegate export --filter 'type:domain conf>=60' --out share.json --tlp-max green",
    )
    p.add_argument("--filter", default="", metavar="FILTER", help=_FILTER_HELP)
    p.add_argument("--out", type=_path, metavar="FILE", required=True, help="where to write")
    p.add_argument("--format", default="stix", metavar="NAME", help="stix or portal-csv")
    p.add_argument("--tlp-max", default="green", metavar="LEVEL", help="withhold what is above")
    p.add_argument("--identity", default="Tidegate", metavar="NAME", help="who the bundle is from")
    p = _verb(
        verbs,
        "import",
        "take in indicators from a STIX file or the portal's CSV",
        "tidegate import tenant.csv --origin foreign",
    )
    p.add_argument("file", type=_path, metavar="FILE")
    p.add_argument(
        "--origin",
        choices=("manual", "foreign"),
        default="manual",
        help="manual: yours from now on; foreign: made by others, takes slots, never edited",
    )
    p.add_argument(
        "--replace",
        action="store_true",
        help="with --origin foreign: FILE lists all of them, so remove those it lacks",
    )
    _dry_run(p)
    _yes(p)


def build() -> argparse.ArgumentParser:
    """The whole tree."""
    parser = _Parser(
        prog="tidegate",
        description="The gate between threat feeds and the indicator slots of a Defender tenant. "
        "Without a verb it opens the terminal UI.",
        epilog="example:\n  tidegate demo\n\n"
        "exit codes:\n  0 done · 1 internal fault · 2 usage or configuration · 3 held back · "
        "4 store damaged ·\n  5 lock busy · 6 stale plan · 7 a feed failed, the others landed · "
        "8 export refused",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _globals(parser)
    parser.add_argument("--version", action="store_true", help="print the version")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)
    _sync_verbs(verbs)
    _feed_verbs(verbs)
    _look_verbs(verbs)
    _hand_verbs(verbs)
    _suppress_verbs(verbs)
    _share_verbs(verbs)
    return parser


_MARK = "\x00"


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read a command line. Raises UsageError; SystemExit after --help."""
    args = build().parse_args(_shielded(argv))
    for name, value in vars(args).items():
        if isinstance(value, list):
            plain = [word.removeprefix(_MARK) for word in value]
        elif isinstance(value, str):
            plain = [value.removeprefix(_MARK)]
        else:
            continue
        if name not in _PATHS:
            _refuse_bytes(name, plain, argv)
        setattr(args, name, plain if isinstance(value, list) else plain[0])
    return args


_PATHS = ("home", "out", "file", "folder")
"""Arguments that name files, which may have names that are no text."""


def _refuse_bytes(name: str, words: Sequence[str], argv: Sequence[str]) -> None:
    """Refuse bytes that are no UTF-8: no value, filter or title has them, and nothing stores them.

    Python hands them over as lone surrogates (PEP 383).
    """
    for word in words:
        if not word.isascii() and any("\ud800" <= char <= "\udfff" for char in word):
            option = "--" + name.replace("_", "-")
            given = any(it == option or it.startswith(option + "=") for it in argv)
            called = option if given else name.upper().removesuffix("S")
            shown = word.encode("utf-8", "backslashreplace").decode()
            raise UsageError(f"{called}: {shown} is not UTF-8 text", "check the terminal's locale")


def _shielded(argv: Sequence[str]) -> list[str]:
    """Mark words such as `-feed:x` that argparse would take for options; ours all begin with --."""
    if not set(argv) & set(FILTER_VERBS):
        return list(argv)
    return [
        _MARK + word
        if word.startswith("-") and not word.startswith("--") and word not in ("-", "-h")
        else word
        for word in argv
    ]
