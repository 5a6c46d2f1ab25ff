"""What a feed's indicator becomes: candidates, or rejections that say why not.

Owns the shapes that travel from `mapping` to `allocation` and into the ledger. Refuses exceptions
for bad input: a rejection is a value, counted and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from tidegate.indicators.enforceability import NOT_PE, enforceability
from tidegate.indicators.indicator import EMPTY, RowKey
from tidegate.indicators.kinds import Action, IndicatorType, Severity


class Candidate(NamedTuple):
    """One value that a feed proposes for the list, with everything a row needs.

    `aliases` are the weaker hashes of the same file, each as `FileSha1:<hex>`; all others where the
    feed wants a row for every hash. `evidence` is the latest time at which the feed vouched for the
    value; expiry counts from it. `warnings` are notes of guards that let the value pass, `repairs`
    what was read leniently (stix/repairs.py), `widening` how the row matches more than the pattern
    (widening.py). `context` holds what the feed says around the value, by name; `sightings` counts
    how often it was seen.
    """

    feed: str
    stix_id: str
    rule: str
    type: IndicatorType
    value: str
    action: Action
    severity: Severity
    title: str
    evidence: datetime
    trust: int
    description: str = ""
    groups: tuple[str, ...] = ()
    expires: datetime | None = None
    confidence: int | None = None
    tlp: str | None = None
    category: str = ""
    mitre: tuple[str, ...] = ()
    recommended_actions: str = ""
    aliases: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    widening: tuple[str, ...] = ()
    context: Mapping[str, tuple[str, ...]] = EMPTY
    sightings: int = 0

    @property
    def key(self) -> RowKey:
        """The identity of the row it would be."""
        return RowKey(self.type, self.value, self.groups)

    @property
    def vouched(self) -> float:
        """The evidence, in seconds since 1970 UTC."""
        return self.evidence.timestamp()

    @property
    def ends(self) -> float | None:
        """When it expires, in seconds since 1970 UTC."""
        return None if self.expires is None else self.expires.timestamp()

    @property
    def passed_over(self) -> bool:
        """Whether prevention passes over it: a file that is known to be no program."""
        notes = enforceability(self.type, self.value, self.action, self.context)
        return any(note.code == NOT_PE for note in notes)


@dataclass(frozen=True, slots=True)
class Rejection:
    """One object, or one atom of its pattern, that does not become a candidate.

    `code` is stable and lower_snake_case; `detail` is for people. `field` names the STIX property.
    `position` counts characters of the pattern from 0. `atom` None means the whole object.
    """

    feed: str
    stix_id: str
    code: str
    detail: str
    field: str = ""
    value: str = ""
    position: int | None = None
    atom: int | None = None


class Proposal(NamedTuple):
    """What ranking needs of a candidate: a million of them go by at each plan.

    The fields are as in Candidate; times are in seconds since 1970 UTC, since to make two dates of
    each would be a tenth of a plan.
    """

    type: IndicatorType
    value: str
    groups: tuple[str, ...]
    feed: str
    action: Action
    severity: Severity
    trust: int
    confidence: int | None
    vouched: float
    sightings: int
    ends: float | None
    aliases: tuple[str, ...]
    passed_over: bool = False


class Standing(StrEnum):
    """How one indicator object ended."""

    MAPPED = "mapped"
    REJECTED = "rejected"
    ENDED = "ended"


class Outcome(NamedTuple):
    """The end of one indicator object.

    `mapped` when at least one atom became a candidate; `ended` when revoked or expired, which
    yields neither candidates nor rejected atoms; `detail` says which. `values` are what an object
    named that ended or was refused as a whole.
    `due` is the first time (UTC) at which the same object may end otherwise; None: never.
    """

    stix_id: str
    standing: Standing
    candidates: tuple[Candidate, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    detail: str = ""
    values: tuple[str, ...] = ()
    due: datetime | None = None

    @property
    def repairs(self) -> frozenset[str]:
        """What of the object was read leniently, in whichever of its candidates."""
        return frozenset(name for candidate in self.candidates for name in candidate.repairs)

    @property
    def rejected_atoms(self) -> int:
        """Atoms of the pattern that were read and refused."""
        return sum(1 for rejection in self.rejections if rejection.atom is not None)
