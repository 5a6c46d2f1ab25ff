"""What is known of the objects that a partner was given: one entry for each id ever attempted.

Owns `Sent` and its steps: an attempt is noted before anything leaves, its outcome afterwards. So an
object whose delivery was cut off counts as possibly there: it keeps its version when it is tried
again, and is withdrawn when its row goes. Pure; `store.sent_file` keeps it.

A revocation is for good (STIX 2.1 §3.6): an entry that was withdrawn stays so, and a row that comes
back gets another id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Entry:
    """The versions of one object. Times of versions are as they were written.

    `key` says what it is about: an indicator's row, or a relationship. `modified` and `digest` are
    those of the version attempted last; `arrived` says that it was accepted, `known` that some
    version was, or may have been. `tomb` is what is needed to withdraw it: its properties as they
    were sent, and no more. `delivery` and `at` are those of what was accepted last.
    """

    id: str
    key: str
    created: str
    modified: str
    digest: str
    tomb: Mapping[str, object]
    arrived: bool = False
    known: bool = False
    revoked: bool = False
    delivery: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """One delivery that succeeded, wholly or in part.

    `accepted` and `failed` count objects; `where` is the place it went to.
    """

    number: int
    id: str
    sha256: str
    at: datetime
    accepted: int
    failed: int
    where: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Everything that one partner was given. `bundles` holds each delivery, oldest first."""

    entries: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    bundles: tuple[Bundle, ...] = ()

    @property
    def number(self) -> int:
        """The number of the next delivery, from 1."""
        return self.bundles[-1].number + 1 if self.bundles else 1

    @property
    def live(self) -> Mapping[str, Entry]:
        """Entries that are not withdrawn, by their key."""
        return {entry.key: entry for entry in self.entries.values() if not entry.revoked}

    @property
    def held(self) -> int:
        """How many indicators the partner has, as far as we know."""
        return sum(
            entry.known and not entry.revoked and entry.id.startswith("indicator--")
            for entry in self.entries.values()
        )

    def attempting(self, entries: Iterable[Entry]) -> Sent:
        """What it becomes when these are about to leave: each may arrive from now on."""
        changed = {entry.id: replace(entry, known=True) for entry in entries}
        return replace(self, entries=MappingProxyType({**self.entries, **changed}))

    def settled(
        self,
        attempted: Iterable[Entry],
        accepted: Collection[str],
        refused: Collection[str],
        bundle: Bundle,
    ) -> Sent:
        """What it becomes when the outcome is known; ids in neither collection stay uncertain.

        `attempted` are the entries as they were before `attempting`. One that was refused and that
        the partner never had is as unknown to them as before, with its version used up.
        """
        changed = dict(self.entries)
        for entry in attempted:
            if entry.id in accepted:
                changed[entry.id] = replace(
                    entry, arrived=True, known=True, delivery=bundle.number, at=bundle.at
                )
            elif entry.id in refused:
                changed[entry.id] = entry
        bundles = (*self.bundles, bundle) if accepted or not refused else self.bundles
        return Sent(MappingProxyType(changed), bundles)
