"""`--ascii`: nothing but ASCII reaches the terminal, whatever drew it.

Works on what the driver is about to write, so that no widget, border or scroll bar can be
forgotten. Widths stay: a character of two cells becomes two characters. Refuses to touch what is
stored or copied; letters that have no likeness become `?`.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from rich.cells import get_character_cell_size
from textual.driver import Driver

_ASCII = 0x80
_BRAILLE = range(0x2801, 0x2900)
_BOXES = range(0x2500, 0x2580)

# What separates must not read as a sum, nor what is done as what is to come (`+`).
_LIKENESS: dict[str, str] = {
    "-": "─━┄┅┈┉╌╍═╴╶╸╺▔▁‐‑–—−",
    "|": "·│┃┆┇┊┋╎╏║╵╷╹╻▏▎▍▌▋▊▉▐▕",
    "#": "█▀▄▂▃▅▆▇■▓▒░▰",
    ">": "→›»⟩▶▸►⮞",
    "<": "←‹«⟨◀◂◄",
    "^": "↑▲▴",
    "v": "↓▼",
    "~": "…∼≈",
    "=": "▾",
    "y": "✓✔",
    "x": "✗✘×⊘",
    "!": "≠⚠",
    "*": "•●◆◉★⋮",
    "o": "○◯◇◦",
    "'": "‘’′",
    "S": "§",
    '"': "“”″",
}


class _Table(dict[int, str]):
    """What a character is written as; found once, then remembered."""

    def __missing__(self, code: int) -> str:
        found = self[code] = chr(code) if code < _ASCII else _likeness(chr(code))
        return found


def _likeness(char: str) -> str:
    """ASCII of the same width."""
    width = get_character_cell_size(char)
    if ord(char) in _BOXES:
        return "+"
    if ord(char) in _BRAILLE:
        return "*"
    base = unicodedata.normalize("NFKD", char)[:1]
    return (base if base.isascii() and base.isprintable() and width == 1 else "?") * width


_TABLE = _Table({ord(char): plain for plain, chars in _LIKENESS.items() for char in chars})


def ascii_of(text: str) -> str:
    """The text in ASCII alone, as wide as it was."""
    return text if text.isascii() else text.translate(_TABLE)


def ascii_driver(usual: type[Driver]) -> type[Driver]:
    """A driver like the usual one that writes ASCII alone."""

    def write(self: Any, data: str) -> None:  # noqa: ANN401 - the class is made below
        usual.write(self, ascii_of(data))

    return type(f"Ascii{usual.__name__}", (usual,), {"write": write})
