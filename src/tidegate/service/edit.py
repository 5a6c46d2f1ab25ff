"""Changes by hand: add, paste, edit, remove and pin, for one row or a thousand, as previewed plans.

Every call returns a `Preview`: the plan, and one line for each thing that was asked for, refusals
included. Nothing is changed until the plan is applied. A field that a person sets on a feed's row
is theirs from then on; removing a feed's row leaves a suppression.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final

from tidegate.errors import HeldBack, IndicatorError, StalePlan, UsageError
from tidegate.indicators.extract import extract
from tidegate.indicators.indicator import EMPTY, OWNABLE, Indicator, RowKey, free_id, scope
from tidegate.indicators.kinds import Action, IndicatorType, Origin, Severity
from tidegate.indicators.limits import DESCRIPTION_LENGTH, TITLE_LENGTH
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.indicators.value import canonical, classify
from tidegate.mapping.guard import Verdict
from tidegate.service import overriding
from tidegate.service.apply import check_row
from tidegate.service.preview import Asked, Line, Preview
from tidegate.service.room import FOR_PEOPLE, farewell, room_for
from tidegate.service.undo import still_suppressed, suppression
from tidegate.service.workspace import Workspace


class Unset(Enum):
    """Marks a field that an edit leaves as it is; None is a value (never, none)."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Fields:
    """What an add or edit sets. `expires` None means never; `groups` () means all devices.

    `overrides` are guards that the person sets aside, with the reason: each row takes those that
    it needs.
    """

    action: Action | Unset = UNSET
    severity: Severity | Unset = UNSET
    title: str | Unset = UNSET
    description: str | Unset = UNSET
    groups: tuple[str, ...] | Unset = UNSET
    expires: datetime | Unset | None = UNSET
    note: str | Unset = UNSET
    category: str | Unset = UNSET
    recommended_actions: str | Unset = UNSET
    overrides: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    def given(self) -> dict[str, object]:
        """The fields that are set whatever row it is, in the row's own words."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        del values["overrides"]
        chosen = {name: value for name, value in values.items() if value is not UNSET}
        if "groups" in chosen:
            chosen["groups"] = scope(chosen["groups"])
        if isinstance(self.expires, datetime):
            chosen["expires"] = to_millisecond(self.expires)
        return chosen


BY_HAND = ("add", "paste", "edit")
"""The doors of this module at which a person sets fields."""


def to_millisecond(moment: datetime) -> datetime:
    """Cut a time to what a STIX export can say, so that an export comes back the same."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


DEFAULT_ACTION = Action.ALERT_ONLY
"""What a bare `add` does: a person who wants to block says so."""

DEFAULT_SEVERITY = Severity.MEDIUM
DEFAULT_TERM = timedelta(days=90)


def read_value(text: str, kind: IndicatorType | None = None) -> tuple[IndicatorType, str]:
    """Read one typed value, defanged or not. Raises InvalidValue."""
    return classify(text) if kind is None else (kind, canonical(kind, text))


def plan_add(
    ws: Workspace, values: Sequence[str], fields: Fields, kind: IndicatorType | None = None
) -> Preview:
    """Add values by hand. A value that is on the list already becomes an update of that row."""
    asked = []
    for text in values:
        try:
            asked.append(Asked(text, *read_value(text, kind)))
        except IndicatorError as fault:
            asked.append(Asked(text, kind, "", str(fault)))
    return _add(ws, asked, fields, "add")


def plan_paste(ws: Workspace, text: str, fields: Fields) -> Preview:
    """Find every indicator in a pasted text and add it; refusals are listed by line."""
    asked = [
        Asked(found.text, found.type, found.value, found.error, found.line)
        for found in extract(text, ws.guards.is_suffix)
    ]
    return _add(ws, asked, fields, "paste")


def _add(ws: Workspace, asked: Sequence[Asked], fields: Fields, door: str) -> Preview:
    overriding.check(fields.overrides)
    now = ws.clock()
    given = fields.given()
    groups = scope(given.get("groups", ()))
    changes: list[Change[Indicator]] = []
    lines: list[Line] = []
    seen: dict[RowKey, int | None] = {}
    for item in asked:
        if item.type is None or item.fault:
            lines.append(item.answer("refused", item.fault))
            continue
        key = RowKey(item.type, item.value, groups)
        if key in seen:
            where = f" on line {seen[key]}" if seen[key] is not None else ""
            lines.append(item.answer("duplicate", f"the same value came before{where}"))
            continue
        seen[key] = item.line
        held = ws.store.at(key, now)
        if held is not None:
            change, line = _changed(ws, held, fields, given, item)
        else:
            row = _new_row(ws, key, given, now)
            row, notes = overriding.overriding(ws.guards, row, fields.overrides)
            change, line = _checked(ws, Change(None, row, door), item, "add", notes)
        lines.append(line)
        if change is not None:
            changes.append(change)
    leaving = room_for(ws, changes, FOR_PEOPLE)
    return Preview(_plan(ws, door, changes, leaving), _parting(lines, leaving))


