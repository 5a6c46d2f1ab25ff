"""Lines laid over the width of a terminal, broken between words.

Owns how a line is broken. Refuses to know which stream it goes to, and to cut anything off.
"""

from __future__ import annotations

import shutil
import textwrap
from typing import TextIO

_LEAST = 20
"""Characters that a line has, however far in it begins."""


def width_of(stream: TextIO) -> int | None:
    """The columns of the terminal that a stream leads to; None in a pipe, where nothing breaks."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def folded(line: str, width: int | None, hang: int = 0) -> str:
    """Break a line; further lines begin `hang` characters in, as what is before is in columns."""
    if width is None or len(line) <= width:
        return line
    parts = textwrap.wrap(line[hang:], max(width - hang, _LEAST), break_on_hyphens=False)
    return line[:hang] + ("\n" + " " * hang).join(parts)
