"""The render boundary: the only way a string reaches a widget.

`indicators.text.safe` makes characters harmless; this module wraps the result so that neither
Rich nor Textual reads it as markup. Widgets take what comes from here or constants of ours.
Refuses to change what is stored: searching, editing and copying use the original text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.content import Content

from tidegate.indicators.text import ELLIPSIS, safe

LONGEST = 4_000
"""Characters of one text on screen: the longest description a row may have."""

CHARS_PER_CELL = 4
"""Bound on the work for one cell: a character, its two marks, and a code point's brackets."""

CONTROL_PICTURES = 0x2400
SPACE = 0x20

Part = str | tuple[str, str]


def plain(value: str) -> str:
    """Make text safe for a sink that takes `markup=False`, such as a toast."""
    return safe(value)


def content(*parts: Part) -> Content:
    """Join texts, each alone or with a style, into content that nothing interprets."""
    return Content.assemble(
        *(
            (safe(part, LONGEST), "")
            if isinstance(part, str)
            else (safe(part[0], LONGEST), part[1])
            for part in parts
        )
    )


def stacked(lines: Iterable[Content]) -> Content:
    """Put contents under each other; the only place where a line break of ours is made."""
    return Content("\n").join(lines)


def fit(value: str, width: int, *, right: bool = False, tail: int = 0) -> str:
    """Make safe text exactly `width` cells wide: cut with an ellipsis, or padded.

    Of ASCII text the last `tail` characters stay when it is cut.
    """
    shown = safe(value, width * CHARS_PER_CELL + 1)
    if shown.isascii():
        if len(shown) > width:
            end = shown[-tail:] if 0 < tail < width - 1 else ""
            return shown[: width - 1 - len(end)] + ELLIPSIS + end if width > 0 else ""
        return shown.rjust(width) if right else shown.ljust(width)
    length = cell_len(shown)
    if length > width:
        return set_cell_size(shown, width - 1) + ELLIPSIS if width > 0 else ""
    pad = " " * (width - length)
    return pad + shown if right else shown + pad


def wrapped(value: str, width: int, hang: int = 2) -> list[str]:
    """Cut safe text into lines of at most `width` cells, between words where there are any.

    Further lines begin `hang` cells in.
    """
    shown = safe(value, LONGEST)
    lines = [""]
    for word in shown.split(" "):
        line = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if len(line) <= width * CHARS_PER_CELL and cell_len(line) <= width:
            lines[-1] = line
            continue
        if lines[-1].strip():
            lines.append(" " * min(hang, width // 2))
        lines[-1] += word
        while len(lines[-1]) > width * CHARS_PER_CELL or cell_len(lines[-1]) > width:
            whole = lines[-1]
            head = set_cell_size(whole[: width * CHARS_PER_CELL], width).rstrip()
            lines[-1] = head
            lines.append(" " * min(hang, width // 2) + whole[len(head) :])
            if not head.strip():
                break
    return lines


def masked(value: str, *, keep: str = "") -> str:
    """Replace every unprintable character by one visible character.

    For editors: the length stays, so cursor and selection keep their places, while the document
    keeps the original.
    """
    if value.isascii() and value.isprintable():
        return value
    return "".join(
        char
        if (char.isprintable() and not unicodedata.combining(char)) or char in keep
        # Control pictures mirror C0; everything else has no picture of its own.
        else chr(CONTROL_PICTURES + ord(char))
        if ord(char) < SPACE
        else "\N{REPLACEMENT CHARACTER}"
        for char in value
    )


def masked_text(value: str, *, keep: str = "") -> Text:
    """The same as Rich text, for the editors' own rendering."""
    return Text(masked(value, keep=keep), no_wrap=True, overflow="ignore", end="")


def readable_name(value: str) -> str:
    """Spell out the letters behind A-labels (`xn--…`); empty when there are none to show.

    Only for the eye: matching uses the stored form.
    """
    labels = []
    for label in value.split("."):
        try:
            coded = label.removeprefix("xn--")
            labels.append(label if coded == label else coded.encode("ascii").decode("punycode"))
        except UnicodeError:
            return ""
    spelt = ".".join(labels)
    return spelt if spelt != value else ""