def _parting(lines: Sequence[Line], leaving: Sequence[Change[Indicator]]) -> tuple[Line, ...]:
    """The lines, the last of those that add each with the row that leaves for it."""
    told, waiting = list(lines), [farewell(change) for change in reversed(leaving)]
    for place in reversed(range(len(told))):
        if waiting and told[place].verdict == "add":
            warnings = (*told[place].warnings, waiting.pop(0))
            told[place] = dataclasses.replace(told[place], warnings=warnings)
    return tuple(told)


def new_id(ws: Workspace, key: RowKey) -> str:
    """An id for a new row; that of an expired row is free again."""
    held, now = ws.store.state().rows, ws.clock()
    return free_id(key, lambda ident: ident in held and held[ident].active(now))


def _new_row(ws: Workspace, key: RowKey, given: dict[str, object], now: datetime) -> Indicator:
    defaults: dict[str, object] = {
        "action": DEFAULT_ACTION,
        "severity": DEFAULT_SEVERITY,
        "title": "Added by hand",
        "expires": to_millisecond(now + DEFAULT_TERM),
        **given,
        "groups": key.groups,
    }
    return cut(
        Indicator(
            id=new_id(ws, key),
            type=key.type,
            value=key.value,
            created=now,
            updated=now,
            origin=Origin.MANUAL,
            **defaults,  # type: ignore[arg-type] # the keys are Fields' own, typed there
        )
    )


def as_stored(
    ws: Workspace, rows: Sequence[Indicator], fields: Sequence[str] = ()
) -> list[Indicator]:
    """Return the rows as the list holds them: views carry a rank, and may be older than the list.

    Raises StalePlan for a row that has gone, or one of whose `fields` somebody changed since.
    """
    held = ws.store.state().rows
    for row in rows:
        if row.id not in held:
            raise StalePlan(f"{row.value} is no longer on the list", "look again")
        now = held[row.id]
        if changed := [name for name in fields if getattr(now, name) != getattr(row, name)]:
            raise StalePlan(
                f"{row.value} was changed meanwhile: {', '.join(changed)}",
                "look, then do it again",
            )
    return [held[row.id] for row in rows]


def plan_edit(ws: Workspace, rows: Sequence[Indicator], fields: Fields) -> Preview:
    """Set fields on rows, one or many. Foreign rows are refused."""
    given = fields.given()
    overriding.check(fields.overrides)
    if not given and not fields.overrides:
        raise UsageError("nothing to change", "name at least one field, such as --severity High")
    changes: list[Change[Indicator]] = []
    lines = []
    now = ws.clock()
    left: set[RowKey] = set()
    taken: set[RowKey] = set()
    for row in as_stored(ws, rows, (*given, *(["overrides"] if fields.overrides else []))):
        item = Asked(row.value, row.type, row.value)
        target = RowKey(row.type, row.value, scope(given.get("groups", row.groups)))
        held = None if target == row.key or target in left else ws.store.at(target, now)
        if held is not None or target in taken:
            lines.append(item.answer("refused", "another row has this value and these groups"))
            continue
        change, line = _changed(ws, row, fields, given, item)
        lines.append(line)
        if change is not None:
            changes.append(change)
            left.add(row.key)
            taken.add(target)
    return Preview(_plan(ws, "edit", changes), tuple(lines))


