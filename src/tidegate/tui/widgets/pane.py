"""Text beside or under a table: a pane that scrolls, and a line of one to three lines.

Takes content that `safe` made, nothing else. Refuses to know what it is about.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static


class Pane(VerticalScroll, can_focus=False):
    """The pane at the right of a wide terminal, or in a sheet."""

    def compose(self) -> ComposeResult:
        """One text, scrolled as a whole."""
        yield Static(classes="pane-text")

    def show(self, text: Content) -> None:
        """Draw a text from its beginning."""
        self.query_one(".pane-text", Static).update(Content.assemble(text))
        self.scroll_home(animate=False)


class Lines(Static):
    """A few lines under a table."""

    def show(self, text: Content) -> None:
        """Draw a text."""
        self.update(Content.assemble(text), layout=False)
