"""A partner and a delivery in words: the columns, what goes and what stays, what became of it.

Pure, from the service's values to strings. Refuses widgets. What is withheld, and why, is for the
operator: none of it is in what the partner gets.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from textual.content import Content
from textual.notifications import SeverityLevel

from tidegate.indicators.kinds import SHORT_TYPE, IndicatorType
from tidegate.partner import Partner
from tidegate.partner.sent import Bundle
from tidegate.service.partnering import Outcome, Prepared, Step, summary_of
from tidegate.tui.desks.partners import PartnerView, Showing
from tidegate.tui.grid_layout import Column
from tidegate.tui.preview import counted
from tidegate.tui.safe import content, stacked

SIGN = {Step.NEW: "+", Step.CHANGED: "~", Step.WITHDRAWN: "-", Step.SAME: "="}
_LOOK = {Step.NEW: "good", Step.CHANGED: "plain", Step.WITHDRAWN: "bad", Step.SAME: "quiet"}
_KINDS = {"file": "file", "folder": "folder", "taxii21": "TAXII 2.1"}
_STYLES = {"reference": "referred to by id", "embedded": "in the bundle"}
_FAILURES = 5
"""Failures that are told one by one; `--json` tells all."""
_DELIVERIES = 8

Line = tuple[str, str]


def place(partner: Partner) -> str:
    """Where a delivery goes."""
    delivery = partner.delivery
    if delivery.kind == "taxii21":
        return f"{delivery.url}collections/{delivery.collection}/"
    return delivery.path


def _last(view: PartnerView) -> str:
    return f"{view.bundles[-1].at:%Y-%m-%d %H:%M}" if view.bundles else "never"


def _of(view: PartnerView, name: str) -> str:
    return "" if view.partner is None else str(getattr(view.partner, name))


COLUMNS: tuple[Column[PartnerView], ...] = (
    Column("id", "PARTNER", 0, lambda view, _: view.id, share=2, least=12),
    Column("ceiling", "CEILING", 12, lambda view, _: _of(view, "tlp_max").upper()),
    Column(
        "kind", "DELIVERY", 9,
        lambda view, _: "" if view.partner is None else _KINDS[view.partner.delivery.kind],
    ),
    Column("held", "HAS", 7, lambda view, _: f"{view.held:,}" if view.partner else "", right=True),
    Column("last", "LAST", 16, lambda view, _: _last(view)),
    Column(
        "about", "TITLE OR FAULT", 0,
        lambda view, _: f"✗ {_brief(view.error)}" if view.error else _of(view, "title"),
        share=3, least=20,
    ),
)  # fmt: skip
SPARE = ("last", "kind", "held")
"""Columns that a narrow table goes without, the first of them first."""


def _brief(fault: str) -> str:
    """The fault without the folders before the file's name: what is wrong comes sooner."""
    path, colon, rest = fault.partition(": ")
    return f"{path.rpartition(os.sep)[2]}{colon}{rest}"


def few_lines(view: PartnerView) -> Content:
    """Three lines of a partner: who, where to, what they may have."""
    partner = view.partner
    if partner is None:
        return stacked((content(" ", (view.id, "bold")), content(f" ✗ {_brief(view.error)}")))
    fault = (
        f"✗ {_brief(view.error)}"
        if view.error
        else f"{_KINDS[partner.delivery.kind]}  {place(partner)}"
    )
    return stacked(
        (
            content(" ", (view.id, "bold"), f"  {partner.title}"),
            content(f" at most TLP:{partner.tlp_max.upper()}  filter {partner.filter or 'none'}"),
            content(f" {fault}"),
        )
    )


def lesson(template: str, folder: str) -> list[Line]:
    """What stands in the place of the list while there is no partner: how to make one."""
    lines = [
        (
            "plain",
            "No partner yet. One file says who they are, what they may have, how they get it.",
        ),
        ("quiet", ""),
        ("good", "tidegate partners template isac > isac.toml"),
        ("quiet", "writes a profile to fill in, which is the one below"),
        ("good", "tidegate partners add isac.toml"),
        ("quiet", f"checks it and takes it in, as {folder}/isac.toml"),
        ("quiet", ""),
    ]
    for line in template.splitlines():
        says, _, why = line.partition("  # ")
        if says.strip():
            lines.append(("good", says.rstrip()))
        if why.strip():
            lines.append(("quiet", f"# {why.strip()}"))
    return lines


def showing_lines(found: Showing, view: PartnerView | None) -> list[Line]:
    """A delivery before it leaves: where to, how much, then each version, then each that stays."""
    prepared = found.prepared
    lines = list(_head(found))
    if view is not None and len(taken := view.bundles[-_DELIVERIES:]) > 1:
        lines.append(("quiet", "before    " + "; ".join(map(_delivery, reversed(taken)))))
    for step in (Step.WITHDRAWN, Step.CHANGED, Step.NEW, Step.SAME):
        lines += _versions(prepared, step)
    lines += _stays(prepared)
    return lines


