"""What is known of one indicator: one line below 100 columns, three from there, a pane from 140 on.

Owns the wording that the pane and the why screen share. Refuses to ask the service: the trace is
handed in.
"""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tidegate.indicators.enforceability import notes_of
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.text import spoofs
from tidegate.service.story import WhyTrace
from tidegate.tui.columns import scope_text, source
from tidegate.tui.ends import in_full, in_line
from tidegate.tui.safe import content, readable_name, stacked

MARKS = {"ok": "✓", "no": "✗", "note": "·"}
"""Signs of the trace's steps."""

_MARK_STYLE = {"ok": "bold $text-success", "no": "bold $text-error", "note": "dim"}


def one_line(row: Indicator, now: datetime) -> Content:
    """The row in one line, most telling facts first."""
    parts = [f'"{row.title}"', f"scope {scope_text(row)}", f"expires {in_line(row.expires, now)}"]
    if row.tlp:
        parts.append(f"TLP {row.tlp}")
    if row.confidence is not None:
        parts.append(f"conf {row.confidence}")
    if row.overrides:
        parts.append(f"overrides {', '.join(sorted(row.overrides))}")
    if row.note:
        parts.append(f"note: {row.note}")
    return content(" ", (row.value, "bold"), "  ", "  ".join(parts))


def few_lines(row: Indicator, now: datetime) -> Content:
    """The row in three lines, for terminals with room under the table but none beside it."""
    where = [row.action.value, row.severity.value, source(row), row.category, *row.mitre]
    if row.owned:
        where.append(f"yours: {', '.join(sorted(row.owned))}")
    text = content(" ", "  ".join(part for part in where if part))
    return stacked((one_line(row, now), text, content(" ", row.description)))


def facts(row: Indicator, now: datetime) -> list[tuple[str, str]]:
    """Every field worth reading, named; empty ones are left out."""
    pairs = [
        ("action", f"{row.action.value}, severity {row.severity.value}"),
        ("scope", ", ".join(row.groups) or "all devices"),
        ("expires", in_full(row.expires, now)),
        ("source", f"{source(row)} ({row.origin.value})" if row.feeds else source(row)),
        ("feeds", ", ".join(row.feeds) if len(row.feeds) > 1 else ""),
        ("rank", "" if row.rank is None else f"{row.rank:,}"),
        ("confidence", "" if row.confidence is None else str(row.confidence)),
        ("TLP", row.tlp or ""),
        ("category", row.category),
        ("techniques", ", ".join(row.mitre)),
        ("aliases", ", ".join(row.aliases)),
        *((name.replace("_", " "), "; ".join(texts)) for name, texts in row.context.items()),
        ("response", row.recommended_actions),
        ("enforced", "; ".join(note.text for note in notes_of(row))),
        ("pinned", "yes: every sync keeps it" if row.pinned else ""),
        ("yours", ", ".join(sorted(row.owned))),
        ("overrides", "; ".join(f"{guard}: {why}" for guard, why in sorted(row.overrides.items()))),
        ("note", row.note),
        ("created", f"{row.created:%Y-%m-%d %H:%M} UTC"),
        ("updated", f"{row.updated:%Y-%m-%d %H:%M} UTC"),
        ("id", row.id),
    ]
    return [(name, text) for name, text in pairs if text]


def story(trace: WhyTrace) -> list[Content]:
    """The why-trace, a line a step."""
    lines = [content(("WHY  ", "bold"), trace.headline)]
    lines += (
        content(
            (MARKS.get(step.mark, "·"), _MARK_STYLE.get(step.mark, "")),
            " ",
            (f"{step.stage:<10}", "bold"),
            " ",
            step.text,
        )
        for step in trace.steps
    )
    return lines


def full(row: Indicator, now: datetime, trace: WhyTrace | None) -> Content:
    """Everything about a row: value, title, fields, then the trace."""
    lines = [content((row.value, "bold"))]
    if spoofs(row.value):
        lines.append(
            content(("≠ ", "bold"), "reads as ", readable_name(row.value) or ascii(row.value))
        )
    lines += (content(row.title), content(""))
    lines += (content((f"{name:<10} ", "dim"), text) for name, text in facts(row, now))
    if row.description:
        lines += (content(""), content(row.description))
    if trace is not None:
        lines += (content(""), *story(trace))
    return stacked(lines)


def told(row: Indicator | None, now: datetime, trace: WhyTrace | None) -> Content:
    """All that is known: of a row, or of a value that has none."""
    if row is not None:
        return full(row, now, trace)
    if trace is None:
        return content("nothing is known of it")
    return stacked([content((trace.value, "bold")), content(""), *story(trace)])


class DetailsPane(VerticalScroll, can_focus=False):
    """The pane at the right of a wide terminal."""

    def compose(self) -> ComposeResult:
        """One text, scrolled as a whole."""
        yield Static(id="details-text")

    def show(self, row: Indicator | None, now: datetime, trace: WhyTrace | None) -> None:
        """Draw a row, or nothing."""
        self.query_one("#details-text", Static).update(
            content("") if row is None else full(row, now, trace)
        )
        self.scroll_home(animate=False)


class DetailsLine(Static):
    """The line under the table of a narrow terminal."""

    def show(self, row: Indicator | None, now: datetime) -> None:
        """Draw a row, or nothing."""
        draw = one_line if self.size.height == 1 else few_lines
        self.update(content("") if row is None else draw(row, now), layout=False)
