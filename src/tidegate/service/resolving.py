"""Carrying out what a person decided about conflicts: keep mine, take theirs, make a rule.

Any number of conflicts become one plan like any other, which undo takes back; a rule is written to
feed.toml just before and stays there. Refuses what cannot be done, conflict by conflict, and
touches nothing before it is told to.

    mine    a field: the feed's value is turned down, and listed again only when it changes
            a row: feeds may not bring theirs (a suppression); where it stands already, it leaves
    theirs  a field: it is the feed's again; a row in the same scope: likewise, as a whole
            a row whose scope overlaps: the person's leaves and the feeds' stands alone; a row of
            feeds that a person pinned or changed is let go of
    rule    the feed's policy says the same for this value from now on, and the field is the feed's
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tidegate.allocation.conflict import decided_by_person
from tidegate.allocation.diff import FEED_FIELDS
from tidegate.errors import StalePlan
from tidegate.indicators.indicator import EMPTY, Indicator, RowKey
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import SyncPlan
from tidegate.ledger.wishes import renew_wishes
from tidegate.service.apply import Applied, apply
from tidegate.service.conflicts import Conflict, Standing
from tidegate.service.decided import CannotStand, DecidedList
from tidegate.service.edit import new_id
from tidegate.service.feeds import policy_alone
from tidegate.service.ruling import Ruled, Rulings, disowned
from tidegate.service.workspace import Workspace


class Choice(StrEnum):
    """What a person decides."""

    MINE = "mine"
    THEIRS = "theirs"
    RULE = "rule"


_Decide = Callable[[DecidedList, Conflict, Indicator], str]
"""Carries a choice out on the draft and says what becomes of it; nothing where it is so already."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What becomes of one conflict: `verdict` is the choice, `unchanged` or `refused`."""

    conflict: Conflict
    verdict: str
    detail: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Decisions before they are carried out."""

    plan: SyncPlan
    lines: tuple[Resolved, ...]
    rulings: Rulings

    @property
    def refused(self) -> tuple[Resolved, ...]:
        """The conflicts that stay."""
        return tuple(line for line in self.lines if line.verdict == "refused")

    @property
    def empty(self) -> bool:
        """Whether carrying it out would change nothing, neither the list nor a policy."""
        return self.plan.empty and not self.rulings.by_feed


_DONE = MappingProxyType(
    {Choice.MINE: "kept mine", Choice.THEIRS: "took theirs", Choice.RULE: "made no rule"}
)


def plan_resolve(ws: Workspace, found: Sequence[Conflict], choice: Choice) -> Resolution:
    """Plan one decision about conflicts; every one of them is answered by a line.

    Raises StalePlan when a row is not as the person saw it.
    """
    draft = DecidedList(ws)
    _check_seen(draft, found)
    # Those in a row's own scope first: taking theirs there settles what overlaps, too.
    order = sorted(found, key=lambda c: c.wish is not None and c.wish.groups != c.row.groups)
    rulings = Rulings(ws)
    if choice is Choice.RULE:
        lines = _by_rule(draft, order, rulings)
    else:
        lines = [_line(draft, conflict, choice) for conflict in order]
    done = [line.conflict for line in lines if line.verdict == choice]
    what = done[0].value if len({c.row.id for c in done}) == 1 else f"{len(done):,} conflicts"
    feeds = ", ".join(rulings.by_feed)
    reason = f"{what}: " + (f"made a rule of {feeds}" if feeds else _DONE[choice])
    return Resolution(draft.plan("resolve", reason), tuple(lines), rulings)


def _check_seen(draft: DecidedList, found: Iterable[Conflict]) -> None:
    for conflict in found:
        row = draft.held(conflict.row.id)
        # Views carry a rank, which the list does not hold.
        if row is not None and row != dataclasses.replace(conflict.row, rank=row.rank):
            raise StalePlan(f"{row.value} was changed meanwhile", "look again")


def carry_out(ws: Workspace, resolution: Resolution) -> Applied:
    """Write the rules, apply the plan, and remember what the feeds want now.

    The rules come first: were the process to end in between, the feed would say what the person
    wants, and not the list what only the feed wants. Raises what `apply` raises.
    """
    ws.writable()
    rulings = resolution.rulings
    for feed, outcomes in rulings.by_feed.items():
        with policy_alone(ws, feed):
            ws.catalogue.rule(feed, outcomes)
    done = apply(ws, resolution.plan)
    if rulings.outdated:
        renew_wishes(ws.ledger, ws.tenant, rulings.outdated, rulings.renewed)
    return done


def _line(draft: DecidedList, conflict: Conflict, choice: Choice) -> Resolved:
    decide: _Decide = _keep if choice is Choice.MINE else _hand_back
    row = draft.row(conflict.row.id)
    if row is None:
        return Resolved(conflict, "unchanged", "the row is no longer on the list")
    try:
        detail = decide(draft, conflict, row)
    except CannotStand as fault:
        return Resolved(conflict, "refused", str(fault))
    return Resolved(conflict, choice if detail else "unchanged", detail or "it is so already")


def _keep(draft: DecidedList, conflict: Conflict, row: Indicator) -> str:
    feeds = ", ".join(conflict.feeds)
    if conflict.wish is None:
        if conflict.standing is not Standing.OPEN:
            return ""
        name = conflict.field
        settled = MappingProxyType({**row.settled, name: row.owned[name]})
        draft.put(row.id, dataclasses.replace(row, settled=settled), f"kept: {name}")
        return f"{name} stays; listed again when {feeds} wants something else"
    standing = draft.at(conflict.wish.key)
    if standing is not None and standing.origin is Origin.FEED and standing.id != row.id:
        if decided_by_person(standing):
            raise CannotStand(
                f"the other row is a person's, too: see `tidegate show {standing.id}`"
            )
        draft.put(standing.id, None, f"kept: the row of {row.id} stands alone")
    draft.keep_out(conflict.wish, f"a person's row stands against {feeds}")
    return f"your row stands; {feeds} may not bring theirs"


def _hand_back(draft: DecidedList, conflict: Conflict, row: Indicator) -> str:
    feeds = ", ".join(conflict.feeds)
    wish = conflict.wish
    if wish is None:
        draft.put(row.id, released(row, (conflict.field,)), f"handed back: {conflict.field}")
        return f"{conflict.field} is the feed's again"
    if not decided_by_person(row):
        return f"the row is {feeds}'s again"
    if row.origin is Origin.FEED:
        names = [name for name in ("action", "groups") if name in row.owned]
        freed = dataclasses.replace(released(row, names), pinned=False)
        draft.put(row.id, freed, f"let go: {feeds} wants otherwise")
        return "your pin, action and scope are let go of; feeds decide"
    if wish.groups == row.groups:
        theirs = {name: getattr(wish, name) for name in FEED_FIELDS}
        # Nor does a person's word against a guard go with it: feeds have none.
        whole = dataclasses.replace(row, owned=EMPTY, settled=EMPTY, overrides=EMPTY)
        given = dataclasses.replace(whole, **theirs, origin=Origin.FEED)
        draft.put(row.id, given, f"handed over to {feeds}")
        return f"the row is {feeds}'s from now on"
    draft.put(row.id, None, f"handed over: the row of {feeds} stands")
    if draft.at(wish.key) is None:
        fresh = dataclasses.replace(wish, id=new_id(draft.ws, wish.key))
        draft.create(fresh, f"{feeds}: in place of a person's row")
    return f"your row leaves, that of {feeds} stands"


def released(row: Indicator, names: Iterable[str]) -> Indicator:
    """The row with fields handed back: they are what the feed wants, and the feed's."""
    given = {name: row.owned[name] for name in names}
    return dataclasses.replace(disowned(row, given), **given)  # type: ignore[arg-type] # its own


