"""What the modes beside the list may ask of the service, a desk each."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.service.workspace import Workspace
from tidegate.tui.desks.bench import BenchDesk
from tidegate.tui.desks.conflicts import ConflictDesk
from tidegate.tui.desks.feeds import FeedDesk
from tidegate.tui.desks.journal import JournalDesk
from tidegate.tui.desks.partners import PartnerDesk
from tidegate.tui.desks.quota import QuotaDesk
from tidegate.tui.desks.review import ReviewDesk


@dataclass(frozen=True, slots=True)
class Desks:
    """One desk a mode, and one for the partners' sheets. Every call may raise a TidegateError."""

    journal: JournalDesk
    conflicts: ConflictDesk
    bench: BenchDesk
    feeds: FeedDesk
    quota: QuotaDesk
    review: ReviewDesk
    partners: PartnerDesk

    @classmethod
    def of(cls, ws: Workspace) -> Desks:
        """The desks of a real workspace."""
        return cls(
            JournalDesk(ws),
            ConflictDesk(ws),
            BenchDesk(ws),
            FeedDesk(ws),
            QuotaDesk(ws),
            ReviewDesk(ws),
            PartnerDesk(ws),
        )
