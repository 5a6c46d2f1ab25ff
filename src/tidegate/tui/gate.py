"""The calls the terminal makes, and nothing else of the service.

`Gate` is the whole contract between screens and service, so a test can stand in for a tenant of
15,000 rows without a disk; `WorkspaceGate` is the real one. Refuses logic: each method is one
call of the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Dialect
from tidegate.indicators.plan import SyncPlan
from tidegate.service import apply, edit, look, redo, row_document, trail, undo
from tidegate.service.apply import Applied
from tidegate.service.edit import Fields
from tidegate.service.groups import KnownGroups, known_groups
from tidegate.service.layouts import Layout
from tidegate.service.preview import Preview
from tidegate.service.quota import Quota, quota
from tidegate.service.story import WhyTrace
from tidegate.service.views import View, ViewEntry
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry
from tidegate.tui.desks import Desks
from tidegate.tui.desks.looks import LooksDesk


class Looks(Protocol):
    """The layout that the last session left, and saved views. Calls may raise a TidegateError."""

    layout: Layout
    note: str

    def keep(self, **changes: object) -> None:
        """Keep some of the layout for the next session."""

    def views(self) -> list[ViewEntry]:
        """Every saved view."""

    def view(self, name: str) -> View:
        """One of them."""

    def check_name(self, name: str) -> None:
        """Refuse what cannot be a view's name."""

    def save(self, view: View) -> bool:
        """Save a view; True when it replaces an older one."""

    def delete(self, name: str) -> None:
        """Forget a view."""


class Gate(Protocol):
    """What the screens may ask of one tenant. Every method may raise a TidegateError."""

    @property
    def tenant(self) -> str:
        """The tenant's name."""

    @property
    def actor(self) -> str:
        """Who makes the changes of this session."""

    @property
    def read_only(self) -> bool:
        """Whether this session refuses to write."""

    @property
    def dialect(self) -> Dialect:
        """Which actions the tenant takes."""

    def now(self) -> datetime:
        """The present, UTC."""

    def rows(self) -> tuple[Indicator, ...]:
        """All active rows in rank order."""

    def quota(self) -> Quota:
        """How full the tenant is."""

    def changed(self) -> bool:
        """Whether `rows` would return other rows than it last did."""

    def serial(self) -> int:
        """The newest change of the list."""

    @property
    def desks(self) -> Desks:
        """What the other modes may ask."""

    @property
    def looks(self) -> Looks:
        """What is kept of the screen from session to session."""

    def explain(self, value: str) -> WhyTrace:
        """The whole story of a value, or of the row with this id."""

    def plan_add(self, values: Sequence[str], fields: Fields) -> Preview:
        """Plan new rows."""

    def plan_edit(self, rows: Sequence[Indicator], fields: Fields) -> Preview:
        """Plan one change to some rows."""

    def plan_remove(self, rows: Sequence[Indicator]) -> Preview:
        """Plan the removal of some rows."""

    def plan_paste(self, text: str, fields: Fields) -> Preview:
        """Plan what a pasted text holds."""

    def plan_undo(self) -> SyncPlan:
        """Plan to take the last change back."""

    def plan_redo(self) -> SyncPlan:
        """Plan to do again what the last undo took back."""

    def step(self, serial: int) -> Entry:
        """The applied change with this serial."""

    def plan_document(self, rows: Sequence[Indicator], text: str) -> Preview | None:
        """Plan what was changed in the text of some rows; None where nothing was."""

    def groups(self) -> KnownGroups:
        """The device groups that may be named."""

    def outdated(self) -> bool:
        """Whether config.toml is another one than this session works by."""

    def made_here(self, serial: int) -> bool:
        """Whether a change was made in this session."""

    def apply(self, plan: SyncPlan) -> Applied:
        """Carry a plan out."""


def _mark(path: Path) -> tuple[int, int] | None:
    """What tells one state of a file from another; None where it is missing."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


class WorkspaceGate:
    """The gate of a real workspace."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._turned: Entry | None = None
        self._shown: tuple[Indicator, ...] = ()
        self._config = _mark(ws.home.config_file)
        self.desks = Desks(ws)
        self.looks: Looks = LooksDesk(ws)

    @property
    def tenant(self) -> str:
        """See Gate."""
        return self._ws.tenant

    @property
    def actor(self) -> str:
        """See Gate."""
        return self._ws.actor

    @property
    def read_only(self) -> bool:
        """See Gate."""
        return self._ws.read_only

    @property
    def dialect(self) -> Dialect:
        """See Gate."""
        return self._ws.dialect

    def now(self) -> datetime:
        """See Gate."""
        return self._ws.clock()

    def rows(self) -> tuple[Indicator, ...]:
        """See Gate."""
        self._shown = look.rows(self._ws)
        return self._shown

    def quota(self) -> Quota:
        """See Gate."""
        return quota(self._ws)

    def changed(self) -> bool:
        """See Gate. What plans and searches read meanwhile makes no difference."""
        return look.rows(self._ws) is not self._shown

    def serial(self) -> int:
        """See Gate."""
        return self._ws.store.state().serial

    def explain(self, value: str) -> WhyTrace:
        """See Gate."""
        from tidegate.service import why  # noqa: PLC0415 - the list is on screen before any story

        return why.explain(self._ws, value)

    def plan_add(self, values: Sequence[str], fields: Fields) -> Preview:
        """See Gate."""
        return edit.plan_add(self._ws, values, fields, None)

    def plan_edit(self, rows: Sequence[Indicator], fields: Fields) -> Preview:
        """See Gate."""
        return edit.plan_edit(self._ws, rows, fields)

    def plan_remove(self, rows: Sequence[Indicator]) -> Preview:
        """See Gate."""
        return edit.plan_remove(self._ws, rows)

    def plan_paste(self, text: str, fields: Fields) -> Preview:
        """See Gate."""
        return edit.plan_paste(self._ws, text, fields)

    def plan_undo(self) -> SyncPlan:
        """See Gate."""
        (found,) = undo.plan_undos(self._ws)
        self._turned = found.entry
        return found.plan

    def plan_redo(self) -> SyncPlan:
        """See Gate."""
        (found,) = redo.plan_redos(self._ws)
        self._turned = found.entry
        return found.plan

    def step(self, serial: int) -> Entry:
        """See Gate."""
        if self._turned is not None and self._turned.serial == serial:
            return self._turned  # what was just planned about; the journal may be long
        return next(trail.Trail.of(self._ws).entries([serial]))

    def plan_document(self, rows: Sequence[Indicator], text: str) -> Preview | None:
        """See Gate."""
        return row_document.plan_document(self._ws, rows, text)

    def groups(self) -> KnownGroups:
        """See Gate."""
        return known_groups(self._ws)

    def outdated(self) -> bool:
        """See Gate."""
        return _mark(self._ws.home.config_file) != self._config

    def made_here(self, serial: int) -> bool:
        """See Gate."""
        return serial in self._ws.made

    def apply(self, plan: SyncPlan) -> Applied:
        """See Gate."""
        return apply.apply(self._ws, plan)
