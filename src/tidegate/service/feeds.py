"""Feeds as people see them: what there is, how each is doing, whether its server answers.

Refuses to pull: `sync` does.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tidegate.clock import stamp
from tidegate.errors import ConfigError, TidegateError, UsageError
from tidegate.indicators.term import format_term
from tidegate.ledger.deciding import decided_by
from tidegate.ledger.evaluation import rejections_by_code
from tidegate.ledger.ledger import FeedState
from tidegate.ledger.pulls import Pull, pulls_of
from tidegate.ledger.repairs import repairs_of
from tidegate.mapping.guard import Verdict
from tidegate.mapping.policy import DEFAULT_RULE
from tidegate.mapping.policy_lint import Finding, lint
from tidegate.service.freshness import Freshness, freshness, unique_of
from tidegate.service.workspace import Workspace
from tidegate.sources.base import CheckStep, check_steps
from tidegate.sources.catalogue import CatalogueEntry
from tidegate.sources.opening import fingerprint, open_source
from tidegate.stix.objects import parse_time
from tidegate.store.lock import exclusive

SAMPLE = "sample-"
"""How the ids of shipped samples begin."""

UNWELCOME = (
    "its values are for documentation, which the guards refuse here: `tidegate demo` shows the "
    'samples, and documentation = "warn" under [guards] in config.toml lets them in'
)
"""Why a sample brings nothing, and what to do."""


@dataclass(frozen=True, slots=True)
class FeedView:
    """One feed with its health. `state` is `on`, `off`, `shipped` or `broken`.

    `repairs` counts what of it was read leniently, by name.
    """

    id: str
    title: str
    state: str
    kind: str
    trust: int | None
    every: str
    error: str
    folder: Path
    health: FeedState
    freshness: Freshness
    repairs: Mapping[str, int]

    def record(self) -> dict[str, object]:
        """The fields of `feeds list --json`; `age` is in seconds."""
        seen, fresh = self.health, self.freshness
        return {
            "id": self.id,
            "title": self.title,
            "state": self.state,
            "kind": self.kind,
            "trust": self.trust,
            "every": self.every or None,
            "last_success": None if seen.last_success is None else stamp(seen.last_success),
            "age": None if fresh.age is None else int(fresh.age.total_seconds()),
            "freshness": fresh.word,
            "next_run": None if fresh.next_run is None else stamp(fresh.next_run),
            "unique_share": None if fresh.unique is None else round(fresh.unique, 4),
            "last_attempt": None if seen.last_attempt is None else stamp(seen.last_attempt),
            "objects": seen.objects,
            "indicators": seen.indicators,
            "mapped": seen.mapped,
            "rejected": seen.rejected,
            "ended": seen.ended,
            "candidates": seen.candidates,
            "repairs": dict(self.repairs),
            "error": self.error or seen.error,
            "folder": str(self.folder),
        }


def _view(ws: Workspace, entry: CatalogueEntry, unique: Mapping[str, float]) -> FeedView:
    definition = entry.definition
    if definition is None:
        state = "broken"
    elif entry.shipped:
        state = "shipped"
    else:
        state = "on" if definition.enabled else "off"
    every = definition.every if definition else None
    health = ws.ledger.feed(entry.id)
    return FeedView(
        id=entry.id,
        title=definition.title if definition else "",
        state=state,
        kind=definition.source.kind if definition else "",
        trust=definition.trust if definition else None,
        every=format_term(every) if every else "",
        error=str(entry.error) if entry.error else "",
        folder=entry.folder,
        health=health,
        freshness=freshness(
            ws, definition, health, unique.get(entry.id) if entry.active else None, on=entry.active
        ),
        repairs=repairs_of(ws.ledger, entry.id),
    )


def overview(ws: Workspace) -> tuple[FeedView, ...]:
    """Every feed of this home and every shipped one that could be switched on, by id."""
    unique = unique_of(ws)
    return tuple(_view(ws, entry, unique) for entry in ws.catalogue.entries())


def show(ws: Workspace, ident: str) -> tuple[FeedView, CatalogueEntry]:
    """One feed. Raises ConfigError when there is none of that id."""
    entry = ws.catalogue.get(ident)
    return _view(ws, entry, unique_of(ws)), entry


@contextlib.contextmanager
def policy_alone(ws: Workspace, ident: str) -> Iterator[None]:
    """Keep others off a feed's definition while it is read, changed and written.

    Not the lock of a pull, which may take minutes. Raises StoreLocked.
    """
    with exclusive(ws.home.root / "locks" / f"{ident}.toml"):
        yield


def oddities(ws: Workspace, ident: str) -> tuple[Finding, ...]:
    """What is odd about a feed's policy; nothing for a definition that cannot be read."""
    definition = ws.catalogue.get(ident).definition
    return () if definition is None else lint(definition)


