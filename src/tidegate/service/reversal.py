"""Turning a change round: its inverse, if its rows are still as it left them, and applying several.

Undo and redo share this. A row that ran out meanwhile is passed over; a row that was changed again
makes the whole step unfit, and the error names the change that did it. Refuses to decide what an
undo leaves behind for the feeds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from tidegate.errors import ExitCode, StalePlan, TidegateError, UsageError
from tidegate.indicators.indicator import Indicator, Suppression
from tidegate.indicators.kinds import Origin
from tidegate.indicators.plan import Change, SyncPlan, inverted
from tidegate.service.apply import Applied, apply
from tidegate.service.draft import Draft
from tidegate.service.residue import carried, may_differ_by_it, notes_without_it, rows_without_it
from tidegate.service.trail import Span, built, legible
from tidegate.service.workspace import Workspace
from tidegate.store.entry import Entry
from tidegate.store.records import Record

LARGE = 1_000
"""Rows from which taking back needs a yes wherever it is asked for."""

NOTABLE = 20
"""Rows from which it is asked about where somebody can answer."""

FEED_DOORS = ("sync", "held")
"""Doors that a feed's rows come through."""

_NAMED = 3
"""Rows that a refusal names; more only count."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """A plan that takes back one journal entry, and that entry: a change, or an undo of one."""

    plan: SyncPlan
    entry: Entry


class Halfway(TidegateError):
    """Some steps were done, the next did not fit any more, and neither did turning them back."""

    exit_code = ExitCode.STALE


def weighty(plans: Sequence[SyncPlan]) -> bool:
    """Whether it is too much to do unasked: a bulk of rows, or rows of others in the tenant."""
    return sum(len(plan.changes) for plan in plans) > LARGE or any(
        change.row.origin is Origin.FOREIGN for plan in plans for change in plan.changes
    )


def notable(plan: SyncPlan, entry: Entry, actor: str) -> bool:
    """Whether this is more than taking back one's own last few keystrokes."""
    return (
        len(plan.changes) > NOTABLE
        or entry.actor != actor
        or entry.door in FEED_DOORS
        or weighty([plan])
    )


@dataclass(frozen=True, slots=True)
class Inverse:
    """The changes that take an entry back, without those that time has overtaken."""

    changes: tuple[Change[Indicator], ...]
    suppressions: tuple[Change[Suppression], ...]


def inverse(ws: Workspace, draft: Draft, entry: Entry, reason: str) -> Inverse:
    """Turn an entry round. Raises StalePlan when what it touched is not as it left it."""
    changes: list[Change[Indicator]] = []
    moved: list[Indicator] = []
    marked: list[tuple[Change[Indicator], Change[Indicator]]] = []
    for change in _of_the_living(draft, entry, reason):
        before = change.before
        held = draft.row(change.row.id if before is None else before.id)
        if held == before:
            changes.append(change)
        elif held is not None and may_differ_by_it(held, before):
            marked.append((carried(change, held), change))
        else:
            moved.append(change.row)
    if marked and not moved:
        ids = {change.row.id for _, change in marked}
        rows = rows_without_it(entry, story(ws, draft, ids), ids)
        moved += [change.row for _, change in marked if rows[change.row.id] != change.before]
        changes += [change for change, _ in marked]
    notes, disputed = _notes(ws, draft, entry, reason)
    if moved or disputed:
        raise _moved_on(ws, entry, moved, disputed)
    return Inverse(tuple(changes), notes)


def _notes(
    ws: Workspace, draft: Draft, entry: Entry, reason: str
) -> tuple[tuple[Change[Suppression], ...], list[Suppression]]:
    """The inverse changes of suppressions, and those suppressions that were changed again."""
    notes: list[Change[Suppression]] = []
    disputed: list[Change[Suppression]] = []
    for note in inverted(entry.suppressions, reason):
        standing = draft.note(note.row.id)
        if standing == note.before:
            notes.append(note)
        elif standing != note.after:  # else somebody did it already
            disputed.append(note)
    if disputed:  # what an undo left to keep a feed out stays, and is no obstacle
        ids = {note.row.id for note in disputed}
        held_notes = notes_without_it(entry, story(ws, draft, ids), ids)
        disputed = [
            note for note in disputed if held_notes[note.row.id] not in (note.before, note.after)
        ]
    return tuple(notes), [note.row for note in disputed]


def _of_the_living(draft: Draft, entry: Entry, reason: str) -> Iterator[Change[Indicator]]:
    """The inverse changes of rows that time has not overtaken. Raises StalePlan."""
    for change in inverted(entry.changes, reason):
        before, after = change.before, change.after
        if before is not None and not before.active(draft.now):
            continue  # it expired meanwhile: there is nothing left to take back
        if before is None and after is not None and not after.active(draft.now):
            continue  # it would have expired meanwhile
        if after is not None and not after.active(draft.now):
            raise StalePlan(
                f"{after.value} would be expired as it was before change {entry.serial}",
                f"remove it, or edit it by hand: `tidegate edit {after.id} --expires 30d`",
            )
        yield change


