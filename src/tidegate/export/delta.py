"""What a partner has against what they are to have: new, changed and withdrawn versions. Pure.

Owns the rules of versioning (STIX 2.1 §3.6) over the entries of a partner: `modified` grows when
the content changed and only then, `created` stays, a withdrawn id never comes back, and an object
belongs to the identity that made it. Refuses to send.

Ids have the bits of version 4 and are SHA-256 over who speaks, the tenant, the partner, the row and
when it was made: until a delivery succeeds nothing is stored, and a preview must show what will go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import count
from types import MappingProxyType
from typing import NamedTuple

import orjson

from tidegate.export.partner_objects import Thing
from tidegate.export.stix_objects import StixObject, identity_id, stamp, uuid4_from, writable
from tidegate.indicators.indicator import Indicator
from tidegate.partner.sent import Entry, Sent
from tidegate.stix.objects import parse_time

_MILLISECOND = timedelta(milliseconds=1)
_KEPT = {
    "indicator": (
        "indicator_types",
        "pattern",
        "pattern_type",
        "valid_until",
        "object_marking_refs",
    ),
    "relationship": ("relationship_type", "target_ref", "source_ref", "object_marking_refs"),
}
"""What a revoked version repeats of what was sent: what STIX demands, and how it is marked."""

WITHDRAWN = "No longer shared."


class Step(StrEnum):
    """What a version is to the one before."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WITHDRAWN = "withdrawn"


class Version(NamedTuple):
    """One version of an object, and the entry that stands for it. `row` is None when gone.

    `content` is what the object says besides its id, times and creator.
    """

    step: Step
    content: StixObject
    entry: Entry
    row: Indicator | None = None

    @property
    def item(self) -> StixObject:
        """The object as it would leave, in the order in which people read it."""
        content, entry = self.content, self.entry
        item: StixObject = {
            "type": content["type"],
            "spec_version": "2.1",
            "id": entry.id,
            "created_by_ref": entry.tomb["created_by_ref"],
            "created": entry.created,
            "modified": entry.modified,
            **content,
        }
        if content["type"] == "indicator":
            item["valid_from"] = _valid_from(entry.created, content.get("valid_until"))
        return item

    @property
    def is_row(self) -> bool:
        """Whether it is an indicator, not what goes along with one."""
        return self.content["type"] == "indicator"

    @property
    def named(self) -> tuple[str, str]:
        """The type and value that it is about."""
        kind, value, *_ = self.entry.key.split("\n")
        return kind, value


@dataclass(frozen=True)
class Speaker:
    """On whose behalf ids are made: the identity's name, the tenant, the partner."""

    identity: str
    tenant: str
    partner: str

    @cached_property
    def told(self) -> str:
        """What goes into each id."""
        return "\n".join((identity_id(self.identity), self.tenant, self.partner))


def delta(sent: Sent, things: Iterable[Thing], speaker: Speaker, now: datetime) -> list[Version]:
    """Every version in force, and the withdrawals that are due; what did not change is `SAME`."""
    author = identity_id(speaker.identity)
    live = {
        key: entry for key, entry in sent.live.items() if entry.tomb.get("created_by_ref") == author
    }
    found: list[Version] = []
    ids: dict[str, str] = {}
    for thing in things:
        entry = live.pop(thing.key, None)
        content = thing.content
        if thing.about:
            content = {**content, "source_ref": ids[thing.about]}
        version = _version(thing, content, entry, sent, speaker)
        ids[thing.key] = version.entry.id
        found.append(version)
    kept = {version.entry.id for version in found}
    for entry in sent.entries.values():
        gone = entry.id not in kept and entry.known and not (entry.revoked and entry.arrived)
        if gone:
            found.append(_withdrawal(entry, now))
    return found


def _version(
    thing: Thing, content: StixObject, entry: Entry | None, sent: Sent, speaker: Speaker
) -> Version:
    digest = _digest(content)
    if entry is not None and entry.digest == digest:
        step = Step.SAME if entry.arrived else Step.CHANGED if entry.delivery else Step.NEW
        return Version(step, content, entry, thing.row)
    if entry is None:
        created = thing.created
        ident = f"{content['type']}--{_minted(thing, sent, speaker)}"
        modified, step, known, delivery = thing.updated, Step.NEW, False, 0
    else:
        created, ident, known, delivery = entry.created, entry.id, entry.known, entry.delivery
        # Also when nothing of the row changed, but what the profile shows of it did.
        modified = max(thing.updated, _next(entry.modified))
        step = Step.CHANGED if entry.delivery else Step.NEW
    tomb = {name: content[name] for name in _KEPT[str(content["type"])] if name in content}
    author = identity_id(speaker.identity)
    fresh = Entry(
        id=ident,
        key=thing.key,
        created=created,
        modified=max(modified, created),
        digest=digest,
        tomb=MappingProxyType({"created_by_ref": author, "identity": speaker.identity, **tomb}),
        known=known,
        delivery=delivery,
    )
    return Version(step, content, fresh, thing.row)


def _minted(thing: Thing, sent: Sent, speaker: Speaker) -> str:
    """The UUID of a new object; another one for a row whose last object was withdrawn."""
    told = f"{speaker.told}\n{thing.created}\n{thing.key}\n"
    kind = thing.content["type"]
    for again in count():
        found = uuid4_from(f"{told}{again}")
        if f"{kind}--{found}" not in sent.entries:
            break
    return found


def _valid_from(created: str, until: object) -> str:
    """When it was made, but always before `valid_until` (STIX 2.1 §4.7)."""
    if isinstance(until, str) and until <= created:
        return stamp(parse_time(until) - _MILLISECOND)
    return created


def _withdrawal(entry: Entry, now: datetime) -> Version:
    """The revoked version: nothing in it that the partner was not given before."""
    # One that was tried before may have arrived.
    modified = entry.modified if entry.revoked else max(stamp(now), _next(entry.modified))
    tomb = {k: v for k, v in entry.tomb.items() if k not in ("identity", "created_by_ref")}
    kind = entry.id.partition("--")[0]
    content: StixObject = {"type": kind, "revoked": True, **tomb}
    if kind == "indicator":
        content["name"] = entry.key.split("\n")[1]
        content["description"] = WITHDRAWN
    gone = replace(entry, modified=modified, revoked=True, arrived=False)
    digest = _digest(Version(Step.WITHDRAWN, content, gone).item)
    return Version(Step.WITHDRAWN, content, replace(gone, digest=digest))


def _next(modified: str) -> str:
    return stamp(parse_time(modified) + _MILLISECOND)


def _digest(content: Mapping[str, object]) -> str:
    try:
        data = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        data = orjson.dumps(writable(dict(content)), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(data).hexdigest()


def speakers(versions: Sequence[Version]) -> tuple[str, ...]:
    """The names of the identities that made these, each once."""
    return tuple(dict.fromkeys(str(v.entry.tomb["identity"]) for v in versions))
