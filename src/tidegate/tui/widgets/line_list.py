"""A long list of one-line texts, drawn only where it is seen.

For previews of a paste: a mail can hold thousands of values. Refuses selection; it is for reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tidegate.tui.safe import fit


class LineList(ScrollView, can_focus=True):
    """Lines of text, each in one of three looks: good, bad or quiet."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--good",
        "line--bad",
        "line--quiet",
    }

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.lines: Sequence[tuple[str, str]] = ()

    def show(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show these lines, each as (look, text)."""
        self.lines = lines
        self.virtual_size = Size(self.size.width, len(lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line; `y` counts from the top of the widget."""
        # Without the scrollbar's cell, or the ellipsis would lie under it.
        width = self.scrollable_content_region.width
        index = self.scroll_offset.y + y
        if index >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        look, text = self.lines[index]
        style = self.rich_style + self.get_component_rich_style(f"line--{look}")
        return Strip([Segment(fit(text, width), style)], width)
