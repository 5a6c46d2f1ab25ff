"""A step of the history in words: its columns, what stands, what taking back would do.

Pure, from the service's steps to strings. Refuses widgets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from tidegate.indicators.plan import Op
from tidegate.service.history import AnyChange, Head, Step, every_change
from tidegate.service.moves import SIGN, fields
from tidegate.service.reversal import Reversal
from tidegate.service.undo import consequences
from tidegate.tui.grid_layout import Column
from tidegate.tui.moves import brief, kind
from tidegate.tui.preview import counted, done
from tidegate.tui.safe import content, stacked
from tidegate.tui.undoing import outcome

SHOWN = 40
"""Rows of a step that the pane shows; Enter shows all of them."""


def state(head: Head) -> str:
    """Whether it stands, in a word and a number."""
    if head.undone_by is not None:
        return f"undone {head.undone_by}"
    if head.redone_by is not None:
        return f"redone {head.redone_by}"
    return f"{head.entry.door}es {head.entry.undoes}" if head.entry.undoes is not None else ""


def _rows(head: Head, _now: datetime) -> str:
    """`+103 ~22 -1`."""
    return " ".join(f"{SIGN[op]}{head.counts[op]:,}" for op in Op if head.counts[op])


COLUMNS: tuple[Column[Head], ...] = (
    Column("serial", "CHANGE", 6, lambda head, _: str(head.entry.serial), right=True),
    Column("at", "WHEN (UTC)", 16, lambda head, _: f"{head.entry.at:%Y-%m-%d %H:%M}"),
    Column("actor", "WHO", 9, lambda head, _: head.entry.actor),
    Column("door", "DOOR", 8, lambda head, _: head.entry.door),
    Column("rows", "ROWS", 11, _rows),
    Column("state", "STATE", 10, lambda head, _: state(head)),
    Column("reason", "REASON", 0, lambda head, _: head.entry.reason, least=20),
)
SPARE = ("door", "rows", "actor")
"""Columns that a narrow table goes without, the first of them first."""

ROW_COLUMNS: tuple[Column[AnyChange], ...] = (
    Column("sign", "", 1, lambda change, _: SIGN[change.op]),
    Column("kind", "TYPE", 12, lambda change, _: kind(change)),
    Column("value", "VALUE", 0, lambda change, _: change.row.value, share=2, least=24),
    Column("what", "WHAT", 0, lambda change, _: brief(change), share=3, least=20),
)


def headline(head: Head) -> Content:
    """The step in one line."""
    entry, ops = head.entry, head.counts
    did = done(ops[Op.CREATE], ops[Op.UPDATE], ops[Op.REMOVE])
    return content(
        " ", (f"change {entry.serial}", "bold"),
        f"  {entry.reason}  by {entry.actor} ({entry.door})  {did}  {state(head)}",
    )  # fmt: skip


def few_lines(head: Head) -> Content:
    """The step in three lines."""
    entry, ops = head.entry, head.counts
    did = done(ops[Op.CREATE], ops[Op.UPDATE], ops[Op.REMOVE])
    return stacked(
        (
            content(" ", (f"change {entry.serial}", "bold"), f"  {entry.reason}"),
            content(f" {entry.at:%Y-%m-%d %H:%M:%S} UTC  by {entry.actor}  through {entry.door}"),
            content(f" {did}", f"  {standing(head)}"),
        )
    )


def standing(head: Head) -> str:
    """Whether it stands, in words."""
    if head.undone_by is not None:
        return f"taken back by change {head.undone_by}: U does it again"
    if head.redone_by is not None:
        return f"done again by change {head.redone_by}"
    if head.entry.undoes is not None:
        return f"turns change {head.entry.undoes} round"
    return "stands: u takes it back"


def facts(head: Head) -> list[Content]:
    """Who, when, how and whether it stands, a line each."""
    entry, ops = head.entry, head.counts
    pairs = (
        ("when", f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"),
        ("who", entry.actor),
        ("door", entry.door),
        ("rows", done(ops[Op.CREATE], ops[Op.UPDATE], ops[Op.REMOVE])),
        ("state", standing(head)),
    )
    lines = [content((f"change {entry.serial}", "bold")), content(entry.reason), content("")]
    return lines + [content((f"{name:<6} ", "dim"), text) for name, text in pairs]


def whole(head: Head, step: Step | None) -> Content:
    """The step for the pane: facts, then the first of its rows."""
    lines = facts(head)
    if step is not None:
        changes = every_change(step.entry)
        lines.append(content(""))
        lines += (
            content(
                (f"{SIGN[change.op]} ", "bold"),
                f"{kind(change)} {change.row.value}",
                (f"  {brief(change)}", "dim"),
            )
            for change in changes[:SHOWN]
        )
        if len(changes) > SHOWN:
            lines.append(content(f"and {len(changes) - SHOWN:,} more: Enter shows all"))
    return stacked(lines)


def change_text(change: AnyChange | None, _now: datetime) -> Content:
    """One row of a step, every field before and after."""
    if change is None:
        return content("")
    lines = [
        content(
            (f"{SIGN[change.op]} {kind(change)} {change.row.value}", "bold"), f"  {change.reason}"
        )
    ]
    found = fields(change)
    width = max((len(name) for name, _ in found), default=0)
    lines += (content((f"  {name:<{width}}  ", "dim"), told) for name, told in found)
    return stacked(lines)


def reversal_title(found: Sequence[Reversal], *, redo: bool) -> str:
    """The question for several steps, or one."""
    word = "Redo" if redo else "Take back"
    if len(found) == 1:
        entry = found[0].entry
        return f"{word} change {entry.undoes if redo else entry.serial}?"
    return f"{word} {counted(len(found), 'change')}, newest first?"


def reversal_lines(found: Sequence[Reversal]) -> list[tuple[str, str]]:
    """What would become of each step, what it leaves behind, then every row."""
    lines = [
        (
            "plain",
            (
                f"change {it.entry.serial}  {it.entry.reason} ({it.entry.door}), by "
                f"{it.entry.actor}, {it.entry.at:%Y-%m-%d %H:%M}: {outcome(it.plan)}"
            ),
        )
        for it in found
    ]
    lines += (("warn", f"! {told}") for it in found for told in consequences(it.plan))
    lines.append(("quiet", ""))
    for it in found:
        lines += (
            ("quiet", f"{SIGN[change.op]} {kind(change)} {change.row.value}  {brief(change)}")
            for change in every_change(it.plan)
        )
    return lines


def reversal_said(found: Sequence[Reversal], *, redo: bool) -> str:
    """What was done, for a toast."""
    word = "redid" if redo else "took back"
    if len(found) > 1:
        return f"{word} {counted(len(found), 'change')}"
    entry, plan = found[0].entry, found[0].plan
    number = entry.undoes if redo else entry.serial
    return f"{word} change {number}: {outcome(plan)}"
