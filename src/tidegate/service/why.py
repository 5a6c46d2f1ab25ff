"""Why a value is on the list, or why not: its whole story, step by step.

Follows the journey: what was asked, what feeds said of it, which guard or rule decided, what it
scored, whether it waits, what the tenant holds, and what people did with it. Refuses to guess: a
step that nothing is known of is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from tidegate.allocation.merge import in_order
from tidegate.allocation.rank import score, terms
from tidegate.errors import IndicatorError
from tidegate.indicators.enforceability import enforceability
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action, IndicatorType, Origin
from tidegate.ledger.evaluation import waiting_for
from tidegate.mapping.candidate import Candidate
from tidegate.mapping.guard import Verdict
from tidegate.service.conflicts import Conflict, Standing, of_rows, words
from tidegate.service.edit import BY_HAND, read_value
from tidegate.service.hearing import hear, names_object
from tidegate.service.held import withheld
from tidegate.service.look import matching, rows
from tidegate.service.planning import moment_of
from tidegate.service.story import Story, WhyTrace, told_time
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry

_CHANGES = 10
"""The newest changes that are told of one by one."""


def explain(ws: Workspace, text: str) -> WhyTrace:
    """Tell the story of a value, an id or an id prefix, or a STIX id; any text is answered.

    Feeds that are switched off have no say, so only their names are told.
    """
    story = Story()
    held = matching(ws, text)
    kind, value = _read(text, held, story)
    said = hear(ws, story, text, kind, value)
    known = {c.value for c in said.candidates}
    if known and not held:
        held = tuple(r for r in rows(ws) if r.value in known)
    newest = list(islice(ws.store.journal.naming(value), _CHANGES + 1))
    if kind is not None:
        _guarded(ws, story, kind, value)
    for row in held:
        # Beside what the guard says, or the two read like a contradiction.
        _overridden(story, row, newest)
    _scored(ws, story, said.candidates)
    waiting = [
        item for item in waiting_for(ws.ledger, ws.tenant, value) if said.active & {*item.feeds}
    ]
    for item in waiting:
        story.tell(
            "no",
            "allocation",
            f"waits at place {item.place:,} with score {item.score:g}: {item.reason}",
        )
    spellings = known | {value} | {a.partition(":")[2] for c in said.candidates for a in c.aliases}
    now = ws.clock()
    suppressed = [
        note
        for note in ws.store.state().suppressions.values()
        if note.value in spellings and note.active(now)
    ]
    for note in suppressed:
        story.tell("no", "suppression", f"{note.actor} on {told_time(note.created)}: {note.reason}")
    _enforced(story, said.candidates, held)
    for row in held:
        _held(ws, story, row)
        _withheld(ws, story, row)
    _history(story, value, newest)
    ends = (waiting, suppressed, said.refused, said.candidates, said.ended, said.unlisted)
    headline = _headline(held, _taken_off(value, newest), *ends)
    return WhyTrace(value, kind, bool(held), headline, tuple(story.steps), said.seen)


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


def _guarded(ws: Workspace, story: Story, kind: IndicatorType, value: str) -> None:
    finding = ws.guards.check(kind, value, Action.ALERT_AND_BLOCK)
    if finding.verdict is not Verdict.PASS:
        mark = "no" if finding.verdict is Verdict.REFUSE else "note"
        story.tell(mark, "guard", f"{finding.guard}: {finding.reason} ({finding.verdict.value})")


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
    moment = moment_of(ws) if candidates else ws.clock()
    for group in in_order(candidates):
        parts = " ".join(
            f"{'+' if term.points >= 0 else '-'} {abs(term.points):g} {term.name}"
            for term in terms(group, moment)
        ).removeprefix("+ ")
        story.tell("ok", "score", f"{score(group, moment):g} = {parts}")


def _held(ws: Workspace, story: Story, row: Indicator) -> None:
    scope = "all devices" if not row.groups else ", ".join(row.groups)
    story.tell(
        "ok",
        "tenant",
        f"row {row.id}: {row.action.value}, {row.severity.value}, {scope}, "
        f"origin {row.origin.value}, rank {row.rank:,} of {ws.settings.limit:,}",
    )
    if row.pinned:
        story.tell("note", "tenant", "pinned: it keeps its slot whatever its rank")
    for conflict in of_rows(ws, [row]):
        _differs(story, conflict)
    if row.origin is Origin.FEED and row.expires is not None:
        story.tell("note", "expiry", f"leaves on {told_time(row.expires)} unless renewed")


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


def _withheld(ws: Workspace, story: Story, row: Indicator) -> None:
    """Tell what the brake keeps back for this row."""
    held = withheld(ws)
    for change in held.changes if held else ():
        if held and change.before is not None and change.before.id == row.id:
            story.tell("no", "brake", f"held, plan {held.id}: {change.op} ({change.reason})")


def _overridden(story: Story, row: Indicator, newest: Sequence[Entry]) -> None:
    """Tell which guards a person set aside; who and when, where the newest changes say so."""
    for guard, reason in sorted(row.overrides.items()):
        by = next((e for e in newest if _overrides(e, row.id, guard, reason)), None)
        who = f" by {by.actor} on {told_time(by.at)}" if by else ""
        story.tell("note", "guard", f"{guard} was overridden{who}: {reason}")


def _overrides(entry: Entry, ident: str, guard: str, reason: str) -> bool:
    """Whether a person's own add or edit set this guard aside; a redo only brings that back."""
    return entry.door in BY_HAND and any(
        change.after is not None
        and change.after.id == ident
        and change.after.overrides.get(guard) == reason
        and (change.before is None or change.before.overrides.get(guard) != reason)
        for change in entry.changes
    )


def _history(story: Story, value: str, newest: list[Entry]) -> None:
    """Tell the newest changes; the search ended there, since a journal may be long."""
    if len(newest) > _CHANGES:
        newest.pop()
        story.tell("note", "history", f"older changes are in `tidegate history {value}`")
    for entry in reversed(newest):
        for change in entry.changes:
            story.tell(
                "note",
                "history",
                f"change {entry.serial}, {told_time(entry.at)}, {entry.actor}: "
                f"{change.op.value} ({change.reason})",
            )


_ENDS = (
    "waits for a slot",
    "suppressed",
    "refused",
    "known to feeds, not planned yet",
    "ended, its feed says",
    "no longer listed by its feed",
)


def _taken_off(value: str, newest: Sequence[Entry]) -> str:
    """Which change took the value off the list, if that is the last that was done to it."""
    for entry in newest[:1]:
        for change in entry.changes:
            if change.after is None and change.row.value == value:
                return f"taken off by change {entry.serial} ({entry.door})"
    return ""


def _headline(held: tuple[Indicator, ...], taken_off: str, *ends: Sequence[object]) -> str:
    if held:
        return f"IN THE TENANT: {held[0].action.value}"
    reasons = [word for word, found in zip(_ENDS, ends, strict=True) if found]
    return "NOT IN THE TENANT: " + (reasons[0] if reasons else taken_off or "no feed has named it")