def decided(ws: Workspace, ident: str) -> Mapping[str, int]:
    """How many values each rule decided in the last evaluation, by its name, `default` last."""
    definition = ws.catalogue.get(ident).definition
    if definition is None:
        return {}
    rules = (*(rule.name for rule in definition.rules), DEFAULT_RULE)
    return decided_by(ws.ledger, ident, rules)


def rejected(ws: Workspace, ident: str) -> list[tuple[str, int, str]]:
    """Why the last sync refused what of a feed: code, how many, one example; the most first."""
    return rejections_by_code(ws.ledger, ws.catalogue.get(ident).id)


def pulls(ws: Workspace, ident: str) -> list[Pull]:
    """The last pulls of a feed, the newest first: where each began and how far it came."""
    return pulls_of(ws.ledger, ws.catalogue.get(ident).id)


def enable(ws: Workspace, ident: str) -> CatalogueEntry:
    """Switch a feed on; a shipped one is copied into the home first."""
    ws.writable()
    with policy_alone(ws, ws.catalogue.get(ident).id):
        return ws.catalogue.enable(ident)


def unwelcome(ws: Workspace, ident: str) -> str:
    """Say why a shipped sample brings nothing here, and what to do; empty for what is welcome.

    Its values are reserved for documentation, which a home refuses unless it says otherwise.
    """
    refused = ws.settings.guard_settings().documentation is Verdict.REFUSE
    return UNWELCOME if refused and ident.startswith(SAMPLE) else ""


def disable(ws: Workspace, ident: str) -> CatalogueEntry:
    """Switch a feed of the home off."""
    ws.writable()
    with policy_alone(ws, ws.catalogue.get(ident).id):
        return ws.catalogue.disable(ident)


def rewind(ws: Workspace, ident: str, to: datetime | None) -> str:
    """Pull a feed again from `to`, or from its beginning; return what comes of it, in a line.

    What is known of it stays meanwhile. A pull from the beginning that comes to its end finds what
    has gone, too. Raises UsageError for a time from which less would be read than without it,
    StoreLocked while the feed is pulled.
    """
    ws.writable()
    entry = ws.catalogue.get(ident)
    if entry.definition is None:
        raise entry.error or ConfigError(f"feed {ident} has no definition")
    if to is not None and to > ws.clock():
        raise UsageError(
            f"--to: {_moment(to)} is yet to come, and until then nothing would be read",
            "name a time that is over",
        )
    whole = open_source(entry.definition, entry.folder, os.environ).whole
    source = fingerprint(entry.definition)
    again = f"`tidegate sync {ident}` reads"
    with exclusive(ws.home.root / "locks" / ident):
        if whole or to is None:
            ws.ledger.rewind(ident, None, source)
            if to is None:
                return f"feed {ident} is rewound; {again} it from its beginning"
            return f"feed {ident} is a publication, which has no position: {again} all of it"
        _only_back(ws, ident, to)
        # Six digits, as servers write when objects were added: some compare times as text.
        if ws.ledger.rewind(ident, f"{to:%Y-%m-%dT%H:%M:%S.%f}Z", source):
            return f"feed {ident} is rewound; {again} it from {_moment(to)}"
        return f"feed {ident} has another source now: {again} it from its beginning"


def _only_back(ws: Workspace, ident: str, to: datetime) -> None:
    """Refuse to leave out what no pull has read."""
    cursor = ws.ledger.feed(ident).cursor
    try:
        reached = None if cursor is None else parse_time(cursor)
    except ValueError:
        return  # a server's own form, which only the server can compare
    if reached is not None and to > reached:
        raise UsageError(
            f"--to: {_moment(to)} is after {_moment(reached)}, up to which {ident} is read: what "
            "lies between would be left out",
            "name an earlier time",
        )


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}Z"


def check(ws: Workspace, ident: str) -> Iterator[CheckStep]:
    """Walk towards the feed's first page, step by step, up to the first that fails."""
    entry = ws.catalogue.get(ident)
    if entry.definition is None:
        yield CheckStep("definition", False, str(entry.error))
        return
    yield CheckStep("definition", True, str(entry.folder / "feed.toml"))
    rules, found = len(entry.definition.rules), len(lint(entry.definition))
    told = _counted(found, "warning") if found else "nothing odd"
    yield CheckStep("policy", True, f"{_counted(rules, 'rule')} and a default; {told}")
    try:
        source = open_source(entry.definition, entry.folder, os.environ)
    except (ConfigError, TidegateError) as fault:
        yield CheckStep("source", False, str(fault))
        return
    yield from check_steps(source)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