def _head(found: Showing) -> Iterator[Line]:
    prepared, last = found.prepared, found.last
    partner, manifest = prepared.partner, prepared.shipment.manifest
    if found.much:
        gone = counted(len(prepared.of(Step.WITHDRAWN)), "indicator")
        yield (
            "warn",
            f"! {gone} of the {prepared.held:,} that they have would be withdrawn for good",
        )
    if prepared.empty:
        yield "warn", "! there is nothing that they do not have: nothing would be sent"
    elif not prepared.shared and prepared.held:
        yield "warn", "! nothing of what the filter selects may go: they would be left with nothing"
    yield "plain", f"to        {_KINDS[partner.delivery.kind]}  {place(partner)}"
    yield "plain", f"may have  {_ceiling(partner)}; filter {partner.filter or 'none'}"
    yield "plain", f"masked    {', '.join(partner.mask) or 'nothing'}"
    size = f"{manifest.size:,} bytes, {counted(manifest.counts['objects'], 'object')}"
    style = f"STIX {partner.spec}, markings {_STYLES[partner.markings]}"
    yield "plain", f"size      {size}, {style}"
    since = "the first one" if last is None else f"since number {last.number} of {_at(last)}"
    whole = ", all of it" if manifest.full else ""
    yield "plain", f"delivery  number {manifest.number}{whole}, {since}"
    yield "plain", f"delta     {delta(prepared)}"
    if prepared.withheld:  # each stands far below, behind all that goes
        reasons = ", ".join(f"{count:,} {code}" for code, count, _ in summary_of(prepared.withheld))
        yield "warn", f"withheld  {reasons}; each row at the end: End goes there"


def delta(prepared: Prepared) -> str:
    """`+12 new ~3 changed -1 withdrawn, 120 unchanged, 7 withheld`."""
    counts = " ".join(
        f"{SIGN[step]}{len(prepared.of(step)):,} {step.value}"
        for step in (Step.NEW, Step.CHANGED, Step.WITHDRAWN)
    )
    return f"{counts}, {prepared.unchanged:,} unchanged, {len(prepared.withheld):,} withheld"


def _ceiling(partner: Partner) -> str:
    unmarked = partner.unmarked_as
    taken = f"are taken for TLP:{unmarked.upper()}" if unmarked else "stay"
    return f"at most TLP:{partner.tlp_max.upper()}, unmarked rows {taken}"


def _at(bundle: Bundle) -> str:
    return f"{bundle.at:%Y-%m-%d %H:%M} UTC"


def _delivery(bundle: Bundle) -> str:
    failed = f", {bundle.failed:,} not taken" if bundle.failed else ""
    return f"{bundle.number}: {_at(bundle)}, {bundle.accepted:,} accepted{failed}"


def _versions(prepared: Prepared, step: Step) -> Iterator[Line]:
    versions = prepared.of(step)
    if not versions:
        return
    yield "quiet", ""
    yield "plain", f"{step.value.upper()}  {len(versions):,}"
    for version in versions:
        kind, value = version.named
        row = version.row
        if row is None:
            why = prepared.why_withdrawn.get(version.entry.id, "").replace("_", " ")
        else:
            why = f"{row.action.value}, {row.severity.value}"
        yield _LOOK[step], f"{SIGN[step]} {SHORT_TYPE[IndicatorType(kind)]:<6} {value}  {why}"


def _stays(prepared: Prepared) -> Iterator[Line]:
    if not prepared.withheld:
        return
    yield "quiet", ""
    yield "plain", f"WITHHELD  {len(prepared.withheld):,}, each for its reason"
    for code, count, _ in summary_of(prepared.withheld):
        yield "warn", f"⊘ {code}  {count:,}"
        for it in prepared.withheld:
            if it.code == code:
                yield "quiet", f"· {SHORT_TYPE[it.row.type]:<6} {it.row.value}  {it.detail}"


def question(found: Showing) -> tuple[str, list[str], str]:
    """What is asked before a delivery leaves: the question, what to know, the word for yes."""
    prepared = found.prepared
    partner, gone = prepared.partner, len(prepared.of(Step.WITHDRAWN))
    lines = [
        delta(prepared),
        f"to {place(partner)}",
        f"{prepared.shipment.manifest.size:,} bytes, {_ceiling(partner)}",
    ]
    if found.much:
        whole = "all" if gone == prepared.held else f"{gone:,} of the {prepared.held:,}"
        lines.append("A withdrawal is for good: what comes back later is a new object to them.")
        asked = f"Withdraw {whole} indicators that {partner.id} has?"
        return asked, lines, f"Withdraw {gone:,}"
    return f"Send number {prepared.shipment.manifest.number} to {partner.id}?", lines, "Send"


def outcome(found: Outcome) -> list[tuple[SeverityLevel, str]]:
    """What became of a delivery, each sentence with how grave it is."""
    ident, delivery = found.prepared.partner.id, found.delivery
    if delivery is None:
        return [("information", f"nothing new for {ident}: nothing was sent")]
    whole = delivery.done and not delivery.failed
    total = len(found.prepared.shipment.carried)
    text = f"{ident} has {len(delivery.accepted):,} of {counted(total, 'object')} more"
    if whole:
        text = f"sent to {ident}: {delta(found.prepared)}"
    said: list[tuple[SeverityLevel, str]] = [("information" if whole else "warning", text)]
    if not whole:
        rest = "what did not arrive goes with the next delivery"
        said.append(("warning", f"{delivery.note}; {rest}" if delivery.note else rest))
    elif delivery.note:
        said.append(("warning", delivery.note))
    return said + list(_failures(sorted(delivery.failed.items())))


def _failures(failed: list[tuple[str, str]]) -> Iterable[tuple[SeverityLevel, str]]:
    for ident, reason in failed[:_FAILURES]:
        yield "error", f"not taken: {ident}: {reason}"
    if len(failed) > _FAILURES:
        yield "error", f"and {len(failed) - _FAILURES:,} more were not taken"