def _changed(
    ws: Workspace, row: Indicator, fields: Fields, given: dict[str, object], item: Asked
) -> tuple[Change[Indicator] | None, Line]:
    if row.origin is Origin.FOREIGN:
        return None, item.answer("refused", "made by others in the tenant; never edited here")
    now = ws.clock()
    after = cut(dataclasses.replace(row, **given))  # type: ignore[arg-type] # Fields' own keys
    if row.origin is Origin.FEED:
        feed_said = {
            name: getattr(row, name) for name in given if name in OWNABLE and name not in row.owned
        }
        after = dataclasses.replace(after, owned=MappingProxyType({**row.owned, **feed_said}))
    after, notes = overriding.overriding(ws.guards, after, fields.overrides)
    if after == row:
        return None, item.answer("unchanged", "it is so already", notes)
    after = dataclasses.replace(after, updated=now)
    if not after.active(now):
        return None, item.answer("refused", "the expiry is in the past; remove it instead")
    return _checked(ws, Change(row, after, "edit"), item, "update", notes)


def _checked(
    ws: Workspace, change: Change[Indicator], item: Asked, verdict: str, notes: tuple[str, ...]
) -> tuple[Change[Indicator] | None, Line]:
    row = change.row
    try:
        if change.after is not None and not row.active(ws.clock()):
            raise UsageError("the expiry is in the past")  # noqa: TRY301 - same line as a refusal
        check_row(ws, row)
    except HeldBack as fault:
        options = overriding.remedy(ws.guards, row)
        return None, item.answer("refused", fault.message, hint=options and f"add {options}")
    except (IndicatorError, UsageError) as fault:
        return None, item.answer("refused", fault.message)
    finding = ws.guards.check(row.type, row.value, row.action, row.overrides)
    if finding.verdict is not Verdict.PASS:
        notes = (*notes, finding.reason)
    detail = "" if verdict == "add" else _differences(change)
    return change, item.answer(verdict, detail, notes)


def _differences(change: Change[Indicator]) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        return ""
    told = (*OWNABLE, "note", "pinned", "overrides")
    names = [n for n in told if getattr(before, n) != getattr(after, n)]
    kept = [n for n in after.owned if n not in before.owned and n not in names]
    names += [f"{name} (as it is, yours from now on)" for name in kept]
    return ", ".join(names)


def cut(row: Indicator) -> Indicator:
    """Shorten texts to what Defender takes."""
    if len(row.title) <= TITLE_LENGTH and len(row.description) <= DESCRIPTION_LENGTH:
        return row
    return dataclasses.replace(
        row, title=row.title[:TITLE_LENGTH], description=row.description[:DESCRIPTION_LENGTH]
    )


def plan_remove(ws: Workspace, rows: Sequence[Indicator], reason: str = "") -> Preview:
    """Remove rows. A feed's row leaves a suppression, so that no sync brings it back."""
    changes, suppressions, lines = [], [], []
    why = reason or "removed by hand"
    known = ws.store.state().suppressions
    for row in as_stored(ws, rows):
        item = Asked(row.value, row.type, row.value)
        changes.append(Change(row, None, why))
        detail = ""
        if row.origin is Origin.FEED:
            note = suppression(ws, row, why)
            detail = "feeds may not bring it back"
            held = known.get(note.id)
            if not still_suppressed(held):
                suppressions.append(Change(held, note, why))
        elif row.origin is Origin.FOREIGN:
            detail = "from this record only: it stays in the tenant until removed there"
        lines.append(item.answer("remove", detail))
    state = ws.store.state()
    plan = SyncPlan(state.lineage, state.serial, "remove", why, tuple(changes), tuple(suppressions))
    return Preview(plan, tuple(lines))


def plan_pin(ws: Workspace, rows: Sequence[Indicator], *, pinned: bool) -> Preview:
    """Pin rows, so that they keep their slot whatever their rank, or unpin them."""
    changes, lines = [], []
    for row in as_stored(ws, rows):
        item = Asked(row.value, row.type, row.value)
        if row.origin is Origin.FOREIGN:
            lines.append(item.answer("refused", "made by others in the tenant"))
        elif row.pinned == pinned:
            lines.append(item.answer("unchanged", "it is so already"))
        else:
            after = dataclasses.replace(row, pinned=pinned, updated=ws.clock())
            changes.append(Change(row, after, "pin" if pinned else "unpin"))
            lines.append(item.answer("update", "pinned"))
    return Preview(_plan(ws, "pin" if pinned else "unpin", changes), tuple(lines))


def _plan(
    ws: Workspace,
    door: str,
    changes: Sequence[Change[Indicator]],
    displaced: Sequence[Change[Indicator]] = (),
) -> SyncPlan:
    state = ws.store.state()
    count = len(changes)
    what = changes[0].row.value if count == 1 else f"{count:,} rows"
    return SyncPlan(state.lineage, state.serial, door, f"{door} {what}", (*displaced, *changes))