def story(ws: Workspace, draft: Draft, ids: Collection[str]) -> Iterator[Entry | SyncPlan]:
    """Everything that was done, then what is about to be done; of the past only these ids."""
    for record in ws.store.records():
        with legible(record):
            about = {
                kind: [change for change in record[kind] if _touches(change, ids)]
                for kind in ("changes", "suppressions")
            }
        yield built(record | about)
    yield from draft.plans


def _moved_on(
    ws: Workspace, entry: Entry, rows: Sequence[Indicator], notes: Sequence[Suppression]
) -> StalePlan:
    """Say which rows moved on, and which change moved them last."""
    row_ids, note_ids = {row.id for row in rows}, {note.id for note in notes}
    later, reason = 0, ""
    for other in ws.store.records():
        with legible(other):
            if other["serial"] > entry.serial and (
                any(_touches(change, row_ids) for change in other["changes"])
                or any(_touches(change, note_ids) for change in other["suppressions"])
            ):
                later, reason = other["serial"], other["reason"]
    values = list(dict.fromkeys([row.value for row in rows] + [note.value for note in notes]))
    named = ", ".join(values[:_NAMED])
    if len(values) > _NAMED:
        named += f" and {len(values) - _NAMED:,} more"
    what = "changed" if rows else "suppressed or released"
    verb = "were" if len(values) > 1 else "was"
    by = f", by change {later} ({reason})" if later else ""
    return StalePlan(
        f"{named} {verb} {what} again after change {entry.serial}{by}",
        f"take that back first, or edit by hand; `tidegate history {values[0]}` shows its changes",
    )


def _touches(change: Record, ids: Collection[str]) -> bool:
    """Whether a change of the journal is about one of these ids."""
    sides = (change["before"], change["after"])
    return any(side is not None and side["id"] in ids for side in sides)


def chosen(
    entries: Iterator[Entry], plan: Callable[[Entry], SyncPlan], draft: Draft, steps: int | None
) -> tuple[Reversal, ...]:
    """Plan one entry after the other, each as if those before it were done.

    `steps` of them, or all for None. Entries with nothing left to take back do not count.
    """
    found: list[Reversal] = []
    for entry in entries:
        made = plan(entry)
        if not made.empty:
            draft.take(made)
            found.append(Reversal(made, entry))
        if len(found) == steps:
            break  # before the next one is asked for, which may be a refusal
    return tuple(found)


def enough(found: tuple[Reversal, ...], steps: int, word: str) -> tuple[Reversal, ...]:
    """Refuse fewer steps than were asked for. Raises UsageError."""
    shows = "`tidegate history` shows what happened"
    if not found:
        raise UsageError(f"nothing to {word}", shows)
    if len(found) < steps:
        known = "1 change" if len(found) == 1 else f"{len(found):,} changes"
        raise UsageError(f"only {known} can be {word}ne, not {steps:,}", shows)
    return found


def within(found: tuple[Reversal, ...], span: Span, words: str) -> tuple[Reversal, ...]:
    """Refuse a span of which nothing is left. Raises UsageError."""
    if not found:
        shows = "`tidegate history` shows what happened"
        raise UsageError(f"nothing is left to {words} of {span.text}", shows)
    return found


def carry_out(ws: Workspace, reversals: Sequence[Reversal]) -> tuple[Applied, ...]:
    """Apply the plans in order, one journal entry each; all of them, or none.

    Somebody may change a row between two of them: then those before it are turned round again and
    the error is raised. A crash in between leaves whole steps, which the next undo goes on from.
    """
    done: list[Applied] = []
    for reversal in reversals:
        plan = reversal.plan
        if done:
            # The step before it is the state it was planned from.
            plan = dataclasses.replace(plan, serial=ws.store.state().serial)
        try:
            done.append(apply(ws, plan))
        except TidegateError as fault:
            try:
                _turn_back(ws, reversals, done)
            except TidegateError:
                raise Halfway(
                    f"{len(done):,} of {len(reversals):,} steps are done, then: {fault.message}",
                    "`tidegate history` shows which; the rest is as it was",
                ) from fault
            raise
    return tuple(done)


def _turn_back(ws: Workspace, reversals: Sequence[Reversal], done: Sequence[Applied]) -> None:
    for reversal, applied in reversed(list(zip(reversals, done, strict=False))):
        plan = reversal.plan
        redone = plan.door == "redo"
        state = ws.store.state()
        reason = f"the steps after it did not fit any more: {plan.reason}"
        apply(
            ws,
            SyncPlan(
                state.lineage,
                state.serial,
                "undo" if redone else "redo",
                reason,
                inverted(plan.changes, reason),
                inverted(plan.suppressions, reason),
                undoes=reversal.entry.undoes if redone else applied.serial,
            ),
        )