def _by_rule(draft: DecidedList, found: Sequence[Conflict], rulings: Rulings) -> list[Resolved]:
    """Ask for a rule for each row, and hand back what the feeds say by themselves then."""
    groups: dict[tuple[str, RowKey | None], list[Conflict]] = {}
    for conflict in found:
        wish = None if conflict.wish is None else conflict.wish.key
        groups.setdefault((conflict.row.id, wish), []).append(conflict)
    asked = []
    for together in groups.values():
        row = draft.row(together[0].row.id)
        if row is not None:
            asked.append((together, row, rulings.ask(row, together)))
    rulings.settle()
    lines = []
    for together, row, ruled in asked:
        fault = ruled.fault or _follow(draft, together[0], row, ruled)
        for conflict in together:
            if conflict.field in ruled.unsaid:
                lines.append(Resolved(conflict, "refused", ruled.unsaid[conflict.field]))
            elif fault:
                lines.append(Resolved(conflict, "refused", fault))
            else:
                detail = f"{', '.join(ruled.feeds)} says so from now on"
                lines.append(Resolved(conflict, Choice.RULE, detail))
    return lines


def _follow(draft: DecidedList, conflict: Conflict, row: Indicator, ruled: Ruled) -> str:
    """Change the list as the new rule makes it; what keeps it from being so, or nothing."""
    feeds = ", ".join(ruled.feeds)
    try:
        if conflict.wish is None:
            if ruled.row is not None:
                draft.put(row.id, ruled.row, f"a rule of {feeds} says so")
            return ""
        standing = draft.at(conflict.wish.key)
        moves = conflict.wish.key != row.key
        if moves and standing is not None and not decided_by_person(standing):
            draft.put(standing.id, None, f"a rule of {feeds} says otherwise")
    except CannotStand as fault:
        return str(fault)
    return ""
