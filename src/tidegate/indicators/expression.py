"""Regular expressions of others, run so that none can hang or bloat the process.

Owns the engine: RE2 needs time linear in the text and memory that is set, and so takes neither
backreference nor lookaround. Never `re`, which a short expression of a stranger's can keep busy for
years. Refuses the distinction of case: names, hashes and addresses have none, and neither has the
filter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

EXPRESSION_LENGTH = 500
"""Most characters of an expression in a filter."""

EXPRESSION_STEPS = 2_000
"""Most steps of an expression in a filter, as RE2 counts; ordinary ones take some 40.

They are the bound on time where RE2 runs out of memory for its tables.
"""

_MEMORY = 4 * 1024 * 1024
_PLAIN = MappingProxyType(
    {
        "invalid perl operator": "RE2 has no lookaround and no other (?…) of Perl's",
        "invalid escape sequence": "RE2 has no such escape, and no backreference",
    }
)
"""RE2's words for what people write on purpose, in theirs."""


class Expression(str):
    """A value that was written between slashes; without them."""

    __slots__ = ()


class ExpressionError(ValueError):
    """An expression that cannot be run; `piece` is the part at fault, empty when it is all of it.

    The message does not repeat the piece, which is a stranger's.
    """

    def __init__(self, message: str, piece: str = "") -> None:
        super().__init__(message)
        self.piece = piece


def compiled(text: str, memory: int) -> Any:  # noqa: ANN401 - re2 has no types
    """Have RE2 read an expression, within that many bytes. Raises ExpressionError."""
    # Homes and filters without an expression never pay for the engine.
    import re2  # noqa: PLC0415 - see above

    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    options.max_mem = memory
    try:
        return re2.compile(text, options)
    except UnicodeEncodeError as error:
        raise ExpressionError("a character of it is half of a pair") from error
    except re2.error as error:
        told, _, piece = error.args[0].decode("utf-8", "replace").partition(": ")
        raise ExpressionError(_PLAIN.get(told, told), piece) from None


def finder(expressions: Sequence[str]) -> Callable[[str], bool]:
    """Make a test whether any expression is found anywhere in a text; `^` and `$` go by lines.

    Raises:
        ExpressionError: one is too long, RE2 does not read it, or all take too many steps.
    """
    for one in expressions:
        if len(one) > EXPRESSION_LENGTH:
            told = f"{len(one):,} characters; an expression may have {EXPRESSION_LENGTH}"
            raise ExpressionError(told)
        # By itself first: `a)|(b` is one only between the parentheses of others.
        compiled(one, _MEMORY)
    together = "|".join(f"(?:{one})" for one in expressions)
    found = compiled(f"(?m){together}", _MEMORY)
    if found.programsize > EXPRESSION_STEPS:
        raise ExpressionError(f"takes {found.programsize:,} steps of {EXPRESSION_STEPS:,}")
    search = found.search
    # A lone surrogate, which RE2 does not take, is a question mark to it.
    return lambda row: search(row.encode("utf-8", "replace")) is not None
