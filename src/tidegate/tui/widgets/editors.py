"""Single-line and multi-line editors that hold the original text and show it masked.

Textual passes ESC and other control characters of an editor's text straight to the terminal, so
both editors replace them one for one on screen. Refuses to alter the text itself.
"""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Input, TextArea

from tidegate.tui.safe import masked_text


class SafeInput(Input):
    """An input whose value may come from a feed."""

    @property
    def _value(self) -> Text:
        return masked_text(self.value)


class SafeTextArea(TextArea):
    """A text area whose text may come from a feed or from somebody's mail."""

    def get_line(self, line_index: int) -> Text:
        """Return one line, masked; tabs stay, because the widget expands them itself."""
        return masked_text(self.document.get_line(line_index), keep="\t")
