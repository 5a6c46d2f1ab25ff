"""Values found in running text: a mail, a report, a chat message, disarmed or not.

Owns the search for hashes, thumbprints, addresses, domains and URLs. What looks like one and is
not (a range, an address with a port, a URL with a user name) is returned with its error, so that a
paste adds up. Left in silence: ordinary words, e-mail addresses, file names, version numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tidegate.errors import InvalidValue
from tidegate.indicators.kinds import IndicatorType
from tidegate.indicators.text import refang
from tidegate.indicators.value import classify


@dataclass(frozen=True, slots=True)
class Found:
    """One value in a text. `line` counts from 1; `text` is as written, `value` canonical.

    A refused one has `type` None, no `value`, and says why in `code` and `error`.
    """

    line: int
    text: str
    type: IndicatorType | None
    value: str
    error: str = ""
    code: str = ""


# The pattern below is verbose: a space counts only inside brackets.
_DOT = r"(?:\.|[ ]?[\[({][ ]?(?:\.|dot)[ ]?[\])}][ ]?|\[\.(?=\w))"
_COLON = r"(?::|\[:\]|\(:\))"
_LABEL = r"[^\W_](?:[\w-]{0,62})"
_OCTET = r"[0-9]{1,3}"
_SLASHES = r"(?://|\[//\]|\[/\]\[/\])"
_SCHEME = (
    r"(?:h(?:tt|xx|\*\*|xt|tx)ps?|f(?:t|x|\*)ps?)"
    rf"(?:{_COLON}{_SLASHES}|\[:{_SLASHES}\]|\(:{_SLASHES}\))"
)
_PORT = rf"(?:{_COLON}[0-9]{{1,5}})?"
_PATH = r"(?:/[^\s<>\"`|,;]{0,4000})?"
# Tried in this order at every place; an e-mail address and a path are found to be passed over.
# Every repeat is bounded or cannot be entered again one character later: a paste of a megabyte
# built to hurt takes seconds, not hours.
_TOKEN = re.compile(
    rf"""
      (?P<url>(?<![^\W_]){_SCHEME}(?:(?![,;]{_SCHEME})[^\s<>"`|]){{1,4000}})
    | (?P<mail>(?<![\w.+%-])[\w.+%-]{{1,64}}(?:@|\[@\]|\[at\]|\(at\))
        [\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,20}})
    | (?P<thumbprint>(?<![\w:])[0-9A-F]{{2}}(?::[0-9A-F]{{2}}){{19,}}(?![\w:]))
    | (?P<hash>(?<![^\W_])[0-9A-F]{{31,}}(?![^\W_]))
    | (?P<ip6>(?<![\w:.])(?=[0-9A-F:\[\]]{{0,30}}(?:::|\[:\]|(?::[0-9A-F]{{1,4}}){{7}}))
        [0-9A-F:](?:[0-9A-F:.]|\[:\]|\[\.\]){{1,90}}(?:/[0-9]{{1,3}})?(?!\w))
    | (?P<ip4>(?<![\w.-]){_OCTET}(?:{_DOT}{_OCTET}){{3}}(?!{_DOT}?\w){_PORT}{_PATH})
    | (?P<path>(?:[A-Z]:)?[\\/][^\s<>"`|,;]+)
    | (?P<name>(?<![\w@.%]){_LABEL}(?:{_DOT}{_LABEL}){{1,40}}{_PORT}{_PATH})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SPACED_DOT = re.compile(r" ?[\[({] ?(?:\.|dot) ?[\])}] ?", re.IGNORECASE)
_TRAILING = ".,;:!?'\"*_…’”»"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_VERSION_BEFORE = re.compile(
    r"(?:\bv|\bver|\bversion|\bversions|\bbuild|\brelease)[.:]? ?$", re.IGNORECASE
)
# Top-level domains that are better known as endings of files.
_FILE_ENDINGS = frozenset(
    {"app", "cab", "cc", "mov", "md", "pl", "ps", "py", "rs", "sh", "so", "zip"}
)


def extract(text: str, is_suffix: Callable[[str], bool]) -> list[Found]:
    """Return every value in a text, in order, repeats included.

    Args:
        text: anything a person pastes.
        is_suffix: whether a lower-case label (`com`, `xn--p1ai`) is a top-level domain.
    """
    return [
        found
        for number, line in enumerate(text.split("\n"), start=1)
        for found in _in_line(line, number, is_suffix)
    ]


def _in_line(line: str, number: int, is_suffix: Callable[[str], bool]) -> Iterator[Found]:
    for match in _TOKEN.finditer(line):
        kind = match.lastgroup or ""
        if kind in {"mail", "path"}:
            continue
        token = _trimmed(_SPACED_DOT.sub("[.]", match[0]))
        if kind == "ip6" and not _plausible_ip6(token):
            continue
        if kind == "ip4" and _VERSION_BEFORE.search(
            line, max(0, match.start() - 12), match.start()
        ):
            continue
        if kind == "name":
            found = _name(token, number, is_suffix)
            if found is not None:
                yield found
            continue
        yield _read(token, number)


def _read(token: str, number: int) -> Found:
    try:
        kind, value = classify(token)
    except InvalidValue as wrong:
        return Found(number, token, None, "", str(wrong), wrong.code)
    return Found(number, token, kind, value)


def _name(token: str, number: int, is_suffix: Callable[[str], bool]) -> Found | None:
    """Read something with dots in it, or pass it over as prose, a file or a number."""
    armed = refang(token)
    host = re.split(r"[:/]", armed, maxsplit=1)[0]
    last = host.rpartition(".")[2]
    disarmed = armed != token
    if not last.isascii() or last.lower().startswith("xn--"):
        read = _read(token, number)
        suffix = read.value.rpartition(".")[2]
        return read if read.type is IndicatorType.DOMAIN_NAME and is_suffix(suffix) else None
    if not is_suffix(last.lower()):
        return None
    if not disarmed:
        # "the end.It goes on" and "System.Net": only prose and code write a capitalised ending.
        if last[:1].isupper() and not host.isupper():
            return None
        if host.count(".") == 1 and last.lower() in _FILE_ENDINGS:
            error = f"“{token}” may be a file name (write [.] for the dot if it is a domain)"
            return Found(number, token, None, "", error, "maybe_file_name")
    return _read(token, number)


def _plausible_ip6(token: str) -> bool:
    """Tell an address from `Foo::Bar`, a time and a MAC address."""
    armed = refang(token)
    return any(sign.isdigit() for sign in armed) and armed.count(":") >= 2  # noqa: PLR2004 - the least


def _trimmed(token: str) -> str:
    """Drop the punctuation of the sentence around a value, and brackets that never opened."""
    while token:
        last = token[-1]
        opening = _PAIRS.get(last)
        if last not in _TRAILING and (opening is None or token.count(opening) >= token.count(last)):
            break
        token = token[:-1]
    return token
