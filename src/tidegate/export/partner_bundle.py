"""A partner's delivery as files: the bundle, its manifest, and a list of withdrawals for MISP.

Owns what goes along with the versions: the identities that made them, the extension's definition,
and the marking definitions where the partner wants them embedded. By default TLP is referred to by
id, since sharing TLP objects breaks importers; some products drop objects whose marking they lack.
Refuses revoked objects for MISP, which imports them as live ones. Pure.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import orjson

from tidegate.export.delta import Step, Version, speakers
from tidegate.export.stix_bundle import check, sealed, written
from tidegate.export.stix_objects import StixObject, extension_objects, identity_object, stamp
from tidegate.export.tlp_objects import tlp_definitions
from tidegate.export.version_20 import as_20
from tidegate.partner import Document, Manifest, Partner, Shipment

_PART = 50
"""Versions that are merged and written together: as many as stay in a processor's cache."""


def pack(
    partner: Partner, versions: Sequence[Version], number: int, now: datetime, *, full: bool
) -> Shipment:
    """Make the delivery of these versions; `number` is the partner's how-manieth it is.

    Raises ExportError: stix2 refuses an object of it.
    """
    listed = [v for v in versions if _apart(partner, v)]
    bundle_id, data, objects = bundled(partner, versions)
    check(data)
    steps = Counter(version.step for version in versions if version.is_row)
    counts = {step.value: steps[step] for step in Step if full or step is not Step.SAME}
    manifest = Manifest(
        partner=partner.id,
        number=number,
        bundle=bundle_id,
        made=now,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        full=full,
        counts={**counts, "indicators": sum(counts.values()), "objects": len(objects)},
    )
    files = [Document(".json", data)]
    if listed:
        files.append(Document(".withdrawn.json", _withdrawals(listed, now)))
    described = Document(".manifest.json", _described(partner, manifest, files))
    files.insert(1, described)
    carried = frozenset(version.entry.id for version in versions)
    return Shipment(partner, objects, carried, manifest, tuple(files))


def bundled(
    partner: Partner, versions: Sequence[Version]
) -> tuple[str, bytes, Sequence[StixObject]]:
    """The bundle of these versions: its id, its bytes and the objects in it."""
    going = [version for version in versions if not _apart(partner, version)]
    objects: list[StixObject] = []
    parts: list[bytes] = []

    def write(items: list[StixObject]) -> None:
        made = [as_20(item) for item in items] if partner.spec == "2.0" else items
        objects.extend(made)
        parts.append(written(made))

    write(_companions(partner, versions, going))
    for at in range(0, len(going), _PART):
        write([version.item for version in going[at : at + _PART]])
    return (*sealed(parts, partner.spec), objects)


def _apart(partner: Partner, version: Version) -> bool:
    """Whether it goes in a list of withdrawals, not as an object."""
    return partner.consumer == "misp" and version.step is Step.WITHDRAWN


def _companions(
    partner: Partner, versions: Sequence[Version], going: Sequence[Version]
) -> list[StixObject]:
    """What must be known to read the objects, in front of them."""
    names = dict.fromkeys((partner.identity, *speakers(versions)))
    found = [identity_object(name) for name in names]
    if partner.markings == "embedded":
        refs: dict[str, None] = {}
        for version in going:
            marked = version.content.get("object_marking_refs")
            refs.update(dict.fromkeys(marked if isinstance(marked, list) else ()))
        found += tlp_definitions(refs, partner.spec)
    if partner.extension and partner.spec == "2.1":
        found += extension_objects()
    return found


def _withdrawals(listed: Sequence[Version], now: datetime) -> bytes:
    """The values that are no longer to be acted upon, one a line."""
    moment = stamp(now)
    lines = []
    for version in listed:
        if not version.is_row:
            continue
        kind, value = version.named
        until = version.entry.tomb.get("valid_until")
        expired = isinstance(until, str) and until <= moment
        lines.append(
            orjson.dumps(
                {
                    "value": value,
                    "type": kind,
                    "id": version.entry.id,
                    "why": "expired" if expired else "no longer shared",
                }
            )
        )
    return b'{"withdrawn":[\n' + b",\n".join(lines) + b"\n]}\n"


def _described(partner: Partner, manifest: Manifest, files: Sequence[Document]) -> bytes:
    record = {
        "partner": manifest.partner,
        "from": partner.identity,
        "delivery": manifest.number,
        "made": stamp(manifest.made),
        "bundle": manifest.bundle,
        "spec": partner.spec,
        "tlp_max": partner.tlp_max,
        "full": manifest.full,
        "counts": dict(manifest.counts),
        "files": [
            {
                "suffix": document.suffix,
                "sha256": hashlib.sha256(document.data).hexdigest(),
                "size": len(document.data),
            }
            for document in files
        ],
    }
    return orjson.dumps(record, option=orjson.OPT_INDENT_2) + b"\n"
