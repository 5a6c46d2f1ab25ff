"""What the terminal asks about its own looks: the layout it was left in, and saved views."""

from __future__ import annotations

from tidegate.service import layouts, views
from tidegate.service.layouts import Layout
from tidegate.service.views import View, ViewEntry
from tidegate.service.workspace import Workspace


class LooksDesk:
    """The looks of a workspace. `note` is one line about a layout that cannot be used."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self.layout: Layout
        self.layout, self.note = layouts.load(ws)

    def keep(self, **changes: object) -> None:
        """Keep some of the layout for the next session."""
        layouts.keep(self._ws, **changes)

    def views(self) -> list[ViewEntry]:
        """Every saved view."""
        return views.entries(self._ws.home)

    def view(self, name: str) -> View:
        """One of them."""
        return views.find(self._ws.home, name)

    def check_name(self, name: str) -> None:
        """Refuse what cannot be a view's name."""
        views.check_name(name)

    def save(self, view: View) -> bool:
        """Save a view; True when it replaces an older one."""
        return views.save(self._ws, view)

    def delete(self, name: str) -> None:
        """Forget a view."""
        views.delete(self._ws, name)
