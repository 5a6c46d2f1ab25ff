"""Single-line and multi-line editors that hold the original text and show it masked.

Textual passes ESC and other control characters of an editor's text straight to the terminal, so
both editors replace them one for one on screen. Refuses to alter the text itself.
"""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.widgets import Input, TextArea

from tidegate.tui.safe import masked_text, plain


class SafeInput(Input):
    """An input whose value may come from a feed."""

    @property
    def _value(self) -> Text:
        return masked_text(self.value)

    def on_paste(self, event: events.Paste) -> None:
        """Say so when a line cannot hold what was pasted: Textual keeps the first one."""
        lines = sum(1 for line in event.text.splitlines() if line.strip())
        if lines > 1:
            said = f"one line fits here: the first of {lines:,} was kept"
            self.app.notify(plain(said), severity="warning", markup=False)


class SafeTextArea(TextArea):
    """A text area whose text may come from a feed or from somebody's mail."""

    def get_line(self, line_index: int) -> Text:
        """Return one line, masked; tabs stay, because the widget expands them itself."""
        return masked_text(self.document.get_line(line_index), keep="\t")
