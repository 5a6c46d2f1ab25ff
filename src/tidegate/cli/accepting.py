"""The question before a plan of feeds' wishes is applied: all of it, or what `--only` names.

Owns what is said of the part that waits. Refuses to part plans: the service does.
"""

from __future__ import annotations

import argparse
import dataclasses

from tidegate.cli import diagnostics
from tidegate.cli.opening import wants_json
from tidegate.cli.plans import show_plan
from tidegate.cli.previews import allow_words, answered
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.service.accepting import Accepted, Only, accept, chosen, told
from tidegate.service.workspace import Workspace


class Question:
    """Asks once, about what is wanted of a plan, and remembers that nobody could be asked."""

    def __init__(self, ws: Workspace, args: argparse.Namespace) -> None:
        self._ws = ws
        self._yes = args.yes
        self._quiet = wants_json(args)
        self._only, self._ops = args.only, tuple(map(Op, args.op))
        self.refused = False

    @property
    def partial(self) -> bool:
        """Whether only some of a plan is wanted."""
        return bool(self._only or self._ops)

    def __call__(self, plan: SyncPlan) -> bool | Only:
        """Answer for a plan, or for what is wanted of it."""
        if not self.partial:
            return self._ask(plan)
        names = chosen(self._ws, plan, self._only, self._ops)
        part = accept(self._ws, plan, names)
        if not names:
            held = bool(chosen(self._ws, dataclasses.replace(plan, changes=plan.held), self._only))
            diagnostics.note(
                "tidegate: nothing of this plan is meant"
                + (": the brake holds what is" * held or "; `tidegate plan` shows all of it")
            )
        for line in told(part.late):
            diagnostics.note(f"tidegate: waits: {line}")
        return (part.plan.empty or self._ask(part.plan)) and Only(names)

    def _ask(self, plan: SyncPlan) -> bool:
        if answered(plan, yes=self._yes):
            return True
        if not self._quiet:
            show_plan(plan)
        what = f"Apply this plan{allow_words(plan)}?"
        answer = diagnostics.interactive() and diagnostics.ask(what)
        self.refused = not answer
        return answer


def waits_on(part: Accepted) -> str:
    """How much of a plan was not applied."""
    waiting = len(part.waiting)
    rows = "1 change waits" if waiting == 1 else f"{waiting:,} changes wait"
    return f"tidegate: {rows}: the next plan brings what is still wanted"
