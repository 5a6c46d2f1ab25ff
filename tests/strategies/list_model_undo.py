"""Undo and redo of the list's model: which step is next, and what turns it round.

Everything is told from the model's history alone, each time anew. What an undo leaves behind so
that it stands against the feeds (a pin, owned fields, a note) is nobody's change of a row: it is
no obstacle to going further back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from strategies.list_model import (
    PERSONS,
    ListModel,
    NoteKey,
    Pair,
    Refused,
    Row,
    Step,
    note_key,
)
from tidegate.errors import StalePlan, UsageError

FEEDS = ("sync", "held")


@dataclass
class Standing:
    """What of a history is in force: changes with the entry since which they are, and undos."""

    since: dict[int, int] = field(default_factory=dict)
    undos: dict[int, int] = field(default_factory=dict)
    """Undos that were not redone, to the change that each took back."""
    undone_by: dict[int, int | None] = field(default_factory=dict)
    redo_of: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, model: ListModel) -> Standing:
        found = cls()
        for step in model.history:
            found.undone_by[step.serial] = None
            if step.undoes is None:
                if step.door != "expiry":
                    found.since[step.serial] = step.serial
            elif step.door == "redo":
                change = found.undos.pop(step.undoes)
                found.since[change] = step.serial
                found.undone_by[step.undoes] = step.serial
                found.undone_by[change] = None
                found.redo_of[step.serial] = change
            else:
                since = found.since.pop(step.undoes)
                found.undos[step.serial] = step.undoes
                found.undone_by[step.undoes] = step.serial
                if since != step.undoes:
                    found.undone_by[since] = step.serial
        return found

    def newest(self) -> list[int]:
        """Changes in force, the last put in force first."""
        return sorted(self.since, key=lambda serial: -self.since[serial])


def undos(model: ListModel, count: int, actor: str) -> list[Step]:
    """The steps that take back the last `count` changes which leave something to take back."""
    ahead = model.copy()
    found: list[Step] = []
    for serial in Standing.of(model).newest():
        if len(found) == count:
            break
        step = undo_of(ahead, serial, actor)
        if not step.empty:
            ahead.take(step)
            found.append(step)
    return _enough(found, count)


def redos(model: ListModel, count: int) -> list[Step]:
    """The steps that do again what the last `count` undos took back."""
    ahead = model.copy()
    found: list[Step] = []
    for serial in sorted(Standing.of(model).undos, reverse=True):
        if len(found) == count:
            break
        step = _inverse(ahead, ahead.history[serial - 1])
        step = Step("redo", step.rows, step.notes, serial)
        if not step.empty:
            ahead.take(step)
            found.append(step)
    return _enough(found, count)


def undo_of_one(model: ListModel, serial: int, actor: str) -> Step:
    """The step that takes back one change, which a redo may name, too."""
    standing = Standing.of(model)
    change = standing.redo_of.get(serial, serial)
    if change not in standing.since or standing.undone_by.get(serial) is not None:
        raise Refused(UsageError, "it is not in force")
    step = undo_of(model, change, actor)
    if step.empty:
        raise Refused(UsageError, "nothing is left of it")
    model.copy().take(step)
    return step


def _enough(found: list[Step], count: int) -> list[Step]:
    if len(found) < count:
        raise Refused(UsageError, "there are not so many")
    return found


def undo_of(model: ListModel, serial: int, actor: str) -> Step:
    """Turn a change round, and make that stand against the feeds."""
    done = model.history[serial - 1]
    turned = _inverse(model, done)
    rows = [_kept(pair) if done.door in FEEDS else pair for pair in turned.rows]
    notes = list(turned.notes)
    settled = {note_key(before or after or {}) for before, after in notes}
    for before, after in rows:
        removed = before is not None and after is None and before["origin"] == "feed"
        if before is not None and removed and done.door in FEEDS:
            note = model.kept_out(before, f"undo of change {serial}", actor)
            if note is not None and note_key(note[1] or {}) not in settled:
                notes.append(note)
        if before is None and after is not None and after["origin"] == "feed":
            key = after["type"], after["value"], after["owned"].get("groups", after["groups"])
            held = model.notes.get(key)
            if key not in settled and held and _unmarked_note(model, serial, key) is None:
                notes.append((held, None))
    return Step("undo", rows, notes, serial)


def _kept(pair: Pair) -> Pair:
    """What a person takes back from a feed is theirs: a row is pinned, fields are owned."""
    before, after = pair
    if after is None or after["origin"] != "feed":
        return pair
    if before is None:
        return None, {**after, "pinned": True}
    mine = {
        name: before[name]
        for name in PERSONS
        if name not in after["owned"] and before[name] != after[name]
    }
    return before, {**after, "owned": {**after["owned"], **mine}}


def _inverse(model: ListModel, done: Step) -> Step:
    rows: list[Pair] = []
    for was, became in done.rows:
        if became is not None and not model.lives(became):
            continue
        if became is None and was is not None and not model.lives(was):
            continue
        if was is not None and not model.lives(was):
            raise Refused(StalePlan, "it would come back expired")
        ident = (became or was or {})["id"]
        held = model.rows.get(ident)
        held = held if held is not None and model.lives(held) else None
        if held == became:
            rows.append((became, was))
        elif (
            held is not None
            and became is not None
            and held["origin"] == "feed"
            and _bare(held) == _bare(became)
            and _unmarked_row(model, done.serial, ident) == became
        ):
            rows.append((held, _marked(was, became, held)))
        else:
            raise Refused(StalePlan, "the row has moved on")
    notes: list[Pair] = []
    for was, became in done.notes:
        key = note_key(was or became or {})
        now = model.notes.get(key)
        if now == became:
            notes.append((became, was))
        elif now != was and _unmarked_note(model, done.serial, key) not in (was, became):
            raise Refused(StalePlan, "the suppression has moved on")
    return Step("", rows, notes)


def _bare(row: Row) -> Row:
    return {**row, "pinned": False, "owned": {}}


def _marked(was: Row | None, became: Row, held: Row) -> Row | None:
    """What comes back keeps the marks that an undo left on what is there."""
    if was is None:
        return None
    left = {name: held["owned"][name] for name in held["owned"] if name not in became["owned"]}
    pinned = was["pinned"] or (held["pinned"] and not became["pinned"])
    return {**was, "pinned": pinned, "owned": {**was["owned"], **left}}


def _unmarked_row(model: ListModel, serial: int, ident: str) -> Row | None:
    told = [(step, [p for p in step.rows if _row_id(p) == ident]) for step in model.history]
    return _unmarked(told, serial)


def _unmarked_note(model: ListModel, serial: int, key: NoteKey) -> Row | None:
    told = [(step, [p for p in step.notes if _note_id(p) == key]) for step in model.history]
    return _unmarked(told, serial)


def _row_id(pair: Pair) -> str:
    return str((pair[1] or pair[0] or {})["id"])


def _note_id(pair: Pair) -> NoteKey:
    return note_key(pair[1] or pair[0] or {})


def _unmarked(told: list[tuple[Step, list[Pair]]], serial: int) -> Row | None:
    """What there would be now, had every undo but that of `serial` given back just what was."""
    now: Row | None = None
    before: dict[int, Row | None] = {}
    for step, moves in told:
        if not moves:
            continue
        found = now
        if step.undoes is None or step.serial == serial:
            now = moves[-1][1]
        elif step.undoes in before:
            now = before[step.undoes]
        before[step.serial] = found
    return now
