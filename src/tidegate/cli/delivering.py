"""`export --partner`: a preview, a file, or a delivery, told to people and to scripts.

Owns which options go together and what is told. What is told is for the operator: it names what
stays and why, and none of it is in what the partner gets.
"""

from __future__ import annotations

import argparse
import os

from tidegate.cli import diagnostics, output
from tidegate.cli.ending import Ending
from tidegate.cli.opening import outside, wants_json
from tidegate.errors import ExitCode, ExportError, PartnerDefinitionError, UsageError
from tidegate.partner import Partner
from tidegate.service import partners
from tidegate.service.delivering import door_of
from tidegate.service.partnering import (
    Outcome,
    OutDoor,
    Prepared,
    Step,
    prepare,
    send,
    summary_of,
)
from tidegate.service.workspace import Workspace

_SHOWN = 20
"""Versions of one kind that a preview lists, and failures; `--json` lists them all."""

_FREE = {"filter": "filter", "format": "spec", "tlp_max": "tlp_max", "identity": "identity"}
_PARTNERS = ("full", "preview", "send", "record", "withdraw")


def only_for_partners(args: argparse.Namespace) -> None:
    """Raise UsageError for options of a delivery without a partner."""
    for name in _PARTNERS:
        if getattr(args, name):
            raise UsageError(f"--{name} says nothing without --partner", "name one with --partner")


def run(ws: Workspace, args: argparse.Namespace) -> int:
    """Carry out `export --partner`."""
    _check(args)
    if args.send or args.record:
        ws.writable()
    try:
        partner = partners.find(ws, args.partner)
    except PartnerDefinitionError as fault:
        raise ExportError(fault.message, fault.hint) from fault
    if args.preview:
        prepared = prepare(ws, partner, full=args.full)
        _tell(args, prepared, None)
        return ExitCode.DONE
    if args.send or args.record:
        return _send(ws, args, partner)
    prepared = prepare(ws, partner, full=args.full)
    delivery = OutDoor(outside(ws, args.out)).deliver(prepared.shipment, lambda *_: None)
    _tell(args, prepared, Outcome(prepared, delivery))
    return ExitCode.DONE


def _send(ws: Workspace, args: argparse.Namespace, partner: Partner) -> int:
    """Deliver and record; a signal meanwhile ends it with what arrived noted."""
    ending = Ending()
    with ending.listening():
        if args.send:
            place = partners.place_of(ws, partner)
            door = door_of(partner, place, os.environ, diagnostics.progress, ending)
        else:
            door = OutDoor(outside(ws, args.out))
        try:
            done = send(
                ws,
                partner,
                door,
                lambda there, total: diagnostics.progress(f"{there:,} of {total:,} sent"),
                full=args.full,
                agreed=args.withdraw,
                always=args.record,
                stop=ending,
            )
        except ExportError as fault:
            if not ending():
                raise
            diagnostics.error(fault)
            return ending.code
        _tell(args, done.prepared, done)
    if done.delivery is None or (done.delivery.done and not done.delivery.failed):
        return ExitCode.DONE
    return ending.code if ending() and not done.delivery.done else ExitCode.EXPORT_REFUSED


def _check(args: argparse.Namespace) -> None:
    for name, key in _FREE.items():
        if getattr(args, name) is not None:
            option = "--" + name.replace("_", "-")
            raise UsageError(
                f"{option} is for a free export", f"what a partner gets, their file says: `{key}`"
            )
    if args.previous:
        raise UsageError(
            "--previous is for a free export", "a partner is told by itself what is withdrawn"
        )
    ways = [name for name in ("preview", "out", "send") if getattr(args, name)]
    if len(ways) != 1:
        said = " and ".join(f"--{name}" for name in ways) or "nothing"
        raise UsageError(f"{said}: what shall be done?", "one of --preview, --out FILE, --send")
    if args.record and not args.out:
        raise UsageError("--record goes with --out FILE", "--send records by itself")


def _tell(args: argparse.Namespace, prepared: Prepared, done: Outcome | None) -> None:
    if wants_json(args):
        output.json_line(_record(prepared, done))
    elif done is None:
        _preview(prepared)
    if done is not None:
        _told(prepared, done)


