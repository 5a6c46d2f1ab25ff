"""What verbs share: a parser with an example and the global options, and common options.

Refuses to import what carries a verb out: `--help` and completion must not pay for it.
"""

from __future__ import annotations

import argparse
from typing import Any

from tidegate.cli.folding import folded

MARK = "\x00"
"""Stands before words that argparse would take for options; see arguments.parse."""

FILTER_HELP = (
    "fields such as type:ip,domain action:block sev>=medium expires<7d feed:ID is:pinned; "
    "a blank or AND joins; a leading - or NOT negates; (a OR b) groups; /regex/ alone or in "
    "value, title, note, description, category"
)


_EXAMPLE = "  tidegate "


class Layout(argparse.RawDescriptionHelpFormatter):
    """Help whose lines are broken between words, but for examples, which are pasted."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        raw = super()._fill_text(text, width, indent)
        return "\n".join(
            line
            if line.startswith(_EXAMPLE)
            else folded(line, width, len(line) - len(line.lstrip()))
            for line in raw.splitlines()
        )


def path(text: str) -> str:
    """Refuse a file without a name: an empty variable in a script, most likely."""
    if not text.removeprefix(MARK):
        raise argparse.ArgumentTypeError("it is empty")
    return text


def count(text: str) -> int:
    """Read a number that is not negative."""
    plain = text.removeprefix(MARK)
    try:
        number = int(plain)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{plain!r} is no number") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{plain} is negative")
    return number


def global_options(parser: argparse.ArgumentParser) -> None:
    """Options that stand before or after the verb; absent ones leave no trace to override."""
    group = parser.add_argument_group("global options")
    add = group.add_argument
    absent = argparse.SUPPRESS
    add(
        "--home",
        type=path,
        metavar="DIR",
        default=absent,
        help="home directory (or TIDEGATE_HOME)",
    )
    add("--tenant", metavar="NAME", default=absent, help="which tenant's list (default: default)")
    add("--json", action="store_true", default=absent, help="write JSON to stdout")
    add("--read-only", action="store_true", default=absent, help="change nothing")
    add("--verbose", action="store_true", default=absent, help="say more on stderr")


def screen_options(parser: argparse.ArgumentParser) -> None:
    """How the terminal UI draws and listens."""
    group = parser.add_argument_group("terminal UI")
    add, absent = group.add_argument, argparse.SUPPRESS
    add("--ascii", action="store_true", default=absent, help="draw with ASCII characters alone")
    add("--no-mouse", action="store_true", default=absent, help="leave the mouse to the terminal")


def verb(
    verbs: Any,  # noqa: ANN401 - argparse keeps the type of its subparsers private
    name: str,
    does: str,
    example: str,
) -> argparse.ArgumentParser:
    """Add a verb with its one-line help, an example and the global options."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=does,
        description=does[:1].upper() + does[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=Layout,
        allow_abbrev=False,
    )
    global_options(parser)
    return parser


def fields(parser: argparse.ArgumentParser) -> None:
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
    guards = parser.add_argument_group("guards")
    guards.add_argument(
        "--override",
        action="append",
        metavar="GUARD",
        help="let these values pass a guard, repeat for more: public_resolver, warninglist, "
        "homoglyph or documentation",
    )
    guards.add_argument("--reason", default="", metavar="TEXT", help="why; kept with the values")


def dry_run(parser: argparse.ArgumentParser) -> None:
    """Add `--dry-run`."""
    parser.add_argument("--dry-run", action="store_true", help="show what would happen, only")


def yes(parser: argparse.ArgumentParser) -> None:
    """Add `--yes`."""
    parser.add_argument("--yes", action="store_true", help="answer ordinary questions with yes")
