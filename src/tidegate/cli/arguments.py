"""Every verb, option and example of the command line, as one argparse tree.

Owns names, help and the shape of arguments. Refuses to import what carries them out: `--help` and
shell completion must not pay for it.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Sequence
from typing import NoReturn

from tidegate.cli.verbs.conflicts import conflict_verbs
from tidegate.cli.verbs.feeds import feed_verbs, sync_verbs
from tidegate.cli.verbs.hand import hand_verbs, suppress_verbs
from tidegate.cli.verbs.integrity import integrity_verbs
from tidegate.cli.verbs.look import look_verbs
from tidegate.cli.verbs.match import match_verbs
from tidegate.cli.verbs.schedule import schedule_verbs
from tidegate.cli.verbs.shared import MARK, Layout, global_options, screen_options
from tidegate.cli.verbs.sharing import share_verbs
from tidegate.errors import UsageError

FILTER_VERBS = ("list", "history", "export", "remove", "edit", "conflicts", "views")
"""Verbs that take a FILTER, which may begin with `-`."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are ours: one line, with the fix, exit 2."""

    def error(self, message: str) -> NoReturn:
        if found := re.match(r"argument VERB: invalid choice: '([^']*)'", message):
            near = difflib.get_close_matches(found[1], _names(self), n=1)
            meant = f"did you mean `tidegate {near[0]}`? " if near else ""
            raise UsageError(f"no verb is called {found[1]!r}", f"{meant}see `tidegate --help`")
        # argparse quotes the words it was given, marks of ours included.
        plain = message.replace(MARK, "").replace(repr(MARK)[1:-1], "")
        raise UsageError(plain, f"see `{self.prog} --help`")


def _names(parser: argparse.ArgumentParser) -> list[str]:
    """The verbs of a parser, as its usage line knows them."""
    verbs = (action.choices for action in parser._actions if action.dest == "verb")  # noqa: SLF001 - argparse has no public way to ask
    return [name for choices in verbs for name in choices or ()]


def build() -> argparse.ArgumentParser:
    """The whole tree."""
    parser = _Parser(
        prog="tidegate",
        description="The gate between threat feeds and the indicator slots of a Defender tenant. "
        "Without a verb it opens the terminal UI.",
        epilog="example:\n  tidegate demo\n\n"
        "exit codes:\n  0 done · 1 internal fault · 2 usage or configuration · 3 held back · "
        "4 store damaged · 5 lock busy · 6 stale plan · 7 a feed failed, the others landed · "
        "8 export refused",
        formatter_class=Layout,
        allow_abbrev=False,
    )
    global_options(parser)
    screen_options(parser)
    parser.add_argument("--version", action="store_true", help="print the version")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)
    sync_verbs(verbs)
    schedule_verbs(verbs)
    feed_verbs(verbs)
    look_verbs(verbs)
    match_verbs(verbs)
    hand_verbs(verbs)
    suppress_verbs(verbs)
    conflict_verbs(verbs)
    share_verbs(verbs)
    integrity_verbs(verbs)
    return parser


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read a command line. Raises UsageError; SystemExit after --help."""
    args = build().parse_args(_shielded(argv))
    for name, value in vars(args).items():
        if isinstance(value, list):
            plain = [word.removeprefix(MARK) for word in value]
        elif isinstance(value, str):
            plain = [value.removeprefix(MARK)]
        else:
            continue
        if name not in _PATHS:
            _refuse_bytes(name, plain, argv)
        setattr(args, name, plain if isinstance(value, list) else plain[0])
    return args


_PATHS = ("home", "out", "file", "folder", "files", "plan_file", "alerts", "devices")
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
        MARK + word
        if word.startswith("-") and not word.startswith("--") and word not in ("-", "-h")
        else word
        for word in argv
    ]
