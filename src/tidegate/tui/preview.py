"""A preview in words: counts, before → after, and one line a pasted value.

Pure, from the service's plan to strings. Refuses widgets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tidegate.indicators.indicator import Indicator
from tidegate.indicators.plan import Op, SyncPlan
from tidegate.service.preview import Line, Preview, claimed
from tidegate.service.room import displaced
from tidegate.tui.fields import FIELDS, quoted

LOOK = {"add": "good", "update": "good", "refused": "bad"}
"""How the lines of a preview look; the others are quiet."""

_ORDER = ("add", "update", "duplicate", "unchanged", "refused")


def counted(number: int, word: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def changing(preview: Preview) -> str:
    """`83 change, 16 already so: yours from now on, 2 already so, 1 refused`."""
    kept = claimed(preview.plan)
    counts = Counter(str(line.verdict) for line in preview.lines)
    return _joined(
        (counts["update"] - kept, "change"),
        (kept, "already so: yours from now on"),
        (counts["unchanged"], "already so"),
        (counts["refused"], "refused"),
    )


def _joined(*parts: tuple[int, str]) -> str:
    return ", ".join(f"{number:,} {word}" for number, word in parts if number)


def verdicts(lines: Iterable[Line]) -> str:
    """`12 add, 3 duplicate, 2 refused`."""
    counts = Counter(str(line.verdict) for line in lines)
    return ", ".join(f"{counts[word]:,} {word}" for word in _ORDER if counts[word])


def line_text(line: Line) -> str:
    """One pasted value: line number, verdict, type, value and the reason."""
    where = "" if line.line is None else str(line.line)
    kind = "" if line.type is None else line.type.value
    reasons = "; ".join(part for part in (line.detail, *line.warnings) if part)
    text = f"{where:>5} {line.verdict:<9} {kind:<12} {line.value or line.text}"
    return f"{text}  {reasons}" if reasons else text


def sentence(line: Line) -> str:
    """What becomes of one typed value, for the foot of a form."""
    kind = "" if line.type is None else f"{line.type.value} "
    if line.verdict == "add":
        return f"adds {kind}{line.value}"
    if line.verdict == "update":
        return f"changes {line.detail} of {line.value}"
    return f"{line.verdict}: {line.detail}"


def paste_lines(preview: Preview) -> list[tuple[str, str]]:
    """All lines with their looks, in the order of the text."""
    return [(LOOK.get(str(line.verdict), "quiet"), line_text(line)) for line in preview.lines]


def before_after(plan: SyncPlan) -> list[str]:
    """Count what each field turns from and into: `action  Alert only → Alert and block  200`."""
    counts: Counter[tuple[str, str, str]] = Counter()
    already: Counter[tuple[str, str]] = Counter()
    for change in plan.changes:
        if change.op is Op.UPDATE and change.before is not None and change.after is not None:
            counts.update(moves(change.before, change.after))
            already += Counter(_claims(change.before, change.after))
    shown = counts.most_common(12)
    lines = [
        f"{name:<12}{before or '(empty)'} → {after or '(empty)'}  {number:,}×"
        for (name, before, after), number in shown
    ]
    if len(counts) > len(shown):
        lines.append(f"… and {len(counts) - len(shown):,} more kinds of change")
    lines += (
        f"{name:<12}{text or '(empty)'} already  {number:,}×: yours from now on"
        for (name, text), number in already.most_common(4)
    )
    return lines


def _claims(before: Indicator, after: Indicator) -> list[tuple[str, str]]:
    """The fields that stay as they are, but become a person's."""
    return [
        (field.name, field.write(after))
        for field in FIELDS
        if field.name in after.owned
        and field.name not in before.owned
        and field.write(before) == field.write(after)
    ]


def moves(before: Indicator, after: Indicator) -> list[tuple[str, str, str]]:
    """The fields in which two states of a row differ: name, text before, text after."""
    return [
        (field.name, field.write(before), field.write(after))
        for field in FIELDS
        if field.write(before) != field.write(after)
    ]


def overtaken(before: Sequence[Indicator], now: Sequence[Indicator], most: int = 3) -> list[str]:
    """What others made of rows meanwhile, so that who applies again knows what is written over."""
    told = [
        f"! {new.value} meanwhile: {name} was {quoted(was)}, is {quoted(become)}"
        for old, new in zip(before, now, strict=True)
        for name, was, become in moves(old, new)
    ]
    more = [f"! and {len(told) - most:,} more"] if len(told) > most else []
    return [*told[:most], *more, "! ^S again writes over it"] if told else []


def problems(preview: Preview) -> list[str]:
    """Refusals first, then warnings; each reason once, with how many rows it concerns."""
    refused: Counter[str] = Counter(
        line.detail for line in preview.lines if str(line.verdict) == "refused"
    )
    warned: Counter[str] = Counter(text for line in preview.lines for text in line.warnings)
    return [f"✗ {_times(text, number)}" for text, number in refused.most_common(5)] + [
        f"! {_times(text, number)}" for text, number in warned.most_common(5)
    ]


def _times(text: str, number: int) -> str:
    return text if number == 1 else f"{text} ({number:,}×)"


def told(plan: SyncPlan) -> str:
    """What a plan by hand did, for a toast; rows that made room are named."""
    gone, kept = displaced(plan), claimed(plan)
    text = _joined(
        (plan.count(Op.CREATE), "added"),
        (plan.count(Op.UPDATE) - kept, "changed"),
        (kept, "already so and yours from now on"),
        (plan.count(Op.REMOVE) - len(gone), "removed"),
    )
    if gone:
        names = ", ".join(samples([change.row for change in gone], 2))
        text += f"; the list is full: {names} left"
    return text or "nothing changed"


def done(created: int, updated: int, removed: int) -> str:
    """What an applied plan did, for a toast."""
    parts = _joined((created, "added"), (updated, "changed"), (removed, "removed"))
    return parts or "nothing changed"


def samples(rows: Sequence[Indicator], most: int = 5) -> list[str]:
    """The first few rows by value, and how many more there are."""
    lines = [row.value for row in rows[:most]]
    if len(rows) > most:
        lines.append(f"… and {len(rows) - most:,} more")
    return lines
