"""What the partners' sheets ask: who they are, what each would get now, its door, and sending.

And exports to a file, which are for nobody in particular.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import TidegateError, UsageError
from tidegate.partner import Partner, Progress
from tidegate.partner.sent import Bundle
from tidegate.service import partnering, partners, sharing
from tidegate.service.delivering import door_of
from tidegate.service.partnering import Outcome, Prepared
from tidegate.service.pulling import Stop
from tidegate.service.sharing import Rendered
from tidegate.service.workspace import Workspace

ENDINGS = (".json", ".csv")
"""How the name of an export ends: a STIX bundle, the portal's CSV."""


@dataclass(frozen=True, slots=True)
class PartnerView:
    """One partner's file: the profile, or `error`, and what they were given until now.

    `held` counts the indicators that they have, `bundles` are the deliveries, oldest first.
    """

    id: str
    partner: Partner | None
    held: int = 0
    bundles: tuple[Bundle, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Showing:
    """A delivery as it would leave now. `last` is the one before; `much` asks for a second look."""

    prepared: Prepared
    last: Bundle | None
    much: bool


class PartnerDesk:
    """The partners of a workspace."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws

    def overview(self) -> tuple[PartnerView, ...]:
        """Every partner of the home; a file that cannot be read is one of them."""
        return tuple(self._view(entry) for entry in partners.entries(self._ws.home))

    def _view(self, entry: partners.PartnerEntry) -> PartnerView:
        if entry.partner is None:
            return PartnerView(entry.id, None, error=str(entry.error))
        try:
            sent = partners.sent_to(self._ws, entry.id)
        except TidegateError as error:
            return PartnerView(entry.id, entry.partner, error=str(error))
        return PartnerView(entry.id, entry.partner, sent.held, sent.bundles)

    def folder(self) -> str:
        """Where their files are."""
        return str(self._ws.home.partners_dir)

    def template(self) -> str:
        """A profile to begin with."""
        return partners.template("isac")

    def show(self, ident: str, *, full: bool) -> Showing:
        """Make the delivery that is due, and send nothing; called by a thread."""
        with self._sibling() as ws:
            prepared = partnering.prepare(ws, partners.find(ws, ident), full=full)
            bundles = partners.sent_to(ws, ident).bundles
            much = partnering.withdraws_much(ws, prepared)
            return Showing(prepared, bundles[-1] if bundles else None, much)

    def check(self, ident: str) -> str:
        """Ask whether the door would take a delivery; called by a thread."""
        with self._sibling() as ws:
            partner = partners.find(ws, ident)
            return door_of(partner, partners.place_of(ws, partner), os.environ).check()

    def send(
        self, shown: Prepared, progress: Progress, told: Callable[[str], object], stop: Stop
    ) -> Outcome:
        """Deliver what was shown, withdrawals and all, and note what arrived; called by a thread.

        `told` hears why a delivery waits.
        """
        with self._sibling() as ws:
            partner = partners.find(ws, shown.partner.id)
            door = door_of(partner, partners.place_of(ws, partner), os.environ, told, stop)
            return partnering.send(
                ws,
                partner,
                door,
                progress,
                full=shown.shipment.manifest.full,
                agreed=shown,
                stop=stop,
            )

    def export(self, filter_text: str, path: Path, tlp_max: str) -> Rendered:
        """Make an export of the rows of a filter for a file, and write nothing yet."""
        if path.suffix.casefold() not in ENDINGS:
            known = " or ".join(ENDINGS)
            raise UsageError(f"{path.name} does not say what it is to be", f"end it in {known}")
        with self._sibling() as ws:
            if path.resolve().is_relative_to(ws.home.root.resolve()):
                raise UsageError(f"{path} lies in the home itself", "choose another place")
            form = sharing.format_of(path)
            return sharing.render(ws, filter_text, format_name=form, tlp_max=tlp_max)

    def write(self, rendered: Rendered, path: Path) -> str:
        """Write an export; return what was written. Called by a thread."""
        done = sharing.write(rendered, path)
        said = f"{rendered.written:,} exported to {', '.join(map(str, done.files))}"
        left = Counter(skip.code for skip in rendered.skipped)
        out = ", ".join(f"{code} {count:,}" for code, count in sorted(left.items()))
        return f"{said}; left out: {out}" if out else said

    @contextmanager
    def _sibling(self) -> Iterator[Workspace]:
        ws = self._ws.sibling()
        try:
            yield ws
        finally:
            ws.close()
