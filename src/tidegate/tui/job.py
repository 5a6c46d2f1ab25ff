"""One piece of work in the background: what it says, whether it was asked to end, what it asks.

A thread does it and the screen looks at it: the thread writes texts and waits for an answer, the
screen reads and answers. Refuses widgets, and to know what the work is.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.indicators.plan import SyncPlan

if TYPE_CHECKING:  # a sync brings them along when there is one
    from tidegate.service.accepting import Only
    from tidegate.service.sync import Answer

NOTED = "what arrived so far is noted, the rest goes with the next delivery"
"""What becomes of a delivery that is ended."""


@dataclass
class Job:
    """Work under way. `line` is its last word; `plan` is set while it waits for an answer.

    `plans` is whether it comes to a plan at all, `kept` what becomes of it when it is ended.
    """

    title: str
    line: str = ""
    plans: bool = False
    plan: SyncPlan | None = None
    kept: str = "what came so far is kept, nothing is applied"
    _stop: threading.Event = field(default_factory=threading.Event)
    _answered: threading.Event = field(default_factory=threading.Event)
    _said: Answer = False

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end."""
        return self._stop.is_set()

    @property
    def words(self) -> str:
        """What the header says of it."""
        if self.stopping:
            return f"{self.title}: ending …"
        if self.plan is not None:
            return f"{self.title}: plan ready, 2 shows it"
        return f"{self.title}: {self.line}" if self.line else self.title

    def tell(self, line: str) -> None:
        """Say how far it is; called by the thread."""
        self.line = line

    def cancel(self) -> None:
        """Ask it to end; it does at its next page, and waits for no answer any more."""
        self._stop.set()
        self._answered.set()

    def ask(self, plan: SyncPlan) -> Answer:
        """Wait until somebody answered for a plan; no for one that is to end. For the thread.

        None is a wish for another plan.
        """
        self._answered.clear()
        self.plan = plan
        if not self._stop.is_set():
            self._answered.wait()
        self.plan = None
        return False if self._stop.is_set() else self._said

    def answer(self, said: bool | Only) -> None:  # noqa: FBT001 - an answer is a yes or a no
        """Answer for the plan."""
        self._said = said
        self._answered.set()

    def again(self) -> None:
        """Have it planned anew, since the list is not what this plan was made from any more."""
        self._said = None
        self._answered.set()
