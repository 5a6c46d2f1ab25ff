"""Where a row that waits stands against the rows that have a slot: who is before it, by how much.

Reads what the last plan left: the place in the queue with its reason, and where each feed's slots
end. Owns which of those rows it would have to displace, and the steps that tell so. Refuses to hand
out slots, and to guess what another plan would come to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tidegate.allocation.allocate import FULL, Edge, Quota, displaceable
from tidegate.allocation.compress import COVERED
from tidegate.allocation.flood import FLOOD
from tidegate.allocation.merge import in_order
from tidegate.allocation.rank import STAY
from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import Indicator, RowKey
from tidegate.ledger.edges import edges
from tidegate.ledger.evaluation import Waiting
from tidegate.mapping.candidate import Candidate
from tidegate.service.finding import glance, made
from tidegate.service.story import Story, lives_until
from tidegate.service.workspace import Workspace


class Waits(StrEnum):
    """What a row waits for."""

    RANK = "rank"
    CEILING = "ceiling"
    FLOOD = "flood"
    COVER = "cover"


@dataclass(frozen=True, slots=True)
class Place:
    """One waiting row.

    `lead` leads it, None where its feeds say something else by now. `edge` is the weakest row that
    it would have to displace, `rival` the weakest of those of other feeds, `floors` the rows that
    are weaker still and kept by their feeds' floors. `covers` are the rows on the list that cover
    it.
    """

    item: Waiting
    waits: Waits
    worth: float
    lead: Candidate | None
    edge: Edge | None = None
    rival: Edge | None = None
    floors: tuple[Edge, ...] = ()
    covers: tuple[Indicator, ...] = ()

    @property
    def gap(self) -> float:
        """By how many points it is short of the row to displace; 0 where it is its equal."""
        return 0.0 if self.edge is None else round(self.edge.weight - self.worth, 2)


def place_of(
    ws: Workspace,
    item: Waiting,
    feeds: Mapping[str, FeedDefinition],
    candidates: Sequence[Candidate],
    held: Sequence[Indicator],
) -> Place:
    """Look up where a waiting row stands. `held` are the rows of its value on the list."""
    lead = next((group[0] for group in in_order(candidates) if group[0].key == item.key), None)
    # One that leaves with a plan that is not applied, or held, still has the bonus of its slot.
    stays = any(row.feed_key == item.key for row in held)
    worth = round(item.score + STAY, 2) if stays else item.score
    waits = _waits(item.reason)
    if waits is Waits.COVER:
        return Place(item, waits, worth, lead, covers=_covers(ws, item.reason))
    if waits is Waits.FLOOD:
        return Place(item, waits, worth, lead)
    known = _edges(ws)
    if lead is None:
        return Place(item, waits, worth, lead)
    if waits is Waits.CEILING:
        own = next((each for each in known if each.feed == lead.feed), None)
        return Place(item, waits, worth, lead, own)
    quotas = {feed: Quota(it.share.floor, it.share.ceiling) for feed, it in feeds.items()}
    loose = displaceable(known, quotas, lead.feed)
    floors = (r for r in known if r.slots <= quotas.get(r.feed, Quota()).owed and r.weight < worth)
    return Place(
        item,
        waits,
        worth,
        lead,
        min(loose, key=_weight, default=None),
        min((each for each in loose if each.feed != lead.feed), key=_weight, default=None),
        tuple(sorted(floors, key=_weight)),
    )


def _edges(ws: Workspace) -> list[Edge]:
    """The edges of the last plan, as they weigh now: what it let in holds a slot since."""
    found = edges(ws.ledger, ws.tenant)
    held = glance(ws).named({each.key.value for each in found})
    slots = {(record["type"], record["value"]) for record in held}
    return [
        each._replace(stay=STAY if (each.key.type, each.key.value) in slots else 0.0)
        for each in found
    ]


def _weight(edge: Edge) -> float:
    return edge.weight


def _waits(reason: str) -> Waits:
    if reason.startswith(COVERED):
        return Waits.COVER
    if reason == FLOOD:
        return Waits.FLOOD
    return Waits.RANK if reason == FULL else Waits.CEILING


def _covers(ws: Workspace, reason: str) -> tuple[Indicator, ...]:
    """The rows of the covering value on the list now."""
    kind, _, value = reason.removeprefix(COVERED).partition(" ")
    return made(ws, [each for each in glance(ws).named((value,)) if each["type"] == kind])


def tell_place(story: Story, place: Place) -> None:
    """Tell where the row waits, and who is before it."""
    item = place.item
    story.tell(
        "no",
        "allocation",
        f"waits at place {item.place:,} with score {item.score:g}{_scope(item.key)}: {item.reason}",
    )
    if place.waits is Waits.COVER:
        for row in place.covers:
            protects = f"{row.action.value}, {row.severity.value}, {lives_until(row.expires)}"
            story.tell("note", "covered", f"{row.value} is row {row.id}: {protects}")
        if not place.covers:
            gone = item.reason.removeprefix(COVERED)
            story.tell("note", "covered", f"{gone} is not on the list any more")
    if (edge := place.edge) is not None:
        whose = f"of feed {edge.feed}"
        if place.waits is Waits.CEILING:
            whose = f"the weakest of the {edge.slots:,} {whose}"
        else:
            whose = f"{whose}, the weakest that it may displace"
        short = f"{place.gap:g} short of" if place.gap > 0 else "no better than"
        story.tell("no", "cut-off", f"{short} {_weighed(edge)}, {whose}")
    for floor in place.floors:
        story.tell(
            "note",
            "cut-off",
            f"the floor of feed {floor.feed} keeps weaker rows, down to {_weighed(floor)}",
        )


def _scope(key: RowKey) -> str:
    return f" for {', '.join(key.groups)}" if key.groups else ""


def _weighed(edge: Edge) -> str:
    """A row with a slot, and what it weighs."""
    weight = f"{edge.weight:g}"
    if edge.stay:
        weight += f" = {edge.worth:g} + {edge.stay:g} for holding its slot"
    return f"{edge.key.value}{_scope(edge.key)} ({weight})"
