"""Why a value is on the list, or why not: its whole story, step by step.

Follows the journey: what was asked, what feeds said of it, which guard or rule decided, what it
scored, whether it waits and for whom, what the tenant holds, what people did with it, and what
would change the answer. Everything is read from what the last plan left, and from the list as it
is. Refuses to guess: a step that nothing is known of is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.allocation.compress import COVERED
from tidegate.allocation.merge import in_order
from tidegate.allocation.rank import score, terms
from tidegate.errors import IndicatorError
from tidegate.indicators.enforceability import enforceability
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin
from tidegate.indicators.plan import Op
from tidegate.ledger.evaluation import waiting_for
from tidegate.mapping.candidate import Candidate
from tidegate.mapping.guard import Verdict
from tidegate.service.changing import Ending, changes_of
from tidegate.service.conflicts import Conflict, Standing, of_rows, words
from tidegate.service.edit import read_value
from tidegate.service.finding import glance, made, over
from tidegate.service.hearing import Said, hear, names_object
from tidegate.service.held import Held, withheld_of
from tidegate.service.look import matching
from tidegate.service.past import newest_of, taken_off, tell_overrides, tell_past
from tidegate.service.placing import Waits, place_of, tell_place
from tidegate.service.planning import moment_of
from tidegate.service.story import Story, WhyTrace, told_time
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry


def explain(ws: Workspace, text: str) -> WhyTrace:
    """Tell the story of a value, an id or an id prefix, or a STIX id; any text is answered.

    Feeds that are switched off have no say, so only their names are told.
    """
    story = Story()
    found = matching(ws, text)
    kind, value = _read(text, found, story)
    said = hear(ws, story, text, kind, value)
    newest = newest_of(ws, value)
    ending = _ending(ws, value, kind, said, found, newest)
    _guarded(story, ending, newest)
    _scored(ws, story, said.candidates)
    _left_out(story, ending)
    _enforced(story, said.candidates, ending.rows)
    for row in ending.rows:
        _held(ws, story, row, ending.conflicts)
    _withheld(story, ending.withheld)
    tell_past(story, value, newest)
    for change in changes_of(ws, ending):
        story.tell("note", "change", change)
    present = bool(ending.rows)
    return WhyTrace(value, kind, present, _headline(ending), tuple(story.steps), said.seen)


def _ending(
    ws: Workspace,
    value: str,
    kind: IndicatorType | None,
    said: Said,
    found: tuple[Indicator, ...],
    newest: Sequence[Entry],
) -> Ending:
    """Look up all that became of a value."""
    now = ws.clock()
    values = {value, *(c.value for c in said.candidates)}
    aliases = {a.partition(":")[2] for c in said.candidates for a in c.aliases}
    if said.candidates and not found:
        found = made(ws, glance(ws).named(values))
    waiting = waiting_for(ws.ledger, ws.tenant, values)
    notes = ws.store.state().suppressions.values()
    return Ending(
        value,
        kind,
        said,
        None if kind is None else ws.guards.check(kind, value, Action.ALERT_AND_BLOCK),
        found,
        tuple(of_rows(ws, found)),
        withheld_of(ws, values),
        tuple(
            place_of(ws, item, said.feeds, said.candidates, found)
            for item in waiting
            if not said.feeds.keys().isdisjoint(item.feeds)
        ),
        tuple(n for n in notes if n.value in values | aliases and n.active(now)),
        () if found else tuple(over(ws, value)),
        taken_off(value, newest),
    )


def _read(text: str, held: tuple[Indicator, ...], story: Story) -> tuple[IndicatorType | None, str]:
    if held and text not in (held[0].value, *held[0].aliases) and held[0].id.startswith(text):
        return held[0].type, held[0].value
    if names_object(text):
        return None, text
    try:
        kind, value = read_value(text)
    except IndicatorError as fault:
        story.tell("no", "value", str(fault))
        return None, text
    if value != text:
        story.tell("ok", "value", f"read as {kind.value} {value}")
    for row in held:
        if row.value != value:
            story.tell("note", "value", f"the same file as {row.value}, which stands for it")
    return kind, value


def _guarded(story: Story, ending: Ending, newest: Sequence[Entry]) -> None:
    """Tell what the guards say, and beside it who set them aside: else the two would contradict."""
    guard = ending.guard
    if guard is not None and guard.verdict is not Verdict.PASS:
        mark = "no" if guard.verdict is Verdict.REFUSE else "note"
        story.tell(mark, "guard", f"{guard.guard}: {guard.reason} ({guard.verdict.value})")
    for row in ending.rows:
        tell_overrides(story, row, newest)


def _left_out(story: Story, ending: Ending) -> None:
    """Tell what keeps it off the list."""
    for place in ending.places:
        tell_place(story, place)
    for note in ending.suppressed:
        story.tell("no", "suppression", f"{note.actor} on {told_time(note.created)}: {note.reason}")
    for row in ending.over:
        if row.expires is not None:
            story.tell("no", "expiry", f"row {row.id} ended on {told_time(row.expires)}")


def _enforced(story: Story, candidates: Sequence[Candidate], held: Sequence[Indicator]) -> None:
    """Tell what Defender enforces only in part: of the rows, or else of what feeds propose."""
    notes = {
        note: None
        for item in held or candidates
        for note in enforceability(item.type, item.value, item.action, item.context)
    }
    for note in notes:
        story.tell("note", "enforced", f"{note.code}: {note.text}")


def _scored(ws: Workspace, story: Story, candidates: list[Candidate]) -> None:
    """Tell the score of each row that feeds want: its parts, and why each has its points."""
    moment = moment_of(ws) if candidates else ws.clock()
    for group in in_order(candidates):
        found = terms(group, moment)
        parts = " ".join(
            f"{'+' if term.points >= 0 else '-'} {abs(term.points):g} {term.name}" for term in found
        ).removeprefix("+ ")
        where = f", for {', '.join(group[0].groups)}" if group[0].groups else ""
        story.tell("ok", "score", f"{score(group, moment):g} = {parts}{where}")
        because = "; ".join(f"{term.name}: {term.because}" for term in found)
        story.tell("note", "score", because)


def _held(ws: Workspace, story: Story, row: Indicator, conflicts: Sequence[Conflict]) -> None:
    scope = "all devices" if not row.groups else ", ".join(row.groups)
    story.tell(
        "ok",
        "tenant",
        f"row {row.id}: {row.action.value}, {row.severity.value}, {scope}, "
        f"origin {row.origin.value}, rank {row.rank:,} of {ws.settings.limit:,}",
    )
    if row.pinned:
        story.tell("note", "tenant", "pinned: it keeps its slot whatever its rank")
    for conflict in conflicts:
        if conflict.row.id == row.id:
            _differs(story, conflict)
    if row.origin is Origin.FEED and row.expires is not None:
        story.tell("note", "expiry", f"leaves on {told_time(row.expires)} unless renewed")
    if row.origin is not Origin.FOREIGN:
        story.tell("note", "pushed", "not by Tidegate yet: `tidegate export --format portal-csv`")


def _differs(story: Story, conflict: Conflict) -> None:
    """Tell what a person decided against feeds, and how to settle what is open."""
    ways = f"settle with `tidegate conflicts resolve {conflict.id} --mine | --theirs | --rule`"
    theirs = words(conflict.theirs)
    if conflict.wish is not None:
        feeds = ", ".join(conflict.feeds)
        story.tell("no", "conflict", f"{feeds} wants {theirs}; yours stands until you {ways}")
        return
    set_by = f"{conflict.field} was set by a person; the feed wants {theirs}"
    match conflict.standing:
        case Standing.OPEN:
            story.tell("no", "ownership", f"{set_by}; {ways}")
        case Standing.SETTLED:
            story.tell("note", "ownership", f"{set_by}, which was turned down: no conflict")
        case Standing.AGREED:
            story.tell("note", "ownership", f"{set_by}, too")


def _withheld(story: Story, held: Held | None) -> None:
    """Tell what the brake keeps back of the value, and for what of its reasons."""
    if held is None:
        return
    feeds = {feed for change in held.changes for feed in change.row.feeds}
    for change in held.changes:
        story.tell("no", "brake", f"held, plan {held.id}: {change.op} ({change.reason})")
    for part in held.reason.split("; "):
        feed, colon, _ = part.partition(": ")
        if not colon or " " in feed or feed in feeds:
            story.tell("note", "brake", part)


def _headline(ending: Ending) -> str:
    if ending.rows:
        return f"IN THE TENANT: {ending.rows[0].action.value}"
    return f"NOT IN THE TENANT: {_absence(ending)}"


def _absence(ending: Ending) -> str:
    """Why the value is not on the list, in a few words."""
    said, first = ending.said, ending.places[0] if ending.places else None
    new = ending.withheld is not None and any(c.op is Op.CREATE for c in ending.withheld.changes)
    covered = first is not None and first.waits is Waits.COVER
    taken = ending.taken
    ends = (
        (new or (first is not None and first.waits is Waits.FLOOD), "held by the brake"),
        (covered, first.item.reason if first else COVERED),
        (first is not None, "waits for a slot"),
        (ending.suppressed, "suppressed"),
        (said.refused and not said.candidates, "refused"),
        (said.candidates, "known to feeds, not planned yet"),
        (said.ended, "ended, its feed says"),
        (said.unlisted, "no longer listed by its feed"),
        (ending.over, "its row has expired"),
        (taken, f"taken off by change {taken.serial} ({taken.door})" if taken else ""),
        (said.off, "no feed has named it that is switched on"),
    )
    return next((words for holds, words in ends if holds), "no feed has named it")
