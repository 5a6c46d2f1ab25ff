"""A conflict in words: both sides, what a decision would come to.

Pure, from the service's conflicts to strings. Refuses widgets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from tidegate.feed import Then
from tidegate.indicators.term import format_term
from tidegate.service.conflicts import Conflict, Standing, words
from tidegate.service.resolving import Resolution
from tidegate.tui.columns import source
from tidegate.tui.preview import counted
from tidegate.tui.safe import content, stacked


def _sides(it: Conflict) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("yours", words(it.mine)), ("theirs", words(it.theirs))


def one_line(it: Conflict) -> Content:
    """Both sides in one line."""
    return content(
        " ", (it.field, "bold"), f"  yours {words(it.mine)}  ·  {', '.join(it.feeds)} wants "
        f"{words(it.theirs)}",
    )  # fmt: skip


def what(it: Conflict) -> str:
    """What kind of difference it is, in words."""
    if it.kind == "field":
        return f"you set the {it.field.replace('_', ' ')}, its feed wants another"
    return "a row of yours stands against what feeds want"


def whole(it: Conflict, _now: datetime) -> Content:
    """Everything about it, and what each answer would mean."""
    lines = [content((it.value, "bold")), content(what(it)), content("")]
    lines += (content((f"{name:<7} ", "dim"), text) for name, text in _sides(it))
    lines += [
        content(("feeds   ", "dim"), ", ".join(it.feeds)),
        content(("title   ", "dim"), it.row.title),
        content(("row of  ", "dim"), source(it.row)),
        content(("scope   ", "dim"), ", ".join(it.row.groups) or "all devices"),
        content(("note    ", "dim"), it.row.note or "none"),
        content(("since   ", "dim"), f"{it.row.updated:%Y-%m-%d %H:%M} UTC"),
        content(""),
    ]
    if it.wish is not None:
        lines.insert(-1, content(("they say ", "dim"), it.wish.title))
    if it.kind == "field":
        answers = (
            ("m", "yours stays; listed again only when the feed wants something else"),
            ("t", "the field is the feed's again, and follows it"),
            ("r", "the feed's policy says so from now on, for this value"),
        )
    else:
        answers = (
            ("m", "your row stands; feeds may not bring theirs"),
            ("t", "theirs takes its place"),
            ("r", "the feed's policy says what your row says, for this value"),
        )
    lines += (content((f"{key}  ", "bold"), text) for key, text in answers)
    if it.standing is not Standing.OPEN:
        lines += (content(""), content(f"this is {it.standing.value}: you decided before"))
    return stacked(lines)


_NAMED = 3
"""Values that a rule is shown with; the conflicts below name all."""


def rule_text(values: Sequence[str], then: Then) -> str:
    """A rule as it will be written, in words: `when the value is …: Block, High, all devices`."""
    named = ", ".join(values[:_NAMED])
    if len(values) > _NAMED:
        named += f" and {len(values) - _NAMED:,} more"
    action = "skip" if then.action is None else then.action.value
    scope = ", ".join(then.groups) or "all devices"
    parts = (action, then.severity.value, scope, f"expires {format_term(then.expires)}")
    return f"when the value is {named}: {', '.join(parts)}"


def resolution_lines(found: Resolution) -> list[tuple[str, str]]:
    """What becomes of each conflict, refusals first, then rules that are written."""
    lines = []
    for feed, outcomes in found.rulings.by_feed.items():
        values = counted(sum(len(values) for values, _ in outcomes), "value")
        said = f"! feed {feed}: a rule for {values} in its feed.toml, which undo does not take back"
        lines.append(("warn", said))
        lines += (("good", f"  {rule_text(named, then)}") for named, then in outcomes)
    order = sorted(found.lines, key=lambda line: line.verdict != "refused")
    for line in order:
        it = line.conflict
        bad = line.verdict == "refused"
        lines.append(
            (
                "bad" if bad else "plain",
                (
                    f"{'✗' if bad else '·'} {it.value}  {it.field}: {words(it.mine)} | "
                    f"{words(it.theirs)}  {line.verdict}: {line.detail}"
                ),
            )
        )
    return lines
