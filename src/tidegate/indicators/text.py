"""Text from outside: the one way to show it, and the way to re-arm a disarmed value.

Owns `safe` (anything → inert characters for a terminal), `refang`. Refuses markup:
`safe` leaves `[red]` as it is, because the widget's own markup switch is the only reliable guard.
Stored values are never passed through here; search and copy use the original.
"""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
MARKS_IN_A_ROW = 2
"""More combining marks than any living orthography stacks are an attack on the lines around."""

_DOTTED_CIRCLE = "\u25cc"

# Python calls these printable, yet nothing is drawn: default-ignorable letters and marks (Unicode
# DerivedCoreProperties, Default_Ignorable_Code_Point), and the blank Braille cell.
_INVISIBLE = frozenset(
    map(
        chr,
        (
            0x034F,  # combining grapheme joiner
            *(0x115F, 0x1160, 0x3164, 0xFFA0),  # Hangul fillers
            *(0x17B4, 0x17B5),  # Khmer inherent vowels
            *(0x180B, 0x180C, 0x180D, 0x180F),  # Mongolian variation selectors
            0x2800,  # Braille blank
            *range(0xFE00, 0xFE10),  # variation selectors
            *range(0xE0100, 0xE01F0),  # more of them: able to carry a hidden text
        ),
    )
)


def safe(text: str, limit: int = 500, newlines: bool = False) -> str:  # noqa: FBT001, FBT002 - contract
    """Make any text harmless to show; the result is printable and at most `limit` characters.

    Control characters become their pictures (␛), everything else that is invisible or steers the
    terminal becomes its code point (⟨202E⟩), a third combining mark in a row is left out, a mark
    with nothing to sit on gets a ◌, and what was cut off ends in `…`. With `newlines`, line feeds
    stay. Lengths are characters, not terminal cells.
    """
    limit = max(limit, 1)
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    # Twice the limit leaves room for marks that are left out, and bounds the work.
    head = text[: 2 * limit]
    whole = len(head) == len(text)
    if newlines:
        head = head.replace("\r\n", "\n")
    parts: list[str] = []
    length = marks = 0
    bare = True
    for char in head:
        if unicodedata.category(char) in {"Mn", "Me"} and char not in _INVISIBLE:
            marks += 1
            if marks > MARKS_IN_A_ROW:
                continue
            shown = _DOTTED_CIRCLE + char if bare else char
        else:
            marks = 0
            shown = char if newlines and char == "\n" else _shown(char)
        bare = shown == "\n"
        parts.append(shown)
        length += len(shown)
        if length > limit:
            whole = False
            break
    if not whole:
        while parts and length >= limit:
            length -= len(parts.pop())
        parts.append(ELLIPSIS)
    return "".join(parts)


def _shown(char: str) -> str:
    """One character as it may be shown."""
    point = ord(char)
    if char.isprintable() and char not in _INVISIBLE:
        return char
    if point < 0x20:  # noqa: PLR2004 - the C0 controls; their pictures start at U+2400
        return chr(0x2400 + point)
    if point == 0x7F:  # noqa: PLR2004 - DEL, whose picture stands apart
        return "\u2421"
    return f"⟨{point:04X}⟩"


_SCHEME = re.compile(
    r"(?<![a-z0-9])(?:(h(?:tt|xx|\*\*|xt|tx)p)|(f(?:t|x|\*)p))(s?)"
    r"(?::|\[:\]|\(:\)|(?=[\[(](?::/)))"
    r"(?://|\[//\]|\[/\]\[/\]|\[://\]|\(://\)|\[:/\]/)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"[\[({] ?(?:(\.|,|dot|d0t|punkt)|(@|at)|(:)|(/)) ?[\])}]|\[\.(?=[\w-])|(?<=[\w-])\.\]",
    re.IGNORECASE,
)


def spoofs(value: str) -> bool:
    """Say whether what a person sees differs from what is matched.

    True for text that cannot be shown as it is, and for names whose A-labels hide other letters.
    """
    return not value.isascii() or not value.isprintable() or "xn--" in value


def refang(text: str) -> str:
    """Undo the usual ways of disarming: hxxp, [.], (dot), [:], [://], [@], [/]; keeps the rest."""
    if not any(sign in text for sign in "[({*") and "x" not in text and "X" not in text:
        return text
    return _BRACKETED.sub(_plain_sign, _SCHEME.sub(_plain_scheme, text))


def sign_end(text: str, position: int) -> int:
    """Where a disarmed sign that begins here, such as `(dot)`, ends; `position` when none does."""
    found = _BRACKETED.match(text, position)
    return found.end() if found and " " not in found[0] else position


def _plain_scheme(found: re.Match[str]) -> str:
    return ("http" if found[1] else "ftp") + found[3].lower() + "://"


def _plain_sign(found: re.Match[str]) -> str:
    for sign, group in zip("@:/", (2, 3, 4), strict=True):
        if found[group]:
            return sign
    return "."
