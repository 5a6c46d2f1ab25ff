"""What a delivered object is to the version that is known of it: newer, older, or refused.

Owns the rules of STIX 2.1 §3.6 for one feed's object of one id: the highest `modified` wins; the
same `modified` with other content is undefined, so neither is used; only its creator may version
or revoke an object; a revocation is for good, so it outranks every version that is not revoked,
whenever it arrives. Objects that cannot be versioned, such as SCOs and markings, have no `modified`
and no conflicts: the last one delivered wins.

A whole publication speaks for itself: what it lists first of an id replaces what an earlier one
said, since publishers edit in place, but not a revocation and not another creator's object. A
sweep, which reads a collection from its beginning, may so replace content of the same `modified`.

Refuses to store anything, and to compare objects of two feeds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

import orjson

from tidegate.stix.objects import parse_time


class Reading(Enum):
    """How completely a feed is being read when an object arrives."""

    PART = "part"
    """What a server added lately."""
    SWEEP = "sweep"
    """A collection from its beginning."""
    PUBLICATION = "publication"
    """A whole publication, which replaces the one before."""


class Verdict(StrEnum):
    """What a delivered object is. The last three are refused; their names are rejection codes."""

    NEW = "new"
    SAME = "same"
    NEWER = "newer"
    OLDER = "older"
    CONFLICTING = "conflicting_versions"
    OTHER_CREATOR = "other_creator"
    WITHDRAWN = "revocation_withdrawn"


REFUSED = (Verdict.CONFLICTING, Verdict.OTHER_CREATOR, Verdict.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object. `modified` is in a form whose text order is its time order."""

    modified: str
    revoked: bool
    item: dict[str, Any]

    @property
    def creator(self) -> str | None:
        """Who may version it; None: whoever sends it."""
        found = self.item.get("created_by_ref")
        return found if isinstance(found, str) and found else None

    @property
    def versioned(self) -> bool:
        """Whether the rules of versioning hold for it."""
        return bool(self.modified) and bool(self.item.get("modified"))

    def says_the_same_as(self, other: Version) -> bool:
        """Whether the content is the same, in whatever order the properties come."""
        return self.modified == other.modified and _sorted(self.item) == _sorted(other.item)


def judge(known: Version | None, came: Version, reading: Reading, *, again: bool) -> Verdict:
    """Return what `came` is to `known`, the version in force.

    `again` says that this reading has listed the id before.
    """
    if known is None or came.says_the_same_as(known):
        return Verdict.NEW if known is None else Verdict.SAME
    if known.creator is not None and came.creator != known.creator:
        return Verdict.OTHER_CREATOR
    return _of_its_creator(known, came, reading, again=again)


def _of_its_creator(known: Version, came: Version, reading: Reading, *, again: bool) -> Verdict:
    replaces = reading is Reading.PUBLICATION and not again
    if came.revoked and not known.revoked:
        return Verdict.NEWER
    if known.revoked and not came.revoked:
        return Verdict.WITHDRAWN if replaces or came.modified > known.modified else Verdict.OLDER
    if replaces or came.modified > known.modified:
        return Verdict.NEWER
    if came.revoked or came.modified < known.modified:
        return Verdict.OLDER
    return _at_one_time(came, reading, again=again)


def _at_one_time(came: Version, reading: Reading, *, again: bool) -> Verdict:
    """What other content of the same `modified` is."""
    rewritten = reading is Reading.SWEEP and not again
    return Verdict.NEWER if rewritten or not came.versioned else Verdict.CONFLICTING


_USUAL = re.compile(
    r"((?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?:\.([0-9]{1,6}))?Z"
).fullmatch
"""Times as nearly all publishers write them, on days that every month has."""


def comparable(text: object) -> str:
    """A timestamp in a form whose text order is its time order; empty when unreadable.

    Publishers write any number of sub-second digits, and `09.6Z` sorts after `09.64Z` as text.
    """
    if not isinstance(text, str):
        return ""
    if found := _USUAL(text):
        return f"{found[1]}.{found[2] or '':0<6}+00:00"
    try:
        return parse_time(text).isoformat(timespec="microseconds")
    except ValueError:
        return ""


def _sorted(item: dict[str, Any]) -> bytes:
    return orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
