"""What the modes beside the list may ask of the service, a desk each.

A desk is made when it is first asked for, and what it needs of the service is read then: whoever
opens the terminal to look at the list does not wait for engines, exports and the network.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tidegate.service.workspace import Workspace

if TYPE_CHECKING:  # each comes with its first question, see above
    from tidegate.tui.desks.bench import BenchDesk
    from tidegate.tui.desks.conflicts import ConflictDesk
    from tidegate.tui.desks.feeds import FeedDesk
    from tidegate.tui.desks.files import FileDesk
    from tidegate.tui.desks.journal import JournalDesk
    from tidegate.tui.desks.partners import PartnerDesk
    from tidegate.tui.desks.quota import QuotaDesk
    from tidegate.tui.desks.review import ReviewDesk


class Desks:
    """One desk a mode, one for the partners' sheets, one for files.

    Every call may raise a TidegateError.
    """

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws

    @cached_property
    def journal(self) -> JournalDesk:
        """What History asks."""
        from tidegate.tui.desks.journal import JournalDesk  # noqa: PLC0415 - not before it is needed

        return JournalDesk(self._ws)

    @cached_property
    def conflicts(self) -> ConflictDesk:
        """What Conflicts asks."""
        from tidegate.tui.desks.conflicts import ConflictDesk  # noqa: PLC0415 - not before it is needed

        return ConflictDesk(self._ws)

    @cached_property
    def bench(self) -> BenchDesk:
        """What the bench asks."""
        from tidegate.tui.desks.bench import BenchDesk  # noqa: PLC0415 - not before it is needed

        return BenchDesk(self._ws)

    @cached_property
    def feeds(self) -> FeedDesk:
        """What Feeds asks."""
        from tidegate.tui.desks.feeds import FeedDesk  # noqa: PLC0415 - not before it is needed

        return FeedDesk(self._ws)

    @cached_property
    def quota(self) -> QuotaDesk:
        """What Quota asks."""
        from tidegate.tui.desks.quota import QuotaDesk  # noqa: PLC0415 - not before it is needed

        return QuotaDesk(self._ws)

    @cached_property
    def review(self) -> ReviewDesk:
        """What the review of a sync asks."""
        from tidegate.tui.desks.review import ReviewDesk  # noqa: PLC0415 - not before it is needed

        return ReviewDesk(self._ws)

    @cached_property
    def partners(self) -> PartnerDesk:
        """What the partners' sheets ask."""
        from tidegate.tui.desks.partners import PartnerDesk  # noqa: PLC0415 - not before it is needed

        return PartnerDesk(self._ws)

    @cached_property
    def files(self) -> FileDesk:
        """What taking in a file asks."""
        from tidegate.tui.desks.files import FileDesk  # noqa: PLC0415 - not before it is needed

        return FileDesk(self._ws)
