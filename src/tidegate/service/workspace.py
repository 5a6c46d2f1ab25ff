"""What one command works with: a home, its settings, a tenant's list, the ledger, the feeds.

Opened once by the command line, the terminal UI or a test, and handed to each use case. Owns who
acts and whether acting is allowed; refuses to act itself.
"""

from __future__ import annotations

import dataclasses
import getpass
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from tidegate.clock import Clock, uptime
from tidegate.clock import now as system_time
from tidegate.config import Home, Settings, load_settings
from tidegate.errors import ConfigError, UsageError
from tidegate.feed import FeedDefinition
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Dialect
from tidegate.ledger.ledger import Ledger
from tidegate.mapping.guard import Guards
from tidegate.service.ranking import Ranking
from tidegate.service.timekeeping import Timekeeper
from tidegate.service.warninglists import guards_of, lists_mark
from tidegate.sources.catalogue import Catalogue, shipped_folder
from tidegate.store.tenant_store import TenantStore

if TYPE_CHECKING:  # the engines come with who asks what overlaps, not with every command
    from tidegate.allocation.overlaps import Overlap

DEFAULT_TENANT = "default"
UNKNOWN = "unknown"
"""Who acts when nobody can tell."""

_TENANT = re.compile(r"[a-z0-9-]{1,40}")


@dataclass
class Workspace:
    """One opened home. Build it with `Workspace.open`."""

    home: Home
    settings: Settings
    tenant: str
    read_only: bool
    clock: Clock
    actor: str
    store: TenantStore
    catalogue: Catalogue
    ranking: Ranking | None = None
    overlaps: tuple[tuple[Indicator, ...], list[Overlap]] | None = None
    """What `disputes` found in these rows."""
    glance: object = None
    """What `finding` keeps of the list."""
    made: set[int] = field(default_factory=set)
    """The changes that were made through this workspace and its siblings."""
    _ledger: Ledger | None = field(default=None, init=False, repr=False, compare=False)
    _held: int = field(default=0, init=False, repr=False, compare=False)

    @classmethod
    def open(
        cls,
        home: Home,
        tenant: str = DEFAULT_TENANT,
        *,
        read_only: bool = False,
        clock: Clock = system_time,
    ) -> Workspace:
        """Open a home, making its folders when they are missing. Raises ConfigError.

        Read-only makes nothing: what is missing reads as empty.
        """
        check_tenant(tenant)
        if not read_only:
            home.ensure()
        elif home.root.exists() and not home.root.is_dir():
            raise ConfigError(
                f"home {home.root}: not a folder", "choose another with --home or TIDEGATE_HOME"
            )
        return cls(
            home=home,
            settings=load_settings(home),
            tenant=tenant,
            read_only=read_only,
            clock=clock,
            actor=_actor(),
            store=TenantStore(home.tenant_dir(tenant)),
            catalogue=Catalogue(home.feeds_dir, shipped_folder()),
        )

    @property
    def ledger(self) -> Ledger:
        """What the feeds said. Opened on first use: editing by hand does not need it."""
        if self._ledger is not None and not self._held and self._ledger.outdated():
            self._ledger = None  # not closed: somebody may be in the middle of its rows
        if self._ledger is None:
            self._ledger = Ledger(self.home.ledger_file, read_only=self.read_only)
        return self._ledger

    @contextmanager
    def one_ledger(self) -> Iterator[None]:
        """Do not open a ledger that is only looked at again meanwhile, whoever writes to it.

        What is evaluated of it lies beside it, and goes with it.
        """
        _ = self.ledger
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    @cached_property
    def guards(self) -> Guards:
        """The checks that keep protected values off the list. Raises ConfigError."""
        # Asked first: lists that change while they are read are others than the mark says.
        _ = self.lists_mark
        return guards_of(self.home, self.settings)

    @cached_property
    def lists_mark(self) -> str:
        """What tells the warninglists of `guards` from those of another time."""
        return lists_mark(self.home, self.settings)

    @property
    def dialect(self) -> Dialect:
        """The generation of Defender that this tenant speaks."""
        return Dialect(self.settings.dialect)

    @cached_property
    def timekeeper(self) -> Timekeeper:
        """What says whether the clock can be believed; a clock of a test's own has no witness."""
        return Timekeeper(self.home.root, uptime if self.clock is system_time else None)

    def hear(self, host: str, said: datetime) -> None:
        """Take in what time the server of a feed says it is."""
        if self.timekeeper.witnesses is not None:
            self.timekeeper.witnesses.hear(host, said, self.clock())

    def trusted_now(self) -> datetime:
        """The time, for a write. Raises ConfigError while the clock cannot be believed."""
        now = self.clock()
        self.timekeeper.check(now, self.tenant, self.store.state().at)
        return now

    def writable(self) -> None:
        """Raise UsageError in read-only mode."""
        if self.read_only:
            raise UsageError("read-only: nothing was changed", "leave out --read-only")

    def sibling(self) -> Workspace:
        """The same home and list for another thread, which opens the ledger for itself."""
        return dataclasses.replace(self)

    def close(self) -> None:
        """Release the ledger if it was opened."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None


def active_feeds(ws: Workspace) -> tuple[FeedDefinition, ...]:
    """The feeds that this home has switched on, by id."""
    return tuple(
        entry.definition for entry in ws.catalogue.active() if entry.definition is not None
    )


def check_tenant(name: str) -> None:
    """Raise UsageError for what is no tenant's name: it becomes the name of a folder."""
    if not _TENANT.fullmatch(name):
        raise UsageError(f"{name!r} is no tenant name", "use 1 to 40 of a-z, 0-9 and the hyphen")


def _actor() -> str:
    """Who acts, for the journal; some containers run processes without a user name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return UNKNOWN
