"""The status resource: what became of the objects that were sent (TAXII 2.1 §4.3.1).

Owns reading it, and the verdict on each object of a batch. A server's word is taken where it is
whole: an object is there when it is named among the successes, or when everything that failed is
named and the counts leave no other place for it. Whatever contradicts itself decides nothing, a
failure outweighs a success, and what is undecided is sent again, which harms nobody. Refuses ids
that are no UUID: they become part of an address.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tidegate.errors import FeedRefused
from tidegate.indicators.text import safe
from tidegate.taxii.reply import Version, moment

_REASON = 200
"""Characters of a server's reason that are kept."""

_COUNTS = ("total_count", "success_count", "failure_count", "pending_count")
_UUID = 36
"""Characters; UUID() reads other spellings, too, which no server needs."""

Details = Mapping[Version, str]
"""The server's reasons, by what they are about; None is also a version that it does not name."""


@dataclass(frozen=True, slots=True)
class Status:
    """One status resource.

    `counts` are total, success, failure and pending, whatever stands there.
    """

    ident: UUID | None
    complete: bool
    successes: Details
    failures: Details
    pendings: Details
    counts: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a status says of a batch: there, not taken (with the reason), not decided."""

    there: frozenset[Version]
    failed: Details
    undecided: frozenset[Version]


def read_status(document: Mapping[str, Any], where: str) -> Status:
    """Read what answers a POST or a question for a status; `where` names the address in errors.

    Raises FeedRefused for something that is no status.
    """
    state = document.get("status")
    if state not in ("complete", "pending"):
        raise FeedRefused(
            f"{where} answers with something that is not a status",
            "what it took is not known; it is sent again next time",
        )
    return Status(
        _ident(document.get("id")),
        state == "complete",
        _details(document.get("successes")),
        _details(document.get("failures")),
        _details(document.get("pendings")),
        tuple(document.get(name) for name in _COUNTS),
    )


def verdicts(status: Status, batch: Collection[Version]) -> Verdicts:
    """Decide each object of a batch by its status."""
    versions: dict[str, int] = {}
    for ident, _ in batch:
        versions[ident] = versions.get(ident, 0) + 1

    def named(details: Details) -> dict[Version, str]:
        """Find the batch in one of the lists; by id alone where that says which."""
        by_id = {ident: reason for (ident, _), reason in details.items()}
        found: dict[Version, str] = {}
        for version in batch:
            ident = version[0]
            reason = by_id.get(ident) if versions[ident] == 1 else details.get(version)
            if reason is not None:
                found[version] = reason
        return found

    failed = named(status.failures)
    there = named(status.successes).keys() - failed
    silent = frozenset(batch) - failed.keys() - there
    listed_open = named(status.pendings).keys() & silent
    # One and True are equal, which costs nothing here.
    everything = (len(batch), len(batch) - len(failed), len(failed), 0)
    if status.complete and not listed_open and status.counts == everything:
        return Verdicts(frozenset(batch) - failed.keys(), failed, frozenset())
    return Verdicts(frozenset(there), failed, silent)


def _ident(text: object) -> UUID | None:
    if not isinstance(text, str) or len(text) != _UUID:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def _details(listed: object) -> dict[Version, str]:
    """Read a list of status details; TAXII 2.0 names bare ids in some of them (2.0 §4.3.1)."""
    found: dict[Version, str] = {}
    entries: Sequence[object] = listed if isinstance(listed, list) else ()
    for each in entries:
        if isinstance(each, str):
            found[each, None] = ""
        elif isinstance(each, dict) and isinstance(each.get("id"), str):
            version, message = each.get("version"), each.get("message")
            at = moment(version) if isinstance(version, str) else None
            found[each["id"], at] = safe(message, _REASON) if isinstance(message, str) else ""
    return found
