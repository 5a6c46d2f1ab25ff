"""Cuts a STIX pattern into tokens, in one pass of one regular expression.

Owns the lexical half of the pattern grammar (STIX 2.1 section 9; 2.0 part 5 has the same tokens).
Refuses everything that is no token with PatternError and its position. Every repetition in the
expression is possessive, so hostile text costs linear time.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tidegate.errors import PatternError

KEYWORDS = frozenset(
    (
        *("AND", "OR", "NOT", "FOLLOWEDBY", "EXISTS", "IN"),
        *("LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"),
        *("START", "STOP", "WITHIN", "SECONDS", "REPEATS", "TIMES", "LAST"),
    )
)
"""Upper-case only: `and` is a name. `true` and `false` are literals of their own."""

SPACE = "\\t\\n\\x0b\\x0c\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
"""What may stand between tokens, as the inside of a character class."""

_TOKEN = re.compile(
    rf"(?:[{SPACE}]++|/\*(?s:.*?)\*/|//[^\r\n]*+)*+"
    r"(?:"
    r"(?P<string>'(?:[^'\\]++|\\['\\])*+')"
    r"|(?P<timestamp>t'\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d++)?+Z')"
    r"|(?P<hex>h'(?:[0-9A-Fa-f]{2})*+')"
    r"|(?P<binary>b'(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?')"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_-]*+)"
    r"|(?P<float>[+-]?\d*\.\d++)"
    r"|(?P<integer>[+-]?(?:0|[1-9]\d*+))"
    r"|(?P<operator>==?|!=|<>|<=?|>=?)"
    r"|(?P<mark>[\[\]():.,*])"
    r"|(?P<end>\Z)"
    r"|(?P<bad>(?s:.))"
    r")",
    re.ASCII,
)


class Token(NamedTuple):
    """One token: `kind` is the keyword or mark itself, or the name of a class of tokens."""

    kind: str
    text: str
    position: int


def tokens(pattern: str) -> list[Token]:
    """Cut a pattern into tokens, the last of kind `end`; raises PatternError for anything else."""
    found: list[Token] = []
    for match in _TOKEN.finditer(pattern):
        kind = match.lastgroup or "bad"
        text = match[kind]
        position = match.start(kind)
        if kind == "mark" or (kind == "word" and text in KEYWORDS):
            kind = text
        elif kind == "word" and text in ("true", "false"):
            kind = "boolean"
        elif kind == "bad":
            if text == "'":
                raise PatternError("a text is not closed, or holds a stray backslash", position)
            raise PatternError(f"unexpected character {text!a}", position)
        found.append(Token(kind, text, position))
        if kind == "end":
            break
    return found


def unquoted(literal: str) -> str:
    """Return what a string literal means: without its quotes and escapes."""
    inner = literal[1:-1]
    if "\\" not in inner:
        return inner
    return _ESCAPE.sub(r"\1", inner)


_ESCAPE = re.compile(r"\\(['\\])")
