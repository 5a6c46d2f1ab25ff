"""What the Quota mode asks: the slots, what becomes of them, report cards, and what would follow.

All of it reads much, so every call is for a thread, which opens the ledger for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tidegate.service.outlook import Outlook, outlook
from tidegate.service.quota import Quota, quota
from tidegate.service.reporting import ReportCard, report_cards
from tidegate.service.supposing import Outcome, Supposed, suppose
from tidegate.service.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Account:
    """The slots now, what comes next, and the cards of the feeds that are on, by id."""

    quota: Quota
    ahead: Outlook
    cards: Mapping[str, ReportCard]


class QuotaDesk:
    """The slots of a workspace."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws

    def account(self) -> Account:
        """How the slots stand; called by a thread."""
        ws = self._ws.sibling()
        try:
            cards = {card.id: card for card in report_cards(ws)}
            return Account(quota(ws), outlook(ws), cards)
        finally:
            ws.close()

    def suppose(self, supposed: Supposed, progress: Callable[[str], None]) -> Outcome:
        """Plan as if it were so; called by a thread."""
        ws = self._ws.sibling()
        try:
            return suppose(ws, supposed, progress)
        finally:
            ws.close()
