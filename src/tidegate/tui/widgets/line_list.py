"""A long list of texts, drawn only where it is seen.

For previews of a paste, plans, logs: a mail can hold thousands of values. Refuses selection; it is
for reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tidegate.tui.safe import fit, wrapped


class LineList(ScrollView, can_focus=True):
    """Texts of one line, each in one of five looks: good, bad, warn, quiet or plain.

    With `wrap` a text that is too long goes on in further lines, else it is cut.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--good",
        "line--bad",
        "line--warn",
        "line--quiet",
        "line--plain",
    }

    def __init__(self, *, id: str, wrap: bool = False) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.lines: Sequence[tuple[str, str]] = ()
        self._texts: Sequence[tuple[str, str]] = ()
        self._wrap = wrap

    def show(self, lines: Sequence[tuple[str, str]]) -> None:
        """Show these lines, each as (look, text)."""
        self._texts = lines
        self._fold()

    def on_resize(self, _event: Resize) -> None:
        """Wrap to the new width."""
        self._fold()

    def _fold(self) -> None:
        region = self.scrollable_content_region
        self.lines = self._folded(region.width)
        if len(self.lines) > region.height and not self.show_vertical_scrollbar:
            # The scrollbar is about to take its cell, of which nobody tells us.
            self.lines = self._folded(region.width - self.styles.scrollbar_size_vertical)
        self.virtual_size = Size(self.size.width, len(self.lines))
        self.refresh()

    def _folded(self, width: int) -> Sequence[tuple[str, str]]:
        if not self._wrap or width <= 0:
            return self._texts
        return [(look, part) for look, text in self._texts for part in wrapped(text, width)]

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
