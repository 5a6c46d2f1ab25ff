"""`partners list|show|add|check|given|template`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tidegate.cli import diagnostics, output
from tidegate.cli.opening import wants_json, workspace
from tidegate.errors import ExitCode
from tidegate.service import partners
from tidegate.service.delivering import door_of
from tidegate.service.partnering import Step, prepare, summary_of
from tidegate.service.workspace import Workspace

_DELIVERIES = 10
"""The deliveries that are told of a partner; `--json` tells all."""


def run(args: argparse.Namespace) -> int:
    """Run one of the verbs."""
    if args.what == "template":
        text = partners.template(args.id)
        if wants_json(args):
            output.json_line({"id": args.id, "profile": text})
        else:
            output.verbatim(text)
        return ExitCode.DONE
    with workspace(args) as ws:
        if args.what == "list":
            return _list(ws, args)
        if args.what == "show":
            return _show(ws, args)
        if args.what == "check":
            return _check(ws, args)
        if args.what == "given":
            return _given(ws, args)
        partner = partners.add(ws, Path(args.file), replacing=args.replace)
        if wants_json(args):
            output.json_line(partner.model_dump(mode="json"))
        diagnostics.note(
            f"partner {partner.id} added; `tidegate partners check {partner.id}` tries it,"
            f" `tidegate export --partner {partner.id} --preview` shows what they would get"
        )
    return ExitCode.DONE


def _list(ws: Workspace, args: argparse.Namespace) -> int:
    found = partners.entries(ws.home)
    if wants_json(args):
        for entry in found:
            output.json_line(_summary(ws, entry))
        return ExitCode.DONE
    if not found:
        diagnostics.note(
            "no partners yet: `tidegate partners template NAME > NAME.toml` prints a profile to"
            " fill in, `tidegate partners add NAME.toml` takes it in"
        )
        return ExitCode.DONE
    columns = ("id", "ceiling", "delivery", "has", "last", "title")
    records = [_summary(ws, entry) for entry in found]
    output.table(
        columns,
        (
            (
                record["id"],
                record["tlp_max"],
                record["delivery"],
                record["held"],
                record["last"],
                record["error"] or record["title"],
            )
            for record in records
        ),
        spare=("delivery", "last"),
    )
    return ExitCode.DONE


def _summary(ws: Workspace, entry: partners.PartnerEntry) -> dict[str, object]:
    partner = entry.partner
    sent = partners.sent_to(ws, entry.id) if partner else None
    last = sent.bundles[-1] if sent and sent.bundles else None
    return {
        "id": entry.id,
        "title": partner.title if partner else None,
        "tlp_max": partner.tlp_max if partner else None,
        "delivery": partner.delivery.kind if partner else None,
        "held": sent.held if sent else None,
        "deliveries": len(sent.bundles) if sent else None,
        "last": last.at if last else None,
        "error": str(entry.error) if entry.error else "",
    }


def _show(ws: Workspace, args: argparse.Namespace) -> int:
    partner = partners.find(ws, args.id)
    sent = partners.sent_to(ws, partner.id)
    record = partner.model_dump(mode="json")
    deliveries = [
        {
            "number": each.number,
            "at": each.at,
            "bundle": each.id,
            "sha256": each.sha256,
            "accepted": each.accepted,
            "failed": each.failed,
            "where": each.where,
        }
        for each in reversed(sent.bundles)
    ]
    if wants_json(args):
        output.json_line({**record, "held": sent.held, "deliveries": deliveries})
        return ExitCode.DONE
    way = record.pop("delivery")
    shown = {**record, "delivery": way["kind"], "to": way.get("path") or way.get("url")}
    output.pairs([*shown.items(), ("has", sent.held)])
    if deliveries:
        output.text()
        output.table(
            ("delivery", "at", "accepted", "failed", "sha256", "where"),
            (
                tuple(d[k] for k in ("number", "at", "accepted", "failed", "sha256", "where"))
                for d in deliveries[:_DELIVERIES]
            ),
            spare=("sha256",),
        )
    return ExitCode.DONE


def _given(ws: Workspace, args: argparse.Namespace) -> int:
    records = [each.record() for each in partners.given(ws, args.value)]
    if wants_json(args):
        for record in records:
            output.json_line(record)
    elif not records:
        diagnostics.note(f"no partner was given {args.value}")
    else:
        columns = ("partner", "standing", "delivery", "at", "modified", "id")
        output.table(columns, (tuple(record[name] for name in columns) for record in records))
    return ExitCode.DONE


def _check(ws: Workspace, args: argparse.Namespace) -> int:
    partner = partners.find(ws, args.id)
    prepared = prepare(ws, partner)
    door = door_of(partner, partners.place_of(ws, partner), os.environ)
    said = door.check()
    counts = {step.value: len(prepared.of(step)) for step in (Step.NEW, Step.CHANGED)}
    counts["withdrawn"] = len(prepared.of(Step.WITHDRAWN))
    if wants_json(args):
        record = {"id": partner.id, "door": said, **counts, "withheld": len(prepared.withheld)}
        output.json_line(record)
        return ExitCode.DONE
    output.pairs([("door", said), *counts.items(), ("withheld", len(prepared.withheld))])
    for code, count, first in summary_of(prepared.withheld):
        output.text(f"{count:,} withheld, {code}: {first.detail} (for example {first.row.value})")
    return ExitCode.DONE