def _told(prepared: Prepared, done: Outcome) -> None:
    """Say on stderr what was done, what failed and what stays."""
    counts = prepared.shipment.manifest.counts
    told = ", ".join(f"{counts.get(step, 0):,} {step}" for step in _STEPS)
    if prepared.shipment.manifest.full:
        told += f", {prepared.unchanged:,} unchanged"
    delivery = done.delivery
    if delivery is None:
        diagnostics.note(f"nothing new for {prepared.partner.id}: nothing was sent")
    else:
        diagnostics.note(f"{told}: {delivery.place}")
        if done.number is None:
            diagnostics.note("nothing counts as sent: --record or --send would")
        if delivery.note:
            diagnostics.note(delivery.note)
        for ident, reason in sorted(delivery.failed.items())[:_SHOWN]:
            diagnostics.note(f"not taken, goes with the next delivery: {ident}: {reason}")
        if len(delivery.failed) > _SHOWN:
            diagnostics.note(f"and {len(delivery.failed) - _SHOWN:,} more; --json lists them all")
        if not delivery.done:
            diagnostics.note("the delivery was cut short; the rest goes with the next one")
    for code, count, first in summary_of(prepared.withheld):
        example = f"{first.detail} (for example {first.row.value})"
        diagnostics.note(f"{count:,} withheld, {code}: {example}")


_STEPS = (Step.NEW, Step.CHANGED, Step.WITHDRAWN)


def _preview(prepared: Prepared) -> None:
    manifest, partner = prepared.shipment.manifest, prepared.partner
    output.pairs(
        [
            ("partner", f"{partner.id}, {partner.title}"),
            ("ceiling", f"TLP:{partner.tlp_max.upper()}"),
            ("delivery", manifest.number),
            *((step.value, len(prepared.of(step))) for step in _STEPS),
            ("unchanged", prepared.unchanged),
            ("withheld", len(prepared.withheld)),
            ("size", f"{manifest.size:,} bytes"),
        ]
    )
    for step in _STEPS:
        versions = prepared.of(step)
        if versions:
            output.text()
            output.table(
                (step.value, "type", "why"),
                (
                    (value, kind, prepared.why_withdrawn.get(version.entry.id, ""))
                    for version in versions[:_SHOWN]
                    for kind, value in (version.named,)
                ),
            )
            if len(versions) > _SHOWN:
                output.text(f"and {len(versions) - _SHOWN:,} more; --json lists them all")
    if prepared.withheld:
        output.text()
        output.table(
            ("withheld", "code", "why"),
            ((item.row.value, item.code, item.detail) for item in prepared.withheld),
            whole=("code",),
        )


def _record(prepared: Prepared, done: Outcome | None) -> dict[str, object]:
    manifest = prepared.shipment.manifest
    record: dict[str, object] = {
        "partner": prepared.partner.id,
        "number": manifest.number,
        "bundle": manifest.bundle,
        "sha256": manifest.sha256,
        "size": manifest.size,
        "full": manifest.full,
        **{step.value: len(prepared.of(step)) for step in _STEPS},
        "unchanged": prepared.unchanged,
        "asked": prepared.asked,
        "shared": len(prepared.shared),
        "withheld": [
            {
                "id": item.row.id,
                "type": item.row.type.value,
                "value": item.row.value,
                "code": item.code,
                "detail": item.detail,
            }
            for item in prepared.withheld
        ],
        "versions": [
            {
                "step": version.step.value,
                "id": version.entry.id,
                "modified": version.entry.modified,
                "type": version.named[0],
                "value": version.named[1],
                "why": prepared.why_withdrawn.get(version.entry.id, ""),
            }
            for version in prepared.versions
            if version.is_row
        ],
    }
    if done is not None:
        record["recorded"] = done.number is not None
        delivery = done.delivery
        record["delivery"] = (
            None
            if delivery is None
            else {
                "place": delivery.place,
                "accepted": len(delivery.accepted),
                "failed": [{"id": i, "reason": r} for i, r in sorted(delivery.failed.items())],
                "done": delivery.done,
                "note": delivery.note,
            }
        )
    return record
