"""The STIX 2.1 bundle: every row as an indicator, one object a line.

Owns the bundle and the proof that stix2 reads it. Refuses markings by value: TLP is referred to by
id, since sharing the TLP objects themselves breaks importers. A bundle is a function of its rows
and the identity: the same input gives the same bytes, the bundle's id included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson

from tidegate.errors import ExportError
from tidegate.export.rendered import DEFAULT_CEILING, Rendered, may_leave
from tidegate.export.stix_objects import (
    StixObject,
    fixed_objects,
    identity_id,
    indicator_object,
    uuid4_of,
    writable,
)
from tidegate.indicators import wire
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.text import safe

_PART = 50
"""Objects that are made and written together. So many stay in a processor's cache until they are
bytes: parts of 500 take half as long again."""

CHECKED_WHOLE = 500
"""Up to so many objects stix2 reads all of them, at about 1 ms each."""


def render(
    rows: Sequence[Indicator], now: datetime, identity: str, tlp_max: str = DEFAULT_CEILING
) -> Rendered:
    """Write the rows that may leave as one bundle, in the order given.

    Raises:
        UsageError: `tlp_max` is no TLP level.
        ExportError: `identity` is blank.
    """
    if not identity.strip():
        raise ExportError("an export needs the name of who speaks", "set an identity")
    kept, skipped = may_leave(rows, now, tlp_max)
    speaker = identity_id(identity)
    parts = [written(fixed_objects(identity))]
    for start in range(0, len(kept), _PART):
        objects = [indicator_object(row, speaker) for row in kept[start : start + _PART]]
        parts.append(written(objects))
    return Rendered((("", sealed(parts)[1]),), len(kept), tuple(skipped))


def sealed(parts: Iterable[bytes], spec: str = "2.1") -> tuple[str, bytes]:
    """The id and the bytes of the bundle of these objects, each part as `written` made it."""
    body = b",\n".join(part for part in parts if part)
    bundle_id = "bundle--" + uuid4_of(hashlib.sha256(body).hexdigest())
    version = "" if spec == "2.1" else f'"spec_version":"{spec}",'
    head = f'{{"type":"bundle","id":"{bundle_id}",{version}"objects":[\n'.encode()
    return bundle_id, head + body + b"\n]}\n"


def check(bundle: bytes) -> None:
    """Have stix2 read the bundle strictly, as a partner would.

    All of it up to `CHECKED_WHOLE` objects. Above, reading takes longer than anyone waits (about
    1 ms an object, nearly all of it in the pattern grammar), so the fixed objects and one of each
    shape are read: shape means the same properties, pattern paths, action and type.

    Raises:
        ExportError: stix2 refuses an object; nothing should be delivered then.
    """
    # stix2 costs 0.3 s to import, and only exports need it.
    import stix2  # noqa: PLC0415 - see above

    document = orjson.loads(bundle)
    objects = document["objects"]
    if len(objects) > CHECKED_WHOLE:
        objects = list({_shape(item): item for item in objects}.values())
    try:
        stix2.parse({**document, "objects": objects}, allow_custom=False)
    except (stix2.exceptions.STIXError, ValueError) as error:
        raise ExportError(
            f"the export is no valid STIX: {safe(str(error), 300)}",
            "nothing was delivered; please report this row",
        ) from error


def written(objects: Sequence[StixObject]) -> bytes:
    """The objects as JSON, one a line, without the list's brackets.

    One call for many objects is five times faster than one call each. The line ends are set
    afterwards: between two objects is the only place for these bytes, since every quote within a
    text is written with a backslash.
    """
    try:
        data = orjson.dumps(objects)
    except orjson.JSONEncodeError:
        data = orjson.dumps(writable(objects))
    return data[1:-1].replace(b'},{"type":', b'},\n{"type":')


def _shape(item: dict[str, object]) -> tuple[object, ...]:
    if item["type"] == "relationship":
        return tuple(item)
    if item["type"] != "indicator":
        return (item["id"],)
    pattern = str(item["pattern"])
    paths = tuple(term.partition(" = ")[0] for term in pattern.split(" OR "))
    extensions = item.get("extensions")
    ours = extensions[wire.EXTENSION_ID] if isinstance(extensions, dict) else {}
    escaped = "\\" in pattern
    action, kind = ours.get(wire.EDR_ACTION), ours.get(wire.EDR_TYPE)
    return (*item, paths, escaped, *ours, action, kind, str(item.get("object_marking_refs")))
