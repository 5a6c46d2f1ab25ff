"""What would change the answer of `why`: the settings and commands that do, end by end.

Owns these sentences; a value in a command is quoted for a shell. Each is true by itself, as far as
the last plan goes; where only a publisher or the time can change anything, that is said. Refuses
promises: what else competes for a slot may change with the same sync, and that is said, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor
from shlex import quote

from tidegate.allocation.rank import FEED_CAP, FEED_STEP
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.kinds import IndicatorType, Origin
from tidegate.indicators.limits import LIMIT
from tidegate.indicators.plan import Op
from tidegate.mapping.candidate import Rejection
from tidegate.mapping.guard import GuardFinding, Verdict
from tidegate.mapping.judge import EXPIRED, GUARD
from tidegate.mapping.policy import BENIGN
from tidegate.service.conflicts import Conflict, Standing
from tidegate.service.finding import glance
from tidegate.service.hearing import Said
from tidegate.service.held import Held
from tidegate.service.inspecting import remedy_of
from tidegate.service.placing import Place, Waits
from tidegate.service.story import told_time
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry

_MOST_TRUST = 100


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a value, in parts of which most are empty.

    `guard` is what the guards say of it, None for what is no value. `rows` are on the list now;
    `over` stood there until their time was over. `withheld` is what the brake holds of it, `taken`
    the change that took it off.
    """

    value: str
    kind: IndicatorType | None
    said: Said
    guard: GuardFinding | None = None
    rows: tuple[Indicator, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    withheld: Held | None = None
    places: tuple[Place, ...] = ()
    suppressed: tuple[Suppression, ...] = ()
    over: tuple[Indicator, ...] = ()
    taken: Entry | None = None


def changes_of(ws: Workspace, ending: Ending) -> list[str]:
    """What would change the answer, each once; at least one for what is a value."""
    found = [*_of_brake(ending)]
    if ending.rows:
        for row in ending.rows:
            found += _of_row(row, ending)
    else:
        found += _of_absent(ws, ending)
    return list(dict.fromkeys(found))


def _of_brake(ending: Ending) -> Iterator[str]:
    if ending.withheld is None:
        return
    for change in ending.withheld.changes:
        does = {Op.CREATE: "lists it", Op.REMOVE: "takes it off", Op.UPDATE: "changes it"}[
            change.op
        ]
        part = f" --feed {change.row.feeds[0]}" if len(change.row.feeds) == 1 else ""
        yield f"`tidegate held approve {ending.withheld.id}{part}` {does}, with what is held beside"


def _of_row(row: Indicator, ending: Ending) -> Iterator[str]:
    if row.origin is Origin.FOREIGN:
        yield (
            "whoever made it in the tenant; `tidegate import FILE --origin foreign` reads that anew"
        )
        return
    for conflict in ending.conflicts:
        if conflict.row.id == row.id and conflict.standing is Standing.OPEN:
            hands = "takes what feeds want" if conflict.wish else f"hands {conflict.field} back"
            yield f"`tidegate conflicts resolve {conflict.id} --theirs` {hands}"
    if row.pinned:
        yield f"`tidegate unpin {row.id}`: it competes by its rank again"
    if row.origin is Origin.MANUAL:
        yield f"`tidegate remove {row.id}` takes it off; no feed does"
        return
    for feed in row.feeds:
        if feed in ending.said.off:
            yield f"`tidegate feeds enable {feed}` gives its feed a say again; else it ages out"
    if not row.pinned:
        yield f"`tidegate pin {row.id}` keeps it whatever its rank"
    yield f"`tidegate remove {row.id}` takes it off, and feeds do not bring it back"


def _of_absent(ws: Workspace, ending: Ending) -> Iterator[str]:
    said = ending.said
    for place in ending.places:
        if place.waits is not Waits.FLOOD or ending.withheld is None:
            yield from _of_place(ws, place)
    for note in ending.suppressed:
        until = f", or {told_time(note.until)}, when it ends" if note.until else ""
        yield f"`tidegate suppress remove {quote(note.value)}` lifts the suppression{until}"
    if not said.candidates:
        yield from _of_ended(ending)
    elif not (ending.places or ending.suppressed or ending.withheld):
        yield "`tidegate sync` plans it; until then nothing of it is decided"
    for feed in said.off:
        yield f"`tidegate feeds enable {feed}`, then `tidegate sync`: the feed has a say again"
    if not ending.suppressed:
        yield from _by_hand(ending)


def _of_ended(ending: Ending) -> Iterator[str]:
    """What lets feeds propose it that said something of it, and do not propose it."""
    said = ending.said
    for rejection in said.refused:
        yield _remedied(rejection, ending)
    for _, _, detail in said.ended:
        yield _again(detail)
    for feed, _, _ in said.unlisted:
        yield f"feed {feed} lists it again"


def _remedied(rejection: Rejection, ending: Ending) -> str:
    change = remedy_of(rejection).change
    # What the feed wrote is no text to paste into a shell.
    return change.replace("VALUE", quote(ending.value)) if ending.kind else change


def _by_hand(ending: Ending) -> Iterator[str]:
    """What a person can do without any feed."""
    said, value = ending.said, ending.value
    if ending.kind is None:
        if not (said.refused or said.ended or said.candidates or said.unlisted):
            yield "ask by an address, a domain name, a URL, a hash, or the id of a row or an object"
    elif ending.guard is not None and ending.guard.verdict is Verdict.REFUSE:
        yield _remedied(Rejection("", "", GUARD + ending.guard.guard, "", value=value), ending)
    elif all(each.code != BENIGN for each in said.refused):  # there it is said already
        yield f"`tidegate add {quote(value)}` lists it by hand: people's rows come before feeds'"


def _again(detail: str) -> str:
    """What brings back what ended."""
    if detail == EXPIRED:
        return "its feed vouches for it again, or lets it live longer"
    return "nothing here: a revocation is for good; its publisher may name it in a new object"


def _of_place(ws: Workspace, place: Place) -> Iterator[str]:
    match place.waits:
        case Waits.COVER:
            gone = "when that row goes" if place.covers else "with the next sync"
            yield f"it comes back by itself {gone}"
        case Waits.FLOOD:
            yield "`tidegate held list` shows the flood; once approved, its feed competes as others"
        case Waits.CEILING:
            yield from _of_ceiling(place)
        case Waits.RANK:
            yield from _of_rank(ws, place)


def _of_ceiling(place: Place) -> Iterator[str]:
    if place.lead is None or place.edge is None:
        return
    before = f"; {place.item.place - 1:,} wait before it" if place.item.place > 1 else ""
    yield (
        f"a `ceiling` above {place.edge.slots:,} under [share] of feed {place.lead.feed}, "
        f"in its feed.toml{before}"
    )


def _of_rank(ws: Workspace, place: Place) -> Iterator[str]:
    settings = ws.settings
    end = glance(ws).next_end
    when = f", the next on {told_time(end)} unless its row is renewed" if end else ""
    before = f"; {place.item.place - 1:,} wait before it" if place.item.place > 1 else ""
    yield f"a slot that comes free{when}{before}"
    lead, rival = place.lead, place.rival
    if lead is not None and rival is not None:
        # Whole points: the first trust with which it is worth more than that row.
        needed = floor(round(rival.weight - place.worth + lead.trust, 2)) + 1
        if lead.trust < needed <= _MOST_TRUST:
            yield (
                f"`trust` of feed {lead.feed} above {needed - 1} (now {lead.trust}): it comes "
                f"before {rival.key.value}, after what else its feed has that is better"
            )
    agreed = (len(place.item.feeds) - 1) * FEED_STEP
    if 0 <= place.gap < FEED_STEP and agreed + FEED_STEP <= FEED_CAP:
        yield f"one more feed that names it, which is {FEED_STEP:g} points"
    for edge in place.floors:
        yield f"a lower `floor` under [share] of feed {edge.feed}, in its feed.toml"
    if settings.limit < LIMIT:
        yield f"`limit` above {settings.limit:,} in config.toml, at most {LIMIT:,}"
    if settings.reserve:
        yield f"`reserve` below {settings.reserve:,} in config.toml"
