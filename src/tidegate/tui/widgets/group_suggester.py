"""Completes the last of several device groups, with a comma between them.

Refuses names that hold what a terminal might act on: a suggestion is drawn as it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.suggester import Suggester


class GroupSuggester(Suggester):
    """Offers the first known group that goes on as the last name begins."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = tuple(name for name in names if name.isascii() and name.isprintable())

    async def get_suggestion(self, value: str) -> str | None:
        """The whole text with its last name completed; None where nothing fits."""
        before, comma, last = value.rpartition(",")
        begun = last.lstrip()
        taken = {name.strip() for name in before.split(",")}
        for name in self._names:
            if name not in taken and name.casefold().startswith(begun.casefold()):
                # What is typed stays as it is: an input draws only what goes on after it.
                gap = last[: len(last) - len(begun)]
                return f"{before}{comma}{gap}{name}"
        return None
