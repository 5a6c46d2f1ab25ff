"""A feed in words: its columns, its health, its policy, its last runs, what was refused and why.

Pure, from the service's views to strings. Refuses widgets.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from textual.content import Content

from tidegate.feed import Then
from tidegate.mapping.policy_lint import Finding
from tidegate.service.feeds import FeedView
from tidegate.tui.desks.feeds import Dossier
from tidegate.tui.grid_layout import Column
from tidegate.tui.preview import counted
from tidegate.tui.safe import content, stacked

_SHIPPED = "shipped: e switches it on"


def short(span: timedelta | None) -> str:
    """A span in its largest unit, rounded down; what is over is `now`."""
    if span is None:
        return ""
    for unit, name in ((timedelta(days=1), "d"), (timedelta(hours=1), "h")):
        if span >= unit:
            return f"{span // unit}{name}"
    return f"{span // timedelta(minutes=1)}m" if span > timedelta() else "now"


def health(view: FeedView) -> str:
    """One word for how it does; an error counts for more than its age."""
    if view.state in ("shipped", "off", "broken"):
        return ""
    return "FAILED" if view.health.error else view.freshness.word


def _next(view: FeedView, now: datetime) -> str:
    at = view.freshness.next_run
    return "" if at is None else short(at - now)


def _about(view: FeedView, _now: datetime) -> str:
    fault = view.error or (view.health.error if view.state == "on" else "")
    return f"✗ {_brief(view, fault)}" if fault else view.title


def _brief(view: FeedView, fault: str) -> str:
    """The fault without the folder that it begins with: what is wrong comes sooner."""
    return fault.removeprefix(f"{view.folder}{os.sep}")


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


COLUMNS: tuple[Column[FeedView], ...] = (
    Column("id", "FEED", 0, lambda view, _: view.id, share=2, least=16),
    Column("state", "STATE", 7, lambda view, _: view.state),
    Column("health", "HEALTH", 7, lambda view, _: health(view)),
    Column("age", "AGE", 4, lambda view, _: short(view.freshness.age), right=True),
    Column("next", "NEXT", 4, _next, right=True),
    Column(
        "unique", "UNIQUE", 6,
        lambda view, _: "" if view.freshness.unique is None else f"{view.freshness.unique:.0%}",
        right=True,
    ),
    Column("objects", "OBJECTS", 9, lambda view, _: _count(view.health.objects), right=True),
    Column("rejected", "REJECTED", 8, lambda view, _: _count(view.health.rejected), right=True),
    Column("every", "EVERY", 9, lambda view, _: view.every or "on demand"),
    Column(
        "trust", "TRUST", 5, lambda view, _: "" if view.trust is None else str(view.trust),
        right=True,
    ),
    Column("about", "TITLE OR FAULT", 0, _about, share=3, least=22),
)  # fmt: skip
SPARE = ("trust", "every", "unique", "rejected", "objects", "next")
"""Columns that a narrow table goes without, the first of them first."""


def one_line(view: FeedView, now: datetime) -> Content:
    """What is worst or most telling, in one line."""
    return content(" ", (view.id, "bold"), "  ", _said(view, now))


def _said(view: FeedView, now: datetime) -> str:
    if view.error:
        return f"✗ {_brief(view, view.error)}"
    if view.state == "shipped":
        return f"{view.title}  {_SHIPPED}"
    if view.state == "off":
        return "switched off: e switches it on; its rows stay until they expire"
    if view.health.error:
        return f"✗ {view.health.error}"
    seen = view.health
    if seen.last_attempt is None:
        return "never synced: s does"
    told = [f"{seen.indicators:,} indicators", f"{seen.candidates:,} candidates"]
    told.append(f"{seen.rejected:,} rejected")
    when = "never read" if seen.last_success is None else _ago(view, now)
    return f"{when}  {', '.join(told)}"


def _ago(view: FeedView, _now: datetime) -> str:
    return f"read {short(view.freshness.age)} ago" if view.freshness.age else "read just now"


def few_lines(view: FeedView, now: datetime) -> Content:
    """Three lines of a feed."""
    return stacked(
        (
            content(" ", (view.id, "bold"), f"  {view.title}"),
            content(f" {_said(view, now)}"),
            content(f" {view.kind}  every {view.every or 'on demand'}  trust {view.trust}"),
        )
    )


def outcome(then: Then) -> str:
    """What a rule does."""
    return "skip" if then.action is None else f"{then.action.value}, {then.severity.value}"


def whole(dossier: Dossier, now: datetime) -> Content:
    """Everything about a feed."""
    view, seen = dossier.view, dossier.view.health
    lines = [content((view.id, "bold"), f"  {view.title}"), content("")]
    if fault := view.error or seen.error:
        lines += [content(("✗ ", "bold"), fault), content("")]
    if dossier.unwelcome:
        lines += [content(("! ", "bold"), dossier.unwelcome), content("")]
    lines += (content((f"{name:<10}", "dim"), text) for name, text in _facts(dossier, now) if text)
    lines += _policy(dossier)
    lines += _runs(dossier)
    if dossier.rejected:
        lines += [content(""), content(("REJECTED in the last sync", "bold"))]
        lines += (
            content(f"{number:>8,}  ", (code, "bold"), f"  {detail}")
            for code, number, detail in dossier.rejected
        )
    return stacked(lines)


def _facts(dossier: Dossier, now: datetime) -> list[tuple[str, str]]:
    view, seen, definition = dossier.view, dossier.view.health, dossier.definition
    source = "" if definition is None else definition.source
    where = getattr(source, "url", "") or getattr(source, "path", "")
    counts = [
        ("objects", f"{seen.objects:,}, of them {seen.indicators:,} indicators"),
        ("mapped", f"{seen.mapped:,}, rejected {seen.rejected:,}, ended {seen.ended:,}"),
        ("values", f"{seen.candidates:,} candidates"),
    ]
    repairs = ", ".join(f"{name} {count:,}" for name, count in view.repairs.items())
    unique = view.freshness.unique
    return [
        ("state", f"{view.state} {health(view)}".strip()),
        ("source", f"{view.kind}  {where}"),
        ("every", view.every or "on demand"),
        ("trust", "" if view.trust is None else str(view.trust)),
        ("read", "never" if seen.last_success is None else f"{_utc(seen.last_success)}"),
        ("tried", "" if seen.last_attempt is None else _utc(seen.last_attempt)),
        ("next", _next(view, now)),
        *(counts if seen.last_attempt is not None else ()),
        ("unique", "" if unique is None else f"{unique:.0%} of its values no other feed has"),
        ("repaired", repairs),
        ("folder", str(view.folder)),
    ]


def _utc(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _policy(dossier: Dossier) -> list[Content]:
    definition = dossier.definition
    if definition is None:
        return []
    lines = [content(""), content(("POLICY", "bold"), "  first match decides")]
    rules = [(f"{number} {rule.name}", rule.name, rule.then)
             for number, rule in enumerate(definition.rules, 1)]  # fmt: skip
    for title, name, then in (*rules, ("otherwise", "default", definition.default)):
        number = f"{dossier.decided.get(name, 0):,} in the last sync"
        lines.append(content(f"  {title} → ", (outcome(then), "bold"), f"  {number}"))
    if definition.permit_allow:
        lines.append(content(("  ! ", "bold"), "permit_allow: this feed may make Allow"))
    lines += odd(dossier.oddities)
    return lines


def odd(found: Sequence[Finding]) -> list[Content]:
    """What is odd about a policy, a line each."""
    return [content(("  ! ", "bold"), finding.detail) for finding in found]


def _runs(dossier: Dossier) -> list[Content]:
    if not dossier.runs:
        return []
    lines = [content(""), content(("LAST RUNS", "bold"))]
    for run, feed in dossier.runs:
        told = feed.error or feed.note or f"{feed.fetched:,} fetched, {feed.grew:+,} objects"
        sign = "✗" if feed.error else "·"
        lines.append(content(f"  {sign} {run.began:%Y-%m-%d %H:%M}  {run.door:<6} {told}"))
    return lines


def judged(dossier: Dossier) -> tuple[str, str]:
    """What became of an edited feed.toml: how grave, and in words."""
    if dossier.definition is None:
        return "error", f"feed {dossier.view.id}: {dossier.view.error}"
    rules = counted(len(dossier.definition.rules), "rule")
    if not dossier.oddities:
        return "information", f"feed {dossier.view.id}: {rules} and a default, nothing odd"
    first = dossier.oddities[0].detail
    more = f" (and {len(dossier.oddities) - 1:,} more)" if len(dossier.oddities) > 1 else ""
    return "warning", f"feed {dossier.view.id}: {rules} and a default; {first}{more}"
