"""What a partner's delivery of a full list costs, beside building the same bundle of stix2 objects.

The home holds 15,000 rows of a feed: all have a marking, a phase of a kill chain and references to
whose word they are, a quarter several hashes. Both styles are measured, and the extension travels
along. Building is what stix2 does with the same values: from rows that may go to the bytes of the
bundle, ids and times given. The versions are apart, since stix2 makes none: each object's digest,
its id, and the comparison with what the partner has. The whole delivery reads the ledger, judges
whose word may be passed on, has stix2 read one object of each shape, writes the file and notes what
was sent before and after; its share of stix2's time is told without a goal. Of stix2 a sample is
timed, per object, in the same turns; the medians count, in CPU time. Both build with the collector
of cycles off, as the product does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import stix2

from bench.bench_export import content, seconds
from bench.figure import Figure
from driving.homes import DOCUMENTATION, indicator, write_feed
from strategies.builders import LIMIT
from tidegate.config import Home
from tidegate.export.delta import Speaker, delta
from tidegate.export.partner_bundle import bundled
from tidegate.export.partner_objects import things_of
from tidegate.partner import Partner, parse_partner
from tidegate.partner.sent import Sent
from tidegate.service.collecting import uncollected
from tidegate.service.delivering import door_of
from tidegate.service.partnering import prepare, send
from tidegate.service.partners import sent_path
from tidegate.service.sync import sync
from tidegate.service.terms import terms_of
from tidegate.service.workspace import Workspace

ROUNDS = 5
SAMPLE = 1_000
GOAL = 1 / 30
"""A partner's objects say whose word they are, from what the ledger holds; a free export does not,
and has the goal of fifty."""
GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"

_CLASSES = {
    "identity": stix2.v21.Identity,
    "extension-definition": stix2.v21.ExtensionDefinition,
    "marking-definition": stix2.v21.MarkingDefinition,
    "indicator": stix2.v21.Indicator,
}


@dataclass
class Times:
    """CPU seconds of each turn: per object for building, of the whole for a delivery."""

    building: list[float]
    versions: list[float]
    theirs: list[float]
    delivery: list[float]


def run() -> list[Figure]:
    """Fill a home, build and deliver in both styles."""
    with tempfile.TemporaryDirectory() as folder:
        ws = filled(Path(folder))
        figures = [
            figure
            for style in ("reference", "embedded")
            for figure in measured(ws, partner(Path(folder), style))
        ]
        ws.close()
    return figures


def measured(ws: Workspace, to: Partner) -> list[Figure]:
    """One style: turn about, then medians."""
    prepared = prepare(ws, to)
    objects = list(prepared.shipment.objects)
    assert len(prepared.versions) == LIMIT
    fixed, indicators = objects[:-LIMIT], objects[-LIMIT:]
    sample = [*fixed, *indicators[:: LIMIT // SAMPLE]]
    built = orjson.loads(by_stix2(sample))["objects"]
    differing = sum(content(a) != content(b) for a, b in zip(sample, built, strict=True))
    feeds = terms_of(ws, ["acme"])
    speaker = Speaker(to.identity, ws.tenant, to.id)

    made = prepared.shipment.manifest.made
    things = things_of(prepared.shared, to, feeds)
    versions = delta(Sent(), things, speaker, made)

    def building() -> None:
        things_of(prepared.shared, to, feeds)
        bundled(to, versions)

    def quiet(act: Callable[[], object]) -> float:
        with uncollected():
            return seconds(act)

    door = door_of(to, ws.home.partners_dir, {})

    def delivering() -> None:
        sent_path(ws, to.id).unlink(missing_ok=True)
        send(ws, to, door, lambda *_: None)

    times = Times([], [], [], [])
    for _ in range(ROUNDS):
        times.building.append(quiet(building) / len(objects))
        versioning = quiet(lambda: delta(Sent(), things, speaker, made))
        times.versions.append(versioning / len(objects))
        times.theirs.append(quiet(lambda: by_stix2(sample)) / len(sample))
        times.delivery.append(seconds(delivering))
    return told(to.markings, len(objects), times, differing)


def told(style: str, count: int, times: Times, differing: int) -> list[Figure]:
    """What the medians say."""
    ours, versions = median(times.building), median(times.versions)
    theirs, whole = median(times.theirs), median(times.delivery)
    return [
        Figure(f"partner, {style}: building the bundle", ours * count * 1e3, "ms"),
        Figure(f"partner, {style}: stix2 objects, per object", theirs * 1e6, "µs"),
        Figure(f"partner, {style}: building, per object", ours * 1e6, "µs"),
        Figure(f"partner, {style}: stix2 / building", theirs / ours, "times"),
        Figure(f"partner, {style}: building / stix2", ours / theirs, "", GOAL),
        Figure(f"partner, {style}: versions, per object", versions * 1e6, "µs"),
        Figure(f"partner, {style}: stix2 / both", theirs / (ours + versions), "times"),
        Figure(f"partner, {style}: the whole delivery", whole * 1e3, "ms"),
        Figure(f"partner, {style}: stix2 / whole delivery", theirs * count / whole, "times"),
        Figure(f"partner, {style}: sample objects that differ", differing, "", 0),
    ]


def filled(folder: Path) -> Workspace:
    """A home with a full list of one feed's rows."""
    home = Home(folder / "home")
    home.ensure()
    home.config_file.write_text(f"{DOCUMENTATION}\n[brake]\ncount = {LIMIT}\n", "utf-8")
    write_feed(home.feeds_dir / "acme", [said(number) for number in range(LIMIT)])
    ws = Workspace.open(home)
    sync(ws, confirm=lambda _: True)
    return ws


def said(number: int) -> dict[str, Any]:
    """What the feed says of one value."""
    patterns = (
        f"[file:hashes.'SHA-256' = '{number:064x}' OR file:hashes.MD5 = '{number:032x}']",
        f"[url:value = 'https://h{number}.example.com/a/{number}']",
        f"[x509-certificate:hashes.'SHA-1' = '{number:040x}']",
        None,
    )
    return indicator(
        number,
        patterns[number % len(patterns)],
        description='Seen in mails with an "invoice" attached; drops C:\\temp\\a.exe.',
        object_marking_refs=[GREEN],
        kill_chain_phases=[{"kill_chain_name": "mitre-attack", "phase_name": "execution"}],
        external_references=[{"source_name": "mitre-attack", "external_id": "T1105"}],
    )


def partner(folder: Path, style: str) -> Partner:
    """A partner who may have all of it, with the extension."""
    return parse_partner(
        {
            "id": f"isac-{style}",
            "tlp_max": "green",
            "identity": "Example Corp SOC",
            "markings": style,
            "extension": True,
            "delivery": {"kind": "file", "path": str(folder / f"{style}.json")},
        },
        "isac.toml",
    )


def by_stix2(objects: Sequence[dict[str, Any]]) -> str:
    """The bundle as stix2 writes it, from the same values."""
    made = [
        _CLASSES[item["type"]](**{k: v for k, v in item.items() if k != "type"}) for item in objects
    ]
    text: str = stix2.v21.Bundle(objects=made).serialize()
    return text
